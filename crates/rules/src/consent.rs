//! What a contact allows: the append-only ledger, reduced to the state that the gate reads.

use serde::{Deserialize, Serialize};

use crate::id::ConsentEventId;
use crate::time::Timestamp;

text_enum! {
    /// A way to reach a contact.
    pub enum Channel {
        /// WhatsApp.
        Whatsapp = "whatsapp",
        /// Email.
        Email = "email",
        /// Text messages to the phone number.
        Sms = "sms",
    }
}

text_enum! {
    /// What a contact agrees or refuses to be written for.
    pub enum Purpose {
        /// Messages that serve something the contact asked for or has.
        Utility = "utility",
        /// Offers and news.
        Marketing = "marketing",
        /// One-time codes.
        Authentication = "authentication",
    }
}

text_enum! {
    /// Which way a ledger entry points.
    pub enum ConsentAction {
        /// Yes, from now on.
        OptIn = "opt_in",
        /// No, from now on.
        OptOut = "opt_out",
    }
}

text_enum! {
    /// Where a ledger entry comes from.
    pub enum ConsentSource {
        /// The contact wrote to us.
        InboundMessage = "inbound_message",
        /// The contact wrote START, STOP or one of their variants.
        Keyword = "keyword",
        /// Meta's own marketing preference (stop, resume, signup).
        MetaPreference = "meta_preference",
        /// Meta refused a marketing message because the contact had stopped them (code 131050).
        MetaRefusal = "meta_refusal",
        /// A member recorded it, with a note.
        Member = "member",
        /// A machine recorded it through the API.
        Api = "api",
        /// The contact filled in a form or followed a link of the organisation's.
        Form = "form",
        /// The contact agreed or refused at a link that was sent to them on another channel.
        Link = "link",
        /// It came with an import.
        Import = "import",
        /// It came over from a contact that turned out to be the same person.
        Merge = "merge",
    }
}

text_enum! {
    /// How somebody stands towards a purpose, in a word.
    pub enum StandingWord {
        /// Nothing recorded.
        Unknown = "unknown",
        /// Agreed.
        OptedIn = "opted_in",
        /// Refused.
        OptedOut = "opted_out",
    }
}

/// One entry of the ledger as far as deciding needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its id, which a decision names as its ground.
    pub id: ConsentEventId,
    /// The channel it was said of.
    pub channel: Channel,
    /// The purpose it speaks of; `None` speaks of all of them (STOP).
    pub purpose: Option<Purpose>,
    /// Yes or no.
    pub action: ConsentAction,
    /// Where it comes from.
    pub source: ConsentSource,
    /// When it took effect.
    pub at: Timestamp,
}

/// How a contact stands towards one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing recorded.
    Unknown,
    /// Agreed, by this entry.
    OptedIn(ConsentEventId),
    /// Refused, by this entry.
    OptedOut(ConsentEventId),
}

/// A contact's standing towards every purpose, and whether everything was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The STOP that ended everything business-initiated, unless a START came after it.
    pub stopped: Option<ConsentEventId>,
    utility: Standing,
    marketing: Standing,
    authentication: Standing,
    /// Whether the yes to utility is nothing more than a message of the contact.
    implied: bool,
}

impl Default for Consent {
    fn default() -> Self {
        Self {
            stopped: None,
            utility: Standing::Unknown,
            marketing: Standing::Unknown,
            authentication: Standing::Unknown,
            implied: false,
        }
    }
}

impl Consent {
    /// The opt-in to a purpose that the contact has said in so many words.
    pub fn said_yes(&self, purpose: Purpose) -> Option<ConsentEventId> {
        match self.standing(purpose) {
            Standing::OptedIn(id) if !(self.implied && purpose == Purpose::Utility) => Some(id),
            _ => None,
        }
    }

    /// The standing towards a purpose, a general STOP included.
    pub fn standing(&self, purpose: Purpose) -> Standing {
        match self.stopped {
            Some(stop) => Standing::OptedOut(stop),
            None => self.said_of(purpose),
        }
    }

    /// What was said last of a purpose, a general STOP apart.
    fn said_of(&self, purpose: Purpose) -> Standing {
        match purpose {
            Purpose::Utility => self.utility,
            Purpose::Marketing => self.marketing,
            Purpose::Authentication => self.authentication,
        }
    }

    fn set(&mut self, purpose: Purpose, standing: Standing) {
        match purpose {
            Purpose::Utility => (self.utility, self.implied) = (standing, false),
            Purpose::Marketing => self.marketing = standing,
            Purpose::Authentication => self.authentication = standing,
        }
    }

