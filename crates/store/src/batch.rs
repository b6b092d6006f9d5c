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

/// The most rows of one statement: each that is remembered takes memory for its rows, at every connection.
const MOST: usize = 64;

/// Cuts rows into sets of 64, 32, 16, … of them. To read a statement with many rows costs a database more than to run
/// it; a statement for so many rows comes again, and is remembered.
pub(crate) fn sets<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    numbered_sets(rows).map(|(_, set)| set)
}

/// The same, each set with the place of its first row.
pub(crate) fn numbered_sets<T>(rows: &[T]) -> impl Iterator<Item = (usize, &[T])> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = rows.get(from..).filter(|rest| !rest.is_empty())?;
        let size = (1 << rest.len().ilog2()).min(MOST);
        let set = (from, &rest[..size]);
        from += size;
        Some(set)
    })
}

/// Words, filled up with empty ones to as many as a statement is remembered for; for lists in which an empty one is none.
pub(crate) fn filled_up<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut filled = words.to_vec();
    filled.resize(words.len().next_power_of_two(), "");
    filled
}

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
        for (from, chunk) in $crate::batch::numbered_sets(&keys[..]) {
            let found: Vec<$crate::batch::Nth<_>> = on!($tx, c => {
                let mut query = sqlx::QueryBuilder::new("WITH w (n, org_id, id) AS (");
                query.push_values(chunk.iter().enumerate(), |mut row, (n, (org, id))| {
                    row.push_bind(i64::try_from(from + n).unwrap_or(i64::MAX))
                        .push_bind(*org)
                        .push_bind(*id);
                });
                query.push(") ");
                $(query.push($sql);)+
                query.build_query_as().fetch_all(c).await
            })?;
            rows.extend(found);
        }
        rows
    }};
}

pub(crate) use each;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_every_row_once_in_order_and_come_in_few_sizes() {
        for count in 0..300 {
            let rows: Vec<usize> = (0..count).collect();
            let mut seen = Vec::new();
            for (from, set) in numbered_sets(&rows) {
                assert_eq!(from, seen.len());
                assert!(set.len().is_power_of_two() && set.len() <= MOST, "{} of {count}", set.len());
                seen.extend_from_slice(set);
            }
            assert_eq!(seen, rows);
        }
    }

    #[test]
    fn words_are_filled_up_with_none() {
        assert_eq!(filled_up(&["a", "b", "c"]), ["a", "b", "c", ""]);
        assert_eq!(filled_up(&["a", "b"]), ["a", "b"]);
    }
}
