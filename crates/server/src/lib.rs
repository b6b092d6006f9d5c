//! The running system: one room (folder) per capability behind one HTTP router.
//!
//! Invariant: no SQL, no database rows, no Meta JSON outside the types of `meta`. A room is reached by another only
//! through its `mod.rs`; `axum` and `utoipa` stand only in a room's `api.rs`, in `http` and in `pages`.

pub mod alerts;
pub mod bot;
pub mod consent;
pub mod contacts;
pub mod ctx;
pub mod dispatch;
pub mod fallback;
pub mod forms;
pub mod health;
pub mod http;
pub mod identity;
pub mod imports;
pub mod inbox;
pub mod ingest;
pub mod knowledge;
pub mod mail;
pub mod maintenance;
pub mod media;
pub mod notifications;
pub mod numbers;
pub mod onboarding;
pub mod outbound;
pub mod outreach;
pub mod pages;
pub mod queues;
pub mod rates;
pub mod records;
pub mod rights;
mod run;
pub mod templates;
pub mod trace;

pub use ctx::{Ctx, Parts, Settings};
pub use run::{runner, serve};