    /// Reduces a ledger, oldest entry first, to what it says of WhatsApp.
    pub fn from_ledger<'a>(
        entries: impl IntoIterator<Item = &'a LedgerEntry>,
        inbound_lifts_opt_out: bool,
    ) -> Self {
        let said = entries.into_iter().filter(|entry| entry.channel == Channel::Whatsapp);
        Self::reduce(said, inbound_lifts_opt_out)
    }

    /// Reduces a ledger, oldest entry first, to what it says of another channel. STOP on WhatsApp ends everything there,
    /// too; what is said of another channel says nothing of WhatsApp.
    pub fn on<'a>(
        channel: Channel,
        entries: impl IntoIterator<Item = &'a LedgerEntry> + Clone,
        inbound_lifts_opt_out: bool,
    ) -> Self {
        let whatsapp = Self::from_ledger(entries.clone(), inbound_lifts_opt_out);
        if channel == Channel::Whatsapp || whatsapp.stopped.is_some() {
            return whatsapp;
        }
        let said = entries.into_iter().filter(|entry| entry.channel == channel);
        Self::reduce(said, inbound_lifts_opt_out)
    }

    /// An inbound message is consent to utility only, and lifts no refusal unless `inbound_lifts_opt_out`.
    /// Every other later entry overrules an earlier one of its purpose; START lifts STOP.
    fn reduce<'a>(entries: impl IntoIterator<Item = &'a LedgerEntry>, inbound_lifts_opt_out: bool) -> Self {
        let mut consent = Self::default();
        for entry in entries {
            let implied = entry.source == ConsentSource::InboundMessage && !inbound_lifts_opt_out;
            match (entry.action, entry.purpose) {
                (ConsentAction::OptOut, None) => {
                    consent.stopped = Some(entry.id);
                    for purpose in Purpose::ALL {
                        consent.set(*purpose, Standing::OptedOut(entry.id));
                    }
                }
                (ConsentAction::OptOut, Some(purpose)) => consent.set(purpose, Standing::OptedOut(entry.id)),
                (ConsentAction::OptIn, purpose) => {
                    if implied
                        && (consent.stopped.is_some() || matches!(consent.utility, Standing::OptedOut(_)))
                    {
                        continue;
                    }
                    // A yes to one purpose is no START: Meta's own marketing switch must not bring back the AI.
                    if purpose.is_none() || entry.source == ConsentSource::InboundMessage {
                        consent.stopped = None;
                    }
                    // START without a purpose brings back what serves the contact, never marketing.
                    let brought_back = match &purpose {
                        Some(purpose) => std::slice::from_ref(purpose),
                        None => &[Purpose::Utility, Purpose::Authentication],
                    };
                    let explicit = consent.said_yes(Purpose::Utility).is_some();
                    for purpose in brought_back {
                        consent.set(*purpose, Standing::OptedIn(entry.id));
                    }
                    // To write takes nothing from a yes that was said before.
                    consent.implied |= entry.source == ConsentSource::InboundMessage && !explicit;
                }
            }
        }
        consent
    }
}

/// What must be added to the joint ledger of two contacts that turned out to be one person, so that neither's refusal
/// is lost to a yes of the other, on any channel: `None` stands for STOP.
///
/// Each channel goes by what was said of it alone, and each purpose beside STOP: what a STOP hides is still refused when
/// START lifts it.
pub fn refusals_to_keep(
    one: &[LedgerEntry],
    other: &[LedgerEntry],
    joint: &[LedgerEntry],
) -> Vec<(Channel, Option<Purpose>)> {
    Channel::ALL.iter().flat_map(|channel| refusals_on(*channel, [one, other, joint])).collect()
}

