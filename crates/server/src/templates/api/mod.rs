//! `…/templates…`, `…/template-drafts…`: writing templates, having them reviewed, following them.

mod drafts;
mod limits;
mod views;

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use meta::graph::LibrarySearch;
use rules::id::{AccountId, OrgId, TemplateId};
use rules::role::Right;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::templates::TemplateFilter;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, Path, Problem, Query};
pub use views::{Template, TemplateDetail, WaitingMessage};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list_all_templates))
        .routes(routes!(list_templates))
        .routes(routes!(get_template, delete_template))
        .routes(routes!(unpause_template))
        .routes(routes!(list_waiting_messages))
        .routes(routes!(drafts::edit_template))
        .routes(routes!(drafts::duplicate_template))
        .routes(routes!(drafts::list_template_drafts, drafts::begin_template_draft))
        .routes(routes!(drafts::check_template))
        .routes(routes!(
            drafts::get_template_draft,
            drafts::change_template_draft,
            drafts::remove_template_draft
        ))
        .routes(routes!(drafts::submit_template_draft))
        .routes(routes!(limits::template_rules))
        .routes(routes!(browse_template_library))
}

/// Which templates.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct TemplatesQuery {
    /// Of this messaging account.
    account: Option<AccountId>,
    /// In this state: `APPROVED` …
    status: Option<String>,
    /// Of this category: `UTILITY` …
    category: Option<String>,
    /// In this language: `id` …
    language: Option<String>,
    /// Of this quality: `GREEN` …
    quality: Option<String>,
    /// With this in the name.
    #[garde(inner(length(chars, max = 100)))]
    words: Option<String>,
    /// Where to go on: `next` of the page before.
    after: Option<String>,
    /// How many at most; 100 unless told.
    #[garde(range(min = 1, max = 200))]
    limit: Option<i64>,
}

/// The templates of all messaging accounts, by name and language.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/templates", tag = "Templates", params(("org" = OrgId, Path), TemplatesQuery),
    responses((status = OK, body = List<Template>)))]
async fn list_all_templates(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<TemplatesQuery>,
) -> Result<Json<List<Template>>, Problem> {
    let limit = query.limit.unwrap_or(100);
    let words = query.words.as_ref().map(|words| words.to_lowercase().replace(' ', "_"));
    let filter = TemplateFilter {
        account: query.account,
        status: query.status.as_deref(),
        category: query.category.as_deref(),
        language: query.language.as_deref(),
        quality: query.quality.as_deref(),
        words: words.as_deref(),
    };
    // Names and languages hold neither blanks nor slashes.
    let after = query.after.as_deref().map(|after| {
        let mut parts = after.splitn(3, '/');
        let (name, language, id) = (parts.next()?, parts.next()?, parts.next()?);
        Some((name, language, id.parse().ok()?))
    });
    let after = after.map(|after| after.ok_or_else(bad_cursor)).transpose()?;
    let mut rows = service::list(&ctx, &actor, &filter, after, limit + 1).await?;
    let next = cut(&mut rows, limit).map(|last| format!("{}/{}/{}", last.name, last.language, last.id));
    Ok(Json(List { items: rows.into_iter().map(Template::from).collect(), next }))
}

fn bad_cursor() -> Problem {
    Problem::bad_request(
        "bad_cursor",
        "`after` does not read: use `next` of a page of the same list, unchanged.",
    )
}

/// Cuts rows to a page; the last of them, if there are more.
fn cut(rows: &mut Vec<store::templates::Template>, limit: i64) -> Option<&store::templates::Template> {
    let limit = usize::try_from(limit).unwrap_or(100);
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| more)
}

/// Which part of the templates.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct TemplateQuery {
    /// Where to go on: `next` of the page before.
    after: Option<String>,
    /// How many at most; 100 unless told.
    #[garde(range(min = 1, max = 200))]
    limit: Option<i64>,
}

/// An account's templates by name.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/accounts/{account}/templates", tag = "Templates",
    params(("org" = OrgId, Path), ("account" = AccountId, Path), TemplateQuery),
    responses((status = OK, body = List<Template>)))]
async fn list_templates(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, account)): Path<(OrgId, AccountId)>,
    Query(query): Query<TemplateQuery>,
) -> Result<Json<List<Template>>, Problem> {
    let limit = query.limit.unwrap_or(100);
    let after = query.after.as_deref().and_then(|after| after.split_once('/'));
    let mut rows = service::of_account(&ctx, &actor, account, after, limit + 1).await?;
    let next = cut(&mut rows, limit).map(|last| format!("{}/{}", last.name, last.language));
    Ok(Json(List { items: rows.into_iter().map(Template::from).collect(), next }))
}

