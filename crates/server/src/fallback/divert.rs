//! A message that is to reach its contact on another channel.

use std::time::Duration;

use rules::consent::Channel;
use rules::fallback::ReachKind;
use rules::gate::Reason;
use rules::id::{ContactId, MessageId, OrgId, OutreachId};
use rules::outreach::OutreachOutcome;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::outreach::{Outreach, OutreachStep};
use store::queue::{NewJob, Unique};
use store::reaches::Reach;
use store::{OrgScope, Tx};

use super::QUEUE;

/// A message that WhatsApp may not or does not carry, and where its contact is reached instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diversion {
    /// The record of the intention.
    pub outreach: OutreachId,
    /// The message that waits, or that failed.
    pub message: MessageId,
    /// Whom to reach.
    pub contact: ContactId,
    /// Where.
    pub channel: Channel,
    /// Why not on WhatsApp.
    pub reason: Reason,
}

/// What a job that goes from channel to channel needs to know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub org: OrgId,
    pub outreach: OutreachId,
    pub message: MessageId,
    pub contact: ContactId,
    pub reason: Reason,
}

/// Has a contact reached on another channel, in the caller's transaction. The record says from now on that it waits for
/// its turn there.
pub async fn divert(scope: &mut OrgScope<'_>, diversion: Diversion, now: Timestamp) -> store::Result<()> {
    let Diversion { outreach, message, contact, channel, reason } = diversion;
    let step = OutreachStep { channel, outcome: OutreachOutcome::Waiting, trouble: Some(reason.as_str()) };
    scope.advance_outreach(outreach, &step, now).await?;
    scope.publish("outreach.updated", &json!({}), now)?;
    let payload = Payload { org: scope.id(), outreach, message, contact, reason };
    enqueue(scope, &payload, now, now)
}

/// Has what still waits for WhatsApp to deliver look at once whether it need to: it stands before what was diverted since.
pub async fn hurry(tx: &mut Tx, mut diverted: Vec<OutreachId>, now: Timestamp) -> store::Result<()> {
    // In one order everywhere, so that two of them do not wait for each other in a circle.
    diverted.sort_unstable();
    for outreach in diverted {
        tx.hurry(QUEUE, &outreach.to_string(), now).await?;
    }
    Ok(())
}

/// A message on another channel has failed after all: its walk goes on, or begins again if it was over.
pub(super) async fn resume(scope: &mut OrgScope<'_>, reach: &Reach, now: Timestamp) -> store::Result<()> {
    if let Some(outreach) = scope.outreach(reach.outreach_id).await? {
        let reason = reason(&outreach, reach.kind);
        let (outreach, message, contact) = (outreach.id, reach.message_id, reach.contact_id);
        enqueue(scope, &Payload { org: scope.id(), outreach, message, contact, reason }, now, now)?;
    }
    scope.tx().hurry(QUEUE, &reach.outreach_id.to_string(), now).await
}

/// Why a contact is reached on another channel, with this.
pub(super) fn reason(outreach: &Outreach, kind: ReachKind) -> Reason {
    let said = outreach.trouble.as_deref().and_then(|trouble| trouble.parse().ok());
    said.unwrap_or(match kind {
        ReachKind::Link => Reason::NoOptIn,
        ReachKind::Content => Reason::NotOnWhatsapp,
    })
}

/// Has a contact reached on another channel unless WhatsApp delivers within so long.
pub async fn watch(
    scope: &mut OrgScope<'_>,
    outreach: OutreachId,
    message: MessageId,
    contact: ContactId,
    within: Duration,
    now: Timestamp,
) -> store::Result<()> {
    let payload = Payload { org: scope.id(), outreach, message, contact, reason: Reason::NotDelivered };
    enqueue(scope, &payload, now + within, now)
}

/// One walk for each intention and reason at a time; those of one intention one after the other.
fn enqueue(
    scope: &mut OrgScope<'_>,
    payload: &Payload,
    run_at: Timestamp,
    now: Timestamp,
) -> store::Result<()> {
    let Payload { org, outreach, reason, .. } = payload;
    let job = NewJob {
        org: Some(*org),
        serial_key: Some(outreach.to_string()),
        run_at,
        unique: Some(Unique::KeepFirst(format!("{outreach}:{reason}"))),
        ..NewJob::new(QUEUE, org, payload, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}
