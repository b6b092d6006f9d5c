//! How many people portfolios have written to first, as it was counted a moment ago: to count anew for every few messages
//! would read as many entries as Meta's limit is high.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rules::id::OrgId;
use rules::time::Timestamp;

/// What was counted holds for so long.
const HOLDS: Duration = Duration::from_secs(5);
/// And only while there is room for so many more: that is more than all nodes together write to meanwhile.
const ROOM: u64 = 5_000;

/// A portfolio of an organisation.
pub(super) type Portfolio = (OrgId, String);

/// Of the portfolios that were sent from lately.
#[derive(Debug, Default)]
pub struct Crowds(Mutex<HashMap<Portfolio, Counted>>);

#[derive(Debug)]
struct Counted {
    people: u64,
    at: Timestamp,
}

impl Crowds {
    /// How many people that are, where it was counted a moment ago and leaves ample room below the limit.
    pub(super) fn of(&self, portfolio: &Portfolio, limit: u64, now: Timestamp) -> Option<u64> {
        let counted = self.counted();
        let known = counted.get(portfolio).filter(|known| now.since(known.at) < HOLDS)?;
        (known.people + ROOM <= limit).then_some(known.people)
    }

    /// They were counted.
    pub(super) fn keep(&self, portfolio: &Portfolio, people: u64, now: Timestamp) {
        let mut counted = self.counted();
        counted.retain(|_, known| now.since(known.at) < HOLDS);
        counted.insert(portfolio.clone(), Counted { people, at: now });
    }

    /// This process writes to one more.
    pub(super) fn one_more(&self, portfolio: &Portfolio) {
        if let Some(known) = self.counted().get_mut(portfolio) {
            known.people += 1;
        }
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<Portfolio, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    #[test]
    fn what_was_counted_holds_for_a_moment_while_there_is_ample_room() {
        let (crowds, portfolio) = (Crowds::default(), (OrgId(Uuid::from_u128(1)), "800".to_owned()));
        let other = (OrgId(Uuid::from_u128(2)), "800".to_owned());
        assert_eq!(crowds.of(&portfolio, 100_000, NOW), None);
        crowds.keep(&portfolio, 94_999, NOW);
        let later = NOW + HOLDS - Duration::from_micros(1);
        assert_eq!(crowds.of(&portfolio, 100_000, later), Some(94_999));
        assert_eq!(crowds.of(&other, 100_000, later), None);
        assert_eq!(crowds.of(&portfolio, 99_998, later), None, "near the limit it is counted");
        crowds.one_more(&portfolio);
        crowds.one_more(&other);
        assert_eq!(crowds.of(&portfolio, 100_000, later), Some(95_000));
        crowds.one_more(&portfolio);
        assert_eq!(crowds.of(&portfolio, 100_000, later), None, "by its own writing, too");
        assert_eq!(crowds.of(&portfolio, 200_000, NOW + HOLDS), None, "and after a moment");
        crowds.keep(&other, 0, NOW + HOLDS);
        assert_eq!(crowds.counted().len(), 1, "what holds no more is not kept");
    }
}
