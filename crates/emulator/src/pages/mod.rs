//! Pages for people: what runs here, and where everything is.

mod codes;
mod phone;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::platform::Platform;

/// Every page.
pub(crate) fn router() -> Router<Platform> {
    Router::new()
        .route("/", get(index))
        .route("/profile-pictures/{number}", get(picture))
        .merge(codes::router())
        .merge(phone::router())
}

/// `GET /`: the index.
async fn index() -> Html<&'static str> {
    Html(include_str!("index.html"))
}

/// `GET /profile-pictures/{number}`: the picture of a number's profile, as uploaded.
async fn picture(State(platform): State<Platform>, Path(number): Path<String>) -> Response {
    let upload = platform.read(|world| {
        let handle = world.number_files.get(&number)?.picture.as_ref()?;
        let upload = world.uploads.values().find(|upload| upload.handle.as_ref() == Some(handle))?;
        Some((upload.blob.clone()?, upload.file_type.clone()))
    });
    let Some((blob, kind)) = upload else { return StatusCode::NOT_FOUND.into_response() };
    // Only pictures are served as such: whatever else was uploaded must not run in a browser.
    let kind = if kind.starts_with("image/") && kind != "image/svg+xml" {
        kind
    } else {
        "application/octet-stream".into()
    };
    match platform.blobs().get(&blob).await {
        Some(bytes) => {
            let nosniff = (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
            ([(header::CONTENT_TYPE, kind), nosniff], bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
