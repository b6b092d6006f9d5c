//! Queues, their handlers, and the loop that serves them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use rules::time::{Clock, Randomness, Timestamp};
use store::hands::{Handed, Offer, Terms};
use store::queue::{BEGUN_AGAIN, Job, PutBack};
use store::{Result, Store};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done; the runner removes it.
    Done,
    /// Done, and the handler removed or rescheduled it in its own transaction.
    Settled,
    /// Nobody's failure: run it again at this time. Does not count as an attempt.
    Later(Timestamp, String),
    /// Failed; another attempt after a while, until there were too many.
    Retry(String),
    /// Will never succeed; kept for a person to see.
    Dead(String),
}

/// What a job of a queue does.
pub type Handler = Arc<dyn Fn(Job) -> BoxFuture<'static, Verdict> + Send + Sync>;

/// Makes a [`Handler`] of an async function.
pub fn handler<F, Fut>(run: F) -> Handler
where
    F: Fn(Job) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    Arc::new(move |job| Box::pin(run(job)))
}

/// What jobs of a queue do that were claimed together: a statement for many of them costs little more than for one.
/// Of those that it names the runner settles the verdicts; the others it has settled itself. When it fails, those that
/// it has not settled are run again in halves, until the one that fails stands alone.
pub type SetHandler = Arc<dyn Fn(Vec<Job>, Room) -> BoxFuture<'static, Result<Verdicts>> + Send + Sync>;

/// How jobs ended.
pub type Verdicts = Vec<(Job, Verdict)>;

/// Makes a [`SetHandler`] of an async function.
pub fn set_handler<F, Fut>(run: F) -> SetHandler
where
    F: Fn(Vec<Job>, Room) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Verdicts>> + Send + 'static,
{
    Arc::new(move |jobs, room| Box::pin(run(jobs, room)))
}

/// The places that jobs take among those that run at once.
#[derive(Debug)]
pub struct Room(OwnedSemaphorePermit);

impl Room {
    /// So many of the jobs have ended, and others may begin.
    pub fn give_back(&mut self, jobs: usize) {
        drop(self.0.split(jobs.min(self.0.num_permits())));
    }
}

/// How a queue's jobs are run.
#[derive(Clone)]
pub enum Work {
    /// Each by itself.
    Each(Handler),
    /// Those that were claimed together, together.
    Together(SetHandler),
}

/// A queue and how it is served.
#[derive(Clone)]
pub struct Queue {
    /// Its name, as jobs are enqueued under.
    pub name: &'static str,
    /// What its jobs do.
    pub work: Work,
    /// How many run at once.
    pub concurrency: usize,
    /// How many one lane may have claimed in one turn.
    pub per_lane: i64,
    /// How long a job is held before somebody else may take it; renewed while it runs.
    pub lease: Duration,
    /// What happens after a failure.
    pub backoff: Backoff,
}

impl Queue {
    /// A queue with the usual settings.
    pub fn new(name: &'static str, handler: Handler) -> Self {
        Self::of(name, Work::Each(handler))
    }

    /// A queue whose jobs are run together, with the usual settings.
    pub fn together(name: &'static str, handler: SetHandler) -> Self {
        Self::of(name, Work::Together(handler))
    }

