//! What is written down of messages on their way, gathered for many of them and written with few statements.

use rules::id::{ConsentEventId, MessageId, OrgId};
use rules::message::MessageState;
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::Tx;
use store::messages::{Decided, Ended, Move, Step, wamid_hash};
use store::outreach::Judged;
use store::queue::{Job, PutBack};

use super::Payload;

/// Gathered writes. All are of organisations that the transaction has entered or enters for them.
#[derive(Debug, Default)]
pub(super) struct Writes {
    decisions: Vec<Decision>,
    judged: Vec<Judged>,
    ended: Vec<Attempt>,
    steps: Vec<Taken>,
    done: Vec<Job>,
    later: Vec<(Job, Timestamp, String)>,
    rests: Vec<(Job, Timestamp)>,
}

#[derive(Debug)]
struct Decision {
    org: OrgId,
    message: MessageId,
    decision: Value,
    consent_event: Option<ConsentEventId>,
    problem: Option<Value>,
}

#[derive(Debug)]
struct Attempt {
    org: OrgId,
    message: MessageId,
    n: i64,
    outcome: &'static str,
    problem: Option<Value>,
}

#[derive(Debug)]
struct Taken {
    org: OrgId,
    message: MessageId,
    state: MessageState,
    problem: Option<Value>,
    wamid: Option<String>,
    at: Timestamp,
}

impl Writes {
    /// What the gate said, and why the message waits or is refused.
    pub fn decision(
        &mut self,
        payload: &Payload,
        decision: Value,
        consent_event: Option<ConsentEventId>,
        problem: Option<Value>,
    ) {
        let Payload { org, message, .. } = *payload;
        self.decisions.push(Decision { org, message, decision, consent_event, problem });
    }

    /// What the gate said of a template.
    pub fn judged(&mut self, judged: Judged) {
        self.judged.push(judged);
    }

    /// What came of an attempt.
    pub fn end_attempt(&mut self, payload: &Payload, n: i64, outcome: &'static str, problem: Option<Value>) {
        let Payload { org, message, .. } = *payload;
        self.ended.push(Attempt { org, message, n, outcome, problem });
    }

    /// The message moves on.
    pub fn step(&mut self, payload: &Payload, state: MessageState, problem: Option<Value>, now: Timestamp) {
        let Payload { org, message, .. } = *payload;
        self.steps.push(Taken { org, message, state, problem, wamid: None, at: now });
    }

    /// Meta took the message under this id. Statuses that outran this answer go on.
    pub fn accepted(&mut self, payload: &Payload, wamid: String, now: Timestamp) {
        let Payload { org, message, .. } = *payload;
        let state = MessageState::Accepted;
        self.steps.push(Taken { org, message, state, problem: None, wamid: Some(wamid), at: now });
    }

    /// The job is over.
    pub fn done(&mut self, job: Job) {
        self.done.push(job);
    }

    /// The job runs again.
    pub fn later(&mut self, job: Job, at: Timestamp, why: impl Into<String>) {
        self.later.push((job, at, why.into()));
    }

    /// The lane of this job rests.
    pub fn rest_lane(&mut self, job: &Job, until: Timestamp) {
        self.rests.push((job.clone(), until));
    }

    /// Writes everything.
    pub async fn write(&self, tx: &mut Tx, now: Timestamp) -> store::Result<Written> {
        let mut orgs: Vec<OrgId> = self.decisions.iter().map(|one| one.org).collect();
        orgs.extend(self.ended.iter().map(|one| one.org));
        orgs.extend(self.steps.iter().map(|one| one.org));
        let mut batch = tx.batch(&orgs).await?;
        let decided: Vec<Decided<'_>> = self.decisions.iter().map(Decision::row).collect();
        batch.set_decisions(&decided).await?;
        batch.judge_outreach(&self.judged, now).await?;
        let ended: Vec<Ended<'_>> = self.ended.iter().map(Attempt::row).collect();
        batch.finish_attempts(&ended, now).await?;
        let moves: Vec<Move<'_>> = self.steps.iter().map(Taken::row).collect();
        let moved = batch.advance_messages(&moves, now).await?;
        for (step, thread) in self.steps.iter().zip(moved) {
            if let Some(thread) = thread {
                let news = json!({
                    "message_id": step.message, "conversation_id": thread.conversation_id, "state": step.state,
                });
                tx.org(step.org).await?.publish("message.updated", &news, now)?;
            }
        }
        let known: Vec<_> =
            self.steps.iter().filter_map(|one| Some((one.org, wamid_hash(one.wamid.as_deref()?)))).collect();
        let released = tx.release_parked(&known, now).await? > 0;
        let again: Vec<PutBack<'_>> = self
            .later
            .iter()
            .map(|(job, run_at, why)| PutBack { job, run_at: *run_at, counted: false, why })
            .collect();
        let held = tx.finish_jobs(&self.done, now).await? + tx.put_back_jobs(&again).await?;
        for (job, until) in &self.rests {
            tx.rest_lane(&job.queue, &job.lane, *until);
        }
        Ok(Written { lost: self.done.len() + again.len() - held, released })
    }
}

/// What writing came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// How many jobs had been lost to other workers.
    pub lost: usize,
    /// Whether statuses that had waited for this can be applied now.
    pub released: bool,
}

impl Decision {
    fn row(&self) -> Decided<'_> {
        Decided {
            org: self.org,
            message: self.message,
            decision: &self.decision,
            consent_event: self.consent_event,
            problem: self.problem.as_ref(),
        }
    }
}

impl Attempt {
    fn row(&self) -> Ended<'_> {
        let problem = self.problem.as_ref();
        Ended { org: self.org, message: self.message, n: self.n, outcome: self.outcome, problem }
    }
}

impl Taken {
    fn row(&self) -> Move<'_> {
        let step = Step {
            problem: self.problem.as_ref(),
            wamid: self.wamid.as_deref(),
            ..Step::to(self.state, self.at)
        };
        Move { org: self.org, message: self.message, step }
    }
}
