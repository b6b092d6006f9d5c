//! Message templates.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Millis;

/// A message template in one language.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Template {
    /// Template id.
    #[serde(default)]
    pub id: String,
    /// The messaging account it belongs to.
    pub account_id: String,
    /// Name.
    pub name: String,
    /// Language code, e.g. `en_US`.
    pub language: String,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    pub category: String,
    /// Whether it may be sent.
    #[serde(default)]
    pub status: TemplateStatus,
    /// `POSITIONAL` or `NAMED`.
    #[serde(default = "positional")]
    pub parameter_format: String,
    /// Components as Meta lists them, types in upper case.
    #[schema(value_type = Vec<Object>)]
    pub components: Vec<Value>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Millis,
    /// Validity in seconds, if set.
    #[serde(default)]
    pub message_send_ttl_seconds: Option<i64>,
    /// `GREEN`, `YELLOW` or `RED`; nothing while it is not known.
    #[serde(default)]
    pub quality: Option<String>,
    /// Why the review refused it.
    #[serde(default)]
    pub rejected_reason: Option<String>,
    /// The category it had before.
    #[serde(default)]
    pub previous_category: Option<String>,
    /// The category it is about to get.
    #[serde(default)]
    pub correct_category: Option<String>,
    /// The template of the library that it was made from.
    #[serde(default)]
    pub library_template_name: Option<String>,
    /// When it was edited while it was approved.
    #[serde(default)]
    pub edits: Vec<Millis>,
    /// How often it was paused for low quality.
    #[serde(default)]
    pub pauses: u32,
}

/// A name that was given up: it cannot be used for 30 days.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BlockedName {
    /// The messaging account.
    pub account_id: String,
    /// The name.
    pub name: String,
    /// Until when.
    pub until: Millis,
}

fn positional() -> String {
    "POSITIONAL".into()
}

/// Life cycle of a template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplateStatus {
    /// In review.
    Pending,
    /// May be sent.
    #[default]
    Approved,
    /// Refused by the review.
    Rejected,
    /// Paused for low quality (132015).
    Paused,
    /// Disabled for good (132016).
    Disabled,
    /// Put away after a year without use.
    Archived,
}
