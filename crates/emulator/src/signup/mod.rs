//! Embedded Signup: the dialog a client walks through, and the SDK stand-in that opens it.
//!
//! Invariant: however a run is driven (a person in a browser, a scripted popup, a control), it ends in
//! [`complete::complete`], so the world and the messages are the same.

mod scenario;

pub use scenario::{Channel, EventIds, Order, Outcome, PartnerWebhooks, Post, Scenario, Sender, SharedIds};
