//! Chance for the faults: decided by a seed and the count of decisions, so that runs repeat.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the decisions taken.
#[derive(Debug, Default)]
pub struct Dice(AtomicU64);

impl Dice {
    /// Whether something with this probability (0 to 1) happens now.
    pub fn falls(&self, seed: u64, chance: f64) -> bool {
        chance > 0.0 && ((self.roll(seed) >> 11) as f64 / (1_u64 << 53) as f64) < chance
    }

    /// The next number (SplitMix64).
    pub fn roll(&self, seed: u64) -> u64 {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let mut z = seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Starts over.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}