/// A template with its history, what its state means, and what it costs.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/templates/{template}", tag = "Templates",
    params(("org" = OrgId, Path), ("template" = TemplateId, Path)), responses((status = OK, body = TemplateDetail)))]
async fn get_template(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, template)): Path<(OrgId, TemplateId)>,
) -> Result<Json<TemplateDetail>, Problem> {
    Ok(Json(service::get(&ctx, &actor, template).await?.into()))
}

/// How much to delete.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct DeleteQuery {
    /// In all languages.
    all_languages: Option<bool>,
}

/// Delete a template at Meta, in its language or in all of them. The name of an approved one cannot be used for 30 days.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/templates/{template}", tag = "Templates",
    params(("org" = OrgId, Path), ("template" = TemplateId, Path), DeleteQuery), responses((status = NO_CONTENT)))]
async fn delete_template(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, template)): Path<(OrgId, TemplateId)>,
    Query(query): Query<DeleteQuery>,
) -> Result<StatusCode, Problem> {
    service::delete(&ctx, &actor, template, query.all_languages.unwrap_or(false)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a template's pause, where Meta lets people do so.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/templates/{template}/unpause", tag = "Templates",
    params(("org" = OrgId, Path), ("template" = TemplateId, Path)), responses((status = NO_CONTENT)))]
async fn unpause_template(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, template)): Path<(OrgId, TemplateId)>,
) -> Result<StatusCode, Problem> {
    service::unpause(&ctx, &actor, template).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Messages that wait for a template, the longest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/templates/{template}/waiting", tag = "Templates",
    params(("org" = OrgId, Path), ("template" = TemplateId, Path)),
    responses((status = OK, body = List<WaitingMessage>)))]
async fn list_waiting_messages(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, template)): Path<(OrgId, TemplateId)>,
) -> Result<Json<List<WaitingMessage>>, Problem> {
    Ok(Json(List::whole(service::waiting(&ctx, &actor, template).await?)))
}

/// What to look for in Meta's library.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct LibraryQuery {
    /// Words.
    #[garde(inner(length(chars, max = 100)))]
    search: Option<String>,
    /// `ORDER_MANAGEMENT`, `PAYMENTS` …
    #[garde(inner(length(chars, max = 100)))]
    topic: Option<String>,
    /// A language.
    #[garde(inner(length(chars, max = 20)))]
    language: Option<String>,
}

/// A template that Meta has written for everybody.
#[derive(Serialize, ToSchema)]
pub struct LibraryTemplate {
    /// Its name in the library.
    name: String,
    /// Its language.
    language: Option<String>,
    /// Its category.
    category: Option<String>,
    /// What it is about.
    topic: Option<String>,
    /// What it is used for.
    usecase: Option<String>,
    /// The text above.
    header: Option<String>,
    /// The text.
    body: String,
    /// What its gaps are shown with.
    examples: Vec<String>,
    /// Its buttons, as Meta writes them.
    #[schema(value_type = Vec<Object>)]
    buttons: Value,
}

impl From<meta::graph::LibraryTemplate> for LibraryTemplate {
    fn from(found: meta::graph::LibraryTemplate) -> Self {
        Self {
            name: found.name,
            language: found.language,
            category: found.category,
            topic: found.topic,
            usecase: found.usecase,
            header: found.header,
            body: found.body,
            examples: found.examples,
            buttons: found.buttons,
        }
    }
}

/// Look through Meta's library of written templates. Those made from it are mostly approved at once.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/accounts/{account}/template-library", tag = "Templates",
    params(("org" = OrgId, Path), ("account" = AccountId, Path), LibraryQuery),
    responses((status = OK, body = List<LibraryTemplate>)))]
async fn browse_template_library(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path((_org, account)): Path<(OrgId, AccountId)>,
    Query(query): Query<LibraryQuery>,
) -> Result<Json<List<LibraryTemplate>>, Problem> {
    actor.require(Right::ReadConnections)?;
    let wanted =
        LibrarySearch { search: query.search, topic: query.topic, usecase: None, language: query.language };
    Ok(Json(List::whole(service::library(&ctx, &actor, account, &wanted).await?)))
}
