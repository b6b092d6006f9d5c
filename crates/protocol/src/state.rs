//! What there is at one moment: in the database, in the nodes' memory, on the way to and from Meta, on the phone.

use rules::message::MessageState;

use crate::{MESSAGES, NODES};

/// Everything at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The messages of one conversation, in the order in which they are accepted.
    pub messages: [Message; MESSAGES],
    /// Their jobs, in the order in which they were enqueued.
    pub jobs: Vec<Job>,
    /// The nodes, in no particular order.
    pub workers: [Worker; NODES],
    /// Requests that have left and that Meta has not taken (and may never take): message and attempt, sorted.
    pub under_way: Vec<(usize, u8)>,
    /// The contact's STOP.
    pub stop: Stop,
    /// A step broke a promise on its way; states alone would not tell.
    pub broken: Broken,
}

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Message {
    /// Where it stands. `None`: not accepted yet.
    pub state: Option<MessageState>,
    /// How many attempts there were.
    pub attempts: u8,
    /// Those of which no end is written down, a bit each.
    pub open: u8,
    /// Whether Meta's id of it is known; told apart only where statuses name nothing else.
    pub wamid: bool,
    /// Accepted and acknowledged; its job is in memory alone. Only where that is done wrongly.
    pub unqueued: bool,
    /// Statuses that Meta may send: now, later, again, or never.
    pub coming: Words,
    /// Statuses that came before their message was known.
    pub parked: Words,
    /// Statuses that were parked and may be applied now.
    pub released: Words,
    /// How often somebody wanted it sent.
    pub intentions: u8,
    /// How often Meta took it.
    pub taken: u8,
    /// How often it reached the phone.
    pub arrived: u8,
    /// The strongest status that was applied to it.
    pub told: Option<MessageState>,
    /// An earlier message was visibly unknown when this one went out.
    pub passed_unknown: bool,
}

/// A job of the queue `deliver`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// Which message it sends.
    pub message: usize,
    /// Where it stands.
    pub phase: Phase,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Waits for its turn.
    Ready,
    /// Held by whoever claimed it last.
    Leased,
    /// Its lease has run out; somebody else may claim it.
    Overdue,
    /// Finished and removed.
    Gone,
}

/// What a node does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Worker {
    /// How far it has come.
    pub doing: Doing,
    /// With which job.
    pub job: usize,
    /// Whether the job's lease id is still its own.
    pub holds: bool,
}

/// How far a node has come with a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Doing {
    /// It has none.
    #[default]
    Idle,
    /// Claimed.
    Claimed,
    /// Within the transaction that decides: this is what it has read.
    Read(Seen),
    /// The attempt is committed; no byte has left.
    Noted(u8),
    /// The request has left.
    Waiting(u8),
    /// The attempt has ended for this node; nothing is written down.
    Answered(u8, Answer),
    /// The runner is about to finish the job (`true`) or to put it back.
    Ending(bool),
}

/// What the deciding transaction has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Seen {
    /// Queued, no attempt without an end.
    Free {
        /// The gate lets it pass.
        allowed: bool,
        /// STOP was in force.
        stopped: bool,
    },
    /// Queued, with an attempt that nobody has ended.
    LostAnswer,
    /// Unknown: its successors wait for it.
    Unknown,
    /// Nothing is left to do.
    Over,
}

/// How an attempt ended for the node that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// Meta took it.
    Sent,
    /// Nothing was processed: no connection, or Meta asks to slow down.
    Retry,
    /// Meta will never take it.
    Never,
    /// Nobody can tell.
    Unknown,
}

/// Where the contact's STOP is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stop {
    /// Not written.
    #[default]
    Unsaid,
    /// Acknowledged, in memory alone. Only where that is done wrongly.
    Heard,
    /// Acknowledged and gone.
    Lost,
    /// Stored and acknowledged.
    Stored,
    /// In the ledger.
    Applied,
}

/// Promises that a step has broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Broken {
    /// A state fell in rank.
    pub rank: bool,
    /// A message was handed over before an earlier one was done with, or arrived before one that was not unknown.
    pub order: bool,
    /// A message was handed over although STOP stood in the ledger when its sending was decided.
    pub consent: bool,
}

/// What Meta tells of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// `sent`
    Sent,
    /// `delivered`
    Delivered,
    /// `failed`
    Failed,
}

impl Word {
    /// Every word.
    pub const ALL: [Self; 3] = [Self::Sent, Self::Delivered, Self::Failed];

    /// What a message becomes by it.
    pub const fn state(self) -> MessageState {
        match self {
            Self::Sent => MessageState::Sent,
            Self::Delivered => MessageState::Delivered,
            Self::Failed => MessageState::Failed,
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Words(u8);

impl Words {
    /// Adds a word.
    pub fn add(&mut self, word: Word) {
        self.0 |= word.bit();
    }

    /// Adds all words of another set.
    pub fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Takes a word out.
    pub fn remove(&mut self, word: Word) {
        self.0 &= !word.bit();
    }

    /// Whether a word is in it.
    pub fn has(self, word: Word) -> bool {
        self.0 & word.bit() != 0
    }

    /// The words in it.
    pub fn iter(self) -> impl Iterator<Item = Word> {
        Word::ALL.into_iter().filter(move |word| self.has(*word))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Message {
    /// Moves on, if the new state outranks the one it has.
    pub fn advance(&mut self, to: MessageState) {
        if self.state.is_some_and(|state| state.may_become(to)) {
            self.state = Some(to);
        }
    }

    /// Whether somebody may ask for it to be sent again.
    pub fn may_be_sent_again(&self) -> bool {
        use MessageState::{Failed, Refused, Unresolved};
        matches!(self.state, Some(Failed | Refused | Unresolved))
    }
}

impl State {
    /// Enqueues a job for a message.
    pub fn enqueue(&mut self, message: usize) {
        self.jobs.push(Job { message, phase: Phase::Ready });
    }

    /// Whether a job is there for a message.
    pub fn has_job(&self, message: usize) -> bool {
        self.jobs.iter().any(|job| job.message == message && job.phase != Phase::Gone)
    }

    /// The message that a node works on.
    pub fn message_of(&self, worker: usize) -> usize {
        self.jobs[self.workers[worker].job].message
    }
}
