//! Everything up to the point where the bytes leave, for messages that fell due together, in one transaction: what the
//! gate said still holds when the attempts are noted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use meta::send::{Content, Message, Recipient};
use rules::consent::Purpose;
use rules::gate::{self, Decision};
use rules::id::{AccountId, ConsentEventId, MediaId, MessageId, NumberId, OrgId};
use rules::message::{Kind, MessageState};
use rules::outcome::Cause;
use rules::settings::OrgSettings;
use rules::time::{Timestamp, span};
use serde_json::{Value, json};
use store::contacts::Contact;
use store::messages::{Asked, GateFacts, Outgoing, Thread};
use store::orgs::Org;
use store::outreach::Outreach;
use store::queue::Job;
use store::{Batch, StoreError, Tx};

use super::accept::{Restored, purpose_of, shares_its_wait, template_name};
use super::allowance::Allowances;
use super::limits::{Hold, Pace};
use super::weigh::{self, Subject, Weighed};
use super::writes::Writes;
use super::{HOLD, LEASE, Payload, outreach, problem};
use crate::ctx::Ctx;
use crate::fallback::{self, Diversion};
use crate::onboarding::{self, Line};
use crate::trace::step;

/// How often it is looked whether a suspended organisation may work again. What waited too long the gate then refuses.
const SUSPENDED: Duration = span::minutes(10);

/// A message whose turn it is.
#[derive(Debug)]
pub(super) struct Due {
    pub job: Job,
    pub payload: Payload,
    /// The id under which Meta knows its file, once it was uploaded.
    pub uploaded: Option<String>,
}

/// A message that the gate lets through.
#[derive(Debug)]
pub(super) struct Passed {
    pub payload: Payload,
    pub number: NumberId,
    pub account: AccountId,
    pub phone_number_id: String,
    pub pace: Pace,
    pub thread: Thread,
    pub content: Content,
    pub reply_to: Option<String>,
    /// What the gate said.
    pub decision: Value,
    /// The ledger entry that allows it.
    pub consent: Option<ConsentEventId>,
}

/// On whose behalf a message is sent, and to whom.
pub(super) struct Way {
    line: Arc<Line>,
    recipient: Recipient,
}

/// What is missing for sending a message.
pub(super) enum NoWay {
    /// A token that can be used.
    Line,
    /// A phone number or user id to send it to.
    Recipient,
}

/// A message on the point of being sent; its attempt is noted.
#[derive(Debug)]
pub(super) struct Ready {
    pub job: Job,
    pub payload: Payload,
    pub number: NumberId,
    pub thread: Thread,
    pub account: AccountId,
    pub phone_number_id: String,
    pub message: Message,
    pub line: Arc<Line>,
    pub attempt: i64,
    /// What the gate said.
    pub decision: Value,
    /// The ledger entry that allows it.
    pub consent: Option<ConsentEventId>,
}

/// A message whose file has to be known to Meta before it is sent.
pub(super) struct File {
    pub due: Due,
    pub media: MediaId,
    pub number: NumberId,
    pub phone_number_id: String,
    pub line: Arc<Line>,
}

/// What is to be done now; of everything else it is written down.
#[derive(Default)]
pub(super) struct Prepared {
    pub ready: Vec<Ready>,
    pub files: Vec<File>,
}

pub(super) async fn prepare(ctx: &Ctx, due: &[Due]) -> store::Result<Prepared> {
    if due.is_empty() {
        return Ok(Prepared::default());
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    // A worker that was paused past its leases must not send what another has sent meanwhile.
    let jobs: Vec<Job> = due.iter().map(|due| due.job.clone()).collect();
    let held = tx.hold_jobs(&jobs, now + LEASE / 2).await?;
    let due: Vec<&Due> = due.iter().filter(|due| held.contains(&due.job.id)).collect();
    let mut round = Round {
        ctx,
        now,
        allowances: Allowances::default(),
        writes: Writes::default(),
        diverted: Vec::new(),
        prepared: Prepared::default(),
    };
    let due = round.read(&mut tx, due).await?;
    round.allowances = Allowances::read(&mut tx, &ctx.crowds, &begins(&due), now).await?;
    let mut ready = Vec::with_capacity(due.len());
    let subjects: Vec<_> = due.iter().map(Known::subject).collect();
    for (known, weighed) in due.iter().zip(weigh::each(&mut tx, &subjects, now).await?) {
        ready.extend(round.judge(&mut tx, known, weighed).await?);
    }
    round.writes.write(&mut tx, now).await?;
    round.allowances.write(&mut tx, now).await?;
    for (org, diversion) in &round.diverted {
        fallback::divert(&mut tx.org(*org).await?, *diversion, now).await?;
    }
    let diverted = round.diverted.iter().map(|(_, diversion)| diversion.outreach).collect();
    fallback::hurry(&mut tx, diverted, now).await?;
    let keys: Vec<(OrgId, MessageId)> =
        ready.iter().map(|one: &Ready| (one.payload.org, one.payload.message)).collect();
    let orgs: Vec<OrgId> = keys.iter().map(|(org, _)| *org).collect();
    let attempts = tx.batch(&orgs).await?.start_attempts(&keys, now).await?;
    tx.commit().await?;
    for (ready, attempt) in ready.iter_mut().zip(attempts) {
        ready.attempt = attempt;
    }
    Ok(Prepared { ready, ..round.prepared })
}

/// Messages that are prepared together.
struct Round<'a> {
    ctx: &'a Ctx,
    now: Timestamp,
    /// How many people may still be written to first.
    allowances: Allowances,
    writes: Writes,
    /// Whose contacts are reached on another channel.
    diverted: Vec<(OrgId, Diversion)>,
    prepared: Prepared,
}

