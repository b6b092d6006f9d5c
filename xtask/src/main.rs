//! Chores of the repository, run as `cargo xtask <command>`.

#[cfg(feature = "eval")]
mod eval;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the Sapa repository")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Measures how well questions are answered, over real documents unpacked from Debian packages.
    Eval {
        /// Arguments of the evaluation; `cargo xtask eval --help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> Result<ExitCode> {
    #[cfg(feature = "eval")]
    if std::env::var_os(EVALUATING).is_some() {
        return eval::main();
    }
    match Arguments::parse().chore {
        Chore::Eval { arguments } => evaluate(&arguments),
    }
}

/// Set for the second, larger build of this program.
const EVALUATING: &str = "SAPA_XTASK_EVAL";

/// Runs this program again with what the evaluation needs built in.
fn evaluate(arguments: &[String]) -> Result<ExitCode> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--package", "xtask", "--features", "eval", "--"])
        .args(arguments)
        .env(EVALUATING, "1")
        .status()
        .context("cargo could not be started")?;
    Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)))
}
