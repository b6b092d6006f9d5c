//! How fast Meta lets us send: per number, per pair of number and person, and pauses that Meta asked for.
//!
//! Kept in memory, per node: exceeding a limit is refused by Meta before anything is processed, so that a restart or a
//! second node costs a repetition and never a duplicate.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rules::id::{ContactId, NumberId};
use rules::time::Timestamp;

/// How many messages a second a number may send, and by how many it may be ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace(f64);

impl Pace {
    /// A number's pace, by Meta's word for its level and whether it is on the WhatsApp Business app, too. Meta: throughput,
    /// 80 a second unless it is `HIGH`, which is 1,000, and 20 for numbers on the app; what comes in counts, so that some
    /// room is left for it.
    pub fn of(throughput: Option<&str>, on_business_app: bool) -> Self {
        match throughput {
            _ if on_business_app => Self(16.0),
            Some("HIGH") => Self(900.0),
            _ => Self(70.0),
        }
    }
}

/// A number that has sent as many as it may rests for so long, so that a long backlog is not looked at again for each
/// single message of it.
const REST: Duration = Duration::from_millis(250);

/// Meta: pair rate, one message in six seconds to the same person…
const PAIR_RATE: f64 = 1.0 / 6.0;
/// …with up to 45 borrowed from the future.
const PAIR_BURST: f64 = 45.0;

/// A bucket that fills by the time passed. Times are the caller's.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

impl Bucket {
    fn full(burst: f64, now: Timestamp) -> Self {
        Self { tokens: burst, at: now }
    }

    /// Fills up to now; says how long until a token is there.
    fn wait(&mut self, rate: f64, burst: f64, now: Timestamp) -> Option<Duration> {
        self.tokens = (self.tokens + now.since(self.at).as_secs_f64() * rate).min(burst);
        self.at = now;
        if self.tokens >= 1.0 { None } else { Some(Duration::from_secs_f64((1.0 - self.tokens) / rate)) }
    }
}

/// Why a message cannot be sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Its number sends nothing before this time.
    Number(Timestamp),
    /// Its number sends nothing to this person before this time.
    Pair(Timestamp),
}

#[derive(Debug, Default)]
struct Inner {
    numbers: HashMap<NumberId, Bucket>,
    pairs: HashMap<(NumberId, ContactId), Bucket>,
    paused: HashMap<NumberId, Timestamp>,
}

/// The limits of every number that this node sends for.
#[derive(Debug, Default)]
pub struct Limits {
    inner: Mutex<Inner>,
    held: [AtomicU64; 3],
}

/// What may hold a message back, in the order in which it is counted.
const HOLDS: [&str; 3] = ["pause", "number", "pair"];
const PAUSE: usize = 0;
const NUMBER: usize = 1;
const PAIR: usize = 2;

