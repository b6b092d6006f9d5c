//! Who is looking at a conversation, and who is writing in it, so that two do not answer at once.
//!
//! Invariant: what somebody did is told while it may still be true and to nobody after; it is kept nowhere.

use std::time::Duration;

use rules::id::ConversationId;
use rules::role::Right;
use serde_json::json;

use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// The kind of live event.
const PRESENCE: &str = "conversation.presence";
/// Whoever does not repeat it has gone.
const LASTS: Duration = Duration::from_secs(45);

/// Tells the others what a member does in a conversation.
pub(super) async fn show(
    ctx: &Ctx,
    actor: &OrgActor,
    conversation: ConversationId,
    doing: &str,
) -> Result<(), Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let conversation = scope.conversation(conversation).await?.ok_or_else(Problem::not_found)?.id;
    // A key is nobody that others could see.
    let Some(member) = actor.member() else { return Ok(()) };
    let payload = json!({ "conversation_id": conversation, "member_id": member, "doing": doing, "at": now });
    scope.publish_passing(PRESENCE, &payload, now, now + LASTS)?;
    tx.commit().await?;
    Ok(())
}
