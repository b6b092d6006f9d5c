//! Business-initiated intentions: what the sender allows beside WhatsApp, and what became of each.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::consent::{Channel, Consent, Purpose, Standing};
use crate::gate::Reason;
use crate::message::MessageState;
use crate::time::span;

/// A channel besides WhatsApp that the sender of a message allows, in the order of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextChannel {
    /// Which.
    pub channel: Channel,
    /// For so many minutes the contact has time to answer there before the next channel is tried.
    #[serde(default = "a_day")]
    pub minutes: u32,
}

const fn a_day() -> u32 {
    24 * 60
}

/// How many minutes somebody may have to answer on a channel: thirty days.
pub const MOST_MINUTES: u32 = 30 * 24 * 60;

impl NextChannel {
    /// How long the contact has time to answer there.
    pub fn patience(self) -> Duration {
        span::minutes(self.minutes.max(1).into())
    }
}

/// Whether channels can be gone through in this order: each once, WhatsApp at the head of others alone, and some time on each.
pub fn is_order(order: &[NextChannel]) -> bool {
    let channels: Vec<Channel> = order.iter().map(|next| next.channel).collect();
    let twice = (1..channels.len()).any(|n| channels[..n].contains(&channels[n]));
    let others = channels.iter().skip(1).all(|channel| *channel != Channel::Whatsapp);
    let patient = order.iter().all(|next| (1..=MOST_MINUTES).contains(&next.minutes));
    !twice && others && patient && channels != [Channel::Whatsapp]
}

/// The first of the allowed channels that is open for a purpose. `stands` says how the contact stands on a channel; `None`:
/// it cannot be reached there. Marketing needs an opt-in to marketing on that very channel; nothing else goes where the
/// contact has opted out.
pub fn first_open(
    allowed: &[NextChannel],
    purpose: Purpose,
    stands: impl Fn(Channel) -> Option<Consent>,
) -> Option<Channel> {
    allowed.iter().map(|next| next.channel).find(|channel| {
        stands(*channel).is_some_and(|consent| match consent.standing(purpose) {
            Standing::OptedIn(_) => true,
            Standing::Unknown => purpose != Purpose::Marketing,
            Standing::OptedOut(_) => false,
        })
    })
}

/// What is said where another channel was asked for and there was none, in English and Indonesian.
pub const NOWHERE_ELSE: (&str, &str) = (
    "No other channel was possible, either: there is no address for it, the contact has ended messages there, or it is not set up.",
    "Saluran lain juga tidak bisa: alamatnya belum ada, pelanggan sudah berhenti di sana, atau salurannya belum disiapkan.",
);

/// Whether a message that did not go on WhatsApp for this reason was to go on another channel, and there was none.
pub fn is_nowhere_else(reason: Reason, allowed: &[NextChannel]) -> bool {
    reason.is_cured_elsewhere() && allowed.iter().any(|next| next.channel != Channel::Whatsapp)
}

text_enum! {
    /// What the gate said, in one word.
    pub enum OutreachVerdict {
        /// It may go.
        Send = "send",
        /// Not now.
        Wait = "wait",
        /// On another channel.
        FallBack = "fall_back",
        /// No.
        Refuse = "refuse",
    }
}

text_enum! {
    /// What became of a business-initiated intention.
    pub enum OutreachOutcome {
        /// It waits for its turn.
        Queued = "queued",
        /// It waits: for a time, for a number that can send, or for its turn on another channel.
        Waiting = "waiting",
        /// It waits for the contact's opt-in.
        AwaitingOptIn = "awaiting_opt_in",
        /// Meta took it.
        Sent = "sent",
        /// It reached the device.
        Delivered = "delivered",
        /// It was read.
        Read = "read",
        /// Meta could not or would not deliver it.
        Failed = "failed",
        /// The gate refused it.
        Refused = "refused",
        /// Nobody knows whether it arrived.
        Unresolved = "unresolved",
        /// It went out on another channel.
        FallbackSent = "fallback_sent",
        /// It reached the contact on another channel.
        FallbackDelivered = "fallback_delivered",
        /// No other channel worked, either.
        FallbackFailed = "fallback_failed",
        /// It waited too long and was given up.
        Expired = "expired",
    }
}

impl OutreachOutcome {
    /// What the state of its message makes of it. `None`: nothing new.
    pub const fn of(state: MessageState) -> Option<Self> {
        Some(match state {
            MessageState::Queued => Self::Queued,
            MessageState::AwaitingOptIn => Self::AwaitingOptIn,
            MessageState::Accepted | MessageState::Sent => Self::Sent,
            MessageState::Delivered => Self::Delivered,
            MessageState::Read | MessageState::Played => Self::Read,
            MessageState::Failed => Self::Failed,
            MessageState::Refused => Self::Refused,
            MessageState::Unresolved => Self::Unresolved,
            MessageState::Received | MessageState::Unknown => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_has_a_day_unless_told_otherwise() {
        let email: NextChannel = serde_json::from_str(r#"{"channel":"email"}"#).unwrap();
        assert_eq!((email.channel, email.patience()), (Channel::Email, span::days(1)));
    }

    #[test]
    fn another_channel_is_missed_where_it_was_asked_for_and_would_have_helped() {
        let on = |channel| NextChannel { channel, minutes: 60 };
        assert!(is_nowhere_else(Reason::NoOptIn, &[on(Channel::Whatsapp), on(Channel::Email)]));
        assert!(!is_nowhere_else(Reason::NoOptIn, &[on(Channel::Whatsapp)]));
        assert!(!is_nowhere_else(Reason::NoOptIn, &[]));
        assert!(!is_nowhere_else(Reason::Stopped, &[on(Channel::Email)]));
    }

    #[test]
    fn what_meta_may_have_taken_says_nothing_new() {
        assert_eq!(OutreachOutcome::of(MessageState::Unknown), None);
        assert_eq!(OutreachOutcome::of(MessageState::Accepted), Some(OutreachOutcome::Sent));
    }
}
