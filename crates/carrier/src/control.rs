//! The page on which everything is shown, and controls for programs.

use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::post::{self as kept, Arrived, Fault, Post, State, Via};

pub(crate) fn routes() -> Router<Arc<Post>> {
    Router::new()
        .route("/", get(page))
        .route("/_carrier/arrived", get(arrived))
        .route("/_carrier/faults", post(fault))
        .route("/_carrier/arrived/{id}/report", post(report))
        .route("/_carrier/arrived/{id}/reply", post(reply))
}

async fn page() -> impl IntoResponse {
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(include_str!("page.html")))
}

#[derive(Deserialize)]
struct Wanted {
    to: Option<String>,
}

async fn arrived(Shared(post): Shared<Arc<Post>>, Query(wanted): Query<Wanted>) -> Json<Vec<Arrived>> {
    let mut arrived = post.arrived();
    if let Some(to) = wanted.to {
        arrived.retain(|one| one.to == to);
    }
    Json(arrived)
}

#[derive(Deserialize)]
struct NewFault {
    via: Via,
    fault: Fault,
}

async fn fault(Shared(post): Shared<Arc<Post>>, Json(new): Json<NewFault>) -> StatusCode {
    post.fault(new.via, new.fault);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Report {
    state: State,
}

async fn report(
    Shared(post): Shared<Arc<Post>>,
    Path(id): Path<u64>,
    Json(report): Json<Report>,
) -> StatusCode {
    kept::report(&post, id, report.state).await;
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Reply {
    text: String,
}

async fn reply(Shared(post): Shared<Arc<Post>>, Path(id): Path<u64>, Json(reply): Json<Reply>) -> StatusCode {
    kept::reply(&post, id, &reply.text).await;
    StatusCode::NO_CONTENT
}
