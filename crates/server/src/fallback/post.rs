//! Handing over what is due on a channel, in batches. One job for each channel of an organisation: its lease sees to it that
//! nobody else hands over the same.

use std::time::Duration;

use futures::future::BoxFuture;
use jobs::Verdict;
use rules::consent::{Channel, Consent};
use rules::fallback::{ReachKind, ReachState, is_over};
use rules::gate::WINDOW;
use rules::id::OrgId;
use rules::message::MessageState;
use rules::outreach::{NextChannel, first_open};
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use store::consent::ConsentEvent;
use store::messages::Message;
use store::queue::{Job, NewJob, Unique};
use store::reaches::{Reach, ReachStep};
use store::{OrgScope, StoreError};

use super::links::Door;
use super::sender::{self, Ear, Handed, Letter, Told};
use super::{POST, QUEUE, divert, news, told, walk};
use crate::ctx::Ctx;
use crate::dispatch::{self, problem};
use crate::rights;

/// How many are handed over together.
const BATCH: i64 = 50;
/// How long what a provider cannot take at present waits, each time longer; after the last it has failed.
const WAITS: [Duration; 8] = [
    span::minutes(1),
    span::minutes(5),
    span::minutes(15),
    span::hours(1),
    span::hours(2),
    span::hours(4),
    span::hours(8),
    span::hours(12),
];

/// How often it is tried to write down what became of a batch.
const SETTLE_TRIES: u32 = 5;

/// How long what an organisation sends waits while it may not work.
const SUSPENDED: Duration = span::minutes(15);

/// A channel of an organisation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    channel: Channel,
}