impl Limits {
    /// Takes leave to send one message now, or says when to ask again.
    pub fn take(&self, number: NumberId, pace: Pace, contact: ContactId, now: Timestamp) -> Result<(), Hold> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = inner.paused.get(&number).copied() {
            if now < until {
                self.hold(PAUSE);
                return Err(Hold::Number(until));
            }
            inner.paused.remove(&number);
        }
        let bucket = inner.numbers.entry(number).or_insert_with(|| Bucket::full(pace.0, now));
        let by_number = bucket.wait(pace.0, pace.0, now).map(|wait| wait.max(REST));
        let by_pair = inner
            .pairs
            .entry((number, contact))
            .or_insert_with(|| Bucket::full(PAIR_BURST, now))
            .wait(PAIR_RATE, PAIR_BURST, now);
        if let Some(wait) = by_number.max(by_pair) {
            let by_number = by_number > by_pair;
            self.hold(if by_number { NUMBER } else { PAIR });
            return Err(if by_number { Hold::Number(now + wait) } else { Hold::Pair(now + wait) });
        }
        if let Some(bucket) = inner.numbers.get_mut(&number) {
            bucket.tokens -= 1.0;
        }
        if let Some(bucket) = inner.pairs.get_mut(&(number, contact)) {
            bucket.tokens -= 1.0;
        }
        if inner.pairs.len() > 100_000 {
            // A full bucket is the same as none.
            inner.pairs.retain(|_, bucket| {
                bucket.wait(PAIR_RATE, PAIR_BURST, now).is_some() || bucket.tokens < PAIR_BURST - 1.0
            });
        }
        Ok(())
    }

    fn hold(&self, by: usize) {
        self.held[by].fetch_add(1, Ordering::Relaxed);
    }

    /// How often each limit (a pause that Meta asked for, a number's rate, that of a number and a person) has held a message
    /// back.
    pub fn held(&self) -> [(&'static str, u64); 3] {
        std::array::from_fn(|by| (HOLDS[by], self.held[by].load(Ordering::Relaxed)))
    }

    /// Meta asked a number to slow down.
    pub fn pause(&self, number: NumberId, until: Timestamp) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let paused = inner.paused.entry(number).or_insert(until);
        *paused = (*paused).max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const KOPI: NumberId = NumberId(Uuid::from_u128(1));
    const USUAL: Pace = Pace(70.0);
    const NOW: Timestamp = Timestamp::from_seconds(1_795_165_200);

    fn contact(n: u128) -> ContactId {
        ContactId(Uuid::from_u128(n))
    }

    #[test]
    fn a_person_gets_a_burst_and_then_one_message_in_six_seconds() {
        let limits = Limits::default();
        for _ in 0..45 {
            assert_eq!(limits.take(KOPI, USUAL, contact(1), NOW), Ok(()));
        }
        let Err(Hold::Pair(again)) = limits.take(KOPI, USUAL, contact(1), NOW) else {
            panic!("the 46th passes")
        };
        assert!(again.since(NOW) > Duration::from_millis(5900) && again.since(NOW) <= Duration::from_secs(6));
        assert_eq!(limits.take(KOPI, USUAL, contact(2), NOW), Ok(()), "another person is not held up");
        assert_eq!(limits.take(KOPI, USUAL, contact(1), again + Duration::from_millis(1)), Ok(()));
    }

    #[test]
    fn numbers_go_at_the_pace_that_meta_gives_them_and_rest_when_they_have_gone() {
        let sent = |pace: Pace| {
            let limits = Limits::default();
            let passed = (0..2_000).filter(|n| limits.take(KOPI, pace, contact(*n), NOW).is_ok()).count();
            (passed, limits.take(KOPI, pace, contact(9_999), NOW))
        };
        assert_eq!(sent(Pace::of(Some("STANDARD"), false)), (70, Err(Hold::Number(NOW + REST))));
        assert_eq!(sent(Pace::of(None, false)), (70, Err(Hold::Number(NOW + REST))));
        assert_eq!(sent(Pace::of(Some("HIGH"), false)), (900, Err(Hold::Number(NOW + REST))));
        assert_eq!(sent(Pace::of(Some("HIGH"), true)), (16, Err(Hold::Number(NOW + REST))));
    }

    #[test]
    fn a_number_is_held_to_its_rate_and_to_pauses() {
        let limits = Limits::default();
        let passed = (0..200).filter(|n| limits.take(KOPI, USUAL, contact(*n), NOW).is_ok()).count();
        assert_eq!(passed, 70);
        assert_eq!(limits.held(), [("pause", 0), ("number", 130), ("pair", 0)]);
        let later = NOW + Duration::from_secs(2);
        limits.pause(KOPI, later + Duration::from_secs(5));
        assert_eq!(
            limits.take(KOPI, USUAL, contact(999), later),
            Err(Hold::Number(later + Duration::from_secs(5)))
        );
        assert_eq!(limits.take(NumberId(Uuid::from_u128(2)), USUAL, contact(999), later), Ok(()));
        assert_eq!(limits.take(KOPI, USUAL, contact(999), later + Duration::from_secs(5)), Ok(()));
    }
}
