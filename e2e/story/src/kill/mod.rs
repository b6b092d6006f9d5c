//! Kills the gateway at random moments under load and counts what arrived.
//!
//! Gateway and emulator start on an empty data folder; customers write and the business sends while answers get lost
//! and webhooks come twice and out of order; the gateway is killed and started again, round after round. Then
//! everything settles, and the emulator's own records say whether all of it holds:
//! - every message that a customer wrote and the gateway acknowledged is in the inbox once;
//! - every message that the gateway accepted is on the phone at most once; if it is there, its ticks came; if not, the
//!   inbox says so (`unresolved`) instead of sending again;
//! - the messages of a conversation arrive in the order in which they were accepted.

pub mod audit;
pub mod house;
pub mod load;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;

use crate::facts::Facts;
use crate::http::Caller;
use house::House;

/// What to kill, and how often.
#[derive(Args, Debug)]
pub struct Options {
    /// The program.
    #[arg(long)]
    sapa: PathBuf,
    /// The database; SQLite unless told. It must be empty.
    #[arg(long)]
    database_url: Option<String>,
    /// How often the gateway is killed.
    #[arg(long, default_value_t = 8)]
    rounds: u32,
    /// How many milliseconds at most pass between a start and the next kill.
    #[arg(long, default_value_t = 4_000)]
    between: u64,
    /// Keep the data folder for a look.
    #[arg(long)]
    keep: bool,
}

/// Runs it; whether everything held.
pub async fn kill(options: &Options) -> Result<bool> {
    let started = Instant::now();
    let since = || format!("{:5.1} s", started.elapsed().as_secs_f64());
    let folder = fresh_folder("kill")?;
    let mut house = House::build(&options.sapa, &folder, options.database_url.as_deref()).await?;
    let facts = Facts::read(&house.facts())?;
    println!("{}  gateway and emulator are ready", since());
    trouble(&facts).await?;
    let load = load::Load::start(&facts)?;
    for round in 1..=options.rounds {
        tokio::time::sleep(Duration::from_millis(
            options.between / 4 + random() % (options.between * 3 / 4).max(1),
        ))
        .await;
        let up = house.kill_gateway().await?;
        println!("{}  killed {round} of {}; back after {:.1} s", since(), options.rounds, up.as_secs_f64());
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let done = load.stop().await?;
    println!("{}  {} messages in, {} out; settling", since(), done.written.len(), done.accepted.len());
    house.move_into_demo().await?;
    let verdict = audit::audit(&facts, &done).await;
    house.close().await?;
    if options.keep {
        println!("the data are in {}", folder.display());
    } else {
        let _ = std::fs::remove_dir_all(&folder);
    }
    let found = verdict?;
    println!("{}  {found}", since());
    Ok(true)
}

/// An empty folder for a run.
pub fn fresh_folder(what: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("sapa-{what}-{}-{:x}", std::process::id(), random()));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Makes the emulator as difficult as Meta on a bad day.
pub async fn trouble(facts: &Facts) -> Result<()> {
    let settings = json!({
        "drop_responses": 0.05,
        "webhooks": { "duplicate": 0.2, "reorder": true },
        "seed": random() % 1_000_000,
    });
    Caller::new(&facts.emulator_url)?.at("_emulator").patch("settings", &settings).await?.expect(200)?;
    Ok(())
}

/// A number nobody foresees: the moments must differ from run to run.
pub fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
