//! What the operator sees of how this installation is doing.
//!
//! Invariant: no organisation, number or person stands in a metric, and looking costs little, whoever looks how often.

pub mod api;
mod meters;

pub use meters::Meters;

use crate::ctx::Ctx;

/// Everything that is counted and read, in the text of OpenMetrics.
pub async fn metrics(ctx: &Ctx) -> Result<String, std::fmt::Error> {
    ctx.meters.text()
}
