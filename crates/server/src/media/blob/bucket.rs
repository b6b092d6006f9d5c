//! Blobs in a bucket of an object store that speaks S3: `<prefix>/ab/cd/abcd…`.
//!
//! Invariant: an object appears whole under its name or not at all, which S3 promises of one upload as of one in parts.
//! A file arrives on the local disk first: only when all of it is there is its name known, and only then can what fails on the
//! way to the bucket be sent again.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt as _,
    PutPayload, RetryConfig, WriteMultipart,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use url::Url;

use super::arriving::{Arriving, Temporary};
use super::{BlobError, BlobHash, BlobStore, ByteStream, Found, Span, Stored};

/// A file up to this length goes in one request; a larger one in parts of this length.
const PART: usize = 8 << 20;
/// How many parts are on their way at once, which bounds what one upload holds in memory.
const PARTS_AT_ONCE: usize = 2;

/// Where a bucket is and how it is entered.
#[derive(Clone, Debug)]
pub struct BucketOptions {
    /// Its name.
    pub bucket: String,
    /// What the names of all objects begin with; empty for nothing.
    pub prefix: String,
    /// Where the object store is; Amazon's unless told.
    pub endpoint: Option<Url>,
    /// The region that requests are signed for.
    pub region: String,
    /// Key and secret. Without them the machine's own role is asked for, as on Amazon.
    pub keys: Option<(String, SecretString)>,
    /// Whether the bucket is a part of the host's name rather than of the path.
    pub bucket_in_host: bool,
}

/// Blobs in a bucket.
#[derive(Debug)]
pub struct Bucket {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    arriving: Arriving,
}

impl Bucket {
    /// Opens a bucket; `folder` is where files arrive on their way to it. Nothing is asked yet.
    ///
    /// # Errors
    /// If the options contradict each other.
    pub fn open(options: &BucketOptions, folder: impl Into<PathBuf>) -> Result<Self, BlobError> {
        Self::patient(options, folder, Duration::from_secs(60))
    }

    /// Opens a bucket whose passing failures are tried again for so long before they count.
    pub(super) fn patient(
        options: &BucketOptions,
        folder: impl Into<PathBuf>,
        patience: Duration,
    ) -> Result<Self, BlobError> {
        let client = ClientOptions::new()
            .with_allow_http(options.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http"))
            .with_connect_timeout(Duration::from_secs(5))
            // Of a whole request: a part of 8 MB over a slow line.
            .with_timeout(Duration::from_secs(120));
        let retry =
            RetryConfig { backoff: BackoffConfig::default(), max_retries: 8, retry_timeout: patience };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&options.bucket)
            .with_region(&options.region)
            .with_virtual_hosted_style_request(options.bucket_in_host)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &options.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        if let Some((key, secret)) = &options.keys {
            builder = builder.with_access_key_id(key).with_secret_access_key(secret.expose_secret());
        }
        let objects = builder.build().map_err(of_bucket)?;
        Ok(Self {
            objects: Arc::new(objects),
            prefix: Path::from(options.prefix.as_str()),
            arriving: Arriving::at(folder.into()),
        })
    }

    /// Makes the folder in which files arrive, and clears away what crashes left there.
    ///
    /// # Errors
    /// If it cannot be made or read.
    pub async fn tidy(&self) -> io::Result<()> {
        self.arriving.tidy().await
    }

    fn path(&self, hash: BlobHash) -> Path {
        let name = hash.to_string();
        let (outer, inner) = (name[..2].to_owned(), name[2..4].to_owned());
        self.prefix.clone().join(outer).join(inner).join(name)
    }

    async fn receive(&self, bytes: ByteStream<'_>, most: u64) -> Result<Stored, BlobError> {
        let (stored, temporary) = self.arriving.receive(bytes, most).await?;
        // Also over the same content: its age starts anew, which keeps it from being removed meanwhile.
        self.send(&self.path(stored.hash), &stored, &temporary).await?;
        Ok(stored)
    }

