//! Approved templates, filled in.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Document, Location, Source};
use crate::webhook::quiet_debug;

/// A template and what fills its gaps.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language. There is no falling back to another.
    pub language: Language,
    /// What fills its gaps; number and kinds must be as approved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
}

impl Template {
    /// Where the bytes of the header come from, where it is a file.
    pub fn header_file(&mut self) -> Option<&mut Source> {
        let parameters = self.components.iter_mut().find_map(|component| match component {
            Component::Header { parameters } => Some(parameters),
            _ => None,
        })?;
        parameters.iter_mut().find_map(|parameter| match parameter {
            Parameter::Image { image: source } | Parameter::Video { video: source } => Some(source),
            Parameter::Document { document } => Some(&mut document.source),
            _ => None,
        })
    }
}

/// A language as Meta writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// `en`, `en_US`, `id` …
    pub code: String,
}

/// Part of a template that has gaps.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Component {
    /// The header: one text, or a file, place or product.
    Header {
        /// What fills it.
        parameters: Vec<Parameter>,
    },
    /// The text.
    Body {
        /// In order, or each with a name.
        parameters: Vec<Parameter>,
    },
    /// One button.
    Button {
        /// Its kind.
        sub_type: ButtonKind,
        /// Its position, from 0.
        #[serde(with = "position")]
        index: u8,
        /// What fills it.
        parameters: Vec<Parameter>,
    },
    /// The end of an offer.
    LimitedTimeOffer {
        /// One [`Parameter::LimitedTimeOffer`].
        parameters: Vec<Parameter>,
    },
    /// Cards to leaf through; as many as approved.
    Carousel {
        /// Two to ten.
        cards: Vec<Card>,
    },
    /// Where a tap on the message leads; allow-listed by Meta.
    TapTargetConfiguration {
        /// Meta's own form.
        parameters: Vec<Value>,
    },
}

/// A card of a carousel.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Its position, from 0.
    pub card_index: u8,
    /// Header, body and buttons.
    pub components: Vec<Component>,
}

/// The kinds of button that take something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// Sends its payload back.
    QuickReply,
    /// Opens a page; also every button of an authentication template.
    Url,
    /// Copies a coupon code.
    CopyCode,
    /// Opens a flow.
    Flow,
    /// Opens the catalogue.
    #[serde(alias = "CATALOG")]
    Catalog,
    /// Opens some products.
    Mpm,
    /// Calls the business.
    VoiceCall,
    /// Pays (India, Brazil).
    OrderDetails,
}

/// What fills a gap.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Parameter {
    /// Text, without line breaks or tabs.
    Text {
        /// The text.
        text: String,
        /// The name of the gap, where gaps have names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parameter_name: Option<String>,
    },
    /// A sum; the fallback is what people see.
    Currency {
        /// The sum.
        currency: Currency,
    },
    /// A time; the fallback is what people see.
    DateTime {
        /// The time.
        date_time: DateTime,
    },
    /// A picture.
    Image {
        /// The file.
        image: Source,
    },
    /// A film.
    Video {
        /// The file.
        video: Source,
    },
    /// A file.
    Document {
        /// The file.
        document: Document,
    },
    /// A moving picture (Marketing Messages API).
    Gif {
        /// The file.
        gif: Source,
    },
    /// A place.
    Location {
        /// The place.
        location: Location,
    },
    /// A product.
    Product {
        /// The product.
        product: Product,
    },
    /// What a quick reply sends back.
    Payload {
        /// The payload.
        payload: String,
    },
    /// A coupon.
    CouponCode {
        /// The code.
        coupon_code: String,
    },
    /// What a flow, catalogue or payment button does.
    Action {
        /// The action.
        action: Box<Action>,
    },
    /// The end of an offer.
    LimitedTimeOffer {
        /// When.
        limited_time_offer: Offer,
    },
    /// How long a call button works.
    TtlMinutes {
        /// Minutes.
        ttl_minutes: u32,
    },
}

/// A sum of money.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    /// As people see it.
    pub fallback_value: String,
    /// ISO 4217.
    pub code: String,
    /// Thousandths.
    pub amount_1000: i64,
}

/// A point in time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateTime {
    /// As people see it.
    pub fallback_value: String,
}

/// The end of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Unix milliseconds.
    pub expiration_time_ms: i64,
}

/// A product of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The business's own id of it.
    pub product_retailer_id: String,
    /// The catalogue.
    pub catalog_id: String,
}

/// What a button does; the members its kind needs.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Flow: comes back with the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_token: Option<String>,
    /// Flow: what its first screen knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_action_data: Option<Value>,
    /// Catalogue and products: whose picture is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail_product_retailer_id: Option<String>,
    /// Products: what is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<ProductSection>,
    /// Payment: Meta's own form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_details: Option<Value>,
}

/// A section of products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSection {
    /// Its title.
    pub title: String,
    /// Its products.
    pub product_items: Vec<ProductItem>,
}

/// A product in a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductItem {
    /// The business's own id of it.
    pub product_retailer_id: String,
}

/// A button's position: a string in what Meta shows most, a number elsewhere.
mod position {
    use super::*;

    pub fn serialize<S: Serializer>(index: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(index)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u8),
            Text(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Number(index) => Ok(index),
            Either::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

quiet_debug!(Template, Component, Card, Parameter, Currency, DateTime, Action);
