//! A message that is to reach its contact on another channel.

use jobs::Verdict;
use rules::consent::Channel;
use rules::gate::Reason;
use rules::id::{ContactId, MessageId, OrgId, OutreachId};
use rules::outreach::OutreachOutcome;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use store::outreach::OutreachStep;
use store::queue::{Job, NewJob, Unique};

use super::QUEUE;
use crate::ctx::Ctx;

/// A message that WhatsApp may not or does not carry, and where its contact is reached instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diversion {
    /// The record of the intention.
    pub outreach: OutreachId,
    /// The message that waits, or that failed.
    pub message: MessageId,
    /// Whom to reach.
    pub contact: ContactId,
    /// Where.
    pub channel: Channel,
    /// Why not on WhatsApp.
    pub reason: Reason,
}

/// What a job of this room needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    outreach: OutreachId,
    message: MessageId,
    contact: ContactId,
    channel: Channel,
    reason: Reason,
}

/// Has a contact reached on another channel, in the caller's transaction. The record says from now on that it waits for
/// its turn there.
pub async fn divert(scope: &mut OrgScope<'_>, diversion: Diversion, now: Timestamp) -> store::Result<()> {
    let Diversion { outreach, message, contact, channel, reason } = diversion;
    let org = scope.id();
    let step = OutreachStep { channel, outcome: OutreachOutcome::Waiting, trouble: Some(reason.as_str()) };
    scope.advance_outreach(outreach, &step, now).await?;
    let payload = Payload { org, outreach, message, contact, channel, reason };
    let job = NewJob {
        org: Some(org),
        unique: Some(Unique::KeepFirst(format!("{outreach}:{channel}"))),
        ..NewJob::new(QUEUE, org, &payload, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Runs a job of this room's queue.
pub(super) async fn run(ctx: Ctx, job: Job) -> Verdict {
    let Ok(payload) = serde_json::from_str::<Payload>(&job.payload) else {
        return Verdict::Dead("the job does not read".to_owned());
    };
    match keep_waiting(&ctx, &payload).await {
        Ok(()) => Verdict::Done,
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

/// No channel can carry it yet: the record goes on saying that it waits.
async fn keep_waiting(ctx: &Ctx, payload: &Payload) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let step = OutreachStep {
        channel: payload.channel,
        outcome: OutreachOutcome::Waiting,
        trouble: Some(payload.reason.as_str()),
    };
    tx.org(payload.org).await?.advance_outreach(payload.outreach, &step, now).await?;
    tx.commit().await
}
