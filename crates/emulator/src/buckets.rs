//! Rate limits: throughput per number, messages per pair, management calls per account and hour.
//!
//! Buckets live in memory alone: a restart forgives.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use crate::world::{Limits, Millis};

/// All token buckets.
#[derive(Debug, Default)]
pub struct Buckets {
    numbers: Mutex<HashMap<String, Bucket>>,
    pairs: Mutex<HashMap<String, Bucket>>,
    accounts: Mutex<HashMap<(String, String), Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: f64,
    at: Millis,
}

/// Takes one from a bucket of `capacity` that fills by `per_second`; whether there was one.
fn take<K: Hash + Eq>(
    buckets: &Mutex<HashMap<K, Bucket>>,
    key: K,
    capacity: f64,
    per_second: f64,
    now: Millis,
) -> bool {
    let mut buckets = buckets.lock().unwrap_or_else(|broken| broken.into_inner());
    if buckets.len() > 200_000 {
        // Full buckets say nothing.
        buckets.retain(|_, bucket| bucket.level + (now - bucket.at) as f64 / 1000.0 * per_second < capacity);
    }
    let bucket = buckets.entry(key).or_insert(Bucket { level: capacity, at: now });
    let elapsed = (now - bucket.at).max(0) as f64 / 1000.0;
    *bucket = Bucket { level: (bucket.level + elapsed * per_second).min(capacity), at: now };
    if bucket.level < 1.0 {
        return false;
    }
    bucket.level -= 1.0;
    true
}

/// Each answers whether the call is within its limit.
impl Buckets {
    /// Counts a message in or out of a number; `high` numbers may do 1,000 a second.
    pub fn message(&self, limits: &Limits, number_id: &str, high: bool, now: Millis) -> bool {
        let rate = if high { limits.messages_per_second.max(1_000) } else { limits.messages_per_second };
        let rate = f64::from(rate);
        limits.messages_per_second == 0 || take(&self.numbers, number_id.to_owned(), rate, rate, now)
    }

    /// Counts a message to one person.
    pub fn pair(&self, limits: &Limits, pair: String, now: Millis) -> bool {
        limits.pair_burst == 0 || take(&self.pairs, pair, f64::from(limits.pair_burst), 1.0 / 6.0, now)
    }

    /// Counts a management call of an app on a messaging account.
    pub fn management(&self, limits: &Limits, app_id: &str, account_id: &str, now: Millis) -> bool {
        let hourly = f64::from(limits.calls_per_hour);
        let key = (app_id.to_owned(), account_id.to_owned());
        limits.calls_per_hour == 0 || take(&self.accounts, key, hourly, hourly / 3600.0, now)
    }

    /// Fills every bucket.
    pub fn refill(&self) {
        self.numbers.lock().unwrap_or_else(|broken| broken.into_inner()).clear();
        self.pairs.lock().unwrap_or_else(|broken| broken.into_inner()).clear();
        self.accounts.lock().unwrap_or_else(|broken| broken.into_inner()).clear();
    }
}
