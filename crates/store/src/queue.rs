//! The job tables: lanes that take turns, leases that expire, one head at a time per serial key.
//!
//! - A **lane** (an organisation, a number) is served in turn with the others, whatever its backlog.
//! - Jobs of one **serial key** (a conversation) run one after the other, in the order they were enqueued.
//! - A **lease id** is new at every claim and required to renew, finish or fail: a worker that was paused past its
//!   lease finds that it no longer holds the job and changes nothing.

mod together;

use std::time::Duration;

use rules::id::OrgId;
use rules::time::{Randomness, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::error::Result;
use crate::rows::Rows;
use crate::seam::Tx;

pub(crate) use together::Lane;
pub use together::PutBack;

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Which handler does it.
    pub queue: &'a str,
    /// Whose turn it counts against.
    pub lane: String,
    /// What it must not overtake.
    pub serial_key: Option<String>,
    /// The organisation it works for.
    pub org: Option<OrgId>,
    /// Ids, never copies of data.
    pub payload: String,
    /// Lower goes first within a lane.
    pub priority: i64,
    /// Not before.
    pub run_at: Timestamp,
    /// At most one job of this key waits at a time; one that is already running does not count.
    pub unique: Option<Unique>,
}

/// What to do when a job of the same key waits already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unique {
    /// Leave the waiting one as it is.
    KeepFirst(String),
    /// Let the waiting one run at the new time instead.
    Reschedule(String),
    /// The same, but no later than so long after it was enqueued.
    Postpone(String, Duration),
}

impl<'a> NewJob<'a> {
    /// A job of an organisation's lane, to be done as soon as possible.
    pub fn new(
        queue: &'a str,
        lane: impl ToString,
        payload: &impl Serialize,
        now: Timestamp,
    ) -> Result<Self> {
        Ok(Self {
            queue,
            lane: lane.to_string(),
            serial_key: None,
            org: None,
            payload: serde_json::to_string(payload)?,
            priority: 100,
            run_at: now,
            unique: None,
        })
    }
}

/// A job that this worker holds.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    /// Its number; jobs are numbered in the order they were enqueued.
    pub id: i64,
    /// Which handler does it.
    pub queue: String,
    /// Whose turn it counted against.
    pub lane: String,
    /// The organisation it works for.
    pub org_id: Option<OrgId>,
    /// What the handler needs to know.
    pub payload: String,
    /// How many times it was claimed, this one included.
    pub attempts: i64,
    /// Proof that this worker holds it.
    pub lease_id: Uuid,
    /// Until when it holds it.
    pub lease_until: Timestamp,
}

/// A job that failed for good and waits for a person.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeadJob {
    /// Its number.
    pub id: i64,
    /// Which handler failed.
    pub queue: String,
    /// The organisation it worked for.
    pub org_id: Option<OrgId>,
    /// How many times it was tried.
    pub attempts: i64,
    /// What the last try ended with.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
}

/// Only the first of its serial key may run; named is the candidate.
macro_rules! head_of_its_key {
    ($candidate:literal) => {
        concat!(
            "(",
            $candidate,
            ".serial_key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs e WHERE e.queue = ",
            $candidate,
            ".queue AND e.serial_key = ",
            $candidate,
            ".serial_key AND e.state <> 'dead' AND e.id < ",
            $candidate,
            ".id))"
        )
    };
}

/// The mark of a lane without any job.
const NEVER: Timestamp = Timestamp(i64::MAX);

/// How many lanes one claim looks at.
const MOST_LANES: i64 = 500;

/// Lanes by their names, as `w (lane)`.
fn lanes<'r>(names: &'r [&'r str]) -> Rows<'r, &'r str> {
    Rows::of(names).column("lane", |lane| *lane)
}

/// A job that was begun more often may be what ends the process.
pub const BEGUN_AGAIN: i64 = 2;

/// Narrows lanes, named before, to those of a queue, which it is given behind this. "Equal" would lead PostgreSQL to all
/// lanes of the queue where it believes that there are few.
const THE_QUEUE: &str = " AND queue IS NOT DISTINCT FROM ";

impl Tx {
    /// Enqueues a job within this transaction: it exists if and only if the rest of the transaction does.
    pub fn enqueue(&mut self, job: &NewJob<'_>, now: Timestamp) {
        self.later.job(job, now);
    }

