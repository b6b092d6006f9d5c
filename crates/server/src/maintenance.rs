//! What is done every little while: bringing unknown messages to a person and snoozed conversations back, forgetting what
//! may be forgotten.

use std::time::Duration;

use rules::time::{Timestamp, span};
use store::begun::FIRST_BEGUN;
use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;
use crate::{dispatch, forms, imports, inbox, rights};

/// How often it is looked what is due.
const EVERY: Duration = Duration::from_secs(20);
/// Meta repeats webhooks for up to seven days; a day more for clocks.
const KEYS_KEPT_DAYS: i64 = 9;
/// Raw bodies that were split are kept so long, for finding out what happened.
const BODIES_KEPT: Duration = span::days(7);
/// So many who were written to first are looked at in one transaction.
const BEGUN_TOGETHER: i64 = 2_000;
/// A status whose message never becomes known belongs to other software on the same number.
const PARKED_KEPT: Duration = span::days(2);

/// Keeps house until told to stop.
pub async fn run(ctx: Ctx, stop: CancellationToken) {
    let mut forgotten_on = None;
    while !stop.is_cancelled() {
        let now = ctx.now();
        if let Err(error) = step(&ctx, now, &mut forgotten_on).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not keep house; it is tried again"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// One round: the quick things every time, forgetting once a day.
pub async fn step(ctx: &Ctx, now: Timestamp, forgotten_on: &mut Option<i64>) -> store::Result<()> {
    ctx.admission.forget_quiet();
    ctx.watch.mark(ctx);
    while dispatch::sweep(ctx).await? > 0 {}
    while inbox::wake(ctx).await? > 0 {}
    while forms::sweep(ctx).await? > 0 {}
    let mut tx = ctx.store.begin().await?;
    tx.drop_passed_events(now).await?;
    tx.commit().await?;
    if *forgotten_on != Some(now.day()) {
        forget(ctx, now).await?;
        *forgotten_on = Some(now.day());
    }
    Ok(())
}

/// Drops what is past its time.
async fn forget(ctx: &Ctx, now: Timestamp) -> store::Result<()> {
    let mut tx = ctx.store.begin().await?;
    tx.forget_update_keys_before(now.day() - KEYS_KEPT_DAYS).await?;
    tx.drop_parked_before(now - PARKED_KEPT).await?;
    // A little longer than they are replayed, so that a place that is still good has everything after it.
    tx.drop_events_before(now - store::events::RETENTION - span::hours(1)).await?;
    tx.drop_requests_before(now - crate::http::idempotency::KEPT).await?;
    crate::identity::forget(&mut tx, now).await?;
    crate::media::sweep_later(&mut tx, now)?;
    tx.commit().await?;
    forget_begun(ctx, now).await?;
    imports::forget_old_rows(ctx, now).await?;
    rights::forget(ctx, now).await?;
    ctx.store.drop_bodies_before(now - BODIES_KEPT).await.map(|_| ())
}

/// Drops who was written to first so long ago that they count no more, a few at a time: whoever sends meanwhile waits for no
/// more than that.
async fn forget_begun(ctx: &Ctx, now: Timestamp) -> store::Result<()> {
    let mut place = Some(FIRST_BEGUN);
    while let Some(after) = place {
        let mut tx = ctx.store.begin().await?;
        place = tx.drop_begun_before(now - rules::gate::WINDOW, &after, BEGUN_TOGETHER).await?;
        tx.commit().await?;
    }
    Ok(())
}
