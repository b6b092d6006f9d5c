//! Rows that a statement is given: to look by, to change by, or to insert.
//!
//! A call site names each column once. SQLite reads the rows as `VALUES`, in sets of few sizes, because it costs it more to
//! read a statement with many rows than to run it, and one for so many rows comes again and is remembered. PostgreSQL is
//! given each column as one array: a statement has one text however many rows there are, and is planned once.

use std::borrow::Cow;

use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::conversation::{AiState, ConversationStatus};
use rules::gate::{LineState, Reason};
use rules::id::{
    AccountId, AnswerId, AppId, ConnectionId, ConsentEventId, ContactId, ConversationId, MessageId,
    NotificationId, NumberId, OrgId, OutreachId, PassageId, PersonId, RecipientId, RecordId, RecordKindId,
    RunId, SourceId, TemplateId,
};
use rules::identity::IdentityKind;
use rules::message::{Author, Direction, Kind, MessageState};
use rules::outreach::{OutreachOutcome, Verdict};
use rules::time::Timestamp;
use serde_json::Value;
use sqlx::{Database, Encode, Postgres, QueryBuilder, Type};
use uuid::Uuid;

use crate::json::Json;
use crate::seam::Tx;

/// The most rows of one statement on SQLite: each that is remembered takes memory for its rows, at every connection.
const MOST_ON_SQLITE: usize = 64;
/// The most on PostgreSQL: more at once gain nothing and hold their locks longer.
const MOST_ON_POSTGRES: usize = 1_000;

impl Tx {
    /// Cuts rows into sets, each for one statement.
    pub(crate) fn sets<'r, T>(&self, rows: &'r [T]) -> impl Iterator<Item = &'r [T]> + use<'r, T> {
        self.numbered_sets(rows).map(|(_, set)| set)
    }

    /// The same, each set with the place of its first row.
    pub(crate) fn numbered_sets<'r, T>(
        &self,
        rows: &'r [T],
    ) -> impl Iterator<Item = (usize, &'r [T])> + use<'r, T> {
        cut(rows, if self.is_postgres() { Cut::AsMany } else { Cut::InFewSizes })
    }

    /// A list, on SQLite filled up with what stands for nothing to as many as a statement is remembered for.
    pub(crate) fn filled_up<T: Copy>(&self, list: &[T], nothing: T) -> Vec<T> {
        let mut filled = list.to_vec();
        if !self.is_postgres() {
            filled.resize(list.len().next_power_of_two(), nothing);
        }
        filled
    }
}

/// How rows are cut into sets.
#[derive(Clone, Copy)]
enum Cut {
    /// 64, 32, 16, … rows.
    InFewSizes,
    /// As many as may be.
    AsMany,
}

fn cut<T>(rows: &[T], how: Cut) -> impl Iterator<Item = (usize, &[T])> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = rows.get(from..).filter(|rest| !rest.is_empty())?;
        let size = match how {
            Cut::InFewSizes => (1 << rest.len().ilog2()).min(MOST_ON_SQLITE),
            Cut::AsMany => rest.len().min(MOST_ON_POSTGRES),
        };
        let set = (from, &rest[..size]);
        from += size;
        Some(set)
    })
}

/// Rows made of something, column by column.
pub(crate) struct Rows<'r, R> {
    of: &'r [R],
    columns: Vec<(&'static str, Column<'r>)>,
}

impl<'r, R> Rows<'r, R> {
    /// A row for each of these.
    pub fn of(of: &'r [R]) -> Self {
        Self { of, columns: Vec::new() }
    }

    /// The same, with the place of each, counted from that of the first, in a column `n`.
    pub fn numbered(of: &'r [R], first: usize) -> Self {
        let places = (first..first + of.len()).map(|place| Some(i64::try_from(place).unwrap_or(i64::MAX)));
        Self { of, columns: vec![("n", Column::Number(places.collect()))] }
    }

    /// Adds a column.
    pub fn column<C: Cell<'r>>(mut self, name: &'static str, value: impl Fn(&'r R) -> C) -> Self {
        let values = self.of.iter().map(|row| value(row).held()).collect();
        self.columns.push((name, C::Held::column(values)));
        self
    }

    /// Begins a statement that has them as `w`.
    pub fn with<DB: TakesRows>(self) -> QueryBuilder<DB> {
        let mut query = QueryBuilder::new(format!("WITH w ({}) AS (", self.names()));
        DB::push_rows(&mut query, &self.columns, self.of.len());
        query.push(") ");
        query
    }

    /// Begins a statement that inserts them.
    pub fn insert_into<DB: TakesRows>(self, table: &str) -> QueryBuilder<DB> {
        let mut query = QueryBuilder::new(format!("INSERT INTO {table} ({}) ", self.names()));
        DB::push_rows(&mut query, &self.columns, self.of.len());
        query
    }

    fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// The values of a column.
pub(crate) enum Column<'r> {
    Number(Vec<Option<i64>>),
    Id(Vec<Option<Uuid>>),
    Flag(Vec<Option<bool>>),
    Text(Vec<Option<Cow<'r, str>>>),
    Bytes(Vec<Option<Cow<'r, [u8]>>>),
}

/// A type of which databases hold columns.
pub(crate) trait Held<'r>: Sized {
    fn column(values: Vec<Option<Self>>) -> Column<'r>;
}

/// What can stand in a column.
pub(crate) trait Cell<'r> {
    /// As what it is held.
    type Held: Held<'r>;

    fn held(self) -> Option<Self::Held>;
}

impl<'r, C: Cell<'r>> Cell<'r> for Option<C> {
    type Held = C::Held;

    fn held(self) -> Option<C::Held> {
        self.and_then(C::held)
    }
}

