//! Brings in what came with a message, at once: Meta forgets it after seven days.
//!
//! Looking a file up and downloading it change nothing at Meta, so whatever fails in passing is tried again. What
//! fails for good is noted with the reason, and a person may have it tried again.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream;
use jobs::{Queue, Verdict, handler};
use meta::errors::{Class, Doing, Language, explain};
use meta::graph::{Download, GraphError};
use meta::limits::MEDIA_BYTES;
use rules::id::{MediaId, OrgId};
use rules::media::MediaState;
use rules::message::Direction;
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::media::Media;
use store::queue::{Job, NewJob, Unique};
use store::{OrgScope, StoreError};

use super::blob::{BlobError, ByteStream, Stored, peek};
use super::examine::examine;
use super::kind::{self, HEAD_BYTES};
use super::{keeping, rescan};
use crate::ctx::Ctx;
use crate::onboarding::{self, Line};

/// The queue of files to be fetched; lanes are organisations.
pub const QUEUE: &str = "media";

/// After so many failures in passing a file counts as failed.
const ATTEMPTS: i64 = 8;
/// How long to wait while the messaging account cannot be asked.
const ACCOUNT_WAIT: Duration = span::minutes(10);

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    media: MediaId,
}

/// Has a file fetched as soon as this transaction is committed.
pub async fn fetch_later(scope: &mut OrgScope<'_>, media: MediaId, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        org: Some(org),
        unique: Some(Unique::KeepFirst(media.to_string())),
        ..NewJob::new(QUEUE, org, &Payload { org, media }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// The queue.
pub(super) fn queue(ctx: &Ctx) -> Queue {
    let ctx = ctx.clone();
    Queue { per_lane: 4, ..Queue::new(QUEUE, handler(move |job| fetch(ctx.clone(), job))) }
}

async fn fetch(ctx: Ctx, job: Job) -> Verdict {
    let payload = match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => payload,
        Err(error) => return Verdict::Dead(format!("the job does not read: {error}")),
    };
    run(&ctx, &job, &payload).await.unwrap_or_else(|error| Verdict::Retry(error.to_string()))
}

/// Why a file is not here yet.
enum Trouble {
    /// It may work in a moment.
    Passing(String),
    /// The messaging account cannot be asked at present.
    Account(String),
    /// It will not work.
    Final(Value),
}

async fn run(ctx: &Ctx, job: &Job, payload: &Payload) -> store::Result<Verdict> {
    let Some(wanted) = prepare(ctx, payload).await? else { return Ok(Verdict::Done) };
    let trouble = match wanted {
        Ok(wanted) => match bring(ctx, &wanted).await {
            Ok((stored, mime)) => {
                settle(ctx, payload, &wanted.media, &stored, &mime).await?;
                return Ok(Verdict::Done);
            }
            Err(trouble) => trouble,
        },
        Err(trouble) => trouble,
    };
    match trouble {
        Trouble::Account(why) => Ok(Verdict::Later(ctx.now() + ACCOUNT_WAIT, why)),
        Trouble::Passing(why) if job.attempts < ATTEMPTS => Ok(Verdict::Retry(why)),
        Trouble::Passing(why) => give_up(ctx, payload, &unreachable(&why)).await,
        Trouble::Final(problem) => give_up(ctx, payload, &problem).await,
    }
}

/// A file to be fetched, and what calling Meta takes.
struct Wanted {
    media: Media,
    meta_media_id: String,
    phone_number_id: String,
    line: Arc<Line>,
}

/// `None`: there is nothing to do (any more).
async fn prepare(ctx: &Ctx, payload: &Payload) -> store::Result<Option<Result<Wanted, Trouble>>> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let Some(media) = scope.media(payload.media).await? else { return Ok(None) };
    let (Some(meta_media_id), Some(number)) = (media.meta_media_id.clone(), media.number_id) else {
        return Ok(None);
    };
    if media.state != MediaState::Pending {
        return Ok(None);
    }
    let Some(number) = scope.number(number).await? else {
        return Ok(Some(Err(Trouble::Final(disconnected()))));
    };
    let line = onboarding::line(ctx, &mut scope, number.account_id).await?;
    // Opening a secret may have made a data key.
    tx.commit().await?;
    Ok(Some(match line {
        Some(line) => Ok(Wanted { media, meta_media_id, phone_number_id: number.phone_number_id, line }),
        None => Err(Trouble::Account("no usable token".into())),
    }))
}

