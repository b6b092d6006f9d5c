//! Messages of which nothing more was heard: brought to a person, never sent again by themselves.

use rules::message::MessageState;
use serde_json::json;
use store::messages::Step;

use super::{UNRESOLVED_AFTER, problem};
use crate::ctx::Ctx;

/// How many messages one sweep settles.
const BATCH: i64 = 200;

/// Turns *unknown* into *unresolved* after ten minutes. Returns how many.
pub async fn sweep(ctx: &Ctx) -> store::Result<usize> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let unknown = tx.unknown_since(now - UNRESOLVED_AFTER, BATCH).await?;
    let problem = problem::unresolved();
    for (org, message) in &unknown {
        let mut scope = tx.org(*org).await?;
        let step = Step { problem: Some(&problem), ..Step::to(MessageState::Unresolved, now) };
        if let Some(thread) = scope.advance_message(*message, &step, now).await? {
            let payload = json!({ "message_id": message, "conversation_id": thread.conversation_id, "state": MessageState::Unresolved });
            scope.publish("message.updated", &payload, now)?;
        }
    }
    tx.commit().await?;
    Ok(unknown.len())
}
