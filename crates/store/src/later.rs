//! What a transaction adds and does not look at again: jobs, the lanes they open, events.
//!
//! They are gathered and written with a few statements just before the commit, for two reasons. A batch of webhooks adds
//! hundreds of them, and a statement costs far more than a row. And lanes are rows that many transactions touch: taken
//! last they are held for the length of a commit; in their order, and before the jobs in them, as claiming does, so that
//! hardly anybody waits in a circle. (Who does is told that the database is busy, and begins anew.)

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use rules::id::OrgId;
use rules::time::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::hands::{Lease, Taken};
use crate::queue::{Lane, NewJob, Unique};
use crate::rows::Rows;
use crate::seam::Tx;

/// What is still to be written.
#[derive(Debug, Default)]
pub(crate) struct Later {
    events: Vec<Event>,
    jobs: Vec<NextJob>,
    /// Where the job of a unique key stands in `jobs`.
    unique: HashMap<(String, String), usize>,
    /// The lanes of each queue, and when each is looked at at the latest.
    lanes: BTreeMap<Lane, Timestamp>,
    /// Lanes of which jobs have ended, and when.
    ended: BTreeMap<Lane, Timestamp>,
    /// Lanes that rest, and until when.
    rests: BTreeMap<Lane, Timestamp>,
}

#[derive(Debug)]
struct Event {
    org: OrgId,
    kind: String,
    payload: String,
    at: Timestamp,
    passes_at: Option<Timestamp>,
}

/// A job that is to be added.
#[derive(Debug)]
pub(crate) struct NextJob {
    pub queue: String,
    pub lane: String,
    pub serial_key: Option<String>,
    pub org: Option<OrgId>,
    pub payload: String,
    pub priority: i64,
    pub run_at: Timestamp,
    pub unique_key: Option<String>,
    otherwise: Otherwise,
    /// When it is added.
    pub at: Timestamp,
}

