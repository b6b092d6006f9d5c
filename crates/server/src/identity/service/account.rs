//! A person's own account: name, password, second factor.

use std::time::Duration;

use rules::id::PersonId;
use rules::locale::Locale;
use rules::time::span;
use secrecy::SecretString;
use serde_json::json;
use store::people::Credentials;
use store::sealed::OPERATOR;

use super::plain_email;
use super::sessions::{TOTP_SECRET, note, open_secret};
use crate::ctx::Ctx;
use crate::http::{Client, PersonActor, Problem};
use crate::identity::jobs::{self, Letter};
use crate::identity::limits::Attempt;
use crate::identity::passwords::{hash_password, verify_password};
use crate::identity::secret::{Token, hash};
use crate::identity::totp;

/// A reset link works for so long.
pub(in crate::identity) const RESET_LIFE: Duration = span::hours(1);
const RECOVERY_CODES: usize = 10;
/// For so long after signing in, somebody without a password need not prove again that it is them.
const FRESH: Duration = span::minutes(10);

/// Changes a person's own name and language.
pub(in crate::identity) async fn update(
    ctx: &Ctx,
    actor: &PersonActor,
    name: Option<String>,
    locale: Option<Locale>,
) -> Result<(), Problem> {
    let name = name.as_deref().unwrap_or(&actor.person.name).trim();
    let locale = locale.unwrap_or_else(|| Locale::read(&actor.person.locale));
    let mut tx = ctx.store.begin().await?;
    tx.update_person(actor.person.id, name, locale.as_str()).await?;
    note(ctx, &mut tx, actor.person.id, "person.update", "", &actor.client.address()).await?;
    // Colleagues know them by this name.
    for membership in tx.memberships_of(actor.person.id).await? {
        let mut scope = tx.org(membership.org_id).await?;
        scope.publish("member.updated", &json!({ "member_id": membership.id }), ctx.now())?;
    }
    tx.commit().await?;
    Ok(())
}

/// Changes a person's own password and ends their other sessions and reset links.
pub(in crate::identity) async fn change_password(
    ctx: &Ctx,
    actor: &PersonActor,
    current: SecretString,
    new: SecretString,
) -> Result<(), Problem> {
    prove(ctx, actor, Some(current)).await?;
    let hash = hash_password(ctx.chance(), new).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    tx.set_password(actor.person.id, &hash).await?;
    tx.revoke_sessions_of(actor.person.id, Some(actor.session), now).await?;
    tx.end_password_resets(actor.person.id, now).await?;
    jobs::write(&mut tx, &Letter::PasswordChanged { person: actor.person.id }, now).await?;
    note(ctx, &mut tx, actor.person.id, "password.change", "", &actor.client.address()).await?;
    tx.commit().await?;
    Ok(())
}