/// Looks the file up and stores its bytes. Gives back under which hash, and its type.
async fn bring(ctx: &Ctx, wanted: &Wanted) -> Result<(Stored, String), Trouble> {
    let access = wanted.line.access();
    let info = ctx
        .graph
        .media(&access, &wanted.meta_media_id, Some(&wanted.phone_number_id))
        .await
        .map_err(|error| of_graph(&error))?;
    let download =
        ctx.graph.download(&access, &info.url, MEDIA_BYTES).await.map_err(|error| of_graph(&error))?;
    let declared = download.mime().or(info.mime.as_deref()).unwrap_or(&wanted.media.mime).to_owned();
    let (head, bytes) = peek(pieces(download), HEAD_BYTES).await.map_err(of_blob)?;
    let mime = kind::arrived(Some(&declared), &head);
    let stored = ctx.blobs.put(bytes, MEDIA_BYTES).await.map_err(of_blob)?;
    let named = [wanted.media.meta_sha256.as_deref(), info.sha256.as_deref()];
    let differs = |text: &str| sha256(text).is_some_and(|hash| hash != *stored.hash.as_bytes());
    // Both may be wrong alike only if the bytes are; one alone may be written in a way that we do not know.
    if named.iter().flatten().count() > 0 && named.into_iter().flatten().all(differs) {
        return Err(Trouble::Passing("the bytes are not those that Meta names".into()));
    }
    Ok((stored, mime))
}

fn pieces(download: Download) -> ByteStream<'static> {
    stream::unfold(Some(download), |download| async {
        let mut download = download?;
        match download.chunk().await {
            Ok(Some(chunk)) => Some((Ok::<Bytes, io::Error>(chunk), Some(download))),
            Ok(None) => None,
            Err(error) => Some((Err(io::Error::other(error)), None)),
        }
    })
    .boxed()
}

async fn settle(
    ctx: &Ctx,
    payload: &Payload,
    media: &Media,
    stored: &Stored,
    mime: &str,
) -> store::Result<()> {
    let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
    let examined = examine(ctx, stored, mime).await;
    let now = ctx.now();
    ctx.meters.stored(Direction::Inbound.as_str(), stored.size);
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    if scope.media_stored(media.id, mime, size, stored.hash.as_bytes(), examined.row(), now).await? {
        rescan::follow(ctx, &mut scope, media.id, &examined, now).await?;
        tell(&mut scope, media, now).await?;
    }
    tx.commit().await
}

async fn give_up(ctx: &Ctx, payload: &Payload, problem: &Value) -> store::Result<Verdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    if scope.media_problem(payload.media, MediaState::Failed, Some(problem)).await?
        && let Some(media) = scope.media(payload.media).await?
    {
        tell(&mut scope, &media, now).await?;
    }
    tx.commit().await?;
    tracing::warn!(org.id = %payload.org, media.id = %payload.media, code = %problem["code"], "a file could not be fetched");
    Ok(Verdict::Done)
}

/// The message shows its file, or why it has none.
async fn tell(scope: &mut OrgScope<'_>, media: &Media, now: Timestamp) -> Result<(), StoreError> {
    let Some(message) = media.message_id else { return Ok(()) };
    keeping::tell(scope, message, media.id, now).await
}

/// The SHA-256 in either way of writing it: base64 in webhooks, hexadecimal on look-up (Meta's pages differ).
fn sha256(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let bytes = hex::decode(text).ok().filter(|bytes| bytes.len() == 32);
    let bytes = bytes.or_else(|| STANDARD.decode(text).ok()).or_else(|| URL_SAFE.decode(text).ok())?;
    bytes.try_into().ok()
}

