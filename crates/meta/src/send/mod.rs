//! What we send to people, in the shape Meta expects on `POST /{number}/messages`, and the check of Meta's
//! limits before anything leaves.
//!
//! Invariant: what these types serialise to is accepted by Meta whenever [`Message::validate`] finds nothing,
//! as far as that can be told without asking. (Meta: messages/*, 2025-10 to 2026-09.)

mod fits;
mod interactive;
mod plain;
mod template;
mod validate;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use interactive::{
    AskContact, AskLocation, Button, Buttons, Framed, Header, Interactive, Label, List, OpenUrl, Reply, Row,
    Section,
};
pub use template::{
    Action, ButtonKind, Card, Component, Currency, DateTime, Language, Offer, Parameter, Product,
    ProductItem, ProductSection, Template,
};
pub use validate::Invalid;

use crate::webhook::quiet_debug;

/// A message to one person or group.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Message {
    /// To whom.
    pub recipient: Recipient,
    /// What.
    pub content: Content,
    /// The id of the message it replies to.
    pub reply_to: Option<String>,
    /// Comes back in every status of the message; every app on the account can read it.
    pub callback_data: Option<String>,
}

impl Message {
    /// A message with nothing but a recipient and a content.
    pub fn new(recipient: Recipient, content: Content) -> Self {
        Self { recipient, content, reply_to: None, callback_data: None }
    }
}

/// To whom a message goes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// A phone number with country code; `+` and digits. Without `+` Meta may put the sender's own country
    /// before it.
    Phone(String),
    /// A business-scoped user id. Not for authentication templates (131062).
    User(String),
    /// A group.
    Group(String),
}

/// What a message says.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text(Text),
    /// A picture.
    Image(Captioned),
    /// A film.
    Video(Captioned),
    /// A sound or a voice note.
    Audio(Audio),
    /// A file.
    Document(Document),
    /// A sticker.
    Sticker(Source),
    /// A place.
    Location(Location),
    /// Address cards.
    Contacts(Vec<Contact>),
    /// A reaction to a message. Only a `sent` status follows.
    Reaction(Reaction),
    /// Something to tap.
    Interactive(Interactive),
    /// An approved template: the only content that needs no open window.
    Template(Template),
}

impl Content {
    /// Meta's name of the type.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Audio(_) => "audio",
            Self::Document(_) => "document",
            Self::Sticker(_) => "sticker",
            Self::Location(_) => "location",
            Self::Contacts(_) => "contacts",
            Self::Reaction(_) => "reaction",
            Self::Interactive(_) => "interactive",
            Self::Template(_) => "template",
        }
    }

    /// Plain text without a preview of its links.
    pub fn text(body: impl Into<String>) -> Self {
        Self::Text(Text { body: body.into(), preview_url: false })
    }
}

/// Plain text, with WhatsApp's marks for bold, italic and the like.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text.
    pub body: String,
    /// Show a preview of the first link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preview_url: bool,
}

/// Where the bytes of a file come from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A media id that was uploaded before; to be preferred.
    Id(String),
    /// A public address that Meta fetches and keeps for ten minutes.
    Link(String),
}

/// A picture or film.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captioned {
    /// The file.
    #[serde(flatten)]
    pub source: Source,
    /// The text below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// A sound. It has no caption.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audio {
    /// The file; for a voice note OGG with Opus, mono.
    #[serde(flatten)]
    pub source: Source,
    /// Show it as a voice note.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub voice: bool,
}

/// A file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The file.
    #[serde(flatten)]
    pub source: Source,
    /// The text below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The name the person sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

/// A place. Meta's pages write the degrees as strings.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: String,
    /// Degrees east.
    pub longitude: String,
    /// What is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A reaction; an empty emoji takes it back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The message reacted to, at most 30 days old.
    pub message_id: String,
    /// One emoji, or nothing.
    pub emoji: String,
}

/// An address card.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The name.
    pub name: ContactName,
    /// Phone numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<ContactPhone>,
    /// E-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<ContactEmail>,
    /// Web pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<ContactUrl>,
    /// Postal addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<ContactAddress>,
    /// Company and position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<ContactOrganisation>,
    /// Date of birth, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthday: Option<String>,
}

