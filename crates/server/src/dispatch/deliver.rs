//! Sending one message: ask the gate again, note the attempt, call Meta, write down what came of it.
//!
//! A crash at any point leaves one of two traces: no attempt, and the message is sent later; or an attempt without an
//! end, and the message is *unknown* and never sent again by itself.

use std::time::Duration;

use jobs::Verdict;
use meta::graph::{GraphError, Sent};
use meta::send::{Message, Recipient};
use rules::consent::Purpose;
use rules::gate::{self, Decision};
use rules::id::{AccountId, MediaId, MessageId, NumberId, OrgId};
use rules::message::MessageState;
use rules::outcome::{Cause, Outcome, Scope};
use rules::settings::OrgSettings;
use rules::time::{Timestamp, span};
use serde_json::{Value, json};
use store::messages::{Message as StoredMessage, Step};
use store::queue::Job;
use store::{OrgScope, StoreError};

use super::accept::{Restored, shares_its_wait, template_name};
use super::{HOLD, LEASE, Payload, problem};
use crate::ctx::Ctx;
use crate::media::NotSendable;
use crate::onboarding::{self, Line};

/// After so many refusals that called for another try, a message fails.
const ATTEMPTS: i64 = 12;
/// How often it is looked whether a suspended organisation may work again. What waited too long the gate then refuses.
const SUSPENDED: Duration = span::minutes(10);

/// How long a message waits for a database that is busy, which is no failure of the message.
const BUSY: Duration = Duration::from_secs(5);

/// Runs a job of the delivery queue.
pub async fn deliver(ctx: Ctx, job: Job) -> Verdict {
    match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => match run(&ctx, &job, &payload).await {
            Ok(verdict) => verdict,
            Err(error @ StoreError::Busy(_)) => Verdict::Later(ctx.now() + BUSY, error.to_string()),
            Err(error) if job.attempts < super::TRIES => Verdict::Retry(error.to_string()),
            Err(error) => give_up(&ctx, &payload).await.map_or_else(
                |error| Verdict::Retry(error.to_string()),
                |()| Verdict::Dead(error.to_string()),
            ),
        },
        Err(error) => Verdict::Dead(format!("the job does not read: {error}")),
    }
}

/// A message that cannot even be prepared must not look as if it were still waiting for its turn.
async fn give_up(ctx: &Ctx, payload: &Payload) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let queued = scope.message_place(payload.message).await?;
    let tried = scope.attempts(payload.message).await?.iter().any(|attempt| attempt.finished_at.is_none());
    if !tried && queued.is_some_and(|place| place.state == MessageState::Queued) {
        fail(&mut scope, payload.message, MessageState::Failed, &problem::given_up(), now).await?;
    }
    tx.commit().await
}

async fn run(ctx: &Ctx, job: &Job, payload: &Payload) -> store::Result<Verdict> {
    let mut uploaded = None;
    let ready = loop {
        match prepare(ctx, job, payload, uploaded.take()).await? {
            Prepared::Ready(ready) => break ready,
            Prepared::Not(verdict) => return Ok(verdict),
            // A call of its own, during which anything may change: afterwards everything is asked again.
            Prepared::Upload(file) => match upload(ctx, payload, &file).await? {
                Ok(meta_id) => uploaded = Some(meta_id),
                Err(verdict) => return Ok(verdict),
            },
        }
    };
    // Outside any transaction; the lease is renewed meanwhile.
    let result = ctx.graph.send(&ready.line.access(), &ready.phone_number_id, &ready.message).await;
    let outcome = meta::errors::of_send(&result);
    settle(ctx, job, payload, &ready, &outcome, result).await
}

/// A message on the point of being sent.
struct Ready {
    stored: StoredMessage,
    account: AccountId,
    phone_number_id: String,
    message: Message,
    line: Line,
    attempt: i64,
}

/// Why a message waits that Meta asked to send later.
pub(super) const SLOWED: &str = "Meta asked to slow down";

