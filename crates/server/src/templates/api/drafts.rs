//! Drafts: begun, changed, checked, submitted.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use garde::Validate;
use meta::template::Category;
use rules::id::{AccountId, OrgId, TemplateDraftId, TemplateId};
use rules::role::Right;
use serde::Deserialize;
use serde_json::Value;
use store::OrgScope;
use utoipa::ToSchema;

use super::views::{CheckedDraft, Draft, LibraryChoice, TemplateFault};
use crate::ctx::Ctx;
use crate::http::idempotency::{IdempotencyKey, Once, once};
use crate::http::{Json, List, OrgActor, Path, Problem};
use crate::templates::content::{Content, Library};
use crate::templates::service;

/// More parts than any template has.
const MOST_PARTS: usize = 20;

/// What a template is for, and so what it costs.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplateCategory {
    /// About something that the reader asked for or owns.
    Utility,
    /// Everything that sells, also in part.
    Marketing,
    /// One-time codes.
    Authentication,
}

/// How a template's gaps are called.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ParameterFormat {
    /// `{{1}}`, `{{2}}` …
    #[default]
    Positional,
    /// `{{first_name}}` …
    Named,
}

/// What a template consists of. A draft may lack anything.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct TemplateContent {
    /// The account that it is for.
    account_id: AccountId,
    /// Its name: small letters, digits and underscores.
    #[garde(length(chars, max = 1000))]
    #[serde(default)]
    name: String,
    /// `en_US`, `id` …
    #[garde(length(chars, max = 20))]
    #[serde(default)]
    language: String,
    /// What it is for.
    category: TemplateCategory,
    /// How its gaps are called.
    #[serde(default)]
    parameter_format: ParameterFormat,
    /// Its parts in Meta's form; a sample is `media:` and the id of an uploaded file.
    #[garde(length(max = MOST_PARTS))]
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    components: Vec<Value>,
    /// How long Meta tries to deliver it, in seconds; −1 for 30 days.
    #[serde(default)]
    ttl_seconds: Option<i64>,
    /// The template of Meta's library that it is made from; its parts are only shown then.
    #[serde(default)]
    library: Option<LibraryChoice>,
}

impl From<TemplateContent> for Content {
    fn from(body: TemplateContent) -> Self {
        Self {
            name: body.name,
            language: body.language,
            category: match body.category {
                TemplateCategory::Utility => Category::Utility,
                TemplateCategory::Marketing => Category::Marketing,
                TemplateCategory::Authentication => Category::Authentication,
            },
            named: matches!(body.parameter_format, ParameterFormat::Named),
            components: body.components,
            ttl_seconds: body.ttl_seconds,
            library: body.library.map(|choice| Library { name: choice.name, buttons: choice.buttons }),
        }
    }
}

/// The drafts, the latest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/template-drafts", tag = "Templates", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<Draft>)))]
pub(super) async fn list_template_drafts(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<Draft>>, Problem> {
    Ok(Json(List::whole(service::drafts(&ctx, &actor).await?)))
}

/// Begin a template. It is kept here until it is submitted.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/template-drafts", tag = "Templates",
    params(("org" = OrgId, Path), IdempotencyKey), request_body = TemplateContent,
    responses((status = CREATED, body = Draft)))]
pub(super) async fn begin_template_draft(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Once { body, key }: Once<TemplateContent>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteTemplates)?;
    let account = body.account_id;
    let content = Content::from(body);
    let begin = async |scope: &mut OrgScope<'_>| {
        service::begin(&ctx, &actor, scope, account, None, &content).await.map(Draft::from)
    };
    once(&ctx, actor.org, key.as_ref(), StatusCode::CREATED, begin).await
}

/// What to look over.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct TemplateToCheck {
    /// The template that it would change.
    #[serde(default)]
    template_id: Option<TemplateId>,
    /// What it consists of.
    #[garde(dive)]
    content: TemplateContent,
}

/// Tell what Meta would refuse of a template, without keeping or submitting it.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/template-drafts/check", tag = "Templates", params(("org" = OrgId, Path)),
    request_body = TemplateToCheck, responses((status = OK, body = List<TemplateFault>)))]
