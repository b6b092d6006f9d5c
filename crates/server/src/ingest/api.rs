//! `GET` and `POST /webhooks/meta` and `/webhooks/meta/{app}`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::NotTaken;
use super::keyring::Door;
use crate::ctx::Ctx;

/// Meta: webhook payloads are up to 3 MB.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

/// The webhook addresses. They are Meta's contract, not part of the public API document.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route("/webhooks/meta", get(shared_handshake).post(shared_receive))
        .route("/webhooks/meta/{app}", get(app_handshake).post(app_receive))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

#[derive(Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

async fn shared_handshake(State(ctx): State<Ctx>, Query(query): Query<Handshake>) -> Response {
    handshake(&ctx, Door::Shared, query).await
}

async fn app_handshake(
    State(ctx): State<Ctx>,
    Path(slug): Path<String>,
    Query(query): Query<Handshake>,
) -> Response {
    handshake(&ctx, Door::App(&slug), query).await
}

async fn shared_receive(State(ctx): State<Ctx>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receive(&ctx, Door::Shared, &headers, body).await.unwrap_or_else(|status| status)
}

async fn app_receive(
    State(ctx): State<Ctx>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    receive(&ctx, Door::App(&slug), &headers, body).await.unwrap_or_else(|status| status).into_response()
}

/// Echoes the challenge, exactly, to whoever knows the verify token.
async fn handshake(ctx: &Ctx, door: Door<'_>, query: Handshake) -> Response {
    let (Some("subscribe"), Some(token), Some(challenge)) =
        (query.mode.as_deref(), query.verify_token.as_deref(), query.challenge)
    else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match ctx.keyring.knows_token(ctx, door, token).await {
        Ok(true) => ([(header::CONTENT_TYPE, "text/plain")], challenge).into_response(),
        Ok(false) => StatusCode::FORBIDDEN.into_response(),
        Err(error) => unavailable(&error).into_response(),
    }
}

/// Verifies the raw bytes, makes them durable, and only then says 200 (the one answer that Meta takes for success).
async fn receive(
    ctx: &Ctx,
    door: Door<'_>,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let signature = headers.get("x-hub-signature-256").map(HeaderValue::as_bytes);
    let signer =
        ctx.keyring.signer(ctx, door, signature, &body).await.map_err(|error| unavailable(&error))?;
    let Some(app) = signer else {
        tracing::info!(bytes = body.len(), "refused a webhook: no app of this address signed it");
        return Err(StatusCode::UNAUTHORIZED);
    };
    match ctx.intake.take(app, body.into(), ctx.now()).await {
        Ok(()) => Ok(StatusCode::OK),
        Err(error @ (NotTaken::Full | NotTaken::NotStored)) => {
            tracing::warn!(%error, "did not acknowledge a webhook");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn unavailable(error: &store::StoreError) -> StatusCode {
    tracing::error!(error = error as &dyn std::error::Error, "cannot read the app secrets");
    StatusCode::SERVICE_UNAVAILABLE
}
