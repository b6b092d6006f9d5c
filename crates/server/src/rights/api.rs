//! What people may ask for, over HTTP.

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use rules::erasure::{ContactExportState, ErasureState, Kept};
use rules::id::{ContactExportId, ContactId, ErasureId, OrgId};
use rules::locale::Locale;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{erase, export, retention, suppression};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(export_contact, list_contact_exports))
        .routes(routes!(download_contact_export))
        .routes(routes!(erase_contact))
        .routes(routes!(list_erasures))
        .routes(routes!(get_erasure))
        .routes(routes!(count_suppressions, suppress))
        .routes(routes!(unsuppress))
        .routes(routes!(get_retention, set_retention))
}

/// A file with all that is held about a contact.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ContactExport {
    /// Its id.
    id: ContactExportId,
    /// About whom.
    contact_id: ContactId,
    /// Whether it can be downloaded.
    state: ContactExportState,
    /// The language of the page in it.
    language: Locale,
    /// Its length in bytes, once it is there.
    size: Option<i64>,
    /// Who asked for it.
    created_by: String,
    /// When.
    created_at: Timestamp,
    /// When it goes away.
    expires_at: Timestamp,
}

impl From<store::contact_exports::ContactExport> for ContactExport {
    fn from(export: store::contact_exports::ContactExport) -> Self {
        Self {
            id: export.id,
            contact_id: export.contact_id,
            state: export.state,
            language: Locale::read(&export.language),
            size: export.size,
            created_by: export.created_by,
            created_at: export.created_at,
            expires_at: export.expires_at,
        }
    }
}

/// A file to be put together.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewContactExport {
    /// The language of the page in it; left out, the contact's, else the organisation's.
    language: Option<Locale>,
}

/// Have all that is held about a contact put together: a ZIP with `data.json`, a page to read, and its files. It goes away after 7 days.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/contacts/{contact}/exports", tag = "Privacy",
    params(("org" = OrgId, Path), ("contact" = ContactId, Path)), request_body = NewContactExport,
    responses((status = ACCEPTED, body = ContactExport)))]
async fn export_contact(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactId)>,
    Json(body): Json<NewContactExport>,
) -> Result<(StatusCode, Json<ContactExport>), Problem> {
    let export = export::ask(&ctx, &actor, path.1, body.language).await?;
    Ok((StatusCode::ACCEPTED, Json(export.into())))
}

/// List the files with all that is held about a contact, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/contacts/{contact}/exports", tag = "Privacy",
    params(("org" = OrgId, Path), ("contact" = ContactId, Path)), responses((status = OK, body = List<ContactExport>)))]
async fn list_contact_exports(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactId)>,
) -> Result<Json<List<ContactExport>>, Problem> {
    Ok(Json(List::whole(export::list(&ctx, &actor, path.1).await?)))
}

/// Download a file with all that is held about a contact.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/contact-exports/{export}/file", tag = "Privacy",
    params(("org" = OrgId, Path), ("export" = ContactExportId, Path)),
    responses((status = OK, content_type = "application/zip", body = Vec<u8>)))]
async fn download_contact_export(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactExportId)>,
) -> Result<Response, Problem> {
    let (_, bytes) = export::open(&ctx, &actor, path.1).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"data.zip\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

/// A contact that is erased, or was: the certificate.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Erasure {
    /// Its id.
    id: ErasureId,
    /// The id that the contact had. Nothing else of it is kept.
    contact_id: ContactId,
    /// Whether nothing is left.
    state: ErasureState,
    /// Whether the person is not to be written to again; keyed hashes of their names are kept for that.
    suppressed: bool,
    /// Why, in the organisation's word.
    reason: String,
    /// How many of what were deleted.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    counts: Value,
    /// SHA-256 of what was asked for, in hexadecimal.
    request_hash: String,
    /// Who asked for it.
    created_by: String,
    /// When.
    created_at: Timestamp,
    /// When nothing was left.
    finished_at: Option<Timestamp>,
}

