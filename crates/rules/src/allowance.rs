//! How many people a business may still write to first. Meta counts each person once within 24 hours, whoever of the
//! portfolio's numbers wrote, and counts nobody whose window was open.

use crate::gate::WINDOW;
use crate::number::MessagingLimit;
use crate::time::Timestamp;

/// What is left of a portfolio's limit, while messages take their part of it one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    left: u64,
    /// When the first of those that count does so no more, once nothing is left.
    frees_at: Timestamp,
}

impl Allowance {
    /// Of a limit, after so many people were written to first within the last 24 hours. `decisive` is when, of those that the
    /// limit leaves no room beside, the earliest was: the limit's last, counted from the newest.
    pub fn of(limit: u64, begun: u64, decisive: Option<Timestamp>, now: Timestamp) -> Self {
        Self { left: limit.saturating_sub(begun), frees_at: decisive.unwrap_or(now) + WINDOW }
    }

    /// Of people who were written to first, each once with the last time, in any order.
    pub fn among(limit: MessagingLimit, begun: &[Timestamp], now: Timestamp) -> Option<Self> {
        let limit = limit.people()?;
        let mut lately: Vec<Timestamp> = begun.iter().copied().filter(|at| now < *at + WINDOW).collect();
        lately.sort_unstable_by(|one, other| other.cmp(one));
        let last = usize::try_from(limit).ok().and_then(|limit| limit.checked_sub(1));
        let decisive = last.and_then(|last| lately.get(last).copied());
        Some(Self::of(limit, lately.len() as u64, decisive, now))
    }

    /// When there is room again for somebody new, if there is none now.
    pub const fn frees_at(&self) -> Option<Timestamp> {
        if self.left == 0 { Some(self.frees_at) } else { None }
    }

    /// Somebody new is written to first.
    pub const fn take(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// How many more may be.
    pub const fn left(&self) -> u64 {
        self.left
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::time::span;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn ago(seconds: u64) -> Timestamp {
        NOW - Duration::from_secs(seconds)
    }

    #[test]
    fn a_limit_has_room_again_when_the_first_counts_no_more() {
        let begun = [ago(3_600), ago(7_200), ago(86_400)];
        let of = |limit| Allowance::among(MessagingLimit::People(limit), &begun, NOW).unwrap();
        assert_eq!((of(3).frees_at(), of(3).left()), (None, 1), "the third was a day ago");
        assert_eq!(of(2).frees_at(), Some(ago(7_200) + span::hours(24)));
        assert_eq!(of(1).frees_at(), Some(ago(3_600) + span::hours(24)), "two too many: the newer decides");
        assert_eq!(Allowance::among(MessagingLimit::Unlimited, &begun, NOW), None);
        let mut one = of(3);
        one.take();
        assert_eq!(one.frees_at(), Some(NOW + span::hours(24)));
    }

    proptest! {
        /// Somebody new is let through exactly when that keeps to the limit, and not a moment later than it could be.
        #[test]
        fn nobody_new_is_written_to_beyond_the_limit_nor_kept_waiting_for_nothing(
            limit in 1u64..6,
            ages in prop::collection::vec(0u64..100_000, 0..12),
        ) {
            let begun: Vec<Timestamp> = ages.iter().map(|age| ago(*age)).collect();
            let counting = |at: Timestamp| begun.iter().filter(|one| at < **one + WINDOW).count() as u64;
            let allowance = Allowance::among(MessagingLimit::People(limit), &begun, NOW).unwrap();
            match allowance.frees_at() {
                None => prop_assert!(counting(NOW) < limit),
                Some(at) => {
                    prop_assert!(counting(NOW) >= limit && at > NOW);
                    prop_assert!(counting(at) < limit, "there is room then");
                    prop_assert!(counting(Timestamp(at.0 - 1)) >= limit, "and not before");
                }
            }
        }
    }
}
