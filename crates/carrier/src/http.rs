//! A plain HTTP API, such as many a local provider has: one request with a bearer, one callback with JSON.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::SECRET;
use crate::post::{self as kept, Arrived, Fault, Post, State, Via};

pub(crate) fn routes() -> Router<Arc<Post>> {
    Router::new().route("/send", post(send))
}

#[derive(Deserialize)]
struct Text {
    to: String,
    from: String,
    text: String,
    callback: Option<String>,
}

async fn send(Shared(post): Shared<Arc<Post>>, headers: HeaderMap, Json(text): Json<Text>) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|said| said != &format!("Bearer {SECRET}")) {
        return answer(StatusCode::FORBIDDEN, json!({ "ok": false, "reason": "wrong key" }));
    }
    let fault = post.next_fault(Via::Http);
    match fault {
        // Providers of this kind say it within a 200.
        Some(Fault::Refuse | Fault::Stopped) => {
            return answer(StatusCode::OK, json!({ "ok": false, "reason": "number not in service" }));
        }
        Some(Fault::Later) => return answer(StatusCode::SERVICE_UNAVAILABLE, json!({ "reason": "busy" })),
        Some(Fault::Drop) | None => {}
    }
    let arrived = post.keep(Arrived {
        id: 0,
        via: Via::Http,
        from: text.from,
        to: text.to,
        subject: None,
        text: text.text,
        headers: Default::default(),
        parts: 1,
        state: State::Sent,
        callback: text.callback.filter(|url| !url.is_empty()),
    });
    if fault == Some(Fault::Drop) {
        return (StatusCode::BAD_GATEWAY, "Bad Gateway").into_response();
    }
    if post.reports {
        let (post, id) = (post.clone(), arrived.id);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            kept::report(&post, id, State::Delivered).await;
        });
    }
    answer(StatusCode::OK, json!({ "ok": true, "data": { "id": arrived.name() } }))
}

fn answer(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

/// Tells what became of a text.
pub(crate) async fn report(one: &Arrived) {
    let status = match one.state {
        State::Sent => "sent",
        State::Delivered => "delivered",
        State::Failed => "failed",
    };
    if let Some(url) = &one.callback {
        call(url, &json!({ "id": one.name(), "status": status })).await;
    }
}

/// Tells what somebody answered.
pub(crate) async fn inbound(url: &str, one: &Arrived, text: &str) {
    call(url, &json!({ "from": one.to, "to": one.from, "text": text })).await;
}

async fn call(url: &str, body: &Value) {
    let Ok(client) = reqwest::Client::builder().no_proxy().build() else { return };
    if let Err(error) = client.post(url).json(body).send().await {
        tracing::warn!(%error, "a callback failed");
    }
}
