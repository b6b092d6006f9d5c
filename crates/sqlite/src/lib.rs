//! SQLite as one of sqlx's databases, whose statements run where they are called.
//!
//! sqlx's own driver gives every connection a thread and hands each statement over to it and each row back; waking the two
//! costs several times what a statement does. Here rusqlite runs the statement on the caller's thread: a transaction of
//! ten statements wakes nobody until it is to be flushed to the disk.
//!
//! Invariants:
//! - A commit returns when it is on the disk, and not before ([`Pool`]).
//! - What waits for the disk does not hold up others who run on the same thread: it goes to a thread for what blocks, and
//!   so does whatever [`Connection::take_time`] announces. (Once in a whole log, when it begins anew, SQLite itself flushes
//!   the log's head within a commit.)
//! - A connection that is handed out is in no transaction, whatever became of the one before.

mod arguments;
mod connection;
mod error;
mod log;
mod options;
mod pool;
mod row;
mod statement;
mod types;
mod value;

use sqlx_core::database::{Database, HasStatementCache};

pub use arguments::Arguments;
pub use connection::{Connection, Transactions};
pub use error::SqliteError;
pub use options::Options;
pub use pool::{Begin, Pool, Transaction};
pub use row::{Column, Done, Row};
pub use statement::Statement;
pub use value::{Class, Value, ValueRef};

/// SQLite, to sqlx.
#[derive(Clone, Copy, Debug)]
pub struct Sqlite;

impl Database for Sqlite {
    type Connection = Connection;
    type TransactionManager = Transactions;
    type Row = Row;
    type QueryResult = Done;
    type Column = Column;
    type TypeInfo = Class;
    type Value = Value;
    type ValueRef<'r> = ValueRef<'r>;
    type Arguments = Arguments;
    type ArgumentBuffer = Vec<rusqlite::types::Value>;
    type Statement = Statement;

    const NAME: &'static str = "SQLite";
    const URL_SCHEMES: &'static [&'static str] = &["sqlite"];
}

impl HasStatementCache for Sqlite {}
