//! Every public call of the store, on SQLite and on PostgreSQL alike.

mod apps;
mod ingest;
mod knowledge;
mod queue;
mod sealed;
