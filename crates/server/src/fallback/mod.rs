//! Reaching people when WhatsApp may not, or does not: which channel is next, and the work of reaching them there.
//!
//! Invariants:
//! - Nobody is reached on a channel on which they have opted out, and nobody after STOP.
//! - Marketing goes nowhere without an opt-in to marketing on that very channel.
//! - A diversion is enqueued in the transaction that decides it: it is neither lost nor done twice.

mod divert;

use jobs::{Queue, handler};
use rules::consent::{Channel, Consent, Purpose};
use rules::id::{ContactId, OrgId};
use rules::outreach::{NextChannel, first_open};
use store::{OrgScope, Tx};

pub use divert::{Diversion, divert};

use crate::ctx::Ctx;

/// The queue of contacts to be reached on another channel.
pub const QUEUE: &str = "fallback";

/// The queues of this room.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let ctx = ctx.clone();
    vec![Queue::new(QUEUE, handler(move |job| divert::run(ctx.clone(), job)))]
}

/// The channels besides WhatsApp that an organisation has set up.
async fn set_up(_: &mut OrgScope<'_>) -> store::Result<Vec<Channel>> {
    Ok(Vec::new())
}

/// The next channel for a contact: allowed, set up, with an address of the contact's, and not refused by it.
pub async fn next(
    tx: &mut Tx,
    org: OrgId,
    contact: ContactId,
    purpose: Purpose,
    allowed: &[NextChannel],
) -> store::Result<Option<Channel>> {
    if allowed.is_empty() {
        return Ok(None);
    }
    let mut scope = tx.org(org).await?;
    let ready = set_up(&mut scope).await?;
    if ready.is_empty() {
        return Ok(None);
    }
    let Some(person) = scope.contact(contact).await? else { return Ok(None) };
    let ledger: Vec<_> = scope.consent_ledger(person.id).await?.iter().map(|event| event.entry()).collect();
    let open = |channel| {
        let has_address = match channel {
            Channel::Whatsapp => false,
            Channel::Email => person.email.is_some(),
            Channel::Sms => person.phone.is_some(),
        };
        (ready.contains(&channel) && has_address).then(|| Consent::on(channel, &ledger, false))
    };
    Ok(first_open(allowed, purpose, open))
}
