//! Tokens: exchanging a code, inspecting, refreshing, revoking, recovering.
//!
//! The OAuth endpoints answer 400 for token problems where node calls answer 401 (Meta: access-tokens, 2026-09,
//! and field traces).

use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::caller::{Caller, flaw, presented};
use super::error::{Answer, GraphError};
use super::fields;
use super::params::Params;
use super::refusals;
use crate::platform::Platform;
use crate::webhooks::{partners, sign};
use crate::world::{App, Millis, Reach, Token, TokenKind, TokenShape, World, access_token};

/// Life of a 60-day token, in seconds, as Meta counts it.
pub const SIXTY_DAYS: i64 = 5_183_944;

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/oauth/access_token", get(access_token_call).post(access_token_call))
        .route("/oauth/revoke", get(revoke).post(revoke))
        .route("/debug_token", get(debug_token))
        .route("/me", get(me))
        .route("/{id}/system_user_access_tokens", post(recover))
        .route("/{id}/access_tokens", post(mint_own))
        .route("/{id}/applications", post(install_app))
}

/// `GET|POST /oauth/access_token`: a code for a business token, an app token, or a fresh token for an old one.
async fn access_token_call(State(platform): State<Platform>, params: Params) -> Answer {
    let done = platform.write(|world| issue(world, &params)).await?;
    done.map(Json).map_err(bad_request)
}

fn issue(world: &mut World, params: &Params) -> Answer<Value> {
    let app = client_app(world, params)?.clone();
    match params.text("grant_type").as_deref() {
        Some("client_credentials") => {
            Ok(json!({ "access_token": format!("{}|{}", app.id, app.secret), "token_type": "bearer" }))
        }
        Some("fb_exchange_token") => refresh(world, &app, params),
        _ => exchange(world, &app, params),
    }
}

/// The app that `client_id` and `client_secret` prove.
fn client_app<'w>(world: &'w World, params: &Params) -> Answer<&'w App> {
    let id = params.text("client_id").unwrap_or_default();
    let app = world.apps.get(&id).ok_or_else(refusals::unknown_app)?;
    if params.text("client_secret").as_deref() != Some(app.secret.as_str()) {
        return Err(refusals::wrong_secret());
    }
    Ok(app)
}

fn exchange(world: &mut World, app: &App, params: &Params) -> Answer<Value> {
    let value = params.text("code").ok_or_else(|| GraphError::core(400, 1, "Missing authorization code"))?;
    let now = world.now();
    let rules = world.rules().onboarding.clone();
    let known = world.codes.get(&value).filter(|code| code.app_id == app.id);
    let code = known.ok_or_else(refusals::code_malformed)?.clone();
    if code.used_at.is_some() {
        return Err(refusals::code_used());
    }
    if now - code.made_at > rules.code_ttl_ms {
        return Err(refusals::code_expired());
    }
    let mismatch = params.text("redirect_uri").filter(|uri| !uri.is_empty()) != code.redirect_uri;
    if (!mismatch || rules.redirect_mismatch_burns_code)
        && let Some(row) = world.codes.edit(&value)
    {
        row.used_at = Some(now);
        row.announce = None;
    }
    if mismatch {
        return Err(refusals::redirect_mismatch());
    }
    let token = world.tokens.edit(&code.token).ok_or_else(refusals::code_malformed)?;
    token.issued_at = now;
    token.expires_at = token.expires_at.map(|_| now + SIXTY_DAYS * 1000);
    let answer = granted(&code.token, token.expires_at.is_some());
    if let Some(announcement) = code.announce {
        partners::announce(world, &announcement);
    }
    Ok(answer)
}

fn granted(token: &str, expires: bool) -> Value {
    let mut answer = json!({ "access_token": token, "token_type": "bearer" });
    if expires {
        answer["expires_in"] = json!(SIXTY_DAYS);
    }
    answer
}

