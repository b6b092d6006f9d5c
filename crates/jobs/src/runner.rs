//! Queues, their handlers, and the loop that serves them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use rules::time::{Clock, Randomness, Timestamp};
use store::queue::Job;
use store::{Result, Store};
use tokio::sync::Notify;
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

/// A queue and how it is served.
#[derive(Clone)]
pub struct Queue {
    /// Its name, as jobs are enqueued under.
    pub name: &'static str,
    /// What its jobs do.
    pub handler: Handler,
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
        Self {
            name,
            handler,
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
    queues: Arc<BTreeMap<&'static str, (Queue, Arc<Notify>)>>,
}

/// A lost wake-up, another node's job or a moved clock costs at most this much.
const POLL: Duration = Duration::from_millis(500);

impl Runner {
    /// A runner of these queues; `notify` gives the signal that rings when a queue may have new work.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        queues: Vec<Queue>,
        notify: impl Fn(&'static str) -> Arc<Notify>,
    ) -> Self {
        let queues =
            queues.into_iter().map(|queue| (queue.name, (queue.clone(), notify(queue.name)))).collect();
        Self { store, clock, randomness, queues: Arc::new(queues) }
    }

    /// Runs everything that is due, in order, until nothing is. Returns how many jobs ran. For tests and simulation.
    pub async fn run_due(&self) -> Result<usize> {
        let mut ran = 0;
        loop {
            let before = ran;
            for (queue, _) in self.queues.values() {
                for job in self.claim(queue, 64).await? {
                    self.run_one(queue, job).await;
                    ran += 1;
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
        for (queue, notify) in self.queues.values() {
            let (runner, queue, notify, stop) = (self.clone(), queue.clone(), notify.clone(), stop.clone());
            queues.spawn(async move { runner.serve(&queue, &notify, &stop).await });
        }
        while queues.join_next().await.is_some() {}
    }

    async fn serve(&self, queue: &Queue, notify: &Notify, stop: &CancellationToken) {
        let mut running: JoinSet<()> = JoinSet::new();
        while !stop.is_cancelled() {
            let wake = notify.notified(); // before looking, so that no signal is lost
            let room = queue.concurrency.saturating_sub(running.len());
            let claimed = if room == 0 { Ok(Vec::new()) } else { self.claim(queue, room).await };
            let idle = match claimed {
                Ok(jobs) => {
                    let idle = jobs.is_empty();
                    for job in jobs {
                        let (runner, queue) = (self.clone(), queue.clone());
                        running.spawn(async move { runner.run_one(&queue, job).await });
                    }
                    idle
                }
                Err(error) => {
                    tracing::warn!(
                        queue = queue.name,
                        error = &error as &dyn std::error::Error,
                        "cannot claim jobs"
                    );
                    true
                }
            };
            if idle {
                tokio::select! {
                    () = wake => {}
                    Some(_) = running.join_next() => {}
                    () = tokio::time::sleep(POLL) => {}
                    () = stop.cancelled() => {}
                }
            }
            while running.try_join_next().is_some() {}
        }
        while running.join_next().await.is_some() {}
    }

    async fn claim(&self, queue: &Queue, room: usize) -> Result<Vec<Job>> {
        let now = self.clock.now();
        // Looking costs no write transaction while there is nothing to do.
        if self.store.read().await?.next_due(queue.name).await?.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(room).unwrap_or(i64::MAX);
        let mut tx = self.store.begin().await?;
        let jobs = tx.claim(queue.name, now, queue.lease, queue.per_lane, limit, &*self.randomness).await?;
        tx.commit().await?;
        Ok(jobs)
    }

    /// Runs one job to its end, renewing its lease meanwhile, and settles it.
    async fn run_one(&self, queue: &Queue, job: Job) {
        // On a task of its own, so that a panic is a failed job and not the end of the runner.
        let mut work = tokio::spawn((queue.handler)(job.clone()));
        let verdict = loop {
            tokio::select! {
                ended = &mut work => break ended.unwrap_or_else(|_| Verdict::Retry("the handler panicked".to_owned())),
                () = tokio::time::sleep(queue.lease / 3) => {
                    if !self.renew(queue, &job).await {
                        tracing::warn!(queue = queue.name, job.id, "lost the lease of a running job");
                        work.abort();
                        return;
                    }
                }
            }
        };
        if let Err(error) = self.settle(queue, &job, verdict).await {
            // The lease runs out and the job is run again: handlers are idempotent.
            tracing::warn!(
                queue = queue.name,
                job.id,
                error = &error as &dyn std::error::Error,
                "cannot settle a job"
            );
        }
    }

    async fn renew(&self, queue: &Queue, job: &Job) -> bool {
        let renewed = async {
            let mut tx = self.store.begin().await?;
            let held = tx.renew(job, self.clock.now() + queue.lease).await?;
            tx.commit().await?;
            Ok::<_, store::StoreError>(held)
        };
        renewed.await.unwrap_or(true) // a busy database is no reason to stop; the lease itself decides
    }

    async fn settle(&self, queue: &Queue, job: &Job, verdict: Verdict) -> Result<()> {
        if verdict == Verdict::Settled {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let held = match verdict {
            Verdict::Settled => true,
            Verdict::Done => tx.finish(job, now).await?,
            Verdict::Later(at, why) => tx.put_back(job, at, false, &why).await?,
            Verdict::Dead(why) => {
                tracing::error!(queue = queue.name, job.id, why, "a job was given up");
                tx.bury(job, now, &why).await?
            }
            Verdict::Retry(why) => match queue.backoff.after(job.attempts, &*self.randomness) {
                Some(delay) => {
                    tracing::info!(
                        queue = queue.name,
                        job.id,
                        job.attempts,
                        why,
                        "a job failed and is tried again"
                    );
                    tx.put_back(job, now + delay, true, &why).await?
                }
                None => {
                    tracing::error!(queue = queue.name, job.id, job.attempts, why, "a job failed too often");
                    tx.bury(job, now, &why).await?
                }
            },
        };
        tx.commit().await?;
        if !held {
            tracing::warn!(queue = queue.name, job.id, "a job ended after its lease was lost");
        }
        Ok(())
    }
}
