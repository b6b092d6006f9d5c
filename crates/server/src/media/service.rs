//! Files as use cases: upload, look, take, fetch again.

use futures::StreamExt as _;
use meta::limits::MEDIA_BYTES;
use meta::webhook::MediaKind;
use rules::id::MediaId;
use rules::media::{FileState, MediaState, Scan};
use rules::message::Direction;
use rules::role::Right;
use serde_json::json;
use store::media::{Media, NewUpload};

use super::blob::{BlobError, BlobHash, ByteStream, Span, Stored, peek};
use super::download::{Download, File, Wish};
use super::examine::examine;
use super::kind::{self, HEAD_BYTES};
use super::seen::Seen;
use super::{fetch, file_name, keeping, rescan};
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// A file as it arrives.
pub(super) struct Arriving<'a> {
    pub bytes: ByteStream<'a>,
    /// The type that the sender declares.
    pub declared: Option<String>,
    pub name: Option<String>,
    /// What it is to be sent as, where that is known already.
    pub kind: Option<MediaKind>,
}

/// Takes a file in: checked by its content, stored, and noted.
pub(super) async fn upload(ctx: &Ctx, actor: &OrgActor, file: Arriving<'_>) -> Result<Media, Problem> {
    actor.require(Right::WriteInbox)?;
    let (head, bytes) = peek(file.bytes, HEAD_BYTES).await.map_err(of_blob)?;
    let (mime, most) = fitting(file.kind, file.declared.as_deref(), &head)?;
    // Outside any transaction: it takes as long as the sender takes.
    let stored = ctx.blobs.put(bytes, most).await.map_err(of_blob)?;
    let examined = examine(ctx, &stored, &mime).await;
    if examined.scan == Some(Scan::Infected) {
        return Err(infected(ctx, actor, &stored, &mime, examined.found.as_deref()).await?);
    }
    ctx.meters.stored(Direction::Outbound.as_str(), stored.size);
    let now = ctx.now();
    let id = MediaId::fresh(now, ctx.chance());
    let name = file.name.as_deref().map(|name| file_name::sanitise(name, &mime));
    let upload = NewUpload {
        id,
        mime: &mime,
        file_name: name.as_deref(),
        size: i64::try_from(stored.size).unwrap_or(i64::MAX),
        sha256: stored.hash.as_bytes(),
        examined: examined.row(),
    };
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.insert_upload(&upload, now).await?;
    rescan::follow(ctx, &mut scope, id, &examined, now).await?;
    let media = scope.media(id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(media)
}

/// What a virus was found in is not taken in, and whoever looks after the organisation reads who sent it.
async fn infected(
    ctx: &Ctx,
    actor: &OrgActor,
    stored: &Stored,
    mime: &str,
    found: Option<&str>,
) -> Result<Problem, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let details = json!({ "found": found, "mime": mime, "size": stored.size });
    actor.audit(ctx, &mut scope, "media.infected", stored.hash, details).await?;
    keeping::let_go_later(&mut scope, [stored.hash.as_bytes().to_vec()], now)?;
    tx.commit().await?;
    let name = found.filter(|name| !name.is_empty()).unwrap_or("a virus");
    Ok(Problem::unprocessable(
        "infected_file",
        format!(
            "A virus was found in this file ({name}), so it was not taken. Clean the device that it comes from."
        ),
    ))
}

/// The type of a file and how large it may be. What it is to be sent as need not be known yet; when it goes out with
/// a message, type and size are compared with that.
fn fitting(kind: Option<MediaKind>, declared: Option<&str>, head: &[u8]) -> Result<(String, u64), Problem> {
    let mime = kind::arrived(declared, head);
    let checked = kind::check(kind.unwrap_or(MediaKind::Document), &mime, head)
        .map_err(|unfit| Problem::unprocessable("unfit_file", sentence(&unfit.to_string())))?;
    Ok((checked.mime, checked.most.min(MEDIA_BYTES)))
}

/// What is known of a file.
pub(super) async fn info(ctx: &Ctx, actor: &OrgActor, id: MediaId) -> Result<Media, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    tx.org(actor.org).await?.media(id).await?.ok_or_else(Problem::not_found)
}

/// A file on its way to a reader.
pub(super) struct Outgoing {
    pub answer: Download,
    pub bytes: Option<ByteStream<'static>>,
}

/// What of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Picture {
    /// The file itself.
    Whole,
    /// It in small.
    Small,
}

/// Hands a file out, or the part of it that is wished for.
pub(super) async fn download(
    ctx: &Ctx,
    actor: &OrgActor,
    id: MediaId,
    picture: Picture,
    wish: Wish<'_>,
) -> Result<Outgoing, Problem> {
    let media = info(ctx, actor, id).await?;
    let (hash, size) = here(&media)?;
    if picture == Picture::Small {
        return thumbnail(ctx, &media, wish).await;
    }
    let file = File { mime: &media.mime, name: media.file_name.as_deref().unwrap_or("file"), hash, size };
    let answer = Download::answer(file, wish);
    let bytes = match answer.span {
        Some(span) => Some(open(ctx, hash, span).await?),
        None => None,
    };
    Ok(Outgoing { answer, bytes })
}

