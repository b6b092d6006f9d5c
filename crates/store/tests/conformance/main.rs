//! Every public call of the store, on SQLite and on PostgreSQL alike.

mod accounts;
mod across;
mod apps;
mod batch;
#[cfg(feature = "bulk")]
mod bulk;
mod cancelled;
mod connections;
mod consent;
mod contacts;
mod conversations;
mod copy;
mod events;
mod hands;
mod inbox;
mod ingest;
mod knowledge;
mod load;
mod media;
mod messages;
mod nodes;
mod openid;
mod opening;
mod organisations;
mod outreach;
mod passkeys;
mod people;
mod push;
mod queue;
mod rates;
mod routing;
mod schema;
mod sealed;
mod search;
mod servers;
