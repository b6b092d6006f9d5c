//! What the product costs: builds what is measured and runs the bench.

use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::Args;

use crate::children::Scratch;
use crate::shell::{build, capture, exit_code, root, target};
use crate::{tools, web};

/// What is measured, and how.
#[derive(Args, Debug)]
pub struct Options {
    /// Measure what development builds: sooner there, and slower by itself. Ratios hold in either.
    #[arg(long)]
    dev: bool,
    /// Arguments of the bench, such as `--rounds 9`; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Measures the dashboard with a large inbox beside a small one.
pub fn bench(options: &Options) -> Result<ExitCode> {
    const BROWSER: &str = "e2e/browser";
    tools::npm(BROWSER)?;
    let chromium = tools::chromium()?;
    web::build()?;
    // One by one: what the bench asks of the store is no part of the gateway.
    for package in ["sapa", "bench"] {
        let mut what = vec!["--package", package];
        if !options.dev {
            what.push("--release");
        }
        build(&what)?;
    }
    let programs = target().join(if options.dev { "debug" } else { "release" });
    let scratch = Scratch::new("bench")?;
    let mut bench = Command::new(programs.join("bench"));
    bench.arg("browser").arg("--sapa").arg(programs.join("sapa")).arg("--chromium").arg(chromium);
    bench.arg("--script").arg(root().join(BROWSER)).arg("--out").arg(target().join("bench"));
    bench.arg("--scratch").arg(scratch.path());
    if let Ok(revision) =
        capture(Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root()))
    {
        bench.arg("--revision").arg(revision);
    }
    exit_code(bench.args(&options.arguments))
}
