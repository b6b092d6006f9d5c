//! The runner on both databases.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jobs::{Queue, Runner, Verdict, handler};
use rules::time::Clock;
use store::Store;
use store::queue::NewJob;
use testkit::{Seeded, TestClock, both};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

async fn enqueue(store: &Store, clock: &TestClock, payload: &str, key: Option<&str>) {
    let mut job = NewJob::new("work", "lane", &payload, clock.now()).unwrap();
    job.serial_key = key.map(str::to_owned);
    let mut tx = store.begin().await.unwrap();
    tx.enqueue(&job, clock.now());
    tx.commit().await.unwrap();
}

fn runner(store: &Store, clock: &Arc<TestClock>, queue: Queue) -> Runner {
    Runner::new(store.clone(), clock.clone(), Arc::new(Seeded::default()), vec![queue])
}

async fn left(store: &Store) -> (i64, usize) {
    let mut tx = store.read().await.unwrap();
    (tx.jobs_left("work").await.unwrap(), tx.dead_jobs(99).await.unwrap().len())
}

#[tokio::test]
async fn a_conversation_is_served_in_order() {
    both(|db| async move {
        let clock = Arc::new(TestClock::default());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let queue = Queue::new(
            "work",
            handler(move |job| {
                log.lock().unwrap().push(job.payload.trim_matches('"').to_owned());
                async { Verdict::Done }
            }),
        );
        for n in 0..5 {
            enqueue(&db.store, &clock, &format!("m{n}"), Some("conversation")).await;
        }
        assert_eq!(runner(&db.store, &clock, queue).run_due().await.unwrap(), 5);
        assert_eq!(*seen.lock().unwrap(), ["m0", "m1", "m2", "m3", "m4"]);
        assert_eq!(left(&db.store).await, (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_failing_job_is_tried_again_and_then_kept_for_a_person() {
    both(|db| async move {
        let clock = Arc::new(TestClock::default());
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = tries.clone();
        let mut queue = Queue::new(
            "work",
            handler(move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                async { Verdict::Retry("no luck".to_owned()) }
            }),
        );
        queue.backoff.attempts = 3;
        let runner = runner(&db.store, &clock, queue);
        enqueue(&db.store, &clock, "job", None).await;
        for expected in 1..=3 {
            runner.run_due().await.unwrap();
            assert_eq!(tries.load(Ordering::SeqCst), expected);
            clock.advance(Duration::from_secs(3600));
        }
        runner.run_due().await.unwrap();
        assert_eq!(tries.load(Ordering::SeqCst), 3);
        assert_eq!(left(&db.store).await, (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_a_failure_of_the_job_and_waiting_is_none() {
    both(|db| async move {
        let clock = Arc::new(TestClock::default());
        let until = clock.now() + Duration::from_secs(60);
        let mut queue = Queue::new(
            "work",
            handler(move |job| async move {
                assert!(!job.payload.contains("panic"), "as told");
                Verdict::Later(until, "not yet".to_owned())
            }),
        );
        queue.backoff.attempts = 1;
        let runner = runner(&db.store, &clock, queue);
        enqueue(&db.store, &clock, "panic", None).await;
        enqueue(&db.store, &clock, "wait", None).await;
        assert_eq!(runner.run_due().await.unwrap(), 2);
        assert_eq!(left(&db.store).await, (1, 1));
    })
    .await;
}

#[tokio::test]
async fn stopping_lets_running_jobs_end() {
    both(|db| async move {
        let clock = Arc::new(TestClock::default());
        let done = Arc::new(AtomicUsize::new(0));
        let (started, counted) = (Arc::new(Notify::new()), done.clone());
        let ring = started.clone();
        let queue = Queue::new(
            "work",
            handler(move |_| {
                let (ring, counted) = (ring.clone(), counted.clone());
                async move {
                    ring.notify_one();
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    counted.fetch_add(1, Ordering::SeqCst);
                    Verdict::Done
                }
            }),
        );
        let runner = runner(&db.store, &clock, queue);
        enqueue(&db.store, &clock, "job", None).await;
        let stop = CancellationToken::new();
        let serving = tokio::spawn({
            let stop = stop.clone();
            async move { runner.run(stop).await }
        });
        started.notified().await;
        stop.cancel();
        serving.await.unwrap();
        assert_eq!(done.load(Ordering::SeqCst), 1);
        assert_eq!(left(&db.store).await, (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_while_the_runner_serves_is_done_once_and_in_order() {
    const TALKS: usize = 8;
    const EACH: usize = 25;
    both(|db| async move {
        let clock = Arc::new(TestClock::default());
        let seen = Arc::new(Mutex::new(vec![Vec::new(); TALKS]));
        let log = seen.clone();
        let queue = Queue::new(
            "work",
            handler(move |job| {
                let (talk, n) = job.payload.trim_matches('"').split_once('/').unwrap();
                log.lock().unwrap()[talk.parse::<usize>().unwrap()].push(n.parse::<usize>().unwrap());
                async {
                    tokio::task::yield_now().await;
                    Verdict::Done
                }
            }),
        );
        let stop = CancellationToken::new();
        let serving = tokio::spawn({
            let (runner, stop) = (runner(&db.store, &clock, queue), stop.clone());
            async move { runner.run(stop).await }
        });
        let talks = (0..TALKS).map(|talk| {
            let (store, clock) = (db.store.clone(), clock.clone());
            tokio::spawn(async move {
                for n in 0..EACH {
                    enqueue(&store, &clock, &format!("{talk}/{n}"), Some(&talk.to_string())).await;
                }
            })
        });
        for talk in talks.collect::<Vec<_>>() {
            talk.await.unwrap();
        }
        while left(&db.store).await.0 > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.cancel();
        serving.await.unwrap();
        for talk in seen.lock().unwrap().iter() {
            assert_eq!(*talk, (0..EACH).collect::<Vec<_>>());
        }
    })
    .await;
}

/// A flood in one lane, all of it due at once, delays another lane by no more than one of its jobs.
#[tokio::test]
async fn a_lane_that_is_flooded_leaves_room_for_others() {
    both(|db| async move {
        let clock = Arc::new(TestClock::default());
        let (began, log) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let let_on = Arc::new(Semaphore::new(0));
        let queue = Queue {
            concurrency: 8,
            per_lane: 2,
            ..Queue::new("work", {
                let (began, log, let_on) = (began.clone(), log.clone(), let_on.clone());
                handler(move |job| {
                    began.lock().unwrap().push(job.lane.clone());
                    log.notify_one();
                    let let_on = let_on.clone();
                    async move {
                        let_on.acquire().await.unwrap().forget();
                        Verdict::Done
                    }
                })
            })
        };
        let until = async |jobs: usize| {
            while began.lock().unwrap().len() < jobs {
                log.notified().await;
            }
            began.lock().unwrap()[jobs - 1].clone()
        };
        let add = async |lanes: &[&str]| {
            let mut tx = db.store.begin().await.unwrap();
            for lane in lanes {
                tx.enqueue(&NewJob::new("work", lane, &"job", clock.now()).unwrap(), clock.now());
            }
            tx.commit().await.unwrap();
        };
        let stop = CancellationToken::new();
        let serving = tokio::spawn({
            let (runner, stop) = (runner(&db.store, &clock, queue), stop.clone());
            async move { runner.run(stop).await }
        });
        let mut lanes = vec!["flood"; 20];
        lanes.push("beside");
        add(&lanes).await;
        // While nobody else wants anything, it has all places that are left.
        until(8).await;
        assert_eq!(began.lock().unwrap().iter().filter(|lane| *lane == "beside").count(), 1);
        add(&["later"]).await;
        let_on.add_permits(1);
        assert_eq!(until(9).await, "later");
        let_on.add_permits(1_000);
        until(22).await;
        stop.cancel();
        serving.await.unwrap();
        assert_eq!(left(&db.store).await, (0, 0));
    })
    .await;
}
