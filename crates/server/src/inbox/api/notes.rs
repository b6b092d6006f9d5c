//! Notes over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use garde::Validate;
use rules::id::{ConversationId, MemberId, NoteId, OrgId};
use rules::role::Right;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::http::idempotency::{IdempotencyKey, Once, once};
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};
use crate::inbox::notes::{self as service, Draft};

/// What members tell each other in a conversation. The contact never sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Note {
    /// Its id.
    id: NoteId,
    /// Where it stands.
    conversation_id: ConversationId,
    /// Who wrote it; `null`: a key.
    author_id: Option<MemberId>,
    /// Its text.
    text: String,
    /// Whom it calls.
    mentions: Vec<MemberId>,
    /// When it was written: its place among the messages.
    created_at: Timestamp,
    /// When it was changed last.
    edited_at: Option<Timestamp>,
}

impl From<store::notes::Note> for Note {
    fn from(note: store::notes::Note) -> Self {
        Self {
            id: note.id,
            conversation_id: note.conversation_id,
            author_id: note.author_id,
            text: note.body,
            mentions: note.mentions.0,
            created_at: note.created_at,
            edited_at: note.edited_at,
        }
    }
}

/// What a note is to say.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct NoteText {
    /// Its text.
    #[garde(length(chars, min = 1, max = 10_000))]
    text: String,
    /// Members whom it calls; they are told.
    #[serde(default)]
    #[garde(length(max = 50))]
    mentions: Vec<MemberId>,
}

impl From<NoteText> for Draft {
    fn from(text: NoteText) -> Self {
        Self { body: text.text, mentions: text.mentions }
    }
}

/// List a conversation's notes, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/conversations/{conversation}/notes", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path), PageQuery),
    responses((status = OK, body = List<Note>)))]
pub(super) async fn list_notes(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Note>>, Problem> {
    Ok(Json(service::list(&ctx, &actor, path.1, page.cursor()?, page.limit()).await?.into()))
}

/// Leave a note for the other members.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/notes", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path), IdempotencyKey), request_body = NoteText,
    responses((status = CREATED, body = Note)))]
pub(super) async fn leave_note(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Once { body, key }: Once<NoteText>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteInbox)?;
    let leave = async |scope: &mut OrgScope<'_>| {
        service::leave(&ctx, &actor, scope, path.1, body.into()).await.map(Note::from)
    };
    once(&ctx, actor.org, key.as_ref(), StatusCode::CREATED, leave).await
}

/// Change a note that you wrote.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/notes/{note}", tag = "Inbox",
    params(("org" = OrgId, Path), ("note" = NoteId, Path)), request_body = NoteText,
    responses((status = OK, body = Note)))]
pub(super) async fn change_note(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, NoteId)>,
    Json(body): Json<NoteText>,
) -> Result<Json<Note>, Problem> {
    Ok(Json(service::change(&ctx, &actor, path.1, body.into()).await?.into()))
}

/// Remove a note that you wrote; an owner or admin may remove anybody's.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/notes/{note}", tag = "Inbox",
    params(("org" = OrgId, Path), ("note" = NoteId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn remove_note(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, NoteId)>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}