    /// Makes sure that a lane is looked at no later than `due_at`.
    fn open_lane(&mut self, queue: &str, lane: &str, due_at: Timestamp) {
        self.later.lane(queue, lane, due_at);
    }

    /// Lets a lane rest: nothing in it is claimed before `until`, whatever is added to it or ends in it.
    pub fn rest_lane(&mut self, queue: &str, lane: &str, until: Timestamp) {
        self.later.rests(queue, lane, until);
    }

    /// Claims due jobs of a queue: the lanes that waited longest first, up to `per_lane` from each and `limit` in all.
    pub async fn claim(
        &mut self,
        queue: &str,
        now: Timestamp,
        lease: Duration,
        per_lane: i64,
        limit: i64,
        randomness: &dyn Randomness,
    ) -> Result<Vec<Job>> {
        self.write_later().await?;
        let lanes = self.due_lanes(queue, now, limit.min(MOST_LANES)).await?;
        if lanes.is_empty() {
            return Ok(Vec::new());
        }
        let named: Vec<&str> = lanes.iter().map(String::as_str).collect();
        let lease_id = rules::id::fresh(now, randomness);
        // A lane each, so that however long one is, so many of its jobs are looked at and no more. "Not dead" is said for
        // SQLite, which finds the index by it.
        let due = concat!(
            "x.queue = w.queue AND x.lane = w.lane AND x.state <> 'dead' AND ((x.state = 'ready' AND x.run_at <= w.now) \
             OR (x.state = 'leased' AND x.lease_until <= w.now)) AND ",
            head_of_its_key!("x")
        );
        let due = self.join_first("jobs", "j", due, "x.priority, x.id", per_lane.min(limit));
        let (among, those) = self.among();
        let named = self.filled_up(&named, "");
        let rows =
            Rows::of(&named).column("queue", |_| queue).column("lane", |lane| *lane).column("now", |_| now);
        let mut claimed: Vec<Job> = on!(self, c => {
            let mut query = rows.with();
            query.push("UPDATE jobs SET state = 'leased', attempts = attempts + 1, lease_id = ");
            query.push_bind(lease_id).push(", lease_until = ").push_bind(now + lease);
            query.push(" WHERE id ").push(among).push("SELECT j.id FROM w").push(&due).push(" LIMIT ").push_bind(limit);
            query.push(those).push(" RETURNING id, queue, lane, org_id, payload, attempts, lease_id, lease_until");
            query.build_query_as().fetch_all(c).await
        })?;
        let all = i64::try_from(claimed.len()).is_ok_and(|count| count == limit);
        let (mut full, mut served, mut empty) = (Vec::new(), Vec::new(), Vec::new());
        for lane in &lanes {
            let count = claimed.iter().filter(|job| job.lane == *lane).count();
            match i64::try_from(count).is_ok_and(|count| count == per_lane) || (all && count > 0) {
                true => full.push(lane.as_str()),
                // Where there was no room left the lane keeps its turn.
                false if all => {}
                false => {
                    served.push(lane.as_str());
                    empty.extend((count == 0).then_some(lane.as_str()));
                }
            }
        }
        self.end_turns(queue, &full, &served, now).await?;
        self.drop_lanes(queue, &empty).await?;
        claimed.sort_by_key(|job: &Job| job.id);
        Ok(claimed)
    }

