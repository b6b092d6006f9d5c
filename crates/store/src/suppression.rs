//! Whom never to write to again: keyed hashes of names, which tell nobody who it was.

use rules::id::OrgId;
use rules::time::Timestamp;
use sqlx::QueryBuilder;

use crate::batch::Batch;
use crate::error::Result;
use crate::rows::Rows;
use crate::seam::OrgScope;

/// What sort of name is suppressed, and its hash.
pub type Suppressed = (String, Vec<u8>);

/// How many names of a sort are suppressed for a reason.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SuppressionCount {
    /// The sort of name: `phone`, `bsuid`, `email`.
    pub kind: String,
    /// Why: `erased`, `asked`.
    pub reason: String,
    /// How many.
    pub count: i64,
}

impl Batch<'_> {
    /// Which of these organisations suppress anybody.
    pub async fn suppressing(&mut self, orgs: &[OrgId]) -> Result<Vec<OrgId>> {
        let mut suppressing = Vec::new();
        for set in self.tx.sets(orgs) {
            let asked = Rows::of(set).column("org_id", |org| *org);
            let found: Vec<OrgId> = on!(self.tx, c => asked.with()
                .push(
                    "SELECT w.org_id FROM w \
                     WHERE (SELECT 1 FROM suppressions s WHERE s.org_id = w.org_id LIMIT 1) IS NOT NULL",
                )
                .build_query_scalar()
                .fetch_all(c)
                .await)?;
            suppressing.extend(found);
        }
        Ok(suppressing)
    }
}

impl OrgScope<'_> {
    /// The sealed key of the organisation's hashes.
    pub async fn suppression_key(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(on!(self.tx, c => sqlx::query_scalar("SELECT sealed FROM suppression_keys WHERE org_id = $1")
            .bind(self.org)
            .fetch_optional(c)
            .await)?)
    }

    /// Keeps a sealed key, unless there is one. Returns the one that is kept.
    pub async fn keep_suppression_key(&mut self, sealed: &[u8]) -> Result<Vec<u8>> {
        on!(self.tx, c => sqlx::query(
            "INSERT INTO suppression_keys (org_id, sealed) VALUES ($1, $2) ON CONFLICT (org_id) DO NOTHING",
        )
        .bind(self.org)
        .bind(sealed)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(self.suppression_key().await?.unwrap_or_default())
    }

    /// Suppresses a name. `false`: it was suppressed before.
    pub async fn suppress(
        &mut self,
        kind: &str,
        hash: &[u8],
        reason: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let added = on!(self.tx, c => sqlx::query(
            "INSERT INTO suppressions (org_id, kind, hash, reason, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (org_id, kind, hash) DO NOTHING",
        )
        .bind(self.org)
        .bind(kind)
        .bind(hash)
        .bind(reason)
        .bind(by)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(added == 1)
    }

    /// Suppresses a name no more. `false`: it was not.
    pub async fn release_suppressed(&mut self, kind: &str, hash: &[u8]) -> Result<bool> {
        let gone = on!(self.tx, c => sqlx::query("DELETE FROM suppressions WHERE org_id = $1 AND kind = $2 AND hash = $3")
            .bind(self.org)
            .bind(kind)
            .bind(hash)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(gone == 1)
    }

    /// Which of these names are suppressed, by their hashes.
    pub async fn suppressed_among(&mut self, hashes: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
        let mut found = Vec::new();
        for set in hashes.chunks(500) {
            let some: Vec<Vec<u8>> = on!(self.tx, c => {
                let mut query = QueryBuilder::new("SELECT hash FROM suppressions WHERE org_id = ");
                query.push_bind(self.org).push(" AND hash IN (");
                let mut list = query.separated(", ");
                for hash in set {
                    list.push_bind(hash.as_slice());
                }
                query.push(")");
                query.build_query_scalar().persistent(false).fetch_all(c).await
            })?;
            found.extend(some);
        }
        Ok(found)
    }

    /// Whether the organisation suppresses anybody.
    pub async fn suppresses(&mut self) -> Result<bool> {
        Ok(
            on!(self.tx, c => sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM suppressions WHERE org_id = $1)")
            .bind(self.org)
            .fetch_one(c)
            .await)?,
        )
    }

    /// How many names are suppressed.
    pub async fn suppression_counts(&mut self) -> Result<Vec<SuppressionCount>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT kind, reason, count(*) AS count FROM suppressions WHERE org_id = $1 GROUP BY kind, reason \
             ORDER BY kind, reason",
        )
        .bind(self.org)
        .fetch_all(c)
        .await)?)
    }
}
