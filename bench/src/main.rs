//! What the product costs, measured; `cargo xtask bench` builds what is needed and runs this.
//!
//! Invariant: only ratios within one run decide, because machines differ and are busy with other things. Absolute
//! figures are shown and written down beside them.

mod browser;
mod engine;
mod fill;
mod house;
mod plot;
mod record;
mod table;
mod texts;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use rules::time::Timestamp;

#[derive(Parser)]
#[command(name = "bench", about = "Measures what Sapa costs")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The dashboard in a browser: a large inbox beside a small one.
    Browser(browser::Options),
    /// The engine under load, beside what the machine can do at all.
    Engine(engine::Options),
    /// The server that only verifies and parses webhooks.
    #[command(hide = true)]
    Ceiling {
        /// Where to listen.
        #[arg(long)]
        listen: std::net::SocketAddr,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let held = match Arguments::parse().what {
        What::Browser(options) => browser::browser(&options).await,
        What::Engine(options) => engine::engine(options).await,
        What::Ceiling { listen } => engine::ceiling::serve(listen).await.map(|()| true),
    };
    ended(held)
}

fn ended(held: Result<bool>) -> ExitCode {
    match held {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench runs now, and says when")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
