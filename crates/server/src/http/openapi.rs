//! The API's own description: `/api/openapi.json`, made from the handlers.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi as _, openapi};

use super::problem::{Details, FieldError, Problem};
use crate::ctx::Ctx;

/// What is said about the API as a whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Sapa",
        description = "Self-hosted WhatsApp Business Platform.\n\n\
            - People sign in and hold a session cookie; machines send an API key as `Authorization: Bearer sapa_live_…`.\n\
            - Everything of an organisation is under `/api/v1/orgs/{org}/`. What belongs to another organisation is 404.\n\
            - Times are whole microseconds since 1970-01-01T00:00:00Z.\n\
            - Lists come in pages: send `next` of one page as `after` of the next.\n\
            - Failures are problem details (RFC 9457) with a stable `code`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Details, FieldError))
)]
struct Base;

/// The document that the routes are added to.
pub(super) fn base() -> OpenApi {
    Base::openapi()
}

/// Adds what every operation has in common: problems, and who may call.
pub(super) fn finish(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "sapa_session",
            "The cookie that signing in sets; `__Host-sapa_session` over https.",
        ))),
    );
    for (name, description) in [
        ("key", "An organisation's API key, `sapa_live_…`, with the rights it was given."),
        ("operator_key", "An operator key, `sapa_operator_…`."),
    ] {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build();
        components.add_security_scheme(name, SecurityScheme::Http(scheme));
    }
    let problem = ResponseBuilder::new()
        .description("A problem, told in full.")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build(),
        )
        .build();
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(problem.clone()));
            if operation.security.is_none() {
                operation.security = Some(callers(path));
            }
        }
    }
    document
}

/// Who may call an operation that does not say so itself.
fn callers(path: &str) -> Vec<SecurityRequirement> {
    let scheme = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    if path.starts_with("/api/v1/orgs/{org}") {
        vec![scheme("session"), scheme("key")]
    } else if path.starts_with("/api/v1/operator") {
        vec![scheme("session"), scheme("operator_key")]
    } else {
        vec![scheme("session")]
    }
}

fn operations(item: &mut openapi::PathItem) -> impl Iterator<Item = &mut openapi::path::Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// Serves the document.
pub(super) fn routes(document: &OpenApi) -> Router<Ctx> {
    let json = document.to_pretty_json().map_err(|error| Problem::internal(&error));
    let serve = || async move {
        json.map(|json| ([(header::CONTENT_TYPE, "application/json")], json).into_response())
    };
    Router::new().route("/api/openapi.json", get(serve))
}
