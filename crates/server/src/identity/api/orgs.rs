//! The organisation, its audit log, and updates that were kept.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::OrgId;
use rules::locale::Locale;
use rules::settings::OrgSettings;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

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
    params(("org" = OrgId, Path), PageQuery), responses((status = OK, body = List<Audit>)))]
pub(super) async fn list_audit(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Audit>>, Problem> {
    Ok(Json(service::audit_log(&ctx, &actor, page.cursor()?, page.limit()).await?.into()))
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
