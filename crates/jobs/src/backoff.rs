//! How long to wait before another attempt.

use std::time::Duration;

use rules::time::Randomness;

/// Exponential delays with full jitter in the upper half, so that what failed together does not return together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The delay after the first failure.
    pub first: Duration,
    /// No delay is longer.
    pub longest: Duration,
    /// After this many failed attempts the job is given up.
    pub attempts: i64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(2), longest: Duration::from_secs(15 * 60), attempts: 12 }
    }
}

impl Backoff {
    /// The delay after so many failed attempts; `None` when it is time to give up.
    pub fn after(&self, attempts: i64, randomness: &dyn Randomness) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(0).min(30);
        let full = self.first.saturating_mul(2u32.saturating_pow(doublings)).min(self.longest);
        let mut bytes = [0; 4];
        randomness.fill(&mut bytes);
        let share = 0.5 + f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX) / 2.0;
        Some(full.mul_f64(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Seeded;

    #[test]
    fn delays_grow_to_the_longest_and_end() {
        let backoff =
            Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60), attempts: 10 };
        let chance = Seeded::default();
        for attempts in 1..10 {
            let full = Duration::from_secs(1 << (attempts - 1)).min(Duration::from_secs(60));
            let delay = backoff.after(attempts, &chance).unwrap();
            assert!(delay >= full / 2 && delay <= full, "{attempts}: {delay:?}");
        }
        assert_eq!(backoff.after(10, &chance), None);
    }
}