/// It in small, if there is such a picture.
async fn thumbnail(ctx: &Ctx, media: &Media, wish: Wish<'_>) -> Result<Outgoing, Problem> {
    let seen = Seen::read(media);
    let hash =
        media.thumbnail_sha256.as_deref().and_then(|hash| hash.try_into().ok()).map(BlobHash::from_bytes);
    let (Some(hash), Some(mime), Some(size)) = (hash, seen.thumbnail_mime, seen.thumbnail_size) else {
        return Err(Problem::not_found());
    };
    let answer = Download::answer(File { mime: &mime, name: "thumbnail", hash, size }, wish);
    let bytes = match answer.span {
        Some(span) => Some(open(ctx, hash, span).await?),
        None => None,
    };
    Ok(Outgoing { answer, bytes })
}

async fn open(ctx: &Ctx, hash: BlobHash, span: Span) -> Result<ByteStream<'static>, Problem> {
    match ctx.blobs.open(hash, Some(span)).await.map_err(of_blob)? {
        Some(bytes) => Ok(bytes.boxed()),
        None => Err(gone()),
    }
}

fn here(media: &Media) -> Result<(BlobHash, u64), Problem> {
    let hash = media.sha256.as_deref().and_then(|hash| hash.try_into().ok()).map(BlobHash::from_bytes);
    match (media.standing(), hash, media.size.and_then(|size| u64::try_from(size).ok())) {
        (FileState::Stored, Some(hash), Some(size)) => Ok((hash, size)),
        (FileState::Checking, ..) => Err(Problem::conflict(
            "media_checking",
            "This file is being looked through for viruses. Ask again in a moment.",
        )),
        (FileState::Blocked, ..) => Err(Problem::conflict(
            "media_blocked",
            "This file is blocked, because a virus was found in it or it could not be checked.",
        )),
        (FileState::Expired, ..) => Err(Problem::conflict(
            "media_expired",
            "This file was deleted when its time was over, as the organisation's settings say.",
        )),
        (FileState::Failed, ..) => Err(Problem::conflict(
            "media_failed",
            "This file could not be fetched from Meta. Its `problem` says why; POST …/retry tries again.",
        )),
        (FileState::Pending, ..) => Err(Problem::conflict(
            "media_pending",
            "This file is still being fetched from Meta. Ask again in a moment.",
        )),
        (FileState::Stored, ..) => Err(gone()),
    }
}

fn gone() -> Problem {
    Problem::conflict(
        "media_gone",
        "This file is no longer in the media folder. The operator can bring it back from a backup.",
    )
}

/// How many files the organisation has, how many bytes they are, and whether they are looked through for viruses.
pub(super) struct Kept {
    pub files: i64,
    pub bytes: i64,
    pub scans: bool,
}

/// What the organisation's files come to.
pub(super) async fn kept(ctx: &Ctx, actor: &OrgActor) -> Result<Kept, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let (files, bytes) = tx.org(actor.org).await?.media_kept().await?;
    Ok(Kept { files, bytes, scans: ctx.examiner.scans() })
}

/// Tries again to fetch a file that could not be fetched.
pub(super) async fn retry(ctx: &Ctx, actor: &OrgActor, id: MediaId) -> Result<Media, Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let media = scope.media(id).await?.ok_or_else(Problem::not_found)?;
    if media.state != MediaState::Failed || media.direction != Direction::Inbound {
        return Err(Problem::conflict(
            "media_not_failed",
            "This file did not fail. There is nothing to try again.",
        ));
    }
    scope.media_problem(id, MediaState::Pending, None).await?;
    fetch::fetch_later(&mut scope, id, now).await?;
    let media = scope.media(id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(media)
}

fn of_blob(error: BlobError) -> Problem {
    match error {
        BlobError::TooLarge { most } => Problem::unprocessable(
            "file_too_large",
            format!(
                "WhatsApp takes at most {} of this kind of file. Make it smaller, or send a link.",
                size(most)
            ),
        )
        .with("most_bytes", most),
        BlobError::Empty => Problem::unprocessable("unfit_file", "The file is empty. Choose another."),
        BlobError::Source(_) => {
            Problem::bad_request("broken_upload", "The file did not arrive whole. Send it again.")
        }
        BlobError::Store(_) | BlobError::Bucket { .. } => Problem::internal(&error),
    }
}

fn size(bytes: u64) -> String {
    const MB: u64 = 1024 * 1024;
    if bytes >= MB { format!("{} MB", bytes / MB) } else { format!("{} kB", bytes / 1024) }
}

/// A reason as a sentence.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
