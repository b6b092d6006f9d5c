//! What may happen next, and what it changes: one step for each transaction, each call and each fault.

use rules::consent::{Channel, Consent, ConsentAction, ConsentSource, LedgerEntry};
use rules::gate::{self, Decision, Facts, Form, LineState, Policy};
use rules::id::ConsentEventId;
use rules::message::{Author, MessageState};
use rules::time::{Timestamp, span};
use uuid::Uuid;

use crate::state::{Answer, Doing, Message, Phase, Seen, State, Stop, Word, Worker};
use crate::{ATTEMPTS, Flaw, MESSAGES, NODES, Protocol};

/// Something that happens. Numbers name nodes, jobs or messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A message is accepted: stored with its job, and acknowledged.
    Accept(usize),
    /// A message's job is stored, after the acknowledgement. Only where that is done wrongly.
    StoreJob(usize),
    /// A person sends a message again.
    SendAgain(usize),
    /// A node claims a job.
    Claim(usize, usize),
    /// A node reads what it decides by, in the transaction that decides.
    Read(usize),
    /// A node finds that its message is unknown and the wait for a status not over.
    KeepWaiting(usize),
    /// A node writes down what it decided, and commits.
    Decide(usize),
    /// A node's request leaves.
    Leave(usize),
    /// A node finds no connection.
    NoConnection(usize),
    /// A node hears nothing in time, or a server error.
    TimeOut(usize),
    /// A node writes down what came of its attempt, and ends the job.
    Settle(usize),
    /// The runner ends a job that needed no attempt.
    End(usize),
    /// A node dies, or is told that it has lost its lease, wherever it is.
    Crash(usize),
    /// A lease runs out, whether or not its holder lives.
    LeaseRunsOut(usize),
    /// Meta takes a request, which reaches the phone or not. An answer that is lost is a time-out before this.
    Take {
        /// Message and attempt.
        request: (usize, u8),
        /// The phone gets it.
        arrives: bool,
    },
    /// Meta refuses a request, for now or for good.
    Refuse {
        /// Message and attempt.
        request: (usize, u8),
        /// What it says.
        answer: Answer,
    },
    /// A status comes (again), is stored, acknowledged and applied. Nothing reads it in between.
    Status(usize, Word),
    /// A status that was parked is applied.
    Released(usize, Word),
    /// What has been unknown for ten minutes is brought to a person.
    Sweep(usize),
    /// The contact writes STOP, or what was written goes on to the ledger.
    Stop,
    /// What was acknowledged and not stored is lost with the node's memory. Only where that is done wrongly.
    Forget,
}

impl Protocol {
    /// Every step that may be taken.
    pub(crate) fn possible(&self, state: &State, steps: &mut Vec<Step>) {
        for (m, message) in state.messages.iter().enumerate() {
            self.possible_with_message(state, m, message, steps);
        }
        for (w, worker) in state.workers.iter().enumerate() {
            self.possible_for_node(state, w, worker, steps);
        }
        for (j, job) in state.jobs.iter().enumerate() {
            if job.phase == Phase::Leased {
                steps.push(Step::LeaseRunsOut(j));
            }
        }
        for &request in &state.under_way {
            for arrives in [true, false] {
                steps.push(Step::Take { request, arrives });
            }
            for answer in [Answer::Retry, Answer::Never] {
                steps.push(Step::Refuse { request, answer });
            }
        }
        if !matches!(state.stop, Stop::Lost | Stop::Applied) {
            steps.push(Step::Stop);
        }
        if state.stop == Stop::Heard || state.messages.iter().any(|message| message.unqueued) {
            steps.push(Step::Forget);
        }
    }

    fn possible_with_message(&self, state: &State, m: usize, message: &Message, steps: &mut Vec<Step>) {
        let allowed = gate_allows(state.stop == Stop::Applied);
        let in_turn = state.messages[..m].iter().all(|earlier| earlier.state.is_some());
        if message.state.is_none() && m < self.messages && in_turn && allowed {
            steps.push(Step::Accept(m));
        }
        if message.unqueued {
            steps.push(Step::StoreJob(m));
        }
        let again: u8 = state.messages.iter().map(|message| message.intentions.saturating_sub(1)).sum();
        if message.may_be_sent_again() && again < self.sent_again && allowed {
            steps.push(Step::SendAgain(m));
        }
        steps.extend(message.coming.iter().map(|word| Step::Status(m, word)));
        steps.extend(message.released.iter().map(|word| Step::Released(m, word)));
        if message.state == Some(MessageState::Unknown) && !self.is(Flaw::NoSweep) {
            steps.push(Step::Sweep(m));
        }
    }

