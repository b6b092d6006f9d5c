//! What Meta says of a number: which facts are kept as history, how limits compare, and which change somebody must be told.
//!
//! Meta changes a number whenever it likes. A webhook may be lost, so the same facts are read every day; both lead here.

use std::fmt;

text_enum! {
    /// How a change of a number was learnt.
    pub enum ChangeSource {
        /// Meta said so.
        Webhook = "webhook",
        /// Reading the number showed it.
        Check = "check",
        /// Somebody here asked for it.
        Member = "member",
    }
}

text_enum! {
    /// A fact about a number whose changes are kept.
    pub enum NumberField {
        /// The name that people see.
        VerifiedName = "verified_name",
        /// What Meta thinks of it.
        NameStatus = "name_status",
        /// A name asked for.
        WantedName = "wanted_name",
        /// How far its review is.
        WantedNameStatus = "wanted_name_status",
        /// What people think of the messages.
        Quality = "quality",
        /// How many people may be written to first in a day.
        MessagingLimit = "messaging_limit",
        /// How many messages a second.
        Throughput = "throughput",
        /// Whether it is connected.
        Status = "status",
        /// Where it is registered.
        PlatformType = "platform_type",
        /// Whether somebody proved that it is theirs.
        CodeVerification = "code_verification",
        /// Whether it carries the badge.
        Official = "official",
        /// The business username.
        Username = "username",
        /// How far the username is.
        UsernameStatus = "username_status",
        /// What Meta's own check says of sending.
        Health = "health",
        /// What people see about the business.
        Profile = "profile",
        /// The two-step PIN: that it changed, never what it is.
        Pin = "pin",
        /// What Meta does not allow for a while.
        Restrictions = "restrictions",
    }
}

text_enum! {
    /// A change that somebody has to be told of.
    pub enum Concern {
        /// People block or report more: the rating fell.
        QualityFell = "number_quality_fell",
        /// Fewer people may be written to first.
        LimitLowered = "number_limit_lowered",
        /// More people may be written to first.
        LimitRaised = "number_limit_raised",
        /// A name asked for may be used.
        NameApproved = "number_name_approved",
        /// A name asked for may not.
        NameDeclined = "number_name_declined",
        /// The number cannot send as it did.
        Restricted = "number_restricted",
        /// The PIN was changed or reset elsewhere.
        PinChanged = "number_pin_changed",
        /// The username is no longer this number's.
        UsernameLost = "number_username_lost",
    }
}

/// How many people a portfolio may write to first within 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessagingLimit {
    /// So many.
    People(u64),
    /// As many as it likes.
    Unlimited,
}

impl MessagingLimit {
    /// Reads what Meta writes: `TIER_2K` and `TIER_UNLIMITED` where a number is read, `2000` and `-1` in webhooks.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "-1" | "TIER_UNLIMITED" => Some(Self::Unlimited),
            tier => {
                let digits = tier.strip_prefix("TIER_").unwrap_or(tier);
                let (digits, times) = match digits.strip_suffix('K') {
                    Some(thousands) => (thousands, 1_000),
                    None => (digits, 1),
                };
                digits.parse::<u64>().ok()?.checked_mul(times).map(Self::People)
            }
        }
    }

    /// How many; `None` is without end.
    pub const fn people(self) -> Option<u64> {
        match self {
            Self::People(people) => Some(people),
            Self::Unlimited => None,
        }
    }

    /// One way to write what Meta writes in two, so that a webhook and a reading of the same limit are no change.
    pub fn canonical(text: &str) -> String {
        Self::parse(text).map_or_else(|| text.to_owned(), |limit| limit.to_string())
    }
}

impl fmt::Display for MessagingLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("TIER_UNLIMITED"),
            Self::People(people) if *people >= 1_000 && people % 1_000 == 0 => {
                write!(f, "TIER_{}K", people / 1_000)
            }
            Self::People(people) => write!(f, "TIER_{people}"),
        }
    }
}

