//! The phone at `/phone`: one page, built by npm (`web/phone`) and carried within the program.
//!
//! Invariant: compiles without Node; where nothing was built, the page says how to build it. Nothing is loaded from
//! elsewhere, and no script or style stands in the page itself.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tower_http::compression::CompressionLayer;

use crate::platform::Platform;

/// Every file of the build.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../web/phone/dist"]
#[allow_missing = true]
struct Files;

/// What the page may load: itself and what people send, which it reads as blobs where it plays them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                      media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Shown where the program was built without the page.
const NOT_BUILT: &str = "<!doctype html><title>Phone</title><p>The phone was not built into this program. Run \
                         <code>cargo xtask web</code> (it needs Node) and build again. Everything else works: see \
                         <a href=\"/\">the emulator's index</a>.";

/// The page and its files.
pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/phone", get(page))
        .route("/phone/", get(page))
        .route("/phone/{*file}", get(file))
        .layer(CompressionLayer::new())
}

async fn page() -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    match Files::get("index.html") {
        Some(page) => (headers, Html(page.data)).into_response(),
        None => (StatusCode::NOT_FOUND, headers, Html(NOT_BUILT)).into_response(),
    }
}

async fn file(Path(path): Path<String>) -> Response {
    let Some(file) = Files::get(&path) else { return StatusCode::NOT_FOUND.into_response() };
    // The names of assets change with their content.
    let kept = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, file.metadata.mimetype()),
        (header::CACHE_CONTROL, kept),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, file.data).into_response()
}
