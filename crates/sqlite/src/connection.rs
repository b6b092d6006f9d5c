//! One connection, and how statements run on it.

use std::fmt;
use std::sync::mpsc as back;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _, TryFutureExt as _};
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use sqlx_core::Either;
use sqlx_core::describe::Describe;
use sqlx_core::error::Error;
use sqlx_core::executor::{Execute, Executor};
use sqlx_core::sql_str::SqlStr;
use sqlx_core::transaction::{Transaction, TransactionManager};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::error::told;
use crate::{Arguments, Column, Done, Options, Row, Sqlite, Statement};

/// A statement that takes longer is told of in the log.
const SLOW: Duration = Duration::from_secs(1);
/// How many rows of a stream wait for their reader.
const ROWS_AHEAD: usize = 256;

/// A connection to a SQLite file.
pub struct Connection {
    place: Place,
    takes_time: bool,
}

/// Where the connection is.
enum Place {
    Here(rusqlite::Connection),
    /// With the thread that reads a stream of rows, which gives it back when the stream ends.
    Lent(back::Receiver<rusqlite::Connection>),
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(connection: rusqlite::Connection) -> Self {
        Self { place: Place::Here(connection), takes_time: false }
    }

    /// Says whether the statements that follow may take long: others then do not wait for them.
    pub fn take_time(&mut self, takes_time: bool) {
        self.takes_time = takes_time;
    }

    /// Whether a transaction is under way. SQLite ends one by itself when the disk is full or fails.
    pub(crate) fn is_within(&mut self) -> Result<bool, Error> {
        Ok(!self.here()?.is_autocommit())
    }

    /// Runs a statement without parameters or rows.
    pub(crate) fn exec(&mut self, sql: &'static str) -> Result<(), Error> {
        let asked = Asked { sql: SqlStr::from_static(sql), arguments: Arguments::default(), remember: true };
        self.run(&asked, |_| true).map(|_| ())
    }

    fn here(&mut self) -> Result<&mut rusqlite::Connection, Error> {
        if let Place::Lent(back) = &self.place {
            // The stream was read to its end or given up, so its thread has no more than a row to go.
            self.place = Place::Here(back.recv().map_err(|_| Error::WorkerCrashed)?);
        }
        match &mut self.place {
            Place::Here(connection) => Ok(connection),
            Place::Lent(_) => Err(Error::WorkerCrashed),
        }
    }

    /// Takes the connection away, and the way to give it back.
    fn lend(&mut self) -> Result<(rusqlite::Connection, GiveBack), Error> {
        self.here()?;
        let (give_back, back) = back::channel();
        match std::mem::replace(&mut self.place, Place::Lent(back)) {
            Place::Here(connection) => Ok((connection, give_back)),
            Place::Lent(_) => Err(Error::WorkerCrashed),
        }
    }

    fn run(&mut self, asked: &Asked, each: impl FnMut(Row) -> bool) -> Result<Done, Error> {
        let takes_time = self.takes_time;
        let connection = self.here()?;
        if takes_time && may_step_aside() {
            tokio::task::block_in_place(|| asked.run(connection, each))
        } else {
            asked.run(connection, each)
        }
    }
}

/// Whether other tasks of this thread can go on elsewhere.
fn may_step_aside() -> bool {
    Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// A statement to run.
struct Asked {
    sql: SqlStr,
    arguments: Arguments,
    remember: bool,
}

impl Asked {
    fn of<'q>(mut query: impl Execute<'q, Sqlite>) -> Result<Self, Error> {
        let arguments = query.take_arguments().map_err(Error::Encode)?.unwrap_or_default();
        Ok(Self { remember: query.persistent(), arguments, sql: query.sql() })
    }

    /// Runs it on this thread. `each` takes a row, and says whether it wants another.
    fn run(
        &self,
        connection: &rusqlite::Connection,
        mut each: impl FnMut(Row) -> bool,
    ) -> Result<Done, Error> {
        let began = Instant::now();
        let sql = self.sql.as_str();
        let (mut remembered, mut once);
        let statement: &mut rusqlite::Statement<'_> = if self.remember {
            remembered = connection.prepare_cached(sql).map_err(told)?;
            &mut remembered
        } else {
            once = connection.prepare(sql).map_err(told)?;
            &mut once
        };
        self.arguments.bind(statement)?;
        let columns = Column::all_of(statement);
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(told)? {
            if !each(Row::read(row, &columns)?) {
                break;
            }
        }
        let took = began.elapsed();
        if took > SLOW {
            tracing::warn!(took_ms = took.as_millis(), sql, "a statement was slow");
        } else {
            tracing::trace!(took_us = took.as_micros(), sql, "a statement ran");
        }
        Ok(Done::new(connection.changes()))
    }
}

