//! The controls under `/_emulator/…`: what a test, a demo or a person does to the local Meta.
//!
//! Invariant: they answer loopback peers alone, and every one of them is in `/_emulator/openapi.json`.

mod bytes;
pub mod calls;
mod chats;
mod clients;
pub mod deliveries;
mod events;
mod faults;
mod find;
mod inbound;
mod messages;
mod people;
mod phones;
mod settings;
mod signup;
mod templates;
mod tokens;
mod webhooks;
mod world;

use axum::extract::{ConnectInfo, DefaultBodyLimit, Request};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::graph::GraphError;
use crate::journal::JournalError;
use crate::line::Line;
use crate::platform::Platform;

/// The controls' own OpenAPI document.
#[derive(OpenApi)]
#[openapi(info(
    title = "Emulator controls",
    description = "What a test, a demo or a person does to the emulated Meta. Loopback only; times are Unix \
                   milliseconds on the emulator's clock.",
    license(name = "MIT OR Apache-2.0")
))]
struct Document;

/// An error of a control: what is wrong and how to mend it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ControlError {
    #[serde(skip)]
    status: StatusCode,
    /// The sentence.
    pub error: String,
}

/// It is done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    /// Always true.
    pub done: bool,
}

impl Done {
    fn yes() -> Self {
        Self { done: true }
    }
}

/// What a control returns.
pub type Outcome<T> = Result<Json<T>, ControlError>;

impl ControlError {
    /// The request is wrong.
    pub fn wrong(text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: text.into() }
    }

    /// What was waited for did not come.
    pub fn too_late(text: impl Into<String>) -> Self {
        Self { status: StatusCode::REQUEST_TIMEOUT, error: text.into() }
    }

    /// What it names does not exist.
    pub fn missing(text: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, error: text.into() }
    }
}

impl From<JournalError> for ControlError {
    fn from(error: JournalError) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, error: error.to_string() }
    }
}

impl From<GraphError> for ControlError {
    fn from(error: GraphError) -> Self {
        Self { status: error.status, error: error.message.clone() }
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

/// The largest body of a control: a document of 100 MB in base64, and a little.
const BODY_MAX: usize = 140 << 20;

/// Every control, without `/_emulator` in front.
pub(crate) fn router() -> Router<Platform> {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(world::router())
        .merge(settings::router())
        .merge(people::router())
        .merge(inbound::router())
        .merge(phones::router())
        .merge(chats::router())
        .merge(bytes::router())
        .merge(events::router())
        .merge(messages::router())
        .merge(faults::router())
        .merge(tokens::router())
        .merge(webhooks::router())
        .merge(deliveries::router())
        .merge(signup::router())
        .merge(clients::router())
        .merge(templates::router())
        .split_for_parts();
    let mut document = document;
    document.servers = Some(vec![utoipa::openapi::Server::new("/_emulator")]);
    let document = std::sync::Arc::new(document);
    router
        .route("/openapi.json", get(move || async move { Json((*document).clone()) }))
        .fallback(|| async { ControlError::missing("There is no such control.") })
        .layer(middleware::from_fn(one_shape))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn(loopback_only))
}

/// One shape for whatever goes wrong: what a body or query that does not read is answered with as plain text, or a wrong
/// method with nothing, is told like every other error.
async fn one_shape(request: Request, next: Next) -> Response {
    const SAID_MAX: usize = 64 << 10;
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_owned());
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || kind.is_some_and(|kind| kind.starts_with(b"application/json")) {
        return response;
    }
    let said = axum::body::to_bytes(response.into_body(), SAID_MAX).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let said = said.trim().trim_end_matches('.');
    let said = match status {
        _ if !said.is_empty() => said,
        StatusCode::METHOD_NOT_ALLOWED => "This control does not take this method",
        _ => status.canonical_reason().unwrap_or("The request failed"),
    };
    ControlError {
        status,
        error: format!("{said}. The document at /_emulator/openapi.json says what is taken."),
    }
    .into_response()
}

/// Refuses peers that are not on this machine, and pages in a browser on it whose site is not.
async fn loopback_only(ConnectInfo(line): ConnectInfo<Line>, request: Request, next: Next) -> Response {
    if line.peer.ip().to_canonical().is_loopback() && names_this_machine(request.headers()) {
        return next.run(request).await;
    }
    ControlError {
        status: StatusCode::FORBIDDEN,
        error: "The controls answer this machine alone; call them over 127.0.0.1.".into(),
    }
    .into_response()
}

/// Whether a request is addressed to this machine by a name of its own. A site may make its name point at this machine,
/// and its pages then speak with whatever listens here.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    host.is_some_and(|host| match url::Host::parse(host.host()) {
        Ok(url::Host::Domain(name)) => name == "localhost",
        Ok(url::Host::Ipv4(address)) => address.is_loopback(),
        Ok(url::Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    })
}
