//! What messages say: every type of content that WhatsApp hands on.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::person::{Person, SUBJECT, phone};
use super::{open_enum, quiet_debug};
use crate::json::Members;

/// What a message says.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text {
        /// The text.
        body: String,
    },
    /// A file of some kind.
    Media(Media),
    /// A place.
    Location(Location),
    /// Address cards.
    Contacts {
        /// The cards.
        cards: Vec<Card>,
        /// Whether we had asked for it (`contact_request`).
        #[serde(skip_serializing_if = "Option::is_none")]
        origin: Option<String>,
    },
    /// A tap on a quick reply of a template.
    Button {
        /// What we had attached to the button, else its label.
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
        /// The label.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// A tap on a reply button.
    ButtonReply(Choice),
    /// A choice from a list.
    ListReply(Choice),
    /// A flow or an address form that was filled in.
    FlowReply {
        /// `flow` or `address_message`.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// What was filled in: JSON as text.
        #[serde(skip_serializing_if = "Option::is_none")]
        response_json: Option<String>,
    },
    /// The answer to a request to call.
    CallPermissionReply {
        /// Whether calling was allowed.
        accepted: bool,
        /// Allowed until revoked.
        is_permanent: bool,
        /// Allowed until, unix seconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires: Option<i64>,
    },
    /// A shopping basket.
    Order(Order),
    /// A reaction to a message.
    Reaction {
        /// The message reacted to.
        #[serde(skip_serializing_if = "Option::is_none")]
        message_id: Option<String>,
        /// The emoji; absent when the reaction was taken back.
        #[serde(skip_serializing_if = "Option::is_none")]
        emoji: Option<String>,
    },
    /// Something about the person, not from them: their number or id changed.
    System(System),
    /// Something Meta does not hand on.
    Unsupported {
        /// What it was, where Meta says.
        #[serde(skip_serializing_if = "Option::is_none")]
        what: Option<String>,
    },
    /// The person corrected an earlier message (coexistence).
    Edit {
        /// The message corrected.
        #[serde(skip_serializing_if = "Option::is_none")]
        original_id: Option<String>,
        /// What it says now.
        content: Box<Content>,
    },
    /// The person deleted an earlier message (coexistence).
    Revoke {
        /// The message deleted.
        #[serde(skip_serializing_if = "Option::is_none")]
        original_id: Option<String>,
    },
    /// The person opened the chat for the first time. Withdrawn by Meta in 2026.
    RequestWelcome,
    /// An old message whose media follows separately or not at all.
    MediaPlaceholder,
    /// A type we do not know, or one without the object that belongs to it.
    Unknown {
        /// The type Meta names, or nothing.
        what: String,
    },
}

impl Content {
    pub(super) fn read(item: &Members<'_>) -> Self {
        let what = item.string("type").unwrap_or_default();
        Self::of_type(&what, item).unwrap_or(Self::Unknown { what })
    }

    fn of_type(what: &str, item: &Members<'_>) -> Option<Self> {
        if let Some(kind) = MediaKind::of_type(what) {
            return Some(Self::Media(Media::read(kind, &item.object(what)?)));
        }
        match what {
            "text" => Some(Self::Text { body: item.object("text")?.string("body").unwrap_or_default() }),
            "location" => Some(Self::Location(Location::read(&item.object("location")?))),
            "contacts" => {
                let cards = item.objects("contacts");
                // On each card in the pages of September 2026, on the message in those of February.
                let origin = cards.iter().find_map(|card| card.string("origin"));
                Some(Self::Contacts {
                    origin: origin.or_else(|| item.string("origin")),
                    cards: cards.iter().map(Card::read).collect(),
                })
            }
            "button" => {
                let button = item.object("button")?;
                Some(Self::Button { payload: button.string("payload"), text: button.string("text") })
            }
            "interactive" => Self::interactive(&item.object("interactive")?),
            "order" => Some(Self::Order(Order::read(&item.object("order")?))),
            "reaction" => {
                let reaction = item.object("reaction")?;
                Some(Self::Reaction {
                    message_id: reaction.string("message_id"),
                    emoji: reaction.string("emoji"),
                })
            }
            "system" => Some(Self::System(System::read(item))),
            "unsupported" | "unknown" => Some(Self::Unsupported {
                what: item.object("unsupported").and_then(|unsupported| unsupported.string("type")),
            }),
            "edit" => {
                let edit = item.object("edit")?;
                let content = edit.object("message").map(|message| Self::read_once(&message))?;
                Some(Self::Edit {
                    original_id: edit.string("original_message_id"),
                    content: Box::new(content),
                })
            }
            "revoke" => {
                Some(Self::Revoke { original_id: item.object("revoke")?.string("original_message_id") })
            }
            "request_welcome" => Some(Self::RequestWelcome),
            "media_placeholder" => Some(Self::MediaPlaceholder),
            _ => None,
        }
    }

