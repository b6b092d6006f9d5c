//! What Meta posts to our webhook: one body into updates ([`split`]), one update into types
//! ([`Update::event`]).
//!
//! Invariants: a body is read after its signature was verified; unknown fields, types and values never fail
//! anything; one malformed entry, change or message spoils only itself and is kept with the reason; ids and
//! times may be strings or numbers, empty means absent. (Meta: webhooks/reference, 2025-10 to 2026-09.)
//!
//! ```
//! let body = br#"{"object":"whatsapp_business_account","entry":[{"id":"7","changes":[{"field":"messages",
//!     "value":{"metadata":{"phone_number_id":"6"},"messages":[
//!         {"from":"491700000001","id":"wamid.1","type":"text","text":{"body":"Hello"}}]}}]}]}"#;
//! let updates = meta::webhook::split(body).unwrap();
//! let meta::webhook::Event::Message(message) = updates[0].event() else { panic!() };
//! assert_eq!(message.text().as_deref(), Some("Hello"));
//! // The form to store: a webhook body of its own.
//! assert_eq!(meta::webhook::one(&updates[0].alone()).unwrap().event(), updates[0].event());
//! ```

mod account;
mod coexistence;
mod content;
mod error;
mod event;
mod kind;
mod message;
mod person;
mod split;
mod status;
mod template;

pub use account::{
    AccountAlert, AccountEvent, AccountUpdate, BusinessUsername, Call, Capability, Certification, NumberName,
    NumberQuality, PartnerSolution, Preference, PreferenceValue, Restriction, Security, SecurityEvent,
    VolumeTier,
};
pub use coexistence::{ContactSync, HistoryChunk, Thread};
pub use content::{
    Card, CardPhone, Choice, Content, Location, Media, MediaKind, Order, OrderItem, System, SystemKind,
};
pub use error::MetaError;
pub use event::Event;
pub use kind::Kind;
pub use message::{Context, Echo, InboundMessage, Product, Referral};
pub use person::Person;
pub use split::{NotUnderstood, Update, split};
pub use status::{Conversation, Pricing, State, StatusUpdate};
pub use template::{
    TemplateCategory, TemplateComponents, TemplateEvent, TemplateQuality, TemplateRef, TemplateStatus,
};

impl Update<'_> {
    /// The update in types. Never fails: what cannot be read is [`Event::Malformed`] or [`Event::Unknown`].
    pub fn event(&self) -> Event {
        Event::read(self)
    }
}

/// The update in types; the same as [`Update::event`].
pub fn parse_update(update: &Update<'_>) -> Event {
    update.event()
}

/// Reads back what [`Update::alone`] wrote. `None` when it is not exactly one update.
pub fn one(stored: &str) -> Option<Update<'_>> {
    let mut updates = split(stored.as_bytes()).ok()?;
    let update = updates.pop()?;
    updates.is_empty().then_some(update)
}

/// Defines an enumeration that keeps values it does not know: Meta adds some at any time.
macro_rules! open_enum {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$of])* $variant,)+
            /// Anything else, as received.
            Other(String),
        }

        impl $name {
            /// Meta's own word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

/// Gives types a `Debug` that names them and nothing more: they hold what people wrote and their numbers.
macro_rules! quiet_debug {
    ($($type:ty),+ $(,)?) => {
        $(impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(..)"))
            }
        })+
    };
}

pub(crate) use {open_enum, quiet_debug};
