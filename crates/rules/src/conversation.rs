//! What can be said of a contact's thread with a number: whether it is done with, and who answers in it.

text_enum! {
    /// Whether a conversation still wants attention.
    pub enum ConversationStatus {
        /// Somebody may have to do something. A new message of the contact always opens a conversation.
        Open = "open",
        /// Done with, until the contact writes again.
        Closed = "closed",
    }
}

text_enum! {
    /// Whether the AI answers in a conversation.
    pub enum AiState {
        /// It answers what the contact writes.
        On = "on",
        /// A member switched it off.
        Off = "off",
        /// It gave the conversation to a person, who gives it back.
        HandedOff = "handed_off",
    }
}

impl AiState {
    /// The state of a conversation that two became: a person in charge of either stays in charge.
    pub fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::HandedOff, _) | (_, Self::HandedOff) => Self::HandedOff,
            (Self::Off, _) | (_, Self::Off) => Self::Off,
            (Self::On, Self::On) => Self::On,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_in_charge_stays_in_charge() {
        for one in AiState::ALL {
            for other in AiState::ALL {
                assert_eq!(one.stricter(*other), other.stricter(*one));
                assert_eq!(one.stricter(*other) == AiState::On, *one == AiState::On && *other == AiState::On);
            }
        }
    }
}
