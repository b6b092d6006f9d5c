//! Rates: how many business-initiated messages had consent, used an open window, took another channel, arrived.
//!
//! Invariants:
//! - A figure is what counting the intentions themselves would give: days that are counted are counted anew whenever anything
//!   about their intentions changes, whole days at a time, in one transaction each.
//! - Days are the organisation's. `rules::rates` says what is divided by what, and nothing else does.

pub mod api;
mod csv;
mod days;
mod jobs;
mod service;

pub use jobs::{queues, start};