/// What becomes of a job of the same key that waits already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
        self.jobs.push(NextJob {
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

    /// A lane that is not looked at before `until`, whatever waits in it.
    pub fn rests(&mut self, queue: &str, lane: &str, until: Timestamp) {
        let rests = self.rests.entry((queue.to_owned(), lane.to_owned())).or_insert(until);
        *rests = (*rests).max(until);
    }

    /// A job of this lane has ended.
    pub fn ended(&mut self, queue: &str, lane: &str, now: Timestamp) {
        self.ended.insert((queue.to_owned(), lane.to_owned()), now);
    }
}

impl Tx {
    /// Writes what was left for later: before the commit, and before anything that looks at these tables.
    pub(crate) async fn write_later(&mut self) -> Result<()> {
        let Later { events, jobs, mut lanes, ended, rests, .. } = std::mem::take(&mut self.later);
        for chunk in self.sets(&events) {
            self.write_events(chunk).await?;
        }
        let opened = lanes.keys().chain(rests.keys()).map(|(queue, _)| queue);
        self.stirred.extend(opened.cloned());
        let mut taken = self.hands.reach_for(&jobs);
        let leases: HashMap<usize, Timestamp> = taken.iter().map(|one| (one.n, one.lease.until)).collect();
        let keys: HashMap<_, Timestamp> =
            taken.iter().filter_map(|one| Some((one.job.key()?, one.lease.until))).collect();
        let reached: HashSet<Lane> = taken.iter().map(|one| one.job.lane()).collect();
        let mut late = BTreeMap::new();
        for (n, job) in jobs.iter().enumerate() {
            // Whoever takes a job looks after it, and opens its lane for those behind it. Only where it ends without doing
            // so the lane is looked at, once its lease has run out.
            let behind = || job.key().and_then(|key| keys.get(&key)).map(|until| job.run_at.max(*until));
            let looked_after = leases.get(&n).copied().or_else(behind);
            if looked_after.is_none() {
                self.stirred.insert(job.queue.clone());
            }
            let due_at = looked_after.unwrap_or(job.run_at);
            // What is left of a lane of which others are taken is no reason not to take those.
            let lanes =
                if looked_after.is_none() && reached.contains(&job.lane()) { &mut late } else { &mut lanes };
            lanes.entry(job.lane()).and_modify(|due| *due = due_at.min(*due)).or_insert(due_at);
        }
        for (lane, until) in &rests {
            // Written with the others, in their order.
            lanes.entry(lane.clone()).or_insert(*until);
        }
        let ended: Vec<(&Lane, Timestamp)> = ended.iter().map(|(lane, at)| (lane, *at)).collect();
        if self.is_postgres() && !ended.is_empty() {
            let touched: BTreeMap<&Lane, Timestamp> =
                lanes.iter().map(|(lane, at)| (lane, *at)).chain(ended.iter().copied()).collect();
            self.hold_lanes(&touched.into_iter().collect::<Vec<_>>()).await?;
        }
        let free_at = self.write_lanes(&lanes).await?;
        // Where something is due already, or the lane rests, what is added waits for its turn.
        taken.retain(|one| {
            let admitted = free_at.get(&one.job.lane()).is_some_and(|free| free.admits(one.job.at));
            if !admitted {
                self.stirred.insert(one.job.queue.clone());
            }
            admitted
        });
        for job in self.write_jobs(&jobs, taken).await? {
            self.stirred.insert(job.queue.clone());
            late.entry(job.lane()).and_modify(|due| *due = job.run_at.min(*due)).or_insert(job.run_at);
        }
        self.write_lanes(&late).await?;
        self.close_lanes(&ended).await?;
        self.lay_lanes_to_rest(&rests.iter().map(|(lane, until)| (lane, *until)).collect::<Vec<_>>()).await
    }

    /// Writes jobs, each queue's in their order; what lies between different queues has none. Those that are taken are
    /// kept for their workers. Returns those that turn out to be behind others, and wait all the same.
    async fn write_jobs<'j>(
        &mut self,
        jobs: &'j [NextJob],
        taken: Vec<Taken<'j>>,
    ) -> Result<Vec<&'j NextJob>> {
        let leases: HashMap<usize, Lease> = taken.iter().map(|one| (one.n, one.lease)).collect();
        let mut queues: BTreeMap<&str, Vec<(&NextJob, Option<Lease>)>> = BTreeMap::new();
        for (n, job) in jobs.iter().enumerate() {
            queues.entry(&job.queue).or_default().push((job, leases.get(&n).copied()));
        }
        let mut ids: HashMap<Uuid, i64> = HashMap::with_capacity(taken.len());
        for jobs in queues.values() {
            for alike in jobs.chunk_by(|(one, _), (next, _)| one.otherwise == next.otherwise) {
                for set in self.sets(alike) {
                    let written = self.insert_jobs(set).await?;
                    ids.extend(written.iter().filter_map(|one| Some((one.lease_id?, one.id))));
                }
            }
        }
        let mut waiting = Vec::new();
        for one in taken {
            match ids.get(&one.lease.id) {
                Some(id) => self.given.add(one, *id),
                None => waiting.push(one.job),
            }
        }
        Ok(waiting)
    }

    async fn write_events(&mut self, events: &[Event]) -> Result<()> {
        let rows = Rows::of(events)
            .column("org_id", |event| event.org)
            .column("kind", |event| event.kind.as_str())
            .column("payload", |event| event.payload.as_str())
            .column("at", |event| event.at)
            .column("passes_at", |event| event.passes_at);
        on!(self, c => rows.insert_into("events")
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Jobs of one queue, for which the same holds where one of their key waits already. One with a lease is written as
    /// taken, unless others of its key are there. Returns those of which it is to be known what became of them.
    async fn insert_jobs(&mut self, jobs: &[(&NextJob, Option<Lease>)]) -> Result<Vec<Written>> {
        let otherwise = jobs.first().map_or(Otherwise::Stays, |(job, _)| job.otherwise);
        let rows = Rows::of(jobs)
            .column("queue", |(job, _)| job.queue.as_str())
            .column("lane", |(job, _)| job.lane.as_str())
            .column("serial_key", |(job, _)| job.serial_key.as_deref())
            .column("org_id", |(job, _)| job.org)
            .column("payload", |(job, _)| job.payload.as_str())
            .column("priority", |(job, _)| job.priority)
            .column("run_at", |(job, _)| job.run_at)
            .column("unique_key", |(job, _)| job.unique_key.as_deref())
            .column("created_at", |(job, _)| job.at);
        if jobs.iter().all(|(_, lease)| lease.is_none()) {
            // Nothing needs to be looked at, which costs as much again.
            let rows = rows.column("attempts", |_| 0_i64).column("state", |_| "ready");
            on!(self, c => rows.insert_into("jobs")
                .push(otherwise.clause())
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
            return Ok(Vec::new());
        }
        let rows = rows
            .column("lease_id", |(_, lease)| lease.map(|lease| lease.id))
            .column("lease_until", |(_, lease)| lease.map(|lease| lease.until));
        Ok(on!(self, c => rows.with()
            .push(
                "INSERT INTO jobs (queue, lane, serial_key, org_id, payload, priority, run_at, unique_key, created_at, \
                 attempts, state, lease_id, lease_until) \
                 SELECT queue, lane, serial_key, org_id, payload, priority, run_at, unique_key, created_at, \
                 CASE WHEN waits THEN 0 ELSE 1 END, CASE WHEN waits THEN 'ready' ELSE 'leased' END, \
                 CASE WHEN waits THEN NULL ELSE lease_id END, CASE WHEN waits THEN NULL ELSE lease_until END \
                 FROM (SELECT w.*, CASE WHEN w.lease_id IS NULL THEN true ELSE \
                 EXISTS (SELECT 1 FROM jobs e WHERE e.queue = w.queue AND e.serial_key = w.serial_key \
                 AND e.state <> 'dead') \
                 OR EXISTS (SELECT 1 FROM jobs e WHERE e.queue = w.queue AND e.unique_key = w.unique_key \
                 AND e.state = 'ready') END AS waits FROM w) w WHERE true",
            )
            .push(otherwise.clause())
            .push(" RETURNING id, lease_id")
            .build_query_as()
            .fetch_all(c)
            .await)?)
    }

    /// Opens lanes, in their order; one that rests no earlier than it has rested. Returns what is due in each.
    async fn write_lanes(&mut self, lanes: &BTreeMap<Lane, Timestamp>) -> Result<HashMap<Lane, Opened>> {
        let lanes: Vec<(&Lane, &Timestamp)> = lanes.iter().collect();
        let mut due = HashMap::with_capacity(lanes.len());
        for chunk in self.sets(&lanes) {
            let rows = Rows::of(chunk)
                .column("queue", |((queue, _), _)| queue.as_str())
                .column("lane", |((_, lane), _)| lane.as_str())
                .column("turn", |_| 0_i64)
                .column("due_at", |(_, due_at)| **due_at);
            let written: Vec<(String, String, Timestamp, Timestamp)> = on!(self, c => rows.insert_into("job_lanes")
                .push(
                    " ON CONFLICT (queue, lane) DO UPDATE SET due_at = CASE \
                     WHEN job_lanes.due_at <= excluded.due_at OR job_lanes.due_at <= job_lanes.rests_until \
                     THEN job_lanes.due_at \
                     WHEN job_lanes.rests_until > excluded.due_at THEN job_lanes.rests_until \
                     ELSE excluded.due_at END RETURNING queue, lane, due_at, rests_until",
                )
                .build_query_as()
                .fetch_all(c)
                .await)?;
            due.extend(
                written.into_iter().map(|(queue, lane, due_at, rests_until)| {
                    ((queue, lane), Opened { due_at, rests_until })
                }),
            );
        }
        Ok(due)
    }
}

/// A job as it was written; without a lease it waits.
#[derive(sqlx::FromRow)]
struct Written {
    id: i64,
    lease_id: Option<Uuid>,
}

/// A lane that was opened.
struct Opened {
    due_at: Timestamp,
    rests_until: Timestamp,
}

impl Opened {
    /// Whether a job of this lane may be taken as it is added.
    fn admits(&self, now: Timestamp) -> bool {
        self.due_at > now && self.rests_until <= now
    }
}

impl NextJob {
    fn key(&self) -> Option<(&str, &str)> {
        Some((&self.queue, self.serial_key.as_deref()?))
    }

    fn lane(&self) -> Lane {
        (self.queue.clone(), self.lane.clone())
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
