//! Where the full-page dialog returns to.

use axum::Router;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum_extra::extract::cookie::CookieJar;
use rules::connection::STATE_LIFETIME;
use rules::role::Right;
use secrecy::SecretString;
use store::signup::SignupState;

use crate::ctx::Ctx;
use crate::http::{PersonActor, Problem};
use crate::onboarding::api::callback_words as words;
use crate::onboarding::service::Failed;
use crate::onboarding::service::connect::{Returned, take_code};
use crate::onboarding::service::state;
use crate::pages;

/// The return address. It is a page for people, not part of the API document.
pub fn routes() -> Router<Ctx> {
    Router::new().route("/connect/callback", get(callback))
}

/// Takes the code, for the person for whom the attempt was made. A refusal in the dialog uses nothing up. A browser is
/// told in a sentence how it ended and where it goes on.
async fn callback(State(ctx): State<Ctx>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let mut response = match come_back(&ctx, &mut parts).await {
        Ok(ended) => pages::tell(&parts.headers, StatusCode::OK, words::ended(&parts.headers, &ended)),
        Err(problem) => match words::refused(&parts.headers, &problem) {
            Some(told) if pages::wants_page(&parts.headers) => {
                let status = problem.details().status;
                pages::tell(&parts.headers, StatusCode::from_u16(status).unwrap_or_default(), told)
            }
            _ => problem.into_response(),
        },
    };
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// How somebody came back from the dialog.
pub(super) struct Ended {
    /// Whether with a code, which has been taken.
    pub(super) finished: bool,
    /// The page of the connection. The holder of a link has none: theirs is the one they came from.
    pub(super) page: Option<String>,
}

async fn come_back(ctx: &Ctx, parts: &mut Parts) -> Result<Ended, Problem> {
    let query = parts.uri.query().unwrap_or("");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let state = value("state").unwrap_or_default();
    let mut tx = ctx.store.begin().await?;
    let attempt = state::check(ctx, &mut tx, &state, None, None).await?;
    tx.rollback().await?;
    admit(ctx, parts, &attempt, &state).await?;
    let code = value("code").filter(|code| !code.is_empty());
    let finished = code.is_some();
    if let Some(code) = code {
        let (id, code) = (attempt.connection_id, SecretString::from(code));
        take_code(ctx, None, Some(id), &state, code, Returned::ByRedirect).await?;
    }
    Ok(Ended { finished, page: page_of(ctx, &attempt).await? })
}

async fn page_of(ctx: &Ctx, attempt: &SignupState) -> Result<Option<String>, Problem> {
    if attempt.actor.starts_with("invite:") {
        return Ok(None);
    }
    let org = ctx.store.read().await?.org(attempt.org_id).await?.org().await?;
    Ok(org.map(|org| format!("/o/{}/connections/{}", org.slug, attempt.connection_id)))
}

/// An attempt ends in the browser of whoever began it. Otherwise the dialog's address could be sent to another business,
/// which would see nothing but Meta's pages, and its account would be bound to the sender's organisation.
async fn admit(ctx: &Ctx, parts: &mut Parts, attempt: &SignupState, state: &str) -> Result<(), Problem> {
    if attempt.actor.starts_with("invite:") {
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = jar.get(link_cookie(ctx.settings.is_secure()));
        return if cookie.is_some_and(|cookie| cookie.value() == state) {
            Ok(())
        } else {
            Err(Failed::BadState.into())
        };
    }
    let person = PersonActor::from_request_parts(parts, ctx).await?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(attempt.org_id).await?;
    let member = scope.member_of(person.person.id).await?.ok_or(Failed::BadState)?;
    // A key has no browser; whoever finishes its attempt could have begun it.
    let began = match attempt.actor.starts_with("key:") {
        true => member.role.may(Right::WriteConnections),
        false => attempt.actor == format!("member:{}", member.id),
    };
    if !began {
        return Err(Failed::BadState.into());
    }
    match scope.org().await? {
        Some(org) if org.may_work() => Ok(()),
        _ => Err(Problem::suspended()),
    }
}

/// The cookie that ties an attempt of an invite link to the browser that opened its dialog.
fn link_cookie(secure: bool) -> &'static str {
    if secure { "__Host-sapa_connect" } else { "sapa_connect" }
}

/// Ties an attempt of an invite link to the browser that this answer goes to.
pub(super) fn tie(ctx: &Ctx, response: &mut Response, state: &str) {
    let secure = ctx.settings.is_secure();
    let cookie = format!(
        "{}={state}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}",
        link_cookie(secure),
        STATE_LIFETIME.as_secs(),
        if secure { "; Secure" } else { "" }
    );
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}
