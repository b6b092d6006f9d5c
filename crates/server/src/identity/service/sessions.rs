//! Signing in and out.

use std::time::Duration;

use rules::id::{PersonId, SessionId};
use rules::time::span;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use store::Tx;
use store::people::{Credentials, Person};
use store::sealed::{OPERATOR, Place};
use store::sessions::{NewSession, Session};

use super::plain_email;
use crate::ctx::Ctx;
use crate::http::actor::{SESSION_IDLE, audit};
use crate::http::{Client, PersonActor, Problem};
use crate::identity::limits::Attempt;
use crate::identity::passwords::verify_password;
use crate::identity::secret::{Token, hash};
use crate::identity::totp;

/// A session ends after so long, however busy.
pub(in crate::identity) const SESSION_LIFE: Duration = span::days(90);
/// Where the second factor's secret is sealed.
pub(in crate::identity) const TOTP_SECRET: Place = Place("people.totp_secret");

/// Signs a person in by password and, where they have one, second factor.
pub(in crate::identity) async fn sign_in(
    ctx: &Ctx,
    client: &Client,
    email: &str,
    password: SecretString,
    code: Option<&str>,
) -> Result<(Person, Token), Problem> {
    let email = plain_email(email);
    let attempt = Attempt::count(ctx, "sign-in", &email, client).await?;
    let (person, credentials) = look_up(ctx, &email).await?;
    let hash = credentials.as_ref().and_then(|credentials| credentials.password_hash.clone());
    let proved = verify_password(password, hash).await?;
    let (Some(person), Some(credentials), true) = (person, credentials, proved) else {
        return Err(wrong_credentials());
    };
    let mut tx = ctx.store.begin().await?;
    if let Some(sealed) = &credentials.totp_secret {
        check_second_factor(ctx, &mut tx, person.id, sealed, code).await?;
    }
    attempt.succeeded(&mut tx).await?;
    let token = start(ctx, &mut tx, &person, client, "password").await?;
    tx.commit().await?;
    Ok((person, token))
}

/// The same answer for an unknown address and a wrong password.
pub(in crate::identity) fn wrong_credentials() -> Problem {
    Problem::unproven(
        "wrong_credentials",
        "E-mail address and password do not match an account. Check both, or ask for a new password.",
    )
}

/// Starts a session in a transaction that proved who it is for, and by what (`password`, `passkey`, …).
pub(in crate::identity) async fn start(
    ctx: &Ctx,
    tx: &mut Tx,
    person: &Person,
    client: &Client,
    by: &str,
) -> Result<Token, Problem> {
    let now = ctx.now();
    let token = Token::fresh("", ctx.chance());
    let session = NewSession {
        id: SessionId::fresh(now, ctx.chance()),
        person: person.id,
        token_hash: token.hash(),
        expires_at: now + SESSION_LIFE,
        address: client.address(),
        user_agent: client.user_agent.clone(),
    };
    tx.insert_session(&session, now).await?;
    let (target, details) = (session.id.to_string(), json!({ "by": by }));
    note_with(ctx, tx, person.id, "session.start", &target, details, &client.address()).await?;
    Ok(token)
}

async fn look_up(ctx: &Ctx, email: &str) -> Result<(Option<Person>, Option<Credentials>), Problem> {
    let mut tx = ctx.store.read().await?;
    let person = tx.person_by_email(email).await?.filter(|person| person.disabled_at.is_none());
    let credentials = match &person {
        Some(person) => tx.credentials(person.id).await?,
        None => None,
    };
    Ok((person, credentials))
}

/// Accepts a code of the authenticator app, each once, or a recovery code.
pub(in crate::identity) async fn check_second_factor(
    ctx: &Ctx,
    tx: &mut Tx,
    person: PersonId,
    sealed: &[u8],
    code: Option<&str>,
) -> Result<(), Problem> {
    let Some(code) = code else {
        return Err(Problem::unproven(
            "second_factor_required",
            "This account has a second factor. Send the six digits of the authenticator app, or a recovery code, as `code`.",
        ));
    };
    let secret = open_secret(ctx, tx, sealed).await?;
    let accepted = match totp::step_of(&secret, code, ctx.now()) {
        Some(step) => tx.take_totp_step(person, step).await?,
        None => tx.use_recovery_code(person, &hash(&totp::plain_recovery_code(code)), ctx.now()).await?,
    };
    if accepted {
        return Ok(());
    }
    Err(Problem::unproven(
        "second_factor_wrong",
        "This code is not valid or was used before. Wait for the next one; check that the clock of the phone is right.",
    ))
}

/// Opens the sealed secret of a second factor.
pub(in crate::identity) async fn open_secret(
    ctx: &Ctx,
    tx: &mut Tx,
    sealed: &[u8],
) -> Result<totp::Secret, Problem> {
    let text = ctx.vault.open(tx, OPERATOR, TOTP_SECRET, sealed).await?;
    let mut secret = totp::Secret::default();
    hex::decode_to_slice(text.expose_secret(), &mut secret).map_err(|error| Problem::internal(&error))?;
    Ok(secret)
}

/// A person's live sessions.
pub(in crate::identity) async fn list(ctx: &Ctx, actor: &PersonActor) -> Result<Vec<Session>, Problem> {
    let now = ctx.now();
    Ok(ctx.store.read().await?.sessions_of(actor.person.id, now, now - SESSION_IDLE).await?)
}

/// Ends one of a person's sessions.
pub(in crate::identity) async fn revoke(
    ctx: &Ctx,
    actor: &PersonActor,
    session: SessionId,
) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    if !tx.revoke_session(actor.person.id, session, ctx.now()).await? {
        return Err(Problem::not_found());
    }
    note(ctx, &mut tx, actor.person.id, "session.end", &session.to_string(), &actor.client.address()).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends every session of a person, this one included.
pub(in crate::identity) async fn revoke_all(ctx: &Ctx, actor: &PersonActor) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    tx.revoke_sessions_of(actor.person.id, None, ctx.now()).await?;
    note(ctx, &mut tx, actor.person.id, "session.end_all", "", &actor.client.address()).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes in the installation's audit log what a person did with their account.
pub(in crate::identity) async fn note(
    ctx: &Ctx,
    tx: &mut Tx,
    person: PersonId,
    action: &str,
    target: &str,
    address: &str,
) -> store::Result<()> {
    note_with(ctx, tx, person, action, target, json!({}), address).await
}

/// The same, with facts that explain it.
pub(in crate::identity) async fn note_with(
    ctx: &Ctx,
    tx: &mut Tx,
    person: PersonId,
    action: &str,
    target: &str,
    details: Value,
    address: &str,
) -> store::Result<()> {
    let mut scope = tx.org(OPERATOR).await?;
    audit(ctx, &mut scope, &format!("person:{person}"), action, target, details, address).await
}
