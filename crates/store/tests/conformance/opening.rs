//! Opening a database that is not there, or not to be made.

use std::time::{Duration, Instant};

use rules::id::AppId;
use rules::time::Clock as _;
use store::ingest::NewBody;
use store::{Store, StoreError, StoreOptions};
use testkit::{TestClock, both};
use uuid::Uuid;

#[tokio::test]
async fn a_look_opens_what_is_there_and_makes_nothing() {
    both(|db| async move {
        let store = Store::existing(&db.options).await.unwrap();
        assert_eq!(store.schema().await.unwrap(), store::Schema::Current);
        store.close().await;
    })
    .await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("none.db");
    let options = StoreOptions { url: format!("sqlite://{}", file.display()), connections: 1 };
    assert!(matches!(Store::existing(&options).await, Err(StoreError::Missing(_))));
    assert!(!file.exists());
}

#[tokio::test]
async fn a_server_that_is_away_is_told_at_once_and_by_name() {
    // A port that nobody listens on, and one that takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        taken.local_addr().unwrap().port()
    };
    for port in [free, silent.local_addr().unwrap().port()] {
        let url = format!("postgres://sapa:secret@127.0.0.1:{port}/sapa");
        let began = Instant::now();
        let error = Store::connect(&StoreOptions { url, connections: 2 }).await.unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        assert!(matches!(error, StoreError::Away { .. }), "{error:?}");
        let told = error.to_string();
        assert!(told.contains(&format!("127.0.0.1:{port}")) && !told.contains("secret"), "{told}");
    }
}

/// What comes in from outside waits for nobody who works on what came before.
#[tokio::test]
async fn webhooks_are_stored_while_others_write() {
    both(|db| async move {
        let now = TestClock::default().now();
        let mut writing = db.store.begin().await.unwrap();
        writing.count_attempt(&[1; 32], now, now).await.unwrap();
        let body = NewBody { app: AppId(Uuid::nil()), received_at: now, body: vec![1] };
        db.store.intake_turn().await.unwrap().store(&[&body]).await.unwrap();
        assert_eq!(db.store.read().await.unwrap().unsplit_bodies(9, 99).await.unwrap().len(), 1);
        writing.commit().await.unwrap();
    })
    .await;
}

/// The log of a file lies beside the file, and is what is flushed; so is everything else that belongs to it.
#[tokio::test]
async fn a_link_to_a_file_leads_to_what_lies_beside_the_file() {
    let home = tempfile::tempdir().unwrap();
    let (file, link) = (home.path().join("large/sapa.db"), home.path().join("sapa.db"));
    std::fs::create_dir(home.path().join("large")).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let open = async |path: &std::path::Path| {
        let url = format!("sqlite://{}", path.display());
        Store::open(&StoreOptions { url, connections: 2 }).await.unwrap()
    };
    open(&file).await.close().await;
    let now = TestClock::default().now();
    let store = open(&link).await;
    let serving = store.serve_alone(now).await.unwrap();
    assert!(file.with_file_name("sapa.db-webhooks").exists());
    let second = open(&file).await.serve_alone(now).await;
    assert!(matches!(second, Err(StoreError::InUse)), "{second:?}");
    drop(serving);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 2, "nothing lies beside the link");
}
