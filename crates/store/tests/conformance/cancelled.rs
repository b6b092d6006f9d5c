//! Calls that are given up half-way, as by a client that hangs up.

use std::time::Duration;

use rules::time::Clock as _;
use store::{Store, StoreOptions};
use testkit::{TestClock, both};

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
