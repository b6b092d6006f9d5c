//! What was done with a conversation, for those who read it. The audit log is the record; here it is told without
//! addresses, to whoever may read the inbox.

use rules::conversation::AiState;
use rules::id::{AuditId, ConversationId, MemberId};
use rules::role::Right;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::audit::AuditEntry;
use store::{Cursor, Page};
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// The deeds that a thread shows. Labels change too often to stand among messages.
const SHOWN: &[(&str, What)] = &[
    ("conversation.assign", What::Assigned),
    ("conversation.close", What::Closed),
    ("conversation.reopen", What::Reopened),
    ("conversation.snooze", What::Snoozed),
    ("conversation.ai", What::Ai),
];

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConversationDeedKind)]
pub(super) enum What {
    /// Given to a member, or to nobody.
    Assigned,
    /// Closed.
    Closed,
    /// Opened again.
    Reopened,
    /// Put off, or shown again.
    Snoozed,
    /// Given to the AI or to people.
    Ai,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub id: AuditId,
    pub what: What,
    pub member: Option<MemberId>,
    pub by_itself: bool,
    pub assignee: Option<MemberId>,
    pub until: Option<Timestamp>,
    pub ai: Option<AiState>,
    pub reason: Option<String>,
    pub at: Timestamp,
}

/// A page of a conversation's history, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ConversationId,
    before: Cursor,
    limit: usize,
) -> Result<Page<Deed>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let conversation = scope.conversation(id).await?.ok_or_else(Problem::not_found)?;
    let actions: Vec<&str> = SHOWN.iter().map(|(action, _)| *action).collect();
    let page = scope.audit_of(&conversation.id.to_string(), &actions, before, limit).await?;
    Ok(Page { items: page.items.into_iter().filter_map(deed).collect(), next: page.next })
}

/// What the audit log keeps of a deed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    after: serde_json::Value,
    reason: Option<String>,
}

fn deed(entry: AuditEntry) -> Option<Deed> {
    let (_, what) = SHOWN.iter().find(|(action, _)| *action == entry.action)?;
    let Details { after, reason } = serde_json::from_str(&entry.details).unwrap_or_default();
    let (mut assignee, mut until, mut ai) = (None, None, None);
    match what {
        What::Assigned => assignee = serde_json::from_value(after).ok(),
        What::Snoozed => until = serde_json::from_value(after).ok(),
        What::Ai => ai = serde_json::from_value(after).ok(),
        What::Closed | What::Reopened => {}
    }
    let member = entry.actor.strip_prefix("member:").and_then(|id| id.parse().ok());
    let by_itself = entry.actor == "system";
    Some(Deed { id: entry.id, what: *what, member, by_itself, assignee, until, ai, reason, at: entry.at })
}