/// A file that has to be known to Meta before its message is sent.
struct File {
    message: MessageId,
    media: MediaId,
    number: NumberId,
    phone_number_id: String,
    line: Line,
}

enum Prepared {
    Ready(Box<Ready>),
    /// To be sent, once its file is uploaded.
    Upload(Box<File>),
    /// Not to be sent now, or ever.
    Not(Verdict),
}

impl Prepared {
    fn later(at: Timestamp, why: impl Into<String>) -> Self {
        Self::Not(Verdict::Later(at, why.into()))
    }

    const DONE: Self = Self::Not(Verdict::Done);
}

/// Everything up to the point where the bytes leave, in one transaction: what the gate said still holds when the attempt
/// is noted. `uploaded` is the id under which Meta knows the message's file.
async fn prepare(
    ctx: &Ctx,
    job: &Job,
    payload: &Payload,
    uploaded: Option<String>,
) -> store::Result<Prepared> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let Some(stored) = scope.message(payload.message).await? else { return Ok(Prepared::DONE) };
    match stored.state {
        MessageState::Queued => {}
        // What comes next in the conversation waits a little for the fate of this one.
        MessageState::Unknown if now < stored.changed_at + HOLD => {
            return Ok(Prepared::later(stored.changed_at + HOLD, "waits for a status"));
        }
        _ => return Ok(Prepared::DONE),
    }
    if let Some(open) = scope.attempts(stored.id).await?.iter().find(|attempt| attempt.finished_at.is_none())
    {
        // The process ended between calling Meta and writing down the answer.
        scope.finish_attempt(stored.id, open.n, "unknown", None, now).await?;
        become_unknown(&mut scope, stored.id, &Cause::default(), now).await?;
        tx.commit().await?;
        return Ok(Prepared::later(now + HOLD, "its answer was lost"));
    }
    let Ok(restored) = serde_json::from_value::<Restored>(stored.content.0.clone()) else {
        fail(
            &mut scope,
            stored.id,
            MessageState::Failed,
            &problem::unsendable("The stored message does not read back."),
            now,
        )
        .await?;
        tx.commit().await?;
        return Ok(Prepared::DONE);
    };
    let template = template_name(&restored.content);
    let Some(facts) = scope.gate_facts(stored.thread.conversation_id, template).await? else {
        return Ok(Prepared::DONE);
    };
    let Some(org) = scope.org().await? else { return Ok(Prepared::DONE) };
    if !org.may_work() {
        return Ok(Prepared::later(now + SUSPENDED, "the operator has suspended the organisation"));
    }
    let settings = OrgSettings::read(&org.settings);
    let (form, misfit) = restored.form(&mut scope, &facts).await?;
    let asked = facts.facts(stored.author, form, settings.policy, settings.inbound_lifts_opt_out);
    let decision = gate::decide(&asked, now);
    let recorded = json!({ "decision": decision, "at": now });
    match decision {
        Decision::Refuse { reason } => {
            let problem = problem::of_refusal(reason, misfit);
            scope.set_decision(stored.id, &recorded, None, Some(&problem)).await?;
            fail(&mut scope, stored.id, MessageState::Refused, &problem, now).await?;
            tx.commit().await?;
            return Ok(Prepared::DONE);
        }
        Decision::Wait { until, reason } => {
            scope.set_decision(stored.id, &recorded, None, Some(&problem::of_reason(reason))).await?;
            if !shares_its_wait(reason) {
                scope.tx().step_aside(job, now).await?;
            }
            tx.commit().await?;
            return Ok(Prepared::later(until, reason.as_str()));
        }
        Decision::Send { consent, .. } => scope.set_decision(stored.id, &recorded, consent, None).await?,
    }
    let Some(line) = onboarding::line(ctx, &mut scope, facts.account_id).await? else {
        return Ok(Prepared::later(now + span::minutes(5), "no usable token"));
    };
    let authentication = matches!(form, gate::Form::Template { purpose: Purpose::Authentication, .. });
    let Some(recipient) = recipient(&mut scope, &stored, authentication).await? else {
        let problem = problem::unsendable(
            "The contact has no phone number or user id that this message can be sent to.",
        );
        fail(&mut scope, stored.id, MessageState::Failed, &problem, now).await?;
        tx.commit().await?;
        return Ok(Prepared::DONE);
    };
    let mut content = restored.content;
    match (restored.media_id, uploaded) {
        (Some(_), Some(meta_id)) => crate::media::attach(&mut content, meta_id),
        (Some(media), None) => {
            tx.commit().await?;
            return Ok(Prepared::Upload(Box::new(File {
                message: stored.id,
                media,
                number: stored.thread.number_id,
                phone_number_id: facts.phone_number_id,
                line,
            })));
        }
        (None, _) => {}
    }
    // A worker that was paused past its lease must not send what another has sent meanwhile.
    if !scope.tx().renew(job, now + LEASE).await? {
        return Ok(Prepared::Not(Verdict::Settled));
    }
    if let Err(until) = ctx.limits.take(stored.thread.number_id, stored.thread.contact_id, now) {
        tx.commit().await?;
        return Ok(Prepared::later(until, "Meta's rate for this number or person"));
    }
    let attempt = scope.start_attempt(stored.id, now).await?;
    tx.commit().await?;
    let message = Message {
        recipient,
        content,
        reply_to: stored.reply_to.clone().filter(|_| stored.kind != rules::message::Kind::Reaction),
        callback_data: Some(ctx.callbacks.write(payload.org, stored.id)),
    };
    Ok(Prepared::Ready(Box::new(Ready {
        stored,
        account: facts.account_id,
        phone_number_id: facts.phone_number_id,
        message,
        line,
        attempt,
    })))
}

