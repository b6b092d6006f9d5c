//! Passkeys, and signing in with one.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use garde::Validate;
use rules::id::PasskeyId;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::PasswordProof;
use super::sessions::signed_in;
use super::views::{Person, plain_name};
use crate::ctx::Ctx;
use crate::http::{Client, Json, List, Path, PersonActor, Problem};
use crate::identity::service::passkeys as service;

/// A passkey.
#[derive(Serialize, ToSchema)]
pub struct Passkey {
    /// Its id.
    id: PasskeyId,
    /// What you call it.
    name: String,
    /// The model of the authenticator (AAGUID), by which its maker can be looked up; nil where it does not tell.
    aaguid: Uuid,
    /// Whether it is kept somewhere else too, such as in a password manager's account, so that losing the device does
    /// not lose it.
    backed_up: bool,
    /// When it was added.
    created_at: Timestamp,
    /// When somebody last signed in with it.
    last_used_at: Option<Timestamp>,
}

impl From<store::passkeys::Passkey> for Passkey {
    fn from(passkey: store::passkeys::Passkey) -> Self {
        Self {
            id: passkey.id,
            name: passkey.name,
            aaguid: passkey.aaguid,
            backed_up: passkey.backed_up,
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }
}

/// What a browser is asked, within five minutes and once.
#[derive(Serialize, ToSchema)]
pub struct PasskeyChallenge {
    /// Send it back with the answer.
    ceremony: String,
    /// What the browser is asked: `PublicKeyCredential.parseCreationOptionsFromJSON(options)` makes of it what
    /// `navigator.credentials.create({ publicKey })` takes; `parseRequestOptionsFromJSON` and `get` for signing in.
    #[schema(value_type = Object)]
    options: Value,
}

impl From<service::Challenge> for PasskeyChallenge {
    fn from(challenge: service::Challenge) -> Self {
        Self { ceremony: challenge.ceremony.reveal().to_owned(), options: challenge.options }
    }
}

/// Your passkeys, newest first.
#[utoipa::path(get, path = "/api/v1/me/passkeys", tag = "Account",
    responses((status = OK, body = List<Passkey>)))]
pub(super) async fn list_passkeys(
    State(ctx): State<Ctx>,
    actor: PersonActor,
) -> Result<Json<List<Passkey>>, Problem> {
    Ok(Json(List::whole(service::list(&ctx, &actor).await?)))
}

/// Begin to add a passkey. Nothing changes until the browser's answer confirms it.
#[utoipa::path(post, path = "/api/v1/me/passkeys", tag = "Account",
    request_body = PasswordProof, responses((status = OK, body = PasskeyChallenge)))]
pub(super) async fn begin_passkey(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Json(body): Json<PasswordProof>,
) -> Result<Json<PasskeyChallenge>, Problem> {
    Ok(Json(service::begin(&ctx, &actor, body.password).await?.into()))
}

/// A passkey that the browser has made.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PasskeyConfirmation {
    /// As it was told when this was begun.
    #[garde(length(min = 1, max = 100))]
    ceremony: String,
    /// What you call it, so that you know it among others.
    #[garde(length(chars, max = 100), custom(plain_name))]
    #[schema(example = "Laptop")]
    name: String,
    /// What `toJSON()` makes of the browser's `PublicKeyCredential`.
    #[schema(value_type = Object)]
    credential: Value,
}

/// Add the passkey that the browser has made.
#[utoipa::path(post, path = "/api/v1/me/passkeys/confirm", tag = "Account",
    request_body = PasskeyConfirmation, responses((status = CREATED, body = Passkey)))]
pub(super) async fn confirm_passkey(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Json(body): Json<PasskeyConfirmation>,
) -> Result<(StatusCode, Json<Passkey>), Problem> {
    let passkey = service::confirm(&ctx, &actor, &body.ceremony, &body.name, &body.credential).await?;
    Ok((StatusCode::CREATED, Json(passkey.into())))
}

/// What may change of a passkey.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasskeyChange {
    /// What you call it.
    #[garde(length(chars, max = 100), custom(plain_name))]
    name: String,
}

/// Give a passkey another name.
#[utoipa::path(patch, path = "/api/v1/me/passkeys/{passkey}", tag = "Account",
    params(("passkey" = PasskeyId, Path)),
    request_body = PasskeyChange, responses((status = OK, body = Passkey)))]
pub(super) async fn rename_passkey(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Path(passkey): Path<PasskeyId>,
    Json(body): Json<PasskeyChange>,
) -> Result<Json<Passkey>, Problem> {
    Ok(Json(service::rename(&ctx, &actor, passkey, &body.name).await?.into()))
}

/// Remove a passkey. The last way to sign in stays.
#[utoipa::path(post, path = "/api/v1/me/passkeys/{passkey}/remove", tag = "Account",
    params(("passkey" = PasskeyId, Path)),
    request_body = PasswordProof, responses((status = NO_CONTENT)))]
pub(super) async fn remove_passkey(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Path(passkey): Path<PasskeyId>,
    Json(body): Json<PasswordProof>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, passkey, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin to sign in with a passkey. No address is needed: the passkey tells whose it is.
#[utoipa::path(post, path = "/api/v1/session/passkey", tag = "Account", security(()),
    responses((status = OK, body = PasskeyChallenge)))]
pub(super) async fn begin_passkey_sign_in(
    State(ctx): State<Ctx>,
    client: Client,
) -> Result<Json<PasskeyChallenge>, Problem> {
    Ok(Json(service::begin_sign_in(&ctx, &client).await?.into()))
}

/// A passkey's proof.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PasskeySignIn {
    /// As it was told when this was begun.
    #[garde(length(min = 1, max = 100))]
    ceremony: String,
    /// What `toJSON()` makes of the browser's `PublicKeyCredential`.
    #[schema(value_type = Object)]
    credential: Value,
}

/// Sign in with a passkey. It counts as both factors. Sets the session cookie.
#[utoipa::path(post, path = "/api/v1/session/passkey/finish", tag = "Account", security(()),
    request_body = PasskeySignIn, responses((status = OK, body = Person)))]
pub(super) async fn finish_passkey_sign_in(
    State(ctx): State<Ctx>,
    client: Client,
    Json(body): Json<PasskeySignIn>,
) -> Result<Response, Problem> {
    let (person, token) = service::sign_in(&ctx, &client, &body.ceremony, &body.credential).await?;
    Ok(signed_in(&ctx, Person::from(person), &token))
}
