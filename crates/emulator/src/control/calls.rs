//! The recent calls, for inspection: bodies without tokens and secrets.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{Method, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::news::News;
use crate::platform::Platform;
use crate::world::Millis;

/// Calls kept.
const KEEP: usize = 1_000;
/// Bodies up to this size are kept.
const BODY_MAX: u64 = 16 << 10;
/// Names whose values are never kept.
const SECRET: &[&str] = &[
    "access_token",
    "input_token",
    "client_secret",
    "appsecret_proof",
    "fb_exchange_token",
    "revoke_token",
    "code",
    "pin",
    "verify_token",
    "secret",
];

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
struct Heard {
    kind: String,
    bytes: Bytes,
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
struct Entry {
    sequence: u64,
    at: Millis,
    method: Method,
    uri: Uri,
    body: Option<Heard>,
    status: u16,
    answer: Option<Heard>,
    took: Duration,
}

impl Entry {
    fn told(&self) -> Call {
        let query = self.uri.query().map(|query| format!("?{}", redacted_query(query))).unwrap_or_default();
        Call {
            sequence: self.sequence,
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

/// The calls kept.
#[derive(Debug, Default)]
pub struct CallLog(Mutex<(u64, VecDeque<Entry>)>);

impl CallLog {
    /// Keeps a call; the answer is its sequence.
    fn add(&self, mut call: Entry) -> u64 {
        let mut log = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        log.0 += 1;
        call.sequence = log.0;
        if log.1.len() == KEEP {
            log.1.pop_front();
        }
        log.1.push_back(call);
        log.0
    }

    /// The last calls, newest first.
    pub fn last(&self, limit: usize) -> Vec<Call> {
        let log = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        let heard: Vec<Entry> = log.1.iter().rev().take(limit).cloned().collect();
        drop(log);
        heard.iter().map(Entry::told).collect()
    }

    /// Forgets every call.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(|broken| broken.into_inner()).1.clear();
    }
}

/// Takes the values of secret names out, at every depth. Error codes are numbers, secrets are texts.
fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if field.is_string() && SECRET.contains(&name.as_str()) {
                    *field = "…".into()
                } else {
                    redact(field)
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

pub(super) fn redacted_query(query: &str) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        out.append_pair(&name, if SECRET.contains(&name.as_ref()) { "…" } else { &value });
    }
    out.finish()
}

fn kind_of(headers: &axum::http::HeaderMap) -> String {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// Small bodies are read and handed on; others pass untouched.
async fn peek(body: Body) -> (Option<Bytes>, Body) {
    match body.size_hint().exact() {
        Some(size) if size <= BODY_MAX => match axum::body::to_bytes(body, BODY_MAX as usize).await {
            Ok(bytes) => (Some(bytes.clone()), Body::from(bytes)),
            Err(_) => (None, Body::empty()),
        },
        _ => (None, body),
    }
}

/// Records every call of the Graph API.
pub(crate) async fn record(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/v") {
        return next.run(request).await;
    }
    let began = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let (parts, body) = request.into_parts();
    let (bytes, body) = peek(body).await;
    let sent = bytes.map(|bytes| Heard { kind: kind_of(&parts.headers), bytes });
    let response = next.run(Request::from_parts(parts, body)).await;
    let (parts, body) = response.into_parts();
    let (bytes, body) = peek(body).await;
    let answer = bytes.map(|bytes| Heard { kind: kind_of(&parts.headers), bytes });
    let sequence = platform.calls().add(Entry {
        sequence: 0,
        at: platform.read(|world| world.now()),
        method,
        uri,
        body: sent,
        status: parts.status.as_u16(),
        answer,
        took: began.elapsed(),
    });
    platform.tell(News::logged("call", sequence));
    Response::from_parts(parts, body)
}
