//! The inbox over HTTP.

mod conversations;
mod messages;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ctx::Ctx;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(conversations::list_conversations, conversations::open_conversation))
        .routes(routes!(conversations::count_conversations))
        .routes(routes!(conversations::get_conversation))
        .routes(routes!(conversations::assign_conversation))
        .routes(routes!(conversations::close_conversation))
        .routes(routes!(conversations::reopen_conversation))
        .routes(routes!(conversations::switch_ai))
        .routes(routes!(conversations::hand_off))
        .routes(routes!(conversations::hand_back))
        .routes(routes!(conversations::mark_read))
        .routes(routes!(conversations::mark_unread))
        .routes(routes!(conversations::show_typing))
        .routes(routes!(messages::list_messages))
        .routes(routes!(messages::get_message))
        .routes(routes!(messages::list_unresolved))
        .routes(routes!(messages::search_messages))
}
