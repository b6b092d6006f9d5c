//! One webhook body into its updates.
//!
//! Up to a thousand updates for many accounts may share a body. The outer layers are opened one at a time and
//! everything inside stays unparsed and borrowed, so that one malformed entry, change or message spoils only
//! itself, and so that a body costs a few scans and no copies.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::digest;
use serde_json::value::RawValue;

use super::kind::{self, Kind};
use crate::json::{Members, elements, scalar};

/// What every WhatsApp webhook calls itself.
const OBJECT: &str = "whatsapp_business_account";
/// More updates than this in one body are not split (Meta: up to 1,000).
const MOST_UPDATES: usize = 20_000;
/// Siblings (metadata and the like, and the contact) beyond this many bytes are not repeated beside each
/// update: a hostile body must not grow without bound when it is split.
const MOST_SIBLING_BYTES: usize = 4096;

/// Why a signed body could not be split at all. It is to be kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    /// Not JSON.
    #[error("the body is not JSON")]
    NotJson,
    /// JSON, but not an object with a list called "entry".
    #[error("the body is not an object with a list called \"entry\"")]
    NoEntries,
    /// Too much for one body.
    #[error("the body holds more than {MOST_UPDATES} updates")]
    TooMany,
}

/// One update: what it is, where it belongs, and its own JSON.
#[derive(Clone)]
pub struct Update<'a> {
    /// What it is.
    pub kind: Kind,
    /// Why it was not understood; only for [`Kind::Malformed`].
    pub reason: Option<&'static str>,
    /// The field of the change it came in; absent when the change names none and its content tells nothing.
    pub field: Option<Cow<'a, str>>,
    /// `entry.id`: the messaging account, or for partner events a business portfolio.
    pub entry_id: Option<Cow<'a, str>>,
    /// `entry.time`, seconds; management events have it, messages do not.
    pub entry_time: Option<i64>,
    /// `value.waba_info.waba_id`: the account that an event about partners concerns.
    pub waba_id: Option<Cow<'a, str>>,
    /// `value.metadata.phone_number_id`.
    pub phone_number_id: Option<Cow<'a, str>>,
    /// The digits of the business number the update names.
    pub number_digits: Option<String>,
    /// The id of the message (wamid) it is or speaks of.
    pub message_id: Option<Cow<'a, str>>,
    /// Equal for equal updates, however often and in whatever company they are delivered: the first 16 bytes
    /// of a SHA-256.
    pub key: [u8; 16],
    pub(super) item: &'a RawValue,
    pub(super) place: Place,
    pub(super) siblings: Siblings<'a>,
    pub(super) contact: Option<&'a RawValue>,
    /// Only when it is not [`OBJECT`].
    object: Option<Cow<'a, str>>,
}

/// The members of `value` that are neither a list of updates nor `contacts`, shared by its updates.
type Siblings<'a> = Arc<[(String, &'a RawValue)]>;

