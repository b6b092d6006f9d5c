//! Saved views of the inbox over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::conversation::{AiState, ConversationStatus};
use rules::id::{InboxViewId, NumberId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, Path, Problem};
use crate::inbox::views as service;

/// What a view chooses: those conversations that fit everything given, in the words of the list's query.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct ViewFilter {
    /// Whether they want attention.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<ConversationStatus>,
    /// A member's id, `me`, or `nobody`.
    #[garde(length(max = 40))]
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<String>,
    /// Whether the AI answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    ai: Option<AiState>,
    /// Only those with unread messages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unread: bool,
    /// Whether they are put out of sight.
    #[serde(skip_serializing_if = "Option::is_none")]
    snoozed: Option<bool>,
    /// Only those in which a note calls whoever looks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    mentions_me: bool,
    /// With this number only.
    #[serde(skip_serializing_if = "Option::is_none")]
    number_id: Option<NumberId>,
    /// Only those with this label of their own.
    #[garde(length(max = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Only those of contacts with this label.
    #[garde(length(max = 100))]
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_label: Option<String>,
    /// What is searched for: in everything, so nothing else is chosen beside it.
    #[garde(length(max = 200), custom(stands_alone(self)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<String>,
}

fn stands_alone(filter: &ViewFilter) -> impl FnOnce(&Option<String>, &()) -> garde::Result + '_ {
    move |q, ()| {
        let alone = ViewFilter { q: q.clone(), ..ViewFilter::default() };
        if q.is_none() || *filter == alone {
            return Ok(());
        }
        Err(garde::Error::new("a search is about everything: leave out the other choices, or the search"))
    }
}

/// A choice of conversations under a name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct InboxView {
    /// Its id.
    id: InboxViewId,
    /// Its name.
    name: String,
    /// Whether everybody has it, or you alone.
    shared: bool,
    /// What it chooses.
    #[schema(value_type = ViewFilter)]
    filter: serde_json::Value,
    /// When it was made.
    created_at: Timestamp,
}

impl From<store::views::InboxView> for InboxView {
    fn from(view: store::views::InboxView) -> Self {
        Self {
            id: view.id,
            name: view.name,
            shared: view.member_id.is_none(),
            filter: view.filter.0,
            created_at: view.created_at,
        }
    }
}

/// A view to keep.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct NewInboxView {
    /// Its name.
    #[garde(length(chars, min = 1, max = 60))]
    name: String,
    /// What it chooses.
    #[garde(dive)]
    filter: ViewFilter,
    /// Whether it is for everybody; a key's always is.
    #[serde(default)]
    shared: bool,
}

/// List your own views and everybody's, the oldest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/views", tag = "Inbox", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<InboxView>)))]
pub(super) async fn list_views(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<InboxView>>, Problem> {
    let items = service::list(&ctx, &actor).await?.into_iter().map(InboxView::from).collect();
    Ok(Json(List { items, next: None }))
}

/// Keep a choice of conversations under a name.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/views", tag = "Inbox", params(("org" = OrgId, Path)),
    request_body = NewInboxView, responses((status = CREATED, body = InboxView)))]
pub(super) async fn create_view(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewInboxView>,
) -> Result<(StatusCode, Json<InboxView>), Problem> {
    let filter = serde_json::to_value(&body.filter).map_err(|error| Problem::internal(&error))?;
    let view = service::keep(&ctx, &actor, body.name, filter, body.shared).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// What a view is to be.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct InboxViewChange {
    /// Its name.
    #[garde(length(chars, min = 1, max = 60))]
    name: String,
    /// What it chooses.
    #[garde(dive)]
    filter: ViewFilter,
}

/// Change the name of a view and what it chooses; whose it is stays.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/views/{view}", tag = "Inbox",
    params(("org" = OrgId, Path), ("view" = InboxViewId, Path)), request_body = InboxViewChange,
    responses((status = OK, body = InboxView)))]
pub(super) async fn change_view(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, InboxViewId)>,
    Json(body): Json<InboxViewChange>,
) -> Result<Json<InboxView>, Problem> {
    let filter = serde_json::to_value(&body.filter).map_err(|error| Problem::internal(&error))?;
    Ok(Json(service::change(&ctx, &actor, path.1, body.name, filter).await?.into()))
}

/// Remove a view of your own, or everybody's.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/views/{view}", tag = "Inbox",
    params(("org" = OrgId, Path), ("view" = InboxViewId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn remove_view(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, InboxViewId)>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}
