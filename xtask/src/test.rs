//! The test command: everything that must hold before a change lands.

use std::process::Command;

use anyhow::Result;

use crate::postgres::Postgres;
use crate::shell::{binary, build, cargo, root, run, step};
use crate::{browser, clients, demo, tidy, tools, web};

/// Runs everything, cheapest first.
pub fn test() -> Result<()> {
    tools::compiler()?;
    step("formatting", || run(cargo().args(["fmt", "--all", "--check"])))?;
    step("tidy", tidy::tidy)?;
    step("lints", || {
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))
    })?;
    step("licences, bans and sources of dependencies", || {
        let deny = tools::cargo_deny()?;
        run(Command::new(deny).args(["check", "licenses", "bans", "sources"]).current_dir(root()))
    })?;
    // Carried within the programs that the tests build.
    step("the dashboard is built", web::build)?;
    step("types, lints and tests of the dashboard", web::check)?;
    let postgres = Postgres::start(false)?;
    step("unit, property, snapshot, conformance and integration tests", || {
        run(cargo()
            .args(["test", "--workspace", "--quiet", "--no-fail-fast"])
            .env("SAPA_TEST_DATABASE_URL", postgres.url()))
    })?;
    // The programs, built as the tests were.
    build(&["--workspace", "--bins"])?;
    step("published clients drive the emulator", clients::drive)?;
    step("people's ways through the pages, in a browser", browser::drive)?;
    step("the story and lost answers, on SQLite", || demo::story(None))?;
    step("the story and lost answers, on PostgreSQL", || demo::story(Some(&postgres)))?;
    drop(postgres);
    step("killed again and again, on SQLite", || kill(None))?;
    step("killed again and again, on PostgreSQL", || kill(Some(&Postgres::start(true)?)))?;
    step("disks and clocks that go wrong", || run(&mut story("disk")))?;
    step("backed up, restored and moved while busy", moved)?;
    println!("\nEverything holds.");
    Ok(())
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

/// A story that starts the program by itself.
fn story(what: &str) -> Command {
    let mut story = Command::new(binary("story"));
    story.arg(what).arg("--sapa").arg(binary("sapa"));
    story
}