/// Makes a message's file known to Meta, or says what becomes of the message.
async fn upload(ctx: &Ctx, payload: &Payload, file: &File) -> store::Result<Result<String, Verdict>> {
    let uploaded = crate::media::for_sending(
        ctx,
        payload.org,
        file.media,
        file.number,
        &file.line,
        &file.phone_number_id,
    );
    Ok(match uploaded.await? {
        Ok(meta_id) => Ok(meta_id),
        Err(NotSendable::Later(why)) => Err(Verdict::Later(ctx.now() + span::minutes(1), why)),
        Err(NotSendable::Never(problem)) => {
            let mut tx = ctx.store.begin().await?;
            let mut scope = tx.org(payload.org).await?;
            fail(&mut scope, file.message, MessageState::Failed, &problem, ctx.now()).await?;
            tx.commit().await?;
            Err(Verdict::Done)
        }
    })
}

/// The phone number where it is known; otherwise the BSUID, which authentication templates do not take (Meta: 131062).
async fn recipient(
    scope: &mut OrgScope<'_>,
    stored: &StoredMessage,
    authentication: bool,
) -> store::Result<Option<Recipient>> {
    let Some(contact) = scope.contact(stored.thread.contact_id).await? else { return Ok(None) };
    Ok(match (contact.phone, contact.bsuid) {
        (Some(phone), _) => Some(Recipient::Phone(format!("+{}", phone.digits()))),
        (None, Some(bsuid)) if !authentication => Some(Recipient::User(bsuid.as_str().to_owned())),
        _ => None,
    })
}

