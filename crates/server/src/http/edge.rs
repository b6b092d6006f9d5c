//! What every request meets on its way in and out: an id, a time limit, one line in the log, safe headers.

use std::any::Any;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tracing::Instrument as _;

use super::problem::Problem;
use crate::ctx::{Ctx, is_local};
use crate::trace::Trace;

/// No answer may take longer to begin. Uploads over slow lines fit in; streams begin at once.
const TIME_LIMIT: Duration = Duration::from_secs(120);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
pub(super) async fn edge(State(ctx): State<Ctx>, mut request: Request, next: Next) -> Response {
    let id = rules::id::fresh(ctx.now(), ctx.chance());
    request.extensions_mut().insert(Trace::Request(id));
    let method = request.method().clone();
    // The pattern and not the address: an address may hold a token.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", %id, %method, route);
    let started = ctx.now();
    let answered = async {
        if ctx.settings.is_local() && !is_for_this_machine(&request) {
            return wrong_host(&ctx).into_response();
        }
        next.run(request).instrument(span.clone()).await
    };
    let mut response = match tokio::time::timeout(TIME_LIMIT, answered).await {
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
    ctx.meters.answer(word(&method), &route, status, ctx.now().since(started));
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

/// A method as a word of ours: a stranger may send any.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Whether a request names this machine as the one it is for. One that names another was led here: by a page whose name
/// was made to point at this machine, or by a tunnel that shows the world what is meant for one desk.
fn is_for_this_machine(request: &Request) -> bool {
    let named = match request.uri().authority() {
        Some(authority) => Some(authority.clone()),
        None => request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .and_then(|host| host.parse::<Authority>().ok()),
    };
    named.is_some_and(|authority| is_local(authority.host()))
}

fn wrong_host(ctx: &Ctx) -> Problem {
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "wrong_host",
        "Wrong host",
        format!(
            "This installation is known as {} and answers this machine alone. If others are to reach it, set \
             SAPA_PUBLIC_URL to the address at which they do; the demo is never for others.",
            ctx.settings.public_url
        ),
    )
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