/// Where in the envelope the item stood, so that it can be put back there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An element of `entry`.
    Entry,
    /// An element of `changes`.
    Change,
    /// A whole `value`.
    Value,
    /// A member of `value` that should be a list and is not.
    Member(&'static str),
    /// An element of a list in `value`.
    Element(&'static str),
}

impl Update<'_> {
    /// The update's own JSON: a message, a status, or the value of an account event.
    pub fn json(&self) -> &str {
        self.item.get()
    }

    /// This update as a webhook body of its own, with the metadata and the contact it needs. Splitting it
    /// gives this update again, with the same kind, facts and key: this is the form to store.
    pub fn alone(&self) -> String {
        let item = self.item.get();
        let mut out = String::with_capacity(item.len() + 512);
        let object = self.object.as_deref().unwrap_or(OBJECT);
        let _ = write!(out, r#"{{"object":{},"entry":["#, Quoted(object));
        if self.place == Place::Entry {
            let _ = write!(out, "{item}]}}");
            return out;
        }
        out.push('{');
        if let Some(id) = &self.entry_id {
            let _ = write!(out, r#""id":{},"#, Quoted(id));
        }
        if let Some(time) = self.entry_time {
            let _ = write!(out, r#""time":{time},"#);
        }
        out.push_str(r#""changes":["#);
        if self.place == Place::Change {
            let _ = write!(out, "{item}]}}]}}");
            return out;
        }
        out.push('{');
        if let Some(field) = &self.field {
            let _ = write!(out, r#""field":{},"#, Quoted(field));
        }
        out.push_str(r#""value":"#);
        match self.place {
            Place::Member(name) => {
                let _ = write!(out, r#"{{{}"{name}":{item}}}"#, Together(self));
            }
            Place::Element(list) => {
                let _ = write!(out, r#"{{{}"{list}":[{item}]}}"#, Together(self));
            }
            Place::Entry | Place::Change | Place::Value => out.push_str(item),
        }
        out.push_str("}]}]}");
        out
    }
}

/// Kind, place and size only: the JSON holds what people wrote and their numbers.
impl fmt::Debug for Update<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Update")
            .field("kind", &self.kind)
            .field("field", &self.field)
            .field("entry_id", &self.entry_id)
            .field("phone_number_id", &self.phone_number_id)
            .field("reason", &self.reason)
            .field("bytes", &self.item.get().len())
            .finish_non_exhaustive()
    }
}

/// A string as JSON.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).map_err(|_| fmt::Error)?)
    }
}

/// The siblings and the contact of an update, each followed by a comma.
struct Together<'u, 'a>(&'u Update<'a>);

impl fmt::Display for Together<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, raw) in self.0.siblings.iter() {
            write!(f, "{}:{},", Quoted(name), raw.get())?;
        }
        match self.0.contact {
            Some(contact) => write!(f, r#""contacts":[{}],"#, contact.get()),
            None => Ok(()),
        }
    }
}

/// Splits a body whose signature has been verified.
pub fn split(body: &[u8]) -> Result<Vec<Update<'_>>, NotUnderstood> {
    let raw: &RawValue = serde_json::from_slice(body).map_err(|_| NotUnderstood::NotJson)?;
    let envelope = Members::open(raw).ok_or(NotUnderstood::NoEntries)?;
    let entries = envelope.raw("entry").and_then(elements).ok_or(NotUnderstood::NoEntries)?;
    let object = envelope.text("object");
    let mut updates = Updates(Vec::with_capacity(entries.len()));
    for raw in entries {
        updates.entry(raw, object.clone())?;
    }
    Ok(updates.0)
}

/// What is known of an update before its own JSON is looked at.
#[derive(Clone, Default)]
struct Setting<'a> {
    object: Option<Cow<'a, str>>,
    field: Option<Cow<'a, str>>,
    entry_id: Option<Cow<'a, str>>,
    entry_time: Option<i64>,
    waba_id: Option<Cow<'a, str>>,
    phone_number_id: Option<Cow<'a, str>>,
    number_digits: Option<String>,
    siblings: Siblings<'a>,
}

/// An update's own JSON and what was made of it.
struct Found<'f, 'a> {
    kind: Kind,
    reason: Option<&'static str>,
    raw: &'a RawValue,
    place: Place,
    item: Option<&'f Members<'a>>,
    contact: Option<&'a RawValue>,
}

impl<'a> Found<'_, 'a> {
    fn whole(kind: Kind, raw: &'a RawValue, place: Place) -> Self {
        Self { kind, reason: None, raw, place, item: None, contact: None }
    }

    fn malformed(raw: &'a RawValue, place: Place, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..Self::whole(Kind::Malformed, raw, place) }
    }
}

struct Updates<'a>(Vec<Update<'a>>);

