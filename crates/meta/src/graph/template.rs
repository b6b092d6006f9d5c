//! Message templates as the account holds them.

use serde::Serialize;
use serde_json::Value;

use super::{Access, Graph, GraphError};
use crate::json::Members;

const FIELDS: &str = "id,name,language,status,category,sub_category,parameter_format,components,quality_score,\
    rejected_reason,correct_category,previous_category,message_send_ttl_seconds";

/// A template in one language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageTemplate {
    /// Its id.
    pub id: String,
    /// Its name, shared by its languages.
    pub name: String,
    /// Its language: `en_US`.
    pub language: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` … An open set.
    pub status: Option<String>,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`: what it is charged as.
    pub category: Option<String>,
    /// Whether its gaps have names.
    pub named_parameters: bool,
    /// Its parts, as Meta writes them.
    pub components: Value,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: Option<String>,
    /// Why it was rejected; `NONE` is read as absent.
    pub rejected_reason: Option<String>,
    /// The category Meta will give it.
    pub correct_category: Option<String>,
    /// How long Meta tries to deliver it, in seconds; −1 for 30 days.
    pub ttl_seconds: Option<i64>,
}

impl MessageTemplate {
    fn read(node: &Members<'_>) -> Option<Self> {
        let components = node.raw("components").and_then(|raw| serde_json::from_str(raw.get()).ok());
        Some(Self {
            id: node.string("id")?,
            name: node.string("name")?,
            language: node.string("language")?,
            status: node.string("status"),
            category: node.string("category"),
            named_parameters: node
                .text("parameter_format")
                .is_some_and(|format| format.eq_ignore_ascii_case("named")),
            components: components.unwrap_or(Value::Array(Vec::new())),
            quality: node.object("quality_score").and_then(|quality| quality.string("score")),
            rejected_reason: node.string("rejected_reason").filter(|reason| reason != "NONE"),
            correct_category: node.string("correct_category"),
            ttl_seconds: node.integer("message_send_ttl_seconds"),
        })
    }
}

impl Graph {
    /// All templates of an account.
    pub async fn templates(
        &self,
        access: &Access<'_>,
        waba_id: &str,
    ) -> Result<Vec<MessageTemplate>, GraphError> {
        self.pages(&[waba_id, "message_templates"], access, &[("fields", FIELDS)], MessageTemplate::read)
            .await
    }
}
