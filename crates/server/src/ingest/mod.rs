//! Webhooks from Meta: verified, made durable, acknowledged, and only then looked at.
//!
//! Invariants:
//! - Nothing is parsed before its signature is verified, and nothing is acknowledged before it is committed.
//! - A signature proves an app, not a tenant: an update reaches only organisations connected through that app.
//! - What cannot be applied is kept, visible and retryable; it never spoils what came with it.
//!
//! The path: [`api`] receives → [`intake`] commits in groups → [`apply`] cuts bodies into updates and applies them in
//! batches; where a batch fails, [`split`] stores its updates, and they are applied in ever smaller ones.

pub mod api;
mod apply;
mod coexistence;
mod content;
mod intake;
mod keyring;
mod message;
mod person;
mod preference;
mod split;
mod status;

pub use intake::{Intake, IntakeWriter, NotTaken, intake};
pub use keyring::Keyring;

use crate::ctx::Ctx;
use apply::{Straight, apply_step, straight_step};
use split::split_step;
use tokio_util::sync::CancellationToken;

/// Splits and applies until told to stop. A failing database slows it down and loses nothing.
pub async fn run(ctx: Ctx, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wake = ctx.ingest.notified(); // before looking, so that no call is lost
        match round(&ctx).await {
            Ok(Round::Worked) => continue,
            Ok(Round::Emptied | Round::Idle) => {}
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "webhooks wait: cannot process them now"
                );
            }
        }
        tokio::select! {
            () = wake => {}
            () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// One round. `false`: there was nothing to do.
pub async fn work(ctx: &Ctx) -> store::Result<bool> {
    Ok(round(ctx).await? != Round::Idle)
}

/// What one round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// There was nothing to do.
    Idle,
    /// What there was is done; whoever brings more rings.
    Emptied,
    /// Something was done, and there may be more.
    Worked,
}

async fn round(ctx: &Ctx) -> store::Result<Round> {
    Ok(match straight_step(ctx).await? {
        Straight::Nothing => Round::Idle,
        Straight::AllApplied => Round::Emptied,
        Straight::Applied => Round::Worked,
        // What is pending came before what has not been cut yet.
        Straight::Behind => {
            apply_step(ctx).await?;
            Round::Worked
        }
        Straight::Failed => {
            split_step(ctx).await?;
            Round::Worked
        }
    })
}
