//! The gate against its policy: `docs/policy.md`, read a second time.
//!
//! [`oracle`] asks rule after rule of the text over the bare history of what happened, looking back from now. [`machine`] does
//! what the product does: it takes each event in as it comes, and asks the gate about what is left of them. Both must say the
//! same of every history; where they do not, the history is cut down to the few events that matter. That the oracle can tell
//! is shown with gates that are wrong on purpose ([`flaws`]).

mod flaws;
mod history;
mod machine;
mod oracle;

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rules::gate::{Decision, Ground, Reason};

use history::History;

/// How many histories the gate and the oracle must agree on.
const HISTORIES: u64 = 1_200_000;
/// Within so many each flaw must be found.
const ENOUGH_FOR_A_FLAW: u64 = 60_000;

fn nth(n: u64) -> History {
    History::made_up(&mut SmallRng::seed_from_u64(n))
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Send { ground, .. } => ground.as_str(),
        Decision::Wait { reason, .. } | Decision::FallBack { reason, .. } | Decision::Refuse { reason } => {
            reason.as_str()
        }
    }
}

/// What was said, and how often.
type Said = BTreeMap<&'static str, u64>;

/// Compares both on every history of a share.
fn compare(share: impl Iterator<Item = u64>) -> Said {
    let mut said = Said::new();
    for n in share {
        let history = nth(n);
        let (gate, oracle) = (machine::decide(&history), oracle::decide(&history));
        if !oracle::alike(gate, oracle) {
            let least = history.cut_down(|one| !oracle::alike(machine::decide(one), oracle::decide(one)));
            let (gate, oracle) = (machine::decide(&least), oracle::explain(&least));
            panic!("history {n}: the gate says {gate:?}, the policy {oracle:?}\n{least:#?}");
        }
        *said.entry(word(gate)).or_default() += 1;
    }
    said
}

#[test]
fn the_gate_says_what_the_policy_says_of_over_a_million_histories() {
    let shares = std::thread::available_parallelism().map_or(2, |n| n.get() as u64);
    let mut said = Said::new();
    std::thread::scope(|threads| {
        let each = |share| threads.spawn(move || compare((share..HISTORIES).step_by(shares as usize)));
        let running: Vec<_> = (0..shares).map(each).collect();
        for thread in running {
            for (word, times) in thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                *said.entry(word).or_default() += times;
            }
        }
    });
    // That WhatsApp did not deliver in time is seen by whoever waits for it, not by the gate.
    let by_the_gate = Reason::ALL.iter().filter(|one| !matches!(one, Reason::NotDelivered));
    let words = by_the_gate.map(|one| one.as_str()).chain(Ground::ALL.iter().map(|one| one.as_str()));
    for word in words {
        let times = said.get(word).copied().unwrap_or(0);
        assert!(times >= 200, "{word} was said {times} times only: the histories say too little of it");
    }
}

#[test]
fn the_oracle_finds_every_flaw() {
    for flaw in flaws::ALL {
        let found = (0..ENOUGH_FOR_A_FLAW)
            .map(nth)
            .find(|history| !oracle::alike(flaw.decide(history), oracle::decide(history)));
        assert!(found.is_some(), "a gate that {} passes for a right one", flaw.name);
    }
}

#[test]
fn a_history_is_cut_down_to_what_matters() {
    let flaw = flaws::ALL.iter().find(|flaw| flaw.name == "forgets STOP").expect("the flaw");
    let wrong = |one: &History| !oracle::alike(flaw.decide(one), oracle::decide(one));
    let history = (0..).map(nth).find(wrong).expect("one that shows it");
    let least = history.cut_down(wrong);
    assert!(wrong(&least) && least.events.len() <= 3, "{least:#?}");
}
