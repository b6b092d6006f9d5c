//! A real browser before a fresh demo: people's ways through the pages, and pictures of them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::shell::{build, root, target};
use crate::{demo, tools, web};

const FOLDER: &str = "e2e/browser";

/// Builds what is needed and walks every journey.
pub fn journeys() -> Result<()> {
    web::build()?;
    build(&["--package", "sapa"])?;
    drive()
}

/// Walks every journey with what was built.
pub fn drive() -> Result<()> {
    ensure!(script("journeys")?, "a journey does not come to its end");
    Ok(())
}

/// Builds what is needed and takes pictures of every page.
pub fn screenshots() -> Result<()> {
    web::build()?;
    build(&["--package", "sapa"])?;
    ensure!(script("screenshots")?, "not every picture could be taken");
    println!("{}", folder().display());
    Ok(())
}

fn folder() -> std::path::PathBuf {
    target().join("screenshots")
}

/// Runs a script of the folder before a fresh demo.
fn script(name: &str) -> Result<bool> {
    tools::npm(FOLDER)?;
    let chromium = tools::chromium()?;
    demo::on_fresh(None, |facts: &Path| {
        let mut npm = Command::new("npm");
        npm.args(["run", "--silent", name])
            .current_dir(root().join(FOLDER))
            .env("SAPA_DEMO_FACTS", facts)
            .env("SAPA_CHROMIUM", &chromium)
            .env("SAPA_SCREENSHOTS", folder());
        Ok(npm.status().context("cannot start npm")?.success())
    })
}
