//! The write-ahead log: what was committed is flushed to the disk together, while others write.
//!
//! SQLite would flush each commit before the next transaction begins, and let all writers wait for the disk. Here a commit
//! is written to the log at once and whoever writes next begins; the committer is answered when the log has been flushed
//! after its commit, by a flush that serves all who wait. A log that was cut short is read up to its last whole commit, so
//! a crash takes only what nobody was told of. Who writes and has seen what is not on the disk yet waits for that, too; who
//! only reads may see what a crash a moment later takes back.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

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

/// The log's file, once it was needed.
#[derive(Debug, Default)]
struct Held(Option<File>);

/// The log of one file.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: Arc<std::sync::Mutex<Held>>,
    /// How many commits there were.
    commits: AtomicU64,
    /// How many of them are on the disk. Whoever holds it flushes.
    flushed: Mutex<u64>,
    /// What the disk did not take it may claim to have taken when it is asked again: nothing is written any more.
    failed: Arc<AtomicBool>,
}

impl Log {
    pub(crate) fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self {
            path: path.into(),
            file: Arc::default(),
            commits: AtomicU64::new(0),
            flushed: Mutex::new(0),
            failed: Arc::default(),
        }
    }

    /// Counts a commit that is in the log. Returns its number.
    pub(crate) fn committed(&self) -> u64 {
        self.commits.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// How many commits there were: whoever has seen the last of them waits for it.
    pub(crate) fn last(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// Makes sure that the log can be flushed, before anything is written to it.
    pub(crate) fn hold(&self) -> Result<(), Error> {
        self.sound()?;
        // Who flushes has it, and is not waited for.
        match self.file.try_lock() {
            Ok(mut held) => Ok(held.open(&self.path).map(|_| ())?),
            Err(_) => Ok(()),
        }
    }

    /// Waits until a commit is on the disk.
    pub(crate) async fn flush(&self, commit: u64) -> Result<(), Error> {
        let mut flushed = self.flushed.lock().await;
        self.sound()?;
        if *flushed >= commit {
            return Ok(());
        }
        let upto = self.commits.load(Ordering::SeqCst);
        let (path, file, failed) = (self.path.clone(), self.file.clone(), self.failed.clone());
        // Also where nobody waits for the answer any more: the disk tells of its failure once.
        let flush = move || {
            let mut held = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = held.open(&path).and_then(|file| file.map_or(Ok(()), File::sync_data)) {
                tracing::error!(%error, "the disk does not flush what was written; start again once it does");
                failed.store(true, Ordering::SeqCst);
            }
        };
        // Not on the spot, however quick the disk: measured, what waits behind this task waits longer for that.
        tokio::task::spawn_blocking(flush).await.map_err(|_| Error::WorkerCrashed)?;
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
}

impl Held {
    /// The file as it is now; `None` where there is none, because everything was brought home.
    fn open(&mut self, path: &Path) -> io::Result<Option<&File>> {
        // Whoever closes the last connection brings the log home and takes its file away; the next one makes another.
        let is_gone = |file: &File| file.metadata().is_ok_and(|known| known.nlink() == 0);
        if self.0.as_ref().is_none_or(is_gone) {
            self.0 = match File::open(path) {
                Ok(file) => Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
        }
        Ok(self.0.as_ref())
    }
}
