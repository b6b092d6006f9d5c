//! Events that are told, and requests that are made once.

use std::time::Duration;

use rules::id::OrgId;
use rules::time::{Clock as _, span};
use serde_json::json;
use store::Store;
use store::events::EventId;
use store::idempotency::{Begun, RequestKey, StoredAnswer};
use testkit::{Seeded, TestClock, both};

async fn seen(store: &Store, org: OrgId, after: EventId) -> Vec<(EventId, String)> {
    let mut tx = store.read().await.unwrap();
    let events = tx.org(org).await.unwrap().events_after(after, 100).await.unwrap();
    events.into_iter().map(|event| (event.id, event.payload)).collect()
}

/// Waits for so many: on PostgreSQL an event is seen once every older transaction of the server has ended.
async fn all(store: &Store, org: OrgId, after: EventId, count: usize) -> Vec<(EventId, String)> {
    for _ in 0..2_000 {
        let events = seen(store, org, after).await;
        if events.len() >= count {
            return events;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{count} events do not arrive");
}

#[tokio::test]
async fn events_are_told_in_order_to_their_own_organisation_and_forgotten() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (ours, theirs) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let start = db.store.read().await.unwrap().org(ours).await.unwrap().newest_event(now).await.unwrap();
        let mut signal = db.store.events();
        for n in 0..3 {
            let mut tx = db.store.begin().await.unwrap();
            tx.org(ours).await.unwrap().publish("message.created", &json!(n), now).unwrap();
            tx.org(theirs).await.unwrap().publish("message.created", &json!("theirs"), now).unwrap();
            tx.commit().await.unwrap();
            assert_eq!((signal.recv().await.unwrap(), signal.recv().await.unwrap()), (ours, theirs));
        }
        let mut undone = db.store.begin().await.unwrap();
        undone.org(ours).await.unwrap().publish("message.created", &json!("undone"), now).unwrap();
        undone.rollback().await.unwrap();
        assert!(signal.try_recv().is_err(), "what is undone is not told");

        let events = all(&db.store, ours, start, 3).await;
        assert_eq!(events.iter().map(|(_, payload)| payload.as_str()).collect::<Vec<_>>(), ["0", "1", "2"]);
        assert_eq!(seen(&db.store, ours, events[1].0).await.len(), 1);
        let newest = db.store.read().await.unwrap().org(ours).await.unwrap().newest_event(now).await.unwrap();
        assert_eq!(newest, events[2].0);
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.drop_events_before(now + span::hours(1)).await.unwrap(), 6);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_passes_is_forgotten_soon_and_the_rest_stays() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let org = OrgId::fresh(now, &chance);
        let start = db.store.read().await.unwrap().org(org).await.unwrap().newest_event(now).await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let until = now + span::minutes(1);
        scope.publish("message.created", &json!("stays"), now).unwrap();
        scope.publish_passing("conversation.presence", &json!("passes"), now, until).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(all(&db.store, org, start, 2).await.len(), 2);
        let mut tx = db.store.read().await.unwrap();
        let events = tx.org(org).await.unwrap().events_after(start, 9).await.unwrap();
        assert_eq!(events.iter().map(|event| event.passes_at).collect::<Vec<_>>(), [None, Some(until)]);
        drop(tx);
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.drop_passed_events(now).await.unwrap(), 0);
        assert_eq!(tx.drop_passed_events(until).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(all(&db.store, org, start, 1).await[0].1, "\"stays\"");
    })
    .await;
}

/// The trap that a sequence number alone falls into: taken early, committed late, skipped for ever.
#[tokio::test]
async fn an_event_that_commits_late_is_not_skipped() {
    let db = testkit::Database::postgres().await.unwrap();
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let now = clock.now();
    let org = OrgId::fresh(now, &chance);
    let start = db.store.read().await.unwrap().org(org).await.unwrap().newest_event(now).await.unwrap();
    let mut slow = db.store.begin().await.unwrap();
    let mut scope = slow.org(org).await.unwrap();
    scope.publish("message.created", &json!("slow"), now).unwrap();
    // Whoever looks at events within a transaction sees its own: they are written before.
    scope.events_after(start, 1).await.unwrap();
    let mut quick = db.store.begin().await.unwrap();
    quick.org(org).await.unwrap().publish("message.created", &json!("quick"), now).unwrap();
    quick.commit().await.unwrap();
    assert!(seen(&db.store, org, start).await.is_empty(), "not before the slow one has ended");
    slow.commit().await.unwrap();
    let events = all(&db.store, org, start, 2).await;
    assert_eq!(
        events.iter().map(|(_, payload)| payload.as_str()).collect::<Vec<_>>(),
        ["\"slow\"", "\"quick\""]
    );
}

#[tokio::test]
async fn a_request_that_has_a_name_is_made_once() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (ours, theirs) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let request = RequestKey { key: "order-7".into(), hash: [1; 32] };
        let other = RequestKey { key: "order-7".into(), hash: [2; 32] };
        let answer = StoredAnswer { status: 201, response: "{\"id\":1}".into() };

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        assert_eq!(scope.begin_request(&request, now).await.unwrap(), Begun::Fresh);
        assert_eq!(scope.begin_request(&request, now).await.unwrap(), Begun::InFlight);
        scope.abandon_request("order-7").await.unwrap();
        assert_eq!(scope.begin_request(&request, now).await.unwrap(), Begun::Fresh);
        scope.complete_request("order-7", &answer).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        assert_eq!(scope.begin_request(&request, now).await.unwrap(), Begun::Answered(answer.clone()));
        assert_eq!(scope.begin_request(&other, now).await.unwrap(), Begun::Reused);
        scope.abandon_request("order-7").await.unwrap();
        assert_eq!(
            scope.begin_request(&request, now).await.unwrap(),
            Begun::Answered(answer),
            "answered stays"
        );
        assert_eq!(tx.org(theirs).await.unwrap().begin_request(&other, now).await.unwrap(), Begun::Fresh);
        assert_eq!(tx.drop_requests_before(now + span::hours(1)).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_latest_moment_is_that_of_an_event_or_a_webhook() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let latest = async || db.store.read().await.unwrap().latest_moment().await.unwrap();
        assert_eq!(latest().await, None);
        let mut tx = db.store.begin().await.unwrap();
        tx.org(OrgId::fresh(now, &chance)).await.unwrap().publish("thing", &json!({}), now).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(latest().await, Some(now));
        let body = store::ingest::NewBody {
            app: rules::id::AppId::fresh(now, &chance),
            received_at: now + span::minutes(1),
            body: b"{}".to_vec(),
        };
        db.store.intake_turn().await.unwrap().store(&[&body]).await.unwrap();
        assert_eq!(latest().await, Some(now + span::minutes(1)));
    })
    .await;
}
