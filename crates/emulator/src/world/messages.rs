//! Messages in both directions, and the thread between a number and a person.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Millis;

/// A message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// wamid.
    pub id: String,
    /// Rises with every message; the order of acceptance.
    pub sequence: u64,
    /// The business number.
    pub number_id: String,
    /// The person (the emulator's id).
    pub person_id: String,
    /// From or to the business.
    pub direction: Direction,
    /// Meta's `type`.
    pub kind: String,
    /// The object named after the type, as it was sent.
    #[schema(value_type = Object)]
    pub content: Box<RawValue>,
    /// What a reader sees: the text, or a short description.
    pub text: String,
    /// The message it replies to.
    pub context: Option<String>,
    /// `biz_opaque_callback_data` of a send.
    pub callback_data: Option<String>,
    /// Whether the send was addressed to a BSUID instead of a phone number.
    pub to_bsuid: bool,
    /// The template's category, if it is a template.
    pub category: Option<String>,
    /// When it was accepted, or when the person wrote it.
    pub at: Millis,
    /// How far it came. Inbound messages are `accepted` while the writer's phone is off, then `sent`, and `read` once
    /// the business marked them read.
    pub status: Status,
    /// When it reached each status.
    pub history: Vec<(Status, Millis)>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What its delivery costs, fixed at delivery.
    pub pricing: Option<Pricing>,
    /// The reaction that the other side put on it.
    pub reaction: Option<String>,
}

/// From or to the business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the person.
    Inbound,
    /// From the business.
    Outbound,
}

/// How far an outgoing message came. The order of the variants is the rank; a status never falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Accepted by the Graph API.
    Accepted,
    /// Left Meta (one tick).
    Sent,
    /// On the device (two ticks).
    Delivered,
    /// Shown (blue ticks).
    Read,
    /// A voice message was played.
    Played,
    /// Failed; only ever after `accepted` or `sent`.
    Failed,
}

impl Status {
    /// Meta's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
        }
    }

    /// Whether a message may go from this status to `next`.
    pub fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Failed, _) => false,
            (from, Self::Failed) => from < Self::Delivered,
            (from, to) => from < to,
        }
    }
}

/// Why a message failed, in the webhook's shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Meta's code.
    pub code: i64,
    /// Title (and message).
    pub title: String,
    /// `error_data.details`.
    pub details: String,
}

/// The pricing object of a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pricing {
    /// Whether it is charged.
    pub billable: bool,
    /// `PMP`.
    pub pricing_model: String,
    /// `regular`, `free_customer_service`, `free_entry_point`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `service`, `utility`, `marketing`, `authentication`, `referral_conversion`.
    pub category: String,
}

/// What is between one number and one person.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Thread {
    /// The business number.
    pub number_id: String,
    /// The person (the emulator's id).
    pub person_id: String,
    /// When the person last wrote something that opens the window.
    pub window_from: Option<Millis>,
    /// When the free entry point ends, if one is open.
    pub free_until: Option<Millis>,
    /// When the person last came through an ad, until the business replies.
    pub ad_click_at: Option<Millis>,
    /// Whether the business blocked the person.
    pub blocked: bool,
    /// Until when the business is shown as typing.
    pub typing_until: Option<Millis>,
    /// The sequence of the last message that the person has seen in the open chat.
    pub seen: u64,
}

/// What a person wrote while the phone was off: it goes out when the phone is back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unsent {
    /// The business number.
    pub number_id: String,
    /// The person (the emulator's id).
    pub person_id: String,
    /// Whether it opens the window when it goes out.
    pub opens_window: bool,
    /// `change.value` of the webhook that tells of it.
    pub value: Box<RawValue>,
}

impl Thread {
    /// Whether the customer service window is open.
    pub fn window_open(&self, now: Millis) -> bool {
        self.window_from.is_some_and(|from| now < from + 24 * 3_600_000)
    }

    /// Whether a free entry point is open.
    pub fn free_entry(&self, now: Millis) -> bool {
        self.free_until.is_some_and(|until| now < until)
    }
}

/// The key of the thread between a number and a person.
pub fn thread_key(number_id: &str, person_id: &str) -> String {
    format!("{number_id}/{person_id}")
}

/// The messages of each thread in their order, and the last sequence given.
#[derive(Debug, Default)]
pub struct Threads {
    by_thread: HashMap<String, VecDeque<String>>,
    by_person: HashMap<String, BTreeSet<String>>,
    all: VecDeque<(String, String)>,
    last: u64,
}

impl Threads {
    /// Orders messages that were loaded.
    pub(super) fn of<'a>(messages: impl Iterator<Item = &'a Message>) -> Self {
        let mut sorted: Vec<&Message> = messages.collect();
        sorted.sort_unstable_by_key(|message| message.sequence);
        let mut order = Self::default();
        for message in sorted {
            order.note(message);
        }
        order
    }

    /// Notes a new message at the end of its thread.
    pub fn note(&mut self, message: &Message) {
        self.last = self.last.max(message.sequence);
        let key = thread_key(&message.number_id, &message.person_id);
        self.all.push_back((key.clone(), message.id.clone()));
        if !self.by_thread.contains_key(&key) {
            self.by_person.entry(message.person_id.clone()).or_default().insert(message.number_id.clone());
        }
        self.by_thread.entry(key).or_default().push_back(message.id.clone());
    }

    /// The next sequence.
    pub fn next(&self) -> u64 {
        self.last + 1
    }

    /// The wamids of a thread, oldest first.
    pub fn thread(&self, number_id: &str, person_id: &str) -> impl DoubleEndedIterator<Item = &String> {
        self.by_thread.get(&thread_key(number_id, person_id)).into_iter().flatten()
    }

    /// The numbers that a person has exchanged messages with.
    pub fn numbers_of(&self, person_id: &str) -> impl Iterator<Item = &String> {
        self.by_person.get(person_id).into_iter().flatten()
    }

    /// Takes the oldest message out of the order.
    pub fn pop_oldest(&mut self) -> Option<String> {
        let (key, id) = self.all.pop_front()?;
        if let Some(thread) = self.by_thread.get_mut(&key) {
            if thread.front() == Some(&id) {
                thread.pop_front();
            } else {
                thread.retain(|known| *known != id);
            }
        }
        Some(id)
    }
}
