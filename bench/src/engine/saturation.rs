//! A store that stands still while webhooks pour in: what is answered, how much memory that takes, and whether it goes on.
//!
//! Bodies are as large as Meta's that tell of many things at once, so that the limit on their bytes is reached before the
//! limit on their number.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::figures::{RECOVERED, REFUSED, STALLED_MEMORY};
use super::sheet::Sheet;
use super::stage::{HALLO, Stage, Town, requests};
use super::traffic::{self, Until};
use super::Kind;

/// The most memory that the gateway may have, in megabytes.
pub const MOST_MEMORY: f64 = 250.0;
/// How many connections ask at once.
const CROWD: usize = 900;
/// How many bytes each of them brings.
const LARGE: usize = 200_000;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// One round.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let town = Town::settle(kind, stage.size()).await?;
    let host = stage.gateway(&town)?;
    stage.warm(&host, &town, 0).await?;
    let until = Until::Passed(stage.lasts());
    let before = stage.closed(&host, town.size, until, 1_000_000, HALLO).await?;
    town.drained().await?;

    let held = town.database.hold().await?;
    let words: &'static str = LONG.get_or_init(|| "kopi ".repeat(LARGE / 5));
    let (address, crowd) = (host.address, requests(town.size, words));
    let stands = stage.lasts() * 3;
    let run = move || traffic::closed(address, CROWD, 2_000_000, Until::Passed(stands), &crowd);
    let load = tokio::task::spawn_blocking(run);
    let (mut most, began): (f64, _) = (0.0, Instant::now());
    while began.elapsed() < stands {
        most = most.max(host.memory()?);
        tokio::time::sleep(LOOK).await;
    }
    // What waits is answered only now.
    drop(held);
    let seen = load.await.context("the load panicked")??;
    most = most.max(host.memory()?);
    ensure!(seen.refused > 0, "a store that stands still refused nothing of {} webhooks", seen.taken);
    sheet.note(&REFUSED, kind, seen.refused as f64, seen.told_when as f64);
    sheet.note(&STALLED_MEMORY, kind, MOST_MEMORY, most);

    town.drained().await?;
    let after = stage.closed(&host, town.size, until, 3_000_000, HALLO).await?;
    sheet.note(&RECOVERED, kind, before.rate(), after.rate());
    Ok(())
}

/// Words as long as a large webhook.
static LONG: std::sync::OnceLock<String> = std::sync::OnceLock::new();
