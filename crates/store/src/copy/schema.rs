//! What tables and columns a database has, and how those of two databases fit each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Result, StoreError};
use crate::seam::{Conn, Tx};

/// What a column holds, on either database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Integer,
    Text,
    Bytes,
}

/// How a column is read and written where its own type is none of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Boolean,
    Uuid,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) class: Class,
    pub(super) form: Form,
    /// PostgreSQL: numbers the rows by itself.
    pub(super) numbers: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// In the order of their names.
    pub(super) columns: Vec<Column>,
}

/// Tables of one database that mean nothing in another: the words of messages are made anew (SQLite's virtual tables are told
/// apart by the schema itself, as are columns that are generated), and what SQLite keeps beside
/// the database stays there.
const MADE_ANEW: &[&str] = &["message_words", "message_vocabulary", "spooled"];

/// Columns whose values mean something in their own database alone, and what stands for them in a copy. Events are told in
/// the order of transactions and then of their sequence; transactions of another database come before all of one's own.
const OWN: &[(&str, &str, i64)] = &[("events", "txid", 0)];

impl Table {
    pub(super) fn is_made_anew(&self) -> bool {
        MADE_ANEW.contains(&self.name.as_str())
    }

    /// What stands for a column's values in a copy.
    pub(super) fn instead_of(&self, column: &Column) -> Option<i64> {
        OWN.iter().find(|(table, name, _)| *table == self.name && *name == column.name).map(|own| own.2)
    }
}

/// The tables that hold what was stored, without those of the migrations.
pub(super) async fn tables(tx: &mut Tx) -> Result<Vec<Table>> {
    // Differs because each database tells of its schema in its own way.
    let columns: Vec<(String, String, String, bool)> = match &mut tx.conn {
        Conn::Sqlite(tx) => {
            sqlx::query_as(
                "SELECT t.name, c.name, c.type, false \
                 FROM pragma_table_list t, pragma_table_xinfo(t.name) c \
                 WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                 AND t.name <> '_sqlx_migrations' AND c.hidden = 0 ORDER BY t.name, c.name",
            )
            .fetch_all(&mut **tx)
            .await?
        }
        Conn::Postgres(tx) => {
            sqlx::query_as(
                "SELECT t.relname::text, c.attname::text, y.typname::text, c.attidentity <> '' \
                 FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid JOIN pg_type y ON y.oid = c.atttypid \
                 WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') \
                 AND NOT t.relispartition AND t.relname <> '_sqlx_migrations' \
                 AND c.attnum > 0 AND NOT c.attisdropped AND c.attgenerated = '' \
                 ORDER BY t.relname COLLATE \"C\", c.attname COLLATE \"C\"",
            )
            .fetch_all(&mut **tx)
            .await?
        }
    };
    let mut tables: Vec<Table> = Vec::new();
    for (table, name, kind, numbers) in columns {
        if tables.last().is_none_or(|last| last.name != table) {
            tables.push(Table { name: table.clone(), columns: Vec::new() });
        }
        let Some(last) = tables.last_mut() else { continue };
        if last.is_made_anew() {
            continue;
        }
        let (class, form) = match kind.as_str() {
            "INTEGER" | "int8" => (Class::Integer, Form::Plain),
            "bool" => (Class::Integer, Form::Boolean),
            "TEXT" | "text" => (Class::Text, Form::Plain),
            "BLOB" | "bytea" => (Class::Bytes, Form::Plain),
            "uuid" => (Class::Bytes, Form::Uuid),
            other => {
                return Err(unlike(format!("{table}.{name} is of type {other}, which is not known here")));
            }
        };
        last.columns.push(Column { name, class, form, numbers });
    }
    Ok(tables)
}

/// Which table names rows of which other.
pub(super) async fn references(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    Ok(match &mut tx.conn {
        Conn::Sqlite(tx) => {
            sqlx::query_as(
                "SELECT t.name, k.\"table\" FROM pragma_table_list t, pragma_foreign_key_list(t.name) k \
                 WHERE t.schema = 'main' AND t.type = 'table'",
            )
            .fetch_all(&mut **tx)
            .await?
        }
        Conn::Postgres(tx) => {
            sqlx::query_as(
                "SELECT t.relname::text, o.relname::text FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid \
                 JOIN pg_class o ON o.oid = k.confrelid \
                 WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace",
            )
            .fetch_all(&mut **tx)
            .await?
        }
    })
}

/// The tables to copy, as the source has them and as the target does, each after those that it names rows of.
pub(super) fn plan(
    ours: &[Table],
    theirs: &[Table],
    references: &[(String, String)],
) -> Result<Vec<(Table, Table)>> {
    fn stored(tables: &[Table]) -> BTreeMap<&str, &Table> {
        tables
            .iter()
            .filter(|table| !table.is_made_anew())
            .map(|table| (table.name.as_str(), table))
            .collect()
    }
    let (mut left, there) = (stored(ours), stored(theirs));
    if let Some(name) =
        left.keys().chain(there.keys()).find(|name| !(left.contains_key(*name) && there.contains_key(*name)))
    {
        return Err(unlike(format!("only one of them has a table {name}")));
    }
    for (name, table) in &left {
        let shape = |table: &Table| -> Vec<(String, Class)> {
            table.columns.iter().map(|column| (column.name.clone(), column.class)).collect()
        };
        if shape(table) != shape(there[name]) {
            return Err(unlike(format!("the columns of {name} differ")));
        }
    }
    let mut plan: Vec<(Table, Table)> = Vec::new();
    while !left.is_empty() {
        let done: BTreeSet<&str> = plan.iter().map(|(table, _)| table.name.as_str()).collect();
        let ready: Vec<&str> = left
            .keys()
            .copied()
            .filter(|name| {
                references.iter().all(|(from, to)| from != name || to == name || done.contains(to.as_str()))
            })
            .collect();
        if ready.is_empty() {
            return Err(unlike("their tables name rows of each other in a circle".to_owned()));
        }
        for name in ready {
            plan.extend(left.remove(name).map(|table| (table.clone(), there[name].clone())));
        }
    }
    Ok(plan)
}

fn unlike(why: String) -> StoreError {
    StoreError::NotCopied(format!("the two databases do not have the same tables: {why}"))
}
