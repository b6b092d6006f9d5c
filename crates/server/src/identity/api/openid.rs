//! Signing in through an OpenID Connect provider, and what people are called there.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::cookie::CookieJar;
use garde::Validate;
use rules::id::{IdentityId, ProviderId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::account::PasswordProof;
use super::sessions::{add_cookie, signed_in};
use super::views::Person;
use crate::ctx::Ctx;
use crate::http::actor::session_cookie;
use crate::http::{Client, Json, List, Path, PersonActor, Problem, Query};
use crate::identity::service::openid as service;
use crate::identity::service::openid::{Arrived, NotSignedIn};
use crate::identity::service::{providers, sessions};
use crate::pages;

/// The name of the cookie by which a browser is known again when it comes back from a provider.
fn way_cookie(ctx: &Ctx) -> &'static str {
    if ctx.settings.is_secure() { "__Host-sapa_openid" } else { "sapa_openid" }
}

fn browser(ctx: &Ctx, headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(way_cookie(ctx)).map(|cookie| cookie.value().to_owned())
}

/// A provider to choose when signing in.
#[derive(Serialize, ToSchema)]
pub struct SignInProvider {
    /// Its id.
    id: ProviderId,
    /// What people call it.
    name: String,
}

/// The OpenID Connect providers through which people sign in here, by name.
#[utoipa::path(get, path = "/api/v1/openid/providers", tag = "Account", security(()),
    responses((status = OK, body = List<SignInProvider>)))]
pub(super) async fn list_openid_providers(
    State(ctx): State<Ctx>,
) -> Result<Json<List<SignInProvider>>, Problem> {
    let providers = providers::list(&ctx).await?;
    let items = providers
        .into_iter()
        .map(|provider| SignInProvider { id: provider.id, name: provider.name })
        .collect();
    Ok(Json(List { items, next: None }))
}

/// Where to go once signed in.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct OpenidStart {
    /// A path of this installation; `/` unless told.
    #[garde(length(max = 2000))]
    return_to: Option<String>,
}

/// Go to a provider to sign in. For a browser to open: it is redirected, and back once signed in there.
#[utoipa::path(get, path = "/api/v1/openid/providers/{provider}/start", tag = "Account", security(()),
    params(("provider" = ProviderId, Path), OpenidStart),
    responses((status = SEE_OTHER, description = "To the provider.")))]
pub(super) async fn start_openid_sign_in(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    Path(provider): Path<ProviderId>,
    Query(query): Query<OpenidStart>,
) -> Response {
    match service::start(&ctx, &client, provider, query.return_to.as_deref()).await {
        Ok((url, browser)) => {
            let mut response = see_other(url.as_str());
            add_cookie(&ctx, &mut response, way_cookie(&ctx), browser.reveal(), service::WAY_LIFE.as_secs());
            response
        }
        Err(refused) => refusal(&headers, refused),
    }
}

/// What a provider adds to the address when it sends a browser back.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct OpenidCallback {
    /// As it was sent there.
    #[garde(length(max = 200))]
    #[serde(default)]
    state: String,
    /// Exchanged for the proof of who it is.
    #[garde(length(max = 10_000))]
    code: Option<String>,
    /// Why there is no code.
    #[garde(length(max = 1000))]
    error: Option<String>,
    /// Who sends the browser back, where the provider tells.
    #[garde(length(max = 1000))]
    iss: Option<String>,
}

/// Come back from a provider. For a browser: it is signed in and redirected, or told why not.
#[utoipa::path(get, path = "/api/v1/openid/callback", tag = "Account", security(()), params(OpenidCallback),
    responses((status = SEE_OTHER, description = "To where it was asked to return, or to where the second factor is asked for.")))]
pub(super) async fn finish_openid_sign_in(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    Query(query): Query<OpenidCallback>,
) -> Response {
    let back = service::Back { state: query.state, code: query.code, error: query.error, issuer: query.iss };
    match service::finish(&ctx, &client, browser(&ctx, &headers).as_deref(), back).await {
        Ok(Arrived::SignedIn { session, return_to }) => {
            let mut response = see_other(&return_to);
            let name = session_cookie(ctx.settings.is_secure());
            add_cookie(&ctx, &mut response, name, session.reveal(), sessions::SESSION_LIFE.as_secs());
            add_cookie(&ctx, &mut response, way_cookie(&ctx), "", 0);
            response
        }
        Ok(Arrived::OwesSecondFactor { browser }) => {
            let mut response = see_other(pages::SECOND_FACTOR);
            let life = service::WAY_LIFE.as_secs();
            add_cookie(&ctx, &mut response, way_cookie(&ctx), browser.reveal(), life);
            response
        }
        Err(refused) => refusal(&headers, refused),
    }
}

