//! For whoever runs the installation.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{KeyId, OrgId};
use rules::locale::Locale;
use rules::role::OrgStatus;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::members::NewInvite;
use super::views::{
    Audit, KeptUpdate, Key, NewKey, Organisation, before, country_code, known_timezone, plain_name,
    plain_slug,
};
use crate::ctx::Ctx;
use crate::http::{Json, List, OperatorActor, PageQuery, Path, Problem, Query};
use crate::identity::service::operator as service;

/// Every organisation, newest first.
#[utoipa::path(get, path = "/api/v1/operator/orgs", tag = "Operator",
    params(PageQuery), responses((status = OK, body = List<Organisation>)))]
pub(super) async fn list_organisations(
    State(ctx): State<Ctx>,
    _: OperatorActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Organisation>>, Problem> {
    Ok(Json(service::orgs(&ctx, page.cursor()?, page.limit()).await?.into()))
}

/// An organisation to make.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OrganisationRequest {
    /// As its members know it.
    #[garde(length(chars, max = 100), custom(plain_name))]
    name: String,
    /// Its name in addresses; unique.
    #[garde(length(min = 2, max = 40), custom(plain_slug))]
    #[schema(example = "kopi-senja")]
    slug: String,
    /// The language it works in.
    locale: Locale,
    /// ISO 3166 two-letter code.
    #[garde(custom(country_code))]
    #[schema(example = "ID")]
    country: String,
    /// IANA name.
    #[garde(custom(known_timezone))]
    #[schema(example = "Asia/Jakarta")]
    timezone: String,
    /// Who is invited as its first owner.
    #[garde(email, length(max = 320))]
    owner_email: String,
}

/// An organisation that was just made.
#[derive(Serialize, ToSchema)]
pub struct NewOrganisation {
    /// The organisation.
    organisation: Organisation,
    /// The invitation of its first owner.
    owner: NewInvite,
}

/// Make an organisation and invite its first owner.
#[utoipa::path(post, path = "/api/v1/operator/orgs", tag = "Operator",
    request_body = OrganisationRequest, responses((status = CREATED, body = NewOrganisation)))]
pub(super) async fn create_organisation(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Json(body): Json<OrganisationRequest>,
) -> Result<(StatusCode, Json<NewOrganisation>), Problem> {
    let OrganisationRequest { name, slug, locale, country, timezone, owner_email } = body;
    let wanted = service::Wanted { name, slug, locale, country, timezone };
    let (org, invited) = service::create_org(&ctx, &actor, wanted, &owner_email).await?;
    let new = NewOrganisation { organisation: org.into(), owner: NewInvite::new(&ctx, invited) };
    Ok((StatusCode::CREATED, Json(new)))
}

/// What the operator decides about an organisation; what is left out stays as it is.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OrganisationDecision {
    /// Its status from now on.
    status: Option<OrgStatus>,
    /// Whether it may connect messaging accounts that the operator's credit line pays for (`solution_partner`). Accounts
    /// that are connected already stay as they are.
    operator_pays: Option<bool>,
}

/// Suspend an organisation or let it work again, and say whether the operator pays Meta for it. A suspended one can be
/// read and nothing else.
#[utoipa::path(patch, path = "/api/v1/operator/orgs/{org}", tag = "Operator", params(("org" = OrgId, Path)),
    request_body = OrganisationDecision, responses((status = OK, body = Organisation)))]
pub(super) async fn decide_on_organisation(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(org): Path<OrgId>,
    Json(body): Json<OrganisationDecision>,
) -> Result<Json<Organisation>, Problem> {
    Ok(Json(service::decide(&ctx, &actor, org, body.status, body.operator_pays).await?.into()))
}

/// That an organisation is really meant.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OrganisationDeletion {
    /// Its short name, typed by whoever deletes it.
    #[garde(length(max = 40))]
    #[schema(example = "kopi-senja")]
    slug: String,
}

/// Delete an organisation with everything that is its own. From this moment on nobody gets in and nothing is sent; the rest is
/// deleted in the background. It cannot be undone.
#[utoipa::path(post, path = "/api/v1/operator/orgs/{org}/delete", tag = "Operator", params(("org" = OrgId, Path)),
    request_body = OrganisationDeletion, responses((status = ACCEPTED, body = Organisation)))]
pub(super) async fn delete_organisation(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(org): Path<OrgId>,
    Json(body): Json<OrganisationDeletion>,
) -> Result<(StatusCode, Json<Organisation>), Problem> {
    let org = crate::rights::delete_organisation(&ctx, &actor, org, &body.slug).await?;
    Ok((StatusCode::ACCEPTED, Json(org.into())))
}

/// Whose password is to be reset.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct ResetLinkRequest {
    /// The account's e-mail address.
    #[garde(email, length(max = 320))]
    email: String,
}

/// A link to hand over personally.
#[derive(Serialize, ToSchema)]
pub struct ResetLink {
    /// Works once, for an hour.
    link: String,
}

/// Make a link with which a person chooses a new password, where no mail server is configured.
#[utoipa::path(post, path = "/api/v1/operator/password-resets", tag = "Operator",
    request_body = ResetLinkRequest, responses((status = CREATED, body = ResetLink)))]
