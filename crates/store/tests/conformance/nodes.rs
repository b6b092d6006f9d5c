//! Nodes tell that they are there; one that takes over a name takes its place.

use std::time::Duration;

use rules::time::{Clock as _, Timestamp};
use store::nodes::Node;
use testkit::{TestClock, both};
use uuid::Uuid;

fn node(name: &str, id: u128, seen_at: Timestamp) -> Node {
    let version = "1.4.0".to_owned();
    let (name, id) = (name.to_owned(), Uuid::from_u128(id));
    Node { name, id, version, schema: 7, started_at: seen_at, seen_at, leaving: false }
}

#[tokio::test]
async fn nodes_come_stay_and_go() {
    both(|db| async move {
        let now = TestClock::default().now();
        let later = now + Duration::from_secs(5);
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.see_node(&node("b", 1, now), now).await.unwrap(), None);
        assert_eq!(tx.see_node(&node("a", 2, now), now).await.unwrap(), None);
        let again = Node { seen_at: later, leaving: true, ..node("b", 1, now) };
        assert_eq!(tx.see_node(&again, now).await.unwrap(), None);
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.nodes().await.unwrap(), [node("a", 2, now), again.clone()]);

        // Another run under the same name: the one before was still there later than that, or not.
        assert_eq!(tx.see_node(&node("a", 3, later), now).await.unwrap(), None);
        assert_eq!(tx.see_node(&node("b", 4, later), now).await.unwrap(), Some(Uuid::from_u128(1)));
        assert_eq!(tx.nodes().await.unwrap(), [node("a", 3, later), again.clone()]);
        assert_eq!(tx.see_node(&node("b", 4, later), later).await.unwrap(), None);
        // The end of the run before does not end this one.
        tx.drop_node(Uuid::from_u128(1)).await.unwrap();
        tx.drop_node(Uuid::from_u128(3)).await.unwrap();
        assert_eq!(tx.nodes().await.unwrap(), [node("b", 4, later)]);
        assert_eq!(tx.drop_nodes_before(later).await.unwrap(), 0);
        assert_eq!(tx.drop_nodes_before(later + Duration::from_micros(1)).await.unwrap(), 1);
        assert_eq!(tx.nodes().await.unwrap(), []);
    })
    .await;
}
