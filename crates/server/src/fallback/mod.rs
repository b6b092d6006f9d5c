//! Reaching people when WhatsApp may not, or does not: which channel is next, and the work of reaching them there.
//!
//! Invariants:
//! - Nobody is reached on a channel on which they have opted out, and nobody after STOP.
//! - Marketing goes nowhere without an opt-in to marketing on that very channel.
//! - A diversion is enqueued in the transaction that decides it: it is neither lost nor done twice.
//! - On each channel a contact is sent at most one message for one intention. It counts as handed over before it is; what
//!   a provider may have taken is *unknown*, and never handed over again by itself.
//! - To open a link changes nothing: whoever looks through mail for bad links agrees to nothing. Only the button on its
//!   page does.
//!
//! The path: [`divert`] enqueues a [`walk`], which goes from channel to channel; on each it composes a message ([`words`])
//! and stores it; [`post`] hands over what is due on a channel, in batches, through whoever carries it (`sender`); what the
//! provider tells later comes back through [`told`]; the link's page is [`door`].

pub mod api;
mod divert;
mod door;
mod links;
mod news;
mod post;
mod sender;
mod service;
mod single;
mod told;
mod walk;
mod way;
mod words;

use std::time::Duration;

use jobs::{Backoff, Queue, handler};
use rules::consent::{Channel, Consent, LedgerEntry, Purpose, Standing};
use rules::id::{ContactId, OrgId};
use rules::outreach::{NextChannel, first_open, is_order};
use rules::settings::OrgSettings;
use store::consent::ConsentEvent;
use store::contacts::Contact;
use store::{OrgScope, Tx};

pub use divert::{Diversion, divert, hurry, watch};
pub(crate) use links::Door;
pub use links::Links;
pub(crate) use sender::Handed;
pub(crate) use single::{Carrier, Single};
pub(crate) use told::ended_at;

use crate::ctx::Ctx;

/// The queue of contacts to be reached on another channel; lanes are organisations, serial keys intentions.
pub const QUEUE: &str = "fallback";
/// The queue of channels on which something is to be handed over; lanes and serial keys are channels.
pub const POST: &str = "fallback_post";

/// How long whoever hands something over holds the channel.
const LEASE: Duration = Duration::from_secs(60);

/// The queues of this room.
pub fn queues(ctx: &Ctx) -> Vec<Queue> {
    let (walking, posting) = (ctx.clone(), ctx.clone());
    vec![
        Queue::new(QUEUE, handler(move |job| walk::run(walking.clone(), job))),
        Queue {
            per_lane: 1,
            lease: LEASE,
            // Only our own database makes it fail; what waits for its turn must not be given up.
            backoff: Backoff { attempts: i64::MAX, ..Backoff::default() },
            ..Queue::new(POST, handler(move |job| post::run(posting.clone(), job)))
        },
    ]
}

/// What is wrong with channels that cannot be gone through in their order.
pub(crate) const NO_ORDER: &str =
    "names each channel once, `whatsapp` only before others, with 1 to 43,200 minutes";

/// Checks an order of channels in what somebody sends.
pub(crate) fn in_order(order: &[NextChannel], (): &()) -> garde::Result {
    if is_order(order) { Ok(()) } else { Err(garde::Error::new(NO_ORDER)) }
}

/// What an organisation tries where the sender of a message names nothing.
pub async fn usual_order(scope: &mut OrgScope<'_>) -> store::Result<Vec<NextChannel>> {
    Ok(scope.fallback_settings().await?.order)
}

/// The channels besides WhatsApp that an organisation has set up.
pub async fn set_up(scope: &mut OrgScope<'_>) -> store::Result<Vec<Channel>> {
    Ok(scope.channels().await?.into_iter().map(|setup| setup.channel).collect())
}

/// Whether a message that comes in lifts an opt-out, as the organisation decides.
async fn inbound_lifts(scope: &mut OrgScope<'_>) -> store::Result<bool> {
    Ok(scope.org().await?.is_some_and(|org| OrgSettings::read(&org.settings).inbound_lifts_opt_out))
}

/// Whether a contact does not want what serves this purpose: another channel is no way around that.
fn is_refused(on_whatsapp: &Consent, purpose: Purpose) -> bool {
    matches!(on_whatsapp.standing(purpose), Standing::OptedOut(_))
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
    let lifts = inbound_lifts(&mut scope).await?;
    let ledger = scope.consent_ledger(person.id).await?;
    let ledger: Vec<_> = ledger.iter().map(ConsentEvent::entry).collect();
    Ok(first_of(allowed, &ready, purpose, &person, &ledger, lifts))
}

/// The same of what was read before.
pub fn first_of(
    allowed: &[NextChannel],
    ready: &[Channel],
    purpose: Purpose,
    person: &Contact,
    ledger: &[LedgerEntry],
    inbound_lifts_opt_out: bool,
) -> Option<Channel> {
    if is_refused(&Consent::on(Channel::Whatsapp, ledger, inbound_lifts_opt_out), purpose) {
        return None;
    }
    let open = |channel| {
        let has_address = match channel {
            Channel::Whatsapp => false,
            Channel::Email => person.email.is_some(),
            Channel::Sms => person.phone.is_some(),
        };
        (ready.contains(&channel) && has_address).then(|| Consent::on(channel, ledger, inbound_lifts_opt_out))
    };
    first_open(allowed, purpose, open)
}
