//! The inbox over HTTP.

mod canned;
mod conversations;
mod history;
mod messages;
mod notes;
mod presence;
mod views;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ctx::Ctx;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(conversations::list_conversations, conversations::open_conversation))
        .routes(routes!(conversations::count_conversations))
        .routes(routes!(conversations::list_conversation_labels))
        .routes(routes!(conversations::get_conversation))
        .routes(routes!(conversations::assign_conversation))
        .routes(routes!(conversations::close_conversation))
        .routes(routes!(conversations::reopen_conversation))
        .routes(routes!(conversations::snooze_conversation))
        .routes(routes!(conversations::label_conversation))
        .routes(routes!(conversations::switch_ai))
        .routes(routes!(conversations::hand_off))
        .routes(routes!(conversations::hand_back))
        .routes(routes!(conversations::mark_read))
        .routes(routes!(conversations::mark_unread))
        .routes(routes!(conversations::show_typing))
        .routes(routes!(presence::show_presence))
        .routes(routes!(history::list_history))
        .routes(routes!(notes::list_notes, notes::leave_note))
        .routes(routes!(notes::change_note, notes::remove_note))
        .routes(routes!(canned::list_canned_replies, canned::create_canned_reply))
        .routes(routes!(canned::update_canned_reply, canned::remove_canned_reply))
        .routes(routes!(views::list_views, views::create_view))
        .routes(routes!(views::change_view, views::remove_view))
        .routes(routes!(messages::list_messages))
        .routes(routes!(messages::get_message))
        .routes(routes!(messages::list_unresolved))
        .routes(routes!(messages::search_messages))
}
