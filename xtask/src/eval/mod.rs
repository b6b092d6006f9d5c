//! `cargo xtask eval`: our own questions over real public documents, asked the way customers ask.
//!
//! Documents come from Debian packages and stay in a folder below `target/`; nothing of them is in the repository.
//! Both stores are measured: SQLite always, PostgreSQL where `SAPA_TEST_DATABASE_URL` names a server.
//! What is measured and the bars are described in `docs/answers.md`.

mod corpus;
mod embeddings;
mod index;
mod measure;
mod questions;
mod report;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use answers::Language;
use anyhow::{Context, Result};
use clap::Parser;
use testkit::Database;

#[derive(Parser)]
#[command(name = "cargo xtask eval", about = "Measures how well questions are answered")]
struct Options {
    /// Only this language: en or id.
    #[arg(long)]
    language: Option<String>,
    /// Also measures with an embeddings endpoint, started locally around a public English model.
    #[arg(long)]
    embeddings: bool,
    /// Prints every question of the tuning part that went wrong.
    #[arg(long)]
    misses: bool,
    /// Prints the passages and asks nothing: for those who write questions.
    #[arg(long)]
    passages: bool,
    /// Prints one JSON object instead of the table.
    #[arg(long)]
    json: bool,
}

/// Runs the evaluation; the exit code is 1 where a bar is missed.
pub fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let root = repository();
    let cache = target(&root).join("eval");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut runs = Vec::new();
    for language in Language::ALL {
        if options.language.as_deref().is_some_and(|only| Language::from_code(only) != Some(language)) {
            continue;
        }
        let passages = corpus::passages(&cache, language)?;
        if options.passages {
            for one in &passages {
                println!("# {} [{}]\n{}\n", one.title_path(), one.language.code(), one.text);
            }
            continue;
        }
        let questions = questions::load(&root, language, &passages)?;
        for database in databases(&runtime)? {
            let store = database.store.kind();
            let index = index::Index::new(&runtime, database, &passages, language)?;
            runs.push(measure::run(language, store, &questions, &index, None)?);
            // The model knows English only.
            if options.embeddings && language == Language::English {
                let endpoint = embeddings::Endpoint::start(&root, &cache)?;
                let vectors = embeddings::Vectors::new(&endpoint, &cache, &passages)?;
                runs.push(measure::run(language, store, &questions, &index, Some(&vectors))?);
            }
        }
    }
    let verdict = report::verdict(&runs);
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report::json(&runs, &verdict))?);
    } else {
        report::print(&runs, &verdict);
        if options.misses {
            report::misses(&runs);
        }
    }
    Ok(if verdict.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A fresh SQLite database, and one on PostgreSQL where a server is given.
fn databases(runtime: &tokio::runtime::Runtime) -> Result<Vec<Database>> {
    let mut databases = vec![runtime.block_on(Database::sqlite())?];
    if std::env::var_os("SAPA_TEST_DATABASE_URL").is_some() {
        databases.push(runtime.block_on(Database::postgres())?);
    }
    Ok(databases)
}

fn repository() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("xtask"), PathBuf::from);
    xtask.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// Runs a program to its end; its output is shown only where it fails.
fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<()> {
    let output = std::process::Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .with_context(|| format!("{program} could not be started; is it installed?"))?;
    anyhow::ensure!(
        output.status.success(),
        "{program} {} failed: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
