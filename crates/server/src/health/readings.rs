//! What is read when somebody looks: queues, database, disk, process. Kept for a few seconds, so that looking often costs
//! no more than looking once; what is told of "the last minute" is measured between marks set by the maintenance.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex as Briefly, OnceLock, PoisonError};
use std::time::Duration;

use rules::time::Timestamp;
use store::Connections;
use store::load::{DatabaseLoad, IngestLoad, QueueLoad};
use store::nodes::Node;
use store::timing::Taken;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::process::{Disk, Process};
use crate::ctx::Ctx;

/// Readings are shown again for so long.
const FRESH: Duration = Duration::from_secs(5);
/// So many marks lie between now and "a minute ago": one every twenty seconds.
const MARKS: usize = 4;

/// Everything that is read at once.
#[derive(Debug)]
pub(super) struct Readings {
    pub at: Timestamp,
    pub queues: Vec<QueueLoad>,
    pub nodes: Vec<Node>,
    pub ingest: IngestLoad,
    pub database: DatabaseLoad,
    pub log_bytes: Option<u64>,
    pub connections: Connections,
    pub disk: Option<Disk>,
    pub process: Process,
    /// Webhooks that wait for their commit, and how many may.
    pub intake: (usize, usize),
    /// Requests to the API under way, and live connections.
    pub busy: (usize, usize),
    /// What happened in the last minute.
    pub lately: Mark,
}

impl Readings {
    /// How far the database's clock is ahead of ours, in microseconds; behind if negative.
    pub(super) fn database_ahead(&self) -> Option<i64> {
        self.database.clock.map(|clock| clock.0 - self.at.0)
    }
}

/// Counts at one moment, or between two.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    /// How long commits took.
    pub commit: Taken,
    /// How long writers waited to begin.
    pub write: Taken,
    /// Webhooks that were answered 503.
    pub webhooks_refused: u64,
    /// Requests and connections that a limit turned away.
    pub refused: u64,
}

impl Mark {
    fn now(ctx: &Ctx) -> Self {
        let waits = ctx.store.waits();
        Self {
            commit: waits.commit.so_far(),
            write: waits.write.so_far(),
            webhooks_refused: ctx.meters.webhooks_refused(),
            refused: ctx.meters.refused_in_all(),
        }
    }

    fn since(&self, earlier: &Self) -> Self {
        Self {
            commit: self.commit.since(&earlier.commit),
            write: self.write.since(&earlier.write),
            webhooks_refused: self.webhooks_refused - earlier.webhooks_refused,
            refused: self.refused - earlier.refused,
        }
    }
}

/// Looks after the installation's state.
#[derive(Debug)]
pub struct Watch {
    /// When this process began.
    pub started_at: Timestamp,
    last: Mutex<Option<(Instant, Arc<Readings>)>>,
    marks: Briefly<VecDeque<Mark>>,
    /// What this process is called where another one has its name.
    called: OnceLock<String>,
}

impl Watch {
    /// A watch that has seen nothing.
    pub fn new(started_at: Timestamp) -> Self {
        Self { started_at, last: Mutex::default(), marks: Briefly::default(), called: OnceLock::new() }
    }

    /// What this process is called, if not by its own name.
    pub(super) fn called(&self) -> Option<&str> {
        self.called.get().map(String::as_str)
    }

    /// Calls this process by another name from now on, unless it has one already. Gives that which it has.
    pub(super) fn call(&self, name: String) -> &str {
        self.called.get_or_init(|| name)
    }

    /// Marks the present moment, so that what happens from now on can be told from what happened before.
    pub fn mark(&self, ctx: &Ctx) {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.push_back(Mark::now(ctx));
        if marks.len() > MARKS {
            marks.pop_front();
        }
    }

    fn lately(&self, ctx: &Ctx) -> Mark {
        let earlier = self.marks.lock().unwrap_or_else(PoisonError::into_inner).front().copied();
        Mark::now(ctx).since(&earlier.unwrap_or_default())
    }

    /// How things are, as of a few seconds ago at most.
    pub(super) async fn read(&self, ctx: &Ctx) -> store::Result<Arc<Readings>> {
        // Whoever comes meanwhile waits for this one's readings instead of taking their own.
        let mut last = self.last.lock().await;
        if let Some((at, readings)) = &*last
            && at.elapsed() < FRESH
        {
            return Ok(readings.clone());
        }
        let at = ctx.now();
        let mut tx = ctx.store.read().await?;
        let readings = Arc::new(Readings {
            at,
            queues: tx.queue_loads(at).await?,
            nodes: tx.nodes().await?,
            ingest: tx.ingest_load().await?,
            database: tx.database_load().await?,
            log_bytes: ctx.store.log_bytes(),
            connections: ctx.store.connections(),
            disk: ctx.settings.data.as_deref().and_then(Disk::of),
            process: Process::read(),
            intake: ctx.intake.waiting(),
            busy: ctx.admission.busy(),
            lately: self.lately(ctx),
        });
        *last = Some((Instant::now(), readings.clone()));
        Ok(readings)
    }
}