pub(super) async fn create_password_reset(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Json(body): Json<ResetLinkRequest>,
) -> Result<(StatusCode, Json<ResetLink>), Problem> {
    let link = service::password_reset(&ctx, &actor, &body.email).await?;
    Ok((StatusCode::CREATED, Json(ResetLink { link })))
}

/// Operator keys, newest first.
#[utoipa::path(get, path = "/api/v1/operator/keys", tag = "Operator", responses((status = OK, body = List<Key>)))]
pub(super) async fn list_operator_keys(
    State(ctx): State<Ctx>,
    _: OperatorActor,
) -> Result<Json<List<Key>>, Problem> {
    Ok(Json(List::whole(service::keys(&ctx).await?)))
}

/// An operator key to make.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OperatorKeyRequest {
    /// What people call it.
    #[garde(length(chars, max = 100), custom(plain_name))]
    name: String,
    /// It works until then; for ever if absent.
    expires_at: Option<Timestamp>,
}

/// Make an operator key. It is told in this answer and never again.
#[utoipa::path(post, path = "/api/v1/operator/keys", tag = "Operator",
    request_body = OperatorKeyRequest, responses((status = CREATED, body = NewKey)))]
pub(super) async fn create_operator_key(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Json(body): Json<OperatorKeyRequest>,
) -> Result<(StatusCode, Json<NewKey>), Problem> {
    let (key, token) = service::create_key(&ctx, &actor, &body.name, body.expires_at).await?;
    Ok((StatusCode::CREATED, Json(NewKey { secret: token.reveal().to_owned(), key: key.into() })))
}

/// Revoke an operator key.
#[utoipa::path(delete, path = "/api/v1/operator/keys/{key}", tag = "Operator",
    params(("key" = KeyId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn revoke_operator_key(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(key): Path<KeyId>,
) -> Result<StatusCode, Problem> {
    service::revoke_key(&ctx, &actor, key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Webhook updates that could not be applied, of every organisation and of none, newest first.
#[utoipa::path(get, path = "/api/v1/operator/kept-updates", tag = "Operator",
    params(PageQuery), responses((status = OK, body = List<KeptUpdate>)))]
pub(super) async fn list_all_kept_updates(
    State(ctx): State<Ctx>,
    _: OperatorActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<KeptUpdate>>, Problem> {
    let rows = service::kept_updates(&ctx, before(page.after.as_deref())?, page.limit()).await?;
    Ok(Json(KeptUpdate::page(rows, page.limit(), true)))
}

/// Have a kept update applied again.
#[utoipa::path(post, path = "/api/v1/operator/kept-updates/{update}/retry", tag = "Operator",
    params(("update" = i64, Path)), responses((status = ACCEPTED)))]
pub(super) async fn retry_any_kept_update(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(update): Path<i64>,
) -> Result<StatusCode, Problem> {
    service::retry_update(&ctx, &actor, update).await?;
    Ok(StatusCode::ACCEPTED)
}

/// A job that was given up.
#[derive(Serialize, ToSchema)]
pub struct DeadJob {
    /// Names it when it is retried.
    id: i64,
    /// What it does.
    queue: String,
    /// The organisation it works for.
    org_id: Option<OrgId>,
    /// How often it was tried.
    attempts: i64,
    /// Why it failed last.
    last_error: Option<String>,
    /// When it was enqueued.
    created_at: Timestamp,
}

impl From<store::queue::DeadJob> for DeadJob {
    fn from(job: store::queue::DeadJob) -> Self {
        Self {
            id: job.id,
            queue: job.queue,
            org_id: job.org_id,
            attempts: job.attempts,
            last_error: job.last_error,
            created_at: job.created_at,
        }
    }
}

/// The newest jobs that were given up.
#[utoipa::path(get, path = "/api/v1/operator/dead-jobs", tag = "Operator",
    params(PageQuery), responses((status = OK, body = List<DeadJob>)))]
pub(super) async fn list_dead_jobs(
    State(ctx): State<Ctx>,
    _: OperatorActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<DeadJob>>, Problem> {
    Ok(Json(List::whole(service::dead_jobs(&ctx, page.limit()).await?)))
}

/// Run a job that was given up once more.
#[utoipa::path(post, path = "/api/v1/operator/dead-jobs/{job}/retry", tag = "Operator",
    params(("job" = i64, Path)), responses((status = ACCEPTED)))]
pub(super) async fn retry_dead_job(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(job): Path<i64>,
) -> Result<StatusCode, Problem> {
    service::retry_job(&ctx, &actor, job).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What people and operators did outside of organisations, newest first.
#[utoipa::path(get, path = "/api/v1/operator/audit", tag = "Operator",
    params(PageQuery), responses((status = OK, body = List<Audit>)))]
pub(super) async fn list_operator_audit(
    State(ctx): State<Ctx>,
    _: OperatorActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Audit>>, Problem> {
    let (entries, names) = service::audit_log(&ctx, page.cursor()?, page.limit()).await?;
    let mut list: List<Audit> = entries.into();
    list.items.iter_mut().for_each(|entry| entry.name_actor(&names));
    Ok(Json(list))
}
