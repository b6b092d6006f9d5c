//! Connections to one file, of which each transaction has one to itself.
//!
//! One pool writes to a file; what it commits is flushed to the disk before [`Transaction::commit`] returns.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx_core::error::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::is_busy;
use crate::log::{self, Log};
use crate::{Connection, Options};

/// How long another process that writes is waited for before it is looked again.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// How a transaction begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// It reads, from the moment of its first statement on.
    ToRead,
    /// It writes, and nobody else does.
    ToWrite,
}

/// Connections to one file. Cheap to clone.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    options: Options,
    most: u32,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
    log: Log,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("options", &self.0.options).field("most", &self.0.most).finish()
    }
}

impl Pool {
    /// At most so many connections, none of which is made yet.
    pub fn new(options: Options, most: u32) -> Self {
        let places = Arc::new(Semaphore::new(most as usize));
        let log = Log::of(options.file());
        Self(Arc::new(Shared { options, most, places, idle: Mutex::default(), log }))
    }

    /// The same, of which one is made now, to see that it can be.
    pub async fn connect(options: Options, most: u32) -> Result<Self, Error> {
        let pool = Self::new(options, most);
        let first = sqlx_core::connection::ConnectOptions::connect(&pool.0.options).await?;
        pool.0.give_back(first);
        Ok(pool)
    }

    /// How they are made.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// How many there may be.
    pub fn most(&self) -> u32 {
        self.0.most
    }

    /// How many nobody uses at this moment.
    pub fn idle(&self) -> usize {
        self.0.places.available_permits()
    }

    /// Begins a transaction, once there is a connection for it and, where it writes, no other process does; for either
    /// no longer than `patience`.
    pub async fn begin(&self, how: Begin, patience: Duration) -> Result<Transaction, Error> {
        let until = Instant::now() + patience;
        let place = timeout_at(until, self.0.places.clone().acquire_owned());
        let place = place.await.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        let idle = self.0.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => sqlx_core::connection::ConnectOptions::connect(&self.0.options).await?,
        };
        let mut begun = Transaction {
            connection: Some(connection),
            pool: self.0.clone(),
            how,
            ended: true,
            _place: place,
        };
        match how {
            Begin::ToRead => begun.exec("BEGIN").inspect_err(|_| begun.connection = None)?,
            Begin::ToWrite => {
                if let Err(error) = begun.begin_to_write(until).await {
                    if !is_busy(&error) {
                        begun.connection = None;
                    }
                    return Err(error);
                }
                begun.ended = false;
                begun.pool.log.hold()?;
            }
        }
        begun.ended = false;
        Ok(begun)
    }

    /// Waits for the transactions under way, and closes every connection. Nobody begins any more.
    pub async fn close(&self) {
        if let Ok(all) = self.0.places.acquire_many(self.0.most).await {
            self.0.places.close();
            drop(all);
        }
        let idle = std::mem::take(&mut *self.0.lock());
        // The last one to leave brings home what is in the log.
        let _ = tokio::task::spawn_blocking(move || drop(idle)).await;
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, connection: Connection) {
        self.lock().push(connection);
    }
}

/// A transaction, which has a connection to itself. Dropping it without [`Transaction::commit`] rolls back.
pub struct Transaction {
    connection: Option<Connection>,
    pool: Arc<Shared>,
    how: Begin,
    ended: bool,
    /// Given back after the connection.
    _place: OwnedSemaphorePermit,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("how", &self.how).finish_non_exhaustive()
    }
}

impl Transaction {
    async fn begin_to_write(&mut self, until: Instant) -> Result<(), Error> {
        let mut pause = Duration::from_millis(1);
        loop {
            match self.exec("BEGIN IMMEDIATE") {
                Err(error) if is_busy(&error) && Instant::now() + pause < until => sleep(pause).await,
                begun => return begun,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Makes everything done in it durable and visible.
    pub async fn commit(mut self) -> Result<(), Error> {
        self.exec("COMMIT")?;
        self.ended = true;
        let pool = self.pool.clone();
        let Some(pages) = log::written() else {
            let (writes, seen) = (self.how == Begin::ToWrite, pool.log.last());
            drop(self);
            return if writes { pool.log.flush(seen).await } else { Ok(()) };
        };
        let commit = pool.log.committed();
        if pages < pool.options.most_log_pages() {
            drop(self);
        } else {
            tokio::task::spawn_blocking(move || self.bring_home());
        }
        // Others write meanwhile.
        pool.log.flush(commit).await
    }

    /// Brings the log's pages home, while nobody writes: beside others it took longer, measured, and so did they. Whatever is
    /// in the way of that, it is tried again after the next commit.
    fn bring_home(mut self) {
        if let Err(error) = self.exec("PRAGMA wal_checkpoint(PASSIVE)") {
            tracing::warn!(%error, "the log's pages are not brought home; it grows until they are");
        }
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a transaction has its connection until it is dropped")
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a transaction has its connection until it is dropped")
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        connection.take_time(false);
        if self.ended || undo(&mut connection) {
            self.pool.give_back(connection);
        }
    }
}

/// Undoes what was not committed. Returns whether the connection can go on.
fn undo(connection: &mut Connection) -> bool {
    match connection.is_within() {
        Ok(true) => return connection.exec("ROLLBACK").is_ok(),
        Ok(false) => {}
        Err(_) => return false,
    }
    tracing::debug!("the database ended a transaction by itself");
    // Where the disk is full of the log, its pages are brought home and it begins anew in the room it has. Whether that
    // works is seen by whoever writes next.
    let _ = connection.exec("PRAGMA wal_checkpoint(PASSIVE)");
    true
}
