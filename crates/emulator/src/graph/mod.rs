//! The Graph API: one file per group of edges, behind [`gate`].
//!
//! Invariant: checks come in the order version, token, object, permission, account state, registration,
//! parameters, funding, rate (meta-onboarding 8), so that a call with several faults always fails the same way.

mod accounts;
mod batch;
mod block;
pub mod caller;
mod coexistence;
mod credit;
pub mod error;
pub mod failures;
pub mod fields;
mod gate;
mod health;
pub mod links;
pub mod media;
pub mod messages;
mod node;
mod nodes;
mod numbers;
mod oauth;
pub mod paging;
pub mod params;
mod preverified;
mod refusals;
mod registration;
mod solutions;
mod subscriptions;
mod templates;
mod uploads;
mod usage;
pub mod usernames;

use axum::Router;

use crate::platform::Platform;

pub use caller::Caller;
pub use error::{Answer, GraphError};
pub use params::Params;

/// Every edge, without the version in front.
fn edges() -> Router<Platform> {
    Router::new()
        .merge(node::router())
        .merge(oauth::router())
        .merge(accounts::router())
        .merge(numbers::router())
        .merge(registration::router())
        .merge(subscriptions::router())
        .merge(credit::router())
        .merge(solutions::router())
        .merge(preverified::router())
        .merge(coexistence::router())
        .merge(batch::router())
        .merge(messages::router())
        .merge(media::router())
        .merge(uploads::router())
        .merge(templates::router())
        .merge(block::router())
        .merge(usernames::router())
        .merge(links::router())
}

/// The Graph API under `/vNN.0/…`; also answers, with Graph errors, every path that nothing else serves.
pub(crate) fn router(platform: &Platform) -> Router<Platform> {
    gate::guard(edges().fallback(gate::no_such_edge).with_state(platform.clone()))
}
