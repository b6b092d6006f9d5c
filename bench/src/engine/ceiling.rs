//! The server that only verifies and parses: what everything else is a share of.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;

use super::tenants::APP_SECRET;

/// Serves until it is killed.
pub async fn serve(listen: SocketAddr) -> Result<()> {
    let secret: Arc<[u8]> = APP_SECRET.as_bytes().into();
    let app = Router::new().route("/webhooks/meta", post(receive)).with_state(secret);
    let listener = tokio::net::TcpListener::bind(listen).await.context("cannot listen")?;
    Ok(axum::serve(listener, app).await?)
}

async fn receive(State(secret): State<Arc<[u8]>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get(meta::signature::HEADER).map(HeaderValue::as_bytes);
    if meta::signature::verify([&secret], signature, &body).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    match meta::webhook::split(&body) {
        Ok(updates) if updates.iter().all(|update| update.reason.is_none()) => StatusCode::OK,
        _ => StatusCode::BAD_REQUEST,
    }
}
