//! Calls that are given up half-way, as by a client that hangs up.

use std::sync::Arc;
use std::time::Duration;

use rules::time::Clock as _;
use store::hands::Terms;
use store::queue::NewJob;
use store::{Store, StoreOptions};
use testkit::{Seeded, TestClock, both};
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_transaction_given_up_while_it_begins_leaves_nothing_behind() {
    both(|db| async move {
        let now = TestClock::default().now();
        let store = Store::connect(&StoreOptions { connections: 2, ..db.options.clone() }).await.unwrap();
        for micros in 0..400 {
            let patience = Duration::from_micros(micros * 5);
            let _ = tokio::time::timeout(patience, store.read()).await;
            // The next one on the same connection may write, and what it wrote stays.
            let mut tx = store.begin().await.unwrap();
            let subject = [u8::try_from(micros % 251).unwrap(); 32];
            tx.count_attempt(&subject, now, now).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.count_attempt(&[0; 32], now, now).await.unwrap().failures, 3);
    })
    .await;
}

/// Who has taken jobs on would otherwise not know of them until their leases have run out.
#[tokio::test]
async fn a_commit_that_nobody_waits_for_any_more_hands_its_jobs_over() {
    both(|db| async move {
        let now = TestClock::default().now();
        let terms = Terms {
            lease: Duration::from_secs(60),
            places: Arc::new(Semaphore::new(10)),
            per_lane: 10,
            randomness: Arc::new(Seeded::default()),
            wake: Arc::default(),
        };
        let mut hands = db.store.offer_hands("work", terms);
        db.slow_commits("jobs").await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        tx.enqueue(&NewJob::new("work", "lane", &"once", now).unwrap(), now);
        tx.taken_on("work").await.unwrap();
        let mut commit = Box::pin(tx.commit());
        // It has begun, and is not over.
        assert!(futures::poll!(&mut commit).is_pending());
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(commit);
        let handed = tokio::time::timeout(Duration::from_secs(10), hands.taken()).await.unwrap().unwrap();
        assert_eq!(handed.job.payload, "\"once\"");
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.finish(&handed.job, now).await.unwrap(), "it is there, and held");
    })
    .await;
}
