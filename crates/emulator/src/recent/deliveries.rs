//! A delivery of webhooks as it was made, and as it is told.

use std::time::Duration;

use axum::body::Bytes;
use serde::Serialize;
use serde_json::Value;
use url::Url;
use utoipa::ToSchema;

use super::secrets::redacted_query;
use crate::world::Millis;

/// One POST of webhooks to an app.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Delivery {
    /// Rises with every delivery.
    pub sequence: u64,
    /// When, on the emulator's clock, in milliseconds.
    pub at: Millis,
    /// Where to; secrets in the query taken out.
    pub url: String,
    /// Webhook fields of the updates within.
    pub fields: Vec<String>,
    /// Which try it was, from 1; the highest of the updates within.
    pub attempt: u32,
    /// HTTP status of the answer; only 200 counts.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// The body, if it was small.
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
}

/// A delivery as it was made; the body is read only when somebody looks.
#[derive(Debug, Clone)]
pub struct Made {
    /// When, on the emulator's clock.
    pub at: Millis,
    /// Where to.
    pub url: String,
    /// Webhook fields of the updates within.
    pub fields: Vec<String>,
    /// Which try it was.
    pub attempt: u32,
    /// HTTP status of the answer, or why there was none.
    pub outcome: Result<u16, String>,
    /// How long it took.
    pub took: Duration,
    /// The body.
    pub body: Bytes,
}

impl Made {
    /// The delivery as it is told.
    pub fn told(&self, sequence: u64) -> Delivery {
        Delivery {
            sequence,
            at: self.at,
            url: shown(&self.url),
            fields: self.fields.clone(),
            attempt: self.attempt,
            status: self.outcome.as_ref().ok().copied(),
            error: self.outcome.as_ref().err().cloned(),
            took_us: self.took.as_micros() as u64,
            body: serde_json::from_slice(&self.body).ok(),
        }
    }
}

/// The address without secrets.
fn shown(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return address.to_owned() };
    if let Some(query) = url.query().map(redacted_query) {
        url.set_query(Some(&query));
    }
    let _ = url.set_password(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_secrets() {
        assert_eq!(
            shown("https://a:b@x.example/hook?secret=1&n=2"),
            "https://a@x.example/hook?secret=%E2%80%A6&n=2"
        );
        assert_eq!(shown("http://127.0.0.1:9/meta"), "http://127.0.0.1:9/meta");
    }
}
