//! What a transaction adds and does not look at again: jobs, the lanes they open, events.
//!
//! They are gathered and written with a few statements just before the commit, for two reasons. A batch of webhooks adds
//! hundreds of them, and a statement costs far more than a row. And lanes are rows that many transactions touch: taken
//! last they are held for the length of a commit; in their order, and before the jobs in them, as claiming does, so that
//! hardly anybody waits in a circle. (Who does is told that the database is busy, and begins anew.)

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use rules::id::OrgId;
use rules::time::Timestamp;
use sqlx::QueryBuilder;

use crate::batch::sets;
use crate::error::Result;
use crate::queue::{Lane, NewJob, Unique};
use crate::seam::Tx;

/// What is still to be written.
#[derive(Debug, Default)]
pub(crate) struct Later {
    events: Vec<Event>,
    jobs: Vec<Job>,
    /// Where the job of a unique key stands in `jobs`.
    unique: HashMap<(String, String), usize>,
    /// The lanes of each queue, and when each is looked at at the latest.
    lanes: BTreeMap<Lane, Timestamp>,
    /// Lanes of which jobs have ended, and when.
    ended: BTreeMap<Lane, Timestamp>,
}

#[derive(Debug)]
struct Event {
    org: OrgId,
    kind: String,
    payload: String,
    at: Timestamp,
    passes_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Job {
    queue: String,
    lane: String,
    serial_key: Option<String>,
    org: Option<OrgId>,
    payload: String,
    priority: i64,
    run_at: Timestamp,
    unique_key: Option<String>,
    otherwise: Otherwise,
    at: Timestamp,
}

/// What becomes of a job of the same key that waits already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Otherwise {
    /// It stays as it is.
    Stays,
    /// It runs when this one would, but no later than so long after it was enqueued.
    Moves(Option<Duration>),
}

impl Later {
    /// An event.
    pub fn event(
        &mut self,
        org: OrgId,
        kind: &str,
        payload: String,
        at: Timestamp,
        passes_at: Option<Timestamp>,
    ) {
        self.events.push(Event { org, kind: kind.to_owned(), payload, at, passes_at });
    }

    /// A job, with its lane.
    pub fn job(&mut self, job: &NewJob<'_>, at: Timestamp) {
        let (unique_key, otherwise) = match &job.unique {
            None => (None, Otherwise::Stays),
            Some(Unique::KeepFirst(key)) => (Some(key.clone()), Otherwise::Stays),
            Some(Unique::Reschedule(key)) => (Some(key.clone()), Otherwise::Moves(None)),
            Some(Unique::Postpone(key, most)) => (Some(key.clone()), Otherwise::Moves(Some(*most))),
        };
        self.lane(job.queue, &job.lane, job.run_at);
        if let Some(key) = &unique_key {
            let place = (job.queue.to_owned(), key.clone());
            if let Some(waiting) = self.unique.get(&place).and_then(|at| self.jobs.get_mut(*at)) {
                if let Otherwise::Moves(most) = otherwise {
                    waiting.run_at = most.map_or(job.run_at, |most| job.run_at.min(waiting.at + most));
                    waiting.payload.clone_from(&job.payload);
                    waiting.otherwise = otherwise;
                }
                return;
            }
            self.unique.insert(place, self.jobs.len());
        }
        self.jobs.push(Job {
            queue: job.queue.to_owned(),
            lane: job.lane.clone(),
            serial_key: job.serial_key.clone(),
            org: job.org,
            payload: job.payload.clone(),
            priority: job.priority,
            run_at: job.run_at,
            unique_key,
            otherwise,
            at,
        });
    }

    /// A lane that is to be looked at no later than `due_at`.
    pub fn lane(&mut self, queue: &str, lane: &str, due_at: Timestamp) {
        let due = self.lanes.entry((queue.to_owned(), lane.to_owned())).or_insert(due_at);
        *due = (*due).min(due_at);
    }

    /// A job of this lane has ended.
    pub fn ended(&mut self, queue: &str, lane: &str, now: Timestamp) {
        self.ended.insert((queue.to_owned(), lane.to_owned()), now);
    }
}

