//! The product from outside, over real HTTP: the whole story, sends with lost answers, kills under load, backups and
//! moves of a busy gateway.
//!
//! Invariant: black box. It knows addresses, keys and the public documents of gateway and emulator, and nothing of
//! their code.

mod disk;
mod exactly_once;
mod facts;
mod http;
mod kill;
mod live;
mod moving;
mod nodes;
mod report;
mod walk;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "story", about = "Tries out a running demo, or kills one under load")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Walks through the whole story on a running demo.
    Walk {
        /// The demo's `demo.json`.
        facts: PathBuf,
        /// Print one JSON object and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Sends many messages on a running demo while answers get lost; each must arrive once.
    Sends {
        /// The demo's `demo.json`.
        facts: PathBuf,
        /// How many.
        #[arg(long, default_value_t = 1_000)]
        count: usize,
    },
    /// Starts a gateway, kills it again and again under load, and counts what arrived.
    Kill(kill::Options),
    /// Takes the disk and the time from under a gateway, and sees what it says and keeps.
    Disk(disk::Options),
    /// Runs several nodes on PostgreSQL under load, adds, stops, pauses and kills them, and lets the database fail over.
    Nodes(nodes::Options),
    /// Backs a gateway up under load, restores it, moves it to PostgreSQL and back, and uses it each time.
    Move(moving::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything held.
async fn run() -> Result<bool> {
    match Arguments::parse().what {
        What::Walk { facts, json } => walk::walk(&facts::Facts::read(&facts)?, json).await,
        What::Sends { facts, count } => exactly_once::sends(&facts::Facts::read(&facts)?, count).await,
        What::Kill(options) => kill::kill(&options).await,
        What::Disk(options) => disk::disk(&options).await,
        What::Nodes(options) => nodes::nodes(&options).await,
        What::Move(options) => moving::moving(&options).await,
    }
}
