//! Other ways to reach people, over HTTP: channels, their order and words, what was sent; links; callbacks of providers.

mod callbacks;
mod channels;
mod pages;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::ctx::Ctx;

/// The routes of this room within the public API.
pub fn routes() -> OpenApiRouter<Ctx> {
    channels::routes()
}

/// What contacts open, and what providers call.
pub fn public_routes() -> Router<Ctx> {
    pages::routes().merge(callbacks::routes())
}