impl<'a> Updates<'a> {
    fn entry(&mut self, raw: &'a RawValue, object: Option<Cow<'a, str>>) -> Result<(), NotUnderstood> {
        let Some(entry) = Members::open(raw) else {
            let found = Found::malformed(raw, Place::Entry, "the entry is not an object");
            return self.push(&Setting::default(), found);
        };
        // Two of Meta's samples carry "object" and "field" in the entry instead of around and inside it.
        let object = object.or_else(|| entry.text("object")).filter(|object| object != OBJECT);
        let setting = Setting {
            object,
            entry_id: entry.text("id"),
            entry_time: entry.integer("time"),
            ..Setting::default()
        };
        if setting.object.is_some() {
            return self.push(&setting, Found::whole(Kind::Other, raw, Place::Entry));
        }
        let changes = entry.raw("changes").and_then(elements).unwrap_or_default();
        if changes.is_empty() {
            let found = Found::malformed(raw, Place::Entry, "the entry has no changes");
            return self.push(&setting, found);
        }
        let field = entry.text("field");
        for raw in changes {
            self.change(raw, &setting, field.clone())?;
        }
        Ok(())
    }

    fn change(
        &mut self,
        raw: &'a RawValue,
        entry: &Setting<'a>,
        entry_field: Option<Cow<'a, str>>,
    ) -> Result<(), NotUnderstood> {
        let Some(change) = Members::open(raw) else {
            return self.push(entry, Found::malformed(raw, Place::Change, "the change is not an object"));
        };
        let Some((whole, value)) = change.raw("value").and_then(|raw| Some((raw, Members::open(raw)?)))
        else {
            return self.push(entry, Found::malformed(raw, Place::Change, "the change's value is no object"));
        };
        let field = change
            .text("field")
            .or(entry_field)
            .or_else(|| value.text("field"))
            .or_else(|| kind::field_by_content(&value).map(Cow::Borrowed));
        let name = field.clone().unwrap_or_default();
        let metadata = value.object("metadata").unwrap_or_default();
        let mut setting = Setting {
            field,
            waba_id: value.object("waba_info").and_then(|info| info.text("waba_id")),
            phone_number_id: metadata.text("phone_number_id"),
            number_digits: metadata
                .text("display_phone_number")
                .or_else(|| value.text("display_phone_number"))
                .or_else(|| value.text("phone_number"))
                .and_then(|number| digits(&number)),
            ..entry.clone()
        };
        let before = self.0.len();
        if kind::holds_lists(&name) {
            setting.siblings = siblings(&value);
            self.lists(&name, &value, &setting)?;
        }
        if self.0.len() == before {
            let kind = kind::of_whole(&name, &value);
            self.push(&setting, Found::whole(kind, whole, Place::Value))?;
        }
        Ok(())
    }

    fn lists(
        &mut self,
        field: &str,
        value: &Members<'a>,
        setting: &Setting<'a>,
    ) -> Result<(), NotUnderstood> {
        let contacts = Contacts::of(value);
        for &list in kind::LISTS {
            let Some(raw) = value.raw(list) else { continue };
            let Some(items) = elements(raw) else {
                self.push(
                    setting,
                    Found::malformed(raw, Place::Member(list), "what should be a list is none"),
                )?;
                continue;
            };
            let alone = items.len() == 1;
            for raw in items {
                let place = Place::Element(list);
                let item = Members::open(raw);
                self.push(
                    setting,
                    match &item {
                        None => Found::malformed(raw, place, "the update is not an object"),
                        Some(item) => Found {
                            kind: kind::of_element(field, list),
                            reason: None,
                            raw,
                            place,
                            item: Some(item),
                            contact: contacts.belonging_to(item, alone),
                        },
                    },
                )?;
            }
        }
        Ok(())
    }

