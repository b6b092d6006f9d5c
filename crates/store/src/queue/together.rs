//! Jobs that were claimed together end together.

use std::borrow::Borrow;
use std::collections::HashSet;

use rules::time::Timestamp;

use super::Job;
use crate::error::Result;
use crate::rows::Rows;
use crate::seam::Tx;

/// A job that is to run again.
#[derive(Clone, Debug)]
pub struct PutBack<'a> {
    /// The job.
    pub job: &'a Job,
    /// Not before.
    pub run_at: Timestamp,
    /// Whether the attempt was the job's own failure.
    pub counted: bool,
    /// Why.
    pub why: &'a str,
}

/// `w (id, lease_id)`: jobs, as whoever claimed them knows them.
fn leased<J: Borrow<Job>>(jobs: &[J]) -> Rows<'_, J> {
    Rows::of(jobs).column("id", |job| job.borrow().id).column("lease_id", |job| job.borrow().lease_id)
}

/// A lane, and its queue before it.
pub(crate) type Lane = (String, String);

/// `w (queue, lane, now)`: lanes, and a time for each.
fn lanes_of<'r>(lanes: &'r [(&Lane, Timestamp)]) -> Rows<'r, (&'r Lane, Timestamp)> {
    Rows::of(lanes)
        .column("queue", |((queue, _), _)| queue)
        .column("lane", |((_, lane), _)| lane)
        .column("now", |(_, now)| *now)
}

