//! Requests that a caller named, so that repeating one changes nothing and gives the first answer again.
//!
//! [`OrgScope::begin_request`] and [`OrgScope::complete_request`] belong in the transaction of the effect: the name,
//! the effect and the answer then commit together or not at all.

use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::{OrgScope, Tx};

/// A caller's name for one request, and what the request was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// As the caller sent it.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub hash: [u8; 32],
}

/// An answer given before.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredAnswer {
    /// Its HTTP status.
    pub status: i64,
    /// Its JSON body.
    pub response: String,
}

/// How a named request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It has not been made before: go on, and complete it.
    Fresh,
    /// It was made and answered.
    Answered(StoredAnswer),
    /// It was made and has no answer yet.
    InFlight,
    /// The name was used for another request.
    Reused,
}

impl OrgScope<'_> {
    /// Takes the name of a request. While another transaction holds the same name, this waits for its end.
    pub async fn begin_request(&mut self, request: &RequestKey, now: Timestamp) -> Result<Begun> {
        let inserted = on!(self.tx, c => sqlx::query(
            "INSERT INTO idempotency (org_id, key, request_hash, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (org_id, key) DO NOTHING",
        )
        .bind(self.org)
        .bind(&request.key)
        .bind(request.hash.as_slice())
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if inserted == 1 {
            return Ok(Begun::Fresh);
        }
        let (hash, status, response): (Vec<u8>, Option<i64>, Option<String>) = on!(self.tx, c => sqlx::query_as(
            "SELECT request_hash, status, response FROM idempotency WHERE org_id = $1 AND key = $2",
        )
        .bind(self.org)
        .bind(&request.key)
        .fetch_one(c)
        .await)?;
        Ok(match (status, response) {
            _ if hash != request.hash => Begun::Reused,
            (Some(status), Some(response)) => Begun::Answered(StoredAnswer { status, response }),
            _ => Begun::InFlight,
        })
    }

    /// Stores the answer to a request that was begun.
    pub async fn complete_request(&mut self, key: &str, answer: &StoredAnswer) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "UPDATE idempotency SET status = $3, response = $4 WHERE org_id = $1 AND key = $2",
        )
        .bind(self.org)
        .bind(key)
        .bind(answer.status)
        .bind(&answer.response)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Gives the name of a request back: it came to nothing and may be made again.
    pub async fn abandon_request(&mut self, key: &str) -> Result<()> {
        on!(self.tx, c => sqlx::query("DELETE FROM idempotency WHERE org_id = $1 AND key = $2 AND status IS NULL")
            .bind(self.org)
            .bind(key)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

/// Retention is the installation's, not an organisation's.
impl Tx {
    /// Forgets requests made before `before`.
    pub async fn drop_requests_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query("DELETE FROM idempotency WHERE created_at < $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