fn refusals_on(channel: Channel, ledgers: [&[LedgerEntry]; 3]) -> Vec<(Channel, Option<Purpose>)> {
    let said = |ledger: &[LedgerEntry]| {
        Consent::reduce(ledger.iter().filter(|entry| entry.channel == channel), false)
    };
    let [one, other, joint] = ledgers.map(said);
    if (one.stopped.is_some() || other.stopped.is_some()) && joint.stopped.is_none() {
        return vec![(channel, None)];
    }
    let refused = |consent: &Consent, purpose| matches!(consent.said_of(purpose), Standing::OptedOut(_));
    let lost = |purpose| (refused(&one, purpose) || refused(&other, purpose)) && !refused(&joint, purpose);
    Purpose::ALL.iter().copied().filter(|one| lost(*one)).map(|purpose| (channel, Some(purpose))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn entry(n: u128, purpose: Option<Purpose>, action: ConsentAction, source: ConsentSource) -> LedgerEntry {
        LedgerEntry {
            id: ConsentEventId(Uuid::from_u128(n)),
            channel: Channel::Whatsapp,
            purpose,
            action,
            source,
            at: Timestamp(n as i64),
        }
    }

    use ConsentAction::{OptIn, OptOut};
    use ConsentSource::{Api, InboundMessage, Keyword, MetaPreference};

    #[test]
    fn writing_to_us_is_consent_to_utility_and_to_nothing_else() {
        let consent = Consent::from_ledger(&[entry(1, Some(Purpose::Utility), OptIn, InboundMessage)], false);
        assert!(matches!(consent.standing(Purpose::Utility), Standing::OptedIn(_)));
        assert_eq!(consent.standing(Purpose::Marketing), Standing::Unknown);
    }

    #[test]
    fn writing_in_does_not_undo_a_stop_unless_the_organisation_says_so() {
        let ledger =
            [entry(1, None, OptOut, Keyword), entry(2, Some(Purpose::Utility), OptIn, InboundMessage)];
        assert!(Consent::from_ledger(&ledger, false).stopped.is_some());
        assert!(Consent::from_ledger(&ledger, true).stopped.is_none());
    }

    #[test]
    fn start_brings_back_what_serves_the_contact_but_not_marketing() {
        let ledger = [
            entry(1, Some(Purpose::Marketing), OptIn, Api),
            entry(2, None, OptOut, Keyword),
            entry(3, None, OptIn, Keyword),
        ];
        let consent = Consent::from_ledger(&ledger, false);
        assert!(matches!(consent.standing(Purpose::Utility), Standing::OptedIn(_)));
        assert!(matches!(consent.standing(Purpose::Authentication), Standing::OptedIn(_)));
        assert!(matches!(consent.standing(Purpose::Marketing), Standing::OptedOut(_)));
    }

    #[test]
    fn a_yes_to_one_purpose_lifts_no_stop() {
        let mut ledger = vec![
            entry(1, None, OptOut, Keyword),
            entry(2, Some(Purpose::Marketing), OptIn, MetaPreference),
            entry(3, Some(Purpose::Utility), OptIn, Api),
        ];
        let consent = Consent::from_ledger(&ledger, false);
        assert!(consent.stopped.is_some());
        assert!(Purpose::ALL.iter().all(|one| matches!(consent.standing(*one), Standing::OptedOut(_))));
        ledger.push(entry(4, None, OptIn, Keyword));
        let consent = Consent::from_ledger(&ledger, false);
        assert!(consent.stopped.is_none());
        assert!(matches!(consent.standing(Purpose::Marketing), Standing::OptedIn(_)));
    }

    proptest! {
        /// On every channel the stricter state wins, and does so still when START lifts a STOP that hid something.
        #[test]
        fn two_who_are_one_keep_every_refusal_of_either(
            entries in prop::collection::vec(
                (
                    any::<bool>(),
                    prop::sample::select(Channel::ALL),
                    prop::option::of(prop::sample::select(Purpose::ALL)),
                    any::<bool>(),
                ),
                0..12,
            ),
            lifted in prop::option::of(prop::sample::select(Channel::ALL)),
        ) {
            let on = |n: u128, channel, purpose, action, source| LedgerEntry {
                channel,
                ..entry(n, purpose, action, source)
            };
            let (mut one, mut other, mut joint) = (Vec::new(), Vec::new(), Vec::new());
            for (n, (is_one, channel, purpose, yes)) in entries.into_iter().enumerate() {
                let said = on(n as u128 + 1, channel, purpose, if yes { OptIn } else { OptOut }, Api);
                if is_one { one.push(said) } else { other.push(said) }
                joint.push(said);
            }
            for (channel, purpose) in refusals_to_keep(&one, &other, &joint) {
                joint.push(on(99, channel, purpose, OptOut, ConsentSource::Merge));
            }
            if let Some(channel) = lifted {
                for ledger in [&mut one, &mut other, &mut joint] {
                    ledger.push(on(100, channel, None, OptIn, Keyword));
                }
            }
            for channel in Channel::ALL {
                let [one, other, joint] = [&one, &other, &joint].map(|ledger| Consent::on(*channel, ledger, false));
                for purpose in Purpose::ALL {
                    if [one, other].iter().any(|c| matches!(c.standing(*purpose), Standing::OptedOut(_))) {
                        prop_assert!(matches!(joint.standing(*purpose), Standing::OptedOut(_)), "{channel} {purpose}");
                    }
                }
                prop_assert!(joint.stopped.is_some() || (one.stopped.is_none() && other.stopped.is_none()));
            }
        }
    }

    #[test]
    fn what_a_stop_hides_is_still_refused_when_it_is_lifted() {
        let email = |n, purpose, action| LedgerEntry {
            channel: Channel::Email,
            ..entry(n, Some(purpose), action, Api)
        };
        let one = [email(1, Purpose::Marketing, OptOut), entry(3, None, OptOut, Keyword)];
        let other = [email(2, Purpose::Marketing, OptIn)];
        let joint = [one[0], other[0], one[1]];
        assert_eq!(refusals_to_keep(&one, &other, &joint), [(Channel::Email, Some(Purpose::Marketing))]);
    }

    #[test]
    fn metas_marketing_stop_ends_marketing_only() {
        let ledger = [
            entry(1, Some(Purpose::Utility), OptIn, InboundMessage),
            entry(2, Some(Purpose::Marketing), OptOut, MetaPreference),
        ];
        let consent = Consent::from_ledger(&ledger, false);
        assert!(consent.stopped.is_none());
        assert!(matches!(consent.standing(Purpose::Utility), Standing::OptedIn(_)));
        assert!(matches!(consent.standing(Purpose::Marketing), Standing::OptedOut(_)));
    }
}
