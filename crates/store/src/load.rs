//! How much waits, for whom, and how large the database is: what the operator is shown.
//!
//! These calls belong to no organisation. They count up to [`MOST`] jobs, the oldest first, so that looking at a long
//! queue does not lengthen it.

use rules::id::OrgId;
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::Tx;

/// So many jobs are looked at.
pub const MOST: i64 = 200_000;

/// How much work a queue has.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct QueueLoad {
    /// Its name.
    pub queue: String,
    /// Jobs whose time has come.
    pub due: i64,
    /// Jobs whose time is yet to come.
    pub waiting: i64,
    /// Jobs that somebody holds.
    pub running: i64,
    /// Jobs that somebody held who did not renew the lease.
    pub expired: i64,
    /// Jobs given up.
    pub dead: i64,
    /// Since when the oldest due one waits.
    pub oldest_due: Option<Timestamp>,
}

/// Jobs of one lane of a queue.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LaneLoad {
    /// The queue.
    pub queue: String,
    /// The lane.
    pub lane: String,
    /// For whom they work.
    pub org_id: Option<OrgId>,
    /// Why they wait; of no due job.
    pub why: Option<String>,
    /// How many they are.
    pub jobs: i64,
    /// When the first of them falls, or fell, due.
    pub due: Timestamp,
}

/// What Meta sent and is not done with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct IngestLoad {
    /// Bodies that are not cut into updates yet.
    pub unsplit: i64,
    /// When the oldest of them came.
    pub oldest_unsplit: Option<Timestamp>,
    /// Updates to be applied.
    pub pending: i64,
    /// When the oldest of them came.
    pub oldest_pending: Option<Timestamp>,
    /// Statuses of messages that are not known yet.
    pub parked: i64,
    /// Updates that a person has to look at.
    pub kept: i64,
}

/// What the database says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DatabaseLoad {
    /// How many bytes it takes, without its log.
    pub bytes: i64,
    /// Its own clock, where it has one of its own (PostgreSQL).
    pub clock: Option<Timestamp>,
}

impl Tx {
    /// Every queue that has jobs, by name.
    pub async fn queue_loads(&mut self, now: Timestamp) -> Result<Vec<QueueLoad>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT queue, count(CASE WHEN state = 'ready' AND run_at <= $1 THEN 1 END) AS due, \
             count(CASE WHEN state = 'ready' AND run_at > $1 THEN 1 END) AS waiting, \
             count(CASE WHEN state = 'leased' AND lease_until > $1 THEN 1 END) AS running, \
             count(CASE WHEN state = 'leased' AND lease_until <= $1 THEN 1 END) AS expired, \
             count(CASE WHEN state = 'dead' THEN 1 END) AS dead, \
             min(CASE WHEN state = 'ready' AND run_at <= $1 THEN run_at END) AS oldest_due \
             FROM (SELECT queue, state, run_at, lease_until FROM jobs ORDER BY id LIMIT $2) j \
             GROUP BY queue ORDER BY queue",
        )
        .bind(now)
        .bind(MOST)
        .fetch_all(c)
        .await)?)
    }

    /// The lanes whose jobs have been due longest, and how many each has.
    pub async fn lanes_behind(&mut self, now: Timestamp, limit: i64) -> Result<Vec<LaneLoad>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT queue, lane, org_id, NULL AS why, count(*) AS jobs, min(run_at) AS due \
             FROM (SELECT queue, lane, org_id, state, run_at FROM jobs ORDER BY id LIMIT $2) j \
             WHERE state = 'ready' AND run_at <= $1 GROUP BY queue, lane, org_id ORDER BY min(run_at) LIMIT $3",
        )
        .bind(now)
        .bind(MOST)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// The lanes that hold most jobs which were put back for a reason, and the reason.
    pub async fn lanes_held(&mut self, now: Timestamp, limit: i64) -> Result<Vec<LaneLoad>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT queue, lane, org_id, last_error AS why, count(*) AS jobs, min(run_at) AS due \
             FROM (SELECT queue, lane, org_id, state, run_at, last_error FROM jobs ORDER BY id LIMIT $2) j \
             WHERE state = 'ready' AND run_at > $1 AND last_error IS NOT NULL \
             GROUP BY queue, lane, org_id, last_error ORDER BY count(*) DESC LIMIT $3",
        )
        .bind(now)
        .bind(MOST)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// What came in and is not done with.
    pub async fn ingest_load(&mut self) -> Result<IngestLoad> {
        let mut load: IngestLoad = on!(self, c => sqlx::query_as(
            "SELECT (SELECT count(*) FROM webhook_bodies WHERE split_at IS NULL) AS unsplit, \
             (SELECT min(received_at) FROM webhook_bodies WHERE split_at IS NULL) AS oldest_unsplit, \
             (SELECT count(*) FROM updates WHERE state = 'pending') AS pending, \
             (SELECT min(received_at) FROM updates WHERE state = 'pending') AS oldest_pending, \
             (SELECT count(*) FROM updates WHERE state = 'parked') AS parked, \
             (SELECT count(*) FROM updates WHERE state = 'kept') AS kept",
        )
        .fetch_one(c)
        .await)?;
        if let Some(spool) = self.spool.clone() {
            let came_in = spool.unsplit(self.spooled().await?.upto).await?;
            load.unsplit += came_in.bodies;
            load.oldest_unsplit = load.oldest_unsplit.or(came_in.oldest);
        }
        Ok(load)
    }

    /// How large the database is, and what time it thinks it is.
    pub async fn database_load(&mut self) -> Result<DatabaseLoad> {
        // Differs because each has its own way to say so, and SQLite has this machine's clock.
        let sql = if self.is_postgres() {
            "SELECT pg_database_size(current_database()) AS bytes, \
             (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS clock"
        } else {
            "SELECT page_count * page_size AS bytes, NULL AS clock FROM pragma_page_count(), pragma_page_size()"
        };
        let mut load: DatabaseLoad = on!(self, c => sqlx::query_as(sql).fetch_one(c).await)?;
        if let Some(spool) = &self.spool {
            load.bytes += std::fs::metadata(spool.file())
                .map_or(0, |file| i64::try_from(file.len()).unwrap_or(i64::MAX));
        }
        Ok(load)
    }
}
