//! Forgetting raw webhooks that name somebody. They belong to no organisation before they are read; the messaging account in
//! them says whose they were.

use sqlx::AssertSqlSafe;

use crate::error::Result;
use crate::seam::{Store, Tx};

/// Webhooks that hold one of these names together with one of these messaging accounts.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'a> {
    /// What somebody is called by Meta: phone numbers and BSUIDs.
    pub names: &'a [String],
    /// Meta's ids of an organisation's messaging accounts.
    pub accounts: &'a [String],
}

impl Naming<'_> {
    /// Nothing can be found with it.
    pub(crate) fn is_nothing(&self) -> bool {
        self.names.is_empty() || self.accounts.is_empty()
    }

    /// A condition on a body. `holds` finds the value `$n` in it; the values are numbered from `first` on, as [`Self::values`]
    /// tells them.
    pub(crate) fn condition(&self, holds: &str, first: usize) -> String {
        let any = |from: usize, count: usize| {
            let each: Vec<_> = (from..from + count).map(|n| holds.replace("$n", &format!("${n}"))).collect();
            format!("({})", each.join(" OR "))
        };
        format!("{} AND {}", any(first, self.names.len()), any(first + self.names.len(), self.accounts.len()))
    }

    /// What is looked for, in the order of the condition.
    pub(crate) fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.names.iter().chain(self.accounts).map(String::as_bytes)
    }
}

impl Store {
    /// How many raw webhooks are done with and name somebody.
    pub async fn count_naming(&self, naming: Naming<'_>) -> Result<u64> {
        let mut tx = self.read().await?;
        let here = tx.count_naming(naming).await?;
        let Some(spool) = tx.spool.clone() else { return Ok(here) };
        let upto = tx.spooled().await?.upto;
        drop(tx);
        Ok(here + spool.count_naming(upto, naming).await?)
    }

    /// Forgets raw webhooks that are done with and name somebody. Returns how many.
    pub async fn forget_bodies(&self, naming: Naming<'_>) -> Result<u64> {
        let (mut gone, mut after) = (0, Some(i64::MIN));
        while let Some(from) = after {
            let mut tx = self.begin().await?;
            let (some, next) = tx.forget_bodies(naming, from).await?;
            tx.commit().await?;
            (gone, after) = (gone + some, next);
        }
        let mut tx = self.read().await?;
        let Some(spool) = tx.spool.clone() else { return Ok(gone) };
        let upto = tx.spooled().await?.upto;
        drop(tx);
        let mut after = Some(i64::MIN);
        while let Some(from) = after {
            let (some, next) = spool.drop_naming(upto, naming, from).await?;
            (gone, after) = (gone + some, next);
        }
        Ok(gone)
    }
}

impl Tx {
    async fn count_naming(&mut self, naming: Naming<'_>) -> Result<u64> {
        if naming.is_nothing() {
            return Ok(0);
        }
        self.others_need_not_wait();
        let condition = naming.condition(self.holds(), 1);
        let sql = format!("SELECT count(*) FROM webhook_bodies WHERE split_at IS NOT NULL AND {condition}");
        let count: i64 = on!(self, c => {
            let mut query = sqlx::query_scalar(AssertSqlSafe(sql));
            for value in naming.values() {
                query = query.bind(value);
            }
            query.fetch_one(c).await
        })?;
        Ok(count.unsigned_abs())
    }

    /// Some at a time. Returns how many went, and where to go on; `None`: all were looked at.
    async fn forget_bodies(&mut self, naming: Naming<'_>, after: i64) -> Result<(u64, Option<i64>)> {
        const LOOKED_AT: i64 = 1_000;
        if naming.is_nothing() {
            return Ok((0, None));
        }
        self.others_need_not_wait();
        let upto: Option<i64> = on!(self, c => sqlx::query_scalar(
            "SELECT max(seq) FROM (SELECT seq FROM webhook_bodies WHERE seq > $1 ORDER BY seq LIMIT $2) AS next",
        )
        .bind(after)
        .bind(LOOKED_AT)
        .fetch_one(c)
        .await)?;
        let Some(upto) = upto else { return Ok((0, None)) };
        let condition = naming.condition(self.holds(), 3);
        let sql = format!(
            "DELETE FROM webhook_bodies WHERE seq > $1 AND seq <= $2 AND split_at IS NOT NULL AND {condition}"
        );
        let gone = on!(self, c => {
            let mut query = sqlx::query(AssertSqlSafe(sql)).bind(after).bind(upto);
            for value in naming.values() {
                query = query.bind(value);
            }
            query.execute(c).await.map(|done| done.rows_affected())
        })?;
        Ok((gone, Some(upto)))
    }

    /// Forgets updates kept or parked that name somebody. Returns how many.
    pub async fn forget_updates(&mut self, naming: Naming<'_>) -> Result<u64> {
        self.others_need_not_wait();
        let mut gone = 0;
        for name in naming.names {
            for account in naming.accounts {
                gone += on!(self, c => sqlx::query(
                    "DELETE FROM updates WHERE state <> 'pending' AND waba_id = $1 AND raw LIKE $2",
                )
                .bind(account)
                .bind(format!("%{name}%"))
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
            }
        }
        Ok(gone)
    }
}