    fn of(name: &'static str, work: Work) -> Self {
        Self {
            name,
            work,
            concurrency: 8,
            per_lane: 8,
            lease: Duration::from_secs(60),
            backoff: Backoff::default(),
        }
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Serves queues.
#[derive(Clone, Debug)]
pub struct Runner {
    store: Store,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    queues: Arc<BTreeMap<&'static str, Queue>>,
}

/// How many jobs are claimed at once.
const SET: usize = 256;

/// How long jobs wait for a database that is busy, which is no failure of theirs.
const BUSY: Duration = Duration::from_secs(5);

/// What is said of a handler that panicked.
const PANICKED: &str = "the handler panicked";

/// A lost wake-up, another node's job or a moved clock costs at most this much.
const POLL: Duration = Duration::from_millis(500);
/// What somebody else holds at the moment, another node or a job of the same key, is soon gone or free.
const OTHERS: Duration = Duration::from_millis(50);

impl Runner {
    /// A runner of these queues.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        queues: Vec<Queue>,
    ) -> Self {
        let queues = queues.into_iter().map(|queue| (queue.name, queue)).collect();
        Self { store, clock, randomness, queues: Arc::new(queues) }
    }

    /// Runs everything that is due, in order, until nothing is. Returns how many jobs ran. For tests and simulation.
    pub async fn run_due(&self) -> Result<usize> {
        let mut ran = 0;
        // As while it serves, what jobs add may be taken on as it is added.
        let mut hands: Vec<Offer> = self
            .queues
            .values()
            .map(|queue| self.offer(queue, Arc::new(Semaphore::new(SET)), Arc::default()))
            .collect();
        loop {
            let before = ran;
            for (queue, hands) in self.queues.values().zip(&mut hands) {
                hands.begin_turn();
                let mut jobs = self.claim(queue, SET).await?;
                jobs.extend(std::iter::from_fn(|| hands.taken_by_now()).map(|handed| handed.job));
                ran += jobs.len();
                match &queue.work {
                    Work::Each(handler) => {
                        for job in jobs {
                            self.run_one(queue, handler, job).await;
                        }
                    }
                    Work::Together(handler) => {
                        let room = Arc::new(Semaphore::new(jobs.len()));
                        if let Ok(room) = room.acquire_many_owned(places(jobs.len())).await
                            && !jobs.is_empty()
                        {
                            self.run_set(queue, handler, jobs, Room(room)).await;
                        }
                    }
                }
            }
            if ran == before {
                return Ok(ran);
            }
        }
    }

    /// Serves every queue until told to stop; then lets what runs come to its end.
    pub async fn run(&self, stop: CancellationToken) {
        let mut queues = JoinSet::new();
        for queue in self.queues.values() {
            let (runner, queue, stop) = (self.clone(), queue.clone(), stop.clone());
            queues.spawn(async move { runner.serve(&queue, &stop).await });
        }
        while queues.join_next().await.is_some() {}
    }

    async fn serve(&self, queue: &Queue, stop: &CancellationToken) {
        let (places, wake) = (Arc::new(Semaphore::new(queue.concurrency)), Arc::<Notify>::default());
        let mut hands = self.offer(queue, places.clone(), wake.clone());
        let mut running: JoinSet<()> = JoinSet::new();
        'looking: while !stop.is_cancelled() {
            while running.try_join_next().is_some() {}
            hands.begin_turn();
            let (due, mut again) = match self.next_due(queue).await {
                Ok(due) => (due, self.until(due)),
                Err(error) => (None, cannot_look(queue, &error)),
            };
            if due.is_some_and(|due| due <= self.clock.now()) {
                let room = tokio::select! {
                    () = stop.cancelled() => break,
                    Some(first) = hands.taken() => {
                        self.start_handed(queue, first, &mut hands, &mut running);
                        continue;
                    }
                    room = places.clone().acquire_owned() => room,
                };
                // The places are the runner's own and never closed.
                let Ok(mut room) = room else { break };
                let more = self::places(places.available_permits());
                if let Ok(more) = places.clone().try_acquire_many_owned(more) {
                    room.merge(more);
                }
                match self.claim(queue, room.num_permits().min(SET)).await {
                    Ok(jobs) if !jobs.is_empty() => {
                        self.start(queue, jobs, room, &mut running);
                        continue;
                    }
                    Ok(_) => {}
                    Err(error) => again = cannot_look(queue, &error),
                }
            }
            let again = tokio::time::sleep(again);
            tokio::pin!(again);
            // What is taken on needs no look, nor does what ends: who ended it knows whether anything waited for that.
            loop {
                tokio::select! {
                    () = wake.notified() => break,
                    () = again.as_mut() => break,
                    Some(first) = hands.taken() => {
                        // Nothing waited when it was looked, so nobody is kept waiting by whole shares.
                        hands.begin_turn();
                        self.start_handed(queue, first, &mut hands, &mut running);
                    }
                    Some(_) = running.join_next() => {}
                    () = stop.cancelled() => break 'looking,
                }
            }
        }
        hands.withdraw();
        while let Some(first) = hands.taken().await {
            self.start_handed(queue, first, &mut hands, &mut running);
        }
        while running.join_next().await.is_some() {}
    }

    /// In how long it is to be looked again, where nobody calls.
    fn until(&self, due: Option<Timestamp>) -> Duration {
        let now = self.clock.now();
        match due {
            // What is due is somebody else's for the moment.
            Some(due) if due <= now => OTHERS,
            Some(due) => POLL.min(due.since(now)),
            None => POLL,
        }
    }

