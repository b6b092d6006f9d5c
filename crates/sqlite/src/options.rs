//! How a file is opened.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use ::log::LevelFilter;
use rusqlite::OpenFlags;
use sqlx_core::Url;
use sqlx_core::connection::ConnectOptions;
use sqlx_core::error::Error;

use crate::error::told;
use crate::{Connection, log};

/// How long opening waits at least: another process may just be closing the file.
const OPENING: Duration = Duration::from_secs(1);

/// How a file is opened.
#[derive(Clone, Debug)]
pub struct Options {
    file: PathBuf,
    create: bool,
    read_only: bool,
    patience: Duration,
    statements: usize,
    log_pages: i32,
    pragmas: Vec<(&'static str, &'static str)>,
}

impl Options {
    /// Opens a file that is there, to read and write; no statement waits for other processes.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            create: false,
            read_only: false,
            patience: Duration::ZERO,
            statements: 100,
            log_pages: 1_000,
            pragmas: Vec::new(),
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether a file that is missing is made.
    pub fn create(self, create: bool) -> Self {
        Self { create, ..self }
    }

    /// Whether nothing may be written.
    pub fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// How long a statement waits, on its thread, for another process.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How many statements a connection remembers.
    pub fn statements(self, statements: usize) -> Self {
        Self { statements, ..self }
    }

    /// After how many pages the log is brought home. That holds up whoever writes; a long log makes it rare.
    pub fn log_pages(self, log_pages: i32) -> Self {
        Self { log_pages, ..self }
    }

    pub(crate) fn most_log_pages(&self) -> i32 {
        self.log_pages
    }

    /// A setting that every connection begins with; they are made in their order.
    pub fn pragma(mut self, name: &'static str, value: &'static str) -> Self {
        self.pragmas.push((name, value));
        self
    }

    /// Opens a connection, on this thread.
    pub(crate) fn open(&self) -> Result<Connection, Error> {
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags |= match (self.read_only, self.create) {
            (true, _) => OpenFlags::SQLITE_OPEN_READ_ONLY,
            (false, true) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            (false, false) => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let connection = rusqlite::Connection::open_with_flags(&self.file, flags).map_err(told)?;
        connection.busy_timeout(self.patience.max(OPENING)).map_err(told)?;
        connection.set_prepared_statement_cache_capacity(self.statements);
        for (name, value) in &self.pragmas {
            connection.pragma_update(None, name, value).map_err(told)?;
        }
        // Commits are flushed by whoever makes them: see `log`.
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "NORMAL")] {
            connection.pragma_update(None, name, value).map_err(told)?;
        }
        log::watch(&connection);
        connection.busy_timeout(self.patience).map_err(told)?;
        Ok(Connection::new(connection))
    }
}

impl FromStr for Options {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        Ok(Self::new(url.trim_start_matches("sqlite:").trim_start_matches("//")))
    }
}

impl ConnectOptions for Options {
    type Connection = Connection;

    fn from_url(url: &Url) -> Result<Self, Error> {
        url.as_str().parse()
    }

    async fn connect(&self) -> Result<Connection, Error> {
        let options = self.clone();
        tokio::task::spawn_blocking(move || options.open()).await.map_err(|_| Error::WorkerCrashed)?
    }

    /// Statements are told nobody but when they are slow.
    fn log_statements(self, _: LevelFilter) -> Self {
        self
    }

    fn log_slow_statements(self, _: LevelFilter, _: Duration) -> Self {
        self
    }
}
