//! A person's own account.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{MemberId, OrgId};
use rules::locale::Locale;
use rules::role::{OrgStatus, Right, Role};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use store::keys::ApiKey;
use utoipa::ToSchema;

use super::views::{Key, Person, maybe, plain_name};
use crate::ctx::Ctx;
use crate::http::{AnyActor, Client, Json, PersonActor, Problem};
use crate::identity::service::account as service;

/// Who asks.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WhoAmI {
    /// A person signed in.
    Person(Me),
    /// A machine.
    Key(KeyMe),
}

/// The key that you ask with, and whose it is.
#[derive(Serialize, ToSchema)]
pub struct KeyMe {
    /// The key, with its name and rights.
    key: Key,
    /// The organisation it acts in; `null` for an operator key, which may do what operators may.
    organisation: Option<KeyOrganisation>,
}

/// The organisation of a key.
#[derive(Serialize, ToSchema)]
pub struct KeyOrganisation {
    /// Its id: the `{org}` of addresses.
    id: OrgId,
    /// Its name.
    name: String,
    /// Its name in addresses.
    slug: String,
    /// Whether it may work.
    status: OrgStatus,
}

/// Who you are and where you are a member.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// You.
    person: Person,
    /// The organisations that you are a member of.
    organisations: Vec<Membership>,
    /// How many recovery codes are left.
    recovery_codes_left: i64,
}

/// One of the organisations that a person is a member of.
#[derive(Serialize, ToSchema)]
pub struct Membership {
    /// The organisation.
    id: OrgId,
    /// Its name.
    name: String,
    /// Its name in addresses.
    slug: String,
    /// Whether it may work.
    status: OrgStatus,
    /// Your id in it.
    member_id: MemberId,
    /// Your role in it.
    role: Role,
    /// What that role may do.
    rights: Vec<Right>,
}

/// Who you are and where you are a member; for a key, which one it is, its rights and its organisation.
#[utoipa::path(get, path = "/api/v1/me", tag = "Account", responses((status = OK, body = WhoAmI)),
    security(("session" = []), ("key" = []), ("operator_key" = [])))]
pub(super) async fn get_me(State(ctx): State<Ctx>, actor: AnyActor) -> Result<Json<WhoAmI>, Problem> {
    Ok(Json(match actor {
        AnyActor::Person(person) => WhoAmI::Person(me(&ctx, *person).await?),
        AnyActor::Key(key) => WhoAmI::Key(key_me(&ctx, *key).await?),
    }))
}

async fn key_me(ctx: &Ctx, key: ApiKey) -> Result<KeyMe, Problem> {
    let organisation = match key.org_id {
        None => None,
        Some(org) => ctx.store.read().await?.org(org).await?.org().await?.map(|org| KeyOrganisation {
            id: org.id,
            name: org.name,
            slug: org.slug,
            status: org.status,
        }),
    };
    Ok(KeyMe { key: key.into(), organisation })
}

async fn me(ctx: &Ctx, person: store::people::Person) -> Result<Me, Problem> {
    let mut tx = ctx.store.read().await?;
    let memberships = tx.memberships_of(person.id).await?;
    let recovery_codes_left = tx.recovery_codes_left(person.id).await?;
    let organisations = memberships
        .into_iter()
        .map(|membership| Membership {
            id: membership.org_id,
            name: membership.org_name,
            slug: membership.org_slug,
            status: membership.org_status,
            member_id: membership.id,
            role: membership.role,
            rights: Right::ALL.iter().copied().filter(|right| membership.role.may(*right)).collect(),
        })
        .collect();
    Ok(Me { person: person.into(), organisations, recovery_codes_left })
}

/// What you may change of yourself.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct MeChange {
    /// As you wish to be called.
    #[garde(length(chars, max = 100), custom(maybe(plain_name)))]
    name: Option<String>,
    /// The language you read.
    locale: Option<Locale>,
}

/// Change your name or language.
#[utoipa::path(patch, path = "/api/v1/me", tag = "Account", request_body = MeChange, responses((status = NO_CONTENT)))]
pub(super) async fn update_me(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Json(body): Json<MeChange>,
) -> Result<StatusCode, Problem> {
    service::update(&ctx, &actor, body.name, body.locale).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Long enough to be worth something, short enough to be hashed.
pub(super) fn good_password(value: &SecretString, _: &()) -> garde::Result {
    match value.expose_secret().chars().count() {
        0..10 => {
            Err(garde::Error::new("is shorter than 10 characters; a few words in a row make a good one"))
        }
        201.. => Err(garde::Error::new("is longer than 200 characters")),
        _ => Ok(()),
    }
}

/// A change of your password.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PasswordChange {
    /// The present one.
    #[schema(value_type = String, format = Password)]
    current: SecretString,
    /// The new one: at least ten characters.
    #[garde(custom(good_password))]
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    new: SecretString,
}

