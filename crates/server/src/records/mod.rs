//! Business records: what an organisation keeps of its business (a permit, an order, a policy), and whom it is about.
//!
//! Invariants:
//! - A record is known by its kind and by the id that it has elsewhere. To put it again changes nothing, so whoever sends
//!   records may send them as often as they like.
//! - Days are days: a field of the kind `date` holds no time and no zone, and records are found by it.
//! - Whoever fetches from another system reaches it through [`crate::outbound`] alone.

pub mod api;
mod connectors;
mod kinds;
mod odoo;
mod service;
mod values;
mod whom;

use jobs::{Queue, handler};

pub use kinds::starter;
pub(crate) use service::{Outcome, Wanted, put_all};
pub(crate) use values::{of_text, together};
pub(crate) use whom::Whom;

use crate::ctx::Ctx;

/// The queue of connectors to be read; lanes are organisations, serial keys connectors.
pub const CONNECT: &str = "records.connect";

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let reading = ctx.clone();
    vec![Queue {
        concurrency: 4,
        per_lane: 1,
        ..Queue::new(CONNECT, handler(move |job| connectors::read(reading.clone(), job)))
    }]
}
