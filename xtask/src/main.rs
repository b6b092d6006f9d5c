//! Chores of the repository, run as `cargo xtask <command>`.

mod bench;
mod browser;
mod children;
mod clients;
mod demo;
#[cfg(feature = "eval")]
mod eval;
mod postgres;
mod shell;
mod test;
mod tidy;
mod tools;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the Sapa repository")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds and runs gateway and emulator with two demo organisations. With `--check`, tries everything out and stops.
    Demo(demo::Options),
    /// Everything that must hold before a change lands.
    Test {
        /// Run this part alone, with what was built before.
        #[arg(long)]
        only: Option<test::Part>,
    },
    /// Checks what the compiler cannot: directions between crates, roles of files, plain wording.
    Tidy,
    /// Runs a PostgreSQL server for single tests until Ctrl-C.
    Postgres,
    /// Builds the dashboard's and the phone's pages, which the programs carry within.
    Web {
        /// Make the types of the API anew from its document instead.
        #[arg(long)]
        types: bool,
    },
    /// People's ways through the dashboard, in headless Chromium, on a fresh demo.
    Journeys,
    /// Takes pictures of every page in every language and theme into `target/screenshots`.
    Screenshots,
    /// Measures what the product costs: the engine under load, the dashboard with a large inbox beside a small one. Fails
    /// where a ratio misses its bar.
    Bench(bench::Options),
    /// Drives the emulator with published WhatsApp clients.
    Clients,
    /// Measures how well questions are answered, over real documents unpacked from Debian packages.
    Eval {
        /// Arguments of the evaluation; `cargo xtask eval --help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    #[cfg(feature = "eval")]
    if std::env::var_os(EVALUATING).is_some() {
        return eval::main();
    }
    match Arguments::parse().chore {
        Chore::Demo(options) => return demo::demo(&options),
        Chore::Test { only: Some(part) } => test::part(part)?,
        Chore::Test { only: None } => test::test()?,
        Chore::Tidy => tidy::tidy()?,
        Chore::Postgres => postgres::serve()?,
        Chore::Web { types: true } => web::types()?,
        Chore::Web { types: false } => web::build()?,
        Chore::Journeys => browser::journeys()?,
        Chore::Screenshots => browser::screenshots()?,
        Chore::Bench(options) => return bench::bench(&options),
        Chore::Clients => clients::clients()?,
        Chore::Eval { arguments } => return evaluate(&arguments),
    }
    Ok(ExitCode::SUCCESS)
}

/// Set for the second, larger build of this program.
const EVALUATING: &str = "SAPA_XTASK_EVAL";

/// Runs this program again with what the evaluation needs built in.
fn evaluate(arguments: &[String]) -> Result<ExitCode> {
    let mut again = shell::cargo();
    again.args(["run", "--quiet", "--package", "xtask", "--features", "eval", "--"]).args(arguments);
    shell::exit_code(again.env(EVALUATING, "1"))
}