/// The second factor of somebody who has come back from a provider.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OpenidSecondFactor {
    /// The six digits of the authenticator app, or a recovery code.
    #[garde(length(min = 1, max = 40))]
    code: String,
}

/// Somebody who is signed in now.
#[derive(Serialize, ToSchema)]
pub struct OpenidSignedIn {
    /// Who.
    person: Person,
    /// The path that they asked to return to.
    return_to: String,
}

/// Give the second factor that is owed after coming back from a provider. Sets the session cookie.
#[utoipa::path(post, path = "/api/v1/openid/second-factor", tag = "Account", security(()),
    request_body = OpenidSecondFactor, responses((status = OK, body = OpenidSignedIn)))]
pub(super) async fn finish_openid_second_factor(
    State(ctx): State<Ctx>,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<OpenidSecondFactor>,
) -> Result<Response, Problem> {
    let browser = browser(&ctx, &headers);
    let (person, session, return_to) =
        service::second_factor(&ctx, &client, browser.as_deref(), &body.code).await.map_err(problem)?;
    let answer = OpenidSignedIn { person: person.into(), return_to };
    let mut response = signed_in(&ctx, answer, &session);
    add_cookie(&ctx, &mut response, way_cookie(&ctx), "", 0);
    Ok(response)
}

fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    match HeaderValue::from_str(to) {
        Ok(to) => response.headers_mut().insert(header::LOCATION, to),
        Err(error) => return Problem::internal(&error).into_response(),
    };
    response
}

fn problem(refused: NotSignedIn) -> Problem {
    let told = refused.told(rules::locale::Locale::En);
    match (refused, told) {
        (NotSignedIn::Other(problem), _) => problem,
        (_, Some((code, sentence))) => Problem::forbidden(code, sentence),
        (_, None) => Problem::unexplained(),
    }
}

/// A page for a browser that was on its way, a problem for a program.
fn refusal(headers: &HeaderMap, refused: NotSignedIn) -> Response {
    let told = refused.told(pages::preferred(headers));
    match told.filter(|_| pages::wants_page(headers)) {
        Some((_, sentence)) => pages::not_signed_in(headers, sentence),
        None => problem(refused).into_response(),
    }
}

/// What you are called at a provider.
#[derive(Serialize, ToSchema)]
pub struct ProviderIdentity {
    /// Its id.
    id: IdentityId,
    /// What people call the provider; absent where it has been removed.
    provider: Option<String>,
    /// The provider's name for itself.
    issuer: String,
    /// The e-mail address that you had there when you last signed in.
    email: String,
    /// When it was linked.
    created_at: Timestamp,
    /// When you last signed in with it.
    last_used_at: Timestamp,
}

/// What you are called at providers, newest first.
#[utoipa::path(get, path = "/api/v1/me/identities", tag = "Account",
    responses((status = OK, body = List<ProviderIdentity>)))]
pub(super) async fn list_identities(
    State(ctx): State<Ctx>,
    actor: PersonActor,
) -> Result<Json<List<ProviderIdentity>>, Problem> {
    let identities = service::identities(&ctx, &actor).await?;
    let items = identities
        .into_iter()
        .map(|(identity, provider)| ProviderIdentity {
            id: identity.id,
            provider,
            issuer: identity.issuer,
            email: identity.email,
            created_at: identity.created_at,
            last_used_at: identity.last_used_at,
        })
        .collect();
    Ok(Json(List { items, next: None }))
}

/// Unlink what you are called at a provider. The last way to sign in stays.
#[utoipa::path(post, path = "/api/v1/me/identities/{identity}/remove", tag = "Account",
    params(("identity" = IdentityId, Path)),
    request_body = PasswordProof, responses((status = NO_CONTENT)))]
pub(super) async fn remove_identity(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Path(identity): Path<IdentityId>,
    Json(body): Json<PasswordProof>,
) -> Result<StatusCode, Problem> {
    service::unlink(&ctx, &actor, identity, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
