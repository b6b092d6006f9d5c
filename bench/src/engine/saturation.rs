//! A store that stands still while webhooks pour in: what is answered, how much memory that takes, and whether it goes on.
//!
//! Webhooks tell of many long messages at once, so that the limit on their bytes is reached before that on their number.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::Kind;
use super::figures::{CATCHING_UP_MEMORY, RECOVERED, REFUSED, STALLED_MEMORY};
use super::sheet::Sheet;
use super::stage::{HALLO, Stage, Town, several};
use super::tenants::Size;
use super::traffic::{self, Until};

/// The most memory that the gateway may have, in megabytes.
pub const MOST_MEMORY: f64 = 250.0;
/// How many connections ask at once.
const CROWD: usize = 900;
/// How many messages each of their webhooks tells of, about 4 kB each.
const SEVERAL: usize = 50;
/// What is opened once belongs to no measurement: so many webhooks go before.
const WARM: u64 = 500;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// One round.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let town = Town::settle(kind, Size { ai: false, ..stage.size() }).await?;
    let host = stage.gateway(&town)?;
    stage.closed(&host, town.size, Until::Sent(WARM), 0, HALLO).await?;
    let until = Until::Passed(stage.lasts());
    let before = stage.closed(&host, town.size, until, 1_000_000, HALLO).await?;
    town.drained().await?;

    let held = town.database.hold().await?;
    let words: &'static str = LONG.get_or_init(|| "kopi ".repeat(800));
    let (address, crowd) = (host.address, several(town.size, words, SEVERAL));
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
    eprintln!("  {} taken, {} refused, {} cut off", seen.taken, seen.refused, seen.cut);
    ensure!(seen.refused > 0, "a store that stands still refused nothing of {} webhooks", seen.taken);
    sheet.note(&REFUSED, kind, seen.refused as f64, seen.told_when as f64);
    sheet.note(&STALLED_MEMORY, kind, MOST_MEMORY, most);

    let mut after: f64 = 0.0;
    let done = town.drained();
    tokio::pin!(done);
    loop {
        tokio::select! {
            done = &mut done => break done?,
            () = tokio::time::sleep(LOOK) => after = after.max(host.memory()?),
        }
    }
    sheet.note(&CATCHING_UP_MEMORY, kind, MOST_MEMORY, after);
    let after = stage.closed(&host, town.size, until, 3_000_000, HALLO).await?;
    sheet.note(&RECOVERED, kind, before.rate(), after.rate());
    Ok(())
}

/// Words as long as a message may be.
static LONG: std::sync::OnceLock<String> = std::sync::OnceLock::new();
