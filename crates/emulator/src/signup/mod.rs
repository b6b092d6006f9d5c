//! Embedded Signup: the dialog a client walks through, and the SDK stand-in that opens it.
//!
//! Invariant: however a run is driven (a person in a browser, a scripted popup, a control), it ends in
//! [`complete()`], so that the world and the messages are the same.

mod complete;
mod dialog;
mod fields;
mod pages;
mod steps;
mod texts;

pub use crate::world::scenario::{
    Channel, EventIds, Order, Outcome, PartnerWebhooks, Post, Scenario, Sender, SharedIds,
};
pub use complete::{Choices, Finished, Replay, Request, complete};
pub use dialog::return_address;
pub(crate) use dialog::router;