    /// The content of an edit, which cannot itself be an edit: nesting is bounded.
    fn read_once(message: &Members<'_>) -> Self {
        match message.string("type").as_deref() {
            Some("edit") => Self::Unknown { what: "edit".to_owned() },
            _ => Self::read(message),
        }
    }

    fn interactive(interactive: &Members<'_>) -> Option<Self> {
        let what = interactive.text("type")?;
        let reply = interactive.object(&what)?;
        match what.as_ref() {
            "button_reply" => Some(Self::ButtonReply(Choice::read(&reply))),
            "list_reply" => Some(Self::ListReply(Choice::read(&reply))),
            "nfm_reply" => Some(Self::FlowReply {
                name: reply.string("name"),
                response_json: reply.string("response_json"),
            }),
            "call_permission_reply" => Some(Self::CallPermissionReply {
                accepted: reply.text("response").as_deref() == Some("accept"),
                is_permanent: reply.flag("is_permanent").unwrap_or(false),
                expires: reply.integer("expiration_timestamp"),
            }),
            _ => None,
        }
    }

    /// The stable name of the kind of content.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Media(media) => media.kind.name(),
            Self::Location(_) => "location",
            Self::Contacts { .. } => "contacts",
            Self::Button { .. } => "button",
            Self::ButtonReply(_) => "button_reply",
            Self::ListReply(_) => "list_reply",
            Self::FlowReply { .. } => "flow_reply",
            Self::CallPermissionReply { .. } => "call_permission_reply",
            Self::Order(_) => "order",
            Self::Reaction { .. } => "reaction",
            Self::System(_) => "system",
            Self::Unsupported { .. } => "unsupported",
            Self::Edit { .. } => "edit",
            Self::Revoke { .. } => "revoke",
            Self::RequestWelcome => "request_welcome",
            Self::MediaPlaceholder => "media_placeholder",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The human text: body, caption, label, choice, note, place or names.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        let text = match self {
            Self::Text { body } => Some(Cow::Borrowed(body.as_str())),
            Self::Media(media) => media.caption.as_deref().map(Cow::Borrowed),
            Self::Location(location) => Some(Cow::Owned(location.text())),
            Self::Contacts { cards, .. } => {
                let names: Vec<_> = cards.iter().filter_map(Card::text).collect();
                Some(Cow::Owned(names.join(", ")))
            }
            Self::Button { text, payload } => text.as_deref().or(payload.as_deref()).map(Cow::Borrowed),
            Self::ButtonReply(choice) | Self::ListReply(choice) => {
                choice.title.as_deref().or(choice.id.as_deref()).map(Cow::Borrowed)
            }
            Self::Order(order) => order.text.as_deref().map(Cow::Borrowed),
            Self::Reaction { emoji, .. } => emoji.as_deref().map(Cow::Borrowed),
            Self::System(system) => system.body.as_deref().map(Cow::Borrowed),
            Self::Edit { content, .. } => content.text(),
            Self::FlowReply { .. }
            | Self::CallPermissionReply { .. }
            | Self::Unsupported { .. }
            | Self::Revoke { .. }
            | Self::RequestWelcome
            | Self::MediaPlaceholder
            | Self::Unknown { .. } => None,
        };
        text.filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.name())
    }
}

/// The kinds of file WhatsApp carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// JPEG or PNG.
    Image,
    /// MP4 or 3GPP.
    Video,
    /// A voice note or another sound.
    Audio,
    /// Any file.
    Document,
    /// WebP, still or moving.
    Sticker,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Image, Self::Video, Self::Audio, Self::Document, Self::Sticker];

    /// Meta's name of the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    fn of_type(what: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == what)
    }
}

/// A file sent by a person. Its id dies after 7 days, its address after 5 minutes.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Media {
    /// What sort of file.
    pub kind: MediaKind,
    /// Meta's id, to download it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its type, possibly with parameters: `audio/ogg; codecs=opus`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// SHA-256 of the bytes as Meta writes it: base64 here, hexadecimal when looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The text below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The name of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Recorded in the chat, not shared as a file.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub voice: bool,
    /// A moving sticker.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub animated: bool,
    /// Direct address, valid 5 minutes and only with the token; optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Media {
    fn read(kind: MediaKind, media: &Members<'_>) -> Self {
        Self {
            kind,
            id: media.string("id"),
            mime: media.string("mime_type"),
            sha256: media.string("sha256"),
            caption: media.string("caption"),
            filename: media.string("filename"),
            voice: media.flag("voice").unwrap_or(false),
            animated: media.flag("animated").unwrap_or(false),
            url: media.string("url"),
        }
    }
}

