//! The engine under load: webhooks taken, answered and sent, beside what the machine can do at all.
//!
//! Every round measures both sides of a ratio one after the other, so that what disturbs the machine disturbs both. What
//! decides is the median of the rounds' ratios. Where the bars are says [`figures`].

mod acknowledge;
mod answer;
mod api;
mod backlog;
pub mod ceiling;
mod courier;
mod disk;
mod emulated;
mod figures;
mod graph;
mod growth;
mod host;
mod notify;
mod peers;
mod saturation;
mod send;
mod sheet;
mod stage;
mod stages;
mod tenants;
mod traffic;
mod webhook;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::now;
use crate::plot::plot;
use crate::record::{self, Run};
use crate::table::{Row, Table};
use sheet::{Sheet, counted};
use stage::{CONNECTIONS, Stage};

/// How the engine is measured.
#[derive(Args, Debug)]
pub struct Options {
    /// The gateway's program.
    #[arg(long)]
    sapa: PathBuf,
    /// Where the figures go.
    #[arg(long)]
    out: PathBuf,
    /// The revision of the code, for the history.
    #[arg(long)]
    revision: Option<String>,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many seconds one measurement lasts.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// How many messages go the whole way in one measurement.
    #[arg(long, default_value_t = 10_000)]
    messages: u64,
    /// How many organisations there are.
    #[arg(long, default_value_t = 100)]
    orgs: usize,
    /// How many numbers each has.
    #[arg(long, default_value_t = 10)]
    numbers: usize,
    /// How many messages are stored in the large database of `growth`.
    #[arg(long, default_value_t = 1_000_000)]
    stored: usize,
    /// How many messages one tenant has queued in `send`.
    #[arg(long, default_value_t = 50_000)]
    backlog: usize,
    /// How many numbers share the process in `send`.
    #[arg(long, default_value_t = 10_000)]
    sharing: usize,
    /// To how many people a notification goes in `notify`.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// The Python of the peers, with their packages.
    #[arg(long)]
    python: Option<PathBuf>,
    /// The folder of the peers' programs.
    #[arg(long)]
    peers: Option<PathBuf>,
    /// Only on this store.
    #[arg(long)]
    only: Option<Kind>,
    /// Only these parts; everything unless told.
    #[arg(long, value_enum)]
    part: Vec<Part>,
}

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A part of the measuring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Webhooks made durable and acknowledged.
    Acknowledge,
    /// Messages answered, with a fixed reply and from knowledge.
    Answer,
    /// What one number sends, and whether tenants delay each other.
    Send,
    /// A store that stands still.
    Saturation,
    /// Where the processor's time goes.
    Stages,
    /// Other people's servers at the same work.
    Peers,
    /// Many organisations, and many messages.
    Growth,
    /// A notification to many people.
    Notify,
}

/// Measures, shows, writes down. `false`: a ratio misses its bar.
pub async fn engine(options: Options) -> Result<bool> {
    let stage = Stage::set(options)?;
    let options = &stage.options;
    let parts = if options.part.is_empty() { Part::value_variants() } else { options.part.as_slice() };
    let mut sheet = Sheet::default();
    for part in parts {
        for kind in [Kind::Sqlite, Kind::Postgres] {
            if options.only.is_none_or(|only| only == kind) {
                measure(&stage, *part, kind, &mut sheet).await?;
            }
        }
    }
    let rows = record::compared(&options.out, "engine", sheet.rows())?;
    let title = format!(
        "{} numbers of {} organisations, {CONNECTIONS} connections: medians of {} rounds",
        counted(stage.size().lines()),
        counted(options.orgs),
        options.rounds
    );
    print!("{}", Table { title: &title, columns: ["beside", "measured"], rows: &rows });
    let holds = rows.iter().all(Row::holds);
    let setting = json!({ "size": stage.size(), "rounds": options.rounds, "messages": options.messages,
        "stored": options.stored, "backlog": options.backlog, "sharing": options.sharing, "people": options.people, "parts": parts });
    let run = Run {
        bench: "engine",
        at: now(),
        revision: options.revision.as_deref(),
        setting,
        holds,
        rows: &rows,
    };
    let file = record::keep(&options.out, &run, &json!(sheet))?;
    let picture = plot(&title, &rows, |row| sheet.ratios(&row.name));
    std::fs::write(file.with_extension("svg"), picture)?;
    println!("\n{}\n{}", file.display(), file.with_extension("svg").display());
    Ok(holds)
}

/// One part on one kind of store, all its rounds.
async fn measure(stage: &Stage, part: Part, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    eprintln!("{part:?} on {kind:?}");
    if part == Part::Growth {
        // Filled once, for all rounds.
        return growth::measure(stage, kind, sheet).await;
    }
    for _ in 0..stage.options.rounds {
        match part {
            Part::Acknowledge => acknowledge::measure(stage, kind, sheet).await?,
            Part::Answer => answer::measure(stage, kind, sheet).await?,
            Part::Send => send::measure(stage, kind, sheet).await?,
            Part::Saturation => saturation::measure(stage, kind, sheet).await?,
            Part::Stages => stages::measure(stage, kind, sheet).await?,
            Part::Peers => peers::measure(stage, kind, sheet).await?,
            Part::Notify => notify::measure(stage, kind, sheet).await?,
            Part::Growth => {}
        }
    }
    Ok(())
}
