//! The public API of onboarding: the only place of this room with routes and public JSON.

mod accounts;
mod across;
mod apps;
mod callback;
mod callback_words;
mod connections;
mod invites;
mod manual;
mod views;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::Failed;
use crate::ctx::Ctx;
use crate::http::Problem;

pub use callback::routes as callback_routes;
pub use views::Number as NumberView;

/// The routes under `/api/v1`.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(connections::start, connections::list))
        .routes(routes!(manual::check))
        .routes(routes!(manual::connect))
        .routes(routes!(connections::get, connections::abandon))
        .routes(routes!(connections::reopen))
        .routes(routes!(connections::post_code))
        .routes(routes!(connections::post_event))
        .routes(routes!(connections::retry))
        .routes(routes!(connections::choose))
        .routes(routes!(invites::create, invites::list))
        .routes(routes!(invites::revoke))
        .routes(routes!(invites::create_as_operator))
        .routes(routes!(across::list))
        .routes(routes!(across::list_invites))
        .routes(routes!(across::revoke_invite))
        .routes(routes!(invites::open))
        .routes(routes!(invites::dialog))
        .routes(routes!(invites::post_code))
        .routes(routes!(invites::post_event))
        .routes(routes!(accounts::list))
        .routes(routes!(accounts::get))
        .routes(routes!(accounts::check))
        .routes(routes!(accounts::disconnect))
        .routes(routes!(accounts::sync_templates))
        .routes(routes!(accounts::numbers))
        .routes(routes!(accounts::number))
        .routes(routes!(accounts::give_pin))
        .routes(routes!(accounts::readiness))
        .routes(routes!(accounts::operator_readiness))
        .routes(routes!(apps::usable, apps::create_own))
        .routes(routes!(apps::rotate_own))
        .routes(routes!(apps::retire_own))
        .routes(routes!(apps::list, apps::create))
        .routes(routes!(apps::update, apps::retire))
        .routes(routes!(apps::rotate))
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Missing => Problem::not_found(),
            Failed::BadState => Problem::forbidden(
                "signup_state_invalid",
                "This sign-up attempt has ended, was used, or belongs to somebody else. Open the Meta window again.",
            ),
            Failed::NotAllowed(code, sentence) => Problem::forbidden(code, sentence),
            Failed::Conflict(code, sentence) => Problem::conflict(code, sentence),
            Failed::Invalid(field, sentence) => Problem::invalid_field(field, sentence),
            Failed::Store(error) => error.into(),
        }
    }
}
