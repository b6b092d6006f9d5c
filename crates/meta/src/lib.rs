//! Meta's wire language: payloads that keep the unknown, signature, Graph client, error table.
//!
//! Invariant: no organisation, no database, no policy. This crate says what Meta said and how to say things
//! to Meta; what to do about it is decided elsewhere. Facts about Meta come from its published pages as of
//! September 2026; where they contradict each other every variant is accepted and the code says so.

pub mod errors;
pub mod graph;
mod json;
pub mod limits;
pub mod send;
pub mod signature;
pub mod template;
pub mod webhook;
