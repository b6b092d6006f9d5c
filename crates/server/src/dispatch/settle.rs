//! What came of attempts is written down, and their jobs end or are run again, in one transaction.

use std::collections::HashSet;

use rules::message::MessageState;
use rules::outcome::{Outcome, Scope};
use rules::time::{Timestamp, span};

use super::prepare::Ready;
use super::writes::{Writes, Written};
use super::{HOLD, failed, problem};
use crate::ctx::Ctx;
use crate::onboarding;
use crate::trace::step;

/// After so many refusals that called for another try, a message fails.
const ATTEMPTS: i64 = 12;

/// Why a message waits that Meta asked to send later.
pub const SLOWED: &str = "Meta asked to slow down";
/// Why a message waits whose number or account is refused for now.
pub const CANNOT_SEND: &str = "the number or account cannot send";

/// A message that was handed to Meta.
pub(super) struct Sent {
    pub ready: Ready,
    pub outcome: Outcome,
    /// Meta's id of it, where Meta took it.
    pub wamid: Option<String>,
}

pub(super) async fn settle(ctx: &Ctx, sent: &[Sent]) -> store::Result<()> {
    if sent.is_empty() {
        return Ok(());
    }
    let now = ctx.now();
    let mut writes = Writes::default();
    for one in sent {
        one.judge(ctx, &mut writes, now);
    }
    let mut tx = ctx.store.begin().await?;
    let Written { lost, released } = writes.write(&mut tx, now).await?;
    for one in sent {
        if let Outcome::Never { cause } | Outcome::Later { cause, .. } = &one.outcome
            && let Some(code) = cause.code
        {
            let Ready { payload, thread, .. } = &one.ready;
            failed(&mut tx.org(payload.org).await?, payload.message, thread, code, now, now).await?;
        }
    }
    tx.commit().await?;
    if released {
        ctx.ingest.notify_one();
    }
    if lost > 0 {
        tracing::warn!(messages = lost, "messages were sent after their leases were lost");
    }
    let mut looked_at = HashSet::new();
    for one in sent {
        if let Outcome::Later { scope, cause } = &one.outcome
            && *scope != Scope::Message
            && let Some(code) = cause.code
            && looked_at.insert((one.ready.payload.org, one.ready.account))
        {
            onboarding::account_suspect(ctx, one.ready.payload.org, one.ready.account, code).await?;
        }
    }
    Ok(())
}

impl Sent {
    fn judge(&self, ctx: &Ctx, writes: &mut Writes, now: Timestamp) {
        let Ready { payload, job, attempt, number, .. } = &self.ready;
        let problem = self.outcome.cause().map(problem::of_cause);
        let (outcome, code) = (word(&self.outcome), self.outcome.cause().and_then(|cause| cause.code));
        step!(payload.trace, payload.org, payload.message, "Meta answered", outcome, attempt, code);
        writes.end_attempt(payload, *attempt, word(&self.outcome), problem.clone());
        match &self.outcome {
            Outcome::Sent => {
                if let Some(wamid) = &self.wamid {
                    writes.accepted(payload, wamid.clone(), now);
                }
                writes.done(job.clone());
            }
            Outcome::Unknown { .. } => {
                writes.step(payload, MessageState::Unknown, problem, now);
                writes.later(job.clone(), now + HOLD, "its answer was lost");
            }
            Outcome::RetryAt { after, scope, .. } if *attempt < ATTEMPTS => {
                // Meta: each further try waits four times as long for the same person, twice as long otherwise.
                let factor = if *scope == Scope::Pair { 4u32 } else { 2 };
                let tries = u32::try_from(attempt - 1).unwrap_or(0).min(6);
                let until = now + (*after * factor.pow(tries)).min(span::hours(1));
                if !matches!(scope, Scope::Message | Scope::Pair) {
                    ctx.limits.pause(*number, until);
                }
                writes.decision(payload, self.ready.decision.clone(), self.ready.consent, problem);
                writes.later(job.clone(), until, SLOWED);
            }
            Outcome::Later { scope, .. } if *scope != Scope::Message => {
                writes.decision(payload, self.ready.decision.clone(), self.ready.consent, problem);
                writes.later(job.clone(), now + span::minutes(5), CANNOT_SEND);
            }
            Outcome::Never { .. } | Outcome::RetryAt { .. } | Outcome::Later { .. } => {
                writes.step(payload, MessageState::Failed, problem, now);
                writes.done(job.clone());
            }
        }
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent => "sent",
        Outcome::RetryAt { .. } => "retry",
        Outcome::Never { .. } => "never",
        Outcome::Later { .. } => "later",
        Outcome::Unknown { .. } => "unknown",
    }
}
