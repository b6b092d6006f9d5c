//! Whole rows of any table: read, digested and written, with the same values on both databases.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use futures::stream::{BoxStream, StreamExt as _};
use sqlite::Sqlite;
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Postgres, QueryBuilder, Row, Type};

use super::schema::{Class, Column, Form, Table};
use crate::error::{Result, StoreError};
use crate::seam::{Conn, Tx};

/// A value as both databases hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    pub(super) fn size(&self) -> usize {
        8 + match self {
            Self::Text(Some(text)) => text.len(),
            Self::Bytes(Some(bytes)) => bytes.len(),
            _ => 0,
        }
    }

    /// Puts a replacement character for each NUL. Returns 1 if there was any.
    pub(super) fn without_nul(&mut self) -> u64 {
        match self {
            Self::Text(Some(text)) if text.contains('\0') => {
                *text = text.replace('\0', "\u{fffd}");
                1
            }
            _ => 0,
        }
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        let mut long = |tag: u8, bytes: &[u8]| {
            out.push(tag);
            out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            out.extend_from_slice(bytes);
        };
        match self {
            Self::Integer(Some(number)) => long(1, &number.to_le_bytes()),
            Self::Text(Some(text)) => long(2, text.as_bytes()),
            Self::Bytes(Some(bytes)) => long(3, bytes),
            Self::Integer(None) | Self::Text(None) | Self::Bytes(None) => long(0, &[]),
        }
    }
}

/// The digest of many rows in whatever order: the sum of theirs, which, unlike their exclusive or, also tells a row that
/// is there twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Digest {
    rows: u64,
    halves: [u128; 2],
    row: Vec<u8>,
}

impl Digest {
    pub(super) fn add(&mut self, row: &[Value]) {
        self.row.clear();
        for value in row {
            value.write_to(&mut self.row);
        }
        let digest = digest(&SHA256, &self.row);
        for (half, bytes) in self.halves.iter_mut().zip(digest.as_ref().chunks_exact(16)) {
            let bytes = bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
            *half = half.wrapping_add(bytes);
        }
        self.rows += 1;
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}{:032x}", self.halves[0], self.halves[1])
    }
}

