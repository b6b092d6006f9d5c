//! The life of an outbound message: states whose rank never falls.

text_enum! {
    /// Who a message comes from.
    pub enum Direction {
        /// From the contact to us.
        Inbound = "inbound",
        /// From us to the contact.
        Outbound = "outbound",
    }
}

text_enum! {
    /// Who wrote a message.
    pub enum Author {
        /// The contact.
        Contact = "contact",
        /// A member, in the inbox or through a personal session.
        Member = "member",
        /// The AI.
        Ai = "ai",
        /// A machine with an API key.
        Api = "api",
        /// Sapa itself: confirmations, hand-off notices.
        System = "system",
        /// The business typing on its own phone (coexistence echoes).
        Phone = "phone",
    }
}

text_enum! {
    /// Where a message stands.
    pub enum MessageState {
        /// Inbound: stored.
        Received = "received",
        /// Outbound: accepted by us, waiting for its turn.
        Queued = "queued",
        /// Outbound: kept until the contact agrees; a link to do so went another way.
        AwaitingOptIn = "awaiting_opt_in",
        /// Handed to Meta, no answer known yet.
        Unknown = "unknown",
        /// No answer and no status after ten minutes: a person must look; it is never sent again by itself.
        Unresolved = "unresolved",
        /// Meta answered that it took the message.
        Accepted = "accepted",
        /// Left Meta's servers: one tick.
        Sent = "sent",
        /// Refused by our own gate at the moment of sending.
        Refused = "refused",
        /// Meta could not or would not deliver.
        Failed = "failed",
        /// On the device: two ticks.
        Delivered = "delivered",
        /// Shown in an open chat.
        Read = "read",
        /// A voice note was played.
        Played = "played",
    }
}

impl MessageState {
    /// The order in which states overrule each other. A state moves only to a higher rank, so that duplicated,
    /// late and reordered statuses all end in the same place. `failed` counts only below `delivered`
    /// (Meta: a `failed` may follow `sent`; a later `delivered` is the stronger fact).
    pub const fn rank(self) -> i16 {
        match self {
            Self::Received | Self::Queued => 0,
            Self::AwaitingOptIn => 5,
            Self::Unknown => 10,
            Self::Unresolved => 15,
            Self::Accepted => 20,
            Self::Sent => 30,
            Self::Refused => 35,
            Self::Failed => 40,
            Self::Delivered => 50,
            Self::Read => 60,
            Self::Played => 70,
        }
    }

    /// Whether a message in this state may become `next`.
    pub const fn may_become(self, next: Self) -> bool {
        next.rank() > self.rank()
    }

    /// Whether sending has come to an end, well or badly: nothing more is attempted.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Queued | Self::AwaitingOptIn | Self::Unknown)
    }

    /// Meta's word in a status webhook. Unknown and legacy words (`deleted`, `warning`) are none of ours.
    pub fn from_status(word: &str) -> Option<Self> {
        Some(match word {
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "played" => Self::Played,
            "failed" => Self::Failed,
            _ => return None,
        })
    }
}

text_enum! {
    /// What a message is made of. Meta's own words where Meta has one.
    pub enum Kind {
        /// Plain text.
        Text = "text",
        /// Picture.
        Image = "image",
        /// Film.
        Video = "video",
        /// Sound file or voice note.
        Audio = "audio",
        /// File.
        Document = "document",
        /// Sticker.
        Sticker = "sticker",
        /// Place on the map.
        Location = "location",
        /// Contact cards.
        Contacts = "contacts",
        /// Emoji on another message.
        Reaction = "reaction",
        /// Buttons, list, call to action and their like; inbound: the choice made.
        Interactive = "interactive",
        /// Approved template.
        Template = "template",
        /// Inbound: tap on a template's quick reply.
        Button = "button",
        /// Inbound: cart sent as an order.
        Order = "order",
        /// Inbound: Meta tells of a change (number, user id).
        System = "system",
        /// Inbound: correction of an earlier message.
        Edit = "edit",
        /// Inbound: an earlier message was taken back.
        Revoke = "revoke",
        /// Inbound: Meta cannot show it to us.
        Unsupported = "unsupported",
        /// Inbound: a type we do not know, kept as it came.
        Unknown = "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settle(statuses: &[MessageState]) -> MessageState {
        statuses
            .iter()
            .fold(MessageState::Accepted, |state, next| if state.may_become(*next) { *next } else { state })
    }

    proptest! {
        #[test]
        fn any_order_and_repetition_of_statuses_ends_in_the_same_state(
            words in proptest::collection::vec(prop_oneof!["sent", "delivered", "read", "failed", "played"], 1..12),
            seed in any::<u64>(),
        ) {
            let statuses: Vec<_> = words.iter().filter_map(|w| MessageState::from_status(w)).collect();
            let mut shuffled = statuses.clone();
            shuffled.extend(statuses.iter().copied());
            let turn = usize::try_from(seed % 7).unwrap_or(0) % shuffled.len();
            shuffled.rotate_left(turn);
            shuffled.reverse();
            prop_assert_eq!(settle(&statuses), settle(&shuffled));
        }
    }

    #[test]
    fn a_late_delivered_overrules_failed_and_never_the_reverse() {
        assert!(MessageState::Failed.may_become(MessageState::Delivered));
        assert!(!MessageState::Delivered.may_become(MessageState::Failed));
        assert!(MessageState::Unresolved.may_become(MessageState::Sent));
        assert!(!MessageState::Read.may_become(MessageState::Read));
    }
}
