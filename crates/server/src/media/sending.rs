//! Takes a stored file to Meta when a message that carries it goes out. Meta's id of it lives 30 days and belongs to
//! one number; it is used again until then.

use meta::errors::{Class, Doing, explain};
use meta::graph::{GraphError, Upload};
use meta::limits::{UPLOADED_MEDIA_SECONDS, media_bytes, media_types};
use meta::send::{Content, Source};
use meta::webhook::MediaKind;
use rules::id::{MediaId, NumberId, OrgId};
use rules::media::{FileState, MediaState};
use rules::message::Direction;
use rules::time::{Timestamp, span};
use serde_json::Value;
use store::media::Media;

use super::blob::BlobHash;
use super::file_name;
use super::seen::Seen;
use crate::ctx::Ctx;
use crate::dispatch::problem;
use crate::onboarding::Line;

/// Why a file cannot go out.
#[derive(Debug)]
pub enum NotSendable {
    /// Not now; why.
    Later(String),
    /// Never, with the reason as it is stored and shown.
    Never(Value),
}

/// The id under which Meta knows a file for this number, uploaded now if need be. No transaction may be open.
pub async fn for_sending(
    ctx: &Ctx,
    org: OrgId,
    id: MediaId,
    number: NumberId,
    line: &Line,
    phone_number_id: &str,
) -> store::Result<Result<String, NotSendable>> {
    let mut tx = ctx.store.read().await?;
    let media = tx.org(org).await?.media(id).await?;
    drop(tx);
    let Some(media) = media else {
        return Ok(Err(never("The file that this message carries is gone. Upload it again.")));
    };
    if let Some(trouble) = kept_back(&media) {
        return Ok(Err(trouble));
    }
    if let Some(known) = known_id(&media, number, ctx.now()) {
        return Ok(Ok(known.to_owned()));
    }
    let meta_media_id = match upload(ctx, &media, line, phone_number_id).await {
        Ok(id) => id,
        Err(trouble) => return Ok(Err(trouble)),
    };
    // What came in keeps the id that it came under.
    if media.direction == Direction::Outbound {
        let life = Timestamp::from_seconds(ctx.now().seconds() + UPLOADED_MEDIA_SECONDS) - span::days(1);
        let mut tx = ctx.store.begin().await?;
        tx.org(org).await?.set_meta_media(id, number, &meta_media_id, life).await?;
        tx.commit().await?;
    }
    Ok(Ok(meta_media_id))
}

/// What a virus was found in does not leave, nor what has not been looked through.
pub(super) fn kept_back(media: &Media) -> Option<NotSendable> {
    match media.standing() {
        FileState::Checking => {
            Some(NotSendable::Later("the file is still being looked through for viruses".into()))
        }
        FileState::Blocked => {
            Some(never("This file is blocked, because a virus was found in it or it could not be checked."))
        }
        FileState::Expired => Some(never(
            "The file that this message carries has been deleted, as your settings say. Upload it again.",
        )),
        FileState::Pending | FileState::Stored | FileState::Failed => None,
    }
}

fn known_id(media: &Media, number: NumberId, now: Timestamp) -> Option<&str> {
    let alive = media.meta_media_until.is_some_and(|until| now < until);
    let ours = media.direction == Direction::Outbound && media.number_id == Some(number);
    media.meta_media_id.as_deref().filter(|_| alive && ours)
}

