//! Rows of several organisations in one transaction: a batch of webhooks is whoever's it is.
//!
//! Invariants:
//! - A batch reaches only the organisations that it was made for. Every row that is asked for or written names its
//!   organisation beside its key; on PostgreSQL the role sees no others.
//! - A method here does for many rows, with as few statements as their number allows, what the method of the same name
//!   does for one in an [`OrgScope`](crate::OrgScope). The methods stand with their nouns, in `together.rs`.

use std::collections::HashMap;

use rules::id::OrgId;

use crate::error::Result;
use crate::orgs::Org;
use crate::seam::Tx;

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

    /// Those of these organisations that the batch was made for.
    pub async fn orgs(&mut self, orgs: &[OrgId]) -> Result<HashMap<OrgId, Org>> {
        // The table of organisations has no policy of its own.
        let reached: Vec<OrgId> = orgs.iter().copied().filter(|org| self.tx.has_entered(*org)).collect();
        self.tx.orgs_by_id(&reached).await
    }
}

/// A row, and the place among the keys asked for of the one that found it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Nth<T> {
    pub n: i64,
    #[sqlx(flatten)]
    pub row: T,
}

impl<T> Nth<T> {
    /// The place, as an index.
    pub fn place(&self) -> usize {
        usize::try_from(self.n).unwrap_or(usize::MAX)
    }
}

/// For each key the one row that it found.
pub(crate) fn one_each<T>(keys: usize, rows: Vec<Nth<T>>) -> Vec<Option<T>> {
    let mut found: Vec<Option<T>> = (0..keys).map(|_| None).collect();
    for row in rows {
        if let Some(place) = found.get_mut(row.place()) {
            *place = Some(row.row);
        }
    }
    found
}

/// For each key the rows that it found, in the order in which they came.
pub(crate) fn many_each<T>(keys: usize, rows: Vec<Nth<T>>) -> Vec<Vec<T>> {
    let mut found: Vec<Vec<T>> = (0..keys).map(|_| Vec::new()).collect();
    for row in rows {
        if let Some(place) = found.get_mut(row.place()) {
            place.push(row.row);
        }
    }
    found
}

/// Asks for the rows of many keys, each an organisation and an id: `w (n, org_id, id)` in the statement, where `n` is the
/// key's place, which the statement selects as well.
macro_rules! each {
    ($tx:expr, $keys:expr, $($sql:expr),+ $(,)?) => {{
        let keys = $keys;
        let mut rows: Vec<$crate::batch::Nth<_>> = Vec::with_capacity(keys.len());
        for (from, set) in $tx.numbered_sets(&keys[..]) {
            let keys = $crate::rows::Rows::numbered(set, from)
                .column("org_id", |(org, _)| *org)
                .column("id", |(_, id)| *id);
            let found: Vec<$crate::batch::Nth<_>> = on!($tx, c => {
                let mut query = keys.with();
                $(query.push($sql);)+
                query.build_query_as().fetch_all(c).await
            })?;
            rows.extend(found);
        }
        rows
    }};
}

pub(crate) use each;
