//! Media of a send, by id or by link.

use serde_json::Value;

use super::super::error::{Answer, GraphError};
use crate::world::{Number, World};

/// The MIME types and the most bytes of a kind of media (meta-messaging 3).
fn accepted(kind: &str) -> (&'static [&'static str], u64) {
    match kind {
        "image" => (&["image/jpeg", "image/png"], 5 << 20),
        "video" => (&["video/mp4", "video/3gpp"], 16 << 20),
        "audio" => (&["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"], 16 << 20),
        "sticker" => (&["image/webp"], 500 << 10),
        _ => (&[], 100 << 20),
    }
}

/// Checks media by id or link, wherever it stands; the answer is the link, or why the media will not go through.
pub(super) fn media_source(
    world: &World,
    number: &Number,
    kind: &str,
    value: &Value,
) -> Answer<(Option<String>, Option<String>)> {
    let given = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    match (given("id"), given("link")) {
        (Some(_), Some(_)) => {
            Err(GraphError::parameter(format!("Param {kind} takes 'id' or 'link', not both.")))
        }
        (None, None) => Err(GraphError::missing(&format!("{kind}['id']"))),
        (None, Some(link)) => {
            let fine = url::Url::parse(link).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
            if !fine {
                return Err(GraphError::parameter(format!("Param {kind}['link'] is not a valid URI.")));
            }
            Ok((Some(link.to_owned()), None))
        }
        (Some(id), None) => {
            let media = world.media.get(id).filter(|media| {
                let owner = world.numbers.get(&media.number_id).map(|owner| &owner.account_id);
                owner == Some(&number.account_id) && media.expires_at > world.now()
            });
            let media = media.ok_or_else(|| GraphError::value(format!("Media id {id} is not valid.")))?;
            let (types, most) = accepted(kind);
            let mime = media.mime_type.split(';').next().unwrap_or_default().trim();
            let flaw = if !types.is_empty() && !types.contains(&mime) {
                Some(format!("Media of type {mime} cannot be sent as {kind}."))
            } else if media.size > most {
                Some(format!("Media is larger than the {most} bytes allowed for {kind}."))
            } else {
                None
            };
            Ok((None, flaw))
        }
    }
}
