//! Rows of any table, made from what the database itself says of its columns, so that a test can furnish tables that nobody
//! has written yet.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use crate::Database;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: Holds,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Whole numbers.
    Number,
    /// Yes or no.
    Flag,
    /// Text.
    Text,
    /// Bytes; on SQLite ids too.
    Bytes,
    /// An id.
    Id,
    /// What the database gives by itself.
    Itself,
}

/// A value for a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number, or yes (1) and no (0).
    Number(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An id.
    Id(Uuid),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Uuid> for Cell {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

/// Values by the names of their columns.
pub type Row = BTreeMap<&'static str, Cell>;

impl Database {
    /// Every column of every table that was made by a migration.
    pub async fn columns(&self) -> Result<Vec<Column>> {
        let rows: Vec<(String, String, String)> = if self.is_postgres() {
            let mut connection = PgConnection::connect(&self.options.url).await?;
            sqlx::query_as(
                "SELECT t.relname::text, c.attname::text, CASE WHEN c.attidentity <> '' OR c.attgenerated <> '' \
                 THEN 'itself' ELSE y.typname::text END \
                 FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid JOIN pg_type y ON y.oid = c.atttypid \
                 WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND NOT t.relispartition \
                 AND t.relname <> '_sqlx_migrations' AND c.attnum > 0 AND NOT c.attisdropped ORDER BY 1, 2",
            )
            .fetch_all(&mut connection)
            .await?
        } else {
            let pool = sqlite::Pool::connect(sqlite::Options::new(self.file()), 1).await?;
            let mut tx = pool.begin(sqlite::Begin::ToRead, Duration::from_secs(5)).await?;
            sqlx::query_as(
                "SELECT t.name, c.name, CASE WHEN c.type = 'INTEGER' AND c.pk = 1 AND (SELECT count(*) FROM \
                 pragma_table_info(t.name) k WHERE k.pk > 0) = 1 THEN 'itself' ELSE c.type END \
                 FROM pragma_table_list t, pragma_table_xinfo(t.name) c \
                 WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                 AND t.name <> '_sqlx_migrations' AND c.hidden = 0 ORDER BY 1, 2",
            )
            .fetch_all(&mut *tx)
            .await?
        };
        Ok(rows
            .into_iter()
            .map(|(table, name, kind)| {
                let holds = match kind.as_str() {
                    "INTEGER" | "int8" => Holds::Number,
                    "bool" => Holds::Flag,
                    "BLOB" | "bytea" => Holds::Bytes,
                    "uuid" => Holds::Id,
                    "itself" => Holds::Itself,
                    _ => Holds::Text,
                };
                Column { table, name, holds }
            })
            .collect())
    }

    /// The tables that have one of these columns, in the order of their names.
    pub async fn tables_with(&self, names: &[&str]) -> Result<Vec<String>> {
        let columns =
            self.columns().await?.into_iter().filter(|column| names.contains(&column.name.as_str()));
        let mut tables: Vec<String> = columns.map(|column| column.table).collect();
        tables.dedup();
        Ok(tables)
    }

    /// Adds a row to a table: `given` where it names a column, else `text` where there is room for text, `number` where there
    /// is one for numbers, and ids and bytes that nobody else has.
    pub async fn add_row(&self, table: &str, given: &Row, text: &str, number: i64) -> Result<()> {
        let columns = self.columns().await?;
        let columns = columns.iter().filter(|one| one.table == table && one.holds != Holds::Itself);
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for column in columns {
            let made = || match column.holds {
                Holds::Number | Holds::Flag | Holds::Itself => Cell::Number(number),
                Holds::Text => Cell::from(text),
                Holds::Bytes => Cell::Bytes(Uuid::new_v4().as_bytes().to_vec()),
                Holds::Id => Cell::Id(Uuid::new_v4()),
            };
            names.push(format!("\"{}\"", column.name));
            let value = given.get(column.name.as_str()).cloned().unwrap_or_else(made);
            values.push(self.literal(&value, column.holds));
        }
        let (names, values) = (names.join(", "), values.join(", "));
        self.change(&[&format!("INSERT INTO {table} ({names}) VALUES ({values})")]).await
    }

    fn literal(&self, cell: &Cell, holds: Holds) -> String {
        match cell {
            Cell::Null => "NULL".to_owned(),
            Cell::Number(number) if holds == Holds::Flag => (*number != 0).to_string(),
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Cell::Bytes(bytes) if self.is_postgres() => format!("'\\x{}'::bytea", hex::encode(bytes)),
            Cell::Bytes(bytes) => format!("X'{}'", hex::encode(bytes)),
            Cell::Id(id) if self.is_postgres() => format!("'{id}'::uuid"),
            Cell::Id(id) => format!("X'{}'", id.simple()),
        }
    }

    /// Every table that names something by its id, as an id or within a text.
    pub async fn tables_naming(&self, id: Uuid) -> Result<Vec<String>> {
        let mut naming = self.tables_holding(&id.to_string()).await?;
        if self.is_postgres() {
            naming.extend(self.tables_holding(&id.simple().to_string()).await?);
        } else {
            naming.extend(self.tables_holding_bytes(id.as_bytes()).await?);
        }
        for one in &mut naming {
            one.truncate(one.find('.').unwrap_or(one.len()));
        }
        naming.sort();
        naming.dedup();
        Ok(naming)
    }

    /// Takes rows away, beside the store.
    pub async fn delete(&self, table: &str) -> Result<()> {
        self.change(&[&format!("DELETE FROM {table}")]).await
    }

    /// How many rows of a table fulfil a condition, beside the store.
    pub async fn count(&self, table: &str, condition: &str) -> Result<i64> {
        let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table} WHERE {condition}"));
        if self.is_postgres() {
            let mut connection = PgConnection::connect(&self.options.url).await?;
            return Ok(sqlx::query_scalar(sql).fetch_one(&mut connection).await?);
        }
        let pool = sqlite::Pool::connect(sqlite::Options::new(self.file()), 1).await?;
        let mut tx = pool.begin(sqlite::Begin::ToRead, Duration::from_secs(5)).await?;
        Ok(sqlx::query_scalar(sql).fetch_one(&mut *tx).await?)
    }

    /// An id as this database writes it in a statement.
    pub fn id_literal(&self, id: Uuid) -> String {
        self.literal(&Cell::Id(id), Holds::Id)
    }
}
