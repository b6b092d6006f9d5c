//! The error object that webhooks carry.

use serde::Serialize;

use crate::json::Members;

/// An error as a webhook tells it. The code and the details count; titles are going away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetaError {
    /// Meta's code.
    pub code: i64,
    /// Its title or message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

impl MetaError {
    /// Reads one; an error without a code is none we could act on, and gets 0.
    pub(super) fn read(error: &Members<'_>) -> Self {
        let data = error.object("error_data");
        Self {
            code: error.integer("code").unwrap_or_default(),
            title: error.string("title").or_else(|| error.string("message")),
            // A bare string on some endpoints.
            details: match data {
                Some(data) => data.string("details"),
                None => error.string("error_data").or_else(|| error.string("details")),
            },
        }
    }

    pub(super) fn list(item: &Members<'_>, name: &str) -> Vec<Self> {
        item.objects(name).iter().map(Self::read).collect()
    }
}
