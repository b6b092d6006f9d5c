//! What members do in a conversation, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{ConversationId, OrgId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::ctx::Ctx;
use crate::http::{Json, OrgActor, Path, Problem};
use crate::inbox::presence;

/// What somebody does.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Doing {
    /// They look at it.
    Viewing,
    /// They write.
    Typing,
    /// They have gone elsewhere.
    Left,
}

/// What you do in a conversation.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Presence {
    /// Repeat `viewing` and `typing` every 20 seconds while they last; after 45 without, you are taken to have left.
    doing: Doing,
}

/// Show the others that you look at a conversation or write in it, so that two do not answer at once. The contact sees
/// nothing of it. They are told by the live event `conversation.presence`.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/conversations/{conversation}/presence", tag = "Inbox",
    params(("org" = OrgId, Path), ("conversation" = ConversationId, Path)), request_body = Presence,
    responses((status = NO_CONTENT)))]
pub(super) async fn show_presence(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConversationId)>,
    Json(body): Json<Presence>,
) -> Result<StatusCode, Problem> {
    let doing = match body.doing {
        Doing::Viewing => "viewing",
        Doing::Typing => "typing",
        Doing::Left => "left",
    };
    presence::show(&ctx, &actor, path.1, doing).await?;
    Ok(StatusCode::NO_CONTENT)
}
