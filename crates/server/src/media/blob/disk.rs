//! Blobs in a local folder: `ab/cd/abcd…`, and `tmp` for what is still arriving.
//!
//! Invariant: a file is written beside the others, flushed to the disk and then renamed into place, so a crash leaves
//! either nothing or all of it.

use std::io::{self, ErrorKind, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_stream::wrappers::ReadDirStream;
use tokio_util::io::ReaderStream;

use super::arriving::{Arriving, is_older, make_folder};
use super::{BlobError, BlobHash, BlobStore, ByteStream, Found, Span, Stored};

/// Blobs in a local folder.
#[derive(Debug)]
pub struct DiskBlobs {
    root: PathBuf,
    arriving: Arriving,
}

impl DiskBlobs {
    /// Opens the store in `root`, made if missing, and clears away what crashes left half-written.
    ///
    /// # Errors
    /// If the folder cannot be made or read.
    pub async fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let store = Self::at(root);
        make_folder(&store.root).await?;
        store.arriving.tidy().await?;
        Ok(store)
    }

    /// Files in this folder as it is, for a look at the rest: nothing is made before a file comes in.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self { arriving: Arriving::at(root.join("tmp")), root }
    }

    fn path(&self, hash: BlobHash) -> PathBuf {
        let name = hash.to_string();
        self.root.join(&name[..2]).join(&name[2..4]).join(&name)
    }

    async fn receive(&self, bytes: ByteStream<'_>, most: u64) -> Result<Stored, BlobError> {
        let (stored, temporary) = self.arriving.receive(bytes, most).await?;
        let target = self.path(stored.hash);
        let (folder, above) = (parent(&target), parent(parent(&target)));
        make_folder(above).await?;
        make_folder(folder).await?;
        // Also over the same content: its age starts anew, which keeps it from being removed meanwhile.
        temporary.rename(&target).await?;
        for folder in [folder, above, &self.root] {
            File::open(folder).await?.sync_all().await?;
        }
        Ok(stored)
    }

    async fn read(
        &self,
        hash: BlobHash,
        span: Option<Span>,
    ) -> Result<Option<ByteStream<'static>>, BlobError> {
        let mut file = match File::open(self.path(hash)).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let most = match span {
            Some(span) => {
                file.seek(SeekFrom::Start(span.first)).await?;
                span.len()
            }
            None => u64::MAX,
        };
        Ok(Some(ReaderStream::with_capacity(file.take(most), 64 << 10).boxed()))
    }

    async fn metadata(&self, hash: BlobHash) -> Result<Option<std::fs::Metadata>, BlobError> {
        match fs::metadata(self.path(hash)).await {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl BlobStore for DiskBlobs {
    fn put<'a>(&'a self, bytes: ByteStream<'a>, most: u64) -> BoxFuture<'a, Result<Stored, BlobError>> {
        Box::pin(self.receive(bytes, most))
    }

    fn size(&self, hash: BlobHash) -> BoxFuture<'_, Result<Option<u64>, BlobError>> {
        Box::pin(async move { Ok(self.metadata(hash).await?.map(|metadata| metadata.len())) })
    }

    fn open(
        &self,
        hash: BlobHash,
        span: Option<Span>,
    ) -> BoxFuture<'_, Result<Option<ByteStream<'static>>, BlobError>> {
        Box::pin(self.read(hash, span))
    }

    fn remove_older<'a>(&'a self, hash: BlobHash, age: Duration) -> BoxFuture<'a, Result<bool, BlobError>> {
        Box::pin(async move {
            match self.metadata(hash).await? {
                Some(metadata) if is_older(&metadata, age) => match fs::remove_file(self.path(hash)).await {
                    Ok(()) => Ok(true),
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
                    Err(error) => Err(error.into()),
                },
                _ => Ok(false),
            }
        })
    }

    fn list(&self) -> Found<'_> {
        entries(self.root.clone(), is_half)
            .and_then(|outer| async move { Ok(entries(outer, is_half)) })
            .try_flatten()
            .and_then(|inner| async move { Ok(entries(inner, |name| name.parse::<BlobHash>().is_ok())) })
            .try_flatten()
            .try_filter_map(|file| async move {
                let hash = file.file_name().and_then(|name| name.to_str()?.parse().ok());
                match (hash, fs::metadata(&file).await) {
                    (Some(hash), Ok(metadata)) => Ok(Some(Stored { hash, size: metadata.len() })),
                    // It went away meanwhile.
                    _ => Ok(None),
                }
            })
            .boxed()
    }
}

/// Two hexadecimal digits.
fn is_half(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What a folder holds under such names. A folder that is not there holds nothing.
fn entries(
    folder: PathBuf,
    named: fn(&str) -> bool,
) -> stream::BoxStream<'static, Result<PathBuf, BlobError>> {
    let opened = async move {
        match fs::read_dir(folder).await {
            Ok(entries) => Ok(ReadDirStream::new(entries).map_err(BlobError::from).boxed()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(stream::empty().boxed()),
            Err(error) => Err(BlobError::from(error)),
        }
    };
    stream::once(opened)
        .try_flatten()
        .try_filter_map(move |entry| async move {
            Ok(entry.file_name().to_str().is_some_and(named).then(|| entry.path()))
        })
        .boxed()
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
