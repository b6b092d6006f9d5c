//! Messages that may leave at once: the transaction that accepts them notes their attempts as well.
//!
//! The gate was asked in it, and the conversation is held until its end, so nothing that it said can have changed; what a
//! worker would find out a moment later is found out now. That goes for messages whose jobs this process took on as they
//! were added ([`store::hands`]). All others, and those that need a file or find the rate of their number used up, are
//! prepared when it is their turn.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use meta::send::Content;
use rules::gate::{Decision, Policy};
use rules::id::{MessageId, OrgId};
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use store::Tx;
use store::queue::Job;

use super::accept::Allowed;
use super::limits::Pace;
use super::prepare::{Passed, Ready, Way};
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
    passed: Passed,
    /// What of its organisation's settings the gate was told.
    settled: (Policy, bool),
}

/// What was prepared as it was accepted, by its job, until the job runs.
#[derive(Debug, Default)]
pub struct Ahead {
    waiting: Mutex<HashMap<i64, Ready>>,
    taken: AtomicU64,
}

impl Ahead {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Ready>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, ready: Vec<Ready>, now: Timestamp) {
        let mut all = self.lock();
        // What nobody came for in so long was not committed.
        all.retain(|_, ready| ready.job.lease_until + FORGOTTEN_AFTER > now);
        all.extend(ready.into_iter().map(|ready| (ready.job.id, ready)));
    }

    /// What was prepared for a job.
    pub(super) fn take(&self, job: &Job) -> Option<Ready> {
        let ready = self.remove(job)?;
        self.taken.fetch_add(1, Ordering::Relaxed);
        Some(ready)
    }

    fn remove(&self, job: &Job) -> Option<Ready> {
        self.lock().remove(&job.id).filter(|ready| ready.job.lease_id == job.lease_id)
    }

    /// How many messages are prepared and wait for their worker.
    pub fn waiting(&self) -> usize {
        self.lock().len()
    }

    /// How many messages their workers found prepared so far.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
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
            let passed = Passed {
                payload,
                account: facts.account_id,
                number: facts.thread.number_id,
                phone_number_id: facts.phone_number_id.clone(),
                pace: Pace::of(facts.throughput.as_deref(), facts.on_business_app),
                thread: facts.thread,
                content: draft.content.clone(),
                reply_to: draft.reply_to.clone(),
                decision: message.recorded.clone(),
                consent: message.consent,
            };
            self.0.push(Candidate { passed, settled: settled(message.wish.settings) });
        }
    }

    /// Commits the transaction in which these were accepted.
    pub async fn commit(self, ctx: &Ctx, mut tx: Tx) -> store::Result<()> {
        let taken = tx.taken_on(QUEUE).await?;
        if taken.is_empty() {
            return tx.commit().await;
        }
        let now = ctx.now();
        let ready = self.prepare(ctx, &mut tx, &taken, now).await?;
        // Before the commit, because the worker may begin at once.
        ctx.ahead.put(ready, now);
        let committed = tx.commit().await;
        if committed.is_err() {
            // Nobody comes for them.
            taken.iter().for_each(|job| drop(ctx.ahead.remove(job)));
        }
        committed
    }

    async fn prepare(
        self,
        ctx: &Ctx,
        tx: &mut Tx,
        taken: &[Job],
        now: Timestamp,
    ) -> store::Result<Vec<Ready>> {
        let mut jobs: HashMap<MessageId, &Job> = taken
            .iter()
            .filter_map(|job| Some((serde_json::from_str::<Payload>(&job.payload).ok()?.message, job)))
            .collect();
        let leaving: Vec<(Candidate, &Job)> = self
            .0
            .into_iter()
            .filter_map(|one| jobs.remove(&one.passed.payload.message).map(|job| (one, job)))
            .collect();
        let passed = || leaving.iter().map(|(one, _)| &one.passed);
        let orgs: Vec<OrgId> = passed().map(|one| one.payload.org).collect();
        let people: Vec<_> = passed().map(|one| (one.payload.org, one.thread.contact_id)).collect();
        let mut accounts: Vec<_> = passed().map(|one| (one.payload.org, one.account)).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let mut batch = tx.batch(&orgs).await?;
        let known = batch.orgs(&orgs).await?;
        let people = batch.contacts(&people).await?;
        let lines = onboarding::lines(ctx, tx, &accounts).await?;
        let mut ready = Vec::with_capacity(leaving.len());
        for ((Candidate { passed, settled: told }, job), person) in leaving.into_iter().zip(people) {
            let org = passed.payload.org;
            // The settings were read before the answer was made; where they are others now, the gate is asked again.
            let may_work = known
                .get(&org)
                .is_some_and(|org| org.may_work() && settled(&OrgSettings::read(&org.settings)) == told);
            let line = lines.get(&(org, passed.account)).and_then(|line| line.as_ref().ok()).cloned();
            if may_work
                && let Ok(way) = Way::find(line, person, false)
                && let Ok(one) = passed.ready(ctx, job.clone(), way, now)
            {
                ready.push(one);
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
