//! Keeps the words of messages findable, apart from the writing of messages.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;

/// How many messages one transaction indexes: short, because on SQLite others wait for it.
const BATCH: i64 = 200;
/// A message can be found after so long at the latest.
const POLL: Duration = Duration::from_secs(1);

/// Indexes a batch of new messages. `true`: there may be more, so that the step is worth repeating at once.
pub async fn index_step(ctx: &Ctx) -> store::Result<bool> {
    let mut tx = ctx.store.begin().await?;
    let done = tx.index_messages(BATCH).await?;
    tx.commit().await?;
    Ok(i64::try_from(done).is_ok_and(|done| done == BATCH))
}

/// Indexes until told to stop. A failing database slows it down and loses nothing.
pub async fn run_index(ctx: Ctx, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match index_step(&ctx).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the words of messages wait to be indexed"
                );
            }
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
}
