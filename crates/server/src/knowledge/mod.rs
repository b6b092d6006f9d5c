//! Knowledge: what an organisation gives the AI to answer from.
//!
//! Invariants:
//! - The bytes of a source lie in the blob store; its passages are made of them by a job and can always be made again.
//!   An unchanged passage keeps its id and its embedding.
//! - Documents of tenants are read by a child process, never by this one.
//! - What was read of a source answers on while it is read again. A source that cannot be read says why and what to
//!   do, and is out of use until then.

pub mod api;
mod content;
mod embed;
mod import;
mod service;
mod trouble;

use jobs::{Queue, handler};

pub(crate) use embed::embed_later;

pub use embed::embed_everything;

use crate::ctx::Ctx;

/// The queue of sources to be read; lanes are organisations, serial keys sources.
pub const QUEUE: &str = "source";
/// The queue of organisations with passages to be embedded.
pub const EMBED: &str = "embed";

/// How many documents are read at once, each in a process of its own with up to a gigabyte of memory.
const READERS: usize = 2;

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let (reading, embedding) = (ctx.clone(), ctx.clone());
    vec![
        Queue {
            concurrency: READERS,
            per_lane: 1,
            ..Queue::new(QUEUE, handler(move |job| import::read(reading.clone(), job)))
        },
        Queue {
            concurrency: READERS,
            per_lane: 1,
            ..Queue::new(EMBED, handler(move |job| embed::embed(embedding.clone(), job)))
        },
    ]
}
