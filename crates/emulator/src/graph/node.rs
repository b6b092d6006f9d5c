//! `/{id}`: which kind of object an id names, and who answers for it.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Answer, Caller, GraphError, Params, credit, media, nodes, numbers, templates, uploads};
use crate::platform::Platform;
use crate::world::World;

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
    let mine = |world: &World| {
        templates::read(world, &caller, &id, &params)
            .or_else(|| media::read(&platform, world, &caller, &id, &params).map(Ok))
            .or_else(|| uploads::read(world, &caller, &id).map(Ok))
    };
    if let Some(answer) = platform.read(mine) {
        return answer.map(Json);
    }
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
    request: Request,
) -> Answer<Json<Value>> {
    // Uploads carry raw bytes, everything else parameters.
    if id.starts_with(uploads::PREFIX) {
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, &platform).await;
        let bytes = bytes.map_err(|_| GraphError::parameter("The request body could not be read."))?;
        return uploads::append(&platform, &caller, &id, &headers, bytes).await;
    }
    let params = Params::from_request(request, &platform).await?;
    if platform.read(|world| world.templates.contains(&id)) {
        let changed = platform.write(|world| templates::change(world, &caller, &id, &params)).await?;
        return changed.unwrap_or_else(|| Err(caller.unknown(&id))).map(Json);
    }
    if platform.read(|world| world.numbers.contains(&id)) {
        return numbers::change(&platform, &caller, &id, &params).await;
    }
    Err(caller.unknown(&id))
}

/// `DELETE /{id}`.
async fn remove(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    if let Some(revoked) = platform.write(|world| credit::revoke(world, &caller, &id)).await? {
        return revoked.map(|()| Json(json!({"success": true})));
    }
    let removed = platform.write(|world| media::remove(world, &caller, &id, &params)).await?;
    removed.map(Json).ok_or_else(|| caller.unknown(&id))
}
