//! Message templates.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Millis;

/// A message template in one language.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Template {
    /// Template id.
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
    pub status: TemplateStatus,
    /// `POSITIONAL` or `NAMED`.
    pub parameter_format: String,
    /// Components as Meta lists them, types in upper case.
    pub components: Vec<Value>,
    /// When it was made.
    pub created_at: Millis,
    /// Validity in seconds, if set.
    #[serde(default)]
    pub message_send_ttl_seconds: Option<i64>,
}

/// Life cycle of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplateStatus {
    /// In review.
    Pending,
    /// May be sent.
    Approved,
    /// Refused by the review.
    Rejected,
    /// Paused for low quality (132015).
    Paused,
    /// Disabled for good (132016).
    Disabled,
}
