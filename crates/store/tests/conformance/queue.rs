//! Lanes, leases, serial keys.

use std::time::Duration;

use rules::time::{Clock as _, Timestamp};
use store::queue::{BEGUN_AGAIN, Job, NewJob, PutBack, Unique};
use store::{Store, StoreError, Tx};
use testkit::{Seeded, TestClock, both};

const LEASE: Duration = Duration::from_secs(30);

fn job(lane: &str, payload: &str, now: Timestamp) -> NewJob<'static> {
    NewJob::new("deliver", lane, &payload, now).unwrap()
}

async fn enqueue(store: &Store, job: NewJob<'_>, now: Timestamp) {
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&job, now);
    tx.commit().await.unwrap();
}

async fn claim(store: &Store, now: Timestamp, per_lane: i64, limit: i64, chance: &Seeded) -> Vec<Job> {
    let mut tx = store.begin().await.unwrap();
    let jobs = tx.claim("deliver", now, LEASE, per_lane, limit, chance).await.unwrap();
    tx.commit().await.unwrap();
    jobs
}

async fn finish(tx: &mut Tx, job: &Job, now: Timestamp) -> bool {
    tx.finish(job, now).await.unwrap()
}

fn payloads(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.payload.trim_matches('"')).collect()
}

#[tokio::test]
async fn a_job_exists_only_if_its_transaction_commits() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let mut tx = db.store.begin().await.unwrap();
        tx.enqueue(&job("a", "lost", clock.now()), clock.now());
        tx.rollback().await.unwrap();
        assert!(claim(&db.store, clock.now(), 10, 10, &chance).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_job_that_steps_aside_no_longer_holds_up_its_key() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        for payload in ["paused", "answer"] {
            let job = NewJob { serial_key: Some("talk".into()), ..job("a", payload, clock.now()) };
            enqueue(&db.store, job, clock.now()).await;
        }
        let first = claim(&db.store, clock.now(), 10, 10, &chance).await;
        assert_eq!(payloads(&first), ["paused"]);
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.step_aside(&first[0], clock.now()).await.unwrap());
        let later = clock.now() + Duration::from_secs(300);
        assert!(tx.put_back(&first[0], later, false, "paused").await.unwrap());
        assert!(!tx.step_aside(&first[0], clock.now()).await.unwrap(), "the lease is over");
        tx.commit().await.unwrap();
        let answer = claim(&db.store, clock.now(), 10, 10, &chance).await;
        assert_eq!(payloads(&answer), ["answer"]);
        let mut tx = db.store.begin().await.unwrap();
        assert!(finish(&mut tx, &answer[0], clock.now()).await);
        tx.commit().await.unwrap();
        assert_eq!(payloads(&claim(&db.store, later, 10, 10, &chance).await), ["paused"]);
    })
    .await;
}

#[tokio::test]
async fn a_backlog_in_one_lane_does_not_hold_up_another() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        for n in 0..50 {
            enqueue(&db.store, job("busy", &format!("busy{n}"), clock.now()), clock.now()).await;
        }
        claim(&db.store, clock.now(), 5, 5, &chance).await;
        clock.advance(Duration::from_millis(1));
        enqueue(&db.store, job("quiet", "quiet", clock.now()), clock.now()).await;
        let next = claim(&db.store, clock.now(), 5, 5, &chance).await;
        assert!(payloads(&next).contains(&"quiet"), "{next:?}");
        let mut tx = db.store.read().await.unwrap();
        assert_eq!(tx.jobs_left("deliver").await.unwrap(), 51);
    })
    .await;
}

#[tokio::test]
async fn jobs_of_one_key_run_one_after_the_other() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        for n in 0..3 {
            let mut job = job("a", &format!("m{n}"), clock.now());
            job.serial_key = Some("conversation".into());
            enqueue(&db.store, job, clock.now()).await;
        }
        for n in 0..3 {
            let held = claim(&db.store, clock.now(), 10, 10, &chance).await;
            assert_eq!(payloads(&held), [format!("m{n}")]);
            assert!(claim(&db.store, clock.now(), 10, 10, &chance).await.is_empty());
            let mut tx = db.store.begin().await.unwrap();
            assert!(finish(&mut tx, &held[0], clock.now()).await);
            tx.commit().await.unwrap();
        }
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.jobs_left("deliver").await.unwrap(), 0);
        assert!(tx.claim("deliver", clock.now(), LEASE, 9, 9, &chance).await.unwrap().is_empty());
        assert_eq!(tx.next_due("deliver").await.unwrap(), None);
    })
    .await;
}

