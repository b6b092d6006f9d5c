//! How long organisations keep what.

use rules::erasure::Kept;
use rules::id::OrgId;
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::{OrgScope, Tx};

impl OrgScope<'_> {
    /// How many days the organisation keeps what; what is not named is kept.
    pub async fn retention(&mut self) -> Result<Vec<(Kept, i64)>> {
        Ok(
            on!(self.tx, c => sqlx::query_as("SELECT what, days FROM retention WHERE org_id = $1 ORDER BY what")
            .bind(self.org)
            .fetch_all(c)
            .await)?,
        )
    }

    /// Keeps this so many days; `None`: for as long as the organisation is there.
    pub async fn keep(&mut self, what: Kept, days: Option<i64>) -> Result<()> {
        let sql = match days {
            Some(_) => {
                "INSERT INTO retention (org_id, what, days) VALUES ($1, $2, $3) \
                 ON CONFLICT (org_id, what) DO UPDATE SET days = excluded.days"
            }
            None => "DELETE FROM retention WHERE org_id = $1 AND what = $2 AND $3 IS NULL",
        };
        on!(self.tx, c => sqlx::query(sql).bind(self.org).bind(what).bind(days).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// How many entries of the audit log are older.
    pub async fn count_audit_before(&mut self, before: Timestamp) -> Result<i64> {
        Ok(on!(self.tx, c => sqlx::query_scalar("SELECT count(*) FROM audit WHERE org_id = $1 AND at < $2")
            .bind(self.org)
            .bind(before)
            .fetch_one(c)
            .await)?)
    }

    /// Forgets entries of the audit log that are older, some at a time. Returns how many.
    pub async fn forget_audit_before(&mut self, before: Timestamp, limit: i64) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(
            "DELETE FROM audit WHERE org_id = $1 AND at < $2 AND id IN \
             (SELECT id FROM audit WHERE org_id = $1 ORDER BY id LIMIT $3)",
        )
        .bind(self.org)
        .bind(before)
        .bind(limit)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }
}

/// Who keeps anything no longer than they say is looked up for all organisations at once.
impl Tx {
    /// Organisations that have said how long they keep anything.
    pub async fn orgs_with_retention(&mut self) -> Result<Vec<OrgId>> {
        Ok(
            on!(self, c => sqlx::query_scalar("SELECT DISTINCT org_id FROM retention ORDER BY org_id").fetch_all(c).await)?,
        )
    }
}