    async fn send(&self, path: &Path, stored: &Stored, file: &Temporary) -> Result<(), BlobError> {
        let mut pieces = ReaderStream::with_capacity(file.open().await?, 256 << 10);
        if stored.size <= PART as u64 {
            let whole: Vec<Bytes> = pieces.try_collect().await?;
            self.objects.put(path, PutPayload::from_iter(whole)).await.map_err(of_bucket)?;
            return Ok(());
        }
        let upload = self.objects.put_multipart(path).await.map_err(of_bucket)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        match pour(&mut pieces, &mut upload).await {
            Ok(()) => upload.finish().await.map_err(of_bucket).map(|_| ()),
            Err(error) => {
                // What cannot be taken back now is the bucket's own rule for unfinished uploads to forget.
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    async fn head(&self, hash: BlobHash) -> Result<Option<ObjectMeta>, BlobError> {
        match self.objects.head(&self.path(hash)).await {
            Ok(meta) => Ok(Some(meta)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(of_bucket(error)),
        }
    }

    async fn read(
        &self,
        hash: BlobHash,
        span: Option<Span>,
    ) -> Result<Option<ByteStream<'static>>, BlobError> {
        let range = span.map(|span| GetRange::Bounded(span.first..span.last.saturating_add(1)));
        let asked = GetOptions { range, ..GetOptions::default() };
        match self.objects.get_opts(&self.path(hash), asked).await {
            Ok(got) => Ok(Some(got.into_stream().map_err(io::Error::other).boxed())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(of_bucket(error)),
        }
    }

    /// S3 refuses a span that begins beyond the end, or gives the whole; here it yields nothing.
    async fn read_within(
        &self,
        hash: BlobHash,
        span: Option<Span>,
    ) -> Result<Option<ByteStream<'static>>, BlobError> {
        let Some(span) = span else { return self.read(hash, None).await };
        let Some(meta) = self.head(hash).await? else { return Ok(None) };
        let Some(end) = meta.size.checked_sub(1).filter(|end| span.first <= *end) else {
            return Ok(Some(futures::stream::empty().boxed()));
        };
        self.read(hash, Some(Span { first: span.first, last: span.last.min(end) })).await
    }
}

/// Hands a file on, no faster than its parts leave.
async fn pour(pieces: &mut ReaderStream<File>, upload: &mut WriteMultipart) -> Result<(), BlobError> {
    while let Some(piece) = pieces.try_next().await? {
        upload.wait_for_capacity(PARTS_AT_ONCE).await.map_err(of_bucket)?;
        upload.put(piece);
    }
    Ok(())
}

impl BlobStore for Bucket {
    fn put<'a>(&'a self, bytes: ByteStream<'a>, most: u64) -> BoxFuture<'a, Result<Stored, BlobError>> {
        Box::pin(self.receive(bytes, most))
    }

    fn size(&self, hash: BlobHash) -> BoxFuture<'_, Result<Option<u64>, BlobError>> {
        Box::pin(async move { Ok(self.head(hash).await?.map(|meta| meta.size)) })
    }

    fn open(
        &self,
        hash: BlobHash,
        span: Option<Span>,
    ) -> BoxFuture<'_, Result<Option<ByteStream<'static>>, BlobError>> {
        Box::pin(self.read_within(hash, span))
    }

    fn remove_older<'a>(&'a self, hash: BlobHash, age: Duration) -> BoxFuture<'a, Result<bool, BlobError>> {
        Box::pin(async move {
            let Some(meta) = self.head(hash).await? else { return Ok(false) };
            if !is_older(&meta, age) {
                return Ok(false);
            }
            match self.objects.delete(&self.path(hash)).await {
                Ok(()) => Ok(true),
                Err(object_store::Error::NotFound { .. }) => Ok(false),
                Err(error) => Err(of_bucket(error)),
            }
        })
    }

    fn list(&self) -> Found<'_> {
        let under = Some(&self.prefix).filter(|prefix| !prefix.as_ref().is_empty());
        let blobs = self.objects.list(under).map_err(of_bucket).try_filter_map(async |object| {
            let hash = object.location.filename().and_then(|name| name.parse().ok());
            Ok(hash.map(|hash| Stored { hash, size: object.size }))
        });
        blobs.boxed()
    }
}

/// By the object store's clock, as far as it can be compared: both are set by the same time, or nothing is old.
fn is_older(meta: &ObjectMeta, age: Duration) -> bool {
    let stored = std::time::SystemTime::from(meta.last_modified);
    age.is_zero() || stored.elapsed().is_ok_and(|since| since >= age)
}

/// What is wrong, in words that lead to what is to be mended.
#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn of_bucket(error: object_store::Error) -> BlobError {
    let why = chain(&error);
    let refused = |code: &str| why.contains(code);
    let what = if refused("NoSuchBucket") {
        "does not exist, make it or name another in SAPA_MEDIA_STORE"
    } else if refused("InvalidAccessKeyId") || refused("SignatureDoesNotMatch") {
        "does not know the key, check SAPA_MEDIA_S3_KEY, SAPA_MEDIA_S3_SECRET and SAPA_MEDIA_S3_REGION"
    } else if refused("AccessDenied") || refused("403 Forbidden") {
        "does not let this key read, write, list and delete"
    } else {
        "cannot be used, check that its object store runs and can be reached"
    };
    BlobError::Bucket { what, why }
}

/// A failure with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(|error| error.to_string().replace(['\n', '\r'], " ")).collect::<Vec<_>>().join(": ")
}
