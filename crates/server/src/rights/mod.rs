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
mod organisation;
mod page;
mod retention;
mod suppression;

use jobs::{Queue, handler};
use rules::time::Timestamp;

pub(crate) use organisation::begin as delete_organisation;
pub(crate) use suppression::{
    Newcomer, Suppressor, allow_again, contact_by_phone, heed, heed_all, suppress, suppresses,
};

use crate::ctx::Ctx;

/// The queue of people who are to be erased; lanes are organisations.
pub const ERASE: &str = "erase";
/// The queue of files with all that is held about somebody; lanes are organisations.
pub const EXPORT: &str = "contact_export";
/// The queue of what organisations keep no longer; lanes are organisations.
pub const RETENTION: &str = "retention";
/// The queue of organisations that are deleted.
pub const DELETE: &str = "delete_organisation";

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let (erasing, exporting, sweeping, deleting) = (ctx.clone(), ctx.clone(), ctx.clone(), ctx.clone());
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
        Queue {
            concurrency: 1,
            ..Queue::new(RETENTION, handler(move |job| retention::go_on(sweeping.clone(), job)))
        },
        Queue {
            concurrency: 1,
            ..Queue::new(DELETE, handler(move |job| organisation::go_on(deleting.clone(), job)))
        },
    ]
}

/// Forgets what is past its time: files about people, and what organisations keep no longer.
pub(crate) async fn forget(ctx: &Ctx, now: Timestamp) -> store::Result<()> {
    export::forget_expired(ctx, now).await?;
    retention::sweep_later(ctx, now).await
}
