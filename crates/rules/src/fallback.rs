//! Reaching a contact on another channel than WhatsApp: by whom, with what, and what became of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::consent::Channel;
use crate::gate::Reason;
use crate::locale::Locale;
use crate::message::MessageState;
use crate::outreach::NextChannel;
use crate::time::span;

text_enum! {
    /// Who carries what an organisation sends on a channel.
    pub enum Provider {
        /// The organisation's own mail server.
        Smtp = "smtp",
        /// The installation's mail server, where the operator lets organisations use it.
        Operator = "operator",
        /// Twilio.
        Twilio = "twilio",
        /// Any provider that takes an HTTP request.
        Http = "http",
        /// A message centre that speaks SMPP 3.4.
        Smpp = "smpp",
    }
}

impl Provider {
    /// The channel that it carries.
    pub const fn channel(self) -> Channel {
        match self {
            Self::Smtp | Self::Operator => Channel::Email,
            Self::Twilio | Self::Http | Self::Smpp => Channel::Sms,
        }
    }
}

text_enum! {
    /// How a connection to a mail server is kept private.
    pub enum Encryption {
        /// TLS from the start, mostly on port 465.
        Tls = "tls",
        /// STARTTLS, mostly on port 587; without it nothing is sent.
        Starttls = "starttls",
        /// None, for a server in one's own network.
        None = "none",
    }
}

text_enum! {
    /// What a contact is sent on another channel.
    pub enum ReachKind {
        /// A link, at which the contact may agree to get the message on WhatsApp.
        Link = "link",
        /// The message itself.
        Content = "content",
    }
}

impl ReachKind {
    /// What serves a contact whom WhatsApp did not carry a message to: a link where only their word was missing, the
    /// message itself where WhatsApp cannot reach them.
    pub const fn for_reason(reason: Reason) -> Self {
        match reason {
            Reason::NoOptIn => Self::Link,
            _ => Self::Content,
        }
    }
}

text_enum! {
    /// What became of a message on another channel.
    pub enum ReachState {
        /// It waits for its turn, or for a provider that can take it.
        Queued = "queued",
        /// It is being handed over.
        Sending = "sending",
        /// The provider took it.
        Sent = "sent",
        /// It is on the phone.
        Delivered = "delivered",
        /// It will not arrive.
        Failed = "failed",
        /// The provider may have taken it. It is not handed over again.
        Unknown = "unknown",
        /// It was not handed over, because it may not be any more.
        Refused = "refused",
    }
}

impl ReachState {
    /// Whether what became known later says more. Nothing moves backwards; a receipt settles what was unknown.
    pub const fn may_become(self, later: Self) -> bool {
        match self {
            Self::Queued | Self::Sending => true,
            Self::Unknown => matches!(later, Self::Sent | Self::Delivered | Self::Failed),
            Self::Sent => matches!(later, Self::Delivered | Self::Failed),
            Self::Delivered | Self::Failed | Self::Refused => false,
        }
    }

    /// Whether nothing more is to be expected of it on its channel.
    pub const fn has_failed(self) -> bool {
        matches!(self, Self::Failed | Self::Refused)
    }
}

/// A text that an organisation writes itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnText {
    /// The channel on which it is sent.
    pub channel: Channel,
    /// What it carries.
    pub kind: ReachKind,
    /// Its language.
    pub locale: Locale,
    /// A mail's subject; empty for SMS.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub subject: String,
    /// What it says. `{business}`, `{name}`, `{link}`, `{text}` and `{unsubscribe}` are filled in.
    #[schema(max_length = 2000)]
    pub body: String,
}

/// What an organisation decides about other channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FallbackSettings {
    /// The channels that are tried where the sender of a message names none, in order. `whatsapp` at the head says how long
    /// WhatsApp has to deliver before the next is tried.
    pub order: Vec<NextChannel>,
    /// How long a link works.
    #[schema(minimum = 1, maximum = 720)]
    pub link_hours: u32,
    /// Texts in the organisation's own words; ours serve where it has none.
    pub texts: Vec<OwnText>,
}

impl Default for FallbackSettings {
    fn default() -> Self {
        Self { order: Vec::new(), link_hours: 72, texts: Vec::new() }
    }
}

impl FallbackSettings {
    /// How long a link works.
    pub fn link_life(&self) -> Duration {
        span::hours(self.link_hours.into())
    }
}

/// The channels that come after those that were tried, in order.
pub fn left(allowed: &[NextChannel], tried: &[Channel]) -> Vec<NextChannel> {
    allowed.iter().filter(|next| !tried.contains(&next.channel)).copied().collect()
}

