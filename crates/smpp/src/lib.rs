//! SMPP 3.4 as a client of a message centre: bind, hand over texts, hear what became of them and what people reply.
//!
//! Invariants:
//! - It opens no connection of its own and knows no organisation: whoever calls brings the stream.
//! - A part of a text is submitted again only after the centre has said that it did not take it. What may have been taken
//!   is [`Handed::Unknown`].
//! - A receipt or a reply is acknowledged only once whoever listens has kept it; the centre sends it again otherwise.

mod heard;
mod parts;
mod session;
mod status;

pub use heard::{Heard, ReceiptState};
pub use session::{Account, Ear, Error, Handed, Session, Text};
