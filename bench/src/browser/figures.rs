//! What the script measured, as rows of a table.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::table::{Bar, Row, median};

/// Opening and scrolling may cost twice as much.
const TWICE: Option<Bar> = Some(Bar::AtMost(2.0));

/// A figure of the script: its name there, what people call it, its unit, its bar.
const FIGURES: &[(&str, &str, &str, Option<Bar>)] = &[
    ("inbox", "address opened → list painted", "ms", TWICE),
    ("view", "another view chosen → list painted", "ms", TWICE),
    ("thread", "conversation clicked → thread painted", "ms", TWICE),
    ("list", "scrolling the list, a screen", "ms", TWICE),
    ("list_deep", "the same, 3,000 rows down", "ms", TWICE),
    ("messages", "scrolling the thread, a screen", "ms", TWICE),
    ("messages_deep", "the same, 3,000 messages up", "ms", TWICE),
    ("search", "searched → found, painted", "ms", TWICE),
    ("task", "longest task while scrolling", "ms", None),
    ("heap", "memory of scripts, before scrolling far", "MB", TWICE),
    ("heap_deep", "the same, after", "MB", None),
    ("api_list", "API: a page of conversations", "ms", None),
    ("api_counts", "API: the views' numbers", "ms", None),
    ("api_thread", "API: a page of messages", "ms", None),
    ("api_people", "API: people of a rare name", "ms", None),
    ("api_words", "API: messages with a common word", "ms", None),
];

/// The measurements of one inbox, round by round.
type Rounds = Vec<BTreeMap<String, f64>>;

#[derive(Deserialize)]
struct Measured {
    small: Rounds,
    large: Rounds,
}

/// Compares medians. Scrolling far down is compared with scrolling the small one, which has no far.
pub fn rows(measured: &Value) -> Result<Vec<Row>> {
    let Measured { small, large } =
        Measured::deserialize(measured).context("the script's figures do not read")?;
    let of = |rounds: &Rounds, name: &str| {
        median(rounds.iter().filter_map(|round| round.get(name).copied()).collect())
    };
    Ok(FIGURES
        .iter()
        .map(|(name, shown, unit, bar)| Row::new(shown, unit, of(&small, name), of(&large, name), *bar))
        .collect())
}