/// Writes down what came of the attempt, and ends or reschedules the job, in one transaction.
async fn settle(
    ctx: &Ctx,
    job: &Job,
    payload: &Payload,
    ready: &Ready,
    outcome: &Outcome,
    result: Result<Sent, GraphError>,
) -> store::Result<Verdict> {
    let now = ctx.now();
    let id = ready.stored.id;
    let mut suspect = None;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let problem = outcome.cause().map(problem::of_cause);
    scope.finish_attempt(id, ready.attempt, word(outcome), problem.as_ref(), now).await?;
    let again = match outcome {
        Outcome::Sent => {
            if let Ok(sent) = &result {
                accepted(&mut scope, id, &sent.message_id, now).await?;
            }
            None
        }
        Outcome::Unknown { cause } => {
            become_unknown(&mut scope, id, cause, now).await?;
            Some((now + HOLD, "its answer was lost"))
        }
        Outcome::Never { .. } => {
            fail(&mut scope, id, MessageState::Failed, problem.as_ref().unwrap_or(&Value::Null), now).await?;
            None
        }
        Outcome::RetryAt { .. } | Outcome::Later { scope: Scope::Message, .. }
            if ready.attempt >= ATTEMPTS =>
        {
            fail(&mut scope, id, MessageState::Failed, problem.as_ref().unwrap_or(&Value::Null), now).await?;
            None
        }
        Outcome::Later { scope: Scope::Message, .. } => {
            fail(&mut scope, id, MessageState::Failed, problem.as_ref().unwrap_or(&Value::Null), now).await?;
            None
        }
        Outcome::RetryAt { after, scope: who, .. } => {
            // Meta: each further try waits four times as long for the same person, twice as long otherwise.
            let factor = if *who == Scope::Pair { 4u32 } else { 2 };
            let tries = u32::try_from(ready.attempt - 1).unwrap_or(0).min(6);
            let until = now + (*after * factor.pow(tries)).min(span::hours(1));
            if !matches!(who, Scope::Message | Scope::Pair) {
                ctx.limits.pause(ready.stored.thread.number_id, until);
            }
            hold(&mut scope, id, problem.as_ref()).await?;
            Some((until, SLOWED))
        }
        Outcome::Later { cause, .. } => {
            suspect = cause.code;
            hold(&mut scope, id, problem.as_ref()).await?;
            Some((now + span::minutes(5), "the number or account cannot send"))
        }
    };
    let held = match again {
        None => tx.finish(job, now).await?,
        Some((at, why)) => tx.put_back(job, at, false, why).await?,
    };
    tx.commit().await?;
    ctx.ring(super::QUEUE);
    ctx.ring(crate::ingest::SIGNAL);
    if !held {
        tracing::warn!(org.id = %payload.org, message.id = %id, "a message was sent after its lease was lost");
    }
    if let Some(code) = suspect {
        onboarding::account_suspect(ctx, payload.org, ready.account, code).await?;
    }
    Ok(Verdict::Settled)
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

/// Meta took it. Statuses that outran this answer go on now.
async fn accepted(scope: &mut OrgScope<'_>, id: MessageId, wamid: &str, now: Timestamp) -> store::Result<()> {
    let step = Step { wamid: Some(wamid), ..Step::to(MessageState::Accepted, now) };
    advance(scope, id, &step, now).await?;
    let org: OrgId = scope.id();
    scope.tx().release_parked(org, &store::messages::wamid_hash(wamid), now).await?;
    Ok(())
}

async fn become_unknown(
    scope: &mut OrgScope<'_>,
    id: MessageId,
    cause: &Cause,
    now: Timestamp,
) -> store::Result<()> {
    let problem = problem::of_cause(cause);
    advance(scope, id, &Step { problem: Some(&problem), ..Step::to(MessageState::Unknown, now) }, now).await
}

async fn fail(
    scope: &mut OrgScope<'_>,
    id: MessageId,
    state: MessageState,
    problem: &Value,
    now: Timestamp,
) -> store::Result<()> {
    advance(scope, id, &Step { problem: Some(problem), ..Step::to(state, now) }, now).await
}

/// The message stays queued, with the reason beside it.
async fn hold(scope: &mut OrgScope<'_>, id: MessageId, problem: Option<&Value>) -> store::Result<()> {
    let decision =
        scope.message(id).await?.and_then(|message| message.decision).map_or(Value::Null, |json| json.0);
    scope.set_decision(id, &decision, None, problem).await
}

async fn advance(
    scope: &mut OrgScope<'_>,
    id: MessageId,
    step: &Step<'_>,
    now: Timestamp,
) -> store::Result<()> {
    if let Some(thread) = scope.advance_message(id, step, now).await? {
        let payload =
            json!({ "message_id": id, "conversation_id": thread.conversation_id, "state": step.state });
        scope.publish("message.updated", &payload, now)?;
    }
    Ok(())
}
