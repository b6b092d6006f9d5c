//! The real server in a simulation: two nodes on one database, a small Meta, people, a clock; crashes, lost requests and
//! answers, late, missing, repeated and reordered statuses, STOP at any moment, in an order that a seed gives.
//!
//! The same seed tells the same story. A failure names its seed; `SAPA_SEED=7 cargo test --workspace --test simulation`
//! tells that one alone, with every step. `SAPA_SEEDS=1000000` tells so many, from `SAPA_FIRST_SEED` on.

mod check;
mod meta;
mod node;
mod story;
mod turns;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::{Builder, Runtime};

use story::{Log, begin, tell};
use world::Kit;

/// How many seeds are told where nobody says how many.
const SEEDS: u64 = 300;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn kit() -> Arc<Kit> {
    let kit = Arc::new(runtime().block_on(Kit::new()));
    runtime().block_on(begin(&kit));
    kit
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

/// Tells seeds on both cores; returns what was broken.
fn tell_all(kit: &Arc<Kit>, first: u64, count: u64) -> Vec<String> {
    let next = AtomicU64::new(first);
    let told = |_| {
        let mut broken = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count || !broken.is_empty() {
                return broken;
            }
            broken.extend(runtime().block_on(tell(kit, seed)).err());
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|n| scope.spawn(move || told(n))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect()
    })
}

#[test]
fn every_seed_keeps_every_promise() {
    let kit = kit();
    if let Some(seed) = number("SAPA_SEED") {
        match runtime().block_on(tell(&kit, seed)) {
            Ok(log) => println!("seed {seed} keeps every promise\n  {}", log.join("\n  ")),
            Err(broken) => panic!("{broken}"),
        }
        return;
    }
    let (first, count) = (number("SAPA_FIRST_SEED").unwrap_or(0), number("SAPA_SEEDS").unwrap_or(SEEDS));
    let started = std::time::Instant::now();
    let before = kit.ahead.load(Ordering::Relaxed);
    let broken = tell_all(&kit, first, count);
    assert!(broken.is_empty(), "{}\ntell it again with SAPA_SEED", broken.join("\n\n"));
    let ahead = kit.ahead.load(Ordering::Relaxed) - before;
    println!(
        "{count} seeds in {:.1} s; {ahead} messages left as they were prepared when they were accepted",
        started.elapsed().as_secs_f64()
    );
    assert!(ahead > 0 || count < SEEDS, "no story goes through `dispatch::ahead` any more");
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let kit = kit();
    let once =
        |seed| -> Log { runtime().block_on(tell(&kit, seed)).unwrap_or_else(|broken| panic!("{broken}")) };
    for seed in 0..5 {
        assert_eq!(once(seed), once(seed), "seed {seed}");
    }
}
