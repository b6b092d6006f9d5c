//! What tests stand on: a database of each kind, a clock that is moved by hand, chance that repeats.
//!
//! Invariant: tests only. Nothing that ships depends on this crate.

#[cfg(feature = "app")]
pub mod app;
pub mod database;
pub mod number;
pub mod rows;
pub mod schema;
pub mod time;

pub use database::{Database, both};
pub use time::{Seeded, TestClock};
