//! Files while they arrive: in a folder of their own, under a name that means nothing, until their hash is known.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lc_rs::digest;
use futures::StreamExt as _;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt as _;

use super::{BlobError, BlobHash, ByteStream, Stored};

/// Files older than this were left by a crash.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// The folder.
#[derive(Debug)]
pub(super) struct Arriving {
    folder: PathBuf,
    counter: AtomicU64,
}

impl Arriving {
    /// In this folder as it is.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder, counter: AtomicU64::new(0) }
    }

    /// Makes the folder and clears away what crashes left half-written.
    pub async fn tidy(&self) -> io::Result<()> {
        make_folder(&self.folder).await?;
        let mut entries = fs::read_dir(&self.folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            if is_older(&entry.metadata().await?, STALE) {
                fs::remove_file(entry.path()).await?;
            }
        }
        Ok(())
    }

    /// Takes a stream of at most `most` bytes in and flushes it to the disk.
    pub async fn receive(&self, bytes: ByteStream<'_>, most: u64) -> Result<(Stored, Temporary), BlobError> {
        let (path, file) = self.new_file().await?;
        let temporary = Temporary(Some(path));
        Ok((write(file, bytes, most).await?, temporary))
    }

    /// A new file that nobody else writes, also not another process on the same folder.
    async fn new_file(&self) -> io::Result<(PathBuf, File)> {
        loop {
            let number = self.counter.fetch_add(1, Ordering::Relaxed);
            let path = self.folder.join(format!("{}-{number}", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await {
                Ok(file) => return Ok((path, file)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

async fn write(mut file: File, mut bytes: ByteStream<'_>, most: u64) -> Result<Stored, BlobError> {
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut size = 0u64;
    while let Some(piece) = bytes.next().await {
        let piece = piece.map_err(BlobError::Source)?;
        size += piece.len() as u64;
        if size > most {
            return Err(BlobError::TooLarge { most });
        }
        hash.update(&piece);
        file.write_all(&piece).await?;
    }
    if size == 0 {
        return Err(BlobError::Empty);
    }
    file.flush().await?;
    file.sync_all().await?;
    Ok(Stored { hash: BlobHash::finished(hash.finish()), size })
}

/// A file that is removed unless it was renamed into place, also when the writer is cancelled.
pub(super) struct Temporary(Option<PathBuf>);

impl Temporary {
    /// The file to read again.
    pub async fn open(&self) -> io::Result<File> {
        match &self.0 {
            Some(path) => File::open(path).await,
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    /// Puts it where it belongs.
    pub async fn rename(mut self, target: &Path) -> io::Result<()> {
        if let Some(path) = &self.0 {
            fs::rename(path, target).await?;
            self.0 = None;
        }
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // What cannot be removed now is removed as stale at the next start.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// By the clock of the file system, which cannot be moved: the demo's clock can, and files are older than it says.
pub(super) fn is_older(metadata: &std::fs::Metadata, age: Duration) -> bool {
    metadata.modified().ok().and_then(|time| time.elapsed().ok()).is_some_and(|since| since >= age)
}

/// Makes a folder into which its owner alone may look.
pub(super) async fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).await
}