/// A place on the map.
#[derive(Clone, PartialEq, Serialize)]
pub struct Location {
    /// Degrees north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Its web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Location {
    fn read(location: &Members<'_>) -> Self {
        Self {
            latitude: location.float("latitude"),
            longitude: location.float("longitude"),
            name: location.string("name"),
            address: location.string("address"),
            url: location.string("url"),
        }
    }

    fn text(&self) -> String {
        match (&self.name, &self.address, self.latitude, self.longitude) {
            (Some(name), Some(address), ..) => format!("{name}, {address}"),
            (Some(text), None, ..) | (None, Some(text), ..) => text.clone(),
            (None, None, Some(latitude), Some(longitude)) => format!("{latitude}, {longitude}"),
            _ => String::new(),
        }
    }
}

/// An address card. May hold no name at all when it answers our request for a number.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// The name as shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Phone numbers.
    pub phones: Vec<CardPhone>,
    /// E-mail addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// The card in its original form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcard: Option<String>,
}

/// A phone number on an address card.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct CardPhone {
    /// The number as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Its digits, when it is on WhatsApp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
}

impl Card {
    fn read(card: &Members<'_>) -> Self {
        Self {
            name: card
                .object("name")
                .and_then(|name| name.string("formatted_name").or_else(|| name.string("first_name"))),
            organisation: card.object("org").and_then(|org| org.string("company")),
            phones: card
                .objects("phones")
                .iter()
                .map(|entry| CardPhone { phone: entry.string("phone"), wa_id: entry.string("wa_id") })
                .collect(),
            emails: card.objects("emails").iter().filter_map(|entry| entry.string("email")).collect(),
            vcard: card.string("vcard"),
        }
    }

    fn text(&self) -> Option<String> {
        let phone = self.phones.iter().find_map(|entry| entry.phone.clone());
        self.name.clone().or_else(|| self.organisation.clone()).or(phone)
    }
}

/// What a person chose.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The id we gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the person saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The second line of a list row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Choice {
    fn read(reply: &Members<'_>) -> Self {
        Self {
            id: reply.string("id"),
            title: reply.string("title"),
            description: reply.string("description"),
        }
    }
}

/// A basket from a catalogue.
#[derive(Clone, PartialEq, Serialize)]
pub struct Order {
    /// The catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog_id: Option<String>,
    /// A note by the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What is in it.
    pub items: Vec<OrderItem>,
}

/// One position of a basket.
#[derive(Clone, PartialEq, Serialize)]
pub struct OrderItem {
    /// The business's own id of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retailer_id: Option<String>,
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// Price of one, in whole units of the currency with a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl Order {
    fn read(order: &Members<'_>) -> Self {
        Self {
            catalog_id: order.string("catalog_id"),
            text: order.string("text"),
            items: order
                .objects("product_items")
                .iter()
                .map(|item| OrderItem {
                    retailer_id: item.string("product_retailer_id"),
                    quantity: item.integer("quantity"),
                    price: item.float("item_price"),
                    currency: item.string("currency"),
                })
                .collect(),
        }
    }
}

open_enum! {
    /// What changed about a person.
    pub enum SystemKind {
        /// Another phone number, and with it another business-scoped id.
        ChangedNumber = "user_changed_number",
        /// Another business-scoped id, without a number that may be shared.
        ChangedUserId = "user_changed_user_id",
        /// Legacy name of a changed number.
        CustomerChangedNumber = "customer_changed_number",
        /// Legacy: the person's identity key changed.
        CustomerIdentityChanged = "customer_identity_changed",
    }
}

/// News about a person. The sender of the message is the old identity, [`System::now`] the new one.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct System {
    /// What changed.
    pub kind: SystemKind,
    /// Meta's sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Who the person is now.
    pub now: Person,
    /// The business-scoped id until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_bsuid: Option<String>,
    /// The parent id until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_parent_bsuid: Option<String>,
}

impl System {
    fn read(item: &Members<'_>) -> Self {
        let system = item.object("system").unwrap_or_default();
        let mut now = Person::read(&system, &SUBJECT, None);
        now.phone = now.phone.or_else(|| phone(&system.text("new_wa_id")?));
        now.identity_key_hash =
            item.object("identity").or_else(|| system.object("identity")).and_then(|id| id.string("hash"));
        Self {
            kind: system.string("type").unwrap_or_default().into(),
            body: system.string("body"),
            now,
            previous_bsuid: system.string("previous_user_id"),
            previous_parent_bsuid: system.string("previous_parent_user_id"),
        }
    }
}

quiet_debug!(Media, Location, Card, CardPhone, Choice, Order, OrderItem, System);