/// Whom a change concerns, if anybody. What was not known before is no change for the worse.
pub fn concern(field: NumberField, old: Option<&str>, new: Option<&str>) -> Option<Concern> {
    if old == new {
        return None;
    }
    match field {
        NumberField::Quality => fell(old?, new?).then_some(Concern::QualityFell),
        NumberField::MessagingLimit => {
            let (old, new) = (MessagingLimit::parse(old?)?, MessagingLimit::parse(new?)?);
            Some(if new < old { Concern::LimitLowered } else { Concern::LimitRaised })
        }
        NumberField::WantedNameStatus | NumberField::NameStatus => match new? {
            "DECLINED" | "REJECTED" => Some(Concern::NameDeclined),
            // Meta calls a name available before anybody has asked for one.
            "APPROVED" if field == NumberField::WantedNameStatus => Some(Concern::NameApproved),
            _ => None,
        },
        NumberField::Status => {
            (old == Some("CONNECTED") && stops_sending(new?)).then_some(Concern::Restricted)
        }
        NumberField::Restrictions => new.filter(|new| !new.is_empty()).map(|_| Concern::Restricted),
        NumberField::Pin => (new == Some("elsewhere")).then_some(Concern::PinChanged),
        NumberField::Username => (old.is_some() && new.is_none()).then_some(Concern::UsernameLost),
        _ => None,
    }
}

/// Whether a status keeps a number from writing to people first, or at all.
pub fn stops_sending(status: &str) -> bool {
    matches!(
        status,
        "RESTRICTED"
            | "BANNED"
            | "RATE_LIMITED"
            | "FLAGGED"
            | "DISCONNECTED"
            | "UNLINKED"
            | "DELETED"
            | "OFFLINE"
    )
}

fn fell(old: &str, new: &str) -> bool {
    matches!((old, new), ("GREEN", "YELLOW" | "RED") | ("YELLOW", "RED"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_in_both_of_metas_ways_and_written_in_one() {
        for (text, limit, canonical) in [
            ("TIER_250", MessagingLimit::People(250), "TIER_250"),
            ("250", MessagingLimit::People(250), "TIER_250"),
            ("2000", MessagingLimit::People(2_000), "TIER_2K"),
            ("TIER_2K", MessagingLimit::People(2_000), "TIER_2K"),
            ("TIER_100K", MessagingLimit::People(100_000), "TIER_100K"),
            ("-1", MessagingLimit::Unlimited, "TIER_UNLIMITED"),
            ("TIER_UNLIMITED", MessagingLimit::Unlimited, "TIER_UNLIMITED"),
        ] {
            assert_eq!(MessagingLimit::parse(text), Some(limit), "{text}");
            assert_eq!(MessagingLimit::canonical(text), canonical);
        }
        assert_eq!(MessagingLimit::parse("TIER_SOON"), None);
        assert_eq!(MessagingLimit::canonical("TIER_SOON"), "TIER_SOON");
        assert!(MessagingLimit::People(u64::MAX) < MessagingLimit::Unlimited);
    }

    #[test]
    fn only_what_somebody_can_act_on_is_told() {
        use Concern as C;
        use NumberField as F;
        for (field, old, new, told) in [
            (F::Quality, Some("GREEN"), Some("YELLOW"), Some(C::QualityFell)),
            (F::Quality, Some("YELLOW"), Some("RED"), Some(C::QualityFell)),
            (F::Quality, Some("RED"), Some("GREEN"), None),
            (F::Quality, None, Some("RED"), None),
            (F::Quality, Some("UNKNOWN"), Some("GREEN"), None),
            (F::MessagingLimit, Some("TIER_2K"), Some("TIER_250"), Some(C::LimitLowered)),
            (F::MessagingLimit, Some("TIER_250"), Some("-1"), Some(C::LimitRaised)),
            (F::MessagingLimit, None, Some("TIER_250"), None),
            (F::WantedNameStatus, Some("PENDING_REVIEW"), Some("APPROVED"), Some(C::NameApproved)),
            (F::WantedNameStatus, Some("PENDING_REVIEW"), Some("DECLINED"), Some(C::NameDeclined)),
            (F::WantedNameStatus, None, Some("PENDING_REVIEW"), None),
            (F::NameStatus, Some("PENDING_REVIEW"), Some("APPROVED"), None),
            (F::Status, Some("CONNECTED"), Some("RESTRICTED"), Some(C::Restricted)),
            (F::Status, Some("PENDING"), Some("DISCONNECTED"), None),
            (F::Status, Some("RESTRICTED"), Some("CONNECTED"), None),
            (F::Restrictions, Some(""), Some("RESTRICTED_BIZ_INITIATED_MESSAGING"), Some(C::Restricted)),
            (F::Restrictions, Some("RESTRICTED_BIZ_INITIATED_MESSAGING"), Some(""), None),
            (F::Pin, None, Some("elsewhere"), Some(C::PinChanged)),
            (F::Pin, None, Some("here"), None),
            (F::Username, Some("kopisenja"), None, Some(C::UsernameLost)),
            (F::Username, None, Some("kopisenja"), None),
            (F::Profile, Some("a"), Some("b"), None),
        ] {
            assert_eq!(concern(field, old, new), told, "{field} {old:?} {new:?}");
        }
    }
}
