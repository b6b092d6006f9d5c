//! Read receipts and typing indicators: best effort, once, never in the way of a message.

use jobs::Verdict;
use meta::send::MarkRead;
use rules::id::MessageId;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use store::queue::{Job, NewJob, Unique};

use super::RECEIPTS;
use crate::ctx::Ctx;
use crate::onboarding;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: rules::id::OrgId,
    message: MessageId,
    typing: bool,
}

/// Shows the contact that a message (and all before it) was read.
pub async fn read_later(scope: &mut OrgScope<'_>, message: MessageId, now: Timestamp) -> store::Result<()> {
    enqueue(scope, message, false, now).await
}

/// Shows the contact that somebody is writing an answer to a message. Meta: there is no typing without the read mark;
/// it shows for 25 seconds or until the answer comes.
pub async fn typing_later(scope: &mut OrgScope<'_>, message: MessageId, now: Timestamp) -> store::Result<()> {
    enqueue(scope, message, true, now).await
}

async fn enqueue(
    scope: &mut OrgScope<'_>,
    message: MessageId,
    typing: bool,
    now: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        org: Some(org),
        unique: Some(Unique::KeepFirst(format!("{message}:{typing}"))),
        ..NewJob::new(RECEIPTS, org, &Payload { org, message, typing }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Runs a job of the receipts queue.
pub async fn receipt(ctx: Ctx, job: Job) -> Verdict {
    let Ok(payload) = serde_json::from_str::<Payload>(&job.payload) else {
        return Verdict::Dead("the job does not read".to_owned());
    };
    if let Err(error) = send(&ctx, &payload).await {
        return Verdict::Retry(error.to_string());
    }
    Verdict::Done
}

async fn send(ctx: &Ctx, payload: &Payload) -> store::Result<()> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(payload.org).await?;
    let Some(message) = scope.message(payload.message).await? else { return Ok(()) };
    let Some(wamid) = message.wamid else { return Ok(()) };
    let Some(facts) = scope.gate_facts(message.thread.conversation_id, None).await? else { return Ok(()) };
    let Some(line) = onboarding::line(ctx, &mut scope, facts.account_id).await? else { return Ok(()) };
    drop(tx);
    let mark = MarkRead { message_id: wamid, typing: payload.typing };
    if let Err(error) = ctx.graph.mark_read(&line.access(), &facts.phone_number_id, &mark).await {
        tracing::debug!(org.id = %payload.org, %error, "a read receipt was not taken");
    }
    Ok(())
}
