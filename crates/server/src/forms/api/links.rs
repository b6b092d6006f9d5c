//! Links that begin conversations, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use garde::Validate;
use rules::consent::Purpose;
use rules::form::FormStatus;
use rules::id::{ChatLinkId, NumberId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{QrQuery, address, drawn};
use crate::ctx::Ctx;
use crate::forms::links::{self as service, Counted, LinkText};
use crate::http::{Json, List, OrgActor, Path, Problem, Query};

/// A link that begins a conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ChatLink {
    /// Its id.
    id: ChatLinkId,
    /// What members call it.
    name: String,
    /// With which number.
    number_id: NumberId,
    /// What it fills in, without the words of agreement and the code.
    text: String,
    /// The words by which writing is agreeing; `null`: it is not.
    wording: Option<String>,
    /// What is agreed to by writing.
    purposes: Vec<Purpose>,
    /// Whether people can use it.
    status: FormStatus,
    /// Stands in the message; by it the link is known.
    code: String,
    /// The message that it fills in, whole.
    fills_in: String,
    /// The link itself.
    url: String,
    /// How often it was opened.
    opened: i64,
    /// How many people wrote by it.
    wrote: i64,
    /// How many of them agreed by it.
    opted_in: i64,
    /// When it was made.
    created_at: Timestamp,
    /// When it was changed last.
    updated_at: Timestamp,
}

impl ChatLink {
    fn of(ctx: &Ctx, counted: Counted) -> Self {
        let Counted { link, wrote, opted_in, fills_in } = counted;
        Self {
            id: link.id,
            name: link.name,
            number_id: link.number_id,
            text: link.text,
            wording: link.wording,
            purposes: link.purposes.0,
            status: link.status,
            code: link.code,
            fills_in,
            url: address(ctx, "l", &link.token),
            opened: link.opened,
            wrote,
            opted_in,
            created_at: link.created_at,
            updated_at: link.updated_at,
        }
    }
}

/// What is to be said of a link.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct ChatLinkRequest {
    /// What members call it.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// With which number.
    number_id: NumberId,
    /// What it fills in. The code is added to it.
    #[garde(length(chars, min = 1, max = 500))]
    text: String,
    /// Left out or `null`, writing agrees to nothing. Otherwise the words by which it does: they stand in the message, and
    /// whoever takes them out has not agreed.
    #[garde(length(chars, min = 10, max = 500))]
    #[schema(min_length = 10, max_length = 500)]
    wording: Option<String>,
    /// What is agreed to by writing.
    #[serde(default)]
    #[garde(length(max = 2))]
    purposes: Vec<Purpose>,
    /// `active` unless told.
    status: Option<FormStatus>,
}

impl From<ChatLinkRequest> for LinkText {
    fn from(body: ChatLinkRequest) -> Self {
        Self {
            name: body.name,
            number: body.number_id,
            text: body.text,
            wording: body.wording,
            purposes: body.purposes,
            status: body.status.unwrap_or(FormStatus::Active),
        }
    }
}

/// List all links, the newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/chat-links", tag = "Collecting consent", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<ChatLink>)))]
pub(super) async fn list_chat_links(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<ChatLink>>, Problem> {
    let items = service::list(&ctx, &actor).await?.into_iter().map(|link| ChatLink::of(&ctx, link)).collect();
    Ok(Json(List { items, next: None }))
}

/// Make a link.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/chat-links", tag = "Collecting consent", params(("org" = OrgId, Path)),
    request_body = ChatLinkRequest, responses((status = CREATED, body = ChatLink)))]
pub(super) async fn create_chat_link(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<ChatLinkRequest>,
) -> Result<(StatusCode, Json<ChatLink>), Problem> {
    let link = service::keep(&ctx, &actor, None, body.into()).await?;
    Ok((StatusCode::CREATED, Json(ChatLink::of(&ctx, link))))
}

/// Change a link. What is printed goes on leading to it.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/chat-links/{chat_link}", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("chat_link" = ChatLinkId, Path)), request_body = ChatLinkRequest,
    responses((status = OK, body = ChatLink)))]
pub(super) async fn update_chat_link(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ChatLinkId)>,
    Json(body): Json<ChatLinkRequest>,
) -> Result<Json<ChatLink>, Problem> {
    Ok(Json(ChatLink::of(&ctx, service::keep(&ctx, &actor, Some(at.1), body.into()).await?)))
}

/// Get a link's QR code.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/chat-links/{chat_link}/qr", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("chat_link" = ChatLinkId, Path), QrQuery),
    responses((status = OK, description = "The picture", content_type = "image/svg+xml", body = Vec<u8>)))]
pub(super) async fn get_chat_link_qr(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ChatLinkId)>,
    Query(query): Query<QrQuery>,
) -> Result<Response, Problem> {
    let link = service::get(&ctx, &actor, at.1).await?;
    drawn(&address(&ctx, "l", &link.token), query.format, &link.code)
}
