//! All SQL of the product, on SQLite and PostgreSQL alike.
//!
//! Invariants:
//! - No business decision is made here, and no database row type leaves this crate but as a plain struct.
//! - Rows of an organisation are reached only through [`OrgScope`], which [`Tx::org`] hands out, or through [`Batch`] for
//!   several of them: a query without an organisation cannot be written by forgetting one. On PostgreSQL row-level
//!   security stands behind that.
//! - A write transaction is opened in one way, [`Store::begin`], and awaits nothing but the database.
//! - The two dialects differ only in `dialect.rs`, `load.rs`, `queue.rs`, `schema.rs`, `search.rs` and `copy`, each time with the reason.

#[macro_use]
mod seam;
#[macro_use]
mod dialect;
mod aged;
mod error;
mod json;
mod pace;
mod page;
mod rows;

pub mod accounts;
pub mod apps;
pub mod audit;
pub mod batch;
pub mod begun;
#[cfg(feature = "bulk")]
pub mod bulk;
pub mod canned;
pub mod ceremonies;
pub mod channels;
pub mod connections;
pub mod connectors;
pub mod consent;
pub mod contact_exports;
pub mod contacts;
pub mod conversations;
pub mod copy;
pub mod erasures;
pub mod events;
pub mod forget;
pub mod forms;
pub mod hands;
pub mod held;
pub mod idempotency;
pub mod imports;
pub mod ingest;
pub mod keys;
pub mod knowledge;
mod later;
pub mod links;
pub mod load;
pub mod media;
pub mod members;
pub mod messages;
pub mod nodes;
pub mod notes;
pub mod notifications;
pub mod numbers;
pub mod openid;
pub mod orgs;
pub mod outreach;
pub mod passkeys;
pub mod people;
pub mod push;
pub mod queue;
pub mod rates;
pub mod reaches;
pub mod records;
pub mod removal;
pub mod retention;
pub mod routing;
pub mod schema;
pub mod sealed;
pub mod search;
mod servers;
pub mod sessions;
pub mod signals;
pub mod signup;
mod spool;
mod statistics;
pub mod suppression;
pub mod templates;
pub mod throttles;
pub mod timing;
pub mod views;

pub use batch::Batch;
pub use error::{Result, StoreError};
pub use json::Json;
pub use pace::{Access, Pace, Pass, Passing};
pub use page::{Cursor, Page};
pub use schema::{Migrations, Schema, schema_fingerprint};
pub use seam::{Connections, OrgScope, Store, StoreOptions, Tx};
