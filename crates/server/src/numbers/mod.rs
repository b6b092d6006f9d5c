//! Numbers: what Meta shows, asks and changes about a business phone number, beside sending.
//!
//! Invariants:
//! - What is shown is what Meta was last seen to say. A change that a member asks for is stored once Meta has taken it.
//! - Whatever changes is kept as history in the transaction that records it, whoever noticed it: a webhook, the daily
//!   look, or the answer to a member's wish. Who should act is told.
//! - Meta's limits are checked before Meta is asked, and no transaction is open meanwhile.
//! - A number is registered again for a new name once by itself; after that it takes a person. Every attempt is counted
//!   before it is made.

pub mod api;
mod history;
mod jobs;
mod look;
mod service;

pub use history::{Changed, note, since};
pub use jobs::{name_approved, queues};
pub use look::{Look, look};
