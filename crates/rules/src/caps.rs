//! Frequency caps: how much that is begun by us a contact gets within some days.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::consent::Purpose;
use crate::time::{Timestamp, span};

/// At most so many messages to a contact within so many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// So many messages.
    #[schema(minimum = 1, maximum = 100)]
    pub most: u32,
    /// Within so many days of 24 hours.
    #[schema(minimum = 1, maximum = 90)]
    pub days: u32,
}

impl Cap {
    /// Since when messages count.
    pub fn since(self, now: Timestamp) -> Timestamp {
        now - span::days(self.days.into())
    }

    /// When there is room again, given when earlier messages were intended; `None`: there is room now.
    pub fn frees_at(self, earlier: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
        let mut counting: Vec<Timestamp> =
            earlier.iter().copied().filter(|at| *at > self.since(now)).collect();
        // The last of the newest `most` has to leave before one more may come.
        counting.sort_unstable_by(|one, other| other.cmp(one));
        let last = counting.get(usize::try_from(self.most).ok()?.checked_sub(1)?)?;
        Some(*last + span::days(self.days.into()))
    }
}

/// The caps of an organisation. One-time codes have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FrequencyCaps {
    /// For offers and news; what is too much is refused.
    pub marketing: Option<Cap>,
    /// For what serves the contact; what is too much waits.
    pub utility: Option<Cap>,
}

impl FrequencyCaps {
    /// The cap of a purpose.
    pub fn of(&self, purpose: Purpose) -> Option<Cap> {
        match purpose {
            Purpose::Marketing => self.marketing,
            Purpose::Utility => self.utility,
            Purpose::Authentication => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_again_when_the_oldest_that_counts_leaves() {
        let now = Timestamp::from_seconds(1_795_000_000);
        let cap = Cap { most: 2, days: 7 };
        let ago = |days| now - span::days(days);
        assert_eq!(cap.frees_at(&[ago(1)], now), None);
        assert_eq!(cap.frees_at(&[ago(3), ago(1)], now), Some(ago(3) + span::days(7)));
        assert_eq!(cap.frees_at(&[ago(1), ago(5), ago(3)], now), Some(ago(3) + span::days(7)));
        assert_eq!(cap.frees_at(&[ago(7), ago(1)], now), None, "what is seven days old counts no more");
    }
}
