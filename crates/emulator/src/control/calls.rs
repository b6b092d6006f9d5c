//! Keeps every call of the Graph API for inspection.

use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

use crate::news::News;
use crate::platform::Platform;
use crate::recent::{Heard, HeardCall};

/// Bodies up to this size are kept.
const BODY_MAX: u64 = 16 << 10;

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
pub async fn record(State(platform): State<Platform>, request: Request, next: Next) -> Response {
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
    let sequence = platform.calls().add(HeardCall {
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
