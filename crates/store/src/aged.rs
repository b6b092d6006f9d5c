//! Rows that are numbered as they come, and forgotten once they are old.
//!
//! They are looked at from the oldest on, so that none of them has to be found by its age: an index of that would be written
//! with each of them, for a sweep a day.

use rules::time::Timestamp;
use sqlx::AssertSqlSafe;

use crate::error::Result;
use crate::seam::Tx;

/// How many rows are looked at together.
const TOGETHER: i64 = 10_000;

impl Tx {
    /// Deletes the rows of a table whose moment in this column lies before `before`, up to where nothing is as old any more:
    /// what is older than its neighbours goes with them. Returns how many they were.
    pub(crate) async fn drop_aged(
        &mut self,
        table: &'static str,
        column: &'static str,
        before: Timestamp,
    ) -> Result<u64> {
        let next = format!(
            "SELECT max(seq) FROM (SELECT seq FROM {table} WHERE seq > $1 ORDER BY seq LIMIT {TOGETHER}) AS next"
        );
        let drop = format!("DELETE FROM {table} WHERE seq > $1 AND seq <= $2 AND {column} < $3");
        let (mut from, mut all) = (i64::MIN, 0);
        loop {
            let upto: Option<i64> = on!(self, c => sqlx::query_scalar(AssertSqlSafe(next.clone()))
                .bind(from)
                .fetch_one(c)
                .await)?;
            let Some(upto) = upto else { return Ok(all) };
            let dropped = on!(self, c => sqlx::query(AssertSqlSafe(drop.clone()))
                .bind(from)
                .bind(upto)
                .bind(before)
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
            if dropped == 0 {
                return Ok(all);
            }
            all += dropped;
            from = upto;
        }
    }
}
