//! The test command: everything that must hold before a change lands.
//!
//! Stages follow one another, cheapest first. Within a stage parts run side by side where they wait more than they work;
//! each is a process of its own (`cargo xtask test --only <part>`), so that what it says stays together.

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::postgres::Postgres;
use crate::shell::{binary, build, cargo, root, run, side_by_side, step};
use crate::{browser, clients, demo, postgres, tidy, tools, web};

/// A part of the test command that can run by itself, and beside others.
#[derive(Clone, Copy, ValueEnum)]
pub enum Part {
    /// Formatting, and what the compiler cannot see.
    Tidy,
    /// Clippy, everywhere.
    Lints,
    /// Licences, bans and sources of what we depend on.
    Dependencies,
    /// Types, lints, tests and weight of the dashboard.
    Dashboard,
    /// Unit, property, snapshot, conformance and integration tests.
    Unit,
    /// People's ways through the pages, in a browser.
    Journeys,
    /// Published clients drive the emulator.
    Clients,
    /// The story and lost answers, on SQLite.
    Story,
    /// The story and lost answers, on PostgreSQL.
    StoryPostgres,
    /// Killed again and again, on SQLite.
    Kill,
    /// Killed again and again, on PostgreSQL.
    KillPostgres,
    /// Disks and clocks that go wrong.
    Disk,
    /// Backed up, restored and moved between the databases while busy.
    Move,
    /// Several nodes on PostgreSQL, whose primary is lost.
    Nodes,
}

/// What needs only the sources.
const SOURCES: &[Part] = &[Part::Lints, Part::Dependencies, Part::Dashboard];

/// What needs only the programs, longest first.
const PROGRAMS: &[Part] = &[
    Part::Nodes,
    Part::Kill,
    Part::StoryPostgres,
    Part::Story,
    Part::Disk,
    Part::KillPostgres,
    Part::Move,
    Part::Clients,
];

/// How many parts run at once.
const AT_ONCE: usize = 4;

/// Runs everything.
pub fn test() -> Result<()> {
    tools::compiler()?;
    step("tidy", || part(Part::Tidy))?;
    step("the dashboard is built", web::build)?;
    side_by_side(&names(SOURCES), AT_ONCE)?;
    step("unit, property, snapshot, conformance and integration tests", || part(Part::Unit))?;
    // The programs, built as the tests were.
    build(&["--workspace", "--bins"])?;
    step("people's ways through the pages, in a browser", || part(Part::Journeys))?;
    side_by_side(&names(PROGRAMS), AT_ONCE)?;
    println!("\nEverything holds.");
    Ok(())
}

/// Runs one part. What it needs has been built: the programs by `cargo build --workspace --bins`, the pages by `cargo
/// xtask web`.
pub fn part(part: Part) -> Result<()> {
    match part {
        Part::Tidy => {
            run(cargo().args(["fmt", "--all", "--check"]))?;
            tidy::tidy()
        }
        Part::Lints => {
            run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))
        }
        Part::Dependencies => {
            let deny = tools::cargo_deny()?;
            run(Command::new(deny).args(["check", "licenses", "bans", "sources"]).current_dir(root()))
        }
        Part::Dashboard => web::check(),
        Part::Unit => {
            let postgres = Postgres::start(false)?;
            run(cargo()
                .args(["test", "--workspace", "--quiet", "--no-fail-fast"])
                // Tests on real databases and over real HTTP wait as long as they work.
                .env("RUST_TEST_THREADS", "4")
                .env("SAPA_TEST_DATABASE_URL", postgres.url()))
        }
        Part::Journeys => browser::drive(),
        Part::Clients => clients::drive(),
        Part::Story => demo::story(None),
        Part::StoryPostgres => demo::story(Some(&Postgres::start(false)?)),
        Part::Kill => kill(None),
        Part::KillPostgres => kill(Some(&Postgres::start(true)?)),
        Part::Disk => run(&mut story("disk")),
        Part::Move => moved(),
        Part::Nodes => nodes(),
    }
}

/// What the parts are called on the command line.
fn names(parts: &[Part]) -> Vec<String> {
    let name = |part: &Part| part.to_possible_value().map(|value| value.get_name().to_owned());
    parts.iter().filter_map(name).collect()
}

/// Kills the gateway under load, time after time, and counts what arrived.
fn kill(postgres: Option<&Postgres>) -> Result<()> {
    let mut story = story("kill");
    if let Some(server) = postgres {
        story.args(["--database-url", &server.database("sapa_kill")?]);
    }
    run(&mut story)
}

/// Backs a busy gateway up, restores it, and moves it between the databases.
fn moved() -> Result<()> {
    let server = Postgres::start(false)?;
    run(story("move")
        .arg("--postgres")
        .args([server.database("sapa_moved")?, server.database("sapa_restored")?]))
}

/// Disturbs several nodes, and loses their database's primary. On demand it takes longer, and pauses a node for longer than a
/// lease.
fn nodes() -> Result<()> {
    let mut story = story("nodes");
    story.arg("--postgres-tools").arg(postgres::programs()?).args(["--rounds", "3", "--pause", "15"]);
    run(story.args(["--failovers", "1"]))
}

/// A story that starts the program by itself.
fn story(what: &str) -> Command {
    let mut story = Command::new(binary("story"));
    story.arg(what).arg("--sapa").arg(binary("sapa"));
    story
}
