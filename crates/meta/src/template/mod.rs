//! Templates as they are written for Meta's review: their parts, and everything that the review checks without reading
//! them for sense. (Meta: templates/components, 2025-10, templates/template-management, 2026-09.)
//!
//! Invariant: pure. Whether a name is taken, or a text stands in another template already, its caller asks.

mod buttons;
mod check;
mod definition;
mod flaw;
mod languages;
mod special;
mod text;

pub use check::check;
pub use definition::{
    Action, App, Body, Button, Card, Category, Component, Definition, Example, Examples, Footer, Format,
    Header, NamedExample, Offer, Otp, OtpKind,
};
pub use flaw::{Flaw, Wrong};
pub use languages::LANGUAGES;
pub use text::gaps;