impl Tx {
    /// Every row of a table, its values in the order of the columns.
    pub(super) fn rows_of<'t>(&'t mut self, table: &'t Table) -> BoxStream<'t, Result<Vec<Value>>> {
        fn read<R: Row>(row: &R, table: &Table) -> sqlx::Result<Vec<Value>>
        where
            usize: ColumnIndex<R>,
            for<'r> Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
            for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
            for<'r> Option<Vec<u8>>: Decode<'r, R::Database> + Type<R::Database>,
        {
            let value = |(at, column): (usize, &Column)| {
                Ok(match column.class {
                    Class::Integer => Value::Integer(row.try_get(at)?),
                    Class::Text => Value::Text(row.try_get(at)?),
                    Class::Bytes => Value::Bytes(row.try_get(at)?),
                })
            };
            table.columns.iter().enumerate().map(value).collect()
        }
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|column| match (table.instead_of(column), column.form) {
                (Some(number), _) if self.is_postgres() => format!("{number}::bigint"),
                (Some(number), _) => number.to_string(),
                (None, Form::Plain) => quoted(&column.name),
                (None, Form::Boolean) => format!("{}::int::bigint", quoted(&column.name)),
                (None, Form::Uuid) => format!("uuid_send({})", quoted(&column.name)),
            })
            .collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), quoted(&table.name));
        let query = AssertSqlSafe(sql);
        match &mut self.conn {
            Conn::Sqlite(tx) => sqlx::query(query)
                .persistent(false)
                .fetch(&mut **tx)
                .map(move |row| Ok(read(&row?, table)?))
                .boxed(),
            Conn::Postgres(tx) => sqlx::query(query)
                .persistent(false)
                .fetch(&mut **tx)
                .map(move |row| Ok(read(&row?, table)?))
                .boxed(),
        }
    }

    /// Whether a table holds anything.
    pub(super) async fn holds_rows(&mut self, table: &Table) -> Result<bool> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", quoted(&table.name));
        Ok(on!(self, c => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(c).await)?)
    }

    /// Writes rows as they are.
    pub(super) async fn write_rows(&mut self, table: &Table, rows: Vec<Vec<Value>>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        // Differs because one takes arrays, and the other values up to a number of them.
        match &mut self.conn {
            Conn::Sqlite(tx) => {
                let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
                let mut rows = rows.into_iter().peekable();
                let most = (VALUES / table.columns.len().max(1)).max(1);
                while rows.peek().is_some() {
                    let mut query = QueryBuilder::<Sqlite>::new(format!(
                        "INSERT INTO {} ({}) ",
                        quoted(&table.name),
                        names.join(", ")
                    ));
                    query.push_values(rows.by_ref().take(most), |mut list, row| {
                        for value in row {
                            match value {
                                Value::Integer(number) => list.push_bind(number),
                                Value::Text(text) => list.push_bind(text),
                                Value::Bytes(bytes) => list.push_bind(bytes),
                            };
                        }
                    });
                    query.build().persistent(false).execute(&mut **tx).await?;
                }
            }
            Conn::Postgres(tx) => {
                let sql = AssertSqlSafe(insert_arrays(table, "r"));
                let mut columns: Vec<Array> = table.columns.iter().map(Array::of).collect();
                for row in rows {
                    for (column, value) in columns.iter_mut().zip(row) {
                        column.push(value)?;
                    }
                }
                let mut query = sqlx::query::<Postgres>(sql);
                for column in columns {
                    query = match column {
                        Array::Integers(all) => query.bind(all),
                        Array::Texts(all) => query.bind(all),
                        Array::Bytes(all) => query.bind(all),
                    };
                }
                query.execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    /// The last number that each table gave to a row, also where that row is gone.
    pub(super) async fn last_numbers(&mut self, tables: &[Table]) -> Result<Vec<(String, i64)>> {
        let numbered = numbered(tables);
        match &mut self.conn {
            Conn::Sqlite(tx) => {
                Ok(sqlx::query_as("SELECT name, seq FROM sqlite_sequence").fetch_all(&mut **tx).await?)
            }
            Conn::Postgres(tx) => {
                let mut all = Vec::new();
                for (table, column) in numbered {
                    let sequence: String = sqlx::query_scalar("SELECT pg_get_serial_sequence($1, $2)")
                        .bind(quoted(table))
                        .bind(column)
                        .fetch_one(&mut **tx)
                        .await?;
                    let sql = format!("SELECT last_value FROM {sequence} WHERE is_called");
                    let last: Option<i64> =
                        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(&mut **tx).await?;
                    all.extend(last.map(|last| (table.to_owned(), last)));
                }
                Ok(all)
            }
        }
    }

    /// Lets a table number its next row after `last`.
    pub(super) async fn go_on_after(&mut self, tables: &[Table], table: &str, last: i64) -> Result<()> {
        let column = numbered(tables).find(|(name, _)| *name == table).map(|(_, column)| column.to_owned());
        match &mut self.conn {
            Conn::Sqlite(tx) => {
                sqlx::query("DELETE FROM sqlite_sequence WHERE name = $1")
                    .bind(table)
                    .execute(&mut **tx)
                    .await?;
                sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)")
                    .bind(table)
                    .bind(last)
                    .execute(&mut **tx)
                    .await?;
            }
            Conn::Postgres(tx) => {
                let column = column.ok_or_else(|| {
                    StoreError::NotCopied(format!("{table} does not number its rows on PostgreSQL"))
                })?;
                sqlx::query("SELECT setval(pg_get_serial_sequence($1, $2), $3)")
                    .bind(quoted(table))
                    .bind(column)
                    .bind(last.max(1))
                    .execute(&mut **tx)
                    .await?;
            }
        }
        Ok(())
    }
}

/// Values that one statement of SQLite takes; its own limit is 32,766.
const VALUES: usize = 30_000;

/// One column of many rows.
enum Array {
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Array {
    fn of(column: &Column) -> Self {
        match column.class {
            Class::Integer => Self::Integers(Vec::new()),
            Class::Text => Self::Texts(Vec::new()),
            Class::Bytes => Self::Bytes(Vec::new()),
        }
    }

    fn push(&mut self, value: Value) -> Result<()> {
        match (self, value) {
            (Self::Integers(all), Value::Integer(number)) => all.push(number),
            (Self::Texts(all), Value::Text(text)) => all.push(text),
            (Self::Bytes(all), Value::Bytes(bytes)) => all.push(bytes),
            _ => return Err(StoreError::NotCopied("a column holds values of two kinds".to_owned())),
        }
        Ok(())
    }
}

/// The statement that writes arrays, one for each column, as rows.
fn insert_arrays(table: &Table, row: &str) -> String {
    let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let arrays: Vec<String> = (1..)
        .zip(&table.columns)
        .map(|(at, column)| match column.class {
            Class::Integer => format!("${at}::bigint[]"),
            Class::Text => format!("${at}::text[]"),
            Class::Bytes => format!("${at}::bytea[]"),
        })
        .collect();
    let values: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let name = format!("{row}.{}", quoted(&column.name));
            match column.form {
                Form::Plain => name,
                Form::Boolean => format!("{name} <> 0"),
                Form::Uuid => format!("encode({name}, 'hex')::uuid"),
            }
        })
        .collect();
    format!(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM UNNEST({}) AS {row} ({})",
        quoted(&table.name),
        names.join(", "),
        values.join(", "),
        arrays.join(", "),
        names.join(", ")
    )
}

fn numbered(tables: &[Table]) -> impl Iterator<Item = (&str, &str)> {
    tables.iter().filter_map(|table| {
        let column = table.columns.iter().find(|column| column.numbers)?;
        Some((table.name.as_str(), column.name.as_str()))
    })
}

/// A name as both databases take it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
