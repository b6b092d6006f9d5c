//! Notifications: what an organisation tells people of its own accord, because a program calls, because it is time, or
//! because of a day that stands in a record.
//!
//! Invariants:
//! - Nobody is reached except through the gate, and everybody gone through is written down with what it said.
//! - A notification reaches somebody at most once for the same reason: a record and a day, or a run. The database refuses
//!   the second, however often a tick fires and wherever a process ends.
//! - People are gone through in batches. What a batch decides, sends and writes down is one transaction, together with the
//!   place that it has come to; memory does not grow with the audience.
//! - A preview is a batch that is undone: it says what a run would say, because it does what a run does.

pub mod api;
mod audience;
mod batch;
mod definition;
mod due;
mod filled;
mod price;
mod runs;
mod service;
mod words;

use jobs::{Queue, handler};

pub use audience::BATCH;
pub use definition::{Audience, Definition, Match, Source, Variable};
pub(crate) use words::day;

use crate::ctx::Ctx;

/// The queue of notifications that fall due; lanes are organisations.
pub const DUE: &str = "notification.due";
/// The queue of runs; lanes are organisations, serial keys notifications.
pub const RUN: &str = "notification.run";

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let (falling_due, running) = (ctx.clone(), ctx.clone());
    vec![
        Queue {
            concurrency: 4,
            ..Queue::new(DUE, handler(move |job| due::fall_due(falling_due.clone(), job)))
        },
        Queue {
            concurrency: 4,
            per_lane: 1,
            ..Queue::new(RUN, handler(move |job| runs::step(running.clone(), job)))
        },
    ]
}
