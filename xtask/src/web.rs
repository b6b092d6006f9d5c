//! The dashboard and the emulator's phone: built by npm, checked against the API's document.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};

use crate::children::Scratch;
use crate::shell::{root, run};
use crate::tools;

/// Where the front end lives.
const FOLDER: &str = "web";
/// The API's document; a test of the server holds it against the code.
const DOCUMENT: &str = "crates/server/openapi.json";
/// What is built: the dashboard, and the emulator's phone.
const BUILT: [&str; 2] = ["dist", "phone/dist"];
/// Types of the API, made from its document.
const TYPES: &str = "src/api/schema.d.ts";

/// Builds the pages where they or what they need changed since. Cargo carries them within the binary.
pub fn build() -> Result<()> {
    tools::npm(FOLDER)?;
    let folder = root().join(FOLDER);
    // Made beforehand, since a folder that is new makes the one around it look changed.
    for built in BUILT {
        std::fs::create_dir_all(folder.join(built))?;
    }
    let built = BUILT.iter().map(|built| modified(&folder.join(built).join("index.html"))).min().flatten();
    if built.is_none() || built < newest(&folder)? {
        run(npm(&folder).args(["run", "--silent", "build"]))?;
    }
    Ok(())
}

/// Types, lints and tests of the pages, and the weight of what was built; fails where the types and the API's document
/// have drifted apart.
pub fn check() -> Result<()> {
    let folder = root().join(FOLDER);
    let scratch = Scratch::new("types")?;
    let made = scratch.path().join("schema.d.ts");
    make_types(&made)?;
    let read = |path: &Path| std::fs::read_to_string(path).context(path.display().to_string());
    ensure!(
        read(&made)? == read(&folder.join(TYPES))?,
        "{FOLDER}/{TYPES} no longer fits the API: run `cargo xtask web --types` and mend what does not compile"
    );
    run(npm(&folder).args(["run", "--silent", "check"]))?;
    run(npm(&folder).args(["run", "--silent", "weigh"]))
}

/// Makes the types of the API anew.
pub fn types() -> Result<()> {
    tools::npm(FOLDER)?;
    make_types(&root().join(FOLDER).join(TYPES))
}

/// Makes them from the API's document.
fn make_types(file: &Path) -> Result<()> {
    let folder = root().join(FOLDER);
    run(Command::new(folder.join("node_modules/.bin/openapi-typescript"))
        .arg(root().join(DOCUMENT))
        .arg("--output")
        .arg(file)
        .stdout(Stdio::null())
        .current_dir(folder))
}

fn npm(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder);
    npm
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// When anything that the pages are made of changed last.
fn newest(folder: &Path) -> Result<Option<SystemTime>> {
    let mut newest = modified(folder);
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if name == "node_modules" || name == "dist" {
            continue;
        }
        newest = newest.max(if path.is_dir() { self::newest(&path)? } else { modified(&path) });
    }
    Ok(newest)
}
