//! A statement that was looked at before it runs.

use std::sync::Arc;

use sqlx_core::Either;
use sqlx_core::column::ColumnIndex;
use sqlx_core::error::Error;
use sqlx_core::sql_str::SqlStr;

use crate::{Arguments, Class, Column, Sqlite};

/// A statement, with the columns and parameters that it has.
#[derive(Clone, Debug)]
pub struct Statement {
    pub(crate) sql: SqlStr,
    pub(crate) columns: Arc<[Column]>,
    pub(crate) parameters: usize,
}

impl sqlx_core::statement::Statement for Statement {
    type Database = Sqlite;

    fn into_sql(self) -> SqlStr {
        self.sql
    }

    fn sql(&self) -> &SqlStr {
        &self.sql
    }

    fn parameters(&self) -> Option<Either<&[Class], usize>> {
        Some(Either::Right(self.parameters))
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    sqlx_core::impl_statement_query!(Arguments);
}

impl ColumnIndex<Statement> for str {
    fn index(&self, statement: &Statement) -> Result<usize, Error> {
        let place =
            statement.columns.iter().position(|column| sqlx_core::column::Column::name(column) == self);
        place.ok_or_else(|| Error::ColumnNotFound(self.to_owned()))
    }
}