/// Change your password. Every other browser is signed out.
#[utoipa::path(put, path = "/api/v1/me/password", tag = "Account",
    request_body = PasswordChange, responses((status = NO_CONTENT)))]
pub(super) async fn change_password(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Json(body): Json<PasswordChange>,
) -> Result<StatusCode, Problem> {
    service::change_password(&ctx, &actor, body.current, body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose password is to be reset.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasswordResetRequest {
    /// The account's e-mail address.
    #[garde(email, length(max = 320))]
    email: String,
}

/// What becomes of a wish for a link.
#[derive(Serialize, ToSchema)]
pub struct PasswordResetAsked {
    /// Whether this installation sends mail at all. Where it does not, whoever runs it makes the link.
    mailed: bool,
}

/// Have a link sent to choose a new password. The answer is the same whether or not there is such an account.
#[utoipa::path(post, path = "/api/v1/password-resets", tag = "Account", security(()),
    request_body = PasswordResetRequest, responses((status = ACCEPTED, body = PasswordResetAsked)))]
pub(super) async fn ask_password_reset(
    State(ctx): State<Ctx>,
    client: Client,
    Json(body): Json<PasswordResetRequest>,
) -> Result<(StatusCode, Json<PasswordResetAsked>), Problem> {
    service::ask_reset(&ctx, &client, &body.email).await?;
    Ok((StatusCode::ACCEPTED, Json(PasswordResetAsked { mailed: ctx.mailer.is_configured() })))
}

/// A new password, by the link that was sent.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// What stands behind `#` in the link.
    #[garde(length(min = 1, max = 100))]
    token: String,
    /// The new password: at least ten characters.
    #[garde(custom(good_password))]
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    password: SecretString,
}

/// Choose a new password by the link that was sent. Every browser is signed out.
#[utoipa::path(post, path = "/api/v1/password-resets/use", tag = "Account", security(()),
    request_body = PasswordReset, responses((status = NO_CONTENT)))]
pub(super) async fn use_password_reset(
    State(ctx): State<Ctx>,
    client: Client,
    Json(body): Json<PasswordReset>,
) -> Result<StatusCode, Problem> {
    service::use_reset(&ctx, &client, &body.token, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Your password, to prove that it is you.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PasswordProof {
    /// Your present password. Without one, leave this out: having signed in within the last ten minutes is proof.
    #[schema(value_type = Option<String>, format = Password)]
    pub(super) password: Option<SecretString>,
}

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
pub struct SecondFactor {
    /// To be shown as a QR code.
    #[schema(example = "otpauth://totp/Sapa:rina%40example.com?secret=…&issuer=Sapa")]
    uri: String,
    /// To be typed where no camera is at hand.
    secret: String,
}

/// Begin to set a second factor up. It is in use once a first code confirms it.
#[utoipa::path(post, path = "/api/v1/me/second-factor", tag = "Account",
    request_body = PasswordProof, responses((status = OK, body = SecondFactor)))]
pub(super) async fn enrol_second_factor(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Json(body): Json<PasswordProof>,
) -> Result<Json<SecondFactor>, Problem> {
    let enrolment = service::enrol(&ctx, &actor, body.password).await?;
    Ok(Json(SecondFactor { uri: enrolment.uri, secret: enrolment.secret }))
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    #[garde(length(min = 6, max = 10))]
    code: String,
}

/// Codes for the day the phone is lost.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each works once instead of a code of the app. Told this once.
    recovery_codes: Vec<String>,
}

/// Put the second factor in use. Every other browser is signed out.
#[utoipa::path(post, path = "/api/v1/me/second-factor/confirm", tag = "Account",
    request_body = Code, responses((status = OK, body = RecoveryCodes)))]
pub(super) async fn confirm_second_factor(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Json(body): Json<Code>,
) -> Result<Json<RecoveryCodes>, Problem> {
    Ok(Json(RecoveryCodes { recovery_codes: service::confirm(&ctx, &actor, &body.code).await? }))
}

/// Remove the second factor.
#[utoipa::path(post, path = "/api/v1/me/second-factor/remove", tag = "Account",
    request_body = PasswordProof, responses((status = NO_CONTENT)))]
pub(super) async fn remove_second_factor(
    State(ctx): State<Ctx>,
    actor: PersonActor,
    Json(body): Json<PasswordProof>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
