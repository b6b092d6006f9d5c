//! The rounds that count days: one for all organisations finds them, one for each counts.

use std::time::Duration;

use jobs::{Queue, Verdict, handler};
use rules::id::OrgId;
use rules::time::span;
use serde::{Deserialize, Serialize};
use store::Cursor;
use store::queue::{Job, NewJob, Unique};

use super::service;
use crate::ctx::Ctx;

const COUNT: &str = "rates.count";
const ROUND: &str = "rates.round";

/// How often days are counted.
const EVERY: Duration = span::hours(1);
/// Organisations of one transaction.
const PAGE: usize = 500;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Of {
    org: OrgId,
}

/// This room's queues.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let (counts, rounds) = (ctx.clone(), ctx.clone());
    let count = handler(move |job: Job| {
        let ctx = counts.clone();
        async move {
            match serde_json::from_str::<Of>(&job.payload) {
                Ok(of) => match service::count(&ctx, of.org).await {
                    Ok(()) => Verdict::Done,
                    Err(error) => Verdict::Retry(error.to_string()),
                },
                Err(error) => Verdict::Dead(error.to_string()),
            }
        }
    });
    let round = handler(move |_: Job| {
        let ctx = rounds.clone();
        async move {
            let next = ctx.now() + EVERY;
            match round(&ctx).await {
                Ok(()) => Verdict::Later(next, "the next round".to_owned()),
                // A round that failed is no reason to end the rounds.
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a round of counting failed");
                    Verdict::Later(next, "the last round failed".to_owned())
                }
            }
        }
    });
    vec![
        Queue { concurrency: 1, ..Queue::new(COUNT, count) },
        Queue { concurrency: 1, ..Queue::new(ROUND, round) },
    ]
}

/// Starts the rounds, which go on by themselves. Called at start, by every node; one round runs at a time.
pub async fn start(ctx: &Ctx) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    if tx.jobs_left(ROUND).await? == 0 {
        let job = NewJob {
            unique: Some(Unique::KeepFirst("rounds".to_owned())),
            ..NewJob::new(ROUND, "installation", &serde_json::Value::Null, now)?
        };
        tx.enqueue(&job, now);
    }
    tx.commit().await
}

async fn round(ctx: &Ctx) -> store::Result<()> {
    let mut before = Cursor::NEWEST;
    loop {
        let now = ctx.now();
        let mut tx = ctx.store.begin().await?;
        let page = tx.orgs(before, PAGE).await?;
        for org in &page.items {
            let job = NewJob {
                org: Some(org.id),
                serial_key: Some(org.id.to_string()),
                unique: Some(Unique::KeepFirst(org.id.to_string())),
                ..NewJob::new(COUNT, org.id, &Of { org: org.id }, now)?
            };
            tx.enqueue(&job, now);
        }
        tx.commit().await?;
        match page.next {
            Some(next) => before = next,
            None => return Ok(()),
        }
    }
}
