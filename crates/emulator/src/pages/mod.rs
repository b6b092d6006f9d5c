//! Pages for people: what runs here, and where everything is.

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use crate::platform::Platform;

/// Every page.
pub(crate) fn router() -> Router<Platform> {
    Router::new().route("/", get(index))
}

/// `GET /`: the index.
async fn index() -> Html<&'static str> {
    Html(include_str!("index.html"))
}
