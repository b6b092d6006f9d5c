//! What every store of blobs promises, tried on a folder and on a bucket behind a server that speaks S3.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hyper_util::rt::{TokioExecutor, TokioIo};
use proptest::prelude::*;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use secrecy::SecretString;
use tokio::net::TcpListener;
use url::Url;

use super::*;

fn pieces(pieces: &[&[u8]]) -> ByteStream<'static> {
    stream::iter(pieces.iter().map(|p| Ok(Bytes::copy_from_slice(p))).collect::<Vec<_>>()).boxed()
}

async fn content(store: &dyn BlobStore, hash: BlobHash, span: Option<Span>) -> Option<Vec<u8>> {
    let mut stream = store.open(hash, span).await.unwrap()?;
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece.unwrap());
    }
    Some(all)
}

/// A store under test and the folder in which files arrive on their way to it.
struct Place {
    store: Arc<dyn BlobStore>,
    home: tempfile::TempDir,
}

impl Place {
    fn arriving(&self) -> usize {
        std::fs::read_dir(self.home.path().join("tmp")).unwrap().count()
    }
}

async fn on_disk() -> (Place, Arc<DiskBlobs>) {
    let home = tempfile::tempdir().unwrap();
    let store = Arc::new(DiskBlobs::open(home.path()).await.unwrap());
    (Place { store: store.clone(), home }, store)
}

const KEY: &str = "sapa-key";
const SECRET: &str = "sapa-secret";

/// An object store that speaks S3 over HTTP on this machine, with two buckets.
struct ObjectStore {
    address: Url,
    /// How many requests came.
    asked: Arc<AtomicUsize>,
    /// Whether connections are dropped before they are answered.
    is_down: Arc<AtomicBool>,
    _folder: tempfile::TempDir,
}

impl ObjectStore {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for bucket in ["files", "others"] {
            std::fs::create_dir(folder.path().join(bucket)).unwrap();
        }
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let (asked, is_down) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        tokio::spawn(serve(listener, builder.build(), asked.clone(), is_down.clone()));
        Self { address, asked, is_down, _folder: folder }
    }

    fn options(&self) -> BucketOptions {
        BucketOptions {
            bucket: "files".into(),
            prefix: "kept/here".into(),
            endpoint: Some(self.address.clone()),
            region: "eu-central-1".into(),
            keys: Some((KEY.into(), SecretString::from(SECRET))),
            bucket_in_host: false,
        }
    }

    async fn bucket(&self, options: &BucketOptions, patience: Duration) -> Place {
        let home = tempfile::tempdir().unwrap();
        let bucket = Bucket::patient(options, home.path().join("tmp"), patience).unwrap();
        bucket.tidy().await.unwrap();
        Place { store: Arc::new(bucket), home }
    }
}

