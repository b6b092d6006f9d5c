//! What happened lately, for inspection: the calls of the Graph API and the deliveries of webhooks.
//!
//! Invariant: kept in memory and of bounded size; nothing secret is ever told.

mod calls;
mod deliveries;
mod secrets;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

pub use calls::{Call, Heard, HeardCall};
pub use deliveries::{Delivery, Made};

/// The last things of a kind, numbered as they come.
#[derive(Debug)]
pub struct Recent<T> {
    keep: usize,
    log: Mutex<Log<T>>,
}

#[derive(Debug)]
struct Log<T> {
    last: u64,
    kept: VecDeque<(u64, T)>,
}

impl<T: Clone> Recent<T> {
    /// Keeps so many.
    pub fn new(keep: usize) -> Self {
        Self { keep, log: Mutex::new(Log { last: 0, kept: VecDeque::new() }) }
    }

    /// Keeps one more; the answer is its number.
    pub fn add(&self, one: T) -> u64 {
        let mut log = self.lock();
        log.last += 1;
        let number = log.last;
        if log.kept.len() == self.keep {
            log.kept.pop_front();
        }
        log.kept.push_back((number, one));
        number
    }

    /// The last ones with their numbers, newest first.
    pub fn last(&self, limit: usize) -> Vec<(u64, T)> {
        self.lock().kept.iter().rev().take(limit).cloned().collect()
    }

    /// Forgets every one.
    pub fn clear(&self) {
        self.lock().kept.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Log<T>> {
        self.log.lock().unwrap_or_else(|broken| broken.into_inner())
    }
}
