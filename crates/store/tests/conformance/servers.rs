//! A database that several servers hold: the one that takes writes is found, and found again.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rules::id::AppId;
use rules::time::Clock as _;
use store::ingest::NewBody;
use store::{Store, StoreError, StoreOptions};
use testkit::{Database, TestClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use uuid::Uuid;

/// An address that leads to the server, until it fails in one of two ways.
struct Way {
    address: SocketAddr,
    frozen: Arc<AtomicBool>,
    lines: Arc<Mutex<JoinSet<()>>>,
}

impl Way {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let way =
            Self { address: listener.local_addr().unwrap(), frozen: Arc::default(), lines: Arc::default() };
        let (frozen, lines) = (way.frozen.clone(), way.lines.clone());
        way.lines.lock().unwrap().spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                let Ok(to) = TcpStream::connect(&server).await else { continue };
                let ((here, back), (answers, there)) = (from.into_split(), to.into_split());
                let mut lines = lines.lock().unwrap();
                lines.spawn(carry(here, there, frozen.clone()));
                lines.spawn(carry(answers, back, frozen.clone()));
            }
        });
        way
    }

    /// As a process that is killed: every connection breaks, and none is taken.
    fn breaks(&self) {
        self.lines.lock().unwrap().abort_all();
    }

    /// As a machine that has lost its power: nothing is heard of it any more.
    fn freezes(&self) {
        self.frozen.store(true, Ordering::Relaxed);
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, frozen: Arc<AtomicBool>) {
    let mut bytes = [0; 8_192];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        while frozen.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// Two ways to the server of a database, and its address with both.
async fn two_ways(db: &Database) -> (Way, Way, StoreOptions) {
    let (who, rest) = db.options.url.rsplit_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let (first, second) = (Way::to(server.to_owned()).await, Way::to(server.to_owned()).await);
    let url = format!("{who}@{},{}/{name}", first.address, second.address);
    (first, second, StoreOptions { url, ..db.options.clone() })
}

async fn write(store: &Store, n: u8) -> Result<(), StoreError> {
    let now = TestClock::default().now();
    let mut tx = store.begin().await?;
    tx.count_attempt(&[n; 32], now, now).await?;
    tx.commit().await
}

async fn until_written(store: &Store, n: u8) -> Duration {
    let began = Instant::now();
    while let Err(error) = write(store, n).await {
        assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(20), "{error:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    began.elapsed()
}

#[tokio::test]
async fn a_server_that_is_killed_is_replaced_and_one_that_is_away_is_passed_over() {
    let db = Database::postgres().await.unwrap();
    // Of two that take writes and are equally new, the last is taken.
    let (first, second, options) = two_ways(&db).await;
    let store = Store::open(&options).await.unwrap();
    write(&store, 1).await.unwrap();
    second.breaks();
    let took = until_written(&store, 2).await;
    assert!(took < Duration::from_secs(8), "{took:?}");

    let other = Store::open(&options).await.unwrap();
    write(&other, 3).await.unwrap();
    first.breaks();
    let error = Store::open(&options).await.unwrap_err();
    assert!(matches!(error, StoreError::Away { .. }), "{error:?}");
    let told = error.to_string();
    assert!(told.contains(&format!("{} and {}", first.address, second.address)), "{told}");
}

#[tokio::test]
async fn a_server_of_which_nothing_is_heard_is_replaced_and_what_it_was_asked_is_given_up() {
    let db = Database::postgres().await.unwrap();
    let (_first, second, options) = two_ways(&db).await;
    let store = Store::open(&options).await.unwrap();
    let now = TestClock::default().now();
    let mut asking = store.begin().await.unwrap();
    asking.count_attempt(&[1; 32], now, now).await.unwrap();
    let committing = store.begin().await.unwrap();
    second.freezes();
    let began = Instant::now();
    let (asked, committed, written) = tokio::join!(
        async {
            let asked = asking.count_attempt(&[1; 32], now, now).await.map(|_| ());
            (asked, began.elapsed())
        },
        committing.commit(),
        until_written(&store, 2)
    );
    assert!(matches!(asked.0, Err(StoreError::Busy(_))) && matches!(committed, Err(StoreError::Busy(_))));
    assert!(
        asked.1 < Duration::from_secs(12) && written < Duration::from_secs(12),
        "{:?} {written:?}",
        asked.1
    );
    // Nothing waits for the server that was lost.
    tokio::time::timeout(Duration::from_secs(5), store.close()).await.unwrap();
}

/// As of a node that is paused in the middle of it.
#[tokio::test]
async fn a_transaction_in_which_nothing_happens_is_ended_and_holds_nobody_up_for_long() {
    let db = Database::postgres().await.unwrap();
    let now = TestClock::default().now();
    let mut still = db.store.begin().await.unwrap();
    still.count_attempt(&[7; 32], now, now).await.unwrap();
    let began = Instant::now();
    write(&db.store, 7).await.unwrap();
    let waited = began.elapsed();
    assert!((Duration::from_secs(8)..Duration::from_secs(20)).contains(&waited), "{waited:?}");
    let error = still.count_attempt(&[7; 32], now, now).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error:?}");
    // Only what was done by the other is there.
    let mut tx = db.store.begin().await.unwrap();
    assert_eq!(tx.count_attempt(&[7; 32], now, now).await.unwrap().failures, 2);
}

/// As by a server that begins anew, or a proxy that ends what stands idle.
#[tokio::test]
async fn connections_that_have_ended_meanwhile_are_replaced_and_nobody_is_told() {
    let db = Database::postgres().await.unwrap();
    let now = TestClock::default().now();
    for round in 0..3 {
        let body = NewBody { app: AppId(Uuid::nil()), received_at: now, body: vec![round] };
        let take = async || db.store.intake_turn().await.unwrap().store(&[&body]).await.unwrap();
        // Several of each line stand idle.
        take().await;
        let (one, other) = tokio::join!(db.store.begin(), db.store.read());
        for tx in [one, other] {
            tx.unwrap().commit().await.unwrap();
        }
        assert!(db.end_sessions().await.unwrap() >= 3);
        match round {
            0 => write(&db.store, 1).await.unwrap(),
            1 => drop(db.store.read().await.unwrap().next_due("work").await.unwrap()),
            _ => take().await,
        }
        // So is every other that stood idle.
        write(&db.store, 2).await.unwrap();
        take().await;
    }
}
