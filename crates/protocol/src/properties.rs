//! What must hold in every state, and what must be possible at all.

use rules::message::MessageState::{Accepted, Delivered, Failed, Queued, Refused, Sent, Unresolved};
use stateright::{Model as _, Property};

use crate::Protocol;
use crate::state::{Message, State, Stop};

/// Nothing that was acknowledged is lost.
pub const KEPT: &str = "what was acknowledged is kept";
/// At most once per intention.
pub const AT_MOST_ONCE: &str = "a message reaches the phone at most as often as it was meant to";
/// What is shown is so.
pub const HONEST: &str = "what is shown as sent was taken, and what is shown as not sent was not";
/// Exactly once, or visibly unresolved.
pub const SETTLED: &str = "once faults end, each message is settled, by its status where one came";
/// Order within a conversation.
pub const ORDER: &str = "messages go out in order, and only one that is visibly unknown is overtaken";
/// Consent at the moment of sending.
pub const CONSENT: &str = "nothing is handed over against the ledger as it stands at that moment";
/// Statuses never go backwards.
pub const RANK: &str = "a status never takes back what is known";

/// More steps than any way to rest has.
const LONG: usize = 200;

pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(KEPT, |_, state: &State| kept(state)),
        Property::always(AT_MOST_ONCE, |_, state: &State| {
            state.messages.iter().all(|message| message.arrived <= message.intentions)
        }),
        Property::always(HONEST, |_, state: &State| state.messages.iter().all(honest)),
        Property::always(SETTLED, |protocol: &Protocol, state: &State| {
            [false, true].iter().all(|silent| settled(protocol, state, *silent))
        }),
        Property::always(ORDER, |_, state: &State| !state.broken.order),
        Property::always(CONSENT, |_, state: &State| !state.broken.consent),
        Property::always(RANK, |_, state: &State| {
            !state.broken.rank && state.messages.iter().all(|message| message.state_is_at_least_as_told())
        }),
        // A model in which nothing happens would keep every promise.
        Property::sometimes("every message is delivered", |protocol: &Protocol, state: &State| {
            let delivered = |message: &Message| message.state == Some(Delivered) && message.arrived == 1;
            state.messages[..protocol.messages].iter().all(delivered)
        }),
        Property::sometimes("a message is on the phone and unresolved", |_, state: &State| {
            state.messages.iter().any(|message| message.state == Some(Unresolved) && message.arrived == 1)
        }),
        Property::sometimes("a message was never sent and is unresolved", |_, state: &State| {
            state.messages.iter().any(|message| message.state == Some(Unresolved) && message.taken == 0)
        }),
        Property::sometimes("STOP comes between acceptance and sending", |_, state: &State| {
            state.messages.iter().any(|message| message.state == Some(Refused))
        }),
        Property::sometimes(
            "an unknown message is overtaken and may still arrive",
            |protocol: &Protocol, state: &State| {
                protocol.messages == 1 || state.messages[1].arrived == 1 && state.under_way.contains(&(0, 1))
            },
        ),
    ]
}

/// What waits has a job; a webhook that was acknowledged is there.
fn kept(state: &State) -> bool {
    let waits = |message: &Message| message.state == Some(Queued) && !message.unqueued;
    let messages = state.messages.iter().enumerate();
    state.stop != Stop::Lost && messages.clone().all(|(m, message)| !waits(message) || state.has_job(m))
}

/// Of a message that was meant once. (One that a person has sent again may be told of the first copy's end.)
fn honest(message: &Message) -> bool {
    message.intentions != 1
        || match message.state {
            Some(Accepted | Sent | Delivered) => message.taken > 0,
            Some(Refused) => message.taken == 0,
            Some(Failed) => message.taken == 0 || message.told == Some(Failed),
            _ => true,
        }
}

/// Lets everything go well from here on and looks at how it ends.
fn settled(protocol: &Protocol, state: &State, silent: bool) -> bool {
    let mut state = state.clone();
    let at_rest = (0..LONG).any(|_| match protocol.undisturbed(&state, silent) {
        Some(step) => {
            state = protocol.next_state(&state, step).unwrap_or_default();
            false
        }
        None => true,
    });
    at_rest && state.messages.iter().enumerate().all(|(m, message)| ended(protocol, &state, m, message))
}

fn ended(protocol: &Protocol, state: &State, m: usize, message: &Message) -> bool {
    let Some(now) = message.state else { return true };
    let silent = message.told.is_none() && message.taken > 0;
    now.is_settled()
        && !state.has_job(m)
        && message.state_is_at_least_as_told()
        && honest(message)
        // Taken, and no status came: accepted if the answer came, else a person is asked to look.
        && (!silent || message.intentions != 1 || matches!(now, Accepted | Unresolved))
        && (!protocol.echo || message.parked.is_empty())
}

impl Message {
    fn state_is_at_least_as_told(&self) -> bool {
        self.told.is_none_or(|told| self.state.is_some_and(|state| state.rank() >= told.rank()))
    }
}
