//! What a send says: every type but interactive and template (meta-messaging 1.2).

use serde_json::Value;

use super::super::error::{Answer, GraphError};
use super::source::media_source;
use super::{check, interactive, template};
use crate::messaging::Content;
use crate::world::{Account, Number, World};

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
