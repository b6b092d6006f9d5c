//! Message links: short addresses with a QR code that open a chat with a text filled in. Meta calls them `message_qrdls`.

use serde::Serialize;
use serde_json::json;

use super::{Access, Graph, GraphError};
use crate::json::Members;

/// A link with its QR code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageLink {
    /// Fourteen characters; the last part of the address.
    pub code: String,
    /// What stands in the chat before the person writes.
    pub text: String,
    /// `https://wa.me/message/…`
    pub url: String,
    /// Meta's picture of the code, where it was asked for.
    pub image_url: Option<String>,
}

impl MessageLink {
    fn read(node: &Members<'_>) -> Option<Self> {
        Some(Self {
            code: node.string("code")?,
            text: node.text("prefilled_message").unwrap_or_default().into_owned(),
            url: node.string("deep_link_url")?,
            image_url: node.string("qr_image_url"),
        })
    }
}

/// The form of Meta's picture of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkImage {
    /// Lines, for print.
    Svg,
    /// Dots.
    Png,
}

impl LinkImage {
    const fn word(self) -> &'static str {
        match self {
            Self::Svg => "SVG",
            Self::Png => "PNG",
        }
    }
}

const FIELDS: &str = "code,prefilled_message,deep_link_url";

impl Graph {
    /// A number's links, newest first.
    pub async fn message_links(
        &self,
        access: &Access<'_>,
        number_id: &str,
        image: LinkImage,
    ) -> Result<Vec<MessageLink>, GraphError> {
        let fields = format!("{FIELDS},qr_image_url.format({})", image.word());
        self.pages(&[number_id, "message_qrdls"], access, &[("fields", &fields)], MessageLink::read).await
    }

    /// Makes a link.
    pub async fn create_message_link(
        &self,
        access: &Access<'_>,
        number_id: &str,
        text: &str,
        image: LinkImage,
    ) -> Result<MessageLink, GraphError> {
        self.post(&[number_id, "message_qrdls"], access)?
            .json(&json!({"prefilled_message": text, "generate_qr_image": image.word()}))
            .node(MessageLink::read)
            .await
    }

    /// Changes the text of a link; its address and code stay, also where they are printed.
    pub async fn change_message_link(
        &self,
        access: &Access<'_>,
        number_id: &str,
        code: &str,
        text: &str,
    ) -> Result<MessageLink, GraphError> {
        self.post(&[number_id, "message_qrdls"], access)?
            .json(&json!({"code": code, "prefilled_message": text}))
            .node(MessageLink::read)
            .await
    }

    /// Removes a link: what is printed leads nowhere from then on.
    pub async fn delete_message_link(
        &self,
        access: &Access<'_>,
        number_id: &str,
        code: &str,
    ) -> Result<(), GraphError> {
        self.delete(&[number_id, "message_qrdls", code], access)?.succeed().await
    }
}
