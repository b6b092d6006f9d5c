//! Asks a virus scanner again about files that it has not answered for.

use std::time::Duration;

use jobs::{Queue, Verdict, handler};
use rules::id::{MediaId, OrgId};
use rules::media::Scan;
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::OrgScope;
use store::media::Media;
use store::queue::{Job, NewJob, Unique};

use super::blob::{BlobHash, Stored};
use super::examine::{Examined, examine};
use super::keeping;
use crate::ctx::Ctx;
use crate::http::audit;

/// The queue; lanes are organisations.
const QUEUE: &str = "media.scan";
/// How long until a scanner that was away is asked again.
const AGAIN: Duration = span::minutes(1);

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    media: MediaId,
}

/// The queue.
pub(super) fn queue(ctx: &Ctx) -> Queue {
    let ctx = ctx.clone();
    let run = move |job| {
        let ctx = ctx.clone();
        async move {
            run(&ctx, &job).await.unwrap_or_else(|error: store::StoreError| Verdict::Retry(error.to_string()))
        }
    };
    Queue { per_lane: 2, ..Queue::new(QUEUE, handler(run)) }
}

/// What follows from a look at a file: it is looked at again, or it is written down that a virus was found.
pub(super) async fn follow(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    media: MediaId,
    examined: &Examined,
    now: Timestamp,
) -> store::Result<()> {
    if examined.scan == Some(Scan::Infected) {
        let details = json!({ "found": examined.found });
        audit(ctx, scope, "system", "media.infected", &media.to_string(), details, "").await?;
    }
    if examined.is_open() {
        let org = scope.id();
        let job = NewJob {
            org: Some(org),
            run_at: now + AGAIN,
            unique: Some(Unique::KeepFirst(media.to_string())),
            ..NewJob::new(QUEUE, org, &Payload { org, media }, now)?
        };
        scope.tx().enqueue(&job, now);
    }
    Ok(())
}

async fn run(ctx: &Ctx, job: &Job) -> store::Result<Verdict> {
    let payload = match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => payload,
        Err(error) => return Ok(Verdict::Dead(format!("the job does not read: {error}"))),
    };
    let mut tx = ctx.store.read().await?;
    let media = tx.org(payload.org).await?.media(payload.media).await?;
    drop(tx);
    let Some((media, stored)) = media.and_then(waiting) else { return Ok(Verdict::Done) };
    let examined = examine(ctx, &stored, &media.mime).await;
    if examined.is_open() {
        return Ok(Verdict::Later(ctx.now() + AGAIN, examined.found.unwrap_or_default()));
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    if scope.media_examined(media.id, examined.row()).await? {
        follow(ctx, &mut scope, media.id, &examined, now).await?;
        keeping::tell_all(&mut scope, &media, now).await?;
    }
    tx.commit().await?;
    Ok(Verdict::Done)
}

/// A file that is to be looked through, with where its bytes lie.
fn waiting(media: Media) -> Option<(Media, Stored)> {
    let hash = BlobHash::from_bytes(media.sha256.as_deref()?.try_into().ok()?);
    let size = u64::try_from(media.size?).ok()?;
    matches!(media.scan, Some(Scan::Waiting | Scan::Unscanned)).then_some((media, Stored { hash, size }))
}
