//! The demo: gateway and emulator with two organisations; with `--check`, the whole story on a fresh one.

use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde_json::json;

use crate::children::{Running, Scratch};
use crate::postgres::Postgres;
use crate::shell::{binary, build, root};
use crate::{tools, web};

/// How the demo runs.
#[derive(Args, Debug, Default)]
pub struct Options {
    /// Run the whole story over real HTTP on a fresh demo, stop everything and exit with 0 or 1.
    #[arg(long)]
    check: bool,
    /// With `--check`: print one JSON object and nothing else on standard output.
    #[arg(long, requires = "check")]
    json: bool,
    /// With `--check`: on a PostgreSQL server that is started for it, in place of SQLite.
    #[arg(long, requires = "check")]
    postgres: bool,
    /// The folder that keeps database, keys and files from start to start; `data/demo` unless told.
    #[arg(long, env = "SAPA_DEMO_DATA", conflicts_with = "check")]
    data: Option<PathBuf>,
    /// The gateway's port.
    #[arg(long, conflicts_with = "check")]
    port: Option<u16>,
    /// The emulator's port.
    #[arg(long, conflicts_with = "check")]
    emulator_port: Option<u16>,
}

/// Runs the demo, or checks it.
pub fn demo(options: &Options) -> Result<ExitCode> {
    if options.check {
        return check(options);
    }
    prepare(&["--package", "sapa"])?;
    let data = options.data.clone().unwrap_or_else(|| root().join("data/demo"));
    let mut demo = Command::new(binary("sapa"));
    demo.arg("demo").arg("--data").arg(data);
    for (flag, port) in [("--listen", options.port), ("--emulator-listen", options.emulator_port)] {
        if let Some(port) = port {
            demo.arg(flag).arg(format!("{}:{port}", Ipv4Addr::LOCALHOST));
        }
    }
    // In our place, so that Ctrl-C and signals reach it and nobody stands between.
    Err(anyhow::Error::new(demo.exec()).context("cannot start the demo"))
}

/// The programs of the story, and what they need.
const PROGRAMS: &[&str] = &["--package", "sapa", "--package", "story"];

/// Runs the story, then sends with lost answers, on SQLite or on this PostgreSQL server; what is needed is built.
pub fn story(postgres: Option<&Postgres>) -> Result<()> {
    let database = postgres.map(|server| server.database("sapa_story")).transpose()?;
    ensure!(walk(database.as_deref(), &[&["walk"], &["sends"]])?, "the story does not hold");
    Ok(())
}

fn check(options: &Options) -> Result<ExitCode> {
    let started = Instant::now();
    let checked = prepare(PROGRAMS).and_then(|()| {
        let server = options.postgres.then(|| Postgres::start(false)).transpose()?;
        let database = server.as_ref().map(|server| server.database("sapa_story")).transpose()?;
        let parts: &[&[&str]] = if options.json { &[&["walk", "--json"]] } else { &[&["walk"]] };
        walk(database.as_deref(), parts)
    });
    if let (true, Err(error)) = (options.json, &checked) {
        let step = json!({ "name": "the demo starts", "ok": false, "ms": started.elapsed().as_millis(), "detail": format!("{error:#}") });
        println!("{}", json!({ "ok": false, "seconds": started.elapsed().as_secs_f64(), "steps": [step] }));
        return Ok(ExitCode::FAILURE);
    }
    Ok(if checked? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs what is missing and builds what is run, with progress shown.
fn prepare(what: &[&str]) -> Result<()> {
    tools::compiler()?;
    web::build()?;
    build(what)
}

/// Parts of the story on a fresh demo. `false`: the story has said what does not hold.
fn walk(database: Option<&str>, parts: &[&[&str]]) -> Result<bool> {
    on_fresh(database, |facts| {
        let mut held = true;
        for part in parts {
            let mut story = Command::new(binary("story"));
            held &= story.args(*part).arg(facts).status().context("cannot start the story")?.success();
        }
        Ok(held)
    })
}

/// Does something with a fresh demo, whose facts it is told, and ends it. `false`: what was done has said what does not
/// hold; then the end of the demo's log is shown.
pub fn on_fresh(database: Option<&str>, what: impl FnOnce(&Path) -> Result<bool>) -> Result<bool> {
    let scratch = Scratch::new("demo")?;
    let log = scratch.path().join("demo.log");
    let output = std::fs::File::create(&log)?;
    let data = scratch.path().join("data");
    let mut command = Command::new(binary("sapa"));
    command.arg("demo").arg("--data").arg(&data).args([
        "--listen",
        "127.0.0.1:0",
        "--emulator-listen",
        "127.0.0.1:0",
    ]);
    if let Some(database) = database {
        command.args(["--database-url", database]);
    }
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let mut demo = Running::start("the demo", &mut command)?;
    let facts = data.join("demo.json");
    let told = demo.until(Duration::from_secs(120), || facts.is_file());
    told.with_context(|| tail(&log))?;
    let held = what(&facts)?;
    let ended = demo.stop()?;
    if !held {
        eprintln!("{}", tail(&log));
    }
    if !ended.success() {
        bail!("the demo ended with {ended} after it was asked to stop\n{}", tail(&log));
    }
    Ok(held)
}

/// The end of what the demo said; requests that were answered say nothing about a failure.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("\"level\":\"INFO\"")).collect();
    let last = lines.get(lines.len().saturating_sub(12)..).unwrap_or_default();
    format!("the demo said last:\n{}", last.join("\n"))
}
