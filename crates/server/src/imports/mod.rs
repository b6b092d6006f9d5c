//! Bringing in people and records that an organisation has already, from CSV and workbooks.
//!
//! Invariants:
//! - Nothing is changed before a person has seen what would happen; looking and doing decide by the same words.
//! - An import lifts no refusal, unless its row names a day after it on which the person agreed; it makes nobody a
//!   contact who was erased and asked not to be written to.
//! - Every entry in the ledger that comes of it names the file, its hash and the row.
//! - Whoever came with an import alone goes when it is taken back; the ledger of the others learns of it by an entry more.
//! - Records are put by the words by which the API puts them ([`crate::records`]): known by what they are called elsewhere.
//! - A job goes through the rows in their order and notes how far it is with what it did, so that a crash repeats
//!   nothing; its memory does not grow with the file.

pub mod api;
mod cells;
mod decide;
mod job;
mod people;
mod person;
mod plan;
mod records;
mod report;
mod service;
mod undo;

use jobs::{Queue, handler};

pub(crate) use job::forget_old_rows;

use crate::ctx::Ctx;

/// The queue of imports; lanes are organisations, serial keys imports.
pub const QUEUE: &str = "import";

/// This room's queue.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let ctx = ctx.clone();
    vec![Queue {
        concurrency: 2,
        per_lane: 1,
        ..Queue::new(QUEUE, handler(move |job| job::go_on(ctx.clone(), job)))
    }]
}
