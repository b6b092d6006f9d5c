//! Outreach: everything that was begun by us and not by the contact, with what the gate said of it and what became of it; and
//! what the gate would say now.
//!
//! Invariants:
//! - Nothing is sent here, and asking leaves no trace.
//! - What was refused or held is here beside what went out: nothing is dropped silently.

pub mod api;
mod csv;
mod service;
