//! Rows of several organisations in one transaction: a batch of webhooks is whoever's it is.
//!
//! Invariants:
//! - A batch reaches only the organisations that it was made for. Every row that is asked for or written names its
//!   organisation beside its key; on PostgreSQL the role sees no others.
//! - A method here does for many rows, with as few statements as their number allows, what the method of the same name
//!   does for one in an [`OrgScope`](crate::OrgScope). The methods stand with their nouns, in `together.rs`.

use std::collections::HashMap;

use rules::id::OrgId;
use sqlx::QueryBuilder;

use crate::error::Result;
use crate::seam::Tx;

/// How many rows one statement carries. SQLite allows 32,766 parameters, PostgreSQL 65,535.
pub(crate) const ROWS: usize = 1_000;

/// Several organisations' rows within a transaction.
#[derive(Debug)]
pub struct Batch<'t> {
    pub(crate) tx: &'t mut Tx,
}

impl Batch<'_> {
    /// The transaction, for one of the organisations alone.
    pub fn tx(&mut self) -> &mut Tx {
        self.tx
    }

    /// The settings of those of these organisations that the batch was made for, as JSON.
    pub async fn settings(&mut self, orgs: &[OrgId]) -> Result<HashMap<OrgId, String>> {
        // The table of organisations has no policy of its own.
        let orgs: Vec<OrgId> = orgs.iter().copied().filter(|org| self.tx.has_entered(*org)).collect();
        let mut found = HashMap::with_capacity(orgs.len());
        for chunk in orgs.chunks(ROWS) {
            let rows: Vec<(OrgId, String)> = on!(self.tx, c => {
                let mut query = QueryBuilder::new("SELECT id, settings FROM orgs WHERE id IN (");
                let mut list = query.separated(", ");
                for org in chunk {
                    list.push_bind(*org);
                }
                query.push(")");
                query.build_query_as().persistent(false).fetch_all(c).await
            })?;
            found.extend(rows);
        }
        Ok(found)
    }
}
