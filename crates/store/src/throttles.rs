//! Attempts at secrets, counted per hashed subject (an account, an address), for limits on guessing.

use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::Tx;

/// How a subject stands.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Throttle {
    /// Attempts since `since`, the present one included.
    pub failures: i64,
    /// When counting began.
    pub since: Timestamp,
    /// No attempt is let through before then.
    pub blocked_until: Option<Timestamp>,
}

/// Subjects are hashes of whatever is limited; none belongs to an organisation.
impl Tx {
    /// Counts an attempt before it is made, so that many at once cannot slip through together. Counting starts anew
    /// when it last began before `window_start`. An attempt while the subject is blocked is not counted.
    pub async fn count_attempt(
        &mut self,
        subject: &[u8; 32],
        now: Timestamp,
        window_start: Timestamp,
    ) -> Result<Throttle> {
        Ok(on!(self, c => sqlx::query_as(
            "INSERT INTO throttles (subject, failures, since) VALUES ($1, 1, $2) ON CONFLICT (subject) DO UPDATE SET \
             failures = CASE WHEN throttles.blocked_until > $2 THEN throttles.failures \
                             WHEN throttles.since < $3 THEN 1 ELSE throttles.failures + 1 END, \
             since = CASE WHEN throttles.since < $3 AND (throttles.blocked_until IS NULL OR throttles.blocked_until <= $2) \
                          THEN $2 ELSE throttles.since END \
             RETURNING failures, since, blocked_until",
        )
        .bind(subject.as_slice())
        .bind(now)
        .bind(window_start)
        .fetch_one(c)
        .await)?)
    }

    /// Lets nothing through for this subject before `until`.
    pub async fn block_attempts(&mut self, subject: &[u8; 32], until: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query("UPDATE throttles SET blocked_until = $2 WHERE subject = $1")
            .bind(subject.as_slice())
            .bind(until)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Forgets a subject's attempts: it has proved itself.
    pub async fn clear_attempts(&mut self, subject: &[u8; 32]) -> Result<()> {
        on!(self, c => sqlx::query("DELETE FROM throttles WHERE subject = $1")
            .bind(subject.as_slice())
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes back one attempt of a subject that many share (an address): this one proved itself.
    pub async fn forgive_attempt(&mut self, subject: &[u8; 32]) -> Result<()> {
        on!(self, c => sqlx::query("UPDATE throttles SET failures = failures - 1 WHERE subject = $1 AND failures > 0")
            .bind(subject.as_slice())
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Forgets subjects whose counting began before `before`.
    pub async fn drop_attempts_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "DELETE FROM throttles WHERE since < $1 AND (blocked_until IS NULL OR blocked_until < $1)",
        )
        .bind(before)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }
}
