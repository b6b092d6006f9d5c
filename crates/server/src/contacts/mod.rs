//! Contacts: who an organisation talks to, what they are called, and what they allow.
//!
//! Invariants:
//! - A contact made here is the one that is recognised when the person writes: both go through the same names.
//! - Merging loses nothing; a refusal of either stays a refusal.

pub mod api;
mod export;
mod labels;
mod said;
mod service;

pub(crate) use labels::{LabelChange, are_labels};
pub(crate) use said::{is_email, is_language_tag, is_timezone};
