//! The `state` of one attempt through the dialog: signed, single-use, short-lived, and of one person's one connection.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rules::connection::STATE_LIFETIME;
use rules::id::{ConnectionId, OrgId};
use secrecy::ExposeSecret as _;
use store::Tx;
use store::signup::SignupState;

use super::Failed;
use crate::ctx::Ctx;
use crate::identity::hash;

const NONCE: usize = 24;

/// Makes a state for this connection and person, and stores its hash.
pub async fn issue(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    connection: ConnectionId,
    actor: &str,
    redirect_uri: Option<&str>,
) -> store::Result<String> {
    let now = ctx.now();
    let mut bytes = vec![0; NONCE];
    ctx.chance().fill(&mut bytes);
    let signed = sign(ctx, tx, &bytes, org, connection, actor).await?;
    bytes.extend_from_slice(signed.as_ref());
    let state = URL_SAFE_NO_PAD.encode(bytes);
    tx.org(org)
        .await?
        .insert_signup_state(hash(&state), connection, actor, redirect_uri, now + STATE_LIFETIME, now)
        .await?;
    Ok(state)
}

/// Whose a state is. `actor` and `connection`, where they are known, must be those it was made for; somebody else's
/// state is refused exactly like one that never was.
pub async fn check(
    ctx: &Ctx,
    tx: &mut Tx,
    state: &str,
    actor: Option<&str>,
    connection: Option<ConnectionId>,
) -> Result<SignupState, Failed> {
    let row = tx.signup_state(hash(state)).await?.ok_or(Failed::BadState)?;
    let bytes = URL_SAFE_NO_PAD.decode(state).map_err(|_| Failed::BadState)?;
    let (nonce, tag) = bytes.split_at_checked(NONCE).ok_or(Failed::BadState)?;
    let expected = sign(ctx, tx, nonce, row.org_id, row.connection_id, &row.actor).await?;
    let genuine = aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_ref(), tag).is_ok();
    let fits = actor.is_none_or(|actor| actor == row.actor)
        && connection.is_none_or(|connection| connection == row.connection_id);
    if genuine && fits && row.expires_at > ctx.now() { Ok(row) } else { Err(Failed::BadState) }
}

/// Uses a state up; of two at once one succeeds.
pub async fn spend(ctx: &Ctx, tx: &mut Tx, state: &str) -> Result<(), Failed> {
    if tx.use_signup_state(hash(state), ctx.now()).await? { Ok(()) } else { Err(Failed::BadState) }
}

async fn sign(
    ctx: &Ctx,
    tx: &mut Tx,
    nonce: &[u8],
    org: OrgId,
    connection: ConnectionId,
    actor: &str,
) -> store::Result<hmac::Tag> {
    let key = ctx.vault.operator_secret(tx, "signup.state", ctx.now()).await?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret());
    let mut context = hmac::Context::with_key(&key);
    context.update(nonce);
    context.update(org.0.as_bytes());
    context.update(connection.0.as_bytes());
    context.update(actor.as_bytes());
    Ok(context.sign())
}
