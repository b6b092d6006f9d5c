//! Opening a database that is not there, or not to be made.

use std::time::{Duration, Instant};

use store::{Store, StoreError, StoreOptions};
use testkit::both;

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

/// What comes in from outside does not queue up behind everything that is being worked on.
#[tokio::test]
async fn whoever_goes_ahead_waits_for_no_more_than_one() {
    both(|db| async move {
        let order = std::sync::Mutex::new(Vec::new());
        let note = |name: &'static str| order.lock().unwrap().push(name);
        let first = db.store.begin().await.unwrap();
        let others = async {
            let wait = || async {
                let tx = db.store.begin().await.unwrap();
                note("in line");
                tx.commit().await.unwrap();
            };
            tokio::join!(wait(), wait(), wait(), wait());
        };
        let ahead = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let tx = db.store.begin_ahead().await.unwrap();
            note("ahead");
            tx.commit().await.unwrap();
        };
        let end = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            first.commit().await.unwrap();
        };
        tokio::join!(others, ahead, end);
        let order = order.into_inner().unwrap();
        assert_eq!(order.len(), 5);
        if db.store.kind() == "SQLite" {
            assert!(order[..2].contains(&"ahead"), "{order:?}");
        }
    })
    .await;
}
