//! Bodies, updates, what is parked and what is kept.

use rules::id::{AppId, OrgId};
use rules::time::{Clock as _, Timestamp};
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use store::ingest::{NewBody, NewUpdate};
use store::{Store, StoreError};
use testkit::{Database, Seeded, TestClock, both};

fn update(body_seq: i64, app: AppId, key: u8, now: Timestamp) -> NewUpdate {
    NewUpdate {
        body_seq,
        app,
        lane: 1,
        kind: "message",
        key: [key; 16],
        waba_id: Some("700000000000003".into()),
        phone_number_id: Some("600000000000004".into()),
        raw: format!("{{\"n\":{key}}}"),
        received_at: now,
    }
}

async fn split(store: &Store, app: AppId, keys: &[u8], now: Timestamp) -> usize {
    let mut tx = store.begin().await.unwrap();
    let updates = keys.iter().map(|key| update(1, app, *key, now)).collect();
    let new = tx.unseen_updates(updates, now).await.unwrap();
    let pending = tx.has_pending().await.unwrap();
    assert_eq!(pending, !tx.pending_updates(1).await.unwrap().is_empty());
    // The last by itself, which comes to the same.
    let (last, others) = new.split_last().unwrap();
    tx.insert_updates(others, now).await.unwrap();
    let seq = tx.insert_update(last, now).await.unwrap();
    assert_eq!(tx.pending_updates(99).await.unwrap().last().unwrap().seq, seq);
    tx.commit().await.unwrap();
    new.len()
}

#[tokio::test]
async fn bodies_are_split_in_the_order_they_came() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let app = AppId::fresh(clock.now(), &chance);
        let body = |n: u8| NewBody { app, received_at: clock.now(), body: vec![n; 3] };
        assert!(db.store.intake_turns() >= 1);
        db.store.intake_turn().await.unwrap().store(&[&body(1), &body(2)]).await.unwrap();
        assert_eq!(db.store.read().await.unwrap().count_bodies().await.unwrap(), 2);
        db.store.intake_turn().await.unwrap().store(&[&body(3)]).await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.unsplit_bodies(9, 1).await.unwrap().len(), 1, "the first, however long");
        assert_eq!(tx.unsplit_bodies(9, 4).await.unwrap().len(), 2);
        let bodies = tx.unsplit_bodies(2, 99).await.unwrap();
        assert_eq!(bodies.iter().map(|body| body.body[0]).collect::<Vec<_>>(), [1, 2]);
        tx.mark_split(&bodies.iter().map(|body| body.seq).collect::<Vec<_>>(), clock.now()).await.unwrap();
        assert_eq!(tx.unsplit_bodies(9, 99).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        assert_eq!(db.store.drop_bodies_before(clock.now()).await.unwrap(), 0, "none is older");
        assert_eq!(db.store.drop_bodies_before(Timestamp(clock.now().0 + 1)).await.unwrap(), 2);
        assert_eq!(db.store.read().await.unwrap().count_bodies().await.unwrap(), 1, "the one that waits");
    })
    .await;
}

/// Bodies that waited when their file was lost are lost with it, and none that comes later.
#[tokio::test]
async fn a_body_is_never_taken_for_one_that_was_split_before() {
    for cut_back in [true, false] {
        goes_on_counting(cut_back).await;
    }
}