impl From<store::erasures::Erasure> for Erasure {
    fn from(erasure: store::erasures::Erasure) -> Self {
        Self {
            id: erasure.id,
            contact_id: erasure.contact_id,
            state: erasure.state,
            suppressed: erasure.suppressed,
            reason: erasure.reason,
            counts: erasure.counts.0,
            request_hash: hex::encode(&erasure.request_hash),
            created_by: erasure.created_by,
            created_at: erasure.created_at,
            finished_at: erasure.finished_at,
        }
    }
}

/// Why and how to erase.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct NewErasure {
    /// Why, in a few words without anything personal: it stays on the certificate.
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "Requested by the person")]
    reason: String,
    /// The person does not want to be written to again: remembered as keyed hashes of their names.
    #[serde(default)]
    #[garde(skip)]
    suppress: bool,
}

/// Erase a contact with everything about it. It cannot be undone; what stays is a certificate in numbers.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/contacts/{contact}/erase", tag = "Privacy",
    params(("org" = OrgId, Path), ("contact" = ContactId, Path)), request_body = NewErasure,
    responses((status = ACCEPTED, body = Erasure)))]
async fn erase_contact(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactId)>,
    Json(body): Json<NewErasure>,
) -> Result<(StatusCode, Json<Erasure>), Problem> {
    let asked = erase::Asked { reason: body.reason.trim().to_owned(), suppress: body.suppress };
    Ok((StatusCode::ACCEPTED, Json(erase::begin(&ctx, &actor, path.1, asked).await?.into())))
}

/// List erasures, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/erasures", tag = "Privacy", params(("org" = OrgId, Path), PageQuery),
    responses((status = OK, body = List<Erasure>)))]
async fn list_erasures(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Erasure>>, Problem> {
    Ok(Json(erase::list(&ctx, &actor, page.cursor()?, page.limit()).await?.into()))
}

/// One erasure: the certificate, once it is done.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/erasures/{erasure}", tag = "Privacy",
    params(("org" = OrgId, Path), ("erasure" = ErasureId, Path)), responses((status = OK, body = Erasure)))]
async fn get_erasure(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ErasureId)>,
) -> Result<Json<Erasure>, Problem> {
    Ok(Json(erase::get(&ctx, &actor, path.1).await?.into()))
}

/// How many names of a sort are suppressed for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SuppressionCount {
    /// `phone`, `bsuid` or `email`.
    kind: String,
    /// `erased` or `asked`.
    reason: String,
    /// How many.
    count: i64,
}

impl From<store::suppression::SuppressionCount> for SuppressionCount {
    fn from(count: store::suppression::SuppressionCount) -> Self {
        Self { kind: count.kind, reason: count.reason, count: count.count }
    }
}

/// A name that is, or is no more, to be suppressed: one of the two.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct NewSuppression {
    /// A phone number. Without a country code it is read as one of the organisation's country.
    #[garde(length(max = 40))]
    phone: Option<String>,
    /// An e-mail address.
    #[garde(length(max = 254))]
    email: Option<String>,
    /// Why, for the audit log. Nothing personal.
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

impl NewSuppression {
    fn wish(self) -> suppression::Wish {
        suppression::Wish { phone: self.phone, email: self.email, reason: self.reason }
    }
}

/// How many names are suppressed. Whose they are, nobody can tell.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/suppressions", tag = "Privacy", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<SuppressionCount>)))]
async fn count_suppressions(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<SuppressionCount>>, Problem> {
    Ok(Json(List::whole(suppression::counts(&ctx, &actor).await?)))
}

/// Never write to somebody again, whoever brings their number or address in.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/suppressions", tag = "Privacy", params(("org" = OrgId, Path)),
    request_body = NewSuppression, responses((status = NO_CONTENT)))]
async fn suppress(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewSuppression>,
) -> Result<StatusCode, Problem> {
    suppression::add(&ctx, &actor, body.wish()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody may be written to again, because they asked for it.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/suppressions/remove", tag = "Privacy", params(("org" = OrgId, Path)),
    request_body = NewSuppression, responses((status = NO_CONTENT)))]