async fn serve(listener: TcpListener, service: S3Service, asked: Arc<AtomicUsize>, is_down: Arc<AtomicBool>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        if is_down.load(Ordering::Relaxed) {
            continue;
        }
        let (service, asked, is_down) = (service.clone(), asked.clone(), is_down.clone());
        let counted = hyper::service::service_fn(move |request| {
            asked.fetch_add(1, Ordering::Relaxed);
            let is_down = is_down.load(Ordering::Relaxed);
            let answer = hyper::service::Service::call(&service, request);
            async move { if is_down { std::future::pending().await } else { answer.await } }
        });
        tokio::spawn(async move {
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(TokioIo::new(socket), counted).await;
        });
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a test on both.
async fn both(test: impl AsyncFn(&Place)) {
    test(&on_disk().await.0).await;
    let server = ObjectStore::start().await;
    test(&server.bucket(&server.options(), PATIENCE).await).await;
    let at_the_root = BucketOptions { bucket: "others".into(), prefix: String::new(), ..server.options() };
    test(&server.bucket(&at_the_root, PATIENCE).await).await;
}

#[tokio::test]
async fn bytes_come_back_by_their_hash() {
    both(async |place| {
        let store = &*place.store;
        let stored = store.put(pieces(&[b"halo ", b"dunia"]), 100).await.unwrap();
        assert_eq!(stored, Stored { hash: BlobHash::of(b"halo dunia"), size: 10 });
        assert_eq!(
            BlobHash::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(content(store, stored.hash, None).await.unwrap(), b"halo dunia");
        assert_eq!(content(store, stored.hash, Some(Span { first: 5, last: 6 })).await.unwrap(), b"du");
        assert_eq!(
            content(store, stored.hash, Some(Span { first: 8, last: u64::MAX })).await.unwrap(),
            b"ia"
        );
        assert_eq!(content(store, stored.hash, Some(Span { first: 10, last: 12 })).await.unwrap(), b"");
        assert_eq!(store.size(stored.hash).await.unwrap(), Some(10));
        assert_eq!(stored.hash.to_string().parse(), Ok(stored.hash));
        assert!(store.open(BlobHash::of(b"other"), None).await.unwrap().is_none());
        assert!(
            store.open(BlobHash::of(b"other"), Some(Span { first: 0, last: 1 })).await.unwrap().is_none()
        );
        assert!(store.size(BlobHash::of(b"other")).await.unwrap().is_none());
        prove(store, rules::time::Timestamp::from_seconds(1_795_165_200)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_same_bytes_are_kept_once_and_nothing_is_left_behind() {
    both(async |place| {
        for _ in 0..3 {
            place.store.put(pieces(&[b"same"]), 100).await.unwrap();
        }
        place.store.put(pieces(&[b"other"]), 100).await.unwrap();
        let mut all: Vec<Stored> = place.store.list().map(Result::unwrap).collect().await;
        all.sort_unstable_by_key(|one| one.size);
        let expected = [b"same".as_slice(), b"other"]
            .map(|bytes| Stored { hash: BlobHash::of(bytes), size: bytes.len() as u64 });
        assert_eq!(all, expected);
        assert_eq!(place.arriving(), 0);
        for one in all {
            assert!(place.store.remove_older(one.hash, Duration::ZERO).await.unwrap());
        }
        assert_eq!(place.store.list().count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_fails_leaves_nothing() {
    both(async |place| {
        let store = &*place.store;
        assert!(matches!(
            store.put(pieces(&[b"12345", b"6"]), 5).await,
            Err(BlobError::TooLarge { most: 5 })
        ));
        assert!(matches!(store.put(pieces(&[]), 5).await, Err(BlobError::Empty)));
        let broken = stream::iter([Ok(Bytes::from_static(b"ha")), Err(io::Error::other("gone"))]).boxed();
        assert!(matches!(store.put(broken, 5).await, Err(BlobError::Source(_))));
        let endless = stream::iter([Ok(Bytes::from_static(b"ha"))]).chain(stream::pending()).boxed();
        assert!(tokio::time::timeout(Duration::from_millis(50), store.put(endless, 5)).await.is_err());
        assert_eq!((place.arriving(), store.list().count().await), (0, 0));
        assert!(store.put(pieces(&[b"12345"]), 5).await.is_ok(), "the limit itself is allowed");
    })
    .await;
}

#[tokio::test]
async fn removal_spares_what_was_stored_again_lately() {
    both(async |place| {
        let stored = place.store.put(pieces(&[b"old"]), 5).await.unwrap();
        assert!(!place.store.remove_older(stored.hash, Duration::from_secs(60)).await.unwrap());
        assert!(place.store.remove_older(stored.hash, Duration::ZERO).await.unwrap());
        assert!(!place.store.remove_older(stored.hash, Duration::ZERO).await.unwrap());
        assert!(content(&*place.store, stored.hash, None).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_large_file_goes_in_parts_and_comes_back_whole() {
    both(async |place| {
        // Three parts, the last one short.
        let piece: Vec<u8> = (0..1 << 20).map(|n: u32| (n * 7 % 251) as u8).collect();
        let whole = 17 * piece.len() as u64 + 5;
        let stream = stream::iter((0..17).map(|_| Ok(Bytes::copy_from_slice(&piece))))
            .chain(stream::iter([Ok(Bytes::from_static(b"tail!"))]));
        let stored = place.store.put(stream.boxed(), whole).await.unwrap();
        assert_eq!(stored.size, whole);
        let end = Span { first: whole - 7, last: whole - 1 };
        assert_eq!(content(&*place.store, stored.hash, Some(end)).await.unwrap()[2..], *b"tail!");
        assert_eq!(BlobHash::of(&content(&*place.store, stored.hash, None).await.unwrap()), stored.hash);
        assert_eq!(place.arriving(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_bucket_that_is_away_for_a_moment_is_waited_for() {
    let server = ObjectStore::start().await;
    let place = server.bucket(&server.options(), PATIENCE).await;
    server.is_down.store(true, Ordering::Relaxed);
    let back = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.is_down.store(false, Ordering::Relaxed);
    };
    let (stored, ()) = tokio::join!(place.store.put(pieces(&[b"halo"]), 5), back);
    assert_eq!(stored.unwrap().hash, BlobHash::of(b"halo"));
}

#[tokio::test]
async fn what_a_bucket_refuses_is_told_in_words() {
    let server = ObjectStore::start().await;
    let told = async |options: BucketOptions| {
        let place = server.bucket(&options, Duration::from_millis(200)).await;
        let error = place.store.put(pieces(&[b"halo"]), 5).await.unwrap_err().to_string();
        assert!(error.starts_with("the bucket for files ") && !error.contains('\n'), "{error}");
        assert!(!error.contains(SECRET) && place.arriving() == 0, "{error}");
        error
    };
    let nowhere = BucketOptions { bucket: "nowhere".into(), ..server.options() };
    let place = server.bucket(&nowhere, PATIENCE).await;
    let error = place.store.list().next().await.unwrap().unwrap_err().to_string();
    assert!(error.contains("does not exist"), "{error}");
    let stranger = ("stranger".to_owned(), SecretString::from("x"));
    let locked = BucketOptions { keys: Some(stranger), ..server.options() };
    assert!(told(locked).await.contains("does not"));
    let wrong = BucketOptions { keys: Some((KEY.into(), SecretString::from("x"))), ..server.options() };
    assert!(told(wrong).await.contains("does not know the key"));
    let down =
        BucketOptions { endpoint: Some(Url::parse("http://127.0.0.1:9").unwrap()), ..server.options() };
    assert!(told(down).await.contains("can be reached"));
    assert!(server.asked.load(Ordering::Relaxed) >= 3);
}

#[tokio::test]
async fn a_restart_clears_what_a_crash_left() {
    let (place, _) = on_disk().await;
    let arriving = place.home.path().join("tmp");
    let (old, fresh) = (arriving.join("1-1"), arriving.join("1-2"));
    std::fs::write(&old, b"half").unwrap();
    std::fs::write(&fresh, b"half").unwrap();
    let past = std::time::SystemTime::UNIX_EPOCH;
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(past).unwrap();
    DiskBlobs::open(place.home.path()).await.unwrap();
    assert!(!old.exists() && fresh.exists());
}

#[tokio::test]
async fn files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("media");
    let store = DiskBlobs::open(&root).await.unwrap();
    let stored = store.put(pieces(&[b"private"]), 100).await.unwrap();
    let name = stored.hash.to_string();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&root.join(&name[..2]).join(&name[2..4]).join(&name)), 0o600);
    assert_eq!(mode(&root), 0o700);
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
        runtime.block_on(both(async |place| {
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            let stored = place.store.put(pieces(&slices), whole.len() as u64).await.unwrap();
            assert_eq!(stored.hash, BlobHash::of(&whole));
            assert_eq!(content(&*place.store, stored.hash, None).await.unwrap(), whole);
            let span = Span { first, last: first + length - 1 };
            let expected: Vec<u8> = whole.iter().skip(first as usize).take(length as usize).copied().collect();
            assert_eq!(content(&*place.store, stored.hash, Some(span)).await.unwrap(), expected);
        }));
    }
}