/// On SQLite whoever serves is alone, so what somebody held before is nobody's.
#[tokio::test]
async fn whoever_serves_sqlite_takes_up_at_once_what_the_last_one_held() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        enqueue(&db.store, job("a", "once", clock.now()), clock.now()).await;
        let before = claim(&db.store, clock.now(), 10, 10, &chance).await.remove(0);
        clock.advance(Duration::from_secs(1));
        let serving = db.store.serve_alone(clock.now()).await.unwrap();
        let next = claim(&db.store, clock.now(), 10, 10, &chance).await;
        if serving.is_none() {
            assert_eq!((db.store.kind(), next.len()), ("PostgreSQL", 0));
            return;
        }
        assert_eq!(next[0].attempts, 2);
        let mut tx = db.store.begin().await.unwrap();
        assert!(!finish(&mut tx, &before, clock.now()).await);
        assert!(finish(&mut tx, &next[0], clock.now()).await);
        tx.commit().await.unwrap();
        let second = db.store.serve_alone(clock.now()).await;
        assert!(matches!(second, Err(StoreError::InUse)), "{second:?}");
        drop(serving);
        // What was begun again and again may be what ends the process: it waits for its lease.
        enqueue(&db.store, job("b", "deadly", clock.now()), clock.now()).await;
        for begun in 1..=BEGUN_AGAIN + 1 {
            assert_eq!(claim(&db.store, clock.now(), 10, 10, &chance).await[0].attempts, begun.max(1));
            let _serving = db.store.serve_alone(clock.now()).await.unwrap();
        }
        assert!(claim(&db.store, clock.now(), 10, 10, &chance).await.is_empty());
        clock.advance(LEASE + Duration::from_secs(1));
        assert_eq!(claim(&db.store, clock.now(), 10, 10, &chance).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_slept_past_its_lease_changes_nothing() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        enqueue(&db.store, job("a", "once", clock.now()), clock.now()).await;
        let slept = claim(&db.store, clock.now(), 10, 10, &chance).await.remove(0);
        clock.advance(LEASE + Duration::from_secs(1));
        let awake = claim(&db.store, clock.now(), 10, 10, &chance).await.remove(0);
        assert_eq!(awake.attempts, 2);
        let mut tx = db.store.begin().await.unwrap();
        assert!(!tx.renew(&slept, clock.now() + LEASE).await.unwrap());
        assert!(!finish(&mut tx, &slept, clock.now()).await);
        assert!(!tx.put_back(&slept, clock.now(), true, "late").await.unwrap());
        assert!(!tx.bury(&slept, clock.now(), "late").await.unwrap());
        assert!(tx.renew(&awake, clock.now() + LEASE).await.unwrap());
        assert!(finish(&mut tx, &awake, clock.now()).await);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_is_put_back_runs_again_and_what_is_buried_waits_for_a_person() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        enqueue(&db.store, job("a", "again", clock.now()), clock.now()).await;
        let held = claim(&db.store, clock.now(), 10, 10, &chance).await.remove(0);
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.put_back(&held, clock.now() + LEASE, false, "busy").await.unwrap());
        assert_eq!(tx.next_due("deliver").await.unwrap(), Some(clock.now() + LEASE));
        tx.commit().await.unwrap();
        assert!(claim(&db.store, clock.now(), 10, 10, &chance).await.is_empty());
        clock.advance(LEASE);
        let held = claim(&db.store, clock.now(), 10, 10, &chance).await.remove(0);
        assert_eq!(held.attempts, 1, "an attempt that did not count");
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.bury(&held, clock.now(), "hopeless").await.unwrap());
        let dead = tx.dead_jobs(10).await.unwrap();
        assert_eq!(dead[0].last_error.as_deref(), Some("hopeless"));
        assert!(tx.revive(dead[0].id, clock.now()).await.unwrap());
        assert!(!tx.revive(dead[0].id, clock.now()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(claim(&db.store, clock.now(), 10, 10, &chance).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_unique_job_waits_once_and_may_be_rescheduled() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let unique = |payload: &str, delay: u64, unique: Unique| NewJob {
            run_at: clock.now() + Duration::from_secs(delay),
            unique: Some(unique),
            ..job("a", payload, clock.now())
        };
        enqueue(&db.store, unique("first", 5, Unique::KeepFirst("k".into())), clock.now()).await;
        enqueue(&db.store, unique("second", 1, Unique::KeepFirst("k".into())), clock.now()).await;
        enqueue(&db.store, unique("third", 9, Unique::Reschedule("k".into())), clock.now()).await;
        clock.advance(Duration::from_secs(6));
        assert!(claim(&db.store, clock.now(), 10, 10, &chance).await.is_empty());
        clock.advance(Duration::from_secs(4));
        assert_eq!(payloads(&claim(&db.store, clock.now(), 10, 10, &chance).await), ["third"]);
        // One that runs does not count: what comes now is a job of its own.
        enqueue(&db.store, unique("fourth", 0, Unique::KeepFirst("k".into())), clock.now()).await;
        assert_eq!(payloads(&claim(&db.store, clock.now(), 10, 10, &chance).await), ["fourth"]);
    })
    .await;
}