async fn unsuppress(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewSuppression>,
) -> Result<StatusCode, Problem> {
    suppression::remove(&ctx, &actor, body.wish()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How long something is kept.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct RetentionRule {
    /// What.
    what: Kept,
    /// How many days; `null`: for as long as the organisation is there.
    days: Option<i64>,
    /// The fewest that one may say.
    fewest_days: i64,
    /// How many are past that now and go with the next sweep.
    due: i64,
}

/// Which days to try out. Without any, those that hold.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
struct RetentionQuery {
    /// Days for conversations.
    #[garde(inner(range(min = 1, max = 36_500)))]
    #[param(minimum = 1, maximum = 36_500)]
    conversations: Option<i64>,
    /// Days for messages that were begun by us.
    #[garde(inner(range(min = 1, max = 36_500)))]
    #[param(minimum = 1, maximum = 36_500)]
    outreach: Option<i64>,
    /// Days for whom notifications went through.
    #[garde(inner(range(min = 1, max = 36_500)))]
    #[param(minimum = 1, maximum = 36_500)]
    notifications: Option<i64>,
    /// Days for the audit log.
    #[garde(inner(range(min = 1, max = 36_500)))]
    #[param(minimum = 1, maximum = 36_500)]
    audit: Option<i64>,
}

/// How long the organisation keeps what, and what would go now.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/retention", tag = "Privacy", params(("org" = OrgId, Path), RetentionQuery),
    responses((status = OK, body = List<RetentionRule>)))]
async fn get_retention(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<RetentionQuery>,
) -> Result<Json<List<RetentionRule>>, Problem> {
    let tried = [
        (Kept::Conversations, query.conversations),
        (Kept::Outreach, query.outreach),
        (Kept::Notifications, query.notifications),
        (Kept::Audit, query.audit),
    ];
    let instead: Vec<_> = tried.into_iter().filter(|(_, days)| days.is_some()).collect();
    let rules = retention::rules(&ctx, &actor, &instead).await?;
    Ok(Json(List { items: rules.into_iter().map(RetentionRule::from).collect(), next: None }))
}

impl From<retention::Rule> for RetentionRule {
    fn from(rule: retention::Rule) -> Self {
        Self { what: rule.what, days: rule.days, fewest_days: rule.what.fewest_days(), due: rule.due }
    }
}

/// How long to keep what.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct Keeping {
    /// Days after the last message of a conversation; `null`: for ever.
    #[schema(minimum = 7, maximum = 36_500)]
    conversations: Option<i64>,
    /// Days for messages that were begun by us: why each went out or did not, and what went out on other channels; `null`:
    /// for ever. The rates keep their days.
    #[schema(minimum = 90, maximum = 36_500)]
    outreach: Option<i64>,
    /// Days for whom notifications went through; `null`: for ever.
    #[schema(minimum = 365, maximum = 36_500)]
    notifications: Option<i64>,
    /// Days for the audit log; `null`: for ever.
    #[schema(minimum = 365, maximum = 36_500)]
    audit: Option<i64>,
}

/// Say how long to keep what. What is older goes once a day, from then on.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/retention", tag = "Privacy", params(("org" = OrgId, Path)),
    request_body = Keeping, responses((status = OK, body = List<RetentionRule>)))]
async fn set_retention(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<Keeping>,
) -> Result<Json<List<RetentionRule>>, Problem> {
    let wishes = [
        (Kept::Conversations, body.conversations),
        (Kept::Outreach, body.outreach),
        (Kept::Notifications, body.notifications),
        (Kept::Audit, body.audit),
    ];
    retention::keep(&ctx, &actor, &wishes).await?;
    let rules = retention::rules(&ctx, &actor, &[]).await?;
    Ok(Json(List { items: rules.into_iter().map(RetentionRule::from).collect(), next: None }))
}
