//! People who are to be erased, and the certificate of it: what was deleted, in numbers, and nothing that says who.

use rules::erasure::{ErasureState, ErasureStep};
use rules::id::{ContactId, ErasureId};
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::seam::OrgScope;

/// Somebody who is erased, or was.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// The contact, of which nothing else is left in the end.
    pub contact_id: ContactId,
    /// Whether it is done.
    pub state: ErasureState,
    /// What is being erased.
    pub step: ErasureStep,
    /// Whether the person is not to be written to again.
    pub suppressed: bool,
    /// Why, in a word.
    pub reason: String,
    /// How many rows of what were deleted.
    pub counts: Json<Value>,
    /// SHA-256 of what was asked for.
    pub request_hash: Vec<u8>,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When nothing was left.
    pub finished_at: Option<Timestamp>,
}

macro_rules! erasure_columns {
    () => {
        "id, contact_id, state, step, suppressed, reason, counts, request_hash, created_by, created_at, finished_at"
    };
}

impl OrgScope<'_> {
    /// Notes that somebody is to be erased. Taken: they are already.
    pub async fn insert_erasure(&mut self, erasure: &Erasure) -> Result<()> {
        on!(self.tx, c => sqlx::query(concat!(
            "INSERT INTO erasures (org_id, ", erasure_columns!(), ") \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ))
        .bind(self.org)
        .bind(erasure.id)
        .bind(erasure.contact_id)
        .bind(erasure.state)
        .bind(erasure.step)
        .bind(erasure.suppressed)
        .bind(&erasure.reason)
        .bind(&erasure.counts)
        .bind(&erasure.request_hash)
        .bind(&erasure.created_by)
        .bind(erasure.created_at)
        .bind(erasure.finished_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// One erasure.
    pub async fn erasure(&mut self, id: ErasureId) -> Result<Option<Erasure>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", erasure_columns!(), " FROM erasures WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// The erasure of a contact.
    pub async fn erasure_of(&mut self, contact: ContactId) -> Result<Option<Erasure>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", erasure_columns!(), " FROM erasures WHERE org_id = $1 AND contact_id = $2"
        ))
        .bind(self.org)
        .bind(contact)
        .fetch_optional(c)
        .await)?)
    }

    /// Erasures, newest first.
    pub async fn erasures(&mut self, before: Cursor, limit: usize) -> Result<Page<Erasure>> {
        let rows: Vec<Erasure> = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", erasure_columns!(), " FROM erasures WHERE org_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        ))
        .bind(self.org)
        .bind(before.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |one| Cursor { at: one.created_at, id: one.id.0 }))
    }

    /// Stores how far an erasure is. Where the person turned out to be another as well meanwhile, it stays at its beginning.
    pub async fn update_erasure(&mut self, erasure: &Erasure) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "UPDATE erasures SET state = $3, step = CASE WHEN contact_id = $7 THEN $4 ELSE step END, counts = $5, \
             finished_at = $6 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(erasure.id)
        .bind(erasure.state)
        .bind(erasure.step)
        .bind(&erasure.counts)
        .bind(erasure.finished_at)
        .bind(erasure.contact_id)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
