//! The send protocol (`docs/send-protocol.md`) as a model whose every state is visited.
//!
//! Invariant: tests only, and of our own crates `rules` alone: ranks, the ledger and the gate are the real ones, the rest
//! says what the transactions of `store` and the rooms `dispatch` and `ingest` do, one step for each.
//!
//! The model knows no time: a lease, a wait or a time-out may end at any moment, which is more than can happen. What it
//! leaves out: several conversations (they share nothing but limits), the content of messages, rates.

mod flaw;
pub mod properties;
mod state;
mod step;

pub use flaw::Flaw;
pub use state::{Answer, Doing, Job, Message, Phase, Seen, State, Stop, Word, Words, Worker};
pub use step::Step;

use stateright::{Model, Property};

/// How many messages the conversation gets at most.
pub const MESSAGES: usize = 2;
/// How many nodes work on them, each on one thing at a time.
pub const NODES: usize = 2;
/// How often Meta may ask to try again before a message fails.
pub const ATTEMPTS: u8 = 2;

/// What is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protocol {
    /// How many messages the conversation gets.
    pub messages: usize,
    /// Meta's statuses carry what we sent along with the message; without it they name Meta's own id alone.
    pub echo: bool,
    /// How many times a person sends a message again that failed, was refused or is unresolved.
    pub sent_again: u8,
    /// What is done wrongly, if anything is.
    pub flaw: Option<Flaw>,
}

impl Protocol {
    /// The protocol as it is.
    pub const SOUND: Self = Self { messages: MESSAGES, echo: true, sent_again: 0, flaw: None };

    /// The protocol with one thing done wrongly.
    pub const fn with(flaw: Flaw) -> Self {
        Self { flaw: Some(flaw), ..Self::SOUND }
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        self.possible(state, steps);
    }

    fn next_state(&self, before: &State, step: Step) -> Option<State> {
        let mut after = before.clone();
        self.take(&mut after, step);
        // Nodes are alike: which of them is which makes no difference.
        after.workers.sort_unstable();
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
