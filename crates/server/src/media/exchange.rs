//! Files on their way from and to Meta.

use meta::send::{Audio, Captioned, Content, Document, Source};
use rules::id::{MediaId, NumberId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::OrgScope;
use store::queue::{NewJob, Unique};

use crate::ctx::Ctx;
use crate::onboarding::Line;

/// The queue of inbound files to be fetched.
pub const QUEUE: &str = "media";

/// What a job of this room needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub org: OrgId,
    pub media: MediaId,
}

/// Notes an inbound file to be fetched as soon as possible: Meta forgets it after seven days.
pub async fn fetch_later(scope: &mut OrgScope<'_>, media: MediaId, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        org: Some(org),
        unique: Some(Unique::KeepFirst(media.to_string())),
        ..NewJob::new(QUEUE, org, &Payload { org, media }, now)?
    };
    scope.tx().enqueue(&job, now).await
}

/// Why a file cannot go out with its message.
#[derive(Clone, Debug)]
pub enum NotSendable {
    /// Not now.
    Later(String),
    /// Never; the problem to keep with the message.
    Never(Value),
}

/// Meta's id of a stored file for a number: the one it has, or a new one after uploading it.
pub async fn for_sending(
    _ctx: &Ctx,
    _org: OrgId,
    _media: MediaId,
    _number: NumberId,
    _line: &Line,
    _phone_number_id: &str,
) -> store::Result<Result<String, NotSendable>> {
    Ok(Err(NotSendable::Later("files cannot be uploaded yet".to_owned())))
}

/// Puts Meta's id where the content names its file.
pub fn attach(content: &mut Content, meta_id: String) {
    match content {
        Content::Image(Captioned { source, .. })
        | Content::Video(Captioned { source, .. })
        | Content::Audio(Audio { source, .. })
        | Content::Document(Document { source, .. })
        | Content::Sticker(source) => *source = Source::Id(meta_id),
        _ => {}
    }
}
