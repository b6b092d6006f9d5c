//! One row per time that a message was handed to Meta: what was tried, and what came of it.

use rules::id::MessageId;
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::seam::OrgScope;

/// One time that a message was handed to Meta.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Attempt {
    /// Its number, from 1.
    pub n: i64,
    /// When the request began.
    pub started_at: Timestamp,
    /// When its answer, or the certainty that none comes, was written down.
    pub finished_at: Option<Timestamp>,
    /// What came of it, in a stable word.
    pub outcome: Option<String>,
    /// What Meta said, where it was no success.
    pub problem: Option<Json<Value>>,
}

impl OrgScope<'_> {
    /// Notes that a message is about to be handed to Meta. Returns the number of the attempt.
    pub async fn start_attempt(&mut self, message: MessageId, now: Timestamp) -> Result<i64> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "INSERT INTO attempts (org_id, message_id, n, started_at) \
             SELECT $1, $2, COALESCE(max(n), 0) + 1, $3 FROM attempts WHERE org_id = $1 AND message_id = $2 RETURNING n",
        )
        .bind(org)
        .bind(message)
        .bind(now)
        .fetch_one(c)
        .await)?)
    }

    /// Notes what came of an attempt. `false`: that was noted before, or there is no such attempt.
    pub async fn finish_attempt(
        &mut self,
        message: MessageId,
        n: i64,
        outcome: &str,
        problem: Option<&Value>,
        now: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE attempts SET finished_at = $4, outcome = $5, problem = $6 \
             WHERE org_id = $1 AND message_id = $2 AND n = $3 AND finished_at IS NULL",
        )
        .bind(org)
        .bind(message)
        .bind(n)
        .bind(now)
        .bind(outcome)
        .bind(problem.map(Json))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// All attempts at a message, in order.
    pub async fn attempts(&mut self, message: MessageId) -> Result<Vec<Attempt>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT n, started_at, finished_at, outcome, problem FROM attempts \
             WHERE org_id = $1 AND message_id = $2 ORDER BY n",
        )
        .bind(org)
        .bind(message)
        .fetch_all(c)
        .await)?)
    }
}
