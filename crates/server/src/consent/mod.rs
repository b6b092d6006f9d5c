//! Consent: the append-only ledger of what contacts allow, with the evidence of each entry.
//!
//! Invariants:
//! - Entries are only ever added. A new entry overrules older ones; it never replaces them.
//! - An entry says who recorded it and what proves it: an opt-in without evidence is not taken.
//! - What leaves as CSV runs in no spreadsheet: a cell that begins like a formula is marked as text.

pub mod api;
mod csv;
mod service;

pub use service::{OptIn, opt_in};
