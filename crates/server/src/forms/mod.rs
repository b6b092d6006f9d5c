//! Collecting consent: forms in which people agree to be written to, links that begin conversations, and experiments with
//! what forms say.
//!
//! Invariants:
//! - What a form said to somebody is never changed afterwards: versions are only added. Consent that comes from one carries
//!   the exact words and their hash.
//! - Nothing is ticked for anybody. With double opt-in nothing counts, and no contact is made, before the person has
//!   confirmed it; what is not confirmed in time is forgotten.
//! - Whether somebody is a contact cannot be told from any public answer.
//! - Nobody sees what an experiment says about single wordings before as many people have taken part as were planned.

pub mod api;
mod ask;
mod collect;
mod confirm;
mod links;
mod qr;
mod service;
mod trial;
mod visit;
mod words;

pub use ask::queues;
pub(crate) use collect::{Open, Outcome, Refused, Sent, Wrong, open, seen, submit_publicly};
pub(crate) use confirm::{AtLink, Stage, confirm_at_link, open_confirmation};
pub(crate) use links::open as open_link;
pub(crate) use qr::svg;
pub(crate) use words::{PublicWords, public, still_stopped};

use rules::codes;
use rules::id::{ContactId, ConversationId, MessageId, NumberId};
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use store::OrgScope;

use crate::ctx::Ctx;
use crate::trace::Trace;

/// A message that came in.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Whose it is.
    pub contact: ContactId,
    /// To which number.
    pub number: NumberId,
    /// Itself.
    pub message: MessageId,
    /// What it says.
    pub text: &'a str,
    /// When it was written.
    pub at: Timestamp,
    /// What it comes of.
    pub trace: Trace,
    /// The organisation's settings.
    pub settings: &'a OrgSettings,
}

/// Whether a text may concern this room.
pub fn carries_code(text: &str) -> bool {
    codes::find(text).next().is_some()
}

/// Follows the codes in a message: it confirms what its writer sent with a form, or tells by which link they came.
/// `true`: it is answered by that, and the AI is not to.
pub async fn on_inbound(ctx: &Ctx, scope: &mut OrgScope<'_>, heard: &Heard<'_>) -> store::Result<bool> {
    let mut answered = false;
    for code in codes::find(heard.text) {
        if code.len() == codes::FORM {
            answered |= confirm::confirm_by_message(ctx, scope, &code, heard).await?;
        } else {
            answered |= links::attribute(ctx, scope, &code, heard).await?;
        }
    }
    Ok(answered)
}

/// Forgets what was not confirmed in time, and ends experiments whose last people have had their time. Returns how many.
pub async fn sweep(ctx: &Ctx) -> store::Result<usize> {
    Ok(collect::forget_late(ctx).await? + trial::end_settled(ctx).await?)
}
