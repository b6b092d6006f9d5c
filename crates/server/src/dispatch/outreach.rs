//! What is begun by us and not by the contact: its record, where else it may go, and what waits for an opt-in.

use std::collections::BTreeSet;
use std::time::Duration;

use rules::consent::{Channel, Purpose, Standing};
use rules::gate::{Decision, Facts, Policy, Reason, window_is_open};
use rules::id::{ContactId, MessageId, NotificationId, OrgId, OutreachId, RecipientId};
use rules::message::Author;
use rules::outreach::{NextChannel, OutreachOutcome, OutreachVerdict};
use rules::signals::SignalKind;
use rules::time::Timestamp;
use serde_json::json;
use store::messages::Thread;
use store::outreach::{Judged, Outreach as Row, OutreachStep};
use store::{Json, OrgScope, Tx};

use super::Payload;
use super::accept::{self, Turn};
use crate::fallback::{self, Diversion};
use crate::trace::Trace;

/// What a template is part of, and where else it may go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outreach {
    /// The notification that it is part of.
    pub notification: Option<NotificationId>,
    /// The recipient of that notification's run.
    pub recipient: Option<RecipientId>,
    /// The channels that are allowed besides WhatsApp, in order.
    pub fallback: Vec<NextChannel>,
}

impl Outreach {
    /// How long WhatsApp has to deliver before another channel is tried, where the sender says so: `whatsapp` at the head of
    /// what is allowed.
    pub(super) fn time_to_deliver(&self) -> Option<Duration> {
        time_to_deliver(&self.fallback)
    }
}

fn time_to_deliver(allowed: &[NextChannel]) -> Option<Duration> {
    match allowed.split_first() {
        Some((first, rest)) if first.channel == Channel::Whatsapp && !rest.is_empty() => {
            Some(first.patience())
        }
        _ => None,
    }
}

/// A template that the gate was asked about.
pub(super) struct Intention<'a> {
    pub thread: Thread,
    pub author: Author,
    pub purpose: Purpose,
    pub template: (&'a str, &'a str),
    pub part_of: Option<&'a Outreach>,
    pub facts: &'a Facts,
    pub decision: Decision,
}

impl Intention<'_> {
    /// The record of it. `message`: unless it is refused, and there is none.
    pub fn row(self, id: OutreachId, message: Option<MessageId>, now: Timestamp) -> Row {
        let (verdict, reason, channel, outcome) = words(self.decision);
        let (name, language) = self.template;
        Row {
            id,
            contact_id: self.thread.contact_id,
            number_id: self.thread.number_id,
            conversation_id: self.thread.conversation_id,
            message_id: message,
            template_name: name.to_owned(),
            template_language: language.to_owned(),
            purpose: self.purpose,
            author: self.author,
            notification_id: self.part_of.and_then(|part| part.notification),
            recipient_id: self.part_of.and_then(|part| part.recipient),
            fallback: Json(self.part_of.map(|part| part.fallback.clone()).unwrap_or_default()),
            standing: standing(self.facts, self.purpose).to_owned(),
            window_open: window_is_open(self.facts, now),
            verdict,
            reason,
            channel,
            outcome,
            trouble: reason.map(|reason| reason.as_str().to_owned()),
            outcome_at: now,
            at: now,
        }
    }
}

/// What the gate said when it was asked again.
pub(super) fn judged(
    org: OrgId,
    message: MessageId,
    purpose: Purpose,
    facts: &Facts,
    decision: Decision,
    now: Timestamp,
) -> Judged {
    let (verdict, reason, channel, outcome) = words(decision);
    let window_open = window_is_open(facts, now);
    let standing = standing(facts, purpose);
    Judged { org, message, standing, window_open, verdict, reason, channel, outcome }
}

pub(super) fn words(decision: Decision) -> (OutreachVerdict, Option<Reason>, Channel, OutreachOutcome) {
    let here = Channel::Whatsapp;
    match decision {
        Decision::Send { .. } => (OutreachVerdict::Send, None, here, OutreachOutcome::Queued),
        Decision::Wait { reason, .. } => {
            (OutreachVerdict::Wait, Some(reason), here, OutreachOutcome::Waiting)
        }
        Decision::FallBack { to, reason } => {
            (OutreachVerdict::FallBack, Some(reason), to, OutreachOutcome::AwaitingOptIn)
        }
        Decision::Refuse { reason } => {
            (OutreachVerdict::Refuse, Some(reason), here, OutreachOutcome::Refused)
        }
    }
}