/// Has handed over what is due on a channel, once the transaction commits.
pub(super) fn enqueue(scope: &mut OrgScope<'_>, channel: Channel, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let lane = format!("{org}:{channel}");
    let job = NewJob {
        org: Some(org),
        serial_key: Some(lane.clone()),
        unique: Some(Unique::Reschedule(lane.clone())),
        ..NewJob::new(POST, &lane, &Payload { org, channel }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Hands over what is due on a channel.
pub(super) async fn run(ctx: Ctx, job: Job) -> Verdict {
    let Ok(Payload { org, channel }) = serde_json::from_str(&job.payload) else {
        return Verdict::Dead("the job does not read".to_owned());
    };
    match hand_over(&ctx, org, channel).await {
        Ok(None) => Verdict::Done,
        Ok(Some((at, why))) => Verdict::Later(at, why.to_owned()),
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

/// Returns when to look again, and why.
async fn hand_over(
    ctx: &Ctx,
    org: OrgId,
    channel: Channel,
) -> store::Result<Option<(Timestamp, &'static str)>> {
    own_up(ctx, org, channel).await?;
    let mut tx = ctx.store.read().await?;
    if !tx.org(org).await?.org().await?.is_some_and(|org| org.may_work()) {
        return Ok(Some((ctx.now() + SUSPENDED, "the organisation is suspended")));
    }
    let sender = sender::of(ctx, &mut tx, org, channel).await?;
    drop(tx);
    let ear = Notes { ctx: ctx.clone(), org, channel };
    let mut spoke = false;
    loop {
        let (reaches, letters) = take(ctx, org, channel).await?;
        if letters.is_empty() {
            break;
        }
        let handed = match &sender {
            Ok(sender) => sender.send(&letters, &ear).await,
            Err(why) => letters.iter().map(|_| Handed::Later(why.clone())).collect(),
        };
        spoke = true;
        settle(ctx, org, channel, &reaches, &handed).await?;
    }
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let due = scope.next_reach_due(channel).await?;
    let last = scope.last_reach_at(channel).await?;
    drop(tx);
    let now = ctx.now();
    let mut again = due.map(|due| (due, "a provider could not take it yet"));
    if let Ok(sender) = &sender
        && sender.waits_for_visits()
    {
        if !spoke && let Err(why) = sender.visit(&ear).await {
            tracing::info!(org.id = %org, %channel, why, "a message centre was not reached");
        }
        if let Some(visit) = last.and_then(|last| next_visit(last, now)) {
            again =
                again.filter(|(due, _)| *due <= visit).or(Some((visit, "what became of texts is asked for")));
        }
    }
    Ok(again)
}

/// When a centre that tells only whoever visits it is visited next: often at first, when receipts and answers come, then
/// rarely; after a week no more, until there is another text.
fn next_visit(last: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let pause = match now.since(last) {
        age if age < span::minutes(10) => span::minutes(1),
        age if age < span::hours(3) => span::minutes(10),
        age if age < span::days(7) => span::hours(1),
        _ => return None,
    };
    Some(now + pause)
}

/// What somebody was handing over who is gone may have been taken. It is said so, and not handed over again.
async fn own_up(ctx: &Ctx, org: OrgId, channel: Channel) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let abandoned = scope.abandoned_reaches(channel).await?;
    if abandoned.is_empty() {
        return Ok(());
    }
    for reach in abandoned {
        let why = Handed::Unknown("the server was interrupted while it was handed over".to_owned());
        write_down(&mut scope, &reach, &why, now).await?;
    }
    tx.commit().await
}

/// What was taken to be handed over: each message beside its letter.
type Taken = (Vec<Reach>, Vec<Letter>);

/// Takes what is due and still may go.
async fn take(ctx: &Ctx, org: OrgId, channel: Channel) -> store::Result<Taken> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let mut taken = Taken::default();
    for reach in scope.take_reaches(channel, now, BATCH).await? {
        let quiet = dispatch::quiet_until(&mut scope, reach.contact_id, reach.purpose, now).await?;
        if let Some(until) = quiet {
            put_off(&mut scope, &reach, until, now).await?;
            continue;
        }
        // Before it is looked whether it may go: what is released at this moment goes on WhatsApp alone.
        stands_in(&mut scope, &reach, now).await?;
        if may_go(ctx, &mut scope, &reach).await? {
            taken.1.push(letter(ctx, &scope, &reach));
            taken.0.push(reach);
        } else {
            stands_down(&mut scope, &reach, now).await?;
            refuse(&mut scope, &reach, now).await?;
        }
    }
    tx.commit().await?;
    Ok(taken)
}

/// Whether the contact still may be written to on the channel, and what is offered is still to be had.
async fn may_go(ctx: &Ctx, scope: &mut OrgScope<'_>, reach: &Reach) -> store::Result<bool> {
    let (Some(outreach), Some(message)) =
        (scope.outreach(reach.outreach_id).await?, scope.message(reach.message_id).await?)
    else {
        return Ok(false);
    };
    let reason = divert::reason(&outreach, reach.kind);
    if ReachKind::for_reason(reason) != reach.kind
        || was_refused(&message)
        || is_over(reason, message.state, reach.kind == ReachKind::Content)
    {
        return Ok(false);
    }
    if rights::suppresses(ctx, scope, reach.channel, &reach.address).await? {
        return Ok(false);
    }
    let lifts = super::inbound_lifts(scope).await?;
    let ledger = scope.consent_ledger(reach.contact_id).await?;
    let entries: Vec<_> = ledger.iter().map(ConsentEvent::entry).collect();
    if super::is_refused(&Consent::on(Channel::Whatsapp, &entries, lifts), reach.purpose) {
        return Ok(false);
    }
    let here = [NextChannel { channel: reach.channel, minutes: 0 }];
    Ok(first_open(&here, reach.purpose, |channel| Some(Consent::on(channel, &entries, lifts))).is_some())
}

/// Whether the gate has refused the message itself since, and not only WhatsApp in favour of another channel.
pub(super) fn was_refused(message: &Message) -> bool {
    message.state == MessageState::Refused && !problem::is_elsewhere(message)
}

/// A message with the content itself stands for the one on WhatsApp, which must not follow it: from the moment at which it may
/// go out, until it is known that it did not.
pub(super) async fn stands_in(scope: &mut OrgScope<'_>, reach: &Reach, now: Timestamp) -> store::Result<()> {
    if reach.kind != ReachKind::Content {
        return Ok(());
    }
    let problem = problem::elsewhere(reach.channel);
    match scope.carry_elsewhere(reach.message_id, &problem, now).await? {
        Some(thread) => news::message_updated(scope, reach.message_id, &thread, MessageState::Refused, now),
        None => Ok(()),
    }
}

/// It did not go out: the one on WhatsApp waits as it did. Where the contact has written lately the gate is asked again: what they
/// wrote meanwhile released nothing.
pub(super) async fn stands_down(
    scope: &mut OrgScope<'_>,
    reach: &Reach,
    now: Timestamp,
) -> store::Result<()> {
    if reach.kind != ReachKind::Content {
        return Ok(());
    }
    let Some(outreach) = scope.outreach(reach.outreach_id).await? else { return Ok(()) };
    let waits_for = problem::of_reason(divert::reason(&outreach, reach.kind));
    let left_with = problem::elsewhere(reach.channel);
    let Some(thread) = scope.wait_again(reach.message_id, &left_with, &waits_for, now).await? else {
        return Ok(());
    };
    news::message_updated(scope, reach.message_id, &thread, MessageState::AwaitingOptIn, now)?;
    let facts = scope.gate_facts(thread.conversation_id, None).await?;
    let wrote = facts.and_then(|facts| facts.last_inbound_at);
    if wrote.is_some_and(|at| now < at + WINDOW) {
        dispatch::release(scope, thread.contact_id, Some(reach.purpose), now).await?;
    }
    Ok(())
}

/// The contact is left in peace at this hour: it goes out when that ends.
async fn put_off(
    scope: &mut OrgScope<'_>,
    reach: &Reach,
    until: Timestamp,
    now: Timestamp,
) -> store::Result<()> {
    let step = ReachStep {
        state: ReachState::Queued,
        problem: Some("quiet hours hold for the contact"),
        provider_ref: None,
        due_at: until,
    };
    scope.step_reach(reach.id, ReachState::Sending, &step, now).await?;
    news::reach_updated(scope, reach.id, reach.message_id, now)
}

fn letter(ctx: &Ctx, scope: &OrgScope<'_>, reach: &Reach) -> Letter {
    let base = ctx.settings.public_url.as_str().trim_end_matches('/');
    let report = ctx.links.write(scope.id(), Door::Receipt(reach.id));
    Letter {
        id: reach.id,
        to: reach.address.clone(),
        subject: reach.subject.clone(),
        text: reach.body.clone(),
        unsubscribe: (reach.channel == Channel::Email).then(|| walk::page(ctx, scope, Door::End(reach.id))),
        report: format!("{base}/webhooks/sms/{report}"),
    }
}

async fn refuse(scope: &mut OrgScope<'_>, reach: &Reach, now: Timestamp) -> store::Result<()> {
    let step = ReachStep {
        state: ReachState::Refused,
        problem: Some("the contact may not be written to here any more, or need not be"),
        provider_ref: None,
        due_at: now,
    };
    scope.step_reach(reach.id, ReachState::Sending, &step, now).await?;
    news::reach_updated(scope, reach.id, reach.message_id, now)?;
    scope.tx().hurry(QUEUE, &reach.outreach_id.to_string(), now).await
}

/// Writes down what became of messages that were handed over. Nobody else knows it: where somebody is in the way it is tried
/// again at once, since a message of which nothing is known goes nowhere else.
async fn settle(
    ctx: &Ctx,
    org: OrgId,
    channel: Channel,
    reaches: &[Reach],
    handed: &[Handed],
) -> store::Result<()> {
    let mut tries = 0;
    while let Err(error) = write_all_down(ctx, org, channel, reaches, handed).await {
        tries += 1;
        if tries == SETTLE_TRIES || !matches!(error, StoreError::Busy(_)) {
            return Err(error);
        }
    }
    for (reach, handed) in reaches.iter().zip(handed) {
        ctx.meters.reached(channel.as_str(), word(handed));
        tracing::info!(org.id = %org, reach.id = %reach.id, %channel, outcome = word(handed), "handed over");
    }
    Ok(())
}

async fn write_all_down(
    ctx: &Ctx,
    org: OrgId,
    channel: Channel,
    reaches: &[Reach],
    handed: &[Handed],
) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let mut failed = Vec::new();
    for (reach, handed) in reaches.iter().zip(handed) {
        if write_down(&mut scope, reach, handed, now).await?.is_some_and(ReachState::has_failed) {
            failed.push(reach.outreach_id);
        }
        if let Handed::Ended(words) = handed {
            told::ended(ctx, &mut scope, reach, words, now).await?;
        }
    }
    let stuck = sender::is_stuck(handed);
    if stuck.is_some() || handed.iter().any(|handed| matches!(handed, Handed::Taken(_))) {
        scope.note_channel_problem(channel, stuck).await?;
    }
    // The next channel need not wait for an answer that cannot come.
    divert::hurry(&mut tx, failed, now).await?;
    tx.commit().await
}

const fn word(handed: &Handed) -> &'static str {
    match handed {
        Handed::Taken(_) => "taken",
        Handed::Later(_) => "later",
        Handed::Refused(_) => "refused",
        Handed::Ended(_) => "ended",
        Handed::Unknown(_) => "unknown",
    }
}

/// Returns what it came to. `None`: the provider has told already.
async fn write_down(
    scope: &mut OrgScope<'_>,
    reach: &Reach,
    handed: &Handed,
    now: Timestamp,
) -> store::Result<Option<ReachState>> {
    let tries = usize::try_from(reach.attempts).unwrap_or(0).saturating_sub(1);
    let (state, problem, due_at) = match handed {
        Handed::Taken(_) => (ReachState::Sent, None, now),
        Handed::Later(why) => match WAITS.get(tries) {
            Some(wait) => (ReachState::Queued, Some(why), now + *wait),
            None => (ReachState::Failed, Some(why), now),
        },
        Handed::Refused(why) | Handed::Ended(why) => (ReachState::Failed, Some(why), now),
        Handed::Unknown(why) => (ReachState::Unknown, Some(why), now),
    };
    let provider_ref = match handed {
        Handed::Taken(name) => name.as_deref(),
        _ => None,
    };
    let problem = problem.map(String::as_str);
    let step = ReachStep { state, problem, provider_ref, due_at };
    if !scope.step_reach(reach.id, ReachState::Sending, &step, now).await? {
        return Ok(None);
    }
    news::reach_updated(scope, reach.id, reach.message_id, now)?;
    match state {
        ReachState::Sent | ReachState::Unknown => {
            let outcome = told::outcome_of(&Reach { state, ..reach.clone() });
            told::advance(scope, reach, outcome, now).await?;
        }
        ReachState::Queued | ReachState::Failed => stands_down(scope, reach, now).await?,
        _ => {}
    }
    Ok(Some(state))
}

/// Keeps what a provider tells while it is spoken to.
pub(super) struct Notes {
    pub ctx: Ctx,
    pub org: OrgId,
    pub channel: Channel,
}

impl Ear for Notes {
    fn keep(&self, told: Told) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            match told::keep(&self.ctx, self.org, self.channel, told).await {
                Ok(kept) => kept,
                Err(error) => {
                    tracing::warn!(org.id = %self.org, error = &error as &dyn std::error::Error, "what a provider told was not kept");
                    false
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centre_is_visited_often_at_first_and_not_for_ever() {
        let last = Timestamp::from_seconds(1_795_000_000);
        let after = |age| next_visit(last, last + age).map(|at| at.since(last + age));
        assert_eq!(after(span::minutes(1)), Some(span::minutes(1)));
        assert_eq!(after(span::hours(1)), Some(span::minutes(10)));
        assert_eq!(after(span::days(3)), Some(span::hours(1)));
        assert_eq!(after(span::days(8)), None);
    }
}
