//! Conversations come back into sight when their time is over.

use super::news;
use crate::ctx::Ctx;

/// How many are brought back in one transaction.
const BATCH: i64 = 200;

/// Brings back what is due, and tells of it. Returns how many.
pub async fn wake(ctx: &Ctx) -> store::Result<usize> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let due = tx.snoozes_over(now, BATCH).await?;
    for (org, conversation) in &due {
        let mut scope = tx.org(*org).await?;
        scope.snooze_conversation(*conversation, None).await?;
        news::conversation_updated(&mut scope, *conversation, now).await?;
    }
    tx.commit().await?;
    Ok(due.len())
}
