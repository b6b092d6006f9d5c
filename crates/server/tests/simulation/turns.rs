//! Who goes on: every task waits here before it writes to the database and while its request is on the way to Meta, and
//! goes on when the seed says so. In between it is alone, so that a seed always tells the same story.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::{Access, Pace, Pass, Passing};
use tokio::sync::{Notify, oneshot};

/// One life of a node: from a start to a crash.
pub type Life = u32;

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// To begin a transaction that reads. Comes by itself, one at a time.
    Read,
    /// To begin a transaction that writes.
    Write,
    /// To hand a request to Meta; the number is Meta's.
    Request(usize),
}

struct Waiting {
    life: Life,
    what: What,
    go: oneshot::Sender<()>,
}

#[derive(Default)]
struct Inner {
    waiting: BTreeMap<u64, Waiting>,
    next: u64,
    /// Transactions that are open.
    inside: usize,
    /// Grows with everything that happens here.
    happened: u64,
    dead: BTreeSet<Life>,
    /// What crashed tasks wait for, kept so that it never comes.
    never: Vec<oneshot::Sender<()>>,
}

/// Everybody's turns.
#[derive(Default)]
pub struct Turns {
    inner: Mutex<Inner>,
    news: Notify,
}

impl std::fmt::Debug for Turns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Turns")
    }
}

/// How often everything that is ready is let run before nothing more is expected to come of itself.
const CALM: usize = 24;
/// Longer than any transaction takes, so that a mistake is found and not waited for.
const STUCK: Duration = Duration::from_secs(60);

impl Turns {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn. Never returns for who belongs to a life that is over.
    pub async fn wait(&self, life: Life, what: What) {
        let (go, turn) = oneshot::channel();
        {
            let mut inner = self.inner();
            inner.happened += 1;
            if inner.dead.contains(&life) {
                inner.never.push(go);
            } else {
                let number = inner.next;
                inner.next += 1;
                inner.waiting.insert(number, Waiting { life, what, go });
            }
        }
        self.news.notify_one();
        let _ = turn.await;
    }

    /// Who waits for a turn, in the order in which they came.
    pub fn waiting(&self) -> Vec<(u64, Life, What)> {
        self.inner().waiting.iter().map(|(number, one)| (*number, one.life, one.what)).collect()
    }

    /// Lets the first of those who want to read go on. `false`: nobody does.
    fn let_one_read(&self) -> bool {
        let first = self.waiting().into_iter().find(|(_, _, what)| *what == What::Read);
        first.map(|(number, ..)| self.release(number)).is_some()
    }

    /// Lets one go on.
    pub fn release(&self, number: u64) {
        let mut inner = self.inner();
        if let Some(one) = inner.waiting.remove(&number) {
            inner.inside += usize::from(matches!(one.what, What::Read | What::Write));
            let _ = one.go.send(());
        }
    }

    /// Ends a life: what belongs to it goes no further than to its next turn.
    pub fn end(&self, life: Life) {
        let mut inner = self.inner();
        inner.dead.insert(life);
        let (gone, waiting) =
            std::mem::take(&mut inner.waiting).into_iter().partition(|(_, one)| one.life == life);
        let gone: BTreeMap<u64, Waiting> = gone;
        inner.waiting = waiting;
        inner.never.extend(gone.into_values().map(|one| one.go));
    }

    /// Lets everything run until all wait for a turn or have ended.
    pub async fn settle(&self) {
        let (mut calm, mut seen) = (0, None);
        while calm < CALM {
            tokio::task::yield_now().await;
            let news = self.news.notified();
            let (inside, happened) = {
                let inner = self.inner();
                (inner.inside, inner.happened)
            };
            if inside > 0 {
                let came = tokio::time::timeout(STUCK, news).await;
                assert!(came.is_ok(), "a transaction does not end: does it wait for another?");
                calm = 0;
            } else if seen == Some(happened) {
                calm += 1;
                if calm == CALM && self.let_one_read() {
                    calm = 0;
                }
            } else {
                (calm, seen) = (0, Some(happened));
            }
        }
    }

    fn left(&self) {
        let mut inner = self.inner();
        inner.inside -= 1;
        inner.happened += 1;
        drop(inner);
        self.news.notify_one();
    }
}

/// A life's way to the database.
#[derive(Debug)]
pub struct Paced {
    pub turns: Arc<Turns>,
    pub life: Life,
}

struct Inside(Arc<Turns>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.left();
    }
}

impl Pace for Paced {
    fn pass(&self, access: Access) -> Passing<'_> {
        Box::pin(async move {
            let what = match access {
                Access::Read => What::Read,
                Access::Write => What::Write,
            };
            self.turns.wait(self.life, what).await;
            let inside: Box<dyn Any + Send + Sync> = Box::new(Inside(self.turns.clone()));
            inside as Pass
        })
    }
}
