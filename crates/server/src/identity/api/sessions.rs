//! Signing in and out.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use garde::Validate;
use rules::id::SessionId;
use rules::time::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::Person;
use crate::ctx::Ctx;
use crate::http::actor::session_cookie;
use crate::http::{Client, Json, List, Path, PersonActor, Problem};
use crate::identity::secret::Token;
use crate::identity::service::sessions as service;

/// What a person signs in with.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SignIn {
    /// Their e-mail address.
    #[garde(length(min = 1, max = 320))]
    email: String,
    /// Their password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// The six digits of the authenticator app, or a recovery code, where the account has a second factor.
    #[garde(length(max = 40))]
    code: Option<String>,
}

/// Sign in. Sets the session cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "Account", security(()),
    request_body = SignIn, responses((status = OK, body = Person)))]
pub(super) async fn sign_in(
    State(ctx): State<Ctx>,
    client: Client,
    Json(body): Json<SignIn>,
) -> Result<Response, Problem> {
    let (person, token) =
        service::sign_in(&ctx, &client, &body.email, body.password, body.code.as_deref()).await?;
    Ok(signed_in(&ctx, Person::from(person), &token))
}

/// An answer that also signs in.
pub(super) fn signed_in(ctx: &Ctx, answer: impl Serialize, token: &Token) -> Response {
    let mut response = Json(answer).into_response();
    let name = session_cookie(ctx.settings.is_secure());
    add_cookie(ctx, &mut response, name, token.reveal(), service::SESSION_LIFE.as_secs());
    response
}

/// Sign out in this browser.
#[utoipa::path(delete, path = "/api/v1/session", tag = "Account", responses((status = NO_CONTENT)))]
pub(super) async fn sign_out(State(ctx): State<Ctx>, actor: PersonActor) -> Result<Response, Problem> {
    service::revoke(&ctx, &actor, actor.session).await?;
    Ok(signed_out(&ctx))
}

fn signed_out(ctx: &Ctx) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    add_cookie(ctx, &mut response, session_cookie(ctx.settings.is_secure()), "", 0);
    response
}

/// Out of reach of scripts, sent to this host only and not from other sites' forms.
pub(super) fn add_cookie(ctx: &Ctx, response: &mut Response, name: &str, token: &str, seconds: u64) {
    let secure = if ctx.settings.is_secure() { "; Secure" } else { "" };
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A signed-in browser.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    id: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    /// When the person signed in.
    created_at: Timestamp,
    /// When it was last used, to the minute or so.
    last_seen_at: Timestamp,
    /// It ends then, however busy.
    expires_at: Timestamp,
    /// Where the browser was seen.
    address: String,
    /// What the browser calls itself.
    user_agent: String,
}

/// Every browser in which you are signed in.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "Account", responses((status = OK, body = List<Session>)))]
pub(super) async fn list_sessions(
    State(ctx): State<Ctx>,
    actor: PersonActor,
) -> Result<Json<List<Session>>, Problem> {
    let sessions = service::list(&ctx, &actor).await?;
    let items = sessions
        .into_iter()
        .map(|session| Session {
            id: session.id,
            current: session.id == actor.session,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            address: session.address,
            user_agent: session.user_agent,
        })
        .collect();
    Ok(Json(List { items, next: None }))
}

/// Sign out in one browser.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "Account",
    params(("session" = SessionId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn revoke_session(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Path(session): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    service::revoke(&ctx, &actor, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out everywhere, here included.
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "Account", responses((status = NO_CONTENT)))]
pub(super) async fn revoke_all_sessions(
    State(ctx): State<Ctx>,
    actor: PersonActor,
) -> Result<Response, Problem> {
    service::revoke_all(&ctx, &actor).await?;
    Ok(signed_out(&ctx))
}
