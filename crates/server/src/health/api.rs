//! `GET /metrics`, in the text of OpenMetrics: on the public address with a token, or on an address of its own.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;
use crate::http::{Problem, ready};

/// Prometheus and its like read this.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics on the public address: for whoever knows the token; without one they are not there at all.
pub fn metrics_routes() -> Router<Ctx> {
    Router::new().route("/metrics", get(with_token))
}

async fn with_token(State(ctx): State<Ctx>, headers: HeaderMap) -> Response {
    let Some(token) = &ctx.settings.metrics_token else { return Problem::not_found().into_response() };
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().trim();
    let token = token.expose_secret().as_bytes();
    if aws_lc_rs::constant_time::verify_slices_are_equal(shown.as_bytes(), token).is_err() {
        return Problem::unauthenticated().into_response();
    }
    metrics(State(ctx)).await
}

async fn metrics(State(ctx): State<Ctx>) -> Response {
    match super::metrics(&ctx).await {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_unwritten) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Answers on an address that only the operator's own network reaches: metrics without a token, liveness, readiness.
pub async fn serve_metrics(ctx: Ctx, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(ctx);
    axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await
}