impl Tx {
    /// Those of these jobs that their worker still holds. Nobody else takes one of them before `until`, nor before the
    /// transaction ends.
    pub async fn hold_jobs(&mut self, jobs: &[Job], until: Timestamp) -> Result<HashSet<i64>> {
        let (hold, still) =
            (self.hold("j"), self.join("jobs", "j", "j.id = w.id AND j.lease_id = w.lease_id"));
        // In one order everywhere, so that two nodes do not wait for each other in a circle.
        let mut jobs: Vec<&Job> = jobs.iter().collect();
        jobs.sort_unstable_by_key(|job| job.id);
        let mut held = HashSet::with_capacity(jobs.len());
        for chunk in self.sets(&jobs) {
            // To count them costs less than to name them, and nearly always all are held.
            let jobs = leased(chunk);
            let count: i64 = on!(self, c => {
                let mut query = jobs.with();
                query.push("SELECT count(*) FROM (SELECT j.id FROM w").push(&still).push(&hold);
                query.push(") held").build_query_scalar().fetch_one(c).await
            })?;
            if usize::try_from(count).is_ok_and(|count| count == chunk.len()) {
                held.extend(chunk.iter().map(|job| job.id));
            } else {
                let jobs = leased(chunk);
                let ids: Vec<i64> = on!(self, c => {
                    let mut query = jobs.with();
                    query.push("SELECT j.id FROM w").push(&still);
                    query.build_query_scalar().fetch_all(c).await
                })?;
                held.extend(ids);
            }
        }
        // Most were claimed a moment ago.
        let short: Vec<&Job> =
            jobs.into_iter().filter(|job| held.contains(&job.id) && job.lease_until < until).collect();
        let these = self.named("id");
        for chunk in self.sets(&short) {
            let short = Rows::of(chunk).column("id", |job| job.id);
            on!(self, c => {
                let mut query = short.with();
                query.push("UPDATE jobs SET lease_until = ").push_bind(until);
                query.push(" WHERE ").push(&these).push(" AND lease_until < ").push_bind(until);
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(held)
    }

    /// Ends jobs well. Returns how many: of the others the lease was lost, and somebody else has them.
    pub async fn finish_jobs(&mut self, jobs: &[Job], now: Timestamp) -> Result<usize> {
        let mut ended = 0;
        let claimed = self.named_by("id", "lease_id");
        for chunk in self.sets(jobs) {
            let jobs = leased(chunk);
            ended += on!(self, c => {
                let mut query = jobs.with();
                query.push("DELETE FROM jobs WHERE ").push(&claimed);
                query.build().execute(c).await.map(|done| done.rows_affected())
            })?;
        }
        for job in jobs {
            self.later.ended(&job.queue, &job.lane, now);
        }
        Ok(usize::try_from(ended).unwrap_or(usize::MAX))
    }

    /// Holds these lanes, in their order, where other nodes may be at them: whoever enqueues there is done before we look,
    /// or begins after we have ended. Only on PostgreSQL: SQLite has one writer.
    pub(crate) async fn hold_lanes(&mut self, lanes: &[(&Lane, Timestamp)]) -> Result<()> {
        let mut lanes = lanes.to_vec();
        lanes.sort_unstable();
        let held = self.join("job_lanes", "l", "l.lane = w.lane AND l.queue IS NOT DISTINCT FROM w.queue");
        for set in self.sets(&lanes) {
            let lanes = lanes_of(set);
            let _: i64 = on!(self, c => {
                lanes.with()
                    .push("SELECT count(*) FROM (SELECT 1 FROM w")
                    .push(&held)
                    .push(" FOR UPDATE OF l) held")
                    .build_query_scalar()
                    .fetch_one(c)
                    .await
            })?;
        }
        Ok(())
    }

    /// Jobs of these lanes, which are held, have ended at these times: lanes without another are gone; those in which one
    /// waits are looked at again, since it may have waited for one of these.
    pub(crate) async fn close_lanes(&mut self, lanes: &[(&Lane, Timestamp)]) -> Result<()> {
        let (these, only) = (self.named_by("lane", "queue"), self.only_those("job_lanes", "lane"));
        for set in self.sets(lanes) {
            let lanes = lanes_of(set);
            let gone = on!(self, c => {
                lanes.with()
                    .push("DELETE FROM job_lanes WHERE ")
                    .push(&these)
                    .push(
                        " AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.queue = job_lanes.queue AND j.lane = job_lanes.lane \
                         AND j.state <> 'dead' LIMIT 1 OFFSET 0)",
                    )
                    .build()
                    .execute(c)
                    .await
                    .map(|done| done.rows_affected())
            })?;
            if usize::try_from(gone).is_ok_and(|gone| gone == set.len()) {
                continue;
            }
            // "Not dead" is said for SQLite, which finds the index by it, and OFFSET for PostgreSQL, which makes no join of it.
            self.stirred.extend(set.iter().map(|((queue, _), _)| queue.clone()));
            let lanes = lanes_of(set);
            on!(self, c => {
                lanes.with()
                    .push(
                        "UPDATE job_lanes SET due_at = CASE WHEN job_lanes.rests_until > w.now \
                         THEN job_lanes.rests_until ELSE w.now END FROM w WHERE job_lanes.lane = w.lane \
                         AND job_lanes.queue IS NOT DISTINCT FROM w.queue AND job_lanes.due_at > w.now AND EXISTS \
                         (SELECT 1 FROM jobs j WHERE j.queue = w.queue AND j.lane = w.lane AND j.state <> 'dead' \
                         AND j.state = 'ready' LIMIT 1 OFFSET 0)",
                    )
                    .push(&only)
                    .build()
                    .execute(c)
                    .await
                    .map(|_| ())
            })?;
        }
        Ok(())
    }

    /// These lanes, which are held, are not looked at before these times.
    pub(crate) async fn lay_lanes_to_rest(&mut self, lanes: &[(&Lane, Timestamp)]) -> Result<()> {
        let only = self.only_those("job_lanes", "lane");
        for set in self.sets(lanes) {
            let lanes = lanes_of(set);
            on!(self, c => lanes.with()
                .push(
                    "UPDATE job_lanes SET rests_until = w.now, \
                     due_at = CASE WHEN job_lanes.due_at < w.now THEN w.now ELSE job_lanes.due_at END FROM w \
                     WHERE job_lanes.lane = w.lane AND job_lanes.queue IS NOT DISTINCT FROM w.queue AND job_lanes.rests_until < w.now",
                )
                .push(&only)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Puts jobs back to run again later. Returns how many: of the others the lease was lost.
    pub async fn put_back_jobs(&mut self, jobs: &[PutBack<'_>]) -> Result<usize> {
        let mut again = 0;
        let only = self.only_those("jobs", "id");
        for chunk in self.sets(jobs) {
            let again_at = Rows::of(chunk)
                .column("id", |one| one.job.id)
                .column("lease_id", |one| one.job.lease_id)
                .column("run_at", |one| one.run_at)
                .column("why", |one| one.why)
                .column("uncounted", |one| i64::from(!one.counted));
            again += on!(self, c => {
                let mut query = again_at.with();
                query.push(
                    "UPDATE jobs SET state = 'ready', lease_id = NULL, lease_until = NULL, run_at = w.run_at, \
                     last_error = w.why, attempts = attempts - w.uncounted, unique_key = NULL FROM w \
                     WHERE jobs.id = w.id AND jobs.lease_id = w.lease_id",
                );
                query.push(&only).build().execute(c).await.map(|done| done.rows_affected())
            })?;
        }
        for one in jobs {
            self.open_lane(&one.job.queue, &one.job.lane, one.run_at);
        }
        Ok(usize::try_from(again).unwrap_or(usize::MAX))
    }
}
