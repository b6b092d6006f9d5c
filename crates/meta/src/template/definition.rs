//! What a template consists of, in Meta's own form. Drafts may lack anything: what is missing is empty, and told by the
//! check rather than by the reader.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::flaw::{Flaw, Wrong};

/// A template in one language, as it is submitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Its name, shared by its languages.
    pub name: String,
    /// `en_US`, `id` …
    pub language: String,
    /// What it is for.
    pub category: Category,
    /// Whether its gaps have names.
    pub named: bool,
    /// Its parts.
    pub components: Vec<Component>,
    /// How long Meta tries to deliver it, in seconds.
    pub ttl_seconds: Option<i64>,
}

/// What a template is for, and so what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    /// About something that the reader asked for or owns.
    Utility,
    /// Everything that sells, also in part.
    Marketing,
    /// One-time codes.
    Authentication,
}

/// A part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Component {
    /// What stands above the text.
    Header(Header),
    /// The text.
    Body(Body),
    /// The small line below.
    Footer(Footer),
    /// The buttons.
    Buttons {
        /// In their order.
        #[serde(default)]
        buttons: Vec<Button>,
    },
    /// What an offer is called, and whether it ends.
    LimitedTimeOffer {
        /// The offer.
        limited_time_offer: Offer,
    },
    /// Cards to leaf through.
    Carousel {
        /// In their order.
        #[serde(default)]
        cards: Vec<Card>,
    },
}

/// What stands above the text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Header {
    /// What it is.
    pub format: Option<Format>,
    /// The words of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A sample of what fills it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
}

/// What a header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Format {
    /// Words.
    Text,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A file.
    Document,
    /// A place.
    Location,
    /// A moving picture (Marketing Messages API).
    Gif,
    /// A product of the catalogue.
    Product,
}

impl Format {
    /// Whether the review wants to see a file.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Document | Self::Gif)
    }
}

/// The text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Body {
    /// Its words; those of authentication templates are Meta's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Samples of what fills its gaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
    /// Authentication: advise not to share the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_security_recommendation: Option<bool>,
}

/// The small line below.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Footer {
    /// Its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Authentication: after how many minutes the code ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_expiration_minutes: Option<u32>,
}

/// Samples of what fills gaps: the member that the part and the gaps ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Example {
    /// A file that was uploaded for this.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header_handle: Vec<String>,
    /// Of a header's gap that has no name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header_text: Vec<String>,
    /// Of a header's gap that has a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header_text_named_params: Vec<NamedExample>,
    /// Of a text's gaps in their order: one row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub body_text: Vec<Vec<String>>,
    /// Of a text's gaps that have names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub body_text_named_params: Vec<NamedExample>,
}

/// A sample for a gap that has a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedExample {
    /// The gap.
    pub param_name: String,
    /// The sample.
    pub example: String,
}

/// What an offer is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// In a few letters.
    pub text: String,
    /// Whether it ends, at a time that is given when it is sent.
    pub has_expiration: bool,
}

/// A card of a carousel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// Header, text and buttons.
    pub components: Vec<Component>,
}

/// One sample, alone or as a list of one: Meta takes and gives both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Examples {
    /// Alone.
    One(String),
    /// In a list.
    Many(Vec<String>),
}

impl Examples {
    /// The sample.
    pub fn first(&self) -> &str {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many.first().map_or("", String::as_str),
        }
    }
}

