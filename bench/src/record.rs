//! What a run leaves: its figures as JSON, and a line in the history that later runs are compared with.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rules::time::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::table::Row;

/// A line for each run, the oldest first.
const HISTORY: &str = "history.jsonl";

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

/// Rows with what they were in the newest run before that measured the same.
pub fn compared(folder: &Path, bench: &str, rows: Vec<Row>) -> Result<Vec<Row>> {
    let history = match std::fs::read_to_string(folder.join(HISTORY)) {
        Ok(history) => history,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).context("the history does not read"),
    };
    let mut before = HashMap::new();
    for line in history.lines() {
        let run: Value = serde_json::from_str(line).context("a line of the history does not read")?;
        for row in run["rows"].as_array().into_iter().flatten().filter(|_| run["bench"] == bench) {
            if let (Some(name), Some(ratio)) = (row["name"].as_str(), row["ratio"].as_f64()) {
                before.insert(name.to_owned(), ratio);
            }
        }
    }
    Ok(rows.into_iter().map(|row| Row { before: before.get(&row.name).copied(), ..row }).collect())
}

/// Writes a run, with every single measurement, and adds it to the history. Returns where the figures are.
pub fn keep(folder: &Path, run: &Run<'_>, measured: &Value) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut whole = serde_json::to_value(run)?;
    let line = whole.to_string();
    whole["measured"] = measured.clone();
    let file = folder.join(format!("{}.json", run.bench));
    std::fs::write(&file, serde_json::to_vec_pretty(&whole)?)?;
    let mut history = OpenOptions::new().create(true).append(true).open(folder.join(HISTORY))?;
    writeln!(history, "{line}")?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_compared_with_the_newest_run_that_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let run = |rows: &[Row]| {
            let setting = Value::Null;
            let run = Run { bench: "engine", at: Timestamp(0), revision: None, setting, holds: true, rows };
            keep(folder.path(), &run, &Value::Null).unwrap();
        };
        let row = |name, measured| Row::new(name, "/s", 10.0, measured, None);
        let before = |bench, name| compared(folder.path(), bench, vec![row(name, 9.0)]).unwrap()[0].before;
        assert_eq!(before("engine", "a"), None);
        run(&[row("a", 1.0), row("b", 2.0)]);
        run(&[row("a", 3.0)]);
        assert_eq!([before("engine", "a"), before("engine", "b")], [Some(0.3), Some(0.2)]);
        assert_eq!([before("engine", "c"), before("browser", "a")], [None, None]);
    }
}
