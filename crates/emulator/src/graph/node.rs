//! `/{id}`: which kind of object an id names, and who answers for it.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use super::{Answer, Caller, Params, nodes, numbers};
use crate::platform::Platform;

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}", get(read).post(change).delete(remove))
}

/// `GET /{id}`.
async fn read(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    let node = platform
        .read(|world| nodes::find(world, &caller, &id))
        .unwrap_or_else(|| Err(caller.unknown(&id)))?;
    node.select(params.text("fields").as_deref()).map(Json)
}

/// `POST /{id}`.
async fn change(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    if platform.read(|world| world.numbers.contains(&id)) {
        return numbers::change(&platform, &caller, &id, &params).await;
    }
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
