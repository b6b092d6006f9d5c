//! How much waits, for whom.

use std::time::Duration;

use rules::time::{Clock as _, Timestamp};
use store::load::{IngestLoad, QueueLoad};
use store::queue::NewJob;
use testkit::{Seeded, TestClock, both};

const LEASE: Duration = Duration::from_secs(30);

fn job(queue: &'static str, lane: &str, now: Timestamp) -> NewJob<'static> {
    NewJob::new(queue, lane, &"x", now).unwrap()
}

#[tokio::test]
async fn queues_and_lanes_tell_how_much_waits_and_since_when() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let start = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        for queue in ["deliver", "media"] {
            tx.enqueue(&job(queue, "one", start), start);
        }
        tx.enqueue(&job("deliver", "two", start + Duration::from_secs(5)), start);
        tx.enqueue(
            &NewJob { run_at: start + Duration::from_secs(600), ..job("deliver", "one", start) },
            start,
        );
        tx.commit().await.unwrap();

        let now = start + Duration::from_secs(10);
        let mut tx = db.store.read().await.unwrap();
        let loads = tx.queue_loads(now).await.unwrap();
        let empty = QueueLoad {
            queue: String::new(),
            due: 0,
            waiting: 0,
            running: 0,
            expired: 0,
            dead: 0,
            oldest_due: None,
        };
        let deliver = QueueLoad {
            queue: "deliver".into(),
            due: 2,
            waiting: 1,
            oldest_due: Some(start),
            ..empty.clone()
        };
        let media = QueueLoad { queue: "media".into(), due: 1, oldest_due: Some(start), ..empty.clone() };
        assert_eq!(loads, [deliver.clone(), media.clone()]);
        let lanes = tx.lanes_behind(now, 10).await.unwrap();
        assert_eq!(lanes.len(), 3);
        let last = lanes.last().unwrap();
        assert_eq!((&*last.lane, last.jobs, last.due), ("two", 1, start + Duration::from_secs(5)));
        assert_eq!(tx.lanes_behind(now, 1).await.unwrap().len(), 1);
        assert!(tx.lanes_held(now, 10).await.unwrap().is_empty());
        drop(tx);

        // One is put back for a reason, one given up, one left behind by whoever held it.
        let mut tx = db.store.begin().await.unwrap();
        let claimed = tx.claim("deliver", now, LEASE, 8, 8, &chance).await.unwrap();
        assert!(tx.put_back(&claimed[0], now + LEASE, false, "too fast").await.unwrap());
        assert!(tx.bury(&claimed[1], now, "no more").await.unwrap());
        assert_eq!(tx.claim("media", now, LEASE, 8, 8, &chance).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        let mut tx = db.store.read().await.unwrap();
        let held = tx.lanes_held(now, 10).await.unwrap();
        assert_eq!((held.len(), held[0].jobs, held[0].why.as_deref()), (1, 1, Some("too fast")));
        assert_eq!(
            tx.queue_loads(now).await.unwrap(),
            [
                QueueLoad { due: 0, waiting: 2, dead: 1, oldest_due: None, ..deliver },
                QueueLoad { due: 0, running: 1, oldest_due: None, ..media.clone() }
            ]
        );
        let later = tx.queue_loads(now + LEASE).await.unwrap();
        assert_eq!(later[1], QueueLoad { due: 0, expired: 1, oldest_due: None, ..media });

        assert_eq!(tx.ingest_load().await.unwrap(), IngestLoad::default());
        let database = tx.database_load().await.unwrap();
        assert!(database.bytes > 100_000, "{database:?}");
        assert_eq!(database.clock.is_some(), db.store.kind() == "PostgreSQL");
        drop(tx);
        let taken = db.store.waits().commit.so_far();
        assert!(taken.count() >= 2 && taken.micros > 0, "{taken:?}");
        assert!(db.store.connections().most > 1);
        assert_eq!(db.store.log_bytes().is_some(), db.store.kind() == "SQLite");
    })
    .await;
}
