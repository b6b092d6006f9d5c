//! Business records over HTTP.

mod connectors;
mod kinds;
mod records;

use utoipa_axum::router::OpenApiRouter;

use crate::ctx::Ctx;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().merge(kinds::routes()).merge(records::routes()).merge(connectors::routes())
}
