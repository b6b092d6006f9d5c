//! Bytes under the hash of what they are.
//!
//! Invariant: what can be opened under a hash has that hash and is whole; whoever crashes half-way leaves nothing. Who
//! may see which hash is not decided here: rows that belong to an organisation say so, and nobody learns from a store
//! whether somebody else has the same bytes: what is there already is taken in again like anything else.
//!
//! - [`disk`] keeps them in a folder;
//! - [`bucket`] in an object store that speaks S3.

mod arriving;
mod bucket;
mod disk;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use aws_lc_rs::digest;
use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};

pub use bucket::{Bucket, BucketOptions};
pub use disk::DiskBlobs;

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
    /// The object store failed, or refused.
    #[error("the bucket for files {what}: {why}")]
    Bucket {
        /// What is wrong, to follow the word bucket.
        what: &'static str,
        /// What the object store said.
        why: String,
    },
}

/// Blobs as they are found, in no order.
pub type Found<'a> = BoxStream<'a, Result<Stored, BlobError>>;

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

    /// Everything that is stored, piece by piece. What comes or goes meanwhile may be among it or not.
    fn list(&self) -> Found<'_>;
}

/// Proves that a store takes bytes, gives them back and lets them go. Nothing stays behind.
///
/// # Errors
/// What does not work.
pub async fn prove(store: &dyn BlobStore, now: rules::time::Timestamp) -> Result<(), BlobError> {
    // Nobody's file: bytes that no file has, so that what is removed is what was put.
    let bytes = Bytes::from(format!("Sapa looked whether files can be kept, at {}", now.0));
    let stored = store.put(stream::once(async { Ok(bytes.clone()) }).boxed(), 1 << 10).await?;
    let found = read_whole(store, stored.hash).await?;
    store.remove_older(stored.hash, Duration::ZERO).await?;
    if found.as_ref() != Some(&bytes) {
        return Err(BlobError::Source(io::Error::other("what was stored did not come back")));
    }
    Ok(())
}

/// All bytes under a hash, for what is known to be small; `None` if nothing is.
///
/// # Errors
/// If the store fails.
pub async fn read_whole(store: &dyn BlobStore, hash: BlobHash) -> Result<Option<Bytes>, BlobError> {
    let Some(mut pieces) = store.open(hash, None).await? else { return Ok(None) };
    let mut all = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(Some(all.freeze()))
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
