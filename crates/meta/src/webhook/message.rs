//! Messages that people write, and the business's own from its phone.

use std::borrow::Cow;

use serde::Serialize;

use super::content::Content;
use super::error::MetaError;
use super::person::{ADDRESSEE, Person, SENDER, phone};
use super::quiet_debug;
use crate::json::Members;

/// A message from a person.
#[derive(Clone, PartialEq, Serialize)]
pub struct InboundMessage {
    /// Meta's id of the message (wamid).
    pub id: String,
    /// When it was sent, unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
    /// Who wrote.
    pub sender: Person,
    /// The group it was written in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// What it replies to or forwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// The advertisement that led here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// What was written.
    pub content: Content,
    /// Meta's reasons, when it could not hand on the content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<MetaError>,
}

impl InboundMessage {
    pub(super) fn read(item: &Members<'_>, contact: Option<&Members<'_>>) -> Option<Self> {
        Some(Self {
            id: item.string("id")?,
            timestamp: item.integer("timestamp"),
            sender: Person::read(item, &SENDER, contact),
            group_id: item.string("group_id"),
            context: item.object("context").as_ref().and_then(Context::read),
            referral: item.object("referral").as_ref().map(Referral::read),
            content: Content::read(item),
            errors: MetaError::list(item, "errors"),
        })
    }

    /// The human text of the message: what a reader or an answering service works with.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.content.text()
    }
}

/// A message the business wrote on its own phone, live (echo) or from its history.
#[derive(Clone, PartialEq, Serialize)]
pub struct Echo {
    /// Meta's id of the message (wamid).
    pub id: String,
    /// When it was sent, unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
    /// The digits of the number it came from: the business's in an echo, either side's in the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The person it was written to; in the history empty when they wrote it.
    pub to: Person,
    /// What it replies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// What was written.
    pub content: Content,
    /// How far an old message had come: SENT, DELIVERED, READ, PLAYED, PENDING or ERROR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_status: Option<String>,
}

impl Echo {
    pub(super) fn read(item: &Members<'_>) -> Option<Self> {
        Some(Self {
            id: item.string("id")?,
            timestamp: item.integer("timestamp"),
            from: item.text("from").and_then(|from| phone(&from)),
            to: Person::read(item, &ADDRESSEE, None),
            context: item.object("context").as_ref().and_then(Context::read),
            content: Content::read(item),
            history_status: item.object("history_context").and_then(|context| context.string("status")),
        })
    }
}

/// What a message replies to, forwards or asks about.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Context {
    /// The id of the quoted message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Who wrote the quoted message, as Meta names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Forwarded, up to five times.
    pub forwarded: bool,
    /// Forwarded more often than that.
    pub frequently_forwarded: bool,
    /// The product the person asks about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
}

impl Context {
    fn read(context: &Members<'_>) -> Option<Self> {
        let read = Self {
            id: context.string("id"),
            from: context.string("from"),
            forwarded: context.flag("forwarded").unwrap_or(false),
            frequently_forwarded: context.flag("frequently_forwarded").unwrap_or(false),
            product: context.object("referred_product").map(|product| Product {
                catalog_id: product.string("catalog_id"),
                retailer_id: product.string("product_retailer_id"),
            }),
        };
        (read != Self::default()).then_some(read)
    }
}

/// An item of a catalogue.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    /// The catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_id: Option<String>,
    /// The business's own id of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retailer_id: Option<String>,
}

/// The advertisement or post a person came from.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Referral {
    /// Address of the advertisement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// `ad` or `post`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    /// Its headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `image` or `video`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Address of its image or video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
    /// Click id; absent for advertisements in Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_id: Option<String>,
}

impl Referral {
    fn read(referral: &Members<'_>) -> Self {
        Self {
            source_url: referral.string("source_url"),
            source_id: referral.string("source_id"),
            source_type: referral.string("source_type"),
            headline: referral.string("headline"),
            body: referral.string("body"),
            media_type: referral.string("media_type"),
            media_url: referral.string("image_url").or_else(|| referral.string("video_url")),
            click_id: referral.string("ctwa_clid"),
        }
    }
}

quiet_debug!(InboundMessage, Echo, Context, Product, Referral);
