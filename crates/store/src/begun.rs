//! Whom a portfolio has written to first lately, each person once with the last time: Meta allows so many within 24 hours.

use std::collections::BTreeSet;

use rules::id::{ContactId, OrgId};
use rules::time::Timestamp;
use uuid::Uuid;

use crate::batch::{Batch, each, many_each};
use crate::error::Result;
use crate::rows::Rows;
use crate::seam::{OrgScope, Tx};

/// Somebody who was written to first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Begun {
    /// By which portfolio.
    pub portfolio: String,
    /// Who.
    pub contact: ContactId,
}

/// How many people a portfolio has written to first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Crowd {
    /// How many, counted no further than was asked.
    pub people: i64,
    /// When the earliest of those was written to last.
    pub earliest: Option<Timestamp>,
}

/// A place among all of them, in the order of their keys.
pub type BegunPlace = (OrgId, ContactId, String);

/// Before the first of them.
pub const FIRST_BEGUN: BegunPlace = (OrgId(Uuid::nil()), ContactId(Uuid::nil()), String::new());

#[derive(sqlx::FromRow)]
struct By {
    portfolio: String,
}

impl Batch<'_> {
    /// The portfolios that have written to contacts first since.
    pub async fn begun_by(
        &mut self,
        keys: &[(OrgId, ContactId)],
        since: Timestamp,
    ) -> Result<Vec<Vec<String>>> {
        let theirs = self.tx.join("begun", "b", "b.org_id = w.org_id AND b.contact_id = w.id");
        let since = format!(" WHERE b.at > {}", since.0);
        let rows = each!(self.tx, keys, "SELECT w.n, b.portfolio FROM w", &theirs, &since);
        let rows: Vec<Vec<By>> = many_each(keys.len(), rows);
        Ok(rows.into_iter().map(|rows| rows.into_iter().map(|row| row.portfolio).collect()).collect())
    }

    /// Writes down that people are written to first now.
    pub async fn note_begun(&mut self, begun: &BTreeSet<(OrgId, Begun)>, now: Timestamp) -> Result<()> {
        let begun: Vec<_> = begun.iter().collect();
        for chunk in self.tx.sets(&begun) {
            let rows = Rows::of(chunk)
                .column("org_id", |(org, _)| *org)
                .column("contact_id", |(_, one)| one.contact)
                .column("portfolio", |(_, one)| one.portfolio.as_str())
                .column("at", |_| now);
            on!(self.tx, c => rows.insert_into("begun")
                .push(" ON CONFLICT (org_id, contact_id, portfolio) DO UPDATE SET at = excluded.at")
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }
}

impl OrgScope<'_> {
    /// Two contacts are one person, who was written to first by whoever wrote to either.
    pub(crate) async fn merge_begun(&mut self, staying: ContactId, going: ContactId) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO begun (org_id, contact_id, portfolio, at) \
             SELECT org_id, $3, portfolio, at FROM begun WHERE org_id = $1 AND contact_id = $2 \
             ON CONFLICT (org_id, contact_id, portfolio) DO UPDATE SET \
             at = CASE WHEN begun.at > excluded.at THEN begun.at ELSE excluded.at END",
        )
        .bind(org)
        .bind(going)
        .bind(staying)
        .execute(c)
        .await
        .map(|_| ()))?;
        on!(self.tx, c => sqlx::query("DELETE FROM begun WHERE org_id = $1 AND contact_id = $2")
            .bind(org)
            .bind(going)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// How many people a portfolio has written to first since, counted from the newest and no further than `most`.
    pub async fn crowd(&mut self, portfolio: &str, since: Timestamp, most: i64) -> Result<Crowd> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT count(*) AS people, min(at) AS earliest FROM (SELECT at FROM begun \
             WHERE org_id = $1 AND portfolio = $2 AND at > $3 ORDER BY at DESC LIMIT $4) lately",
        )
        .bind(org)
        .bind(portfolio)
        .bind(since)
        .bind(most)
        .fetch_one(c)
        .await)?)
    }
}

impl Tx {
    /// Forgets who was written to before, of any organisation, among the next few after a place. Returns where those end;
    /// `None`: they were the last. Call it before [`Tx::org`] narrows what this transaction sees.
    ///
    /// They are gone through by their key: an index of the moment would be written with everything that is sent, for a
    /// sweep a day.
    pub async fn drop_begun_before(
        &mut self,
        before: Timestamp,
        after: &BegunPlace,
        few: i64,
    ) -> Result<Option<BegunPlace>> {
        let last: Option<BegunPlace> = on!(self, c => sqlx::query_as(
            "SELECT org_id, contact_id, portfolio FROM begun WHERE (org_id, contact_id, portfolio) > ($1, $2, $3) \
             ORDER BY org_id, contact_id, portfolio LIMIT 1 OFFSET $4",
        )
        .bind(after.0)
        .bind(after.1)
        .bind(&after.2)
        .bind(few - 1)
        .fetch_optional(c)
        .await)?;
        let upto = if last.is_some() { " AND (org_id, contact_id, portfolio) <= ($5, $6, $7)" } else { "" };
        let sql = format!(
            "DELETE FROM begun WHERE (org_id, contact_id, portfolio) > ($1, $2, $3) AND at < $4{upto}"
        );
        on!(self, c => {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(after.0)
                .bind(after.1)
                .bind(&after.2)
                .bind(before);
            if let Some((org, contact, portfolio)) = &last {
                query = query.bind(*org).bind(*contact).bind(portfolio);
            }
            query.execute(c).await.map(|_| ())
        })?;
        Ok(last)
    }
}
