//! The queues of onboarding. Payloads are ids.

use std::time::Duration;

use jobs::{Queue, Verdict, handler};
use rules::id::{AccountId, ConnectionId, OrgId};
use rules::time::span;
use serde::{Deserialize, Serialize};
use store::queue::{Job, NewJob, Unique};

use super::service::{account, advance, sweep};
use crate::ctx::Ctx;

/// Makes the next step of a connection.
pub const CONNECTION: &str = "connection";
/// Looks at an account.
pub const CHECK: &str = "account.check";
/// Looks over all connections and accounts.
pub const SWEEP: &str = "connection.sweep";

/// How often the sweeper runs.
const SWEEP_EVERY: Duration = span::minutes(1);

/// Which connection.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ConnectionJob {
    /// Whose.
    pub org: OrgId,
    /// Which.
    pub connection: ConnectionId,
}

/// Which account.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct AccountJob {
    /// Whose.
    pub org: OrgId,
    /// Which.
    pub account: AccountId,
}

/// The queues of this room.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let (steps, checks, sweeps) = (ctx.clone(), ctx.clone(), ctx.clone());
    vec![
        Queue::new(
            CONNECTION,
            handler(move |job: Job| {
                let ctx = steps.clone();
                async move {
                    match serde_json::from_str::<ConnectionJob>(&job.payload) {
                        Ok(of) => ended(advance::advance(&ctx, of.org, of.connection).await),
                        Err(error) => Verdict::Dead(error.to_string()),
                    }
                }
            }),
        ),
        Queue::new(
            CHECK,
            handler(move |job: Job| {
                let ctx = checks.clone();
                async move {
                    match serde_json::from_str::<AccountJob>(&job.payload) {
                        Ok(of) => ended(account::check(&ctx, of.org, of.account).await.map(|_| ())),
                        Err(error) => Verdict::Dead(error.to_string()),
                    }
                }
            }),
        ),
        Queue {
            concurrency: 1,
            ..Queue::new(
                SWEEP,
                handler(move |_: Job| {
                    let ctx = sweeps.clone();
                    async move {
                        let next = ctx.now() + SWEEP_EVERY;
                        match sweep::sweep(&ctx).await {
                            Ok(()) => Verdict::Later(next, "the next round".to_owned()),
                            // A round that failed is no reason to end the rounds.
                            Err(error) => {
                                tracing::warn!(
                                    error = &error as &dyn std::error::Error,
                                    "a sweep of connections failed"
                                );
                                Verdict::Later(next, "the last round failed".to_owned())
                            }
                        }
                    }
                }),
            )
        },
    ]
}

/// Starts the rounds that go on by themselves. Called at start, by every node; one round runs at a time.
pub async fn start(ctx: &Ctx) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    if tx.jobs_left(SWEEP).await? == 0 {
        let job = NewJob {
            unique: Some(Unique::KeepFirst("rounds".to_owned())),
            ..NewJob::new(SWEEP, "installation", &serde_json::Value::Null, now)?
        };
        tx.enqueue(&job, now);
    }
    tx.commit().await
}

fn ended(result: store::Result<()>) -> Verdict {
    match result {
        Ok(()) => Verdict::Done,
        Err(error) => Verdict::Retry(error.to_string()),
    }
}