impl Tx {
    /// Writes what was left for later: before the commit, and before anything that looks at these tables.
    pub(crate) async fn write_later(&mut self) -> Result<()> {
        let Later { events, jobs, lanes, ended, .. } = std::mem::take(&mut self.later);
        for chunk in sets(&events) {
            self.write_events(chunk).await?;
        }
        let ended: Vec<(&Lane, Timestamp)> = ended.iter().map(|(lane, at)| (lane, *at)).collect();
        if self.is_postgres() && !ended.is_empty() {
            let touched: BTreeMap<&Lane, Timestamp> =
                lanes.iter().map(|(lane, at)| (lane, *at)).chain(ended.iter().copied()).collect();
            self.hold_lanes(&touched.into_iter().collect::<Vec<_>>()).await?;
        }
        let lanes: Vec<(&Lane, Timestamp)> = lanes.iter().map(|(lane, due_at)| (lane, *due_at)).collect();
        for chunk in sets(&lanes) {
            self.write_lanes(chunk).await?;
        }
        // What a queue's own order is must stay; what lies between different queues has none.
        let mut queues: BTreeMap<&str, Vec<&Job>> = BTreeMap::new();
        for job in &jobs {
            queues.entry(&job.queue).or_default().push(job);
        }
        for jobs in queues.values() {
            for alike in jobs.chunk_by(|one, next| one.otherwise == next.otherwise) {
                for chunk in sets(alike) {
                    self.write_jobs(chunk).await?;
                }
            }
        }
        self.close_lanes(&ended).await
    }

    async fn write_events(&mut self, events: &[Event]) -> Result<()> {
        on!(self, c => QueryBuilder::new("INSERT INTO events (org_id, kind, payload, at, passes_at) ")
            .push_values(events, |mut row, event| {
                row.push_bind(event.org)
                    .push_bind(event.kind.as_str())
                    .push_bind(event.payload.as_str())
                    .push_bind(event.at)
                    .push_bind(event.passes_at);
            })
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Jobs of one queue, for which the same holds where one of their key waits already.
    async fn write_jobs(&mut self, jobs: &[&Job]) -> Result<()> {
        let otherwise = jobs.first().map_or(Otherwise::Stays, |job| job.otherwise);
        on!(self, c => QueryBuilder::new(
            "INSERT INTO jobs (queue, lane, serial_key, org_id, payload, priority, run_at, attempts, state, unique_key, created_at) ",
        )
        .push_values(jobs, |mut row, job| {
            row.push_bind(job.queue.as_str())
                .push_bind(job.lane.as_str())
                .push_bind(job.serial_key.as_deref())
                .push_bind(job.org)
                .push_bind(job.payload.as_str())
                .push_bind(job.priority)
                .push_bind(job.run_at)
                .push("0")
                .push("'ready'")
                .push_bind(job.unique_key.as_deref())
                .push_bind(job.at);
        })
        .push(otherwise.clause())
        .build()
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Opens lanes, in their order.
    async fn write_lanes(&mut self, lanes: &[(&Lane, Timestamp)]) -> Result<()> {
        on!(self, c => QueryBuilder::new("INSERT INTO job_lanes (queue, lane, turn, due_at) ")
            .push_values(lanes, |mut row, ((queue, lane), due_at)| {
                row.push_bind(queue.as_str()).push_bind(lane.as_str()).push("0").push_bind(*due_at);
            })
            .push(
                " ON CONFLICT (queue, lane) DO UPDATE SET due_at = excluded.due_at \
                 WHERE excluded.due_at < job_lanes.due_at",
            )
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

impl Otherwise {
    /// The end of the statement that inserts.
    fn clause(self) -> String {
        const KEY: &str =
            " ON CONFLICT (queue, unique_key) WHERE unique_key IS NOT NULL AND state = 'ready' ";
        match self {
            Self::Stays => format!("{KEY} DO NOTHING"),
            Self::Moves(None) => {
                format!("{KEY} DO UPDATE SET run_at = excluded.run_at, payload = excluded.payload")
            }
            Self::Moves(Some(most)) => {
                let last = format!("jobs.created_at + {}", most.as_micros());
                format!(
                    "{KEY} DO UPDATE SET payload = excluded.payload, \
                     run_at = CASE WHEN excluded.run_at < {last} THEN excluded.run_at ELSE {last} END"
                )
            }
        }
    }
}
