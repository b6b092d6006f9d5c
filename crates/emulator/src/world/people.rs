//! People: the customers and their phones.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person with a WhatsApp account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Person {
    /// The emulator's own id of the person; never seen through the Graph API.
    pub id: String,
    /// Phone number, digits only with the country calling code.
    pub phone: String,
    /// Profile name.
    pub name: String,
    /// Country of the BSUID prefix, ISO 3166 alpha-2.
    pub country: String,
    /// Business-scoped user id by portfolio id.
    pub bsuids: BTreeMap<String, String>,
    /// Username, once adopted, without `@`.
    pub username: Option<String>,
    /// Whether businesses may see the phone number; without a username they always do.
    pub shares_phone: bool,
    /// Whether the phone is connected; offline people receive nothing until they come back.
    pub online: bool,
    /// Whether the number is on WhatsApp at all; if not, messages fail with 131026.
    pub on_whatsapp: bool,
    /// How the phone answers with receipts.
    pub receipts: Receipts,
    /// Numbers (phone number ids) this person has blocked.
    pub blocked: BTreeSet<String>,
    /// Portfolios whose marketing messages the person has stopped.
    pub stopped_marketing: BTreeSet<String>,
}

/// How a phone answers with receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Receipts {
    /// Delivered, then read, by themselves.
    Automatic,
    /// Delivered by itself; read when a control says so.
    Delivered,
    /// Delivered by itself; never read, because read receipts are off.
    NoRead,
    /// Nothing by itself: the controls mark delivered and read.
    Manual,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            id: String::new(),
            phone: String::new(),
            name: String::new(),
            country: String::new(),
            bsuids: BTreeMap::new(),
            username: None,
            shares_phone: true,
            online: true,
            on_whatsapp: true,
            receipts: Receipts::Automatic,
            blocked: BTreeSet::new(),
            stopped_marketing: BTreeSet::new(),
        }
    }
}

impl Person {
    /// Whether businesses see the phone number: always, unless a username hides it.
    pub fn phone_visible(&self) -> bool {
        self.username.is_none() || self.shares_phone
    }
}
