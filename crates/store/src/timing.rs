//! How long things take, counted in a few steps: cheap enough for every transaction.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the steps end at; one more holds whatever took longer.
pub const STEPS: [Duration; 13] = {
    const fn ms(n: u64) -> Duration {
        Duration::from_micros(n * 100)
    }
    // Tenths of milliseconds.
    [
        ms(1),
        ms(3),
        ms(5),
        ms(10),
        ms(25),
        ms(50),
        ms(100),
        ms(250),
        ms(500),
        ms(1_000),
        ms(2_500),
        ms(10_000),
        ms(50_000),
    ]
};

/// Counts how long something takes, each time that it is done.
#[derive(Debug, Default)]
pub struct Timing {
    counts: [AtomicU64; STEPS.len() + 1],
    micros: AtomicU64,
}

/// What a [`Timing`] has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many fell into each step; the last holds what took longer than all of them.
    pub counts: [u64; STEPS.len() + 1],
    /// All of them together, in microseconds.
    pub micros: u64,
}

impl Timing {
    /// Counts one.
    pub fn note(&self, took: Duration) {
        let step = STEPS.iter().position(|end| took <= *end).unwrap_or(STEPS.len());
        self.counts[step].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Everything so far.
    pub fn so_far(&self) -> Taken {
        Taken {
            counts: std::array::from_fn(|step| self.counts[step].load(Ordering::Relaxed)),
            micros: self.micros.load(Ordering::Relaxed),
        }
    }
}

impl Taken {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// What came after `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            counts: std::array::from_fn(|step| self.counts[step].saturating_sub(earlier.counts[step])),
            micros: self.micros.saturating_sub(earlier.micros),
        }
    }

    /// No more than `share` of them (0 to 1) took longer than this; the longest step where more did. `None`: there were
    /// none.
    pub fn within(&self, share: f64) -> Option<Duration> {
        let all = self.count();
        let most_beyond = all as f64 * (1.0 - share);
        let mut beyond = all;
        for (end, count) in STEPS.iter().zip(self.counts) {
            beyond -= count;
            if beyond as f64 <= most_beyond {
                return (all > 0).then_some(*end);
            }
        }
        STEPS.last().copied()
    }
}

/// How long callers of the store wait.
#[derive(Debug, Default)]
pub struct Waits {
    /// For a write transaction to begin.
    pub write: Timing,
    /// For one that goes ahead of the others.
    pub ahead: Timing,
    /// For a transaction that only reads.
    pub read: Timing,
    /// For a write transaction to be durable.
    pub commit: Timing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_are_found_and_earlier_ones_forgotten() {
        let timing = Timing::default();
        assert_eq!(timing.so_far().within(0.99), None);
        (0..99).for_each(|_| timing.note(Duration::from_micros(200)));
        timing.note(Duration::from_millis(40));
        let before = timing.so_far();
        assert_eq!(before.count(), 100);
        assert_eq!(before.within(0.99), Some(Duration::from_micros(300)));
        assert_eq!(before.within(1.0), Some(Duration::from_millis(50)));
        timing.note(Duration::from_secs(60));
        let since = timing.so_far().since(&before);
        assert_eq!((since.count(), since.micros), (1, 60_000_000));
        assert_eq!(since.within(0.5), Some(Duration::from_secs(5)));
    }
}