    fn possible_for_node(&self, state: &State, w: usize, worker: &Worker, steps: &mut Vec<Step>) {
        match worker.doing {
            Doing::Idle => {
                steps.extend(
                    (0..state.jobs.len()).filter(|j| self.claimable(state, *j)).map(|j| Step::Claim(w, j)),
                );
            }
            Doing::Claimed => steps.push(Step::Read(w)),
            Doing::Read(Seen::Unknown) => steps.extend([Step::KeepWaiting(w), Step::Decide(w)]),
            Doing::Read(_) => steps.push(Step::Decide(w)),
            Doing::Noted(_) => steps.extend([Step::Leave(w), Step::NoConnection(w)]),
            Doing::Waiting(_) => steps.push(Step::TimeOut(w)),
            Doing::Answered(..) => steps.push(Step::Settle(w)),
            Doing::Ending(_) => steps.push(Step::End(w)),
        }
        if worker.doing != Doing::Idle {
            steps.push(Step::Crash(w));
        }
    }

    /// Free or overdue, the first of its conversation, and no transaction holds its row.
    fn claimable(&self, state: &State, j: usize) -> bool {
        let head = state.jobs[..j].iter().all(|earlier| earlier.phase == Phase::Gone);
        let locked =
            |worker: &Worker| worker.job == j && worker.holds && matches!(worker.doing, Doing::Read(_));
        matches!(state.jobs[j].phase, Phase::Ready | Phase::Overdue)
            && (head || self.is(Flaw::NoOrder))
            && (self.lease_checked_late() || !state.workers.iter().any(locked))
    }

    fn lease_checked_late(&self) -> bool {
        self.is(Flaw::LeaseCheckedLast) || self.is(Flaw::LeaseNeverChecked)
    }

    /// Takes a step.
    pub(crate) fn take(&self, state: &mut State, step: Step) {
        match step {
            Step::Accept(m) => self.accept(state, m),
            Step::StoreJob(m) => {
                state.messages[m].unqueued = false;
                state.enqueue(m);
            }
            Step::SendAgain(m) => send_again(state, m),
            Step::Claim(w, j) => claim(state, w, j),
            Step::Read(w) => self.read(state, w),
            Step::KeepWaiting(w) => state.workers[w].doing = Doing::Ending(false),
            Step::Decide(w) => self.decide(state, w),
            Step::Leave(w) => leave(state, w),
            Step::NoConnection(w) => answered(&mut state.workers[w], Answer::Retry),
            Step::TimeOut(w) => answered(&mut state.workers[w], Answer::Unknown),
            Step::Settle(w) => self.settle(state, w),
            Step::End(w) => {
                if let Doing::Ending(done) = state.workers[w].doing {
                    self.end_job(state, w, done);
                }
            }
            Step::Crash(w) => state.workers[w] = Worker::default(),
            Step::LeaseRunsOut(j) => state.jobs[j].phase = Phase::Overdue,
            Step::Take { request, arrives } => take_in(state, request, arrives),
            Step::Refuse { request, answer } => {
                state.under_way.retain(|other| *other != request);
                answer_to(state, request, answer);
            }
            Step::Status(m, word) => self.apply(state, m, word),
            Step::Released(m, word) => {
                state.messages[m].released.remove(word);
                self.apply(state, m, word);
            }
            Step::Sweep(m) => state.messages[m].advance(MessageState::Unresolved),
            Step::Stop => {
                state.stop = match state.stop {
                    Stop::Unsaid if self.is(Flaw::WebhookAcknowledgedFirst) => Stop::Heard,
                    Stop::Unsaid | Stop::Heard => Stop::Stored,
                    Stop::Stored | Stop::Applied => Stop::Applied,
                    Stop::Lost => Stop::Lost,
                }
            }
            Step::Forget => {
                if state.stop == Stop::Heard {
                    state.stop = Stop::Lost;
                }
                state.messages.iter_mut().for_each(|message| message.unqueued = false);
            }
        }
    }

    fn accept(&self, state: &mut State, m: usize) {
        state.messages[m].state = Some(MessageState::Queued);
        state.messages[m].intentions = 1;
        if self.is(Flaw::JobAfterAcknowledgement) {
            state.messages[m].unqueued = true;
        } else {
            state.enqueue(m);
        }
    }

    /// Before anything is read the lease is renewed, which holds the job's row until the commit; who has lost it stops.
    fn read(&self, state: &mut State, w: usize) {
        if !self.lease_checked_late() && !self.renew(state, w) {
            state.workers[w] = Worker::default();
            return;
        }
        let message = &state.messages[state.message_of(w)];
        let stopped = state.stop == Stop::Applied;
        let seen = match message.state {
            Some(MessageState::Queued) if message.open != 0 => Seen::LostAnswer,
            Some(MessageState::Queued) => {
                Seen::Free { allowed: gate_allows(stopped) || self.is(Flaw::GateAskedOnce), stopped }
            }
            Some(MessageState::Unknown) => Seen::Unknown,
            _ => Seen::Over,
        };
        state.workers[w].doing = Doing::Read(seen);
    }

