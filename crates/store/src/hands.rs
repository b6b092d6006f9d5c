//! Free hands: jobs that this process takes on in the very transaction that adds them, so that nobody has to look for them.
//!
//! Taken is what is due at once, first of its serial key, and in a lane that does not rest and in which nothing else is due:
//! it is written as if it had been claimed at that moment, and given to its worker once the transaction has been committed.
//! All other jobs wait for their lane's turn. A process that ends before the work is done loses its lease, as after any
//! claim.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rules::time::{Randomness, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use uuid::Uuid;

use crate::error::Result;
use crate::later::NextJob;
use crate::queue::Job;
use crate::rows::Rows;
use crate::seam::{Store, Tx};

/// A job that a worker holds from the moment it was added.
#[derive(Debug)]
pub struct Handed {
    /// The job.
    pub job: Job,
    /// The place that it takes among those that run at once.
    pub place: OwnedSemaphorePermit,
}

/// Who takes jobs of a queue, how many at once, and for how long it holds them.
#[derive(Debug)]
pub(crate) struct Hands {
    lease: Duration,
    places: Arc<Semaphore>,
    randomness: Arc<dyn Randomness>,
    to: mpsc::UnboundedSender<Handed>,
}

/// The hands of each queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllHands(Arc<RwLock<HashMap<&'static str, Arc<Hands>>>>);

/// A job that is to be taken.
pub(crate) struct Taken<'a> {
    /// Which of those that are added.
    pub n: usize,
    pub job: &'a NextJob,
    hands: Arc<Hands>,
    lease_id: Uuid,
    pub lease_until: Timestamp,
    place: OwnedSemaphorePermit,
}

/// Jobs that were taken, and are given to their workers when they are there.
#[derive(Debug, Default)]
pub(crate) struct Given(Vec<(Arc<Hands>, Handed)>);

impl Store {
    /// Offers free hands for a queue: as many as there are places. The receiver ends after [`Store::withdraw_hands`], when
    /// nothing more can come.
    pub fn offer_hands(
        &self,
        queue: &'static str,
        lease: Duration,
        places: Arc<Semaphore>,
        randomness: Arc<dyn Randomness>,
    ) -> mpsc::UnboundedReceiver<Handed> {
        let (to, handed) = mpsc::unbounded_channel();
        let hands = Arc::new(Hands { lease, places, randomness, to });
        self.hands.0.write().unwrap_or_else(PoisonError::into_inner).insert(queue, hands);
        handed
    }

    /// Takes no more jobs of a queue as they are added.
    pub fn withdraw_hands(&self, queue: &str) {
        self.hands.0.write().unwrap_or_else(PoisonError::into_inner).remove(queue);
    }
}

impl AllHands {
    fn of(&self, queue: &str) -> Option<Arc<Hands>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(queue).cloned()
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
                && let Ok(place) = hands.places.clone().try_acquire_owned()
            {
                let lease_id = rules::id::fresh(job.at, &*hands.randomness);
                let lease_until = job.at + hands.lease;
                taken.push(Taken { n, job, hands: hands.clone(), lease_id, lease_until, place });
            }
        }
        taken
    }
}

impl Given {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The transaction was committed: the jobs are there.
    pub fn give(self) {
        for (hands, handed) in self.0 {
            // A worker that is gone loses its lease.
            let _ = hands.to.send(handed);
        }
    }
}

/// What was written of a job that was to be taken.
#[derive(sqlx::FromRow)]
struct Written {
    id: i64,
    lease_id: Option<Uuid>,
}

impl Given {
    fn of<'a>(&'a self, queue: &'a str) -> impl Iterator<Item = &'a Job> {
        self.0.iter().map(|(_, handed)| &handed.job).filter(move |job| job.queue == queue)
    }
}

impl Tx {
    /// The jobs of a queue that this transaction has added and this process has taken on. Its worker gets them when the
    /// transaction was committed.
    pub async fn taken_on(&mut self, queue: &str) -> Result<Vec<Job>> {
        self.write_later().await?;
        Ok(self.given.of(queue).cloned().collect())
    }

    /// Writes jobs of one queue, for which `otherwise` says the same of one that waits already, as taken; those behind
    /// others of their key as waiting. Returns the jobs that wait all the same.
    pub(crate) async fn take_jobs<'a>(
        &mut self,
        taken: Vec<Taken<'a>>,
        otherwise: &str,
    ) -> Result<Vec<&'a NextJob>> {
        let mut by_lease: BTreeMap<Uuid, i64> = BTreeMap::new();
        for chunk in self.sets(&taken) {
            let rows = Rows::of(chunk)
                .column("queue", |one| one.job.queue.as_str())
                .column("lane", |one| one.job.lane.as_str())
                .column("serial_key", |one| one.job.serial_key.as_deref())
                .column("org_id", |one| one.job.org)
                .column("payload", |one| one.job.payload.as_str())
                .column("priority", |one| one.job.priority)
                .column("run_at", |one| one.job.run_at)
                .column("unique_key", |one| one.job.unique_key.as_deref())
                .column("created_at", |one| one.job.at)
                .column("lease_id", |one| one.lease_id)
                .column("lease_until", |one| one.lease_until);
            let written: Vec<Written> = on!(self, c => rows.with()
                .push(
                    "INSERT INTO jobs (queue, lane, serial_key, org_id, payload, priority, run_at, unique_key, created_at, \
                     attempts, state, lease_id, lease_until) \
                     SELECT queue, lane, serial_key, org_id, payload, priority, run_at, unique_key, created_at, \
                     CASE WHEN waits THEN 0 ELSE 1 END, CASE WHEN waits THEN 'ready' ELSE 'leased' END, \
                     CASE WHEN waits THEN NULL ELSE lease_id END, CASE WHEN waits THEN NULL ELSE lease_until END \
                     FROM (SELECT w.*, \
                     EXISTS (SELECT 1 FROM jobs e WHERE e.queue = w.queue AND e.serial_key = w.serial_key \
                     AND e.state <> 'dead') \
                     OR EXISTS (SELECT 1 FROM jobs e WHERE e.queue = w.queue AND e.unique_key = w.unique_key \
                     AND e.state = 'ready') AS waits FROM w) w WHERE true",
                )
                .push(otherwise)
                .push(" RETURNING id, lease_id")
                .build_query_as()
                .fetch_all(c)
                .await)?;
            by_lease.extend(written.iter().filter_map(|one| Some((one.lease_id?, one.id))));
        }
        let mut waiting = Vec::new();
        for one in taken {
            match by_lease.get(&one.lease_id) {
                Some(id) => self.given.0.push(one.with_number(*id)),
                None => waiting.push(one.job),
            }
        }
        Ok(waiting)
    }
}

impl Taken<'_> {
    fn with_number(self, id: i64) -> (Arc<Hands>, Handed) {
        let job = Job {
            id,
            queue: self.job.queue.clone(),
            lane: self.job.lane.clone(),
            org_id: self.job.org,
            payload: self.job.payload.clone(),
            attempts: 1,
            lease_id: self.lease_id,
            lease_until: self.lease_until,
        };
        (self.hands, Handed { job, place: self.place })
    }
}
