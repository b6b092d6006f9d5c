//! Jobs that are taken on as they are added.

use std::sync::Arc;
use std::time::Duration;

use rules::time::{Clock as _, Timestamp};
use store::Store;
use store::hands::{Handed, Offer, Terms};
use store::queue::{Job, NewJob, PutBack, Unique};
use testkit::{Database, Seeded, TestClock, both};
use tokio::sync::Semaphore;

const LEASE: Duration = Duration::from_secs(30);

struct World {
    store: Store,
    clock: TestClock,
    places: Arc<Semaphore>,
    hands: Offer,
}

/// How many of a lane are taken in one turn.
const SHARE: usize = 3;

/// A store in which somebody has so many hands free.
fn world(db: &Database, hands: usize) -> World {
    let places = Arc::new(Semaphore::new(hands));
    let hands = offer(&db.store, &places, 7);
    World { store: db.store.clone(), clock: TestClock::default(), places, hands }
}

fn offer(store: &Store, places: &Arc<Semaphore>, seed: u64) -> Offer {
    let randomness = Arc::new(Seeded::new(seed));
    let (places, wake) = (places.clone(), Arc::default());
    store.offer_hands("work", Terms { lease: LEASE, places, per_lane: SHARE, randomness, wake })
}

impl World {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn job(&self, lane: &str, key: &str, payload: &str) -> NewJob<'static> {
        NewJob {
            serial_key: (!key.is_empty()).then(|| key.to_owned()),
            ..NewJob::new("work", lane, &payload, self.now()).unwrap()
        }
    }

    async fn add(&self, jobs: &[NewJob<'_>]) {
        let mut tx = self.store.begin().await.unwrap();
        for job in jobs {
            tx.enqueue(job, self.now());
        }
        tx.commit().await.unwrap();
    }

    /// What was taken on since the last look.
    fn taken(&mut self) -> Vec<Handed> {
        std::iter::from_fn(|| self.hands.taken_by_now()).collect()
    }

    async fn claimed(&self) -> Vec<Job> {
        let mut tx = self.store.begin().await.unwrap();
        let jobs = tx.claim("work", self.now(), LEASE, 10, 10, &Seeded::default()).await.unwrap();
        tx.commit().await.unwrap();
        jobs
    }

    async fn finish(&self, job: &Job) {
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.finish(job, self.now()).await.unwrap());
        tx.commit().await.unwrap();
    }
}

fn words<'a>(jobs: impl IntoIterator<Item = &'a Job>) -> Vec<&'a str> {
    jobs.into_iter().map(|job| job.payload.trim_matches('"')).collect()
}

fn words_of(taken: &[Handed]) -> Vec<&str> {
    words(taken.iter().map(|one| &one.job))
}

#[tokio::test]
async fn what_is_first_of_its_key_is_taken_and_the_others_follow_in_order() {
    both(|db| async move {
        let mut world = world(&db, 10);
        let one = [world.job("a", "talk", "1"), world.job("a", "talk", "2"), world.job("b", "other", "3")];
        world.add(&one).await;
        let taken = world.taken();
        assert_eq!(words_of(&taken), ["1", "3"]);
        let mut tx = world.store.begin().await.unwrap();
        tx.enqueue(&world.job("c", "", "seen"), world.now());
        assert_eq!(words(&tx.taken_on("work").await.unwrap()), ["seen"]);
        assert!(tx.taken_on("other").await.unwrap().is_empty());
        tx.rollback().await.unwrap();
        assert_eq!((taken[0].job.attempts, world.places.available_permits()), (1, 8));
        // Nobody else has them, and what is behind them waits.
        assert!(world.claimed().await.is_empty());
        world.add(&[world.job("a", "talk", "4")]).await;
        assert!(world.taken().is_empty());
        world.finish(&taken[0].job).await;
        let next = world.claimed().await;
        assert_eq!(words(&next), ["2"]);
        world.finish(&next[0]).await;
        assert_eq!(words(&world.claimed().await), ["4"]);
        world.finish(&taken[1].job).await;
        drop(taken);
        assert_eq!(world.places.available_permits(), 10);
    })
    .await;
}

