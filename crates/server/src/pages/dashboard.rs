//! The dashboard: one page whose scripts show every address that is not the API's, and the files that it loads.
//!
//! Invariant: nothing runs or is loaded from elsewhere but the dialog's SDK of Meta, and no style or script stands in
//! the page without the number drawn for this very answer.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use dashboard::File;
use tower_http::compression::CompressionLayer;

use crate::ctx::Ctx;
use crate::http::Problem;
use crate::identity::Token;
use crate::onboarding::page_sources;

/// Shown where the binary was built without the dashboard.
const NOT_BUILT: &str = include_str!("not_built.html");
/// Stands in the page where the number belongs.
const NONCE: &str = "__NONCE__";

/// Answers every address that no route does.
pub(crate) fn fallback(ctx: Ctx) -> Router {
    Router::new().fallback(serve).layer(CompressionLayer::new()).with_state(ctx)
}

async fn serve(State(ctx): State<Ctx>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let reads = method == Method::GET || method == Method::HEAD;
    if !reads || ["api/", "webhooks/"].iter().any(|own| path.starts_with(own)) {
        return Problem::not_found().into_response();
    }
    match dashboard::file(path).filter(|_| path != "index.html") {
        Some(file) => asset(file),
        None if wants_page(&headers) => page(&ctx),
        None => Problem::not_found().into_response(),
    }
}

/// Whether it is a browser that shows what comes back.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn asset(file: File) -> Response {
    let kept = if file.hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, file.mime), (header::CACHE_CONTROL, kept.to_owned())];
    (headers, file.bytes).into_response()
}

fn page(ctx: &Ctx) -> Response {
    let Some(page) = dashboard::page() else {
        let headers = [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'")];
        return (StatusCode::NOT_FOUND, headers, Html(NOT_BUILT)).into_response();
    };
    let nonce = Token::fresh("", ctx.chance());
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            policy(&page_sources(&ctx.graph.config().base_url), nonce.reveal()),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Html(page.replace(NONCE, nonce.reveal()))).into_response()
}

/// What the page may load. `sdk` is where Meta's dialog and its SDK come from.
fn policy(sdk: &[String], nonce: &str) -> String {
    let sdk = sdk.join(" ");
    format!(
        "default-src 'none'; script-src 'self' {sdk}; style-src 'self' 'nonce-{nonce}'; img-src 'self' blob: data:; \
         media-src 'self' blob:; font-src 'self'; connect-src 'self' {sdk}; frame-src {sdk}; worker-src 'self'; \
         manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_the_dialog_and_nothing_else_from_elsewhere() {
        let policy = policy(&["https://connect.example".to_owned()], "abc");
        for part in policy.split("; ") {
            let (what, sources) = part.split_once(' ').unwrap();
            for source in sources.split_whitespace() {
                let dialog = source == "https://connect.example"
                    && ["script-src", "connect-src", "frame-src"].contains(&what);
                let own = ["'self'", "'none'", "blob:", "data:", "'nonce-abc'"].contains(&source);
                assert!(own || dialog, "{part}");
            }
            assert!(!sources.contains("unsafe"), "{part}");
            assert!(what != "script-src" || !sources.contains("data:"), "{part}");
        }
    }
}
