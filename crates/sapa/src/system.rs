//! The system's own clock and chance: the one place where they are taken from the air. And its limits.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use rules::time::{Clock, Randomness, Timestamp};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process open as many files and connections as the system lets it: what it may without asking is often few.
pub fn open_many_files() {
    let limit = getrlimit(Resource::Nofile);
    // What is refused leaves things as they are.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is handed")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The system's clock, moved: the demo follows the emulator's.
#[derive(Debug, Default)]
pub struct MovableClock(AtomicI64);

impl MovableClock {
    /// Sets how far this clock is ahead of the system's, in microseconds.
    pub fn set_ahead(&self, micros: i64) {
        self.0.store(micros, Ordering::Relaxed);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0.saturating_add(self.0.load(Ordering::Relaxed)))
    }
}

/// The operating system's chance.
#[derive(Debug)]
pub struct SystemChance;

impl Randomness for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        // Fails only where the operating system cannot give randomness at all; no id or key may be made then.
        if aws_lc_rs::rand::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}