macro_rules! held {
    ($($type:ty => $column:ident,)+) => {$(
        impl<'r> Held<'r> for $type {
            fn column(values: Vec<Option<Self>>) -> Column<'r> {
                Column::$column(values)
            }
        }
    )+};
}

held! {
    i64 => Number,
    Uuid => Id,
    bool => Flag,
    Cow<'r, str> => Text,
    Cow<'r, [u8]> => Bytes,
}

macro_rules! cells {
    ($($type:ty as $held:ty, $value:ident => $into:expr;)+) => {$(
        impl<'r> Cell<'r> for $type {
            type Held = $held;

            fn held(self) -> Option<$held> {
                let $value = self;
                Some($into)
            }
        }
    )+};
}

cells! {
    i64 as i64, n => n;
    bool as bool, flag => flag;
    Uuid as Uuid, id => id;
    Timestamp as i64, at => at.0;
    &'r str as Cow<'r, str>, text => text.into();
    &'r String as Cow<'r, str>, text => text.into();
    String as Cow<'r, str>, text => text.into();
    Json<&Value> as Cow<'r, str>, json => json.0.to_string().into();
    &'r Json<Vec<String>> as Cow<'r, str>, json => Value::from(json.0.as_slice()).to_string().into();
    &'r [u8] as Cow<'r, [u8]>, bytes => bytes.into();
    &'r [u8; 16] as Cow<'r, [u8]>, bytes => bytes.as_slice().into();
    &'r [u8; 32] as Cow<'r, [u8]>, bytes => bytes.as_slice().into();
    [u8; 16] as Cow<'r, [u8]>, bytes => bytes.to_vec().into();
}

macro_rules! words {
    ($($word:ident)+) => { cells! { $($word as Cow<'r, str>, word => word.as_str().into();)+ } };
}

words! {
    AiState Author Channel ConsentAction ConsentSource ConversationStatus Direction IdentityKind Kind LineState MessageState
    OutreachOutcome Purpose Reason Verdict
}

macro_rules! ids {
    ($($id:ident)+) => { cells! { $($id as Uuid, id => id.0;)+ } };
}

ids! {
    AccountId AnswerId AppId ConnectionId ConsentEventId ContactId ConversationId MessageId NotificationId NumberId OrgId OutreachId
    PassageId PersonId RecipientId RecordId RecordKindId RunId SourceId TemplateId
}

/// A database that is given rows.
pub(crate) trait TakesRows: Database {
    /// Adds what stands for the rows, of which there is one at least.
    fn push_rows(query: &mut QueryBuilder<Self>, columns: &[(&str, Column<'_>)], rows: usize);
}

impl TakesRows for sqlite::Sqlite {
    fn push_rows(query: &mut QueryBuilder<Self>, columns: &[(&str, Column<'_>)], rows: usize) {
        query.push_values(0..rows, |mut row, n| {
            for (_, column) in columns {
                match column {
                    Column::Number(values) => row.push_bind(values[n]),
                    Column::Id(values) => row.push_bind(values[n]),
                    Column::Flag(values) => row.push_bind(values[n]),
                    Column::Text(values) => row.push_bind(values[n].as_deref()),
                    Column::Bytes(values) => row.push_bind(values[n].as_deref()),
                };
            }
        });
    }
}

impl TakesRows for Postgres {
    fn push_rows(query: &mut QueryBuilder<Self>, columns: &[(&str, Column<'_>)], _: usize) {
        fn push<'t, T>(arrays: &mut sqlx::query_builder::Separated<'_, Postgres, &str>, values: T)
        where
            T: Encode<'t, Postgres> + Type<Postgres>,
        {
            arrays.push_bind(values);
        }
        query.push("SELECT * FROM UNNEST(");
        let mut arrays = query.separated(", ");
        for (_, column) in columns {
            match column {
                Column::Number(values) => push(&mut arrays, values),
                Column::Id(values) => push(&mut arrays, values),
                Column::Flag(values) => push(&mut arrays, values),
                Column::Text(values) => {
                    push(&mut arrays, values.iter().map(Option::as_deref).collect::<Vec<_>>());
                }
                Column::Bytes(values) => {
                    push(&mut arrays, values.iter().map(Option::as_deref).collect::<Vec<_>>());
                }
            }
        }
        query.push(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_every_row_once_in_order_and_on_sqlite_come_in_few_sizes() {
        for count in (0..300).chain([2_500]) {
            let rows: Vec<usize> = (0..count).collect();
            for how in [Cut::InFewSizes, Cut::AsMany] {
                let mut seen = Vec::new();
                for (from, set) in cut(&rows, how) {
                    assert_eq!(from, seen.len());
                    let fits = match how {
                        Cut::InFewSizes => set.len().is_power_of_two() && set.len() <= MOST_ON_SQLITE,
                        Cut::AsMany => set.len() <= MOST_ON_POSTGRES,
                    };
                    assert!(fits, "{} of {count}", set.len());
                    seen.extend_from_slice(set);
                }
                assert_eq!(seen, rows);
            }
        }
    }

    #[test]
    fn a_statement_has_one_text_on_postgres_however_many_rows_it_is_given() {
        let text = |rows: &[i64]| {
            let rows = Rows::numbered(rows, 7).column("id", |row| *row);
            let (one, other): (QueryBuilder<Postgres>, QueryBuilder<sqlite::Sqlite>) =
                (Rows::of(rows.of).column("id", |row| *row).insert_into("t"), rows.with());
            [one.into_string(), other.into_string()]
        };
        assert_eq!(
            text(&[1]),
            ["INSERT INTO t (id) SELECT * FROM UNNEST($1)", "WITH w (n, id) AS (VALUES (?, ?)) "]
        );
        assert_eq!(text(&[1, 2])[0], text(&[1])[0]);
    }
}
