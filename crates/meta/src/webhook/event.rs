//! An update in types.

use serde::Serialize;

use super::account::{
    AccountAlert, AccountUpdate, BusinessUsername, Call, Capability, NumberName, NumberQuality,
    PartnerSolution, Preference, Security,
};
use super::coexistence::{ContactSync, HistoryChunk};
use super::error::MetaError;
use super::kind::Kind;
use super::message::{Echo, InboundMessage};
use super::person::{ADDRESSEE, Person, SENDER, SUBJECT};
use super::status::StatusUpdate;
use super::template::{TemplateCategory, TemplateComponents, TemplateQuality, TemplateStatus};
use super::{Update, quiet_debug};
use crate::json::Members;

/// What an update says.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum Event {
    /// A person wrote.
    Message(Box<InboundMessage>),
    /// A message of ours reached a state.
    Status(Box<StatusUpdate>),
    /// Account or app have a problem.
    Error(MetaError),
    /// A person decided about marketing messages.
    Preference(Box<Preference>),
    /// The business wrote from its phone.
    Echo(Box<Echo>),
    /// A piece of the history.
    HistoryChunk(Box<HistoryChunk>),
    /// The media of an old message.
    HistoryMessage(Box<Echo>),
    /// A contact of the phone changed.
    ContactSync(Box<ContactSync>),
    /// Legacy notice of a changed user id.
    UserIdUpdate {
        /// The person now.
        person: Box<Person>,
        /// The business-scoped id until now.
        previous_bsuid: Option<String>,
    },
    /// A call began or ended.
    Call(Box<Call>),
    /// A call of ours reached a state.
    CallStatus(Box<Call>),
    /// Something happened to an account.
    AccountUpdate(Box<AccountUpdate>),
    /// The account was reviewed: `APPROVED`, `REJECTED`, `PENDING` or `DEFERRED`.
    AccountReview {
        /// The decision; only `APPROVED` is usable.
        decision: Option<String>,
    },
    /// A warning.
    AccountAlert(Box<AccountAlert>),
    /// New limits.
    Capability(Capability),
    /// A display name was decided.
    NumberName(NumberName),
    /// Throughput or limit changed.
    NumberQuality(NumberQuality),
    /// The PIN was changed or reset.
    Security(Security),
    /// A multi-partner solution changed.
    PartnerSolution(PartnerSolution),
    /// A template changed state.
    TemplateStatus(Box<TemplateStatus>),
    /// A template's quality changed.
    TemplateQuality(TemplateQuality),
    /// A template's text changed.
    TemplateComponents(Box<TemplateComponents>),
    /// A template's category changes.
    TemplateCategory(Box<TemplateCategory>),
    /// The business's username changed.
    BusinessUsername(BusinessUsername),
    /// Nothing we act on: a known kind without types of its own, or one we do not know.
    Unknown {
        /// Its kind.
        kind: &'static str,
    },
    /// Not of the shape every update has.
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
    },
}

quiet_debug!(Event);

impl Event {
    /// Reads an update. Never fails: what cannot be read is [`Event::Malformed`] or [`Event::Unknown`].
    pub(super) fn read(update: &Update<'_>) -> Self {
        let malformed = |reason| Self::Malformed { reason };
        if update.kind == Kind::Malformed {
            return malformed(update.reason.unwrap_or("not of the shape of an update"));
        }
        let Some(item) = Members::open(update.item) else {
            return malformed("the update is not an object");
        };
        let contact = update.contact.and_then(Members::open);
        let contact = contact.as_ref();
        match update.kind {
            Kind::Message => InboundMessage::read(&item, contact)
                .map_or(malformed("the message has no id"), |message| Self::Message(Box::new(message))),
            Kind::Status => StatusUpdate::read(&item, contact)
                .map_or(malformed("the status has no id or no state"), |status| {
                    Self::Status(Box::new(status))
                }),
            Kind::Error => Self::Error(MetaError::read(&item)),
            Kind::Preference => Self::Preference(Box::new(Preference::read(&item, contact))),
            Kind::Echo => Echo::read(&item)
                .map_or(malformed("the message has no id"), |echo| Self::Echo(Box::new(echo))),
            Kind::HistoryMessage => Echo::read(&item)
                .map_or(malformed("the message has no id"), |echo| Self::HistoryMessage(Box::new(echo))),
            Kind::HistoryChunk => Self::HistoryChunk(Box::new(HistoryChunk::read(&item))),
            Kind::ContactSync => Self::ContactSync(Box::new(ContactSync::read(&item))),
            Kind::UserIdUpdate => user_id_update(&item, contact),
            Kind::Call => Self::Call(Box::new(call(&item, "event", contact))),
            Kind::CallStatus => Self::CallStatus(Box::new(call(&item, "status", contact))),
            Kind::AccountUpdate => Self::AccountUpdate(Box::new(AccountUpdate::read(&item, update))),
            Kind::AccountReview => Self::AccountReview { decision: item.string("decision") },
            Kind::AccountAlert => Self::AccountAlert(Box::new(AccountAlert::read(&item))),
            Kind::Capability => Self::Capability(Capability::read(&item)),
            Kind::NumberName => Self::NumberName(NumberName::read(&item)),
            Kind::NumberQuality => Self::NumberQuality(NumberQuality::read(&item)),
            Kind::Security => Self::Security(Security::read(&item)),
            Kind::PartnerSolution => Self::PartnerSolution(PartnerSolution::read(&item)),
            Kind::TemplateStatus => Self::TemplateStatus(Box::new(TemplateStatus::read(&item))),
            Kind::TemplateQuality => Self::TemplateQuality(TemplateQuality::read(&item)),
            Kind::TemplateComponents => Self::TemplateComponents(Box::new(TemplateComponents::read(&item))),
            Kind::TemplateCategory => Self::TemplateCategory(Box::new(TemplateCategory::read(&item))),
            Kind::BusinessUsername => Self::BusinessUsername(BusinessUsername::read(&item)),
            Kind::UserAction | Kind::Handover | Kind::Group | Kind::Flow | Kind::Other | Kind::Malformed => {
                Self::Unknown { kind: update.kind.name() }
            }
        }
    }
}

fn user_id_update(item: &Members<'_>, contact: Option<&Members<'_>>) -> Event {
    let mut person = Person::read(item, &SUBJECT, contact);
    let ids = item.object("user_id").unwrap_or_default();
    person.bsuid = person.bsuid.or_else(|| ids.string("current"));
    Event::UserIdUpdate { person: Box::new(person), previous_bsuid: ids.string("previous") }
}

fn call(item: &Members<'_>, event: &str, contact: Option<&Members<'_>>) -> Call {
    let direction = item.string("direction");
    let person = match direction.as_deref() {
        Some("BUSINESS_INITIATED") => Person::read(item, &ADDRESSEE, contact),
        _ => Person::read(item, &SENDER, contact),
    };
    Call {
        id: item.string("id"),
        event: item.string(event),
        direction,
        person,
        timestamp: item.integer("timestamp"),
    }
}
