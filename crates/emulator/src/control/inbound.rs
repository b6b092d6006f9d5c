//! A person writes to a number, or taps on what a number sent.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Outcome, find};
use crate::graph::media;
use crate::messaging::identity;
use crate::messaging::inbound::{self, Written};
use crate::platform::Platform;
use crate::world::{Media, Millis, Origin, World, graph_id};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(write)).routes(routes!(tap))
}

const MEDIA: &[&str] = &["image", "video", "audio", "document", "sticker"];

/// What a person writes. The object named after `type` stands beside it, as in Meta's messages:
/// `{"from":"+62 811 1","type":"text","text":{"body":"Halo"}}`. Unknown keys go into the message as they are.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Inbound {
    /// The person: phone number, username, BSUID or id. A phone number nobody has makes a new person.
    from: String,
    /// The number written to: id or phone number; the only registered one if absent.
    #[serde(default)]
    to: Option<String>,
    /// Meta's `type`; `text` if absent.
    #[serde(rename = "type", default)]
    kind: Option<String>,
    /// The message replied to.
    #[serde(default)]
    reply_to: Option<String>,
    /// The bytes of a media message.
    #[serde(default)]
    media: Option<InboundMedia>,
    /// wamid, if it must be a certain one.
    #[serde(default)]
    id: Option<String>,
    /// When it was written (Unix milliseconds), if not now.
    #[serde(default)]
    at: Option<Millis>,
    /// The object named after the type, and further keys (`referral`, `errors`, …).
    #[serde(flatten)]
    #[schema(value_type = Object)]
    rest: Map<String, Value>,
}

/// The bytes of a media message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboundMedia {
    /// The bytes in base64.
    #[serde(default)]
    base64: Option<String>,
    /// The bytes as text.
    #[serde(default)]
    text: Option<String>,
    /// MIME type.
    mime_type: String,
    /// Media id, if it must be a certain one.
    #[serde(default)]
    id: Option<String>,
}

/// A message came to be.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageId {
    /// wamid.
    pub id: String,
}

/// A person writes a message of any type.
#[utoipa::path(post, path = "/inbound", tag = "customers", request_body = Inbound,
    responses((status = 200, body = MessageId), (status = 400, body = ControlError)))]
async fn write(State(platform): State<Platform>, Json(mut inbound): Json<Inbound>) -> Outcome<MessageId> {
    let kind = inbound.kind.unwrap_or_else(|| "text".into());
    let mut content = inbound.rest.remove(&kind).unwrap_or(Value::Null);
    let stored = match inbound.media {
        Some(media) => Some(store(&platform, media, &content).await?),
        None => None,
    };
    if MEDIA.contains(&kind.as_str()) && stored.is_none() && content.get("id").is_none() {
        return Err(ControlError::wrong(format!(
            "A message of type {kind} needs `media` (base64 or text, and mime_type) or the id of known media."
        )));
    }
    let needs_object = !["unsupported", "request_welcome"].contains(&kind.as_str()) && stored.is_none();
    if content.is_null() && needs_object {
        return Err(ControlError::wrong(format!("The object {kind:?} of the message is missing.")));
    }
    if kind == "unsupported" && !inbound.rest.contains_key("errors") {
        let text = "Message type unknown";
        let details = json!({"details": "Message type is currently not supported."});
        let error = json!({"code": 131051, "title": text, "message": text, "error_data": details});
        inbound.rest.insert("errors".into(), json!([error]));
    }
    let (from, to) = (inbound.from, inbound.to);
    let act = |world: &mut World| -> Result<String, ControlError> {
        let number = find::number_or_only(world, to.as_deref())?;
        let person = author(world, &from)?;
        if let Some(mut media) = stored {
            media.number_id.clone_from(&number);
            media.expires_at += world.now();
            describe(&platform, world, &kind, &media, &mut content);
            world.media.put(media.id.clone(), media);
        }
        let written = Written {
            kind,
            content,
            context: inbound.reply_to,
            extra: inbound.rest,
            id: inbound.id,
            at: inbound.at,
        };
        inbound::write(world, &number, &person, written).map_err(ControlError::wrong)
    };
    Ok(Json(MessageId { id: platform.write(act).await?? }))
}

/// The person named; a phone number nobody has makes a new one.
fn author(world: &mut World, name: &str) -> Result<String, ControlError> {
    match find::person(world, name) {
        Ok(id) => Ok(id),
        Err(missing) => match identity::digits_of(name, "") {
            Some(phone) => Ok(identity::person_for_phone(world, &phone)),
            None => Err(missing),
        },
    }
}

/// Stores the bytes; the number and the clock are filled in later.
async fn store(platform: &Platform, given: InboundMedia, content: &Value) -> Result<Media, ControlError> {
    let bytes = match (given.base64, given.text) {
        (Some(base64), None) => Bytes::from(
            STANDARD
                .decode(base64.trim())
                .map_err(|_| ControlError::wrong("`media.base64` is not base64."))?,
        ),
        (None, Some(text)) => Bytes::from(text),
        _ => return Err(ControlError::wrong("Give the bytes as `media.base64` or as `media.text`.")),
    };
    let size = bytes.len() as u64;
    let sha256 = media::store(platform, bytes).await?;
    Ok(Media {
        id: given.id.unwrap_or_else(graph_id),
        number_id: String::new(),
        mime_type: given.mime_type,
        sha256,
        size,
        file_name: content.get("filename").and_then(Value::as_str).map(str::to_owned),
        origin: Origin::Inbound,
        expires_at: 7 * 86_400_000,
    })
}

/// Writes the media's keys into the message object.
fn describe(platform: &Platform, world: &World, kind: &str, media: &Media, content: &mut Value) {
    if !content.is_object() {
        *content = json!({});
    }
    content["id"] = media.id.clone().into();
    content["mime_type"] = media.mime_type.clone().into();
    content["sha256"] = media::base64_of(&media.sha256).into();
    if kind == "audio" && content.get("voice").is_none() {
        content["voice"] = media.mime_type.contains("ogg").into();
    }
    if kind == "sticker" && content.get("animated").is_none() {
        content["animated"] = false.into();
    }
    if world.rules().media_url_in_webhooks {
        content["url"] = media::address(platform, &media.id, world.now()).into();
    }
}

/// A tap on a button or list row.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tap {
    /// wamid of the message with the button.
    message: String,
    /// Id, payload or label of the button or row.
    choice: String,
}

/// The receiver of a message taps one of its buttons or list rows.
#[utoipa::path(post, path = "/taps", tag = "customers", request_body = Tap,
    responses((status = 200, body = MessageId), (status = 400, body = ControlError)))]
async fn tap(State(platform): State<Platform>, Json(tap): Json<Tap>) -> Outcome<MessageId> {
    let tapped = platform.write(|world| inbound::tap(world, &tap.message, &tap.choice)).await?;
    tapped.map(|id| Json(MessageId { id })).map_err(ControlError::wrong)
}
