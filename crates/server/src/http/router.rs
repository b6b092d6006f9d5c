//! Every route on one screen.

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::known::Known;
use super::problem::Problem;
use super::{admission, body, docs, edge, known, live, openapi};
use crate::ctx::Ctx;
use crate::{
    alerts, bot, consent, contacts, dispatch, fallback, forms, health, identity, imports, inbox, ingest,
    knowledge, media, notifications, numbers, onboarding, outreach, pages, rates, records, rights, templates,
};

/// A JSON body may be this large unless its route says otherwise.
const BODY_LIMIT: usize = 1024 * 1024;
/// What a stranger sends with a form is a few words.
const FORM_LIMIT: usize = 16 * 1024;

/// The public API, under `/api/v1`. Every room adds its own routes here and nowhere else.
fn api() -> OpenApiRouter<Ctx> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(live::routes())
        .merge(identity::api::routes())
        .merge(dispatch::api::routes())
        .merge(bot::api::routes())
        .merge(knowledge::api::routes())
        .merge(inbox::api::routes())
        .merge(alerts::api::routes())
        .merge(contacts::api::routes())
        .merge(consent::api::routes())
        .merge(fallback::api::routes())
        .merge(forms::api::routes())
        .merge(imports::api::routes())
        .merge(rights::api::routes())
        .merge(outreach::api::routes())
        .merge(numbers::api::routes())
        .merge(rates::api::routes())
        .merge(media::api::routes())
        .merge(records::api::routes())
        .merge(notifications::api::routes())
        .merge(onboarding::api::routes())
        .merge(templates::api::routes())
        .merge(health::api::routes())
}

/// Everything this server answers.
pub fn router(ctx: Ctx) -> Router {
    let (api, document) = api().split_for_parts();
    let document = openapi::finish(document);
    let api = api
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(axum::middleware::from_fn_with_state(Known::of(&document), known::known_only))
        .layer(axum::middleware::from_fn_with_state(ctx.clone(), body::paced));
    // A page of another site cannot make a browser change anything here with its cookies.
    let own = ctx.settings.public_url.origin().ascii_serialization();
    let api = match CsrfLayer::new().add_trusted_origin(own) {
        Ok(csrf) => api.layer(csrf.with_rejection_response(foreign_page)),
        Err(error) => {
            tracing::warn!(%error, "the public address has no origin of its own: pages must come from this very host");
            api.layer(CsrfLayer::new().with_rejection_response(foreign_page))
        }
    };
    let api = api.layer(axum::middleware::from_fn_with_state(ctx.clone(), admission::admit));
    // Strangers' pages come from anywhere and show no cookie; they are let in as the API's callers are.
    let public = pages::form_routes().merge(pages::confirm_routes()).layer(DefaultBodyLimit::max(FORM_LIMIT));
    let public = public.layer(axum::middleware::from_fn_with_state(ctx.clone(), body::paced));
    let public = public.layer(axum::middleware::from_fn_with_state(ctx.clone(), admission::admit));
    let webhooks = ingest::api::routes();
    let webhooks = webhooks.layer(axum::middleware::from_fn_with_state(ctx.clone(), body::webhook));
    Router::new()
        .merge(api)
        .merge(openapi::routes(&document))
        .merge(docs::routes(&document))
        .merge(webhooks)
        .merge(pages::routes())
        .merge(public)
        .merge(onboarding::api::callback_routes())
        .merge(fallback::api::public_routes())
        .merge(health::api::metrics_routes())
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .fallback_service(pages::fallback(ctx.clone()))
        .method_not_allowed_fallback(|| async { wrong_method() })
        .layer(CatchPanicLayer::custom(edge::panicked))
        .layer(axum::middleware::from_fn_with_state(ctx.clone(), edge::edge))
        .with_state(ctx)
}

/// The API document as it is served.
pub fn document() -> OpenApi {
    openapi::finish(api().into_openapi())
}

/// Whether requests can be served: the database answers, has a schema that this build works with, and this process is not
/// about to end.
pub(crate) async fn ready(State(ctx): State<Ctx>) -> Result<&'static str, Problem> {
    if ctx.leaving.is_cancelled() {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "stopping",
            "Stopping",
            "This process was told to stop. Send requests to another one.",
        ));
    }
    match ctx.store.schema().await {
        Ok(schema) if schema.serves() => Ok("ready\n"),
        Ok(_) => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "schema_outdated",
            "Not ready",
            "The database has a schema that this version does not work with. Start the version that made it.",
        )),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            Err(Problem::busy())
        }
    }
}

fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "Wrong method",
        "This address exists and does not take this method. The API document at /api/docs lists those it takes.",
    )
}

fn foreign_page(_: tower_http::csrf::ProtectionError) -> axum::response::Response {
    Problem::forbidden(
        "foreign_page",
        "A page of another site sent this. Use the pages of this installation, or an API key from a program.",
    )
    .into_response()
}