/// How long the contact has on a channel before the next is tried.
pub fn patience(allowed: &[NextChannel], channel: Channel) -> Duration {
    allowed.iter().find(|next| next.channel == channel).map_or(span::days(1), |next| next.patience())
}

/// Whether a contact is to be reached elsewhere no more, for a reason, while the message on WhatsApp stands there: it may
/// have been released, or have arrived, meanwhile. `elsewhere`: the message itself has had its turn on another channel.
pub const fn is_over(reason: Reason, state: MessageState, elsewhere: bool) -> bool {
    use MessageState::{Accepted, AwaitingOptIn, Failed, Refused, Sent, Unknown, Unresolved};
    if matches!(ReachKind::for_reason(reason), ReachKind::Link) {
        return !matches!(state, AwaitingOptIn);
    }
    let waits_for_whatsapp = matches!(reason, Reason::NotDelivered);
    match state {
        Accepted | Sent | Unknown | Unresolved => !waits_for_whatsapp,
        AwaitingOptIn => waits_for_whatsapp,
        // What another channel cures begins anew for its own reason; once it went elsewhere, nothing else follows it up.
        Failed => waits_for_whatsapp && !elsewhere,
        // Refused on WhatsApp because it went elsewhere: where that fails, the next channel has its turn.
        Refused => !elsewhere,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_word_is_asked_for() {
        assert_eq!(ReachKind::for_reason(Reason::NoOptIn), ReachKind::Link);
        assert_eq!(ReachKind::for_reason(Reason::NotOnWhatsapp), ReachKind::Content);
    }

    #[test]
    fn nothing_moves_backwards() {
        use ReachState::{Delivered, Failed, Queued, Sending, Sent, Unknown};
        assert!(Queued.may_become(Sending) && Sent.may_become(Delivered) && Unknown.may_become(Delivered));
        assert!(!Delivered.may_become(Failed) && !Sent.may_become(Queued) && !Unknown.may_become(Queued));
        assert!(ReachState::ALL.iter().all(|state| !Failed.may_become(*state)));
    }

    #[test]
    fn a_link_is_for_what_waits_for_a_word_and_for_nothing_else() {
        let goes_on = |state: &&MessageState| !is_over(Reason::NoOptIn, **state, true);
        let going_on: Vec<_> = MessageState::ALL.iter().filter(goes_on).collect();
        assert_eq!(going_on, [&MessageState::AwaitingOptIn]);
    }

    #[test]
    fn what_whatsapp_has_or_carried_goes_nowhere_else() {
        use MessageState::{Delivered, Played, Queued, Read};
        for reason in [Reason::NoOptIn, Reason::NotOnWhatsapp, Reason::NotDelivered] {
            for elsewhere in [false, true] {
                assert!(
                    [Queued, Delivered, Read, Played].iter().all(|state| is_over(reason, *state, elsewhere))
                );
            }
        }
    }

    #[test]
    fn what_whatsapp_cannot_carry_goes_on_until_it_is_let_go_there() {
        use MessageState::{Accepted, AwaitingOptIn, Failed, Refused, Sent};
        for state in [AwaitingOptIn, Failed] {
            assert!(!is_over(Reason::NotOnWhatsapp, state, false), "{state}");
        }
        for state in [Accepted, Sent] {
            assert!(is_over(Reason::NotOnWhatsapp, state, true), "it would arrive twice: {state}");
        }
        assert!(
            is_over(Reason::NotOnWhatsapp, Refused, false) && !is_over(Reason::NotOnWhatsapp, Refused, true)
        );
    }

    #[test]
    fn what_waits_for_whatsapp_ends_where_that_fails_unless_it_went_elsewhere_before() {
        use MessageState::{Failed, Sent, Unresolved};
        for state in [Sent, Unresolved] {
            assert!(!is_over(Reason::NotDelivered, state, false), "{state}");
        }
        assert!(is_over(Reason::NotDelivered, Failed, false), "a diversion of its own follows");
        assert!(!is_over(Reason::NotDelivered, Failed, true), "the next channel still has its turn");
    }

    #[test]
    fn channels_are_tried_once_each_in_their_order() {
        let next = |channel, minutes| NextChannel { channel, minutes };
        let allowed = [next(Channel::Whatsapp, 60), next(Channel::Email, 240), next(Channel::Sms, 1440)];
        assert_eq!(left(&allowed, &[Channel::Whatsapp, Channel::Email]), [next(Channel::Sms, 1440)]);
        assert_eq!(patience(&allowed, Channel::Email), span::hours(4));
        assert_eq!(patience(&[], Channel::Sms), span::days(1));
    }

    #[test]
    fn what_carries_a_channel_is_told_apart() {
        assert!(Provider::ALL.iter().all(|provider| provider.channel() != Channel::Whatsapp));
    }
}
