//! Canned replies over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{CannedReplyId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, Path, Problem};
use crate::inbox::canned as service;

/// A text kept for answering with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CannedReply {
    /// Its id.
    id: CannedReplyId,
    /// What is typed after `/` to find it.
    shortcut: String,
    /// The text; `{{name}}` stands for what the contact is called.
    text: String,
    /// When it was changed last.
    updated_at: Timestamp,
}

impl From<store::canned::CannedReply> for CannedReply {
    fn from(reply: store::canned::CannedReply) -> Self {
        let store::canned::CannedReply { id, shortcut, body, updated_at } = reply;
        Self { id, shortcut, text: body, updated_at }
    }
}

/// A text to keep.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct CannedReplyText {
    /// What is to be typed after `/`: letters, digits, `-` and `_`.
    #[schema(example = "jam-buka")]
    #[garde(length(chars, min = 1, max = 40), custom(is_shortcut))]
    shortcut: String,
    /// The text; `{{name}}` stands for what the contact is called.
    #[garde(length(chars, min = 1, max = 4096))]
    text: String,
}

fn is_shortcut(text: &str, (): &()) -> garde::Result {
    if text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
        return Ok(());
    }
    Err(garde::Error::new("may hold letters, digits, `-` and `_` alone"))
}

/// List all canned replies, by shortcut.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/canned-replies", tag = "Inbox", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<CannedReply>)))]
pub(super) async fn list_canned_replies(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<CannedReply>>, Problem> {
    let items = service::list(&ctx, &actor).await?.into_iter().map(CannedReply::from).collect();
    Ok(Json(List { items, next: None }))
}

/// Keep a text for answering with.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/canned-replies", tag = "Inbox", params(("org" = OrgId, Path)),
    request_body = CannedReplyText, responses((status = CREATED, body = CannedReply)))]
pub(super) async fn create_canned_reply(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<CannedReplyText>,
) -> Result<(StatusCode, Json<CannedReply>), Problem> {
    let reply = service::keep(&ctx, &actor, None, body.shortcut, body.text).await?;
    Ok((StatusCode::CREATED, Json(reply.into())))
}

/// Change a canned reply.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/canned-replies/{reply}", tag = "Inbox",
    params(("org" = OrgId, Path), ("reply" = CannedReplyId, Path)), request_body = CannedReplyText,
    responses((status = OK, body = CannedReply)))]
pub(super) async fn update_canned_reply(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, CannedReplyId)>,
    Json(body): Json<CannedReplyText>,
) -> Result<Json<CannedReply>, Problem> {
    Ok(Json(service::keep(&ctx, &actor, Some(path.1), body.shortcut, body.text).await?.into()))
}

/// Remove a canned reply.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/canned-replies/{reply}", tag = "Inbox",
    params(("org" = OrgId, Path), ("reply" = CannedReplyId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn remove_canned_reply(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, CannedReplyId)>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}