    fn push(&mut self, setting: &Setting<'a>, found: Found<'_, 'a>) -> Result<(), NotUnderstood> {
        if self.0.len() == MOST_UPDATES {
            return Err(NotUnderstood::TooMany);
        }
        let setting = setting.clone();
        let message_id = found.item.and_then(|item| match found.kind {
            Kind::Message | Kind::Status | Kind::Echo | Kind::HistoryMessage => item.text("id"),
            _ => None,
        });
        let mut update = Update {
            kind: found.kind,
            reason: found.reason,
            field: setting.field,
            entry_id: setting.entry_id,
            entry_time: setting.entry_time,
            waba_id: setting.waba_id,
            phone_number_id: setting.phone_number_id,
            number_digits: setting.number_digits,
            message_id,
            key: [0; 16],
            item: found.raw,
            place: found.place,
            siblings: setting.siblings,
            contact: found.contact,
            object: setting.object,
        };
        update.key = key(&update, found.item);
        self.0.push(update);
        Ok(())
    }
}

/// Messages are the same by their id, statuses by id, state and group member; everything else by its text.
fn key(update: &Update<'_>, item: Option<&Members<'_>>) -> [u8; 16] {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut part = |part: &str| {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    };
    part(update.kind.name());
    part(update.entry_id.as_deref().unwrap_or_default());
    part(update.phone_number_id.as_deref().unwrap_or_default());
    match (&update.message_id, item) {
        (Some(id), Some(item)) if update.kind == Kind::Status => {
            part(id);
            for name in ["status", "type", "recipient_participant_id", "recipient_participant_user_id"] {
                part(item.text(name).as_deref().unwrap_or_default());
            }
        }
        (Some(id), _) => part(id),
        (None, _) => {
            part(update.field.as_deref().unwrap_or_default());
            part(&update.entry_time.unwrap_or_default().to_string());
            part(update.item.get());
        }
    }
    let hash = context.finish();
    let mut key = [0; 16];
    key.copy_from_slice(&hash.as_ref()[..16]);
    key
}

/// What stands beside the lists and is repeated with each update.
fn siblings<'a>(value: &Members<'a>) -> Siblings<'a> {
    let mut room = MOST_SIBLING_BYTES;
    value
        .iter()
        .filter(|(name, _)| *name != "contacts" && !kind::LISTS.contains(name))
        .filter(|(name, raw)| {
            let left = room.checked_sub(name.len() + raw.get().len());
            room = left.unwrap_or(room);
            left.is_some()
        })
        .map(|(name, raw)| (name.to_owned(), raw))
        .collect()
}

fn digits(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// The contacts of a value, to give each update its own.
struct Contacts<'a>(Vec<(&'a RawValue, Members<'a>)>);

/// Members of an update that name the person, each with the member of a contact it is compared with.
const NAMES_OF_PERSON: &[(&str, &str)] = &[
    ("from_user_id", "user_id"),
    ("user_id", "user_id"),
    ("recipient_user_id", "user_id"),
    ("recipient_participant_user_id", "user_id"),
    ("to_user_id", "user_id"),
    ("from", "wa_id"),
    ("wa_id", "wa_id"),
    ("recipient_id", "wa_id"),
    ("recipient_participant_id", "wa_id"),
    ("to", "wa_id"),
];

impl<'a> Contacts<'a> {
    fn of(value: &Members<'a>) -> Self {
        Self(
            value
                .list("contacts")
                .into_iter()
                .filter(|raw| raw.get().len() <= MOST_SIBLING_BYTES)
                .filter_map(|raw| Some((raw, Members::open(raw)?)))
                .collect(),
        )
    }

    /// The contact that shares an id with the update; of a single contact beside a single update it is
    /// known without.
    fn belonging_to(&self, item: &Members<'a>, alone: bool) -> Option<&'a RawValue> {
        if let ([(raw, _)], true) = (self.0.as_slice(), alone) {
            return Some(raw);
        }
        if self.0.is_empty() {
            return None;
        }
        NAMES_OF_PERSON.iter().find_map(|(name, of_contact)| {
            let id = scalar(item.raw(name)?)?;
            let (raw, _) =
                self.0.iter().find(|(_, contact)| contact.text(of_contact).as_deref() == Some(&id))?;
            Some(*raw)
        })
    }
}
