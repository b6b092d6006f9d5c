//! Rows, their columns, and what a statement did.

use std::sync::Arc;

use rusqlite::types::Value;
use sqlx_core::column::ColumnIndex;
use sqlx_core::error::Error;

use crate::error::told;
use crate::{Class, Sqlite, ValueRef};

/// A row that a statement gave.
#[derive(Clone, Debug)]
pub struct Row {
    columns: Arc<[Column]>,
    values: Box<[Value]>,
}

/// A column of a row. Its values may be of any class.
#[derive(Clone, Debug)]
pub struct Column {
    name: Box<str>,
    ordinal: usize,
}

/// What a statement did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done(u64);

impl Done {
    pub(crate) fn new(changes: u64) -> Self {
        Self(changes)
    }

    /// How many rows it wrote, changed or took away.
    pub fn rows_affected(&self) -> u64 {
        self.0
    }
}

impl Extend<Self> for Done {
    fn extend<T: IntoIterator<Item = Self>>(&mut self, others: T) {
        self.0 += others.into_iter().map(|other| other.0).sum::<u64>();
    }
}

impl Column {
    pub(crate) fn all_of(statement: &rusqlite::Statement<'_>) -> Arc<[Self]> {
        let names = statement.column_names().into_iter().enumerate();
        names.map(|(ordinal, name)| Self { name: name.into(), ordinal }).collect()
    }
}

impl sqlx_core::column::Column for Column {
    type Database = Sqlite;

    fn ordinal(&self) -> usize {
        self.ordinal
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn type_info(&self) -> &Class {
        &Class::Null
    }
}

impl Row {
    pub(crate) fn read(row: &rusqlite::Row<'_>, columns: &Arc<[Column]>) -> Result<Self, Error> {
        let value = |at| {
            let value = row.get_ref(at).map_err(told)?;
            Value::try_from(value).map_err(|error| Error::Decode(Box::new(error)))
        };
        let values = (0..columns.len()).map(value).collect::<Result<_, _>>()?;
        Ok(Self { columns: columns.clone(), values })
    }
}

impl sqlx_core::row::Row for Row {
    type Database = Sqlite;

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, index: I) -> Result<ValueRef<'_>, Error> {
        Ok(ValueRef(&self.values[index.index(self)?]))
    }
}

sqlx_core::impl_column_index_for_row!(Row);

impl ColumnIndex<Row> for str {
    fn index(&self, row: &Row) -> Result<usize, Error> {
        let place = row.columns.iter().position(|column| *column.name == *self);
        place.ok_or_else(|| Error::ColumnNotFound(self.to_owned()))
    }
}
