//! The ladder of an outgoing message: accepted, sent, delivered, read, played; or failed.
//!
//! Invariant: a status never falls, and no step follows `failed`.

use crate::world::{Failure, Status, World};

/// Takes one step, if the message may take it. (Completed with the messaging half.)
pub fn step(world: &mut World, wamid: &str, status: Status, failure: Option<Failure>) {
    let now = world.now();
    if let Some(message) = world.messages.edit(wamid) {
        if message.status.may_become(status) {
            message.status = status;
            message.history.push((status, now));
            message.failure = failure;
        }
    }
}