/// A message with everything that decides about it.
struct Known<'a> {
    due: &'a Due,
    stored: Outgoing,
    restored: Restored,
    facts: GateFacts,
    outreach: Option<Outreach>,
    org: Arc<(Org, OrgSettings)>,
    contact: Option<Contact>,
    line: Option<Result<Arc<Line>, &'static str>>,
}

impl Known<'_> {
    /// What the gate is told more of, where it is a template.
    fn subject(&self) -> Option<Subject<'_, '_>> {
        template_name(&self.restored.content)?;
        Some(Subject {
            org: self.due.payload.org,
            contact: self.facts.thread.contact_id,
            purpose: self.facts.template.as_ref().map_or(Purpose::Utility, purpose_of),
            settings: &self.org.1,
            record: self.outreach.as_ref().map(|outreach| outreach.id),
            fallback: self.outreach.as_ref().map_or(&[], |outreach| &outreach.fallback.0),
            ledger: &self.facts.ledger,
            person: self.contact.as_ref(),
        })
    }
}

impl<'d> Round<'_> {
    /// Reads what decides about messages, and ends those of which nothing is left to decide.
    async fn read(&mut self, tx: &mut Tx, due: Vec<&'d Due>) -> store::Result<Vec<Known<'d>>> {
        let keys: Vec<_> = due.iter().map(|due| (due.payload.org, due.payload.message)).collect();
        let orgs: Vec<OrgId> = keys.iter().map(|(org, _)| *org).collect();
        let mut batch = tx.batch(&orgs).await?;
        let messages = batch.outgoing(&keys).await?;
        let open = batch.open_attempts(&keys).await?;
        let organisations: HashMap<OrgId, _> = batch
            .orgs(&orgs)
            .await?
            .into_iter()
            .map(|(id, org)| {
                let settings = OrgSettings::read(&org.settings);
                (id, Arc::new((org, settings)))
            })
            .collect();
        let waiting: Vec<(&Due, Outgoing, Restored)> = due
            .into_iter()
            .zip(messages.into_iter().zip(open))
            .filter_map(|(due, (message, open))| self.waiting(due, message, open))
            .collect();
        let asked: Vec<Asked<'_>> = waiting
            .iter()
            .map(|(due, stored, restored)| Asked {
                org: due.payload.org,
                conversation: stored.thread.conversation_id,
                template: template_name(&restored.content),
            })
            .collect();
        // Held, so that a STOP is either seen here or committed after these attempts.
        let held: Vec<_> = asked.iter().map(|asked| (asked.org, asked.conversation)).collect();
        batch.hold_conversations(&held).await?;
        let facts = batch.gate_facts(&asked).await?;
        let people: Vec<_> =
            waiting.iter().map(|(due, stored, _)| (due.payload.org, stored.thread.contact_id)).collect();
        let contacts = batch.contacts(&people).await?;
        let mut intended = intentions(&mut batch, &waiting).await?;
        let accounts: HashSet<(OrgId, AccountId)> = waiting
            .iter()
            .zip(&facts)
            .filter_map(|((due, ..), facts)| Some((due.payload.org, facts.as_ref()?.account_id)))
            .collect();
        let accounts: Vec<_> = accounts.into_iter().collect();
        let lines = onboarding::lines(self.ctx, tx, &accounts).await?;
        let mut known = Vec::with_capacity(waiting.len());
        for (((due, stored, restored), facts), contact) in waiting.into_iter().zip(facts).zip(contacts) {
            match (facts, organisations.get(&due.payload.org).cloned()) {
                (Some(facts), Some(org)) => {
                    let line = lines.get(&(due.payload.org, facts.account_id)).cloned();
                    let outreach = intended.remove(&(due.payload.org, due.payload.message));
                    known.push(Known { due, stored, restored, facts, outreach, org, contact, line });
                }
                _ => self.writes.done(due.job.clone()),
            }
        }
        Ok(known)
    }

    /// A message that still waits to be sent.
    fn waiting(
        &mut self,
        due: &'d Due,
        stored: Option<Outgoing>,
        open: Option<i64>,
    ) -> Option<(&'d Due, Outgoing, Restored)> {
        let (payload, now) = (&due.payload, self.now);
        match (stored, open) {
            (Some(stored), Some(attempt)) if stored.state == MessageState::Queued => {
                // The process ended between calling Meta and writing down the answer.
                self.writes.end_attempt(payload, attempt, "unknown", None);
                let lost = problem::of_cause(&Cause::default());
                self.writes.step(payload, MessageState::Unknown, Some(lost), now);
                self.writes.later(due.job.clone(), now + HOLD, "its answer was lost");
            }
            (Some(stored), None) if stored.state == MessageState::Queued => {
                if let Ok(restored) = serde_json::from_value::<Restored>(stored.content.0.clone()) {
                    return Some((due, stored, restored));
                }
                let unreadable = problem::unsendable("The stored message does not read back.");
                self.fail(due, MessageState::Failed, unreadable);
            }
            // What comes next in the conversation waits a little for the fate of this one.
            (Some(stored), _) if stored.state == MessageState::Unknown && now < stored.changed_at + HOLD => {
                self.writes.later(due.job.clone(), stored.changed_at + HOLD, "waits for a status");
            }
            _ => self.writes.done(due.job.clone()),
        }
        None
    }

    fn fail(&mut self, due: &Due, state: MessageState, problem: Value) {
        self.writes.step(&due.payload, state, Some(problem), self.now);
        self.writes.done(due.job.clone());
    }

    /// Asks the gate. What comes back is sent.
    async fn judge(
        &mut self,
        tx: &mut Tx,
        known: &Known<'d>,
        weighed: Option<Weighed<'_>>,
    ) -> store::Result<Option<Ready>> {
        let Known { due, stored, restored, facts, outreach, org, contact, line } = known;
        let (payload, now) = (&due.payload, self.now);
        let (org, settings) = &**org;
        if !org.may_work() {
            let why = "the operator has suspended the organisation";
            self.writes.later(due.job.clone(), now + SUSPENDED, why);
            return Ok(None);
        }
        let (form, misfit) = restored.form(tx, payload.org, facts).await?;
        let mut asked = facts.facts(stored.author, form, settings);
        if let Some(weighed) = weighed {
            weighed.tell(&mut asked, now);
        }
        let begins = matches!(form, gate::Form::Template { .. }) && !gate::window_is_open(&asked, now);
        if begins {
            asked.limit_frees_at = self.allowances.frees_at(payload.org, facts);
        }
        let decision = gate::decide(&asked, now);
        if let gate::Form::Template { purpose, .. } = form {
            let judged = outreach::judged(payload.org, payload.message, purpose, &asked, decision, now);
            self.writes.judged(judged);
        }
        let recorded = json!({ "decision": decision, "at": now });
        let consent = match decision {
            Decision::Send { consent, .. } => consent,
            Decision::Refuse { reason } => {
                step!(payload.trace, payload.org, payload.message, "refused", why = reason.as_str());
                let problem = problem::of_refusal(reason, misfit);
                self.writes.decision(payload, recorded, None, Some(problem.clone()));
                self.fail(due, MessageState::Refused, problem);
                return Ok(None);
            }
            Decision::FallBack { to, reason } => {
                step!(payload.trace, payload.org, payload.message, "falls back", why = reason.as_str());
                let problem = problem::of_reason(reason);
                self.writes.decision(payload, recorded, None, Some(problem.clone()));
                self.fail(due, MessageState::AwaitingOptIn, problem);
                self.diverted.extend(outreach.as_ref().map(|outreach| {
                    let (message, contact) = (payload.message, facts.thread.contact_id);
                    (payload.org, Diversion { outreach: outreach.id, message, contact, channel: to, reason })
                }));
                return Ok(None);
            }
            Decision::Wait { until, reason } => {
                step!(payload.trace, payload.org, payload.message, "waits", why = reason.as_str());
                self.writes.decision(payload, recorded, None, Some(problem::of_reason(reason)));
                if !shares_its_wait(reason) {
                    tx.step_aside(&due.job, now).await?;
                }
                self.writes.later(due.job.clone(), until, reason.as_str());
                return Ok(None);
            }
        };
        let line = line.clone().transpose().map_err(StoreError::Sealed)?;
        let authentication = matches!(form, gate::Form::Template { purpose: Purpose::Authentication, .. });
        let way = match Way::find(line, contact.clone(), authentication) {
            Ok(way) => way,
            Err(NoWay::Line) => {
                self.writes.decision(payload, recorded, consent, None);
                self.writes.later(due.job.clone(), now + span::minutes(5), "no usable token");
                return Ok(None);
            }
            Err(NoWay::Recipient) => {
                let why = "The contact has no phone number or user id that this message can be sent to.";
                self.fail(due, MessageState::Failed, problem::unsendable(why));
                return Ok(None);
            }
        };
        let mut content = restored.content.clone();
        match (restored.media_id, &due.uploaded) {
            (Some(_), Some(meta_id)) => crate::media::attach(&mut content, meta_id.clone()),
            (Some(media), None) => {
                self.prepared.files.push(File {
                    due: Due { job: due.job.clone(), payload: *payload, uploaded: None },
                    media,
                    number: stored.thread.number_id,
                    phone_number_id: facts.phone_number_id.clone(),
                    line: way.line,
                });
                return Ok(None);
            }
            (None, _) => {}
        }
        let passed = Passed {
            payload: *payload,
            number: stored.thread.number_id,
            account: facts.account_id,
            phone_number_id: facts.phone_number_id.clone(),
            pace: Pace::of(facts.throughput.as_deref(), facts.on_business_app),
            thread: stored.thread,
            content,
            reply_to: stored.reply_to.clone().filter(|_| stored.kind != Kind::Reaction),
            decision: recorded.clone(),
            consent,
        };
        match passed.ready(self.ctx, due.job.clone(), way, now) {
            Ok(ready) => {
                if begins {
                    self.allowances.take(&self.ctx.crowds, payload.org, facts);
                }
                self.writes.decision(payload, recorded, consent, None);
                Ok(Some(ready))
            }
            Err(hold) => {
                let until = match hold {
                    // What waits behind it in the lane need not be looked at before.
                    Hold::Number(until) => {
                        self.writes.rest_lane(&due.job, until);
                        until
                    }
                    Hold::Pair(until) => until,
                };
                self.writes.later(due.job.clone(), until, "Meta's rate for this number or person");
                Ok(None)
            }
        }
    }
}

/// The templates among messages: they alone begin anything.
fn begins<'a>(due: &'a [Known<'_>]) -> Vec<(OrgId, &'a GateFacts)> {
    let templates = due.iter().filter(|known| template_name(&known.restored.content).is_some());
    templates.map(|known| (known.due.payload.org, &known.facts)).collect()
}

/// The records of messages that are begun by us and not by the contact.
async fn intentions(
    batch: &mut Batch<'_>,
    waiting: &[(&Due, Outgoing, Restored)],
) -> store::Result<HashMap<(OrgId, MessageId), Outreach>> {
    let keys: Vec<_> = waiting
        .iter()
        .filter(|(_, stored, _)| stored.kind == Kind::Template)
        .map(|(due, ..)| (due.payload.org, due.payload.message))
        .collect();
    let found = batch.outreach_of(&keys).await?;
    Ok(keys.into_iter().zip(found).filter_map(|(key, found)| Some((key, found?))).collect())
}

impl Way {
    pub fn find(
        line: Option<Arc<Line>>,
        contact: Option<Contact>,
        authentication: bool,
    ) -> Result<Self, NoWay> {
        let line = line.ok_or(NoWay::Line)?;
        let recipient = contact.and_then(|contact| recipient(contact, authentication));
        Ok(Self { line, recipient: recipient.ok_or(NoWay::Recipient)? })
    }
}

impl Passed {
    /// Takes leave of the rates. What comes back is sent once its attempt is noted.
    pub fn ready(self, ctx: &Ctx, job: Job, way: Way, now: Timestamp) -> Result<Ready, Hold> {
        ctx.limits.take(self.number, self.pace, self.thread.contact_id, now)?;
        let callback_data = Some(ctx.callbacks.write(self.payload.org, self.payload.message));
        Ok(Ready {
            job,
            payload: self.payload,
            number: self.number,
            thread: self.thread,
            account: self.account,
            phone_number_id: self.phone_number_id,
            message: Message {
                recipient: way.recipient,
                content: self.content,
                reply_to: self.reply_to,
                callback_data,
            },
            line: way.line,
            attempt: 0,
            decision: self.decision,
            consent: self.consent,
        })
    }
}

/// The phone number where it is known; otherwise the BSUID, which authentication templates do not take (Meta: 131062).
fn recipient(contact: Contact, authentication: bool) -> Option<Recipient> {
    match (contact.phone, contact.bsuid) {
        (Some(phone), _) => Some(Recipient::Phone(format!("+{}", phone.digits()))),
        (None, Some(bsuid)) if !authentication => Some(Recipient::User(bsuid.as_str().to_owned())),
        _ => None,
    }
}
