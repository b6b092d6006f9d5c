//! What is begun with a browser and taken once, when it comes back.

use std::time::Duration;

use rules::id::PersonId;
use secrecy::{ExposeSecret as _, SecretString};
use store::Tx;
use store::ceremonies::{Ceremony, NewCeremony};
use store::sealed::{OPERATOR, Place};

use crate::ctx::Ctx;
use crate::http::Problem;

/// Where what a ceremony needs is sealed.
const STATE: Place = Place("ceremonies.state");

/// What was begun. It cannot be taken as anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum Kind {
    /// A person adds a passkey.
    AddPasskey,
    /// Somebody signs in with a passkey.
    PasskeySignIn,
    /// Somebody was sent to an OpenID Connect provider.
    OpenId,
    /// Somebody has come back from there and owes their second factor.
    OpenIdSecondFactor,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::AddPasskey => "passkey.add",
            Self::PasskeySignIn => "passkey.sign_in",
            Self::OpenId => "openid",
            Self::OpenIdSecondFactor => "openid.second_factor",
        }
    }
}

/// Begins a ceremony that whoever holds the token with this hash can take within `life`.
pub(super) async fn begin(
    ctx: &Ctx,
    tx: &mut Tx,
    kind: Kind,
    token_hash: [u8; 32],
    person: Option<PersonId>,
    state: String,
    life: Duration,
) -> Result<(), Problem> {
    let now = ctx.now();
    let sealed = ctx.vault.seal(tx, OPERATOR, STATE, &SecretString::from(state), now).await?;
    let ceremony =
        NewCeremony { token_hash, kind: kind.word(), person, state: &sealed, expires_at: now + life };
    Ok(tx.insert_ceremony(&ceremony).await?)
}

/// What was begun: by whom, where that is known, and what it needs.
pub(super) type Begun = (Option<PersonId>, String);

/// Takes a ceremony, which is gone then whatever comes of it. `None`: it is unknown, was taken before, or has expired.
pub(super) async fn take(ctx: &Ctx, kind: Kind, token_hash: &[u8; 32]) -> Result<Option<Begun>, Problem> {
    let mut tx = ctx.store.begin().await?;
    let taken = take_in(ctx, &mut tx, kind, token_hash).await?;
    tx.commit().await?;
    Ok(taken)
}

/// The same, if the transaction commits.
pub(super) async fn take_in(
    ctx: &Ctx,
    tx: &mut Tx,
    kind: Kind,
    token_hash: &[u8; 32],
) -> Result<Option<Begun>, Problem> {
    let taken = tx.take_ceremony(kind.word(), token_hash, ctx.now()).await?;
    open(ctx, tx, taken).await
}

/// A ceremony that stays to be taken.
pub(super) async fn look(ctx: &Ctx, kind: Kind, token_hash: &[u8; 32]) -> Result<Option<Begun>, Problem> {
    let mut tx = ctx.store.read().await?;
    let found = tx.ceremony(kind.word(), token_hash, ctx.now()).await?;
    open(ctx, &mut tx, found).await
}

async fn open(ctx: &Ctx, tx: &mut Tx, found: Option<Ceremony>) -> Result<Option<Begun>, Problem> {
    let Some(found) = found else { return Ok(None) };
    let state = ctx.vault.open(tx, OPERATOR, STATE, &found.state).await?;
    Ok(Some((found.person_id, state.expose_secret().to_owned())))
}
