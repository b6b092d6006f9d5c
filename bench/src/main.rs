//! What the product costs, measured; `cargo xtask bench` builds what is needed and runs this.
//!
//! Invariant: only ratios within one run decide, because machines differ and are busy with other things. Absolute
//! figures are shown and written down beside them.

mod browser;
mod fill;
mod house;
mod record;
mod table;
mod texts;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

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
}

#[tokio::main]
async fn main() -> ExitCode {
    let held = match Arguments::parse().what {
        What::Browser(options) => browser::browser(&options).await,
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