    fn decide(&self, state: &mut State, w: usize) {
        let Doing::Read(seen) = state.workers[w].doing else { return };
        let m = state.message_of(w);
        let done = match seen {
            Seen::LostAnswer => {
                state.messages[m].open = 0;
                self.become_unknown(&mut state.messages[m]);
                false
            }
            Seen::Unknown | Seen::Over => true,
            Seen::Free { allowed: false, .. } => {
                state.messages[m].advance(MessageState::Refused);
                true
            }
            Seen::Free { allowed: true, stopped } => return self.note(state, w, stopped),
        };
        state.workers[w].doing = Doing::Ending(done);
    }

    /// Writes down the attempt.
    fn note(&self, state: &mut State, w: usize, stopped: bool) {
        if self.is(Flaw::LeaseCheckedLast) && !self.renew(state, w) {
            state.workers[w] = Worker::default();
            return;
        }
        let (j, m) = (state.workers[w].job, state.message_of(w));
        state.broken.consent |= stopped;
        state.broken.order |= state.jobs[..j].iter().any(|job| job.phase != Phase::Gone && job.message != m);
        let unknown = |message: &Message| {
            matches!(message.state, Some(MessageState::Unknown | MessageState::Unresolved))
        };
        let passed_unknown = state.messages[..m].iter().any(unknown);
        let message = &mut state.messages[m];
        message.passed_unknown |= passed_unknown;
        message.attempts += 1;
        let n = message.attempts;
        if !self.is(Flaw::AttemptNotedAfterwards) {
            message.open |= 1 << n;
        }
        state.workers[w].doing = Doing::Noted(n);
    }

    /// One transaction: the end of the attempt, the message's state, the end of the job.
    fn settle(&self, state: &mut State, w: usize) {
        let Doing::Answered(n, answer) = state.workers[w].doing else { return };
        let m = state.message_of(w);
        let message = &mut state.messages[m];
        message.open &= !(1 << n);
        let done = match answer {
            Answer::Sent => {
                message.wamid = !self.echo;
                message.advance(MessageState::Accepted);
                let parked = std::mem::take(&mut message.parked);
                message.released.join(parked);
                true
            }
            Answer::Unknown => {
                self.become_unknown(message);
                false
            }
            Answer::Retry if n < ATTEMPTS => false,
            Answer::Retry | Answer::Never => {
                message.advance(MessageState::Failed);
                true
            }
        };
        self.end_job(state, w, done);
    }

    fn become_unknown(&self, message: &mut Message) {
        if !self.is(Flaw::UnknownIsRetried) {
            message.advance(MessageState::Unknown);
        }
    }

    /// Finishes or puts back the job, for whoever holds it.
    fn end_job(&self, state: &mut State, w: usize, done: bool) {
        let worker = std::mem::take(&mut state.workers[w]);
        let job = &mut state.jobs[worker.job];
        if job.phase != Phase::Gone && (worker.holds || self.is(Flaw::LeaseNeverChecked)) {
            job.phase = if done { Phase::Gone } else { Phase::Ready };
        }
    }

    /// Extends the lease. `false`: it is lost.
    fn renew(&self, state: &mut State, w: usize) -> bool {
        let worker = state.workers[w];
        if worker.holds {
            state.jobs[worker.job].phase = Phase::Leased;
        }
        worker.holds
    }

    /// By our own id where it came back, else by Meta's where that is known; else the status waits.
    fn apply(&self, state: &mut State, m: usize, word: Word) {
        let message = &mut state.messages[m];
        if !self.echo && !message.wamid {
            message.parked.add(word);
            return;
        }
        let to = word.state();
        message.told = Some(message.told.filter(|told| !told.may_become(to)).unwrap_or(to));
        if self.is(Flaw::StatusesOverwrite) {
            let fell = message.state.is_some_and(|state| to.rank() < state.rank());
            message.state = Some(to);
            state.broken.rank |= fell;
        } else {
            message.advance(to);
        }
    }