#[tokio::test]
async fn nobody_takes_what_is_not_due_or_not_committed_or_has_no_place() {
    both(|db| async move {
        let mut world = world(&db, 1);
        let later = NewJob { run_at: world.now() + LEASE, ..world.job("a", "", "later") };
        world.add(&[later]).await;
        assert!(world.taken().is_empty());
        let mut tx = world.store.begin().await.unwrap();
        tx.enqueue(&world.job("b", "", "lost"), world.now());
        tx.rollback().await.unwrap();
        assert!(world.taken().is_empty());
        assert_eq!(world.places.available_permits(), 1);
        world.add(&[world.job("b", "", "1"), world.job("c", "", "2")]).await;
        let taken = world.taken();
        assert_eq!(words_of(&taken), ["1"]);
        assert_eq!(words(&world.claimed().await), ["2"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_due_in_a_lane_goes_before_what_is_added() {
    both(|db| async move {
        let clock = TestClock::default();
        let mut tx = db.store.begin().await.unwrap();
        tx.enqueue(&NewJob::new("work", "a", &"waits", clock.now()).unwrap(), clock.now());
        tx.commit().await.unwrap();
        let mut world = world(&db, 10);
        world.add(&[world.job("a", "", "behind"), world.job("b", "", "beside")]).await;
        assert_eq!(words_of(&world.taken()), ["beside"]);
        assert_eq!(words(&world.claimed().await), ["waits", "behind"]);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_taken_past_those_who_wait_in_a_lane_that_rests() {
    both(|db| async move {
        let mut world = world(&db, 10);
        world.add(&[world.job("a", "", "1")]).await;
        let first = world.taken();
        let until = world.now() + Duration::from_secs(1);
        let mut tx = world.store.begin().await.unwrap();
        let again = PutBack { job: &first[0].job, run_at: until, counted: false, why: "its rate" };
        tx.put_back_jobs(&[again]).await.unwrap();
        tx.rest_lane("work", "a", until);
        tx.commit().await.unwrap();
        world.add(&[world.job("a", "", "2")]).await;
        assert!(world.taken().is_empty());
        assert!(world.claimed().await.is_empty());
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(words(&world.claimed().await), ["1", "2"]);
    })
    .await;
}

#[tokio::test]
async fn at_most_one_of_a_key_waits_whoever_takes_it() {
    both(|db| async move {
        let mut world = world(&db, 10);
        let unique = |payload: &str, run_at: Timestamp, world: &World| NewJob {
            run_at,
            unique: Some(Unique::Reschedule("k".to_owned())),
            ..world.job("a", "", payload)
        };
        world.add(&[unique("waits", world.now() + LEASE, &world)]).await;
        // The one that waits runs now, with what was said last; it is not there twice.
        world.add(&[unique("now", world.now(), &world)]).await;
        assert!(world.taken().is_empty());
        let claimed = world.claimed().await;
        assert_eq!(words(&claimed), ["now"]);
        // Beside one that runs, another may.
        world.add(&[unique("next", world.now(), &world)]).await;
        assert_eq!(words_of(&world.taken()), ["next"]);
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_is_gone_loses_what_it_took() {
    both(|db| async move {
        let mut world = world(&db, 10);
        world.add(&[world.job("a", "talk", "1")]).await;
        let lost = world.taken();
        world.clock.advance(LEASE);
        let again = world.claimed().await;
        assert_eq!((words(&again), again[0].attempts), (vec!["1"], 2));
        let mut tx = world.store.begin().await.unwrap();
        assert!(!tx.finish(&lost[0].job, world.now()).await.unwrap());
        drop(tx);
        // Hands that were withdrawn take nothing; the worker hears of the end.
        world.hands.withdraw();
        world.add(&[world.job("b", "", "2")]).await;
        assert!(world.hands.taken().await.is_none());
        assert_eq!(words(&world.claimed().await), ["2"]);
    })
    .await;
}

#[tokio::test]
async fn a_lane_is_taken_no_more_than_its_share_before_it_is_looked_again() {
    both(|db| async move {
        let mut world = world(&db, 10);
        let flood: Vec<_> = (0..5).map(|n| world.job("flood", "", &n.to_string())).collect();
        // What is not committed takes nobody's share.
        let mut tx = world.store.begin().await.unwrap();
        flood.iter().for_each(|job| tx.enqueue(job, world.now()));
        assert_eq!(tx.taken_on("work").await.unwrap().len(), SHARE);
        tx.rollback().await.unwrap();
        assert_eq!(world.places.available_permits(), 10);

        for job in &flood[..2] {
            world.add(std::slice::from_ref(job)).await;
        }
        let together: Vec<_> = flood[2..].iter().cloned().chain([world.job("other", "", "beside")]).collect();
        world.add(&together).await;
        let taken = world.taken();
        assert_eq!(words_of(&taken), ["0", "1", "2", "beside"]);
        assert_eq!(words(&world.claimed().await), ["3", "4"]);
        // That was a look: the lane has its whole share again.
        world.hands.begin_turn();
        let again: Vec<_> = (5..10).map(|n| world.job("flood", "", &n.to_string())).collect();
        world.add(&again).await;
        assert_eq!(words_of(&world.taken()), ["5", "6", "7"]);
    })
    .await;
}

#[tokio::test]
async fn of_several_who_offer_hands_the_last_takes_and_each_withdraws_its_own() {
    both(|db| async move {
        let mut world = world(&db, 10);
        let places = Arc::new(Semaphore::new(10));
        let mut second = offer(&db.store, &places, 8);
        world.add(&[world.job("a", "", "1")]).await;
        assert!(world.taken().is_empty());
        assert_eq!(second.taken().await.unwrap().job.payload, "\"1\"");
        drop(second);
        world.add(&[world.job("b", "", "2")]).await;
        assert_eq!(words_of(&world.taken()), ["2"]);
        // Nor does the end of the first take anything from one that came later.
        let mut third = offer(&db.store, &places, 9);
        world.hands.withdraw();
        world.add(&[world.job("c", "", "3")]).await;
        assert!(world.hands.taken().await.is_none());
        assert_eq!(third.taken_by_now().unwrap().job.payload, "\"3\"");
        // What it was not given yet is not lost with it, but for its lease.
        world.add(&[world.job("d", "", "4")]).await;
        drop(third);
        assert_eq!(places.available_permits(), 10);
        world.clock.advance(LEASE);
        assert!(words(&world.claimed().await).contains(&"4"));
    })
    .await;
}
