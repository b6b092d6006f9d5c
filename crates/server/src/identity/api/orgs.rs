//! The organisation, its audit log, and updates that were kept.

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use rules::id::OrgId;
use rules::locale::Locale;
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use store::audit::AuditFilter;
use utoipa::{IntoParams, ToSchema};

use super::views::{
    Audit, KeptUpdate, Organisation, before, country_code, known_timezone, maybe, plain_name,
};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};
use crate::identity::service::orgs as service;

/// The organisation.
#[utoipa::path(get, path = "/api/v1/orgs/{org}", tag = "Organisation",
    params(("org" = OrgId, Path)), responses((status = OK, body = Organisation)))]
pub(super) async fn get_organisation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<Organisation>, Problem> {
    Ok(Json(service::get(&ctx, &actor).await?.into()))
}

/// What may change of an organisation. What is absent stays.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OrganisationChange {
    /// As its members know it.
    #[garde(length(chars, max = 100), custom(maybe(plain_name)))]
    name: Option<String>,
    /// The language it works in.
    locale: Option<Locale>,
    /// ISO 3166 two-letter code.
    #[garde(custom(maybe(country_code)))]
    country: Option<String>,
    /// IANA name.
    #[garde(custom(maybe(known_timezone)))]
    timezone: Option<String>,
    /// Only the settings that are to change; `null` for one means its default (RFC 7396).
    #[schema(value_type = Option<OrgSettings>)]
    settings: Option<Value>,
}

/// Change the organisation or its settings.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}", tag = "Organisation", params(("org" = OrgId, Path)),
    request_body = OrganisationChange, responses((status = OK, body = Organisation)))]
pub(super) async fn update_organisation(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<OrganisationChange>,
) -> Result<Json<Organisation>, Problem> {
    let OrganisationChange { name, locale, country, timezone, settings } = body;
    let change = service::Change { name, locale, country, timezone, settings };
    Ok(Json(service::change(&ctx, &actor, change).await?.into()))
}

/// Who changed what, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/audit", tag = "Organisation",
    params(("org" = OrgId, Path), AuditQuery), responses((status = OK, body = List<Audit>)))]
pub(super) async fn list_audit(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<AuditQuery>,
) -> Result<Json<List<Audit>>, Problem> {
    let page = PageQuery { after: query.after.clone(), limit: query.limit };
    let filter = query.filter();
    Ok(Json(service::audit_log(&ctx, &actor, &filter, page.cursor()?, page.limit()).await?.into()))
}

/// Who changed what, as CSV, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/audit/export", tag = "Organisation",
    params(("org" = OrgId, Path), AuditQuery),
    responses((status = OK, content_type = "text/csv", body = String)))]
pub(super) async fn export_audit(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let lines = service::audit_csv(&ctx, &actor, query.filter()).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// Which entries of the audit log: those that fit everything given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub(super) struct AuditQuery {
    /// Who did it, as entries name them: `member:…`, `key:…`.
    #[garde(length(max = 100))]
    actor: Option<String>,
    /// What was done: a word such as `contact.update`, or the noun before its dot.
    #[garde(length(max = 100))]
    action: Option<String>,
    /// What it was done to, such as the id of a contact.
    #[garde(length(max = 100))]
    target: Option<String>,
    /// Not before.
    since: Option<Timestamp>,
    /// Before.
    until: Option<Timestamp>,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

impl AuditQuery {
    fn filter(self) -> AuditFilter {
        let Self { actor, action, target, since, until, .. } = self;
        AuditFilter { actor, action, target, since, until }
    }
}

/// Webhook updates that could not be applied, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/kept-updates", tag = "Organisation",
    params(("org" = OrgId, Path), PageQuery), responses((status = OK, body = List<KeptUpdate>)))]
pub(super) async fn list_kept_updates(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<KeptUpdate>>, Problem> {
    let rows = service::kept_updates(&ctx, &actor, before(page.after.as_deref())?, page.limit()).await?;
    Ok(Json(KeptUpdate::page(rows, page.limit(), false)))
}

/// Have a kept update applied again.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/kept-updates/{update}/retry", tag = "Organisation",
    params(("org" = OrgId, Path), ("update" = i64, Path)), responses((status = ACCEPTED)))]
pub(super) async fn retry_kept_update(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, update)): Path<(OrgId, i64)>,
) -> Result<StatusCode, Problem> {
    service::retry_update(&ctx, &actor, update).await?;
    Ok(StatusCode::ACCEPTED)
}