async fn upload(ctx: &Ctx, media: &Media, line: &Line, phone_number_id: &str) -> Result<String, NotSendable> {
    let hash = media.sha256.as_deref().and_then(|hash| hash.try_into().ok()).map(BlobHash::from_bytes);
    let (Some(hash), Some(size)) = (hash, media.size.and_then(|size| u64::try_from(size).ok())) else {
        return Err(match media.state {
            MediaState::Pending => NotSendable::Later("the file is still being fetched".into()),
            _ => never("The file that this message carries could not be fetched. Upload it again."),
        });
    };
    let bytes = match ctx.blobs.open(hash, None).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            return Err(never("The file that this message carries is no longer stored. Upload it again."));
        }
        Err(error) => return Err(NotSendable::Later(error.to_string())),
    };
    let name = file_name::sanitise(media.file_name.as_deref().unwrap_or("file"), &media.mime);
    let upload = Upload {
        filename: name,
        mime: media.mime.clone(),
        body: reqwest::Body::wrap_stream(bytes),
        size: Some(size),
    };
    ctx.graph.upload_media(&line.access(), phone_number_id, upload).await.map_err(|error| of_graph(&error))
}

/// A repeated upload costs nothing, so everything that may pass is waited for.
pub(super) fn of_graph(error: &GraphError) -> NotSendable {
    let Some(refusal) = error.refusal() else { return NotSendable::Later(error.to_string()) };
    let class = explain(Doing::Other, refusal.code, refusal.subcode).class;
    let lasting = matches!(class, Class::Media | Class::Request | Class::Recipient | Class::Template);
    if lasting && !refusal.is_transient && refusal.status < 500 {
        NotSendable::Never(problem::of_code(refusal.code, refusal.subcode, refusal.words()))
    } else {
        NotSendable::Later(refusal.to_string())
    }
}

fn never(why: &str) -> NotSendable {
    NotSendable::Never(problem::unsendable(why))
}

/// Checks that a stored file may go as what a content says it is, by its type and size, and gives a document without
/// a name its own. The error says what is wrong and what would do, to follow the name of a field.
pub fn fit(media: &Media, content: &mut Content) -> Result<(), String> {
    match media.standing() {
        FileState::Blocked => {
            return Err("is blocked, because a virus was found in it or it could not be checked".to_owned());
        }
        FileState::Expired => {
            return Err("has been deleted, as your settings say. Upload it again".to_owned());
        }
        FileState::Pending | FileState::Checking | FileState::Stored | FileState::Failed => {}
    }
    let as_voice = matches!(content, Content::Audio(audio) if audio.voice);
    let kind = match content {
        Content::Image(_) => MediaKind::Image,
        Content::Video(_) => MediaKind::Video,
        Content::Audio(_) => MediaKind::Audio,
        Content::Sticker(_) => MediaKind::Sticker,
        Content::Document(document) => {
            document.filename = document.filename.take().or_else(|| media.file_name.clone());
            MediaKind::Document
        }
        _ => return Ok(()),
    };
    let (taken, most) = (media_types(kind), media_bytes(kind));
    if kind != MediaKind::Document && !taken.contains(&media.mime.as_str()) {
        let mime = &media.mime;
        let taken = taken.join(", ");
        return Err(format!("is {mime}; WhatsApp takes {taken} here. Send it as a document, or convert it"));
    }
    if as_voice && media.mime != "audio/ogg" {
        return Err(
            "is no voice note: that is Opus in an .ogg file. Send it without `voice`, as a sound".to_owned()
        );
    }
    if let Some(why) = Seen::read(media).unfit(kind, as_voice) {
        return Err(why.to_owned());
    }
    if media.size.is_some_and(|size| u64::try_from(size).is_ok_and(|size| size > most)) {
        let most = most / 1024;
        return Err(format!(
            "is larger than the {most} kB that WhatsApp takes here. Make it smaller, or send it as a document"
        ));
    }
    Ok(())
}

/// Puts the id into a content that carries a file.
pub fn attach(content: &mut Content, meta_media_id: String) {
    let source = match content {
        Content::Image(file) | Content::Video(file) => &mut file.source,
        Content::Audio(file) => &mut file.source,
        Content::Document(file) => &mut file.source,
        Content::Sticker(source) => source,
        Content::Template(template) => match template.header_file() {
            Some(source) => source,
            None => return,
        },
        _ => return,
    };
    *source = Source::Id(meta_media_id);
}
