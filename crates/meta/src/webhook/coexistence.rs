//! What a number brings along that is also used in the WhatsApp Business app.

use serde::Serialize;

use super::error::MetaError;
use super::message::Echo;
use super::person::{Person, SUBJECT, phone};
use super::quiet_debug;
use crate::json::Members;

/// A piece of the history. Pieces come in any order and may hold thousands of messages.
#[derive(Clone, PartialEq, Serialize)]
pub struct HistoryChunk {
    /// 0: the last day, 1: to 90 days, 2: to 180 days.
    pub phase: Option<i64>,
    /// Position within the phase.
    pub order: Option<i64>,
    /// Per cent of the whole history that has come.
    pub progress: Option<i64>,
    /// Conversations.
    pub threads: Vec<Thread>,
    /// 2593109 when the business does not share its history.
    pub errors: Vec<MetaError>,
}

/// Old messages with one person.
#[derive(Clone, PartialEq, Serialize)]
pub struct Thread {
    /// The person.
    pub person: Person,
    /// The messages of both sides.
    pub messages: Vec<Echo>,
}

impl HistoryChunk {
    pub(super) fn read(item: &Members<'_>) -> Self {
        let metadata = item.object("metadata").unwrap_or_default();
        Self {
            phase: metadata.integer("phase"),
            order: metadata.integer("chunk_order"),
            progress: metadata.integer("progress"),
            threads: item.objects("threads").iter().map(Thread::read).collect(),
            errors: MetaError::list(item, "errors"),
        }
    }
}

impl Thread {
    fn read(thread: &Members<'_>) -> Self {
        let context = thread.object("context").unwrap_or_default();
        let mut person = Person::read(&context, &SUBJECT, None);
        person.username = context.text("username").map(|name| name.trim_start_matches('@').to_owned());
        person.phone = person.phone.or_else(|| phone(&thread.text("id")?));
        Self { person, messages: thread.objects("messages").iter().filter_map(Echo::read).collect() }
    }
}

/// A contact changed in the phone's address book.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ContactSync {
    /// Whether it was removed; otherwise added or changed.
    pub removed: bool,
    /// Who.
    pub person: Person,
    /// The full name in the address book.
    pub full_name: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// When, unix seconds.
    pub timestamp: Option<i64>,
}

impl ContactSync {
    pub(super) fn read(item: &Members<'_>) -> Self {
        let contact = item.object("contact").unwrap_or_default();
        let mut person = Person::read(&contact, &SUBJECT, None);
        person.phone = person.phone.or_else(|| phone(&contact.text("phone_number")?));
        Self {
            removed: item.text("action").as_deref() == Some("remove"),
            person,
            full_name: contact.string("full_name"),
            first_name: contact.string("first_name"),
            timestamp: item.object("metadata").and_then(|metadata| metadata.integer("timestamp")),
        }
    }
}

quiet_debug!(HistoryChunk, Thread, ContactSync);