macro_rules! card_parts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident),+ })+) => {
        $($(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            $($(#[$of])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<String>,)+
        }
        quiet_debug!($name);)+
    };
}

/// The name on an address card: the whole, and at least one part.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactName {
    /// The whole name as shown.
    pub formatted_name: String,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Middle name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// What follows the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// What precedes the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

card_parts! {
    /// A phone number on a card.
    ContactPhone {
        /// The number as shown.
        phone,
        /// `MOBILE`, `WORK` and the like.
        r#type,
        /// The digits on WhatsApp: gives the person buttons to write or save.
        wa_id
    }
    /// An e-mail address on a card.
    ContactEmail {
        /// The address.
        email,
        /// `WORK`, `HOME` and the like.
        r#type
    }
    /// A web page on a card.
    ContactUrl {
        /// The address.
        url,
        /// `WORK`, `HOME` and the like.
        r#type
    }
    /// A postal address on a card.
    ContactAddress {
        /// Street and number.
        street,
        /// Town.
        city,
        /// State or province.
        state,
        /// Postal code.
        zip,
        /// Country in words.
        country,
        /// ISO 3166.
        country_code,
        /// `WORK`, `HOME` and the like.
        r#type
    }
    /// Company and position on a card.
    ContactOrganisation {
        /// The company.
        company,
        /// The department.
        department,
        /// The position.
        title
    }
}

/// Marks a message read, and all before it, and shows that an answer is being written if wanted.
#[derive(Clone, PartialEq, Eq)]
pub struct MarkRead {
    /// The message read.
    pub message_id: String,
    /// Show the typing indicator until an answer is sent, at most 25 seconds.
    pub typing: bool,
}

impl Serialize for MarkRead {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Typing {
            r#type: &'static str,
        }
        #[derive(Serialize)]
        struct Body<'a> {
            messaging_product: &'static str,
            status: &'static str,
            message_id: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            typing_indicator: Option<Typing>,
        }
        Body {
            messaging_product: PRODUCT,
            status: "read",
            message_id: &self.message_id,
            typing_indicator: self.typing.then_some(Typing { r#type: "text" }),
        }
        .serialize(serializer)
    }
}

const PRODUCT: &str = "whatsapp";

/// A message as it is sent.
#[derive(Serialize, Deserialize)]
struct Wire {
    messaging_product: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipient_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context: Option<ReplyTo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    biz_opaque_callback_data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r#type: Option<String>,
    #[serde(flatten)]
    content: Content,
}

#[derive(Serialize, Deserialize)]
struct ReplyTo {
    message_id: String,
}

impl From<Message> for Wire {
    fn from(message: Message) -> Self {
        let (recipient_type, to, recipient) = match message.recipient {
            Recipient::Phone(phone) => ("individual", Some(phone), None),
            Recipient::User(id) => ("individual", None, Some(id)),
            Recipient::Group(id) => ("group", Some(id), None),
        };
        Self {
            messaging_product: PRODUCT.to_owned(),
            recipient_type: Some(recipient_type.to_owned()),
            to,
            recipient,
            context: message.reply_to.map(|message_id| ReplyTo { message_id }),
            biz_opaque_callback_data: message.callback_data,
            r#type: Some(message.content.name().to_owned()),
            content: message.content,
        }
    }
}

impl TryFrom<Wire> for Message {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        if wire.r#type.is_some_and(|name| name != wire.content.name()) {
            return Err("\"type\" does not name the content of the message");
        }
        let group = wire.recipient_type.as_deref() == Some("group");
        // When both are given Meta takes "to".
        let recipient = match (wire.to, wire.recipient) {
            (Some(to), _) if group => Recipient::Group(to),
            (Some(to), _) => Recipient::Phone(to),
            (None, Some(id)) => Recipient::User(id),
            (None, None) => return Err("the message has neither \"to\" nor \"recipient\""),
        };
        Ok(Self {
            recipient,
            content: wire.content,
            reply_to: wire.context.map(|context| context.message_id),
            callback_data: wire.biz_opaque_callback_data,
        })
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.name())
    }
}

quiet_debug!(
    Message,
    Recipient,
    Text,
    Source,
    Captioned,
    Audio,
    Document,
    Location,
    Reaction,
    Contact,
    ContactName,
    MarkRead
);
