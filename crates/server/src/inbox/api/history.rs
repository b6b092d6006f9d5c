//! What members did with a conversation, over HTTP.

use axum::extract::State;
use rules::conversation::AiState;
use rules::id::{AuditId, ConversationId, MemberId, OrgId};
use rules::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};
use crate::inbox::history::{self as service, Deed, What};

/// Something that was done with a conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConversationDeed {
    /// Its id.
    id: AuditId,
    /// What was done.
    what: What,
    /// The member who did it; `null`: a key, or Sapa itself.
    member_id: Option<MemberId>,
    /// Whether Sapa did it by itself, such as giving a conversation to people.
    by_itself: bool,
    /// Whom it was given to; `null` for nobody, and for other deeds.
    assignee_id: Option<MemberId>,
    /// Until when it was put off; `null` where it came back, and for other deeds.
    until: Option<Timestamp>,
    /// Who answers from then on; `null` for other deeds.
    ai: Option<AiState>,
    /// Why, in a stable word, where it is about who answers.
    reason: Option<String>,
    /// When: its place among the messages.
    at: Timestamp,
}

impl From<Deed> for ConversationDeed {
    fn from(deed: Deed) -> Self {
        let Deed { id, what, member, by_itself, assignee, until, ai, reason, at } = deed;
        Self { id, what, member_id: member, by_itself, assignee_id: assignee, until, ai, reason, at }
    }
}

/// What was done with a conversation, newest first: who took it, gave it back, closed it or put it off.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/conversations/{conversation}/history", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path), PageQuery),
    responses((status = OK, body = List<ConversationDeed>)))]
pub(super) async fn list_history(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<ConversationDeed>>, Problem> {
    Ok(Json(service::list(&ctx, &actor, path.1, page.cursor()?, page.limit()).await?.into()))
}
