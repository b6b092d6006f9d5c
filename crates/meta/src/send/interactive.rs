//! Messages with something to tap.

use serde::{Deserialize, Serialize};

use super::{Document, Source};
use crate::webhook::quiet_debug;

/// The interactive messages we send.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Interactive {
    /// Up to three reply buttons.
    Button(Framed<Buttons>),
    /// A list to choose from.
    List(Framed<List>),
    /// A button that opens a web page.
    CtaUrl(Framed<OpenUrl>),
    /// A button with which the person shares their place.
    LocationRequestMessage(Framed<AskLocation>),
    /// A button with which the person shares their phone number.
    RequestContactInfo(Framed<AskContact>),
}

/// What stands around an action.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Framed<A> {
    /// Above: text or a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The text.
    pub body: Label,
    /// A small line below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<Label>,
    /// What can be tapped.
    pub action: A,
}

impl<A> Framed<A> {
    /// A text and an action, nothing else.
    pub fn new(body: impl Into<String>, action: A) -> Self {
        Self { header: None, body: Label { text: body.into() }, footer: None, action }
    }
}

/// A piece of text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The text.
    pub text: String,
}

/// What stands above the text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Header {
    /// A line.
    Text {
        /// The line, without marks.
        text: String,
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
        /// The file; it has no caption here.
        document: Document,
    },
}

/// Reply buttons.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buttons {
    /// One to three.
    pub buttons: Vec<Button>,
}

/// One reply button.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "reply", rename_all = "snake_case")]
pub enum Button {
    /// The only kind.
    Reply(Reply),
}

/// What a reply button says and sends back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Comes back when tapped.
    pub id: String,
    /// The label.
    pub title: String,
}

/// A list to choose from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// The label of the button that opens it.
    pub button: String,
    /// Its sections, with ten rows in all.
    pub sections: Vec<Section>,
}

/// A section of a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its title; needed when there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Comes back when chosen.
    pub id: String,
    /// The first line.
    pub title: String,
    /// The second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Opens a web page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "parameters", rename_all = "snake_case")]
pub enum OpenUrl {
    /// The only kind.
    CtaUrl {
        /// The label.
        display_text: String,
        /// The page.
        url: String,
    },
}

/// Asks for a place. The answer is a location message.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "parameters", rename_all = "snake_case")]
pub enum AskLocation {
    /// The only kind.
    SendLocation,
}

/// Asks for the phone number of a person known by a username. The answer is a contacts message.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "parameters", rename_all = "snake_case")]
pub enum AskContact {
    /// The only kind.
    RequestContactInfo,
}

impl<A> std::fmt::Debug for Framed<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Framed(..)")
    }
}

quiet_debug!(
    Interactive,
    Label,
    Header,
    Buttons,
    Button,
    Reply,
    List,
    Section,
    Row,
    OpenUrl,
    AskLocation,
    AskContact
);
