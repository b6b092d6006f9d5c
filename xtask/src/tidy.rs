//! What the compiler cannot hold: directions between crates, roles of files, complete conformance, plain wording.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::shell::{capture, cargo, root};

/// Which of our crates a crate may depend on. Tests may use more.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("rules", &[]),
    ("answers", &[]),
    ("documents", &[]),
    ("dashboard", &[]),
    ("oidc", &[]),
    ("smpp", &[]),
    ("carrier", &[]),
    ("passkeys", &[]),
    ("emulator", &[]),
    ("story", &[]),
    ("meta", &["rules"]),
    ("sqlite", &[]),
    ("store", &["rules", "answers", "sqlite"]),
    ("jobs", &["rules", "store"]),
    (
        "server",
        &["rules", "answers", "documents", "dashboard", "oidc", "passkeys", "smpp", "meta", "store", "jobs"],
    ),
    ("sapa", &["rules", "answers", "documents", "meta", "store", "jobs", "server", "emulator", "carrier"]),
    ("testkit", &["rules", "documents", "meta", "sqlite", "store", "jobs", "server", "emulator"]),
    ("protocol", &["rules"]),
    ("bench", &["meta", "rules", "store", "testkit"]),
    ("xtask", &["answers", "documents", "rules", "store", "testkit"]),
];

/// Runs every check and lists everything that is wrong.
pub fn tidy() -> Result<()> {
    let mut faults = Vec::new();
    directions(&mut faults)?;
    let files = sources(&root())?;
    for (path, text) in &files {
        wording(path, text, &mut faults);
        if path.extension().is_some_and(|kind| kind == "rs") {
            purpose(path, text, &mut faults);
            roles(path, text, &mut faults);
        }
    }
    addresses(&root(), &mut faults)?;
    conformance(&files, &mut faults);
    schemas(&files, &mut faults);
    migrations(&mut faults)?;
    deeds(&files, &mut faults)?;
    if faults.is_empty() {
        println!("{} files are tidy", files.len());
        return Ok(());
    }
    bail!("{} things are not tidy:\n  {}", faults.len(), faults.join("\n  "));
}

/// Dependencies point one way.
fn directions(faults: &mut Vec<String>) -> Result<()> {
    let metadata: Value =
        serde_json::from_str(&capture(cargo().args(["metadata", "--format-version=1", "--no-deps"]))?)?;
    let allowed: BTreeMap<_, _> = DIRECTIONS.iter().copied().collect();
    for package in metadata["packages"].as_array().context("packages")? {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(may) = allowed.get(name) else {
            faults.push(format!(
                "crate {name} has no place in xtask/src/tidy.rs: say which crates it may depend on"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().context("dependencies")? {
            let other = dependency["name"].as_str().unwrap_or_default();
            let ours = dependency["path"].is_string();
            if ours && dependency["kind"].is_null() && !may.contains(&other) {
                faults.push(format!("crate {name} must not depend on {other}"));
            }
        }
    }
    Ok(())
}

/// Every tracked file, and every new one.
fn listed(root: &Path) -> Result<Vec<PathBuf>> {
    let names = capture(
        std::process::Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(root),
    )?;
    Ok(names.lines().map(PathBuf::from).collect())
}

/// Every text file that is ours to word.
fn sources(root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let kinds = ["rs", "md", "toml", "sql", "ts", "tsx", "mjs", "py", "html", "css", "yml"];
    let mut files = Vec::new();
    for path in listed(root)? {
        if path.extension().and_then(|kind| kind.to_str()).is_some_and(|kind| kinds.contains(&kind))
            && let Ok(text) = std::fs::read_to_string(root.join(&path))
        {
            files.push((path, text));
        }
    }
    Ok(files)
}

/// No unfinished work, no traces of one machine, no address that packages are fetched from.
fn wording(path: &Path, text: &str, faults: &mut Vec<String>) {
    if path.ends_with("xtask/src/tidy.rs") {
        return;
    }
    let mut words: Vec<String> =
        ["TODO", "FIXME", "todo!(", "unimplemented!(", "#[ignore", "://registry.", "://static."]
            .map(str::to_owned)
            .into();
    // Wherever this runs, that place is the one that slips in.
    let here = [Some(root()), std::env::home_dir()].into_iter().flatten();
    words.extend(
        here.filter(|place| place.components().count() > 1).map(|place| format!("{}/", place.display())),
    );
    for word in words {
        if let Some(line) = text.lines().position(|line| line.contains(&word)) {
            faults.push(format!("{}:{}: contains {word}", path.display(), line + 1));
        }
    }
}

/// The lock file of the Node packages pins versions and contents, not where they come from.
fn addresses(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    for path in listed(root)?.into_iter().filter(|path| path.ends_with("package-lock.json")) {
        if std::fs::read_to_string(root.join(&path))?.contains("\"resolved\"") {
            faults.push(format!("{}: records download addresses", path.display()));
        }
    }
    Ok(())
}

/// Every Rust file says first what it is for.
fn purpose(path: &Path, text: &str, faults: &mut Vec<String>) {
    if !text.trim_start().starts_with("//!") && !text.trim_start().starts_with("#![") {
        faults.push(format!("{}: does not begin by saying what it is for (//! …)", path.display()));
    }
}

/// Within `server`: HTTP only at the edge, rooms only through their front door, SQL nowhere. Everywhere: the
/// environment is read by the binary alone.
fn roles(path: &Path, text: &str, faults: &mut Vec<String>) {
    let shown = path.display().to_string();
    let Some(inside) = shown.strip_prefix("crates/server/src/") else { return };
    let mut parts = inside.split('/');
    let room = parts.next().unwrap_or_default();
    let edge = inside.ends_with("api.rs")
        || inside.contains("/api/")
        || ["http", "pages"].contains(&room)
        || inside.ends_with("tests.rs");
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        if !edge
            && (code.contains("axum::") || code.contains("utoipa::path") || code.contains("utoipa_axum::"))
        {
            faults.push(format!(
                "{shown}:{}: axum and utoipa paths belong in api.rs, http/ or pages/",
                number + 1
            ));
        }
        if code.contains("sqlx::") {
            faults.push(format!("{shown}:{}: SQL belongs in the store", number + 1));
        }
        if code.contains("std::env::") {
            faults.push(format!("{shown}:{}: only the binary reads the environment", number + 1));
        }
    }
}

/// Every public call of the store is exercised by the conformance suite, which runs on both databases.
fn conformance(files: &[(PathBuf, String)], faults: &mut Vec<String>) {
    let suite: String = files
        .iter()
        .filter(|(path, _)| path.starts_with("crates/store/tests/conformance"))
        .map(|(_, text)| text.as_str())
        .collect();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("crates/store/src")) {
        for line in text.lines().filter(|line| line.starts_with("    pub async fn ")) {
            let name =
                line.trim_start_matches("    pub async fn ").split(['(', '<']).next().unwrap_or_default();
            let called = [format!(".{name}("), format!("::{name}(")].iter().any(|call| suite.contains(call));
            let plumbing = path.ends_with("seam.rs");
            if !called && !plumbing {
                faults.push(format!("{}: {name} is in no conformance test", path.display()));
            }
        }
    }
}

/// A type has a name of its own in the API document: of two with one name it would show only the last.
fn schemas(files: &[(PathBuf, String)], faults: &mut Vec<String>) {
    let mut seen = BTreeMap::new();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("crates/server/src")) {
        for declaration in text.split("#[derive(").skip(1) {
            let Some((derived, rest)) = declaration.split_once(")]") else { continue };
            let Some((attributes, item)) = rest.split_once("\npub") else { continue };
            let item = item.trim_start_matches(|c: char| c != ' ').trim_start();
            if !derived.split(", ").any(|name| name == "ToSchema") {
                continue;
            }
            let named = attributes.split_once("schema(as = ").map(|(_, name)| name);
            let own = item.split_once(' ').map(|(_, name)| name);
            let word =
                |text: &str| text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_owned();
            let Some(name) = named.or(own).map(word) else { continue };
            if let Some(other) = seen.insert(name.clone(), path) {
                faults.push(format!(
                    "{} and {} both call a type {name} in the API document: say `#[schema(as = …)]` at one",
                    other.display(),
                    path.display()
                ));
            }
        }
    }
}

