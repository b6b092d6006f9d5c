//! What the rounds measured, as rows of a table.

use serde::Serialize;

use super::Kind;
use crate::table::{Bar, Row, median};

/// One round.
#[derive(Clone, Debug, Serialize)]
pub struct Round {
    /// Until a page is on disk, in milliseconds.
    pub fdatasync: f64,
    /// Webhooks verified and parsed per second.
    pub ceiling: f64,
    /// What each store reached.
    pub stores: Vec<OfStore>,
}

/// What a store reached.
#[derive(Clone, Debug, Serialize)]
pub struct OfStore {
    /// Which.
    pub kind: Kind,
    /// Webhooks acknowledged per second.
    pub acknowledged: f64,
    /// Messages per second that came in, were stored, answered and sent.
    pub end_to_end: f64,
    /// The gateway's processor time per such message, in microseconds.
    pub micros: f64,
    /// Memory before any load, in megabytes.
    pub idle: f64,
    /// Memory under load, in megabytes.
    pub busy: f64,
    /// At a fixed rate.
    pub open: Open,
    /// At a tenth of what fits.
    pub tenth: Open,
}

/// Latencies in the open loop, in milliseconds: half of all and 99 of 100 stayed below.
#[derive(Clone, Debug, Serialize)]
pub struct Open {
    /// Messages per second.
    pub rate: f64,
    /// Until the webhook was acknowledged.
    pub acknowledged: [f64; 2],
    /// Until the reply had arrived.
    pub replied: [f64; 2],
}

impl Round {
    /// The round in a line.
    pub fn brief(&self) -> String {
        let stores = self.stores.iter().map(|one| {
            format!(
                "{:?}: {:.0} acknowledged/s, {:.0} end to end/s at {:.0} µs",
                one.kind, one.acknowledged, one.end_to_end, one.micros
            )
        });
        let stores: Vec<_> = stores.collect();
        format!("A {:.0}/s, fdatasync {:.3} ms; {}", self.ceiling, self.fdatasync, stores.join("; "))
    }
}

/// A figure of a store beside one of the machine, and where the bar is on SQLite and on PostgreSQL.
struct Figure {
    name: &'static str,
    unit: &'static str,
    beside: fn(&Round) -> f64,
    measured: fn(&OfStore) -> f64,
    bars: [Option<Bar>; 2],
}

const FIGURES: &[Figure] = &[
    Figure {
        name: "acknowledged, of A",
        unit: "/s",
        beside: |round| round.ceiling,
        measured: |store| store.acknowledged,
        bars: [Some(Bar::AtLeast(0.25)), Some(Bar::AtLeast(0.30))],
    },
    Figure {
        name: "answered end to end, of A",
        unit: "/s",
        beside: |round| round.ceiling,
        measured: |store| store.end_to_end,
        bars: [Some(Bar::AtLeast(0.05)), Some(Bar::AtLeast(0.045))],
    },
    Figure {
        name: "1,000/s: acknowledged, p50, of one fdatasync",
        unit: "ms",
        beside: |round| round.fdatasync,
        measured: |store| store.open.acknowledged[0],
        bars: [Some(Bar::AtMost(8.0)); 2],
    },
    Figure {
        name: "1,000/s: acknowledged, p99",
        unit: "ms",
        beside: |round| round.fdatasync,
        measured: |store| store.open.acknowledged[1],
        bars: [None; 2],
    },
    Figure {
        name: "a tenth: reply arrived, p50",
        unit: "ms",
        beside: |round| round.fdatasync,
        measured: |store| store.tenth.replied[0],
        bars: [Some(Bar::AtMost(10.0)); 2],
    },
    Figure {
        name: "a tenth: reply arrived, p99",
        unit: "ms",
        beside: |round| round.fdatasync,
        measured: |store| store.tenth.replied[1],
        bars: [Some(Bar::AtMost(100.0)); 2],
    },
    Figure {
        name: "processor per answered message, of A's",
        unit: "µs",
        beside: |round| 1e6 / round.ceiling,
        measured: |store| store.micros,
        bars: [None; 2],
    },
    Figure {
        name: "memory under load, of idle",
        unit: "MB",
        beside: |round| median(round.stores.iter().map(|store| store.idle).collect()),
        measured: |store| store.busy,
        bars: [None; 2],
    },
];

/// A row for each figure of each store.
pub fn rows(rounds: &[Round]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, kind) in [Kind::Sqlite, Kind::Postgres].into_iter().enumerate() {
        for figure in FIGURES {
            let pairs: Vec<(f64, f64)> = rounds
                .iter()
                .flat_map(|round| round.stores.iter().map(move |store| (round, store)))
                .filter(|(_, store)| store.kind == kind)
                .map(|(round, store)| ((figure.beside)(round), (figure.measured)(store)))
                .collect();
            if pairs.is_empty() {
                continue;
            }
            rows.push(Row {
                name: format!("{kind:?}: {}", figure.name),
                unit: figure.unit.to_owned(),
                beside: median(pairs.iter().map(|(beside, _)| *beside).collect()),
                measured: median(pairs.iter().map(|(_, measured)| *measured).collect()),
                ratio: median(pairs.iter().map(|(beside, measured)| measured / beside).collect()),
                bar: figure.bars[at],
            });
        }
    }
    rows
}