    /// Sets when lanes are looked at next, and puts them behind the others: those that may hold more at once, those that
    /// were served when their next job falls due.
    async fn end_turns(&mut self, queue: &str, full: &[&str], served: &[&str], now: Timestamp) -> Result<()> {
        let these = self.named("lane");
        if !full.is_empty() {
            let full = self.filled_up(full, "");
            let full = lanes(&full);
            on!(self, c => {
                let mut query = full.with();
                query.push("UPDATE job_lanes SET turn = ").push_bind(now).push(", due_at = ").push_bind(now);
                query.push(" WHERE ").push(&these).push(THE_QUEUE).push_bind(queue);
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        if !served.is_empty() {
            let served = self.filled_up(served, "");
            let served = lanes(&served);
            on!(self, c => {
                let mut query = served.with();
                query.push("UPDATE job_lanes SET turn = ");
                // A job behind another of its key needs no look: finishing the other opens the lane again.
                query.push_bind(now).push(concat!(
                    ", due_at = COALESCE((SELECT min(CASE WHEN j.state = 'leased' THEN j.lease_until ELSE j.run_at END) \
                     FROM jobs j WHERE j.queue = job_lanes.queue AND j.lane = job_lanes.lane AND j.state <> 'dead' AND ",
                    head_of_its_key!("j"), "), "
                ));
                query.push_bind(NEVER).push(") WHERE ").push(&these).push(THE_QUEUE).push_bind(queue);
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Drops those of these lanes in which nothing waits or runs.
    async fn drop_lanes(&mut self, queue: &str, empty: &[&str]) -> Result<()> {
        if !empty.is_empty() {
            let empty = self.filled_up(empty, "");
            let (empty, these) = (lanes(&empty), self.named("lane"));
            on!(self, c => {
                let mut query = empty.with();
                query.push("DELETE FROM job_lanes WHERE ").push(&these).push(THE_QUEUE).push_bind(queue);
                query.push(" AND due_at = ").push_bind(NEVER);
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// When the next job of a queue falls due, if any waits or runs.
    pub async fn next_due(&mut self, queue: &str) -> Result<Option<Timestamp>> {
        self.write_later().await?;
        Ok(on!(self, c => sqlx::query_scalar("SELECT min(due_at) FROM job_lanes WHERE queue = $1")
            .bind(queue)
            .fetch_one(c)
            .await)?)
    }

    /// Ends leases: whoever held one is no more. Returns how many there were. One of a job that was begun again and again runs
    /// out by itself: it may be what ends the process.
    pub(crate) async fn end_leases(&mut self, now: Timestamp) -> Result<usize> {
        let held: Vec<(String, String)> = on!(self, c => sqlx::query_as(
            "UPDATE jobs SET lease_until = $1 WHERE state = 'leased' AND lease_until > $1 AND attempts <= $2 \
             RETURNING queue, lane",
        )
        .bind(now)
        .bind(BEGUN_AGAIN)
        .fetch_all(c)
        .await)?;
        for (queue, lane) in &held {
            self.open_lane(queue, lane, now);
        }
        Ok(held.len())
    }

    /// Extends a lease. `false`: it was lost, and the worker must stop.
    pub async fn renew(&mut self, job: &Job, until: Timestamp) -> Result<bool> {
        Ok(!self.hold_jobs(std::slice::from_ref(job), until).await?.is_empty())
    }

    /// Ends a job well. `false`: the lease was lost, somebody else has the job.
    pub async fn finish(&mut self, job: &Job, now: Timestamp) -> Result<bool> {
        Ok(self.finish_jobs(std::slice::from_ref(job), now).await? == 1)
    }

    /// Puts a job back to run again later. `counted` says whether the attempt was the job's own failure.
    /// `false`: the lease was lost.
    pub async fn put_back(&mut self, job: &Job, run_at: Timestamp, counted: bool, why: &str) -> Result<bool> {
        Ok(self.put_back_jobs(&[PutBack { job, run_at, counted, why }]).await? == 1)
    }

    /// Gives a job up for good and keeps it for a person to see. `false`: the lease was lost.
    pub async fn bury(&mut self, job: &Job, now: Timestamp, why: &str) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE jobs SET state = 'dead', lease_id = NULL, lease_until = NULL, last_error = $3 \
             WHERE id = $1 AND lease_id = $2 AND state = 'leased'",
        )
        .bind(job.id)
        .bind(job.lease_id)
        .bind(why)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if touched == 1 {
            self.open_lane(&job.queue, &job.lane, now);
        }
        Ok(touched == 1)
    }

    /// Takes a job out of its serial key: it has a long wait of its own, and what was enqueued after it need not share it.
    /// `false`: the lease was lost.
    pub async fn step_aside(&mut self, job: &Job, now: Timestamp) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE jobs SET serial_key = NULL WHERE id = $1 AND lease_id = $2 AND state = 'leased'",
        )
        .bind(job.id)
        .bind(job.lease_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if touched == 1 {
            self.open_lane(&job.queue, &job.lane, now);
        }
        Ok(touched == 1)
    }

    /// Lets whatever waits under a serial key run now.
    pub async fn hurry(&mut self, queue: &str, serial_key: &str, now: Timestamp) -> Result<()> {
        self.write_later().await?;
        let lanes: Vec<String> = on!(self, c => sqlx::query_scalar(
            "SELECT DISTINCT lane FROM jobs WHERE queue = $1 AND serial_key = $2 AND state = 'ready' AND state <> 'dead' AND run_at > $3",
        )
        .bind(queue)
        .bind(serial_key)
        .bind(now)
        .fetch_all(c)
        .await)?;
        if lanes.is_empty() {
            return Ok(());
        }
        // The lane first, as whoever claims does.
        for lane in &lanes {
            self.open_lane(queue, lane, now);
        }
        self.write_later().await?;
        on!(self, c => sqlx::query(
            "UPDATE jobs SET run_at = $3 WHERE queue = $1 AND serial_key = $2 AND state = 'ready' AND state <> 'dead' \
             AND run_at > $3",
        )
        .bind(queue)
        .bind(serial_key)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Lets whatever waits in a lane run now, but for what was put back for this reason: that is not over.
    pub async fn hurry_lane(&mut self, queue: &str, lane: &str, but: &str, now: Timestamp) -> Result<()> {
        // The lane first, as whoever claims does; "not dead" is said for SQLite, which finds the index by it.
        self.open_lane(queue, lane, now);
        self.write_later().await?;
        on!(self, c => sqlx::query(
            "UPDATE jobs SET run_at = $4 WHERE queue = $1 AND lane = $2 AND state = 'ready' AND state <> 'dead' \
             AND (last_error IS NULL OR last_error <> $3) AND run_at > $4",
        )
        .bind(queue)
        .bind(lane)
        .bind(but)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Two conversations became one: what waits under the key of the one that goes queues up with the other's, so that
    /// the order in which things were enqueued holds for both together.
    pub(crate) async fn join_serial_keys(&mut self, org: OrgId, going: &str, kept: &str) -> Result<()> {
        self.write_later().await?;
        Ok(
            on!(self, c => sqlx::query("UPDATE jobs SET serial_key = $3 WHERE org_id = $1 AND serial_key = $2")
            .bind(org)
            .bind(going)
            .bind(kept)
            .execute(c)
            .await
            .map(|_| ()))?,
        )
    }

    /// Jobs given up, newest first.
    pub async fn dead_jobs(&mut self, limit: i64) -> Result<Vec<DeadJob>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT id, queue, org_id, attempts, last_error, created_at FROM jobs WHERE state = 'dead' ORDER BY id DESC LIMIT $1",
        )
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Gives a dead job another life. `false`: there is no such dead job.
    pub async fn revive(&mut self, id: i64, now: Timestamp) -> Result<bool> {
        let lane: Option<(String, String)> = on!(self, c => sqlx::query_as(
            "UPDATE jobs SET state = 'ready', attempts = 0, run_at = $2, unique_key = NULL \
             WHERE id = $1 AND state = 'dead' RETURNING queue, lane",
        )
        .bind(id)
        .bind(now)
        .fetch_optional(c)
        .await)?;
        let Some((queue, lane)) = lane else { return Ok(false) };
        self.open_lane(&queue, &lane, now);
        Ok(true)
    }

    /// How many jobs of a queue wait or run.
    pub async fn jobs_left(&mut self, queue: &str) -> Result<i64> {
        self.write_later().await?;
        Ok(
            on!(self, c => sqlx::query_scalar("SELECT count(*) FROM jobs WHERE queue = $1 AND state <> 'dead'")
            .bind(queue)
            .fetch_one(c)
            .await)?,
        )
    }

    /// Due lanes, the longest unserved first.
    async fn due_lanes(&mut self, queue: &str, now: Timestamp, limit: i64) -> Result<Vec<String>> {
        // Differs because nodes on PostgreSQL claim at the same time and must not wait for each other's lanes,
        // while SQLite has one writer.
        let sql = if self.is_postgres() {
            "SELECT lane FROM job_lanes WHERE queue = $1 AND due_at <= $2 ORDER BY turn LIMIT $3 FOR UPDATE SKIP LOCKED"
        } else {
            "SELECT lane FROM job_lanes WHERE queue = $1 AND due_at <= $2 ORDER BY turn LIMIT $3"
        };
        Ok(on!(self, c => sqlx::query_scalar(sql).bind(queue).bind(now).bind(limit).fetch_all(c).await)?)
    }
}
