//! What a message is made of: Meta's types into the words of the inbox.

use meta::webhook::{Content, MediaKind};
use rules::message::Kind;
use serde_json::Value;

use super::person::clean;

/// The kind, everything of it as JSON, and its human text.
pub(super) fn of(content: &Content) -> (Kind, Value, String) {
    let kind = match content {
        Content::Text { .. } => Kind::Text,
        Content::Media(media) => match media.kind {
            MediaKind::Image => Kind::Image,
            MediaKind::Video => Kind::Video,
            MediaKind::Audio => Kind::Audio,
            MediaKind::Document => Kind::Document,
            MediaKind::Sticker => Kind::Sticker,
        },
        Content::Location(_) => Kind::Location,
        Content::Contacts { .. } => Kind::Contacts,
        Content::Button { .. } => Kind::Button,
        Content::ButtonReply(_)
        | Content::ListReply(_)
        | Content::FlowReply { .. }
        | Content::CallPermissionReply { .. } => Kind::Interactive,
        Content::Order(_) => Kind::Order,
        Content::Reaction { .. } => Kind::Reaction,
        Content::System(_) | Content::RequestWelcome => Kind::System,
        Content::Unsupported { .. } | Content::MediaPlaceholder => Kind::Unsupported,
        Content::Edit { .. } => Kind::Edit,
        Content::Revoke { .. } => Kind::Revoke,
        Content::Unknown { .. } => Kind::Unknown,
    };
    let value = serde_json::to_value(content).unwrap_or(Value::Null);
    let body = content.text().map(|text| clean(&text)).unwrap_or_default();
    (kind, without_nul(value), body)
}

/// Whether the contact said something with it, which opens the window. Whether reactions and the like do is
/// uncertain (Meta: no page says), so they are not counted on.
pub(super) fn opens_window(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Reaction | Kind::System | Kind::Unsupported | Kind::Unknown | Kind::Edit | Kind::Revoke
    )
}

/// One line for the list of conversations.
pub(super) fn preview(kind: Kind, body: &str) -> String {
    const LONGEST: usize = 120;
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { format!("[{kind}]") } else { line.chars().take(LONGEST).collect() }
}

/// PostgreSQL stores no NUL in text, wherever in the JSON it stands.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nul).collect()),
        Value::Object(members) => Value::Object(
            members.into_iter().map(|(name, value)| (clean(&name), without_nul(value))).collect(),
        ),
        other => other,
    }
}