/// The way back of a connection that is lent.
type GiveBack = back::Sender<rusqlite::Connection>;

impl Asked {
    /// Runs it on a thread of its own.
    fn stream(
        self,
        connection: rusqlite::Connection,
        give_back: GiveBack,
    ) -> impl Stream<Item = Result<Either<Done, Row>, Error>> {
        let (rows, mut read) = mpsc::channel(ROWS_AHEAD);
        tokio::task::spawn_blocking(move || {
            let done = self.run(&connection, |row| rows.blocking_send(Ok(Either::Right(row))).is_ok());
            // First the connection: whoever has seen the end uses it again. Nobody may wait for either any more.
            let _ = give_back.send(connection);
            let _ = rows.blocking_send(done.map(Either::Left));
        });
        stream::poll_fn(move |context| read.poll_recv(context))
    }
}

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Sqlite;

    fn execute<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Done, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let asked = Asked::of(query);
        async move { self.run(&asked?, |_| true) }.boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let asked = Asked::of(query);
        async move {
            let mut first = None;
            self.run(&asked?, |row| {
                first = Some(row);
                false
            })?;
            Ok(first)
        }
        .boxed()
    }

    /// Rows as they are read. What takes time is read by a thread of its own, however many they are; of anything else there
    /// are so few that they are read at once.
    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<Done, Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let asked = Asked::of(query);
        if self.takes_time {
            return match asked.and_then(|asked| Ok((asked, self.lend()?))) {
                Ok((asked, (connection, give_back))) => asked.stream(connection, give_back).boxed(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            };
        }
        let at_once = async move {
            let mut rows = Vec::new();
            let done = self.run(&asked?, |row| {
                rows.push(Ok(Either::Right(row)));
                true
            })?;
            rows.push(Ok(Either::Left(done)));
            Ok(stream::iter(rows))
        };
        at_once.try_flatten_stream().boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, _: &'e [crate::Class]) -> BoxFuture<'e, Result<Statement, Error>>
    where
        'c: 'e,
    {
        async move {
            let statement = self.here()?.prepare_cached(sql.as_str()).map_err(told)?;
            let (columns, parameters) = (Column::all_of(&statement), statement.parameter_count());
            drop(statement);
            Ok(Statement { sql, columns, parameters })
        }
        .boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Sqlite>, Error>>
    where
        'c: 'e,
    {
        async move {
            let Statement { columns, parameters, .. } = self.prepare_with(sql, &[]).await?;
            let nullable = vec![None; columns.len()];
            Ok(Describe { columns: columns.to_vec(), parameters: Some(Either::Right(parameters)), nullable })
        }
        .boxed()
    }
}

impl sqlx_core::connection::Connection for Connection {
    type Database = Sqlite;
    type Options = Options;

    async fn close(self) -> Result<(), Error> {
        // The last one to leave brings home what is in the log.
        tokio::task::spawn_blocking(move || drop(self)).await.map_err(|_| Error::WorkerCrashed)
    }

    async fn close_hard(self) -> Result<(), Error> {
        self.close().await
    }

    async fn ping(&mut self) -> Result<(), Error> {
        self.here().map(|_| ())
    }

    async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, Error> {
        Transaction::begin(self, None).await
    }

    fn shrink_buffers(&mut self) {}

    async fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn should_flush(&self) -> bool {
        false
    }
}

/// How sqlx's own transactions begin and end on a connection.
#[derive(Debug)]
pub struct Transactions;

impl TransactionManager for Transactions {
    type Database = Sqlite;

    async fn begin(connection: &mut Connection, statement: Option<SqlStr>) -> Result<(), Error> {
        let sql = statement.unwrap_or(SqlStr::from_static("BEGIN"));
        connection.run(&Asked { sql, arguments: Arguments::default(), remember: true }, |_| true).map(|_| ())
    }

    async fn commit(connection: &mut Connection) -> Result<(), Error> {
        connection.exec("COMMIT")
    }

    async fn rollback(connection: &mut Connection) -> Result<(), Error> {
        connection.exec("ROLLBACK")
    }

    fn start_rollback(connection: &mut Connection) {
        if connection.is_within().unwrap_or(false) {
            let _ = connection.exec("ROLLBACK");
        }
    }

    fn get_transaction_depth(_: &Connection) -> usize {
        0
    }
}
