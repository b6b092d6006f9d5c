//! Bytes under the hash of what they are.
//!
//! Invariant: what can be opened under a hash has that hash and is whole. A file is written beside the store, flushed
//! to the disk and then renamed into place, so a crash leaves either nothing or all of it. Who may see which hash is
//! not decided here: rows that belong to an organisation say so.

use std::fmt;
use std::io::{self, ErrorKind, SeekFrom};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lc_rs::digest;
use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

/// Bytes arriving or leaving piece by piece.
pub type ByteStream<'a> = BoxStream<'a, io::Result<Bytes>>;

/// The SHA-256 of a file's content, shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobHash([u8; 32]);

impl BlobHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::finished(digest::digest(&digest::SHA256, bytes))
    }

    /// The hash as stored in a row.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash as stored in a row.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn finished(digest: digest::Digest) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest.as_ref());
        Self(hash)
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BlobHash {
    type Err = hex::FromHexError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let mut hash = [0; 32];
        hex::decode_to_slice(s, &mut hash)?;
        Ok(Self(hash))
    }
}

/// What was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The hash to open it by.
    pub hash: BlobHash,
    /// Its size in bytes.
    pub size: u64,
}

/// A stretch of bytes, the last included, within a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first byte, from 0.
    pub first: u64,
    /// Its last byte.
    pub last: u64,
}

impl Span {
    /// How many bytes it covers.
    pub fn len(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Never: a span holds at least one byte.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// Why bytes could not be stored or opened.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// More bytes arrived than allowed; nothing was stored.
    #[error("the file is larger than {most} bytes")]
    TooLarge {
        /// The most that was allowed.
        most: u64,
    },
    /// No bytes arrived; nothing was stored.
    #[error("the file is empty")]
    Empty,
    /// The sender broke off; nothing was stored.
    #[error("the file did not arrive whole: {0}")]
    Source(#[source] io::Error),
    /// The store itself failed.
    #[error("the media folder cannot be used, check that it exists, is writable and has room: {0}")]
    Store(#[from] io::Error),
}

/// A place for bytes: a local folder, or an object store.
pub trait BlobStore: fmt::Debug + Send + Sync + 'static {
    /// Stores a stream of at most `most` bytes and says under which hash. Storing the same bytes again is free.
    fn put<'a>(&'a self, bytes: ByteStream<'a>, most: u64) -> BoxFuture<'a, Result<Stored, BlobError>>;

    /// The size of what is stored under a hash; `None` if nothing is.
    fn size(&self, hash: BlobHash) -> BoxFuture<'_, Result<Option<u64>, BlobError>>;

    /// Opens what is stored under a hash, or a span of it; `None` if nothing is. A span that reaches beyond the end
    /// yields what there is.
    fn open(
        &self,
        hash: BlobHash,
        span: Option<Span>,
    ) -> BoxFuture<'_, Result<Option<ByteStream<'static>>, BlobError>>;

    /// Removes what is stored under a hash, unless it was stored or stored again less than `age` ago: a row that
    /// refers to it may be about to be written. Says whether it removed anything.
    fn remove_older<'a>(&'a self, hash: BlobHash, age: Duration) -> BoxFuture<'a, Result<bool, BlobError>>;
}

/// Looks at the first `wanted` bytes of a stream (fewer if it ends) and gives the whole stream back.
///
/// # Errors
/// [`BlobError::Source`] if the stream breaks before that.
pub async fn peek(bytes: ByteStream<'_>, wanted: usize) -> Result<(Bytes, ByteStream<'_>), BlobError> {
    // A short file ends here, and whoever gets the stream back asks once more.
    let mut bytes = bytes.fuse();
    let mut head = BytesMut::new();
    while head.len() < wanted {
        match bytes.next().await {
            Some(piece) => head.extend_from_slice(&piece.map_err(BlobError::Source)?),
            None => break,
        }
    }
    let head = head.freeze();
    let seen = head.slice(..head.len().min(wanted));
    Ok((seen, stream::once(async { Ok(head) }).chain(bytes).boxed()))
}

/// Blobs in a local folder: `ab/cd/abcd…`, and `tmp` for what is still arriving.
#[derive(Debug)]
pub struct DiskBlobs {
    root: PathBuf,
    counter: AtomicU64,
}

/// Files in `tmp` older than this were left by a crash.
const STALE: Duration = Duration::from_secs(24 * 3600);

impl DiskBlobs {
    /// Opens the store in `root`, made if missing, and clears away what crashes left half-written.
    ///
    /// # Errors
    /// If the folder cannot be made or read.
    pub async fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let store = Self::at(root);
        make_folder(&store.root).await?;
        make_folder(&store.arriving()).await?;
        let mut entries = fs::read_dir(store.arriving()).await?;
        while let Some(entry) = entries.next_entry().await? {
            if is_older(&entry.metadata().await?, STALE) {
                fs::remove_file(entry.path()).await?;
            }
        }
        Ok(store)
    }

