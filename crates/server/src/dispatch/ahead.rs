//! Messages that may leave at once: the transaction that accepts them notes their attempts as well.
//!
//! The gate was asked in it, and the conversation is held until its end, so nothing that it said can have changed; what a
//! worker would find out a moment later is found out now. That goes for messages whose jobs this process took on as they
//! were added ([`store::hands`]). All others, and those that need a file or find the rate of their number used up, are
//! prepared when it is their turn.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use meta::send::{Content, Message};
use rules::gate::{Decision, Policy};
use rules::id::{AccountId, ConsentEventId, ContactId, MessageId, NumberId, OrgId};
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde_json::Value;
use store::Tx;
use store::queue::Job;

use super::accept::Allowed;
use super::limits::Pace;
use super::prepare::{Ready, recipient};
use super::{Payload, QUEUE};
use crate::ctx::Ctx;
use crate::onboarding;

/// So long after its lease has run out a job's message is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(600);

/// What the gate is told of an organisation's settings.
fn settled(settings: &OrgSettings) -> (Policy, bool) {
    (settings.policy, settings.inbound_lifts_opt_out)
}

/// What was accepted in a transaction and may leave.
#[derive(Debug, Default)]
pub struct Leaving(Vec<Candidate>);

/// A message that may leave.
#[derive(Debug)]
struct Candidate {
    payload: Payload,
    account: AccountId,
    number: NumberId,
    phone_number_id: String,
    pace: Pace,
    contact: ContactId,
    content: Content,
    reply_to: Option<String>,
    /// What of its organisation's settings the gate was told.
    settled: (Policy, bool),
    /// What the gate said.
    decision: Value,
    consent: Option<ConsentEventId>,
}

/// What was prepared as it was accepted, by its job, until the job runs.
#[derive(Debug, Default)]
pub struct Ahead(Mutex<HashMap<i64, Ready>>);

impl Ahead {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Ready>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, ready: Vec<Ready>, now: Timestamp) {
        let mut all = self.lock();
        // What nobody came for in so long was not committed.
        all.retain(|_, ready| ready.job.lease_until + FORGOTTEN_AFTER > now);
        all.extend(ready.into_iter().map(|ready| (ready.job.id, ready)));
    }

    /// What was prepared for a job.
    pub(super) fn take(&self, job: &Job) -> Option<Ready> {
        let mut all = self.lock();
        all.remove(&job.id).filter(|ready| ready.job.lease_id == job.lease_id)
    }
}

impl Leaving {
    /// Keeps what is needed to let a message leave, if it may. A template's recipient is chosen when it is prepared.
    pub(super) fn note(&mut self, message: &Allowed<'_>, payload: Payload) {
        let draft = message.wish.draft;
        let may_leave = matches!(message.decision, Decision::Send { .. })
            && draft.media.is_none()
            && !matches!(draft.content, Content::Template(_) | Content::Reaction(_));
        if may_leave {
            let facts = &message.facts;
            self.0.push(Candidate {
                payload,
                account: facts.account_id,
                number: facts.thread.number_id,
                phone_number_id: facts.phone_number_id.clone(),
                pace: Pace::of(facts.throughput.as_deref(), facts.on_business_app),
                contact: facts.thread.contact_id,
                content: draft.content.clone(),
                reply_to: draft.reply_to.clone(),
                settled: settled(message.wish.settings),
                decision: message.recorded.clone(),
                consent: message.consent,
            });
        }
    }

    /// Commits the transaction in which these were accepted.
    pub async fn commit(self, ctx: &Ctx, mut tx: Tx) -> store::Result<()> {
        let taken = tx.taken_on(QUEUE).await?;
        if !taken.is_empty() {
            let now = ctx.now();
            let ready = self.prepare(ctx, &mut tx, taken, now).await?;
            ctx.ahead.put(ready, now);
        }
        tx.commit().await
    }

    async fn prepare(
        self,
        ctx: &Ctx,
        tx: &mut Tx,
        taken: Vec<Job>,
        now: Timestamp,
    ) -> store::Result<Vec<Ready>> {
        let mut jobs: HashMap<MessageId, Job> = taken
            .into_iter()
            .filter_map(|job| Some((serde_json::from_str::<Payload>(&job.payload).ok()?.message, job)))
            .collect();
        let leaving: Vec<(Candidate, Job)> = self
            .0
            .into_iter()
            .filter_map(|one| jobs.remove(&one.payload.message).map(|job| (one, job)))
            .collect();
        let orgs: Vec<OrgId> = leaving.iter().map(|(one, _)| one.payload.org).collect();
        let people: Vec<_> = leaving.iter().map(|(one, _)| (one.payload.org, one.contact)).collect();
        let mut accounts: Vec<_> = leaving.iter().map(|(one, _)| (one.payload.org, one.account)).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let mut batch = tx.batch(&orgs).await?;
        let known = batch.orgs(&orgs).await?;
        let people = batch.contacts(&people).await?;
        let lines = onboarding::lines(ctx, tx, &accounts).await?;
        let mut ready = Vec::with_capacity(leaving.len());
        for ((one, job), person) in leaving.into_iter().zip(people) {
            let org = one.payload.org;
            // The settings were read before the answer was made; where they are others now, the gate is asked again.
            let may_work = known.get(&org).is_some_and(|org| {
                org.may_work() && settled(&OrgSettings::read(&org.settings)) == one.settled
            });
            let line = lines.get(&(org, one.account)).and_then(|line| line.as_ref().ok());
            let recipient = person.and_then(|person| recipient(person, false));
            if let (true, Some(line), Some(recipient)) = (may_work, line, recipient)
                && ctx.limits.take(one.number, one.pace, one.contact, now).is_ok()
            {
                let callback_data = Some(ctx.callbacks.write(org, one.payload.message));
                ready.push(Ready {
                    job,
                    payload: one.payload,
                    number: one.number,
                    account: one.account,
                    phone_number_id: one.phone_number_id,
                    message: Message {
                        recipient,
                        content: one.content,
                        reply_to: one.reply_to,
                        callback_data,
                    },
                    line: line.clone(),
                    attempt: 0,
                    decision: one.decision,
                    consent: one.consent,
                });
            }
        }
        let keys: Vec<_> = ready.iter().map(|one| (one.payload.org, one.payload.message)).collect();
        let attempts = tx.batch(&orgs).await?.start_attempts(&keys, now).await?;
        for (ready, attempt) in ready.iter_mut().zip(attempts) {
            ready.attempt = attempt;
        }
        Ok(ready)
    }
}
