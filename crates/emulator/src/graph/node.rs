//! `/{id}`: which kind of object an id names, and who answers for it.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use super::{Answer, Caller, Params};
use crate::platform::Platform;

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}", get(read).post(change).delete(remove))
}

/// `GET /{id}`.
async fn read(
    State(_platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    _params: Params,
) -> Answer<Json<Value>> {
    Err(caller.unknown(&id))
}

/// `POST /{id}`.
async fn change(
    State(_platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    _params: Params,
) -> Answer<Json<Value>> {
    Err(caller.unknown(&id))
}

/// `DELETE /{id}`.
async fn remove(
    State(_platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    _params: Params,
) -> Answer<Json<Value>> {
    Err(caller.unknown(&id))
}
