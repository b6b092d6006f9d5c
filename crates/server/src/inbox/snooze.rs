//! Conversations come back into sight when their time is over.

use super::news;
use crate::ctx::Ctx;

/// How many are brought back in one transaction.
const BATCH: i64 = 200;

/// Brings back what is due, and tells of it. Returns how many came back.
pub async fn wake(ctx: &Ctx) -> store::Result<usize> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let due = tx.snoozes_over(now, BATCH).await?;
    let mut back = 0;
    for (org, conversation) in due {
        let mut scope = tx.org(org).await?;
        if scope.wake_conversation(conversation, now).await? {
            news::conversation_updated(&mut scope, conversation, now).await?;
            back += 1;
        }
    }
    tx.commit().await?;
    Ok(back)
}