/// Has a reset link sent, if there is such a person. Who that is, is looked up by the job: nothing about this answer
/// depends on it.
pub(in crate::identity) async fn ask_reset(ctx: &Ctx, client: &Client, email: &str) -> Result<(), Problem> {
    let email = plain_email(email);
    Attempt::count(ctx, "reset", &email, client).await?;
    let mut tx = ctx.store.begin().await?;
    jobs::write(&mut tx, &Letter::PasswordReset { email }, ctx.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes a reset link for a person.
pub(in crate::identity) async fn reset_link(
    ctx: &Ctx,
    tx: &mut store::Tx,
    person: PersonId,
) -> store::Result<String> {
    let token = Token::fresh("", ctx.chance());
    let now = ctx.now();
    tx.insert_password_reset(&token.hash(), person, now, now + RESET_LIFE).await?;
    Ok(jobs::link(ctx, "reset-password", token.reveal()))
}

/// Chooses a new password by a reset link, ends every session and removes every passkey: whoever had got in before may
/// have left one.
pub(in crate::identity) async fn use_reset(
    ctx: &Ctx,
    client: &Client,
    token: &str,
    new: SecretString,
) -> Result<(), Problem> {
    // A token cannot be guessed; the limit is on the work that a flood of them would cause.
    let attempt = Attempt::count(ctx, "use-reset", token, client).await?;
    let password = hash_password(ctx.chance(), new).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let Some(person) = tx.use_password_reset(&hash(token), now).await? else {
        return Err(Problem::unprocessable(
            "link_expired",
            "This link was used before or has expired. Ask for a new one.",
        ));
    };
    tx.set_password(person, &password).await?;
    tx.revoke_sessions_of(person, None, now).await?;
    attempt.succeeded(&mut tx).await?;
    jobs::write(&mut tx, &Letter::PasswordChanged { person }, now).await?;
    for way in tx.remove_passkeys_of(person).await? {
        jobs::write(&mut tx, &Letter::WayInRemoved { person, way }, now).await?;
    }
    note(ctx, &mut tx, person, "password.reset", "", &client.address()).await?;
    tx.commit().await?;
    Ok(())
}

/// What an authenticator app needs.
pub(in crate::identity) struct Enrolment {
    pub(in crate::identity) uri: String,
    pub(in crate::identity) secret: String,
}

/// Begins to set a second factor up. Nothing changes until it is confirmed.
pub(in crate::identity) async fn enrol(
    ctx: &Ctx,
    actor: &PersonActor,
    password: Option<SecretString>,
) -> Result<Enrolment, Problem> {
    let credentials = prove(ctx, actor, password).await?;
    if credentials.totp_secret.is_some() {
        return Err(Problem::conflict(
            "second_factor_in_use",
            "This account has a second factor. Remove it before you set another one up.",
        ));
    }
    let secret = totp::fresh(ctx.chance());
    let mut tx = ctx.store.begin().await?;
    let text = SecretString::from(hex::encode(secret));
    let sealed = ctx.vault.seal(&mut tx, OPERATOR, TOTP_SECRET, &text, ctx.now()).await?;
    tx.set_pending_totp(actor.person.id, &sealed).await?;
    tx.commit().await?;
    Ok(Enrolment { uri: totp::uri(&secret, &actor.person.email), secret: totp::base32(&secret) })
}

/// Puts the second factor in use, proved by a first code. Returns the recovery codes, told this once.
pub(in crate::identity) async fn confirm(
    ctx: &Ctx,
    actor: &PersonActor,
    code: &str,
) -> Result<Vec<String>, Problem> {
    let attempt = Attempt::count(ctx, "second-factor", &actor.person.id.to_string(), &actor.client).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let pending = tx.credentials(actor.person.id).await?.and_then(|credentials| credentials.totp_pending);
    let Some(pending) = pending else {
        return Err(Problem::conflict(
            "no_second_factor_pending",
            "Begin to set the second factor up first.",
        ));
    };
    let secret = open_secret(ctx, &mut tx, &pending).await?;
    let Some(step) = totp::step_of(&secret, code, now) else {
        return Err(Problem::unprocessable(
            "second_factor_wrong",
            "This code is not valid. Wait for the next one; check that the clock of the phone is right.",
        ));
    };
    tx.confirm_totp(actor.person.id, step).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| totp::recovery_code(ctx.chance())).collect();
    let hashes: Vec<_> = codes.iter().map(|code| hash(&totp::plain_recovery_code(code))).collect();
    tx.replace_recovery_codes(actor.person.id, &hashes, now).await?;
    tx.revoke_sessions_of(actor.person.id, Some(actor.session), now).await?;
    attempt.succeeded(&mut tx).await?;
    note(ctx, &mut tx, actor.person.id, "second_factor.add", "", &actor.client.address()).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Removes the second factor.
pub(in crate::identity) async fn remove(
    ctx: &Ctx,
    actor: &PersonActor,
    password: Option<SecretString>,
) -> Result<(), Problem> {
    prove(ctx, actor, password).await?;
    let mut tx = ctx.store.begin().await?;
    tx.clear_totp(actor.person.id).await?;
    note(ctx, &mut tx, actor.person.id, "second_factor.remove", "", &actor.client.address()).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes sure that it is the person themselves who sits at the browser: by their password or, where they have none, by
/// having signed in a moment ago.
pub(in crate::identity) async fn prove(
    ctx: &Ctx,
    actor: &PersonActor,
    password: Option<SecretString>,
) -> Result<Credentials, Problem> {
    let Some(password) = password else { return prove_without_password(ctx, actor).await };
    let attempt = Attempt::count(ctx, "prove", &actor.person.id.to_string(), &actor.client).await?;
    let credentials =
        ctx.store.read().await?.credentials(actor.person.id).await?.ok_or_else(Problem::not_found)?;
    if !verify_password(password, credentials.password_hash.clone()).await? {
        return Err(Problem::unprocessable("wrong_password", "This is not your present password."));
    }
    let mut tx = ctx.store.begin().await?;
    attempt.succeeded(&mut tx).await?;
    tx.commit().await?;
    Ok(credentials)
}

async fn prove_without_password(ctx: &Ctx, actor: &PersonActor) -> Result<Credentials, Problem> {
    let credentials =
        ctx.store.read().await?.credentials(actor.person.id).await?.ok_or_else(Problem::not_found)?;
    if credentials.password_hash.is_some() {
        return Err(Problem::invalid_field("password", "is needed: it proves that it is you"));
    }
    if ctx.now().since(actor.signed_in_at) > FRESH {
        return Err(Problem::forbidden(
            "sign_in_again",
            "This account has no password to prove that it is you, so this needs a sign-in of the last ten minutes. \
             Sign out, sign in again, and repeat it.",
        ));
    }
    Ok(credentials)
}
