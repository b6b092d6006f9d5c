//! The test command: everything that must hold before a change lands.

use std::process::Command;

use anyhow::Result;

use crate::postgres::Postgres;
use crate::shell::{cargo, root, run, step};
use crate::{demo, tidy, tools};

/// Runs everything, cheapest first.
pub fn test() -> Result<()> {
    step("formatting", || run(cargo().args(["fmt", "--all", "--check"])))?;
    step("tidy", tidy::tidy)?;
    step("lints", || run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])))?;
    step("licences, bans and sources of dependencies", || {
        run(Command::new(tools::cargo_deny()?).args(["--offline", "check", "licenses", "bans", "sources"]).current_dir(root()))
    })?;
    let postgres = Postgres::start(false)?;
    step("unit, property, snapshot, conformance and integration tests", || {
        run(cargo().args(["test", "--workspace", "--quiet"]).env("SAPA_TEST_DATABASE_URL", postgres.url()))
    })?;
    step("the story, on SQLite", || demo::check(&demo::Options::fresh(None)?))?;
    step("the story, on PostgreSQL", || demo::check(&demo::Options::fresh(Some(postgres.database("sapa_story")?))?))?;
    println!("\nEverything holds.");
    Ok(())
}
