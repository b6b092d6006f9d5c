//! The round that misses nothing: connections whose job was lost, accounts not looked at since yesterday, secrets and
//! states whose time is over.

use rules::connection::Standing;
use rules::time::span;

use super::connect::FORGOTTEN_AFTER;
use super::{enqueue_advance, enqueue_daily_check};
use crate::ctx::Ctx;

/// How many of each sort one round takes up.
const BATCH: i64 = 200;

/// One round.
pub async fn sweep(ctx: &Ctx) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    // A code without a token, and steps that nothing is about to make: asking twice does no harm.
    let soon = now - span::minutes(1);
    let under_way = [Standing::CodeReceived, Standing::Working];
    let mut resting = tx.resting_connections(&under_way, soon, BATCH).await?;
    // Those that wait have a job for the right moment; this finds them should it be gone.
    let waiting = [Standing::Waiting, Standing::PaymentPending, Standing::Silent];
    resting.extend(tx.resting_connections(&waiting, now - span::hours(2), BATCH).await?);
    let forgotten = tx.resting_connections(&[Standing::Started], now - FORGOTTEN_AFTER, BATCH).await?;
    let stale = tx.accounts_to_check(now - span::hours(24), now - span::hours(1), BATCH).await?;
    tx.drop_signup_states(now - span::days(1)).await?;
    tx.forget_former_secrets(now).await?;
    for (org, id) in resting {
        enqueue_advance(&mut tx, org, id, now, now).await?;
    }
    for (org, account) in stale {
        enqueue_daily_check(ctx, &mut tx, org, account, now).await?;
    }
    for (org, id) in forgotten {
        let mut scope = tx.org(org).await?;
        // A code may have come this very moment.
        let found = scope.connection_for_change(id).await?;
        if found.is_none_or(|found| found.state != Standing::Started) {
            continue;
        }
        scope.set_connection_token(id, None, None, now).await?;
        scope.set_standing(id, Standing::Abandoned, true, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
