//! The rules of the product, as pure functions over plain values.
//!
//! Invariant: nothing here awaits, reads a clock, draws randomness, touches a database or the network.
//! Whoever calls brings the facts and `now`; what comes back can be tested in a table.

#[macro_use]
mod text_enum;
pub use text_enum::UnknownWord;

pub mod allowance;
pub mod caps;
pub mod codes;
pub mod connection;
pub mod consent;
pub mod conversation;
pub mod day;
pub mod erasure;
pub mod experiment;
pub mod fallback;
pub mod form;
pub mod gate;
pub mod id;
pub mod identity;
pub mod import;
pub mod keywords;
pub mod knowledge;
pub mod locale;
pub mod media;
pub mod message;
pub mod notification;
pub mod number;
pub mod outcome;
pub mod outreach;
pub mod prices;
pub mod quiet;
pub mod rates;
pub mod record;
pub mod record_file;
pub mod role;
pub mod settings;
pub mod signals;
pub mod template;
pub mod time;
