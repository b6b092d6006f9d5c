//! What every request meets on its way in and out: an id, a time limit, one line in the log, safe headers.

use std::any::Any;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tracing::Instrument as _;

use super::problem::Problem;
use crate::ctx::Ctx;

/// No answer may take longer to begin. Uploads over slow lines fit in; streams begin at once.
const TIME_LIMIT: Duration = Duration::from_secs(120);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
pub(super) async fn edge(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    let id = rules::id::fresh(ctx.now(), ctx.chance());
    let method = request.method().clone();
    // The pattern and not the address: an address may hold a token.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", %id, %method, route);
    let started = ctx.now();
    let mut response = match tokio::time::timeout(TIME_LIMIT, next.run(request).instrument(span.clone())).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "timeout",
            "Took too long",
            "The server took too long. Look whether the change was made before sending the request again, or send it \
             with an `Idempotency-Key`.",
        )
        .into_response(),
    };
    let status = response.status().as_u16();
    let micros = u64::try_from(ctx.now().since(started).as_micros()).unwrap_or(u64::MAX);
    span.in_scope(|| match (&*route, status) {
        ("/healthz" | "/readyz", 200) => tracing::debug!(status, micros, "answered"),
        (_, 500..) => tracing::warn!(status, micros, "answered"),
        _ => tracing::info!(status, micros, "answered"),
    });
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    harden(&mut response, ctx.settings.is_secure());
    response
}

/// Headers that forbid whatever an answer did not allow by itself.
fn harden(response: &mut Response, secure: bool) {
    let mut default = |name: HeaderName, value: &'static str| {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::CACHE_CONTROL, "no-store");
    default(header::REFERRER_POLICY, "no-referrer");
    default(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if secure {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

/// A panic is a defect: told as 500, logged with its words, and the connection lives on.
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let words = cause
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without words".to_owned());
    tracing::error!(panic = words, "request panicked");
    Problem::unexplained().into_response()
}