fn refresh(world: &mut World, app: &App, params: &Params) -> Answer<Value> {
    let now = world.now();
    let old = params.required("fb_exchange_token")?;
    let token = world.tokens.get(&old).ok_or_else(GraphError::bad_token)?;
    if let Some(error) = flaw(token, now) {
        return Err(error);
    }
    if token.app_id != app.id {
        return Err(refusals::app_mismatch());
    }
    if token.kind == TokenKind::Business && !world.rules().onboarding.refresh_business_tokens {
        return Err(GraphError::parameter("This token cannot be exchanged."));
    }
    let fresh = Token {
        value: access_token("EAAN"),
        issued_at: now,
        expires_at: Some(now + SIXTY_DAYS * 1000),
        ..token.clone()
    };
    let answer = granted(&fresh.value, true);
    world.tokens.put(fresh.value.clone(), fresh);
    Ok(answer)
}

/// `GET /oauth/revoke`: ends a token.
async fn revoke(State(platform): State<Platform>, params: Params) -> Answer {
    let done = platform
        .write(|world| -> Answer<Value> {
            let app = client_app(world, &params)?.id.clone();
            let value = params.required("revoke_token")?;
            let token = world.tokens.edit(&value).filter(|token| token.app_id == app);
            token.ok_or_else(GraphError::bad_token)?.death = Some(crate::world::Death::Invalidated);
            Ok(json!({ "success": "true" }))
        })
        .await?;
    done.map(Json).map_err(bad_request)
}

/// `GET /debug_token`: what a token is and whether it works.
async fn debug_token(State(platform): State<Platform>, parts: Parts, params: Params) -> Answer {
    let inspector = presented(&parts).ok_or_else(GraphError::no_token)?;
    let shown = platform.read(|world| {
        let app_id = inspecting_app(world, &inspector)?;
        let input = params.required("input_token")?;
        inspect(world, &app_id, &input)
    });
    shown.map(|data| Json(json!({ "data": data }))).map_err(bad_request)
}

/// The app behind an app token (`id|secret`) or an ordinary token.
pub fn inspecting_app(world: &World, value: &str) -> Answer<String> {
    if let Some((id, secret)) = value.split_once('|') {
        let app = world.apps.get(id).ok_or_else(GraphError::bad_token)?;
        if app.secret != secret {
            return Err(GraphError::core(400, 190, "Invalid OAuth access token signature."));
        }
        return Ok(app.id.clone());
    }
    Ok(Caller::with_token(world, value, Method::GET)?.token.app_id)
}

fn inspect(world: &World, app_id: &str, input: &str) -> Answer<Value> {
    if let Some((id, secret)) = input.split_once('|')
        && world.apps.get(id).is_some_and(|app| app.secret == secret && app.id == app_id)
    {
        let name = application(world, id);
        return Ok(
            json!({ "app_id": id, "type": "APP", "application": name, "is_valid": true, "scopes": [] }),
        );
    }
    let Some(token) = world.tokens.get(input) else {
        let error =
            json!({ "code": 190, "message": "Invalid OAuth access token - Cannot parse access token" });
        return Ok(json!({ "error": error, "is_valid": false, "scopes": [] }));
    };
    if token.app_id != app_id {
        return Err(refusals::app_mismatch());
    }
    let mut data = Map::new();
    data.insert("app_id".into(), json!(token.app_id));
    data.insert("type".into(), json!(if token.kind == TokenKind::User { "USER" } else { "SYSTEM_USER" }));
    data.insert("application".into(), json!(application(world, &token.app_id)));
    data.insert("data_access_expires_at".into(), json!(0));
    data.insert("expires_at".into(), json!(token.expires_at.unwrap_or(0) / 1000));
    data.insert("issued_at".into(), json!(token.issued_at / 1000));
    data.insert("user_id".into(), json!(token.user_id));
    match flaw(token, world.now()) {
        Some(error) => {
            let error = json!({ "code": error.code, "subcode": error.subcode, "message": error.message });
            data.extend([
                ("is_valid".into(), json!(false)),
                ("error".into(), error),
                ("scopes".into(), json!([])),
            ]);
        }
        None => {
            let (scopes, granular) = scopes(token, world.rules().token_shape);
            data.extend([("is_valid".into(), json!(true)), ("scopes".into(), scopes)]);
            data.insert("granular_scopes".into(), granular);
        }
    }
    Ok(Value::Object(data))
}

