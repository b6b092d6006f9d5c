//! The dashboard in a browser: what opening and scrolling cost with a large inbox, beside a small one.

mod figures;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use store::{Store, StoreOptions};
use tokio::process::Command;

use crate::fill::{self, Amount, fill};
use crate::house::{House, Org};
use crate::now;
use crate::record::{self, Run};
use crate::table::Table;

/// How the dashboard is measured.
#[derive(Args, Debug)]
pub struct Options {
    /// The gateway's program.
    #[arg(long)]
    sapa: PathBuf,
    /// The browser's program.
    #[arg(long)]
    chromium: PathBuf,
    /// The folder of the script that drives the browser.
    #[arg(long)]
    script: PathBuf,
    /// Where the figures go.
    #[arg(long)]
    out: PathBuf,
    /// A folder for the demo's data, deleted by whoever made it.
    #[arg(long)]
    scratch: PathBuf,
    /// The revision of the code, for the history.
    #[arg(long)]
    revision: Option<String>,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Conversations of the large inbox.
    #[arg(long, default_value_t = 100_000)]
    conversations: usize,
    /// Messages of the large inbox's newest conversation.
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
}

/// What the large one is compared with.
const SMALL: Amount = Amount { conversations: 100, messages: 100, each: 1 };

/// Measures, shows, writes down. `false`: a ratio misses its bar.
pub async fn browser(options: &Options) -> Result<bool> {
    let large = Amount { conversations: options.conversations, messages: options.messages, each: 1 };
    let house = House::open(&options.sapa, &options.scratch).await?;
    let facts = house.facts()?;
    let [first, second] = facts.orgs.as_slice() else { anyhow::bail!("the demo has not two organisations") };
    let database = house.database();
    house.close().await?;
    let orgs = [("small", first, SMALL), ("large", second, large)];
    let inboxes = filled(&database, &orgs).await?;

    let house = House::open(&options.sapa, &options.scratch).await?;
    let measured = drive(options, &house.facts_file(), &inboxes).await;
    house.close().await?;
    let measured = measured?;
    let rows = record::compared(&options.out, "browser", figures::rows(&measured)?)?;
    let title = format!(
        "{} conversations and a thread of {} messages beside {} and {}: medians of {} rounds",
        large.conversations, large.messages, SMALL.conversations, SMALL.messages, options.rounds
    );
    print!("{}", Table { title: &title, columns: ["small", "large"], rows: &rows });
    let holds = rows.iter().all(crate::table::Row::holds);
    let run = Run {
        bench: "browser",
        at: now(),
        revision: options.revision.as_deref(),
        setting: json!({ "small": SMALL, "large": large, "rounds": options.rounds }),
        holds,
        rows: &rows,
    };
    let file = record::keep(&options.out, &run, &measured)?;
    println!("\n{}", file.display());
    Ok(holds)
}

/// Fills the organisations, and says for the script what there is.
async fn filled(database: &str, orgs: &[(&str, &Org, Amount)]) -> Result<Value> {
    let store = Store::open(&StoreOptions { url: database.to_owned(), connections: 2 }).await?;
    let mut inboxes = serde_json::Map::new();
    for (name, org, amount) in orgs {
        let started = Instant::now();
        let filled = fill(&store, org.org_id.parse()?, org.number_id.parse()?, *amount, now()).await?;
        fill::index(&store).await?;
        eprintln!(
            "{name}: {} conversations and a thread of {} messages in {:.1} s",
            amount.conversations,
            amount.messages,
            started.elapsed().as_secs_f64()
        );
        // A name that only the oldest fifth has, a word that half of the messages hold.
        let oldest = (amount.conversations - 1) / 5 * 5;
        inboxes.insert(
            (*name).to_owned(),
            json!({ "slug": org.slug, "org_id": org.org_id, "thread": filled.thread,
                "conversations": amount.conversations, "messages": amount.messages,
                "rare": crate::texts::rare(oldest), "common": "kopi" }),
        );
    }
    store.close().await;
    Ok(Value::Object(inboxes))
}

/// Lets the script measure, and reads what it found.
async fn drive(options: &Options, facts: &Path, inboxes: &Value) -> Result<Value> {
    let wanted = json!({ "rounds": options.rounds, "inboxes": inboxes });
    let output = Command::new("node")
        .arg(options.script.join("bench.mjs"))
        .current_dir(&options.script)
        .env("SAPA_DEMO_FACTS", facts)
        .env("SAPA_CHROMIUM", &options.chromium)
        .env("SAPA_BENCH", wanted.to_string())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot start Node.js")?;
    ensure!(output.status.success(), "the browser could not be measured: {}", output.status);
    serde_json::from_slice(&output.stdout).context("the script's figures do not read")
}
