//! Free hands: jobs that this process takes on in the very transaction that adds them, so that nobody has to look for them.
//!
//! Taken is what is due at once, first of its serial key, and in a lane that does not rest and in which nothing else is due:
//! it is written as if it had been claimed at that moment, and given to its worker once the transaction has been committed.
//! Until its worker has looked at what waits, or begun what it was given, a lane is taken no more than one claim would take
//! of it. All other jobs wait for their lane's turn. A process that ends before the work is done loses its lease, as after
//! any claim.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use rules::time::{Randomness, Timestamp};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use uuid::Uuid;

use crate::error::Result;
use crate::later::NextJob;
use crate::queue::Job;
use crate::seam::{Store, Tx};

/// How jobs of a queue are taken on as they are added.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How long one is held.
    pub lease: Duration,
    /// One is taken for each of these that is free, and has it until it is done.
    pub places: Arc<Semaphore>,
    /// How many of one lane are taken before the worker has looked at what waits, or begun what it was given.
    pub per_lane: usize,
    /// Makes the leases' ids.
    pub randomness: Arc<dyn Randomness>,
    /// Told when something was committed that nobody has taken, and that may be claimed now or as soon as its lane may.
    pub wake: Arc<Notify>,
}

/// A job that a worker holds from the moment it was added.
#[derive(Debug)]
pub struct Handed {
    /// The job.
    pub job: Job,
    /// The place that it takes among those that run at once.
    pub place: OwnedSemaphorePermit,
}

/// Hands that are free, until they are withdrawn or this is dropped. Of several who offer hands for one queue of a store,
/// who came last takes what is added; the one before does again when that one is gone.
#[derive(Debug)]
pub struct Offer {
    all: AllHands,
    queue: &'static str,
    hands: Weak<Hands>,
    handed: mpsc::UnboundedReceiver<Handed>,
}

/// Who takes jobs of a queue.
#[derive(Debug)]
pub(crate) struct Hands {
    terms: Terms,
    /// What is left to lanes of their shares.
    shares: Mutex<HashMap<String, Arc<Semaphore>>>,
    to: mpsc::UnboundedSender<Handed>,
}

/// The hands of each queue, those offered last at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllHands(Arc<RwLock<ByQueue>>);

type ByQueue = HashMap<&'static str, Vec<Arc<Hands>>>;

/// A job that is to be taken.
pub(crate) struct Taken<'a> {
    /// Which of those that are added.
    pub n: usize,
    pub job: &'a NextJob,
    pub lease: Lease,
    promise: Promise,
}

/// Proof that a job is held, and until when.
#[derive(Clone, Copy)]
pub(crate) struct Lease {
    pub id: Uuid,
    pub until: Timestamp,
}

/// What is kept for a job until it is given to its worker. Where it is not, place and share are free again.
#[derive(Debug)]
struct Promise {
    hands: Arc<Hands>,
    place: OwnedSemaphorePermit,
    share: OwnedSemaphorePermit,
}

/// Jobs that were taken, and are given to their workers when they are there.
#[derive(Debug, Default)]
pub(crate) struct Given(Vec<(Job, Promise)>);

impl Store {
    /// Offers free hands for a queue.
    pub fn offer_hands(&self, queue: &'static str, terms: Terms) -> Offer {
        let (to, handed) = mpsc::unbounded_channel();
        let hands = Arc::new(Hands { terms, shares: Mutex::default(), to });
        let offer = Offer { all: self.hands.clone(), queue, hands: Arc::downgrade(&hands), handed };
        self.hands.0.write().unwrap_or_else(PoisonError::into_inner).entry(queue).or_default().push(hands);
        offer
    }
}

impl Offer {
    /// What was taken on. `None` when hands were withdrawn and nothing more can come. Loses nothing where it is given up.
    pub async fn taken(&mut self) -> Option<Handed> {
        self.handed.recv().await
    }

    /// What was taken on by now.
    pub fn taken_by_now(&mut self) -> Option<Handed> {
        self.handed.try_recv().ok()
    }

    /// Each lane has its whole share again: it was looked at what waits, or nothing waited and what was taken is begun.
    pub fn begin_turn(&self) {
        if let Some(hands) = self.hands.upgrade() {
            hands.shares.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Takes no more. What was taken before still comes.
    pub fn withdraw(&self) {
        let mut all = self.all.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(offered) = all.get_mut(self.queue) {
            offered.retain(|hands| Arc::as_ptr(hands) != self.hands.as_ptr());
        }
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl AllHands {
    fn of(&self, queue: &str) -> Option<Arc<Hands>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(queue)?.last().cloned()
    }

    /// Has those who take jobs of these queues look at what waits.
    pub fn wake(&self, queues: &BTreeSet<String>) {
        for hands in queues.iter().filter_map(|queue| self.of(queue)) {
            hands.terms.wake.notify_one();
        }
    }

    /// Those of these jobs, in the order in which they are added, that could be taken, as far as there are places.
    pub fn reach_for<'a>(&self, jobs: &'a [NextJob]) -> Vec<Taken<'a>> {
        let mut hands = HashMap::new();
        let mut keys = HashSet::new();
        let mut taken = Vec::new();
        for (n, job) in jobs.iter().enumerate() {
            let first = job.serial_key.as_deref().is_none_or(|key| keys.insert((&*job.queue, key)));
            let hands = hands.entry(&*job.queue).or_insert_with(|| self.of(&job.queue));
            if let Some(hands) = hands
                && first
                && job.run_at <= job.at
                && let Some(promise) = hands.promise(&job.lane)
            {
                let terms = &hands.terms;
                let id = rules::id::fresh(job.at, &*terms.randomness);
                taken.push(Taken { n, job, lease: Lease { id, until: job.at + terms.lease }, promise });
            }
        }
        taken
    }
}

impl Hands {
    /// A place for a job of this lane, if there is one that the lane may have.
    fn promise(self: &Arc<Self>, lane: &str) -> Option<Promise> {
        let place = self.terms.places.clone().try_acquire_owned().ok()?;
        let share = {
            let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
            match shares.get(lane) {
                Some(share) => share.clone(),
                None => {
                    let whole = Arc::new(Semaphore::new(self.terms.per_lane));
                    shares.entry(lane.to_owned()).or_insert(whole).clone()
                }
            }
        };
        Some(Promise { hands: self.clone(), place, share: share.try_acquire_owned().ok()? })
    }
}

impl Given {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A job was written, under this number, as taken.
    pub fn add(&mut self, taken: Taken<'_>, id: i64) {
        let Taken { job, lease, promise, .. } = taken;
        let job = Job {
            id,
            queue: job.queue.clone(),
            lane: job.lane.clone(),
            org_id: job.org,
            payload: job.payload.clone(),
            attempts: 1,
            lease_id: lease.id,
            lease_until: lease.until,
        };
        self.0.push((job, promise));
    }

    /// The transaction was committed: the jobs are there.
    pub fn give(self) {
        for (job, Promise { hands, place, share }) in self.0 {
            share.forget();
            // A worker that is gone loses its lease.
            let _ = hands.to.send(Handed { job, place });
        }
    }
}

impl Tx {
    /// The jobs of a queue that this transaction has added and this process has taken on. Its worker gets them when the
    /// transaction was committed.
    pub async fn taken_on(&mut self, queue: &str) -> Result<Vec<Job>> {
        self.write_later().await?;
        Ok(self.given.0.iter().map(|(job, _)| job).filter(|job| job.queue == queue).cloned().collect())
    }
}