fn application<'w>(world: &'w World, app_id: &str) -> &'w str {
    world.apps.get(app_id).map_or("", |app| app.name.as_str())
}

/// `scopes` and `granular_scopes` in the shape in force. The shapes vary for business tokens alone; a system user's
/// own token lists its scopes without targets, which means all assets.
fn scopes(token: &Token, shape: TokenShape) -> (Value, Value) {
    let whatsapp: Vec<&String> = token.scopes.iter().filter(|scope| is_messaging_right(scope)).collect();
    let targets = match &token.reach {
        Reach::Listed(ids) => Some(ids),
        Reach::Portfolio => None,
    };
    let entry = |scope: &String| match targets {
        Some(ids) => json!({ "scope": scope, "target_ids": ids }),
        None => json!({ "scope": scope }),
    };
    let entries: Vec<Value> = whatsapp.iter().map(|scope| entry(scope)).collect();
    if token.kind != TokenKind::Business {
        return (json!(token.scopes), json!(entries));
    }
    match shape {
        TokenShape::A => (json!(token.scopes), json!(entries)),
        TokenShape::B => (
            json!(token.scopes),
            json!([{ "scope": "business_management" }, { "scope": "whatsapp_business_manage_events" }]),
        ),
        TokenShape::C => {
            let plain: Vec<&String> =
                token.scopes.iter().filter(|scope| !is_messaging_right(scope)).collect();
            let mut granular =
                vec![json!({ "scope": "business_management", "target_ids": [token.portfolio_id] })];
            granular.extend(entries);
            (json!(plain), json!(granular))
        }
    }
}

fn is_messaging_right(scope: &str) -> bool {
    matches!(scope, "whatsapp_business_management" | "whatsapp_business_messaging")
}

/// `GET /me`: who the token acts as. Only a business token knows its client's portfolio.
async fn me(State(platform): State<Platform>, parts: Parts, params: Params) -> Answer {
    let value = presented(&parts).ok_or_else(refusals::no_user)?;
    let shown = platform.read(|world| {
        let token = Caller::with_token(world, &value, parts.method.clone())?.token;
        let name = world.system_users.get(&token.user_id).map_or("System user", |user| user.name.as_str());
        let mut node = Map::new();
        node.insert("id".into(), json!(token.user_id));
        node.insert("name".into(), json!(name));
        if token.kind == TokenKind::Business {
            node.insert("client_business_id".into(), json!(token.portfolio_id));
        }
        fields::select(&node, "User", params.text("fields").as_deref(), &["name"])
    });
    shown.map(Json)
}

/// Requires `appsecret_proof`, as the calls that hand out tokens always do.
fn proof_required(world: &World, caller: &Caller, params: &Params) -> Answer<()> {
    let given = params.text("appsecret_proof").ok_or_else(refusals::no_proof)?;
    let secret = world.apps.get(&caller.token.app_id).map_or("", |app| app.secret.as_str());
    if given == sign::appsecret_proof(secret, &caller.token.value) {
        return Ok(());
    }
    Err(refusals::wrong_proof())
}

/// `POST /{client portfolio}/system_user_access_tokens`: the client's business token again.
async fn recover(
    State(platform): State<Platform>,
    Path(portfolio): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform.write(|world| recovered(world, &caller, &portfolio, &params)).await?;
    done.map(|token| Json(json!({ "access_token": token })))
}

