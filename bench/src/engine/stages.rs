//! Where the processor's time of a message goes, from the gateway's and the database's processor time.
//!
//! Nothing is timed within the gateway. What a stage costs is what a run with it costs more than one without: webhooks are
//! poured in and applied with the AI silent (so much to accept and store, so much to apply), a backlog is sent (so much to
//! dispatch), and what remains of the whole way is the answer's.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::Kind;
use super::backlog;
use super::figures::{ACCEPT, ANSWER, APPLY, DATABASE, DISPATCH, KEEP};
use super::sheet::Sheet;
use super::stage::{HALLO, Stage, Town, until};
use super::tenants::Size;
use super::traffic::Until;
use crate::now;

/// How many numbers send the backlog.
const SENDERS: usize = 100;

/// One round.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let base = stage.base().await?;
    let taken = taken(stage, kind).await?;
    let dispatch = dispatched(stage, kind).await?;
    let (whole, database) = whole(stage, kind).await?;
    let stages = [
        (&ACCEPT, base.micros),
        (&KEEP, taken.accepted - base.micros),
        (&APPLY, taken.applied),
        (&ANSWER, whole - taken.accepted - taken.applied - dispatch),
        (&DISPATCH, dispatch),
    ];
    for (figure, micros) in stages.into_iter().chain(database.map(|micros| (&DATABASE, micros))) {
        sheet.note(figure, kind, whole, micros);
    }
    Ok(())
}

/// What a webhook costs, in microseconds.
struct Taken {
    accepted: f64,
    applied: f64,
}

/// Webhooks are poured in while some are applied, and then the rest is applied: two sums of two unknowns.
async fn taken(stage: &Stage, kind: Kind) -> Result<Taken> {
    let town = Town::settle(kind, Size { ai: false, ..stage.size() }).await?;
    let host = stage.gateway(&town)?;
    stage.closed(&host, town.size, Until::Sent(500), 0, HALLO).await?;
    town.drained().await?;
    let start = town.processor(&host).await?;
    let seen = stage.closed(&host, town.size, Until::Passed(stage.lasts()), 1_000_000, HALLO).await?;
    let poured = town.processor(&host).await?;
    let left = town.database.store.read().await?.ingest_load().await?;
    town.drained().await?;
    let drained = town.processor(&host).await?;
    let left = (left.unsplit + left.pending) as f64;
    ensure!(left > 0.0, "nothing was left to be applied after {} webhooks", seen.taken);
    let applied = micros(drained - poured) / left;
    let all = seen.taken as f64;
    let accepted = (micros(poured - start) - (all - left) * applied) / all;
    Ok(Taken { accepted, applied })
}

/// What sending a message costs that was accepted before, in microseconds.
async fn dispatched(stage: &Stage, kind: Kind) -> Result<f64> {
    // Each has no more than a number may send at once.
    const EACH: usize = 60;
    let town = Town::settle(kind, Size { orgs: SENDERS, numbers: 1, ai: true }).await?;
    for tenant in &town.tenants {
        backlog::queue(&town.database.store, tenant, 1, EACH, now()).await?;
    }
    town.database.learn().await?;
    stage.arrivals.take();
    let count = (SENDERS * EACH) as u64;
    let host = stage.gateway(&town)?;
    // Counted from the first on: what starting costs is not a message's.
    until(|| stage.arrivals.count() > 0).await?;
    let (start, before) = (town.processor(&host).await?, stage.arrivals.count());
    stage.wait_for(count).await?;
    town.drained().await?;
    Ok(micros(town.processor(&host).await? - start) / (count - before) as f64)
}

/// What a message costs the whole way, and what of it a database of its own costs, in microseconds.
async fn whole(stage: &Stage, kind: Kind) -> Result<(f64, Option<f64>)> {
    let town = Town::settle(kind, stage.size()).await?;
    let host = stage.gateway(&town)?;
    stage.warm(&host, &town, 0).await?;
    town.drained().await?;
    let (start, database) = (town.processor(&host).await?, town.processor_of_database().await?);
    let count = stage.options.messages;
    stage.answered(&host, &town, 1_000_000, count, HALLO).await?;
    town.drained().await?;
    let used = town.processor(&host).await? - start;
    let within = town.processor_of_database().await?.zip(database).map(|(now, before)| now - before);
    let each = |used| micros(used) / count as f64;
    Ok((each(used), within.map(each)))
}

fn micros(used: Duration) -> f64 {
    used.as_secs_f64() * 1e6
}
