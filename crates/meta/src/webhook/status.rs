//! What became of the messages we sent.

use serde::Serialize;

use super::error::MetaError;
use super::person::{Names, Person};
use super::{open_enum, quiet_debug};
use crate::json::Members;

open_enum! {
    /// How far a message has come.
    pub enum State {
        /// It left Meta's servers.
        Sent = "sent",
        /// It is on the person's device.
        Delivered = "delivered",
        /// It was shown in the open chat. May come without `delivered` before it.
        Read = "read",
        /// A voice message was played.
        Played = "played",
        /// It will not arrive; the errors say why.
        Failed = "failed",
        /// Legacy: the person deleted it.
        Deleted = "deleted",
        /// Legacy: an item of a catalogue is not available.
        Warning = "warning",
    }
}

/// One status of one message.
#[derive(Clone, PartialEq, Serialize)]
pub struct StatusUpdate {
    /// Meta's id of the message (wamid).
    pub id: String,
    /// The state reached.
    pub state: State,
    /// When, unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
    /// Who it was sent to, or which member of the group this status is about.
    pub recipient: Person,
    /// The group it was sent to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// What we attached when sending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_data: Option<String>,
    /// What Meta charges. Comes on one or two of the statuses of a message; count it once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// The free window a message belongs to, where Meta still says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Conversation>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<MetaError>,
    /// The template Meta matched (Direct Send).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    /// Not about a message but about a payment: its reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_reference: Option<String>,
}

/// What a message costs.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Pricing {
    /// Whether it is charged; announced to go, use `kind` and `category`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    /// `PMP` (per message); `CBP` before July 2025.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point` … An open set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `marketing`, `utility`, `service` … An open set; hyphens are read as underscores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// A finer kind, such as `paid_exempt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
}

/// The window a message belongs to: before version 24 on every message, since then for free entry points.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Conversation {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it closes, unix seconds; only on `sent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// What opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

const RECIPIENT: Names = Names {
    phone: &["recipient_id"],
    bsuid: "recipient_user_id",
    // The second until May 2026, the third in one example.
    parent: &["recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id"],
};
const MEMBER: Names = Names {
    phone: &["recipient_participant_id", "participant_recipient_id"],
    bsuid: "recipient_participant_user_id",
    parent: &["recipient_participant_parent_user_id"],
};

impl StatusUpdate {
    pub(super) fn read(item: &Members<'_>, contact: Option<&Members<'_>>) -> Option<Self> {
        let group = item.text("recipient_type").as_deref() == Some("group");
        let mut recipient = Person::read(item, if group { &MEMBER } else { &RECIPIENT }, contact);
        recipient.identity_key_hash =
            recipient.identity_key_hash.or_else(|| item.string("recipient_identity_key_hash"));
        let conversation = item.object("conversation");
        // The pages about groups nest the price in the conversation.
        let pricing = item.object("pricing").or_else(|| conversation.as_ref()?.object("pricing"));
        Some(Self {
            id: item.string("id")?,
            state: item.string("status")?.into(),
            timestamp: item.integer("timestamp"),
            recipient,
            group_id: if group { item.string("recipient_id") } else { None },
            callback_data: item.string("biz_opaque_callback_data"),
            pricing: pricing.as_ref().map(Pricing::read),
            conversation: conversation.as_ref().map(Conversation::read),
            errors: MetaError::list(item, "errors"),
            template_id: item.string("template_id"),
            payment_reference: item.object("payment").and_then(|payment| payment.string("reference_id")),
        })
    }
}

impl Pricing {
    fn read(pricing: &Members<'_>) -> Self {
        Self {
            billable: pricing.flag("billable"),
            model: pricing.string("pricing_model"),
            kind: pricing.string("type"),
            category: pricing.string("category").map(|category| category.replace('-', "_")),
            subtype: pricing.string("subtype"),
        }
    }
}

impl Conversation {
    fn read(conversation: &Members<'_>) -> Self {
        Self {
            id: conversation.string("id"),
            expires: conversation.integer("expiration_timestamp"),
            origin: conversation.object("origin").and_then(|origin| origin.string("type")),
        }
    }
}

quiet_debug!(StatusUpdate, Pricing, Conversation);
