//! Sending: how much goes out for one number, and whether one tenant's backlog delays another tenant's message.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::Kind;
use super::api::Api;
use super::backlog::{self, Met};
use super::figures::{BEHIND, ONE_NUMBER, UNDISTURBED};
use super::sheet::{Sheet, counted};
use super::stage::{Stage, Town};
use super::tenants::{Size, Tenant};
use super::traffic::Seen;
use crate::now;

/// Messages a second that Meta takes for one number at most.
const ONE: f64 = 1_000.0;
/// How much later a message may be, in milliseconds.
const LATER: f64 = 100.0;
/// How many tenants write a single message each time.
const PROBES: usize = 100;
/// The pause between two of them.
const PAUSE: Duration = Duration::from_millis(25);

/// One round.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    sheet.note(&ONE_NUMBER, kind, ONE, one_number(stage, kind).await?);
    let size = Size { orgs: stage.options.sharing / 10, numbers: 10, ai: true };
    let town = Town::settle(kind, size).await?;
    let mut met = Vec::with_capacity(PROBES);
    for tenant in town.tenants.iter().skip(1).take(PROBES) {
        met.push(backlog::meet(&town.database.store, tenant, tenant.numbers[0], now()).await?);
    }
    town.database.learn().await?;
    let without = singles(stage, &town, &met).await?;
    let (first, began) = (&town.tenants[0], Instant::now());
    let numbers = first.numbers.len();
    backlog::queue(&town.database.store, first, numbers, stage.options.backlog, now()).await?;
    town.database.learn().await?;
    eprintln!("  {} messages queued in {:.1} s", stage.options.backlog, began.elapsed().as_secs_f64());
    let behind = singles(stage, &town, &met).await?;
    sheet.note(&UNDISTURBED, kind, LATER, without);
    sheet.note_of(&BEHIND, &counted(stage.options.backlog), kind, LATER, (behind - without).max(0.0));
    Ok(())
}

/// Messages a second that go out for one number that has enough to send.
async fn one_number(stage: &Stage, kind: Kind) -> Result<f64> {
    let town = Town::settle(kind, Size { orgs: 1, numbers: 1, ai: true }).await?;
    let tenant = &town.tenants[0];
    let enough = usize::try_from(stage.options.seconds + 1)? * ONE as usize;
    backlog::queue(&town.database.store, tenant, 1, enough, now()).await?;
    town.database.learn().await?;
    stage.arrivals.take();
    let host = stage.gateway(&town)?;
    stage.wait_for(1).await?;
    let began = Instant::now();
    tokio::time::sleep(stage.lasts()).await;
    let (sent, lasted) = (stage.arrivals.count(), began.elapsed());
    host.kill()?;
    Ok(sent as f64 / lasted.as_secs_f64())
}

/// A single message of each of many tenants: how long 95 of 100 took at most from the API to Meta, in milliseconds.
async fn singles(stage: &Stage, town: &Town, met: &[Met]) -> Result<f64> {
    stage.arrivals.take();
    let host = stage.gateway(town)?;
    // Who is asked for the first time is slower.
    let mut taken = Vec::new();
    for round in 0..2 {
        taken.clear();
        for (tenant, met) in town.tenants.iter().skip(1).zip(met) {
            let api = Api::of(tenant, host.address)?;
            taken.push(single(stage, &api, tenant, met).await.with_context(|| format!("round {round}"))?);
            tokio::time::sleep(PAUSE).await;
        }
    }
    host.kill()?;
    taken.sort_unstable();
    Ok(Seen { latencies: taken, ..Seen::default() }.percentile(0.95))
}

async fn single(stage: &Stage, api: &Api, tenant: &Tenant, met: &Met) -> Result<Duration> {
    /// How long a message may take at all.
    const PATIENCE: Duration = Duration::from_secs(60);
    let body = json!({ "content": { "type": "text", "body": format!("Halo dari {}", tenant.org) } });
    let before = stage.arrivals.count_to(&met.digits);
    let began = Instant::now();
    api.post(&format!("conversations/{}/messages", met.conversation), &body).await?;
    loop {
        if let Some(at) = stage.arrivals.at(&met.digits, before) {
            return Ok(at.saturating_duration_since(began));
        }
        ensure!(began.elapsed() < PATIENCE, "a message did not come within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
}
