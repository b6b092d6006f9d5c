//! A call of the Graph API as it was heard, and as it is told: without tokens and secrets.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Uri};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::secrets::{redact, redacted_query};
use crate::world::Millis;

/// One call of the Graph API.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Call {
    /// Rises with every call.
    pub sequence: u64,
    /// When, on the emulator's clock, in milliseconds.
    pub at: Millis,
    /// HTTP method.
    pub method: String,
    /// Path and query, secrets taken out.
    pub path: String,
    /// The body, secrets taken out, if it was small JSON or a form.
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
    /// HTTP status of the answer.
    pub status: u16,
    /// The answer, secrets taken out, if it was small JSON.
    #[schema(value_type = Option<Object>)]
    pub answer: Option<Value>,
    /// How long it took, in microseconds.
    pub took_us: u64,
}

/// A body as it went over the wire; it is read only when somebody looks.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Its `Content-Type`.
    pub kind: String,
    /// The body.
    pub bytes: Bytes,
}

impl Heard {
    /// The body without secrets, if it is JSON or a form.
    fn told(&self) -> Option<Value> {
        let mut value = if self.kind.contains("x-www-form-urlencoded") {
            let pairs = url::form_urlencoded::parse(&self.bytes);
            Value::Object(pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect())
        } else if self.kind.contains("json") {
            serde_json::from_slice(&self.bytes).ok()?
        } else {
            return None;
        };
        redact(&mut value);
        Some(value)
    }
}

/// One call as it was heard.
#[derive(Debug, Clone)]
pub struct HeardCall {
    /// When, on the emulator's clock.
    pub at: Millis,
    /// HTTP method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// The body, if it was small.
    pub body: Option<Heard>,
    /// HTTP status of the answer.
    pub status: u16,
    /// The answer, if it was small.
    pub answer: Option<Heard>,
    /// How long it took.
    pub took: Duration,
}

impl HeardCall {
    /// The call as it is told.
    pub fn told(&self, sequence: u64) -> Call {
        let query = self.uri.query().map(|query| format!("?{}", redacted_query(query))).unwrap_or_default();
        Call {
            sequence,
            at: self.at,
            method: self.method.to_string(),
            path: format!("{}{query}", self.uri.path()),
            body: self.body.as_ref().and_then(Heard::told),
            status: self.status,
            answer: self.answer.as_ref().and_then(Heard::told),
            took_us: self.took.as_micros() as u64,
        }
    }
}