    /// Starts jobs that were taken on as they were added: this one, and those that came with it.
    fn start_handed(&self, queue: &Queue, first: Handed, more: &mut Offer, running: &mut JoinSet<()>) {
        let Handed { job, place: mut places } = first;
        let mut jobs = vec![job];
        while jobs.len() < SET
            && let Some(Handed { job, place }) = more.taken_by_now()
        {
            jobs.push(job);
            places.merge(place);
        }
        self.start(queue, jobs, places, running);
    }

    /// Starts jobs, which hold as many places as they are.
    fn start(
        &self,
        queue: &Queue,
        jobs: Vec<Job>,
        mut room: OwnedSemaphorePermit,
        running: &mut JoinSet<()>,
    ) {
        match &queue.work {
            Work::Each(handler) => {
                for job in jobs {
                    let (runner, queue, handler) = (self.clone(), queue.clone(), handler.clone());
                    let place = room.split(1);
                    running.spawn(async move {
                        runner.run_one(&queue, &handler, job).await;
                        drop(place);
                    });
                }
            }
            Work::Together(handler) => {
                // What has failed before goes alone, so that it fails no others again.
                let (failed, fresh): (Vec<_>, Vec<_>) =
                    jobs.into_iter().partition(|job| job.attempts > BEGUN_AGAIN);
                let alone = failed.into_iter().map(|job| vec![job]);
                for set in std::iter::once(fresh).chain(alone).filter(|set| !set.is_empty()) {
                    let Some(places) = room.split(set.len()) else { return };
                    let (runner, queue, handler) = (self.clone(), queue.clone(), handler.clone());
                    running.spawn(async move { runner.run_set(&queue, &handler, set, Room(places)).await });
                }
            }
        }
    }

    /// Offers free hands for a queue, as many as there are places.
    fn offer(&self, queue: &Queue, places: Arc<Semaphore>, wake: Arc<Notify>) -> Offer {
        let per_lane = usize::try_from(queue.per_lane).unwrap_or(0).min(Semaphore::MAX_PERMITS);
        let randomness = self.randomness.clone();
        self.store.offer_hands(queue.name, Terms { lease: queue.lease, places, per_lane, randomness, wake })
    }

    /// When something of a queue is due next. Looking costs no write transaction while there is nothing to do.
    async fn next_due(&self, queue: &Queue) -> Result<Option<Timestamp>> {
        self.store.read().await?.next_due(queue.name).await
    }

    async fn claim(&self, queue: &Queue, room: usize) -> Result<Vec<Job>> {
        let limit = i64::try_from(room).unwrap_or(i64::MAX);
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let jobs = tx.claim(queue.name, now, queue.lease, queue.per_lane, limit, &*self.randomness).await?;
        tx.commit().await?;
        Ok(jobs)
    }

    /// Runs one job to its end, renewing its lease meanwhile, and settles it.
    async fn run_one(&self, queue: &Queue, handler: &Handler, job: Job) {
        // On a task of its own, so that a panic is a failed job and not the end of the runner.
        let mut work = tokio::spawn(handler(job.clone()));
        let verdict = loop {
            tokio::select! {
                ended = &mut work => break ended.unwrap_or_else(|_| Verdict::Retry(PANICKED.to_owned())),
                () = tokio::time::sleep(queue.lease / 3) => {
                    if !self.renew(queue, std::slice::from_ref(&job)).await {
                        tracing::warn!(queue = queue.name, job.id, "lost the lease of a running job");
                        work.abort();
                        return;
                    }
                }
            }
        };
        self.settle_or_warn(queue, vec![(job, verdict)]).await;
    }

