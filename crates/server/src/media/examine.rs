//! A look at a file that has come in: a virus scanner's, then ours, for how it is shown.
//!
//! Invariant: nobody opens, sends or reads a file before it was looked through, where a scanner is configured, unless the
//! operator has said that files need not wait for a scanner that is away.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use documents::{Limits, Preview, preview_in_child};
use futures::StreamExt as _;
use futures::stream;
use rules::media::Scan;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::blob::{BlobHash, Stored, read_whole};
use super::scan::{Finding, ScanError, Scanner};
use super::seen::Seen;
use crate::ctx::Ctx;

/// A larger file is not looked at for how it is shown: no picture, film or sound that WhatsApp takes is larger.
const MOST_SEEN: u64 = 20 << 20;
/// A small picture is never larger.
const MOST_THUMBNAIL: u64 = 2 << 20;

/// What becomes of files while no scanner answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unscanned {
    /// They wait.
    #[default]
    Hold,
    /// They are handed out, and looked through later.
    Allow,
}

/// Looks at files.
#[derive(Debug)]
pub struct Examiner {
    scanner: Option<Arc<dyn Scanner>>,
    unscanned: Unscanned,
    /// How many pictures are unpacked at once.
    room: Semaphore,
}

impl Default for Examiner {
    fn default() -> Self {
        Self::new(None, Unscanned::default())
    }
}

impl Examiner {
    /// With this scanner, if there is one.
    pub fn new(scanner: Option<Arc<dyn Scanner>>, unscanned: Unscanned) -> Self {
        Self { scanner, unscanned, room: Semaphore::new(2) }
    }

    /// Whether files are looked through for viruses.
    pub fn scans(&self) -> bool {
        self.scanner.is_some()
    }

    /// Asks the scanner about bytes that are harmless.
    ///
    /// # Errors
    /// If it does not answer, or takes them for something else.
    pub async fn prove(&self) -> Result<(), String> {
        let Some(scanner) = &self.scanner else { return Ok(()) };
        let harmless =
            stream::iter([Ok(Bytes::from_static(b"Sapa looks whether a scanner is there."))]).boxed();
        match scanner.scan(harmless).await {
            Ok(Finding::Clean) => Ok(()),
            Ok(Finding::Infected(name)) => Err(format!("it takes a harmless text for {name}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What a look at a file has shown.
#[derive(Debug, Default)]
pub(super) struct Examined {
    pub scan: Option<Scan>,
    pub found: Option<String>,
    pub seen: Option<Value>,
    pub thumbnail: Option<BlobHash>,
}

impl Examined {
    /// As it is written down.
    pub fn row(&self) -> store::media::Examined<'_> {
        store::media::Examined {
            scan: self.scan,
            found: self.found.as_deref(),
            preview: self.seen.as_ref(),
            thumbnail: self.thumbnail.as_ref().map(BlobHash::as_bytes),
        }
    }

    /// Whether the scanner is to be asked again.
    pub fn is_open(&self) -> bool {
        matches!(self.scan, Some(Scan::Waiting | Scan::Unscanned))
    }
}

/// Looks at a stored file. No transaction may be open.
pub(super) async fn examine(ctx: &Ctx, stored: &Stored, mime: &str) -> Examined {
    let (scan, found) = scan(ctx, stored).await;
    if let Some(scan) = scan {
        ctx.meters.scanned(scan.as_str());
    }
    let mut examined = Examined { scan, found, ..Examined::default() };
    if matches!(scan, None | Some(Scan::Clean | Scan::Unscanned))
        && let Some((seen, thumbnail)) = see(ctx, stored, mime).await
    {
        examined.seen = serde_json::to_value(seen).ok();
        examined.thumbnail = thumbnail;
    }
    examined
}

async fn scan(ctx: &Ctx, stored: &Stored) -> (Option<Scan>, Option<String>) {
    let Some(scanner) = &ctx.examiner.scanner else { return (None, None) };
    let asked = match ctx.blobs.open(stored.hash, None).await {
        Ok(Some(bytes)) => scanner.scan(bytes).await,
        Ok(None) => Err(ScanError::Away("the file is gone".to_owned())),
        Err(error) => Err(ScanError::Away(error.to_string())),
    };
    let (scan, found) = match (asked, ctx.examiner.unscanned) {
        (Ok(Finding::Clean), _) => (Scan::Clean, None),
        (Ok(Finding::Infected(name)), _) => (Scan::Infected, Some(name)),
        (Err(error), Unscanned::Allow) => (Scan::Unscanned, Some(error.to_string())),
        (Err(error @ ScanError::Away(_)), Unscanned::Hold) => (Scan::Waiting, Some(error.to_string())),
        (Err(error @ ScanError::Refused(_)), Unscanned::Hold) => (Scan::Unchecked, Some(error.to_string())),
    };
    if scan != Scan::Clean {
        tracing::warn!(file = %stored.hash, verdict = scan.as_str(), found, "a file was not found clean");
    }
    (Some(scan), found)
}

/// How a picture, a film or a sound is shown. What cannot be looked at is shown as a file.
async fn see(ctx: &Ctx, stored: &Stored, mime: &str) -> Option<(Seen, Option<BlobHash>)> {
    let is_shown = ["image/", "audio/", "video/"].iter().any(|kind| mime.starts_with(kind));
    if !is_shown || stored.size > MOST_SEEN {
        return None;
    }
    let _room = ctx.examiner.room.acquire().await.ok()?;
    let bytes = read_whole(&*ctx.blobs, stored.hash).await.ok()??;
    let preview = match preview_in_child(&ctx.parse_document, &bytes, &Limits::for_preview()).await {
        Ok(preview) => preview,
        Err(error) => {
            tracing::debug!(%error, file = %stored.hash, "a file cannot be shown in small");
            return None;
        }
    };
    let small = keep(ctx, &preview).await;
    Some((Seen::of(preview, small.map(|stored| stored.size)), small.map(|stored| stored.hash)))
}

/// Stores the small picture like any other bytes.
async fn keep(ctx: &Ctx, preview: &Preview) -> Option<Stored> {
    let bytes = STANDARD.decode(&preview.thumbnail.as_ref()?.base64).ok()?;
    let pieces = stream::once(async { Ok(Bytes::from(bytes)) }).boxed();
    ctx.blobs.put(pieces, MOST_THUMBNAIL).await.ok()
}
