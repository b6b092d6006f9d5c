//! Resumable uploads of template samples and profile pictures (meta-messaging 3).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::error::{Answer, GraphError};
use super::media::store;
use super::{Caller, Params};
use crate::platform::Platform;
use crate::world::{Upload, World, graph_id};

/// How session ids start.
pub(super) const PREFIX: &str = "upload:";

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}/uploads", post(open))
}

/// `POST /{app_id}/uploads`: opens a session.
async fn open(
    State(platform): State<Platform>,
    caller: Caller,
    Path(app_id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    if caller.token.app_id != app_id && app_id != "app" {
        return Err(caller.unknown(&app_id));
    }
    let length = params.required("file_length")?;
    let file_length = length
        .parse()
        .map_err(|_| GraphError::parameter("Param file_length must be a whole number of bytes."))?;
    let id = format!("{PREFIX}{}", STANDARD.encode(graph_id()).replace('=', ""));
    let session = Upload {
        id: id.clone(),
        app_id: caller.token.app_id.clone(),
        file_type: params.required("file_type")?,
        file_length,
        offset: 0,
        blob: None,
        handle: None,
    };
    platform.write(|world| world.uploads.put(id.clone(), session)).await?;
    Ok(Json(json!({"id": id})))
}

/// `GET /upload:…`: how far the session has come.
pub(super) fn read(world: &World, caller: &Caller, id: &str) -> Option<Value> {
    let session = world.uploads.get(id).filter(|session| session.app_id == caller.token.app_id)?;
    Some(json!({"id": id, "file_offset": session.offset}))
}

/// `POST /upload:…`: takes bytes from the offset on; the answer is the handle.
pub(super) async fn append(
    platform: &Platform,
    caller: &Caller,
    id: &str,
    headers: &HeaderMap,
    bytes: Bytes,
) -> Answer<Json<Value>> {
    let session = platform.read(|world| world.uploads.get(id).cloned());
    let session = session.filter(|it| it.app_id == caller.token.app_id).ok_or_else(|| caller.unknown(id))?;
    let offset =
        headers.get("file_offset").and_then(|value| value.to_str().ok()?.parse::<u64>().ok()).unwrap_or(0);
    if offset != session.offset && offset != 0 {
        return Err(GraphError::parameter(format!(
            "file_offset must be {}, where the upload stopped.",
            session.offset
        )));
    }
    // Offset 0 starts over; else the bytes go on where they stopped.
    let mut whole = match &session.blob {
        Some(name) if offset > 0 => platform.blobs().get(name).await.unwrap_or_default().to_vec(),
        _ => Vec::new(),
    };
    whole.extend_from_slice(&bytes);
    let received = whole.len() as u64;
    if received > session.file_length {
        return Err(GraphError::parameter("More bytes were sent than file_length announced."));
    }
    let blob = store(platform, whole.into()).await?;
    let complete = received == session.file_length;
    let handle = complete.then(|| {
        format!("4::{}:{}", STANDARD.encode(&session.file_type), STANDARD.encode(format!("{id}:{blob}")))
    });
    let session = Upload { offset: received, blob: Some(blob), handle: handle.clone(), ..session };
    platform.write(|world| world.uploads.put(id, session)).await?;
    Ok(Json(match handle {
        Some(handle) => json!({"h": handle}),
        None => json!({"id": id, "file_offset": received}),
    }))
}
