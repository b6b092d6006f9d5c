//! What every request passes: the router, who is asking, problems, validation, limits, live changes.
//!
//! Invariants:
//! - Every failure that leaves the API is a [`Problem`] with a stable code and a sentence that says how to mend it.
//! - Who is asking is settled in [`actor`] and nowhere else; another organisation's anything is "not found".
//! - Nothing that was sent in a body, a query or a header is logged.

pub mod actor;
mod admission;
mod body;
pub mod bounds;
pub mod client;
mod deeds;
mod docs;
mod edge;
pub mod form;
pub mod idempotency;
pub mod json;
mod known;
mod line;
mod live;
pub mod openapi;
pub mod page;
pub mod params;
pub mod problem;
pub mod router;
mod sentence;
mod serve;

pub use actor::{AnyActor, OperatorActor, OrgActor, PersonActor, audit};
pub use admission::Admission;
pub use bounds::Bounds;
pub use client::Client;
pub use json::Json;
pub use page::{List, PageQuery};
pub use params::{Path, Query};
pub use problem::Problem;
pub(crate) use router::ready;
pub use router::router;
pub use sentence::Sentence;
pub use serve::serve;