fn recovered(world: &mut World, caller: &Caller, portfolio: &str, params: &Params) -> Answer<String> {
    if caller.token.kind != TokenKind::SystemUser {
        return Err(GraphError::permission());
    }
    caller.require("business_management")?;
    proof_required(world, caller, params)?;
    let now = world.now();
    let partner = &caller.token.portfolio_id;
    let partnered =
        world.accounts.values().any(|it| it.owner_id == *portfolio && it.partners.contains(partner));
    let named = params.text("system_user_id");
    let mut grants: Vec<&Token> = world
        .tokens
        .values()
        .filter(|token| token.kind == TokenKind::Business && token.app_id == caller.token.app_id)
        .filter(|token| token.portfolio_id == portfolio && token.death.is_none())
        // An app-only install is found by naming its system user; a partner's grant by the relation.
        .filter(|token| named.as_ref().map_or(partnered, |user| *user == token.user_id))
        .collect();
    grants.sort_by_key(|token| std::cmp::Reverse(token.issued_at));
    let latest = (*grants.first().ok_or_else(|| caller.unknown(portfolio))?).clone();
    let live = grants.iter().find(|token| flaw(token, now).is_none());
    if params.text("fetch_only").as_deref() == Some("true")
        && let Some(token) = live
    {
        return Ok(token.value.clone());
    }
    let expires = latest.expires_at.is_some() || wants_expiry(params);
    Ok(mint(world, Token { value: access_token("EAAB"), ..latest }, expires, now))
}

fn wants_expiry(params: &Params) -> bool {
    params.text("set_token_expires_in_60_days").as_deref() == Some("true")
}

fn mint(world: &mut World, mut token: Token, expires: bool, now: Millis) -> String {
    token.issued_at = now;
    token.expires_at = expires.then_some(now + SIXTY_DAYS * 1000);
    let value = token.value.clone();
    world.tokens.put(value.clone(), token);
    value
}

/// `POST /{system user}/access_tokens`: a token of our own system user.
async fn mint_own(
    State(platform): State<Platform>,
    Path(user): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<String> {
            let row = own_user(world, &caller, &user)?.clone();
            proof_required(world, &caller, &params)?;
            let app_id = params.required("business_app")?;
            if !row.apps.contains(&app_id) {
                return Err(GraphError::parameter("The app must be installed for the system user first."));
            }
            let scopes = params.required("scope")?;
            let now = world.now();
            let token = Token {
                value: access_token("EAAS"),
                app_id,
                kind: TokenKind::SystemUser,
                user_id: row.id,
                portfolio_id: row.portfolio_id,
                scopes: scopes.split(',').map(|scope| scope.trim().to_owned()).collect(),
                reach: Reach::Portfolio,
                issued_at: now,
                expires_at: None,
                death: None,
            };
            Ok(mint(world, token, wants_expiry(&params), now))
        })
        .await?;
    done.map(|token| Json(json!({ "access_token": token })))
}

/// `POST /{system user}/applications`: installs an app for our own system user.
async fn install_app(
    State(platform): State<Platform>,
    Path(user): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            own_user(world, &caller, &user)?;
            let app_id = params.required("business_app")?;
            if !world.apps.contains(&app_id) {
                return Err(caller.unknown(&app_id));
            }
            if let Some(row) = world.system_users.edit(&user) {
                row.apps.insert(app_id);
            }
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

fn own_user<'w>(world: &'w World, caller: &Caller, id: &str) -> Answer<&'w crate::world::SystemUser> {
    let user = world.system_users.get(id).filter(|user| user.portfolio_id == caller.token.portfolio_id);
    user.ok_or_else(|| caller.unknown(id))
}

/// The OAuth endpoints answer 400 whatever a node call would answer.
fn bad_request(mut error: GraphError) -> GraphError {
    if error.status == StatusCode::UNAUTHORIZED {
        error.status = StatusCode::BAD_REQUEST;
    }
    error
}