    /// What happens next where nothing goes wrong any more, but that Meta may be silent: take no request whose node is gone,
    /// tell nothing. `None`: everything is at rest.
    pub(crate) fn undisturbed(&self, state: &State, silent: bool) -> Option<Step> {
        for (w, worker) in state.workers.iter().enumerate() {
            return Some(match worker.doing {
                Doing::Idle => continue,
                Doing::Claimed => Step::Read(w),
                Doing::Read(_) => Step::Decide(w),
                Doing::Noted(_) => Step::Leave(w),
                Doing::Waiting(n) => {
                    let request = (state.message_of(w), n);
                    let there = state.under_way.contains(&request);
                    if there { Step::Take { request, arrives: true } } else { Step::TimeOut(w) }
                }
                Doing::Answered(..) => Step::Settle(w),
                Doing::Ending(_) => Step::End(w),
            });
        }
        if let Some(&request) = state.under_way.first().filter(|_| !silent) {
            return Some(Step::Take { request, arrives: true });
        }
        for (m, message) in state.messages.iter().enumerate() {
            if message.unqueued {
                return Some(Step::StoreJob(m));
            }
            if let Some(word) = message.released.iter().next() {
                return Some(Step::Released(m, word));
            }
            let untold = |word: &Word| {
                message.told.is_none_or(|told| told.may_become(word.state())) && !message.parked.has(*word)
            };
            if let Some(word) = message.coming.iter().find(untold).filter(|_| !silent) {
                return Some(Step::Status(m, word));
            }
        }
        if matches!(state.stop, Stop::Heard | Stop::Stored) {
            return Some(Step::Stop);
        }
        for j in 0..state.jobs.len() {
            if self.claimable(state, j) {
                return Some(Step::Claim(0, j));
            }
            if state.jobs[j].phase == Phase::Leased {
                return Some(Step::LeaseRunsOut(j));
            }
        }
        let unknown = |message: &Message| message.state == Some(MessageState::Unknown);
        state.messages.iter().position(unknown).filter(|_| !self.is(Flaw::NoSweep)).map(Step::Sweep)
    }
}

fn send_again(state: &mut State, m: usize) {
    let message = &mut state.messages[m];
    message.state = Some(MessageState::Queued);
    message.wamid = false;
    message.told = None;
    message.intentions += 1;
    state.enqueue(m);
}

fn claim(state: &mut State, w: usize, j: usize) {
    for other in &mut state.workers {
        if other.doing != Doing::Idle && other.job == j {
            other.holds = false;
        }
    }
    state.jobs[j].phase = Phase::Leased;
    state.workers[w] = Worker { doing: Doing::Claimed, job: j, holds: true };
}

fn leave(state: &mut State, w: usize) {
    let Doing::Noted(n) = state.workers[w].doing else { return };
    state.under_way.push((state.message_of(w), n));
    state.under_way.sort_unstable();
    state.workers[w].doing = Doing::Waiting(n);
}

fn answered(worker: &mut Worker, answer: Answer) {
    if let Doing::Noted(n) | Doing::Waiting(n) = worker.doing {
        worker.doing = Doing::Answered(n, answer);
    }
}

/// Meta's answer to a request, for the node that still waits for it.
fn answer_to(state: &mut State, request: (usize, u8), answer: Answer) {
    for w in 0..NODES {
        if state.workers[w].doing == Doing::Waiting(request.1) && state.message_of(w) == request.0 {
            answered(&mut state.workers[w], answer);
        }
    }
}

/// Meta takes a request, tells of it, and brings it to the phone.
fn take_in(state: &mut State, request: (usize, u8), arrives: bool) {
    let m = request.0;
    state.under_way.retain(|other| *other != request);
    let before_its_time =
        |later: &Message| later.arrived > 0 && later.intentions == 1 && !later.passed_unknown;
    if arrives && state.messages[m].arrived == 0 && state.messages[m].intentions == 1 {
        state.broken.order |= state.messages[(m + 1).min(MESSAGES)..].iter().any(before_its_time);
    }
    let message = &mut state.messages[m];
    message.taken += 1;
    message.arrived += u8::from(arrives);
    message.coming.add(Word::Sent);
    message.coming.add(if arrives { Word::Delivered } else { Word::Failed });
    answer_to(state, request, Answer::Sent);
}

/// The gate's word on an answer of the AI within the window.
fn gate_allows(stopped: bool) -> bool {
    const NOW: Timestamp = Timestamp::from_seconds(1_795_165_200);
    let stop = LedgerEntry {
        id: ConsentEventId(Uuid::from_u128(1)),
        channel: Channel::Whatsapp,
        purpose: None,
        action: ConsentAction::OptOut,
        source: ConsentSource::Keyword,
        at: NOW,
    };
    let facts = Facts {
        author: Author::Ai,
        form: Form::FreeForm,
        consent: Consent::from_ledger(stopped.then_some(&stop), false),
        stopped_at: stopped.then_some(NOW),
        last_inbound_at: Some(NOW),
        policy: Policy::WindowOrOptIn,
        line: LineState::Ready,
        fallback: None,
    };
    matches!(gate::decide(&facts, NOW + span::minutes(1)), Decision::Send { .. })
}