    /// Files in this folder as it is, for a look at the rest: nothing is made before a file comes in.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), counter: AtomicU64::new(0) }
    }

    fn arriving(&self) -> PathBuf {
        self.root.join("tmp")
    }

    fn path(&self, hash: BlobHash) -> PathBuf {
        let name = hash.to_string();
        self.root.join(&name[..2]).join(&name[2..4]).join(&name)
    }

    /// A new file that nobody else writes, also not another process on the same folder.
    async fn new_file(&self) -> io::Result<(PathBuf, File)> {
        loop {
            let number = self.counter.fetch_add(1, Ordering::Relaxed);
            let path = self.arriving().join(format!("{}-{number}", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await {
                Ok(file) => return Ok((path, file)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn receive(&self, bytes: ByteStream<'_>, most: u64) -> Result<Stored, BlobError> {
        let (path, file) = self.new_file().await?;
        let temporary = Temporary(Some(path));
        let stored = write(file, bytes, most).await?;
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
struct Temporary(Option<PathBuf>);

impl Temporary {
    async fn rename(mut self, target: &Path) -> io::Result<()> {
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
fn is_older(metadata: &std::fs::Metadata, age: Duration) -> bool {
    metadata.modified().ok().and_then(|time| time.elapsed().ok()).is_some_and(|since| since >= age)
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

async fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(pieces: &[&[u8]]) -> ByteStream<'static> {
        stream::iter(pieces.iter().map(|p| Ok(Bytes::copy_from_slice(p))).collect::<Vec<_>>()).boxed()
    }

    async fn store() -> (tempfile::TempDir, DiskBlobs) {
        let folder = tempfile::tempdir().unwrap();
        let store = DiskBlobs::open(folder.path().join("media")).await.unwrap();
        (folder, store)
    }

    async fn content(store: &DiskBlobs, hash: BlobHash, span: Option<Span>) -> Option<Vec<u8>> {
        let mut stream = store.open(hash, span).await.unwrap()?;
        let mut all = Vec::new();
        while let Some(piece) = stream.next().await {
            all.extend_from_slice(&piece.unwrap());
        }
        Some(all)
    }

    fn files_in(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[tokio::test]
    async fn bytes_come_back_by_their_hash() {
        let (_folder, store) = store().await;
        let stored = store.put(pieces(&[b"halo ", b"dunia"]), 100).await.unwrap();
        assert_eq!(stored, Stored { hash: BlobHash::of(b"halo dunia"), size: 10 });
        assert_eq!(
            BlobHash::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(content(&store, stored.hash, None).await.unwrap(), b"halo dunia");
        assert_eq!(content(&store, stored.hash, Some(Span { first: 5, last: 6 })).await.unwrap(), b"du");
        assert_eq!(
            content(&store, stored.hash, Some(Span { first: 8, last: u64::MAX })).await.unwrap(),
            b"ia"
        );
        assert_eq!(store.size(stored.hash).await.unwrap(), Some(10));
        assert_eq!(stored.hash.to_string().parse(), Ok(stored.hash));
        assert!(store.open(BlobHash::of(b"other"), None).await.unwrap().is_none());
        assert!(store.size(BlobHash::of(b"other")).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_same_bytes_are_kept_once_and_nothing_is_left_behind() {
        let (_folder, store) = store().await;
        for _ in 0..3 {
            store.put(pieces(&[b"same"]), 100).await.unwrap();
        }
        let path = store.path(BlobHash::of(b"same"));
        assert_eq!(files_in(parent(&path)), 1);
        assert_eq!(files_in(&store.arriving()), 0);
    }

    #[tokio::test]
    async fn what_fails_leaves_nothing() {
        let (_folder, store) = store().await;
        assert!(matches!(
            store.put(pieces(&[b"12345", b"6"]), 5).await,
            Err(BlobError::TooLarge { most: 5 })
        ));
        assert!(store.put(pieces(&[b"12345"]), 5).await.is_ok(), "the limit itself is allowed");
        assert!(matches!(store.put(pieces(&[]), 5).await, Err(BlobError::Empty)));
        let broken = stream::iter([Ok(Bytes::from_static(b"ha")), Err(io::Error::other("gone"))]).boxed();
        assert!(matches!(store.put(broken, 5).await, Err(BlobError::Source(_))));
        let endless = stream::iter([Ok(Bytes::from_static(b"ha"))]).chain(stream::pending()).boxed();
        assert!(tokio::time::timeout(Duration::from_millis(50), store.put(endless, 5)).await.is_err());
        assert_eq!(files_in(&store.arriving()), 0);
    }

    #[tokio::test]
    async fn removal_spares_what_was_stored_again_lately() {
        let (_folder, store) = store().await;
        let stored = store.put(pieces(&[b"old"]), 5).await.unwrap();
        assert!(!store.remove_older(stored.hash, Duration::from_secs(60)).await.unwrap());
        assert!(store.remove_older(stored.hash, Duration::ZERO).await.unwrap());
        assert!(!store.remove_older(stored.hash, Duration::ZERO).await.unwrap());
        assert!(content(&store, stored.hash, None).await.is_none());
    }

    #[tokio::test]
    async fn a_restart_clears_what_a_crash_left() {
        let (folder, store) = store().await;
        let (old, fresh) = (store.arriving().join("1-1"), store.arriving().join("1-2"));
        std::fs::write(&old, b"half").unwrap();
        std::fs::write(&fresh, b"half").unwrap();
        let past = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::options().write(true).open(&old).unwrap().set_modified(past).unwrap();
        DiskBlobs::open(folder.path().join("media")).await.unwrap();
        assert!(!old.exists() && fresh.exists());
    }

    #[tokio::test]
    async fn files_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, store) = store().await;
        let stored = store.put(pieces(&[b"private"]), 100).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&store.path(stored.hash)), 0o600);
        assert_eq!(mode(&store.root), 0o700);
    }

    #[tokio::test]
    async fn peeking_takes_nothing_away() {
        let (head, rest) = peek(pieces(&[b"ab", b"cd", b"ef"]), 3).await.unwrap();
        assert_eq!(&head[..], b"abc");
        let all: Vec<_> = rest.map(|piece| piece.unwrap()).collect().await;
        assert_eq!(all.concat(), b"abcdef");
        let (head, _) = peek(pieces(&[b"ab"]), 3).await.unwrap();
        assert_eq!(&head[..], b"ab");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
        #[test]
        fn any_content_in_any_pieces_comes_back(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2000), 1..6),
            first in 0u64..3000, length in 1u64..3000,
        ) {
            let whole = parts.concat();
            prop_assume!(!whole.is_empty());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (_folder, store) = store().await;
                let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
                let stored = store.put(pieces(&slices), whole.len() as u64).await.unwrap();
                prop_assert_eq!(stored.hash, BlobHash::of(&whole));
                prop_assert_eq!(content(&store, stored.hash, None).await.unwrap(), whole.clone());
                let span = Span { first, last: first + length - 1 };
                let expected: Vec<u8> =
                    whole.iter().skip(first as usize).take(length as usize).copied().collect();
                prop_assert_eq!(content(&store, stored.hash, Some(span)).await.unwrap(), expected);
                Ok(())
            })?;
        }
    }
}
