//! Notifications over HTTP.

mod notifications;
mod runs;

use utoipa_axum::router::OpenApiRouter;

use crate::ctx::Ctx;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().merge(notifications::routes()).merge(runs::routes())
}