async fn goes_on_counting(cut_back: bool) {
    let db = Database::sqlite().await.unwrap();
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let app = AppId::fresh(clock.now(), &chance);
    let body = |n: u8| NewBody { app, received_at: clock.now(), body: vec![n; 3] };
    db.store.intake_turn().await.unwrap().store(&[&body(1), &body(2)]).await.unwrap();
    let mut tx = db.store.begin().await.unwrap();
    let seqs: Vec<i64> = tx.unsplit_bodies(9, 99).await.unwrap().iter().map(|body| body.seq).collect();
    tx.mark_split(&seqs, clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    db.store.close().await;

    let file = store::copy::file_of(&db.options.url);
    let spool = file.with_file_name("sapa.db-webhooks");
    if cut_back {
        // As after a power cut that took what was not flushed yet, while the database has what became of it.
        let mut spool = SqliteConnection::connect(&format!("sqlite://{}", spool.display())).await.unwrap();
        spool.execute("DELETE FROM webhook_bodies; UPDATE sqlite_sequence SET seq = 0").await.unwrap();
        spool.close().await.unwrap();
    } else {
        std::fs::remove_file(spool).unwrap();
    }
    let store = Store::open(&db.options).await.unwrap();
    let load = async || store.read().await.unwrap().ingest_load().await.unwrap();
    assert_eq!(load().await.unsplit, 0);
    store.intake_turn().await.unwrap().store(&[&body(3)]).await.unwrap();
    assert_eq!((load().await.unsplit, load().await.oldest_unsplit), (1, Some(clock.now())));
    let waiting = store.read().await.unwrap().unsplit_bodies(9, 99).await.unwrap();
    assert_eq!(waiting.iter().map(|body| body.body[0]).collect::<Vec<_>>(), [3]);
    assert!(waiting[0].seq > seqs[1]);
}

#[tokio::test]
async fn repetitions_are_dropped_within_a_batch_and_across_batches_until_forgotten() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let app = AppId::fresh(clock.now(), &chance);
        assert_eq!(split(&db.store, app, &[1, 2, 1], clock.now()).await, 2);
        assert_eq!(split(&db.store, app, &[2, 3], clock.now()).await, 1);
        let mut tx = db.store.begin().await.unwrap();
        let pending = tx.pending_updates(10).await.unwrap();
        assert_eq!(pending.len(), 3);
        assert!(pending.windows(2).all(|pair| pair[0].seq < pair[1].seq));
        tx.drop_updates(&pending.iter().map(|update| update.seq).collect::<Vec<_>>()).await.unwrap();
        assert!(tx.pending_updates(10).await.unwrap().is_empty());
        assert_eq!(tx.forget_update_keys_before(clock.now().day() + 1).await.unwrap(), 3);
        tx.commit().await.unwrap();
        assert_eq!(split(&db.store, app, &[1], clock.now()).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_applied_is_kept_and_can_be_retried_by_its_own_organisation() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let app = AppId::fresh(clock.now(), &chance);
        let (ours, theirs) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
        split(&db.store, app, &[1, 2, 3], clock.now()).await;
        let mut tx = db.store.begin().await.unwrap();
        let pending = tx.pending_updates(10).await.unwrap();
        tx.keep_update(pending[0].seq, Some(ours), "not understood", clock.now()).await.unwrap();
        tx.keep_update(pending[1].seq, None, "nobody's number", clock.now()).await.unwrap();
        assert_eq!(tx.kept_updates(None, i64::MAX, 10).await.unwrap().len(), 2);
        let mine = tx.kept_updates(Some(ours), i64::MAX, 10).await.unwrap();
        assert_eq!(mine.len(), 1);
        assert_eq!(mine[0].reason.as_deref(), Some("not understood"));
        let newest = tx.kept_of_kind(app, "message", clock.now(), 1).await.unwrap();
        assert_eq!(newest.iter().map(|update| update.seq).collect::<Vec<_>>(), [pending[1].seq]);
        assert!(tx.kept_of_kind(app, "account_update", clock.now(), 9).await.unwrap().is_empty());
        assert!(tx.kept_of_kind(app, "message", Timestamp(clock.now().0 + 1), 9).await.unwrap().is_empty());
        assert!(!tx.retry_update(Some(theirs), mine[0].seq, clock.now()).await.unwrap());
        assert!(tx.retry_update(Some(ours), mine[0].seq, clock.now()).await.unwrap());
        assert_eq!(tx.retry_updates_of(app, "700000000000003", clock.now()).await.unwrap(), 1);
        assert_eq!(tx.pending_updates(10).await.unwrap().len(), 3);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_parked_status_waits_for_its_message_and_expires() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let app = AppId::fresh(clock.now(), &chance);
        let org = OrgId::fresh(clock.now(), &chance);
        split(&db.store, app, &[1, 2], clock.now()).await;
        let mut tx = db.store.begin().await.unwrap();
        let pending = tx.pending_updates(10).await.unwrap();
        let parked = [(pending[0].seq, org, [1; 16]), (pending[1].seq, org, [2; 16])];
        tx.park_updates(&parked, clock.now()).await.unwrap();
        assert!(tx.pending_updates(10).await.unwrap().is_empty());
        let elsewhere = OrgId::fresh(clock.now(), &Seeded::default());
        tx.release_parked(&[(org, [1; 16]), (elsewhere, [2; 16])], clock.now()).await.unwrap();
        assert_eq!(tx.pending_updates(10).await.unwrap().len(), 1);
        assert_eq!(tx.drop_parked_before(Timestamp(clock.now().0 + 1)).await.unwrap(), 1);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn two_nodes_never_apply_the_same_update() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let app = AppId::fresh(clock.now(), &chance);
        split(&db.store, app, &[1, 2, 3], clock.now()).await;
        let seqs: Vec<i64> = db
            .store
            .read()
            .await
            .unwrap()
            .pending_updates(10)
            .await
            .unwrap()
            .iter()
            .map(|one| one.seq)
            .collect();
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.hold_updates(&seqs).await.unwrap().len(), 3);
        let (store, same) = (db.store.clone(), seqs.clone());
        let other = tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            tx.hold_updates(&same).await.unwrap()
        });
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert!(!other.is_finished(), "the other node waits");
        tx.drop_updates(&seqs[..2]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(other.await.unwrap(), [seqs[2]].into());
    })
    .await;
}

/// What is broken is told by its name: the database beside it is sound.
#[tokio::test]
async fn a_damaged_file_of_webhooks_is_told_by_its_name() {
    let db = Database::sqlite().await.unwrap();
    let now = TestClock::default().now();
    let body = NewBody { app: AppId::fresh(now, &Seeded::default()), received_at: now, body: vec![1] };
    db.store.intake_turn().await.unwrap().store(&[&body]).await.unwrap();
    db.store.check().await.unwrap();
    db.store.close().await;
    let file = store::copy::file_of(&db.options.url).with_file_name("sapa.db-webhooks");
    std::fs::write(&file, [0xa5; 8_192]).unwrap();
    let store = Store::open(&db.options).await.unwrap();
    for error in [store.check().await.unwrap_err(), store.serve_alone(now).await.unwrap_err()] {
        assert!(matches!(&error, StoreError::SpoolDamaged { .. }), "{error}");
        assert!(error.to_string().contains("sapa.db-webhooks is damaged"), "{error}");
    }
}
