//! How long organisations keep what.

use rules::erasure::Kept;
use rules::id::OrgId;
use rules::time::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::rates::first_id;
use crate::rows::Rows;
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

    /// How many intentions are older.
    pub async fn count_outreach_before(&mut self, before: Timestamp) -> Result<i64> {
        Ok(
            on!(self.tx, c => sqlx::query_scalar("SELECT count(*) FROM outreach WHERE org_id = $1 AND at < $2")
            .bind(self.org)
            .bind(before)
            .fetch_one(c)
            .await)?,
        )
    }

    /// Forgets intentions that are older, with what went out for them on other channels, some at a time. Returns how many.
    pub async fn forget_outreach_before(&mut self, before: Timestamp, limit: i64) -> Result<u64> {
        let old: Vec<Uuid> = on!(self.tx, c => sqlx::query_scalar(
            "SELECT id FROM outreach WHERE org_id = $1 AND at < $2 ORDER BY at, id LIMIT $3",
        )
        .bind(self.org)
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?;
        self.forget_named("reaches", "outreach_id", &old).await?;
        self.forget_named("outreach", "id", &old).await
    }

    /// How many people notifications went through before.
    pub async fn count_recipients_before(&mut self, before: Timestamp) -> Result<i64> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT count(*) FROM notification_recipients WHERE org_id = $1 AND id < $2",
        )
        .bind(self.org)
        .bind(first_id(before))
        .fetch_one(c)
        .await)?)
    }

    /// Forgets whom notifications went through before, some at a time. Returns how many.
    pub async fn forget_recipients_before(&mut self, before: Timestamp, limit: i64) -> Result<u64> {
        let old: Vec<Uuid> = on!(self.tx, c => sqlx::query_scalar(
            "SELECT id FROM notification_recipients WHERE org_id = $1 AND id < $2 ORDER BY id LIMIT $3",
        )
        .bind(self.org)
        .bind(first_id(before))
        .bind(limit)
        .fetch_all(c)
        .await)?;
        self.forget_named("notification_recipients", "id", &old).await
    }

    /// Forgets runs of notifications that ended before and of which it is not written down any more whom they went through,
    /// some at a time. Returns how many.
    pub async fn forget_runs_before(&mut self, before: Timestamp, limit: i64) -> Result<u64> {
        let old: Vec<Uuid> = on!(self.tx, c => sqlx::query_scalar(
            "SELECT r.id FROM notification_runs r WHERE r.org_id = $1 AND r.id < $2 AND r.ended_at < $3 \
             AND NOT EXISTS (SELECT 1 FROM notification_recipients p WHERE p.org_id = r.org_id AND p.run_id = r.id) \
             ORDER BY r.id LIMIT $4",
        )
        .bind(self.org)
        .bind(first_id(before))
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?;
        self.forget_named("notification_runs", "id", &old).await
    }

    async fn forget_named(&mut self, table: &str, column: &str, ids: &[Uuid]) -> Result<u64> {
        let (org, mut all) = (self.org, 0);
        for set in self.tx.sets(ids) {
            let gone = Rows::of(set).column("id", |id| *id);
            all += on!(self.tx, c => gone.with()
                .push(format!("DELETE FROM {table} WHERE {column} IN (SELECT id FROM w) AND org_id = "))
                .push_bind(org)
                .build()
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
        }
        Ok(all)
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
