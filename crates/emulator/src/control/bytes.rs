//! The bytes of media, as a person's phone loads them: without a token, for this machine alone.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ControlError;
use crate::messaging::outbound;
use crate::platform::Platform;

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(media)).routes(routes!(linked))
}

/// The bytes of media by its id, however old.
#[utoipa::path(get, path = "/media/{media}", tag = "customers", params(("media" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "*/*"), (status = 404, body = ControlError)))]
async fn media(State(platform): State<Platform>, Path(id): Path<String>) -> Result<Response, ControlError> {
    let missing = || ControlError::missing(format!("There is no media {id}; it may have ended."));
    let media = platform.read(|world| world.media.get(&id).cloned()).ok_or_else(missing)?;
    let bytes = platform.blobs().get(&media.sha256).await.ok_or_else(missing)?;
    Ok(harmless(&media.mime_type, bytes))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Linked {
    /// The link, as it stands in the message.
    link: String,
}

/// The bytes behind a link of a message. Only links that `fetch_links` allows are followed.
#[utoipa::path(get, path = "/messages/{wamid}/linked", tag = "customers", params(("wamid" = String, Path), Linked),
    responses((status = 200, body = Vec<u8>, content_type = "*/*"), (status = 404, body = ControlError)))]
async fn linked(
    State(platform): State<Platform>,
    Path(wamid): Path<String>,
    Query(Linked { link }): Query<Linked>,
) -> Result<Response, ControlError> {
    let (named, rule) = platform.read(|world| {
        let content = world.messages.get(&wamid).and_then(|it| serde_json::from_str(it.content.get()).ok());
        (content.is_some_and(|content| names(&content, &link)), world.rules().fetch_links)
    });
    if !named || !outbound::fetches(rule, &link) {
        return Err(ControlError::missing(
            "The message has no such link, or the setting fetch_links forbids it.",
        ));
    }
    let failed = |_| ControlError::missing("What the link names cannot be loaded.");
    let answer = platform.http().get(&link).send().await.and_then(reqwest::Response::error_for_status);
    let answer = answer.map_err(failed)?;
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or("application/octet-stream").to_owned();
    Ok(harmless(&kind, answer.bytes().await.map_err(failed)?))
}

/// Whether a text of the content, at any depth, is this link.
fn names(content: &serde_json::Value, link: &str) -> bool {
    match content {
        serde_json::Value::String(text) => text == link,
        serde_json::Value::Array(items) => items.iter().any(|item| names(item, link)),
        serde_json::Value::Object(fields) => fields.values().any(|field| names(field, link)),
        _ => false,
    }
}

/// An answer that a browser shows or saves, but never runs.
fn harmless(kind: &str, bytes: bytes::Bytes) -> Response {
    let shown = ["image/", "audio/", "video/"].iter().any(|start| kind.starts_with(start));
    let shown = shown && !kind.starts_with("image/svg");
    let headers = [
        (header::CONTENT_TYPE, if shown { kind } else { "application/octet-stream" }),
        (header::CONTENT_DISPOSITION, if shown { "inline" } else { "attachment" }),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, "private, max-age=3600"),
    ];
    (headers, bytes).into_response()
}