/// What the audit log speaks of has a sentence on its page in every language, and no sentence is left over.
fn deeds(files: &[(PathBuf, String)], faults: &mut Vec<String>) -> Result<()> {
    const WORDS: &str = "crates/server/src/http/deeds.rs";
    let list = std::fs::read_to_string(root().join(WORDS))?;
    let words: BTreeSet<&str> =
        list.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\",")).collect();
    for language in ["en", "id"] {
        let page = format!("web/src/rooms/settings/texts/{language}.json");
        let texts: Value = serde_json::from_str(&std::fs::read_to_string(root().join(&page))?)?;
        let nouns = texts["did"].as_object().into_iter().flatten();
        let told: BTreeSet<String> = nouns
            .flat_map(|(noun, verbs)| {
                verbs.as_object().into_iter().flatten().map(move |(verb, _)| format!("{noun}.{verb}"))
            })
            .collect();
        // A sentence may have forms of its own for what it came to: `conversation.ai_off`.
        let is_form = |told: &str| {
            told.match_indices('_').any(|(at, _)| words.contains(told.get(..at).unwrap_or_default()))
        };
        for word in words.iter().filter(|word| !told.contains(**word)) {
            faults.push(format!("{page}: `did` has no sentence for {word}"));
        }
        for word in told.iter().filter(|word| !words.contains(word.as_str()) && !is_form(word)) {
            faults.push(format!("{page}: {word} is not in {WORDS}"));
        }
    }
    // Most words stand where they are written down.
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("crates/server/src")) {
        for line in text.lines().filter(|line| line.contains("audit(")) {
            let literals = line.split('"').skip(1).step_by(2);
            for word in literals.filter(|one| one.contains('.') && !words.contains(one)) {
                faults.push(format!("{}: {word} is not in {WORDS}", path.display()));
            }
        }
    }
    Ok(())
}

/// The two dialects have the same migrations by number and name.
fn migrations(faults: &mut Vec<String>) -> Result<()> {
    let names = |dialect: &str| -> Result<Vec<String>> {
        let mut names: Vec<_> = std::fs::read_dir(root().join("crates/store/migrations").join(dialect))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        Ok(names)
    };
    if names("sqlite")? != names("postgres")? {
        faults.push("crates/store/migrations: the two dialects have different files".to_owned());
    }
    Ok(())
}
