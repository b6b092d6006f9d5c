//! What a run leaves: its figures as JSON, and a line in the history that later runs are compared with.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rules::time::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::table::Row;

/// A run.
#[derive(Debug, Serialize)]
pub struct Run<'a> {
    /// What was measured.
    pub bench: &'a str,
    /// When, in microseconds since 1970.
    pub at: Timestamp,
    /// The revision of the code, where it is known.
    pub revision: Option<&'a str>,
    /// How much of what was compared, and how often.
    pub setting: Value,
    /// Whether every ratio held.
    pub holds: bool,
    /// The medians.
    pub rows: &'a [Row],
}

/// Writes a run, with every single measurement, and adds it to the history. Returns where the figures are.
pub fn keep(folder: &Path, run: &Run<'_>, measured: &Value) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut whole = serde_json::to_value(run)?;
    let line = whole.to_string();
    whole["measured"] = measured.clone();
    let file = folder.join(format!("{}.json", run.bench));
    std::fs::write(&file, serde_json::to_vec_pretty(&whole)?)?;
    let mut history = OpenOptions::new().create(true).append(true).open(folder.join("history.jsonl"))?;
    writeln!(history, "{line}")?;
    Ok(file)
}