    /// Runs jobs together to their end, renewing their leases meanwhile, and settles those that are left to be.
    async fn run_set(&self, queue: &Queue, handler: &SetHandler, jobs: Vec<Job>, room: Room) {
        let mut work = tokio::spawn(handler(jobs.clone(), room));
        let ended = loop {
            tokio::select! {
                ended = &mut work => break ended,
                () = tokio::time::sleep(queue.lease / 3) => {
                    if !self.renew(queue, &jobs).await {
                        tracing::warn!(queue = queue.name, "lost the leases of running jobs");
                        work.abort();
                        return;
                    }
                }
            }
        };
        let verdicts = match ended {
            Ok(Ok(verdicts)) => verdicts,
            // Nothing is wrong with the jobs; they wait.
            Ok(Err(error @ store::StoreError::Busy(_))) => {
                let at = self.clock.now() + BUSY;
                jobs.into_iter().map(|job| (job, Verdict::Later(at, error.to_string()))).collect()
            }
            failed if jobs.len() == 1 => {
                let why = failed.map_or_else(
                    |_| PANICKED.to_owned(),
                    |result| result.err().map(|error| error.to_string()).unwrap_or_default(),
                );
                jobs.into_iter().map(|job| (job, Verdict::Retry(why.clone()))).collect()
            }
            _ => return self.run_halves(queue, handler, jobs).await,
        };
        self.settle_or_warn(queue, verdicts).await;
    }

    /// Runs what failed together in halves, so that one job does not keep the others from being done.
    async fn run_halves(&self, queue: &Queue, handler: &SetHandler, mut jobs: Vec<Job>) {
        let second = jobs.split_off(jobs.len() / 2);
        for half in [jobs, second] {
            // The places were given back with the set; these few go beyond what may run at once.
            let places = Arc::new(Semaphore::new(half.len())).try_acquire_many_owned(places(half.len()));
            if let Ok(places) = places {
                Box::pin(self.run_set(queue, handler, half, Room(places))).await;
            }
        }
    }

    /// `false`: not one of the leases is held any more.
    async fn renew(&self, queue: &Queue, jobs: &[Job]) -> bool {
        let renewed = async {
            let mut tx = self.store.begin().await?;
            let held = tx.hold_jobs(jobs, self.clock.now() + queue.lease).await?;
            tx.commit().await?;
            Ok::<_, store::StoreError>(!held.is_empty())
        };
        renewed.await.unwrap_or(true) // a busy database is no reason to stop; the lease itself decides
    }

    async fn settle_or_warn(&self, queue: &Queue, verdicts: Verdicts) {
        if let Err(error) = self.settle(queue, verdicts).await {
            // The lease runs out and the job is run again: handlers are idempotent.
            tracing::warn!(
                queue = queue.name,
                error = &error as &dyn std::error::Error,
                "cannot settle jobs"
            );
        }
    }

    async fn settle(&self, queue: &Queue, verdicts: Verdicts) -> Result<()> {
        let now = self.clock.now();
        let (mut done, mut again, mut dead) = (Vec::new(), Vec::new(), Vec::new());
        for (job, verdict) in verdicts {
            match verdict {
                Verdict::Settled => {}
                Verdict::Done => done.push(job),
                Verdict::Later(at, why) => again.push((job, at, false, why)),
                Verdict::Dead(why) => dead.push((job, why)),
                Verdict::Retry(why) => match queue.backoff.after(job.attempts, &*self.randomness) {
                    Some(delay) => {
                        tracing::info!(queue = queue.name, job.id, job.attempts, why, "a job is tried again");
                        again.push((job, now + delay, true, why));
                    }
                    None => {
                        let why = format!("failed {} times; the last time: {why}", job.attempts);
                        dead.push((job, why));
                    }
                },
            }
        }
        let all = done.len() + again.len() + dead.len();
        if all == 0 {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let mut held = tx.finish_jobs(&done, now).await?;
        let again: Vec<PutBack<'_>> = again
            .iter()
            .map(|(job, run_at, counted, why)| PutBack { job, run_at: *run_at, counted: *counted, why })
            .collect();
        held += tx.put_back_jobs(&again).await?;
        for (job, why) in &dead {
            tracing::error!(queue = queue.name, job.id, why, "a job was given up");
            held += usize::from(tx.bury(job, now, why).await?);
        }
        tx.commit().await?;
        if held < all {
            tracing::warn!(queue = queue.name, jobs = all - held, "jobs ended after their leases were lost");
        }
        Ok(())
    }
}

/// Tells that the database did not say what there is to do. Returns in how long it is asked again.
fn cannot_look(queue: &Queue, error: &store::StoreError) -> Duration {
    tracing::warn!(queue = queue.name, error = error as &dyn std::error::Error, "cannot look for jobs");
    POLL
}

/// A number of jobs as a number of places.
fn places(jobs: usize) -> u32 {
    u32::try_from(jobs).unwrap_or(u32::MAX)
}
