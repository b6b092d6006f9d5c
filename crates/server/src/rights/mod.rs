//! What people may ask of an organisation about themselves: to see all that is held, to be erased, not to be written to.
//!
//! Invariants:
//! - Of whoever is erased nothing stays but a certificate in numbers and, where they asked not to be written to again,
//!   keyed hashes of their names. The key is the organisation's, sealed.
//! - Whatever takes long goes on after a crash where it was.

pub mod api;
mod conversation;
mod erase;
mod export;
mod held;
mod page;
mod retention;
mod suppression;

use jobs::{Queue, handler};
use rules::time::Timestamp;

pub(crate) use suppression::{Suppressor, contact_by_phone, heed};

use crate::ctx::Ctx;

/// The queue of people who are to be erased; lanes are organisations.
pub const ERASE: &str = "erase";
/// The queue of files with all that is held about somebody; lanes are organisations.
pub const EXPORT: &str = "contact_export";

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let (erasing, exporting) = (ctx.clone(), ctx.clone());
    vec![
        Queue {
            concurrency: 2,
            per_lane: 1,
            ..Queue::new(ERASE, handler(move |job| erase::go_on(erasing.clone(), job)))
        },
        Queue {
            concurrency: 2,
            per_lane: 1,
            ..Queue::new(EXPORT, handler(move |job| export::put_together(exporting.clone(), job)))
        },
    ]
}

/// Forgets what is past its time: files about people, and what organisations keep no longer.
pub(crate) async fn forget(ctx: &Ctx, now: Timestamp) -> store::Result<()> {
    export::forget_expired(ctx, now).await?;
    retention::sweep(ctx, now).await
}
