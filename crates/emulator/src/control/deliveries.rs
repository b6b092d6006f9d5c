//! The recent deliveries of webhooks, for inspection.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::calls::redacted_query;
use crate::platform::Platform;
use crate::world::Millis;

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(deliveries))
}

/// Deliveries kept.
const KEEP: usize = 500;
/// Bodies up to this size are kept.
const BODY_MAX: usize = 16 << 10;

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
pub(crate) struct Made {
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
    fn told(&self, sequence: u64) -> Delivery {
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

/// The deliveries kept.
#[derive(Debug, Default)]
pub struct DeliveryLog(Mutex<(u64, VecDeque<(u64, Made)>)>);

impl DeliveryLog {
    /// Keeps a delivery; the answer is its sequence.
    pub(crate) fn add(&self, mut made: Made) -> u64 {
        if made.body.len() > BODY_MAX {
            made.body = Bytes::new();
        }
        let mut log = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        log.0 += 1;
        let sequence = log.0;
        if log.1.len() == KEEP {
            log.1.pop_front();
        }
        log.1.push_back((sequence, made));
        sequence
    }

    /// The last deliveries, newest first.
    fn last(&self, limit: usize) -> Vec<Delivery> {
        let log = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        let made: Vec<(u64, Made)> = log.1.iter().rev().take(limit).cloned().collect();
        drop(log);
        made.iter().map(|(sequence, made)| made.told(*sequence)).collect()
    }

    /// Forgets every delivery.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(|broken| broken.into_inner()).1.clear();
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// So many; 100 if absent, at most 500 are kept.
    limit: Option<usize>,
}

/// The recent deliveries of webhooks, newest first, with what was answered.
#[utoipa::path(get, path = "/deliveries", tag = "webhooks", params(DeliveriesQuery),
    responses((status = 200, body = Vec<Delivery>)))]
async fn deliveries(
    State(platform): State<Platform>,
    Query(query): Query<DeliveriesQuery>,
) -> Json<Vec<Delivery>> {
    Json(platform.deliveries().last(query.limit.unwrap_or(100)))
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
