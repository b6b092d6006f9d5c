//! What Meta lets us know of a contact when it does not deliver, and for how long that holds.

use std::time::Duration;

use crate::time::{Timestamp, span};

text_enum! {
    /// What Meta let us know.
    pub enum SignalKind {
        /// It could not deliver: not on WhatsApp, an old app, or we are blocked (131026).
        NotOnWhatsapp = "not_on_whatsapp",
        /// It holds back marketing for this person, from all businesses together (131049).
        MarketingCapped = "marketing_capped",
        /// The person belongs to a group that is sent no marketing for now (130472).
        MarketingExperiment = "marketing_experiment",
    }
}

impl SignalKind {
    /// What a code that a send ended with lets us know of its recipient.
    pub const fn of_code(code: i64) -> Option<Self> {
        Some(match code {
            131_026 => Self::NotOnWhatsapp,
            131_049 => Self::MarketingCapped,
            130_472 => Self::MarketingExperiment,
            _ => return None,
        })
    }
}

/// A thing that Meta let us know of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// What.
    pub kind: SignalKind,
    /// When it was said last.
    pub at: Timestamp,
    /// How often in a row.
    pub times: u32,
}

/// A first failure may pass; after a second in a row the person counts as not on WhatsApp for a month.
const ONCE: Duration = span::days(1);
const AGAIN: Duration = span::days(30);
/// Meta: at least 24 hours.
const CAPPED: Duration = span::hours(24);
/// Meta does not say how long an experiment lasts; sending again gives the same error.
const EXPERIMENT: Duration = span::days(30);

impl Signal {
    /// Until when it holds.
    pub fn holds_until(self) -> Timestamp {
        self.at
            + match self.kind {
                SignalKind::NotOnWhatsapp if self.times > 1 => AGAIN,
                SignalKind::NotOnWhatsapp => ONCE,
                SignalKind::MarketingCapped => CAPPED,
                SignalKind::MarketingExperiment => EXPERIMENT,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_may_pass_and_two_in_a_row_tell() {
        let at = Timestamp::from_seconds(1_795_000_000);
        let signal = |times| Signal { kind: SignalKind::NotOnWhatsapp, at, times };
        assert_eq!(signal(1).holds_until(), at + span::days(1));
        assert_eq!(signal(2).holds_until(), at + span::days(30));
        assert_eq!(SignalKind::of_code(131_047), None);
    }
}