/// A button.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Button {
    /// Answers with its label.
    QuickReply {
        /// Label.
        #[serde(default)]
        text: String,
    },
    /// Opens a page.
    Url {
        /// Label.
        #[serde(default)]
        text: String,
        /// The address; a gap may stand at its end.
        #[serde(default)]
        url: String,
        /// A whole address, where there is a gap.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        example: Option<Examples>,
    },
    /// Calls a number.
    PhoneNumber {
        /// Label.
        #[serde(default)]
        text: String,
        /// The number.
        #[serde(default)]
        phone_number: String,
    },
    /// Copies a coupon code.
    CopyCode {
        /// A code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        example: Option<Examples>,
    },
    /// Copies or hands over a one-time code.
    Otp(Otp),
    /// Opens a flow.
    Flow(Action),
    /// Opens the catalogue.
    Catalog(Action),
    /// Opens some products.
    Mpm(Action),
    /// Opens one product.
    Spm(Action),
    /// Calls the business within WhatsApp.
    VoiceCall(Action),
    /// Asks for the phone number of somebody who has a username; it has Meta's label.
    RequestContactInfo {},
    /// Pays an order (India, Brazil).
    OrderDetails(Action),
}

/// What a button does that WhatsApp itself knows: a label, and members of its kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Action {
    /// Label.
    pub text: String,
    /// Flow: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<String>,
    /// Flow: which, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_name: Option<String>,
    /// Flow: `navigate` or `data_exchange`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_action: Option<String>,
    /// Flow: its first screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub navigate_screen: Option<String>,
    /// Call: how long the button works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_minutes: Option<u32>,
}

/// A one-time code's button.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Otp {
    /// How the code gets where it is needed.
    pub otp_type: Option<OtpKind>,
    /// Label; Meta's own where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// One tap: label of the button that hands over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autofill_text: Option<String>,
    /// Zero tap: that Meta's terms are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zero_tap_terms_accepted: Option<bool>,
    /// Apps that may take the code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supported_apps: Vec<App>,
}

/// How a code gets where it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OtpKind {
    /// The reader copies it.
    CopyCode,
    /// A tap hands it over.
    OneTap,
    /// It hands itself over.
    ZeroTap,
}

/// An Android app that may take codes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    /// Its name.
    pub package_name: String,
    /// Hash of its signature.
    pub signature_hash: String,
}

impl Definition {
    /// Reads parts as Meta writes them, or as a person does: the words that name kinds may have small letters. What is no
    /// part of a template is told by where it stands.
    pub fn read_components(components: &[Value]) -> Result<Vec<Component>, Vec<Flaw>> {
        let (mut read, mut flaws) = (Vec::with_capacity(components.len()), Vec::new());
        for (place, component) in components.iter().enumerate() {
            let mut component = component.clone();
            in_capitals(&mut component);
            match serde_json::from_value(component) {
                Ok(component) => read.push(component),
                Err(error) => flaws.push(Flaw {
                    field: format!("components[{place}]"),
                    wrong: Wrong::Unreadable { why: error.to_string() },
                }),
            }
        }
        if flaws.is_empty() { Ok(read) } else { Err(flaws) }
    }

    /// The text.
    pub fn body(&self) -> Option<&str> {
        self.components.iter().find_map(|component| match component {
            Component::Body(body) => body.text.as_deref(),
            _ => None,
        })
    }

    /// The small line below.
    pub fn footer(&self) -> Option<&str> {
        self.components.iter().find_map(|component| match component {
            Component::Footer(footer) => footer.text.as_deref(),
            _ => None,
        })
    }

    /// The places of the files that the review is shown, in their order.
    pub fn handles(&mut self) -> Vec<&mut String> {
        let mut handles = Vec::new();
        collect_handles(&mut self.components, &mut handles);
        handles
    }
}

fn collect_handles<'a>(components: &'a mut [Component], into: &mut Vec<&'a mut String>) {
    for component in components {
        match component {
            Component::Header(Header { example: Some(example), .. }) => {
                into.extend(&mut example.header_handle)
            }
            Component::Carousel { cards } => {
                for card in cards {
                    collect_handles(&mut card.components, into);
                }
            }
            _ => {}
        }
    }
}

/// Puts the words that name kinds into capitals, at every depth.
fn in_capitals(component: &mut Value) {
    for key in ["type", "format", "otp_type"] {
        if let Some(Value::String(word)) = component.get_mut(key) {
            word.make_ascii_uppercase();
        }
    }
    for key in ["buttons", "cards", "components"] {
        component.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().for_each(in_capitals);
    }
}
