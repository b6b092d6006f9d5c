//! What a message says, once it is checked.

use serde_json::Value;

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
    /// A message without category and media.
    pub fn new(kind: &str, value: &Value, text: impl Into<String>) -> Self {
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