fn of_graph(error: &GraphError) -> Trouble {
    let Some(refusal) = error.refusal() else {
        return match error {
            GraphError::TooLarge { .. } => Trouble::Final(too_large()),
            GraphError::ForeignHost => Trouble::Final(foreign_host()),
            passing => Trouble::Passing(passing.to_string()),
        };
    };
    if (refusal.code, refusal.subcode) == (100, Some(33)) {
        return Trouble::Final(expired());
    }
    let explained = explain(Doing::Other, refusal.code, refusal.subcode);
    match explained.class {
        Class::Transient | Class::Throttle | Class::Wait => Trouble::Passing(refusal.to_string()),
        Class::Access | Class::Permission | Class::Policy | Class::Payment | Class::Number => {
            Trouble::Account(refusal.to_string())
        }
        _ if refusal.is_transient || refusal.status >= 500 => Trouble::Passing(refusal.to_string()),
        _ => Trouble::Final(json!({
            "code": format!("meta_{}", refusal.code),
            "title": { "en": explained.sentence(Language::English), "id": explained.sentence(Language::Indonesian) },
            "action": { "en": explained.action(Language::English), "id": explained.action(Language::Indonesian) },
            "details": refusal.words(),
        })),
    }
}

fn of_blob(error: BlobError) -> Trouble {
    match error {
        BlobError::TooLarge { .. } => Trouble::Final(too_large()),
        passing => Trouble::Passing(passing.to_string()),
    }
}

fn expired() -> Value {
    json!({
        "code": "media_expired",
        "title": {
            "en": "Meta no longer has this file, or it belongs to another number. Meta keeps files of messages for seven days.",
            "id": "Meta tidak lagi menyimpan berkas ini, atau berkas ini milik nomor lain. Meta menyimpan berkas pesan selama tujuh hari.",
        },
        "action": { "en": "Ask the contact to send it again.", "id": "Minta pelanggan mengirimnya lagi." },
    })
}

fn too_large() -> Value {
    json!({
        "code": "media_too_large",
        "title": { "en": "The file is larger than 100 MB.", "id": "Berkas ini lebih besar dari 100 MB." },
        "action": { "en": "Ask the contact for a smaller one.", "id": "Minta pelanggan mengirim berkas yang lebih kecil." },
    })
}

fn foreign_host() -> Value {
    json!({
        "code": "media_foreign_host",
        "title": {
            "en": "Meta names an address for this file that is not on one of its own hosts, so our token was not shown to it.",
            "id": "Meta menyebut alamat berkas ini di luar host miliknya, sehingga token kami tidak dikirimkan ke sana.",
        },
        "action": {
            "en": "The operator may add the host to the configured media hosts; then try again.",
            "id": "Operator dapat menambahkan host itu ke daftar host media; lalu coba lagi.",
        },
    })
}

fn disconnected() -> Value {
    json!({
        "code": "number_disconnected",
        "title": { "en": "The number that received this file is no longer connected.", "id": "Nomor yang menerima berkas ini tidak lagi terhubung." },
        "action": { "en": "Connect it again within seven days, then try again.", "id": "Hubungkan kembali dalam tujuh hari, lalu coba lagi." },
    })
}

fn unreachable(why: &str) -> Value {
    json!({
        "code": "media_unreachable",
        "title": { "en": "The file could not be fetched from Meta, although it was tried several times.", "id": "Berkas ini tidak dapat diambil dari Meta meskipun sudah dicoba beberapa kali." },
        "action": { "en": "Try again later, within seven days.", "id": "Coba lagi nanti, dalam tujuh hari." },
        "details": why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_in_either_writing() {
        let hash = [7; 32];
        assert_eq!(sha256(&hex::encode(hash)), Some(hash));
        assert_eq!(sha256(&STANDARD.encode(hash)), Some(hash));
        assert_eq!(sha256(&URL_SAFE.encode([0xfb; 32])), Some([0xfb; 32]));
        for other in ["", "abc", "not a hash at all", &hex::encode([1; 20])] {
            assert_eq!(sha256(other), None, "{other}");
        }
    }

    #[test]
    fn every_lasting_failure_has_a_sentence_and_an_action_in_both_languages() {
        for problem in [expired(), too_large(), foreign_host(), disconnected(), unreachable("x")] {
            for part in ["title", "action"] {
                for language in ["en", "id"] {
                    assert!(
                        problem[part][language].as_str().is_some_and(|text| text.len() > 15),
                        "{problem}"
                    );
                }
            }
        }
    }
}
