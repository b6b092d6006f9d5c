//! What a send says: every type but interactive and template (meta-messaging 1.2).

use serde_json::Value;

use super::super::error::{Answer, GraphError};
use super::{check, interactive, template};
use crate::world::{Account, Number, World};

/// A checked message.
#[derive(Debug, Clone)]
pub struct Content {
    /// Meta's `type`.
    pub kind: String,
    /// The object named after the type.
    pub value: Value,
    /// What a reader sees.
    pub text: String,
    /// The template's category.
    pub category: Option<String>,
    /// Media to be fetched from a link.
    pub link: Option<String>,
    /// Why the media will not go through, told by webhook.
    pub media_flaw: Option<String>,
}

impl Content {
    pub(super) fn new(kind: &str, value: &Value, text: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            value: value.clone(),
            text: text.into(),
            category: None,
            link: None,
            media_flaw: None,
        }
    }
}

const TYPES: &[&str] = &[
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
    "interactive",
    "template",
];

/// Checks the message of a send.
pub(super) fn read(
    world: &World,
    number: &Number,
    account: &Account,
    body: &Value,
    by_bsuid: bool,
) -> Answer<Content> {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or("text");
    if !TYPES.contains(&kind) {
        return Err(GraphError::parameter(format!(
            "Param type must be one of {{{}}} - got \"{kind}\".",
            TYPES.join(", ").to_uppercase()
        )));
    }
    if body.get("category").is_some_and(|category| !category.is_null()) {
        return Err(GraphError::core(
            403,
            10,
            "(#10) Application does not have permission for this action: Direct Send is a closed beta; send an \
             approved template.",
        ));
    }
    if kind == "contacts" {
        return contacts(body);
    }
    let value = check::object(body, kind, kind)?;
    match kind {
        "text" => text(value),
        "location" => location(value),
        "reaction" => reaction(value, body),
        "interactive" => interactive::read(world, number, value),
        "template" => template::read(world, number, account, value, by_bsuid),
        media_kind => media(world, number, media_kind, value),
    }
}

fn text(value: &Value) -> Answer<Content> {
    let body = check::text(value, "body", "text['body']", 1, 4096)?;
    Ok(Content::new("text", value, body))
}

fn location(value: &Value) -> Answer<Content> {
    let latitude = check::number(value, "latitude", "location['latitude']")?;
    let longitude = check::number(value, "longitude", "location['longitude']")?;
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(GraphError::value(
            "Latitude must be between -90 and 90, longitude between -180 and 180.",
        ));
    }
    let name = value.get("name").and_then(Value::as_str).unwrap_or("Location");
    Ok(Content::new("location", value, format!("{name} ({latitude}, {longitude})")))
}

fn contacts(body: &Value) -> Answer<Content> {
    let value = body.get("contacts").ok_or_else(|| GraphError::missing("contacts"))?;
    // The sheets are unsure of the most; OA says 5, older pages 257.
    let list = check::list(body, "contacts", "contacts", 1, 257)?;
    let mut names = Vec::new();
    for (index, contact) in list.iter().enumerate() {
        let place = format!("contacts[{index}]['name']");
        let name = check::object(contact, "name", &place)?;
        names.push(
            check::text(name, "formatted_name", &format!("{place}['formatted_name']"), 1, 1024)?.to_owned(),
        );
        let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
        if !parts.iter().any(|part| name.get(*part).is_some_and(Value::is_string)) {
            return Err(GraphError::required(format!("{place} needs one part besides formatted_name.")));
        }
    }
    Ok(Content::new("contacts", value, names.join(", ")))
}

fn reaction(value: &Value, body: &Value) -> Answer<Content> {
    check::text(value, "message_id", "reaction['message_id']", 1, 512)?;
    let emoji = check::text(value, "emoji", "reaction['emoji']", 0, 32)?;
    if body.get("context").is_some_and(|context| !context.is_null()) {
        return Err(GraphError::value("A reaction cannot be a contextual reply."));
    }
    Ok(Content::new("reaction", value, emoji))
}

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

fn media(world: &World, number: &Number, kind: &str, value: &Value) -> Answer<Content> {
    let (link, media_flaw) = media_source(world, number, kind, value)?;
    let caption = check::optional_text(value, "caption", 1024)?;
    if caption.is_some() && ["audio", "sticker"].contains(&kind) {
        return Err(GraphError::parameter(format!("Unexpected key \"caption\" on param \"{kind}\".")));
    }
    let name = value.get("filename").and_then(Value::as_str);
    let text = caption.or_else(|| name.map(str::to_owned)).unwrap_or_default();
    Ok(Content { link, media_flaw, ..Content::new(kind, value, text) })
}
