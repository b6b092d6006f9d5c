//! Files as use cases: upload, look, take, fetch again.

use futures::StreamExt as _;
use meta::limits::MEDIA_BYTES;
use meta::webhook::MediaKind;
use rules::id::MediaId;
use rules::media::MediaState;
use rules::message::Direction;
use rules::role::Right;
use store::media::{Media, NewUpload};

use super::blob::{BlobError, BlobHash, ByteStream, Span, peek};
use super::download::{Download, File, Wish};
use super::kind::{self, HEAD_BYTES};
use super::{fetch, file_name};
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
    let now = ctx.now();
    let id = MediaId::fresh(now, ctx.chance());
    let name = file.name.as_deref().map(|name| file_name::sanitise(name, &mime));
    let upload = NewUpload {
        id,
        mime: &mime,
        file_name: name.as_deref(),
        size: i64::try_from(stored.size).unwrap_or(i64::MAX),
        sha256: stored.hash.as_bytes(),
    };
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.insert_upload(&upload, now).await?;
    let media = scope.media(id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(media)
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

/// Hands a file out, or the part of it that is wished for.
pub(super) async fn download(
    ctx: &Ctx,
    actor: &OrgActor,
    id: MediaId,
    wish: Wish<'_>,
) -> Result<Outgoing, Problem> {
    let media = info(ctx, actor, id).await?;
    let (hash, size) = here(&media)?;
    let file = File { mime: &media.mime, name: media.file_name.as_deref().unwrap_or("file"), hash, size };
    let answer = Download::answer(file, wish);
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
    match (media.state, hash, media.size.and_then(|size| u64::try_from(size).ok())) {
        (MediaState::Stored, Some(hash), Some(size)) => Ok((hash, size)),
        (MediaState::Failed, ..) => Err(Problem::conflict(
            "media_failed",
            "This file could not be fetched from Meta. Its `problem` says why; POST …/retry tries again.",
        )),
        (MediaState::Pending, ..) => Err(Problem::conflict(
            "media_pending",
            "This file is still being fetched from Meta. Ask again in a moment.",
        )),
        (MediaState::Stored, ..) => Err(gone()),
    }
}

fn gone() -> Problem {
    Problem::conflict(
        "media_gone",
        "This file is no longer in the media folder. The operator can bring it back from a backup.",
    )
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
