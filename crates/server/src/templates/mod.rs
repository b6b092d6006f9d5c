//! Templates: written and checked here, reviewed by Meta, followed for as long as they live.
//!
//! Invariants:
//! - What Meta's review would refuse by its rules is told before it is submitted, by the same check in the page and here.
//! - A template is submitted by a job. Where its answer was lost it is looked for before it is submitted again, so that
//!   nothing is made twice and nothing is left unknown.
//! - Whatever changes about a template stands in its history, with who did it; who may change templates is told of what
//!   stops or costs.
//! - No transaction is open while Meta is asked.

pub mod api;
mod check;
mod content;
mod history;
mod jobs;
mod meta_says;
mod news;
mod service;
mod submit;
mod sync;
mod words;

pub use jobs::queues;
pub use news::{heard_category, heard_components, heard_quality, heard_status};
pub use sync::store;
