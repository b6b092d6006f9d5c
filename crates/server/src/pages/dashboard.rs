//! The dashboard: one page whose scripts show every address that is not the API's, and the files that it loads.
//!
//! Invariant: nothing runs or is loaded from elsewhere but the dialog's SDK of Meta; no script stands in the page itself,
//! and no style without the number drawn for this very answer.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use dashboard::File;

use crate::ctx::Ctx;
use crate::http::Problem;
use crate::identity::Token;
use crate::onboarding::{PageSources, page_sources};

/// Shown where the binary was built without the dashboard.
const NOT_BUILT: &str = include_str!("not_built.html");
/// What a file may load by itself: the page that stands in while the server is away has a style, and the service worker
/// that shows it reads it from here.
const FILE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";
/// Stands in the page where the number belongs.
const NONCE: &str = "__NONCE__";

/// Answers every address that no route does.
pub(crate) fn fallback(ctx: Ctx) -> Router {
    Router::new().fallback(serve).with_state(ctx)
}

async fn serve(State(ctx): State<Ctx>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let reads = method == Method::GET || method == Method::HEAD;
    if !reads || ["api/", "webhooks/"].iter().any(|own| path.starts_with(own)) {
        return Problem::not_found().into_response();
    }
    match dashboard::file(path).filter(|_| path != "index.html") {
        Some(file) => asset(file, &headers),
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

fn asset(file: &'static File, asked: &HeaderMap) -> Response {
    let says = |name, what: &str| {
        asked.get_all(name).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains(what))
    };
    let kept = if file.hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = [
        (header::CACHE_CONTROL, kept),
        (header::ETAG, file.etag.as_str()),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_TYPE, file.mime.as_str()),
        (header::CONTENT_SECURITY_POLICY, FILE_POLICY),
    ];
    if says(header::IF_NONE_MATCH, &file.etag) {
        return (StatusCode::NOT_MODIFIED, known).into_response();
    }
    match (&file.brotli, &file.gzip) {
        (Some(packed), _) if says(header::ACCEPT_ENCODING, "br") => {
            (known, [(header::CONTENT_ENCODING, "br")], packed.as_slice()).into_response()
        }
        (_, Some(packed)) if says(header::ACCEPT_ENCODING, "gzip") => {
            (known, [(header::CONTENT_ENCODING, "gzip")], packed.as_slice()).into_response()
        }
        _ => (known, file.bytes.as_slice()).into_response(),
    }
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

/// What the page may load. `sdk` is what Meta's dialog needs.
fn policy(sdk: &PageSources, nonce: &str) -> String {
    let PageSources { script, connect, frame } = sdk;
    format!(
        "default-src 'none'; script-src 'self' {script}; style-src 'self' 'nonce-{nonce}'; img-src 'self' blob: data:; \
         media-src 'self' blob:; font-src 'self'; connect-src 'self' {connect}; frame-src {frame}; worker-src 'self'; \
         manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_the_dialog_and_nothing_else_from_elsewhere() {
        let policy = policy(&page_sources(&"https://graph.facebook.com/".parse().unwrap()), "abc");
        let foreign = |what: &str| -> Vec<&str> {
            let part = policy.split("; ").find_map(|part| part.strip_prefix(what)).unwrap();
            part.split_whitespace().filter(|source| source.contains("://")).collect()
        };
        assert_eq!(foreign("script-src"), ["https://connect.facebook.net"]);
        assert_eq!(foreign("frame-src"), ["https://www.facebook.com"]);
        assert_eq!(foreign("connect-src"), ["https://graph.facebook.com", "https://www.facebook.com"]);
        assert_eq!(policy.matches("https://").count(), 4, "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("style-src 'self' 'nonce-abc';"), "{policy}");
    }
}
