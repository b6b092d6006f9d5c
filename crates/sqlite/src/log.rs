//! The write-ahead log: what was committed is flushed to the disk together, while others write.
//!
//! SQLite would flush each commit before the next transaction begins, and let all writers wait for the disk. Here a commit
//! is written to the log at once and whoever writes next begins; the committer is answered when the log has been flushed
//! after its commit, by a flush that serves all who wait. A log that was cut short is read up to its last whole commit, so
//! a crash takes only what nobody was told of.

use std::cell::Cell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use rusqlite::ffi;
use sqlx_core::error::Error;
use tokio::sync::Mutex;

use crate::SqliteError;

thread_local! {
    /// How many pages the log holds, as the last commit on this thread left it.
    static PAGES: Cell<Option<i32>> = const { Cell::new(None) };
}

/// Lets commits tell how long the log is, in place of SQLite's own rule for bringing its pages home.
pub(crate) fn watch(connection: &rusqlite::Connection) {
    connection.wal_hook(Some(|_, pages| {
        PAGES.set(Some(pages));
        Ok(())
    }));
}

/// How many pages the log holds since a commit on this thread; `None` where nothing was written.
pub(crate) fn written() -> Option<i32> {
    PAGES.take()
}

/// The log of one file.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: OnceLock<Arc<File>>,
    /// How many commits there were.
    commits: AtomicU64,
    /// How many of them are on the disk. Whoever holds it flushes.
    flushed: Mutex<u64>,
    /// What the disk did not take it may claim to have taken when it is asked again: nothing is written any more.
    failed: AtomicBool,
}

impl Log {
    pub(crate) fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self {
            path: path.into(),
            file: OnceLock::new(),
            commits: AtomicU64::new(0),
            flushed: Mutex::new(0),
            failed: AtomicBool::new(false),
        }
    }

    /// Counts a commit that is in the log. Returns its number.
    pub(crate) fn committed(&self) -> u64 {
        self.commits.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Waits until a commit is on the disk.
    pub(crate) async fn flush(&self, commit: u64) -> Result<(), Error> {
        let mut flushed = self.flushed.lock().await;
        self.sound()?;
        if *flushed >= commit {
            return Ok(());
        }
        let upto = self.commits.load(Ordering::SeqCst);
        let file = self.file()?;
        let done = tokio::task::spawn_blocking(move || file.sync_data()).await;
        if let Err(error) = done.map_err(|_| Error::WorkerCrashed)? {
            tracing::error!(%error, "the disk does not flush what was written; start again once it does");
            self.failed.store(true, Ordering::SeqCst);
        }
        self.sound()?;
        *flushed = upto;
        Ok(())
    }

    /// Fails once the disk has failed.
    pub(crate) fn sound(&self) -> Result<(), Error> {
        if self.failed.load(Ordering::SeqCst) {
            return Err(
                SqliteError::new(ffi::SQLITE_IOERR_FSYNC, "the disk did not take what was written").into()
            );
        }
        Ok(())
    }

    fn file(&self) -> Result<Arc<File>, Error> {
        if let Some(file) = self.file.get() {
            return Ok(file.clone());
        }
        let file = Arc::new(File::open(&self.path)?);
        Ok(self.file.get_or_init(|| file).clone())
    }
}
