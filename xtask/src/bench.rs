//! What the product costs: builds what is measured and runs the bench.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::children::Scratch;
use crate::postgres::Postgres;
use crate::shell::{build, capture, root, target};
use crate::{tools, web};

/// What is measured, and how.
#[derive(Args, Debug)]
pub struct Options {
    /// Measure this alone; everything unless told.
    what: Option<What>,
    /// Measure what development builds: sooner there, and slower by itself. Ratios within one build hold in either.
    #[arg(long)]
    dev: bool,
    /// Arguments of the bench after `--`, such as `--rounds 9`; `--help` lists them.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// A thing to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Webhooks taken, answered and sent, on both stores.
    Engine,
    /// The dashboard in a browser, with a large inbox beside a small one.
    Browser,
}

/// Measures what was asked for. Fails when a ratio misses its bar.
pub fn bench(options: &Options) -> Result<ExitCode> {
    let wanted = |what| options.what.is_none_or(|only| only == what);
    if wanted(What::Browser) {
        // The pages are part of the program.
        web::build()?;
    }
    // One by one: what the bench asks of the store is no part of the gateway.
    for package in ["sapa", "bench"] {
        let mut what = vec!["--package", package];
        if !options.dev {
            what.push("--release");
        }
        build(&what)?;
    }
    let programs = target().join(if options.dev { "debug" } else { "release" });
    let mut ended = ExitCode::SUCCESS;
    let measures =
        [(What::Engine, engine as fn(&Options, &Path) -> Result<Measure>), (What::Browser, browser)];
    for (what, measure) in measures {
        if wanted(what) && !measured(options, &programs, measure)? {
            ended = ExitCode::FAILURE;
        }
    }
    Ok(ended)
}

/// Runs the bench once. `false`: a ratio missed its bar, or it could not be measured.
fn measured(
    options: &Options,
    programs: &Path,
    measure: fn(&Options, &Path) -> Result<Measure>,
) -> Result<bool> {
    let mut measure = measure(options, programs)?;
    let bench = &mut measure.bench;
    bench.arg("--sapa").arg(programs.join("sapa")).arg("--out").arg(target().join("bench"));
    if let Ok(revision) =
        capture(Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root()))
    {
        bench.arg("--revision").arg(revision);
    }
    Ok(bench.args(&options.arguments).status()?.success())
}

/// Whether the bench was asked for this part of the engine: told nothing, it measures all of them.
fn wants(options: &Options, part: &str) -> bool {
    let arguments = &options.arguments;
    let told =
        |word: &str| arguments.iter().any(|one| one == word || one.strip_prefix("--part=") == Some(word));
    let some = arguments.iter().any(|one| one == "--part" || one.starts_with("--part="));
    !some || told(part)
}

/// A bench about to run, and what it needs meanwhile.
struct Measure {
    bench: Command,
    _scratch: Option<Scratch>,
    _postgres: Option<Postgres>,
}

fn engine(options: &Options, programs: &Path) -> Result<Measure> {
    const PEERS: &str = "bench/peers";
    let postgres = Postgres::start(true)?;
    let mut bench = Command::new(programs.join("bench"));
    bench.arg("engine").env("SAPA_TEST_DATABASE_URL", postgres.url());
    if wants(options, "peers") {
        let python = tools::python("peers", &format!("{PEERS}/requirements.txt"))?;
        tools::npm(PEERS)?;
        bench.arg("--python").arg(python).arg("--peers").arg(root().join(PEERS));
    }
    Ok(Measure { bench, _scratch: None, _postgres: Some(postgres) })
}

fn browser(_: &Options, programs: &Path) -> Result<Measure> {
    const SCRIPTS: &str = "e2e/browser";
    tools::npm(SCRIPTS)?;
    let chromium = tools::chromium()?;
    let scratch = Scratch::new("bench")?;
    let mut bench = Command::new(programs.join("bench"));
    bench.arg("browser").arg("--chromium").arg(chromium).arg("--script").arg(root().join(SCRIPTS));
    bench.arg("--scratch").arg(scratch.path());
    Ok(Measure { bench, _scratch: Some(scratch), _postgres: None })
}