#[tokio::test]
async fn what_waits_in_a_lane_can_be_hurried() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let slowed = job("held", "slowed", clock.now());
        enqueue(&db.store, slowed, clock.now()).await;
        let waiting = claim(&db.store, clock.now(), 9, 9, &chance).await;
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.put_back(&waiting[0], clock.now() + LEASE * 2, false, "slow").await.unwrap());
        tx.commit().await.unwrap();
        for lane in ["held", "other"] {
            let later = NewJob { run_at: clock.now() + LEASE, ..job(lane, lane, clock.now()) };
            enqueue(&db.store, later, clock.now()).await;
        }
        assert!(claim(&db.store, clock.now(), 9, 9, &chance).await.is_empty());
        let mut tx = db.store.begin().await.unwrap();
        tx.hurry_lane("another", "held", "slow", clock.now()).await.unwrap();
        tx.hurry_lane("deliver", "held", "slow", clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(payloads(&claim(&db.store, clock.now(), 9, 9, &chance).await), ["held"]);
        clock.advance(LEASE);
        let rest = claim(&db.store, clock.now(), 9, 9, &chance).await;
        assert_eq!(
            payloads(&rest).len(),
            2,
            "the other in its own time, and the first again after its lease"
        );
    })
    .await;
}

#[tokio::test]
async fn what_waits_under_a_key_can_be_hurried() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let later = NewJob {
            serial_key: Some("conversation".into()),
            run_at: clock.now() + LEASE,
            ..job("a", "later", clock.now())
        };
        enqueue(&db.store, later, clock.now()).await;
        assert!(claim(&db.store, clock.now(), 9, 9, &chance).await.is_empty());
        let mut tx = db.store.begin().await.unwrap();
        tx.hurry("deliver", "another", clock.now()).await.unwrap();
        tx.hurry("deliver", "conversation", clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(payloads(&claim(&db.store, clock.now(), 9, 9, &chance).await), ["later"]);
    })
    .await;
}

#[tokio::test]
async fn a_unique_job_waits_once_within_a_transaction_too() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let unique =
            |payload: &str, unique: Unique| NewJob { unique: Some(unique), ..job("a", payload, now) };
        let mut tx = db.store.begin().await.unwrap();
        for payload in ["kept", "late"] {
            tx.enqueue(&unique(payload, Unique::KeepFirst("one".into())), now);
        }
        for payload in ["former", "latter"] {
            tx.enqueue(&unique(payload, Unique::Reschedule("other".into())), now);
        }
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        tx.enqueue(&unique("too late", Unique::KeepFirst("one".into())), now);
        tx.commit().await.unwrap();
        let jobs = claim(&db.store, now, 10, 10, &chance).await;
        assert_eq!(payloads(&jobs), ["kept", "latter"]);
    })
    .await;
}

