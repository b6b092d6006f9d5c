//! Every figure that the engine is measured by, and where its bar is: the one list of them.

use super::Kind;
use crate::table::Bar;

/// A figure: something measured beside something else.
#[derive(Debug)]
pub struct Figure {
    /// What it is, and of what. `{}` stands for a size that an option sets.
    pub name: &'static str,
    /// The unit of both.
    pub unit: &'static str,
    /// Where the bar is on SQLite and on PostgreSQL.
    bars: [Option<Bar>; 2],
}

impl Figure {
    /// Where the bar is on this store.
    pub fn bar(&self, kind: Kind) -> Option<Bar> {
        match kind {
            Kind::Sqlite => self.bars[0],
            Kind::Postgres => self.bars[1],
        }
    }
}

const fn shown(name: &'static str, unit: &'static str) -> Figure {
    Figure { name, unit, bars: [None, None] }
}

const fn least(name: &'static str, unit: &'static str, sqlite: f64, postgres: f64) -> Figure {
    Figure { name, unit, bars: [Some(Bar::AtLeast(sqlite)), Some(Bar::AtLeast(postgres))] }
}

const fn most(name: &'static str, unit: &'static str, most: f64) -> Figure {
    Figure { name, unit, bars: [Some(Bar::AtMost(most)), Some(Bar::AtMost(most))] }
}

// Acknowledging.
pub static ACKNOWLEDGED: Figure = least("acknowledged, of A", "/s", 0.25, 0.30);
pub static PROMPT: Figure = most("1,000/s: acknowledged, p50, of one fdatasync", "ms", 8.0);
pub static PROMPT_TAIL: Figure = shown("1,000/s: acknowledged, p99, of one fdatasync", "ms");

// Answering.
pub static ANSWERED: Figure = least("(a) answered end to end, of A", "/s", 0.05, 0.045);
pub static ANSWERED_COST: Figure = shown("(a) processor per message, of A's", "µs");
pub static ANSWERED_MEMORY: Figure = most("(a) memory under load, of 250 MB", "MB", 1.0);
pub static EMULATED: Figure = shown("(a) the same, sent to the emulator, of A", "/s");
pub static EMULATOR_COST: Figure = shown("(a) the emulator's processor per message, of the gateway's", "µs");
pub static GROUNDED: Figure = least("(b) from knowledge, with three statuses, of A", "/s", 0.02, 0.02);
pub static GROUNDED_COST: Figure = shown("(b) processor per message, of A's", "µs");
pub static TENTH: Figure = most("a tenth of (a): reply arrived, p50, of one fdatasync", "ms", 10.0);
pub static TENTH_TAIL: Figure = most("a tenth of (a): reply arrived, p99, of one fdatasync", "ms", 100.0);

// Sending.
pub static ONE_NUMBER: Figure = least("sent for one number, of 1,000/s", "/s", 1.0, 1.0);
pub static UNDISTURBED: Figure = shown("a single message, nothing queued, p95, of 100 ms", "ms");
pub static BEHIND: Figure = most("the same behind another's {} queued: later by, of 100 ms", "ms", 1.0);

// Growth.
pub static ORGS_ACKNOWLEDGED: Figure =
    least("acknowledged with {} organisations, of that with 10", "/s", 0.85, 0.85);
pub static ORGS_ANSWERED: Figure = least("answered with {} organisations, of that with 10", "/s", 0.85, 0.85);
pub static STORED_ACKNOWLEDGED: Figure =
    least("acknowledged with {} messages stored, of that with 10,000", "/s", 0.6, 0.7);
pub static STORED_ANSWERED: Figure =
    least("answered with {} messages stored, of that with 10,000", "/s", 0.6, 0.7);
pub static LIST: Figure = most("the inbox's list with {} messages, of that with 100,000", "ms", 2.0);
pub static THREAD: Figure = most("a thread with {} messages, of that with 100,000", "ms", 2.0);
pub static SEARCH: Figure = most("a search in {} messages, of that in 100,000", "ms", 2.0);
pub static COUNTERS: Figure = most("the counters with {} messages, of those with 100,000", "ms", 2.0);

// Notifications.
pub static NOTIFIED: Figure = least(
    "notified {} people: decided and written down, of the store writing the same rows",
    "/s",
    0.25,
    0.25,
);
pub static NOTIFIED_MEMORY: Figure = most("notified {} people: memory, of that with a tenth", "MB", 1.2);

// Saturation.
pub static REFUSED: Figure =
    least("the store stands still: refused with Retry-After, of all refused", "", 1.0, 1.0);
pub static STALLED_MEMORY: Figure = most("the store stands still: memory, of 250 MB", "MB", 1.0);
pub static CATCHING_UP_MEMORY: Figure = most("the store goes on: memory, of 250 MB", "MB", 1.0);
pub static RECOVERED: Figure = shown("the store goes on: acknowledged, of before", "/s");

// Where the processor's time goes.
pub static ACCEPT: Figure = shown("processor: verify and parse (A), of a message's", "µs");
pub static KEEP: Figure = shown("processor: store the webhook, of a message's", "µs");
pub static APPLY: Figure =
    shown("processor: apply it (contact, conversation, message), of a message's", "µs");
pub static ANSWER: Figure = shown("processor: the answer, of a message's", "µs");
pub static DISPATCH: Figure = shown("processor: gate, send, settle, of a message's", "µs");
pub static DATABASE: Figure = shown("processor: within all of these the database, of a message's", "µs");

// Peers.
pub static PYWA: Figure = least("(a) of pywa, which stores nothing", "/s", 12.0, 12.0);
pub static PYWA_DURABLE: Figure = least("(a) of pywa that commits each message", "/s", 30.0, 30.0);
pub static NODE: Figure = least("(a) of Node, which stores nothing", "/s", 1.3, 1.3);
pub static NODE_DURABLE: Figure = least("(a) of Node that commits each message", "/s", 4.5, 4.5);