pub(super) fn standing(facts: &Facts, purpose: Purpose) -> &'static str {
    match facts.consent.standing(purpose) {
        Standing::Unknown => "unknown",
        Standing::OptedIn(_)
            if facts.policy == Policy::StrictOptIn && facts.consent.said_yes(purpose).is_none() =>
        {
            "unknown"
        }
        Standing::OptedIn(_) => "opted_in",
        Standing::OptedOut(_) => "opted_out",
    }
}

/// Meta: the window is closed, whatever we believe.
const WINDOW_CLOSED: i64 = 131_047;
/// Meta: we have blocked the recipient.
const BLOCKED: i64 = 130_403;
/// Meta: the number is held back because people blocked or reported it.
const SLOWED: i64 = 131_048;

/// Tells each organisation that decisions were written down, once for however many there are.
pub async fn decided(tx: &mut Tx, intended: &[(OrgId, Row)], now: Timestamp) -> store::Result<()> {
    let orgs: BTreeSet<OrgId> = intended.iter().map(|(org, _)| *org).collect();
    for org in orgs {
        tx.org(org).await?.publish("outreach.updated", &json!({}), now)?;
    }
    Ok(())
}

/// What a failure lets us know of its recipient is noted; where another channel cures it and the sender allows one, the
/// contact is reached there at once. `at` is Meta's time, whose clock may be ahead of ours, which is `now`.
pub async fn failed(
    scope: &mut OrgScope<'_>,
    message: MessageId,
    thread: &Thread,
    code: i64,
    at: Timestamp,
    now: Timestamp,
) -> store::Result<()> {
    match code {
        WINDOW_CLOSED => return scope.deny_window(thread.conversation_id, at).await,
        BLOCKED => return scope.note_block(thread.conversation_id, at).await,
        SLOWED => return scope.note_slowed(thread.number_id, at).await,
        _ => {}
    }
    let Some(kind) = SignalKind::of_code(code) else { return Ok(()) };
    let contact = thread.contact_id;
    scope.note_signal(contact, kind, message, at).await?;
    if kind == SignalKind::MarketingCapped {
        // It passes; another channel would be a way around it.
        return Ok(());
    }
    let org = scope.id();
    let found = scope.tx().batch(&[org]).await?.outreach_of(&[(org, message)]).await?.pop().flatten();
    let Some(outreach) = found.filter(|one| one.channel == Channel::Whatsapp) else { return Ok(()) };
    let next = fallback::next(scope.tx(), org, contact, outreach.purpose, &outreach.fallback.0).await?;
    match next {
        Some(channel) => {
            let reason = Reason::of_signal(kind);
            let diversion = Diversion { outreach: outreach.id, message, contact, channel, reason };
            fallback::divert(scope, diversion, now).await?;
            fallback::hurry(scope.tx(), vec![outreach.id], now).await
        }
        None if outreach.outcome == OutreachOutcome::Failed && !outreach.fallback.0.is_empty() => {
            // Whoever looks for why it went nowhere else finds it.
            let trouble = Some(Reason::of_signal(kind).as_str());
            let step = OutreachStep { channel: Channel::Whatsapp, outcome: outreach.outcome, trouble };
            scope.advance_outreach(outreach.id, &step, now).await.map(|_| ())
        }
        None => Ok(()),
    }
}

/// A contact has agreed: messages that waited for that are asked about again and go out. `purpose` narrows to those of
/// one; `None`: the contact has agreed to everything that serves it.
pub async fn release(
    scope: &mut OrgScope<'_>,
    contact: ContactId,
    purpose: Option<Purpose>,
    now: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    for message in scope.awaiting_opt_in(contact, purpose).await? {
        let Some(stored) = scope.message(message).await? else { continue };
        let Some(thread) = scope.release_message(message, now).await? else { continue };
        watch_again(scope, message, now).await?;
        let payload = Payload { org, message, trace: Trace::default() };
        accept::enqueue(scope, payload, &thread, accept::priority(stored.author), Turn::next(now), now)?;
        let news =
            json!({ "message_id": message, "conversation_id": thread.conversation_id, "state": "queued" });
        scope.publish("message.updated", &news, now)?;
    }
    Ok(())
}

/// A message is sent after all: WhatsApp's time to deliver it begins anew.
pub async fn watch_again(scope: &mut OrgScope<'_>, message: MessageId, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let found = scope.tx().batch(&[org]).await?.outreach_of(&[(org, message)]).await?.pop().flatten();
    let Some(outreach) = found else { return Ok(()) };
    match time_to_deliver(&outreach.fallback.0) {
        Some(within) => {
            // What waited for the contact's word stands before it, and finds that it need not.
            fallback::hurry(scope.tx(), vec![outreach.id], now).await?;
            fallback::watch(scope, outreach.id, message, outreach.contact_id, within, now).await
        }
        None => Ok(()),
    }
}
