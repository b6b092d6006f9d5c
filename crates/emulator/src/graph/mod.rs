//! The Graph API: one file per group of edges, behind [`gate`].
//!
//! Invariant: checks come in the order version, token, object, permission, account state, registration,
//! parameters, funding, rate (meta-onboarding 8), so that a call with several faults always fails the same way.

pub mod caller;
pub mod error;
pub mod failures;
pub mod fields;
mod gate;
pub mod limits;
mod node;
pub mod paging;
pub mod params;

use axum::Router;

use crate::platform::Platform;

pub use caller::Caller;
pub use error::{Answer, GraphError};
pub use params::Params;

/// Every edge, without the version in front.
fn edges() -> Router<Platform> {
    Router::new().merge(node::router())
}

/// The Graph API under `/vNN.0/…`; also answers, with Graph errors, every path that nothing else serves.
pub(crate) fn router(platform: &Platform) -> Router<Platform> {
    gate::guard(edges().fallback(gate::no_such_edge).with_state(platform.clone()))
}