pub(super) async fn check_template(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<TemplateToCheck>,
) -> Result<Json<List<TemplateFault>>, Problem> {
    let account = body.content.account_id;
    let content = Content::from(body.content);
    Ok(Json(List::whole(service::look_over(&ctx, &actor, account, body.template_id, &content).await?)))
}

/// A draft, and what Meta would refuse of it.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/template-drafts/{draft}", tag = "Templates",
    params(("org" = OrgId, Path), ("draft" = TemplateDraftId, Path)), responses((status = OK, body = CheckedDraft)))]
pub(super) async fn get_template_draft(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, draft)): Path<(OrgId, TemplateDraftId)>,
) -> Result<Json<CheckedDraft>, Problem> {
    let (draft, faults) = service::draft(&ctx, &actor, draft).await?;
    Ok(Json(CheckedDraft { draft: draft.into(), faults: faults.into_iter().map(Into::into).collect() }))
}

/// Keep another content in a draft. A change to a template keeps its account, name and language.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/template-drafts/{draft}", tag = "Templates",
    params(("org" = OrgId, Path), ("draft" = TemplateDraftId, Path)), request_body = TemplateContent,
    responses((status = OK, body = CheckedDraft)))]
pub(super) async fn change_template_draft(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, draft)): Path<(OrgId, TemplateDraftId)>,
    Json(body): Json<TemplateContent>,
) -> Result<Json<CheckedDraft>, Problem> {
    let account = body.account_id;
    let (draft, faults) = service::rewrite(&ctx, &actor, draft, account, body.into()).await?;
    Ok(Json(CheckedDraft { draft: draft.into(), faults: faults.into_iter().map(Into::into).collect() }))
}

/// Remove a draft.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/template-drafts/{draft}", tag = "Templates",
    params(("org" = OrgId, Path), ("draft" = TemplateDraftId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn remove_template_draft(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, draft)): Path<(OrgId, TemplateDraftId)>,
) -> Result<StatusCode, Problem> {
    service::discard(&ctx, &actor, draft).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hand a draft to Meta. What Meta would refuse is told here; its answer changes the draft, or makes it a template.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/template-drafts/{draft}/submit", tag = "Templates",
    params(("org" = OrgId, Path), ("draft" = TemplateDraftId, Path)), responses((status = ACCEPTED, body = Draft)))]
pub(super) async fn submit_template_draft(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, draft)): Path<(OrgId, TemplateDraftId)>,
) -> Result<(StatusCode, Json<Draft>), Problem> {
    let draft = service::hand_over(&ctx, &actor, draft).await?;
    Ok((StatusCode::ACCEPTED, Json(draft.into())))
}

/// Begin a change to a template; its parts are those that Meta has.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/templates/{template}/edit", tag = "Templates",
    params(("org" = OrgId, Path), ("template" = TemplateId, Path)), responses((status = CREATED, body = Draft)))]
pub(super) async fn edit_template(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, template)): Path<(OrgId, TemplateId)>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteTemplates)?;
    let edit =
        async |scope: &mut OrgScope<'_>| service::edit(&ctx, &actor, scope, template).await.map(Draft::from);
    once(&ctx, actor.org, None, StatusCode::CREATED, edit).await
}

/// Where a like template is to stand; what is absent stays as it is.
#[derive(Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct Duplicate {
    /// For this account.
    account_id: Option<AccountId>,
    /// In this language; its words are yours to translate.
    #[garde(inner(length(chars, max = 20)))]
    language: Option<String>,
    /// Under this name.
    #[garde(inner(length(chars, max = 512)))]
    name: Option<String>,
}

/// Begin a template like another: in another language, for another account, under another name.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/templates/{template}/duplicate", tag = "Templates",
    params(("org" = OrgId, Path), ("template" = TemplateId, Path), IdempotencyKey), request_body = Duplicate,
    responses((status = CREATED, body = Draft)))]
pub(super) async fn duplicate_template(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, template)): Path<(OrgId, TemplateId)>,
    Once { body, key }: Once<Duplicate>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteTemplates)?;
    let duplicate = async |scope: &mut OrgScope<'_>| {
        let named = (body.name.clone(), body.language.clone());
        service::duplicate(&ctx, &actor, scope, template, body.account_id, named).await.map(Draft::from)
    };
    once(&ctx, actor.org, key.as_ref(), StatusCode::CREATED, duplicate).await
}
