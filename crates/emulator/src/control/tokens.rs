//! Tokens: made, ended, killed.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Done, Outcome};
use crate::platform::Platform;
use crate::world::{Death, Millis, Token, World};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(make)).routes(routes!(end))
}

/// Makes a token, or replaces the one with the same value.
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = Token, responses((status = 200, body = Token)))]
async fn make(State(platform): State<Platform>, Json(token): Json<Token>) -> Outcome<Token> {
    let act = |world: &mut World| {
        world.tokens.put(token.value.clone(), token.clone());
        token
    };
    Ok(Json(platform.write(act).await?))
}

/// Which token ends, and how; without `why` it expires.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// The token's value.
    #[serde(default)]
    token: Option<String>,
    /// Or: every token that lists this messaging account.
    #[serde(default)]
    account: Option<String>,
    /// Killed for this reason.
    #[serde(default)]
    why: Option<Death>,
    /// When it expires (Unix milliseconds), if not now.
    #[serde(default)]
    at: Option<Millis>,
}

/// Expires or kills tokens.
#[utoipa::path(post, path = "/tokens/end", tag = "tokens", request_body = End,
    responses((status = 200, body = Done), (status = 404, body = ControlError)))]
async fn end(State(platform): State<Platform>, Json(end): Json<End>) -> Outcome<Done> {
    let act = |world: &mut World| -> Result<(), ControlError> {
        let now = world.now();
        let meant = |token: &Token| {
            end.token.as_ref().is_some_and(|value| *value == token.value)
                || end.account.as_ref().is_some_and(
                    |id| matches!(&token.reach, crate::world::Reach::Listed(listed) if listed.contains(id)),
                )
        };
        let doomed: Vec<String> =
            world.tokens.values().filter(|token| meant(token)).map(|token| token.value.clone()).collect();
        if doomed.is_empty() {
            return Err(ControlError::missing("No token is meant by this; give `token` or `account`."));
        }
        for value in doomed {
            if let Some(token) = world.tokens.edit(&value) {
                match end.why {
                    Some(death) => token.death = Some(death),
                    None => token.expires_at = Some(end.at.unwrap_or(now)),
                }
            }
        }
        Ok(())
    };
    platform.write(act).await??;
    Ok(Json(Done::yes()))
}