#[tokio::test]
async fn lanes_for_which_there_was_no_room_keep_their_turn() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        for lane in ["a", "b", "c"] {
            for n in 0..2 {
                enqueue(&db.store, job(lane, &format!("{lane}{n}"), clock.now()), clock.now()).await;
            }
        }
        let mut served = Vec::new();
        for _ in 0..2 {
            clock.advance(Duration::from_secs(1));
            let jobs = claim(&db.store, clock.now(), 1, 3, &chance).await;
            served.push(payloads(&jobs).join(" "));
        }
        assert_eq!(served, ["a0 b0 c0", "a1 b1 c1"]);
        assert!(claim(&db.store, clock.now(), 1, 3, &chance).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_job_is_put_off_no_longer_than_it_may_be() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (began, wait) = (clock.now(), Duration::from_secs(2));
        let due = async |now| claim(&db.store, now, 10, 10, &chance).await.len();
        for n in 0..4 {
            let now = began + wait * n / 2;
            let unique = Some(Unique::Postpone("one".into(), wait * 2));
            let jobs =
                [0, 1].map(|_| NewJob { unique: unique.clone(), run_at: now + wait, ..job("a", "x", now) });
            let mut tx = db.store.begin().await.unwrap();
            for job in &jobs {
                tx.enqueue(job, now);
            }
            tx.commit().await.unwrap();
        }
        assert_eq!(due(began + wait).await, 0, "put off");
        assert_eq!(due(began + wait * 2).await, 1, "and no further");
    })
    .await;
}

#[tokio::test]
async fn jobs_claimed_together_end_together() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        for n in 0..4 {
            enqueue(&db.store, job(&format!("lane{n}"), &format!("m{n}"), clock.now()), clock.now()).await;
        }
        let mut jobs = claim(&db.store, clock.now(), 10, 10, &chance).await;
        assert_eq!(jobs.len(), 4);
        clock.advance(LEASE + Duration::from_secs(1));
        // The last one's lease ran out, and somebody else has it now.
        let mut tx = db.store.begin().await.unwrap();
        let until = clock.now() + LEASE;
        assert_eq!(tx.hold_jobs(&jobs[..3], until).await.unwrap().len(), 3);
        tx.commit().await.unwrap();
        assert_eq!(claim(&db.store, clock.now(), 10, 10, &chance).await.len(), 1);
        let lost = jobs[3].id;
        let mut tx = db.store.begin().await.unwrap();
        assert!(!tx.hold_jobs(&jobs, until).await.unwrap().contains(&lost));
        let ended = tx.finish_jobs(&[jobs.remove(3), jobs.remove(0)], clock.now()).await.unwrap();
        assert_eq!(ended, 1);
        let later = clock.now() + Duration::from_secs(60);
        let again = |job, counted| PutBack { job, run_at: later, counted, why: "not yet" };
        let put_back = [again(&jobs[0], false), again(&jobs[1], true)];
        assert_eq!(tx.put_back_jobs(&put_back).await.unwrap(), 2);
        assert_eq!(tx.put_back_jobs(&put_back).await.unwrap(), 0, "they are held no more");
        tx.commit().await.unwrap();
        let again = claim(&db.store, later, 10, 10, &chance).await;
        let attempts: Vec<_> = again.iter().filter(|job| job.id != lost).map(|job| job.attempts).collect();
        assert_eq!(attempts, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn a_lane_that_rests_is_not_looked_at_until_then_and_keeps_its_order() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        for payload in ["0", "1", "2", "3"] {
            enqueue(&db.store, job("a", payload, clock.now()), clock.now()).await;
        }
        let under_way = claim(&db.store, clock.now(), 1, 10, &chance).await;
        let first = claim(&db.store, clock.now(), 1, 10, &chance).await;
        assert_eq!(payloads(&first), ["1"]);
        let until = clock.now() + Duration::from_secs(1);
        let mut tx = db.store.begin().await.unwrap();
        let again = PutBack { job: &first[0], run_at: until, counted: false, why: "its rate" };
        assert_eq!(tx.put_back_jobs(&[again]).await.unwrap(), 1);
        tx.rest_lane("deliver", "a", until);
        tx.commit().await.unwrap();
        // Neither what ends in it nor what is added wakes it.
        let mut tx = db.store.begin().await.unwrap();
        assert!(finish(&mut tx, &under_way[0], clock.now()).await);
        tx.enqueue(&job("a", "4", clock.now()), clock.now());
        tx.commit().await.unwrap();
        assert!(claim(&db.store, clock.now(), 10, 10, &chance).await.is_empty());
        let mut tx = db.store.read().await.unwrap();
        assert_eq!(tx.next_due("deliver").await.unwrap(), Some(until));
        drop(tx);
        clock.advance(Duration::from_secs(1));
        assert_eq!(payloads(&claim(&db.store, clock.now(), 10, 10, &chance).await), ["1", "2", "3", "4"]);
    })
    .await;
}
