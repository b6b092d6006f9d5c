//! One row per time that a message was handed to Meta: what was tried, and what came of it.

use rules::id::{MessageId, OrgId};
use rules::time::Timestamp;
use serde_json::Value;

use crate::batch::{Batch, each, one_each};
use crate::error::Result;
use crate::json::Json;
use crate::rows::Rows;
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

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Ended<'a> {
    /// The organisation.
    pub org: OrgId,
    /// The message.
    pub message: MessageId,
    /// The attempt's number.
    pub n: i64,
    /// In a stable word.
    pub outcome: &'a str,
    /// What Meta said, where it was no success.
    pub problem: Option<&'a Value>,
}

#[derive(sqlx::FromRow)]
struct Number {
    number: i64,
}

impl Batch<'_> {
    /// The number of the attempt at each message that has no end yet, where there is one.
    pub async fn open_attempts(&mut self, keys: &[(OrgId, MessageId)]) -> Result<Vec<Option<i64>>> {
        let open = "t.org_id = w.org_id AND t.message_id = w.id AND t.finished_at IS NULL";
        let open = self.tx.join("attempts", "t", open);
        let rows = each!(self.tx, keys, "SELECT w.n, t.n AS number FROM w", &open, " ORDER BY t.n DESC");
        Ok(one_each(keys.len(), rows)
            .into_iter()
            .map(|found| found.map(|Number { number }| number))
            .collect())
    }

    /// Notes that messages, each named once, are about to be handed to Meta. Returns the numbers of the attempts.
    pub async fn start_attempts(&mut self, keys: &[(OrgId, MessageId)], now: Timestamp) -> Result<Vec<i64>> {
        let earlier = self.tx.join("attempts", "t", "t.org_id = w.org_id AND t.message_id = w.id");
        let before = each!(self.tx, keys, "SELECT w.n, max(t.n) AS number FROM w", &earlier, " GROUP BY w.n");
        let before = one_each(keys.len(), before);
        let started: Vec<_> = keys
            .iter()
            .zip(before)
            .map(|((org, message), last)| (*org, *message, last.map_or(1, |Number { number }| number + 1)))
            .collect();
        for chunk in self.tx.sets(&started) {
            let rows = Rows::of(chunk)
                .column("org_id", |(org, _, _)| *org)
                .column("message_id", |(_, message, _)| *message)
                .column("n", |(_, _, n)| *n)
                .column("started_at", |_| now);
            on!(self.tx, c => rows.insert_into("attempts")
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(started.into_iter().map(|(.., n)| n).collect())
    }

    /// Notes what came of attempts, each named once. One of which that was noted before stays as it is.
    pub async fn finish_attempts(&mut self, ended: &[Ended<'_>], now: Timestamp) -> Result<()> {
        for chunk in self.tx.sets(ended) {
            let rows = Rows::of(chunk)
                .column("org_id", |one| one.org)
                .column("message_id", |one| one.message)
                .column("n", |one| one.n)
                .column("outcome", |one| one.outcome)
                .column("problem", |one| one.problem.map(Json));
            on!(self.tx, c => {
                let mut query = rows.with();
                query.push("UPDATE attempts SET finished_at = ").push_bind(now);
                query.push(
                    ", outcome = w.outcome, problem = w.problem FROM w WHERE attempts.org_id = w.org_id \
                     AND attempts.message_id = w.message_id AND attempts.n = w.n AND attempts.finished_at IS NULL",
                );
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }
}

impl OrgScope<'_> {
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
