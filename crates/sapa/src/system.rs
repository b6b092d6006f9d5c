//! The system's own clock and chance: the one place where they are taken from the air. And its limits.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rules::time::{Clock, Randomness, Timestamp};
use rustix::process::{Resource, Rlimit, getrlimit, setpriority_process, setrlimit};
use tokio::runtime::{Handle, Runtime};

/// Lets this process open as many files and connections as the system lets it: what it may without asking is often few.
pub fn open_many_files() {
    let limit = getrlimit(Resource::Nofile);
    // What is refused leaves things as they are.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// How far the system lets threads go first that somebody waits for: the others get a tenth of what both want.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Threads for work that nobody outside waits for: where there is not enough processor for all, those that answer Meta and
/// people go first.
#[derive(Debug)]
pub struct Behind(Option<Runtime>);

impl Behind {
    /// Starts them.
    pub fn start() -> io::Result<Self> {
        let mut threads = tokio::runtime::Builder::new_multi_thread();
        threads.enable_all().thread_name("behind");
        // Elsewhere it would be of the whole process.
        #[cfg(target_os = "linux")]
        threads.on_thread_start(|| {
            // What is refused leaves things as they are.
            let _ = setpriority_process(None, NICE);
        });
        Ok(Self(Some(threads.build()?)))
    }

    /// Where to run something on them.
    pub fn handle(&self) -> &Handle {
        self.0.as_ref().expect("there until it is dropped").handle()
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        if let Some(threads) = self.0.take() {
            // Others wait for what is to be ended in order; whatever else is there is left.
            threads.shutdown_background();
        }
    }
}

/// The system's clock, which for this process never goes back: where somebody sets it back, time passes at half its pace
/// until both agree. What is due in a moment stays due in two at most, and what happened later is never dated earlier.
#[derive(Debug)]
pub struct SystemClock;

static STEADY: Mutex<Option<Steady>> = Mutex::new(None);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is handed")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (told, at) = (Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)), Instant::now());
        let mut steady = STEADY.lock().unwrap_or_else(PoisonError::into_inner);
        steady.get_or_insert(Steady { last: told, at, behind: false }).follow(told, at)
    }
}

/// What the clock said last.
#[derive(Debug)]
struct Steady {
    last: Timestamp,
    at: Instant,
    behind: bool,
}

impl Steady {
    /// The time, when the system says that it is `told`.
    fn follow(&mut self, told: Timestamp, at: Instant) -> Timestamp {
        let slow = self.last + at.saturating_duration_since(self.at) / 2;
        let behind = told < slow;
        if behind && !self.behind && slow.since(told) > NOTEWORTHY {
            tracing::warn!(
                seconds = slow.since(told).as_secs(),
                "the system's clock was set back; time passes at half its pace until both agree"
            );
        }
        *self = Self { last: told.max(slow), at, behind };
        self.last
    }
}

/// Corrections below this are a matter of course.
const NOTEWORTHY: Duration = Duration::from_secs(2);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_runs_behind_lets_others_go_first_and_they_do_not() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let before = priority();
        let behind = Behind::start().unwrap();
        assert_eq!(behind.handle().spawn(async move { priority() }).await.unwrap(), NICE);
        // So does what is given away from there, no more and no less.
        assert_eq!(behind.handle().spawn_blocking(priority).await.unwrap(), NICE);
        let further =
            behind.handle().spawn(async move { tokio::task::spawn_blocking(priority).await.unwrap() });
        assert_eq!(further.await.unwrap(), NICE);
        // Also from within a task it can be ended.
        drop(behind);
        assert_eq!(priority(), before);
    }

    #[test]
    fn time_never_goes_back_and_agrees_again() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let noon = Timestamp::from_seconds(43_200);
        let mut clock = Steady { last: noon, at: start, behind: false };
        assert_eq!(clock.follow(noon + second, start + second), noon + second);
        // Set forward by an hour: followed at once.
        let ahead = noon + 3_600 * second;
        assert_eq!(clock.follow(ahead, start + 2 * second), ahead);
        // Set back by a minute: half the pace, never a step back.
        let mut last = ahead;
        for n in 1..=120 {
            let told = ahead + n * second - 60 * second;
            let now = clock.follow(told, start + (2 + n) * second);
            assert_eq!(now, last + second / 2, "after {n} s");
            last = now;
        }
        // After twice as long as it was set back by, both agree.
        assert_eq!(last, ahead + 60 * second);
        assert_eq!(clock.follow(ahead + 61 * second, start + 123 * second), ahead + 61 * second);
        assert!(!clock.behind);
    }
}
