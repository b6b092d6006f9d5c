//! Looking at how things are, on behalf of a monitoring system or an operator.

use std::sync::Arc;

use rules::id::NumberId;
use store::load::LaneLoad;

use super::exposition;
use super::findings::{Finding, Named, Seen, find};
use super::readings::Readings;
use crate::ctx::Ctx;
use crate::dispatch;

/// How many lanes are looked at: the worst of a handful of queues are among them.
const LANES: i64 = 20;

/// Everything that is counted and read, in the text of OpenMetrics.
pub(super) async fn metrics(ctx: &Ctx) -> store::Result<Result<String, std::fmt::Error>> {
    let readings = ctx.watch.read(ctx).await?;
    Ok(exposition::text(ctx, &readings))
}

/// How things are, and what is to be said of it.
pub(super) async fn report(ctx: &Ctx) -> store::Result<(Arc<Readings>, Vec<Finding>)> {
    let readings = ctx.watch.read(ctx).await?;
    let mut tx = ctx.store.read().await?;
    let behind = tx.lanes_behind(readings.at, LANES).await?;
    let held = tx.lanes_held(readings.at, LANES).await?;
    drop(tx);
    let (behind, held) = (named(ctx, behind).await?, named(ctx, held).await?);
    let found = find(&Seen {
        readings: &readings,
        behind: &behind,
        held: &held,
        meta_ahead: ctx.meters.meta_ahead(),
        leaving: ctx.leaving.is_cancelled(),
    });
    Ok((readings, found))
}

/// The lanes with the names of the organisations that they work for, and of the numbers that they are.
async fn named(ctx: &Ctx, lanes: Vec<LaneLoad>) -> store::Result<Vec<Named>> {
    let mut all = Vec::with_capacity(lanes.len());
    let mut tx = ctx.store.read().await?;
    for load in lanes {
        let name = match load.org_id {
            None => None,
            Some(org) => {
                let mut scope = tx.org(org).await?;
                let number = match load.lane.parse::<NumberId>() {
                    Ok(number) if load.queue == dispatch::QUEUE => scope.number(number).await?,
                    _ => None,
                };
                let org = scope.org().await?;
                org.map(|org| match number {
                    Some(number) => format!("{} ({})", org.name, number.display),
                    None => org.name,
                })
            }
        };
        all.push(Named { load, name });
    }
    Ok(all)
}
