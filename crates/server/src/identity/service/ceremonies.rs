//! What is begun with a browser and taken once, when it comes back.

use std::time::Duration;

use rules::id::PersonId;
use secrecy::{ExposeSecret as _, SecretString};
use store::Tx;
use store::ceremonies::NewCeremony;
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
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::AddPasskey => "passkey.add",
            Self::PasskeySignIn => "passkey.sign_in",
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

/// Takes a ceremony, which is gone then whatever comes of it. Returns who began it, and its state; `None`: it is
/// unknown, was taken before, or has expired.
pub(super) async fn take(
    ctx: &Ctx,
    kind: Kind,
    token_hash: &[u8; 32],
) -> Result<Option<(Option<PersonId>, String)>, Problem> {
    let mut tx = ctx.store.begin().await?;
    let Some(taken) = tx.take_ceremony(kind.word(), token_hash, ctx.now()).await? else { return Ok(None) };
    let state = ctx.vault.open(&mut tx, OPERATOR, STATE, &taken.state).await?;
    tx.commit().await?;
    Ok(Some((taken.person_id, state.expose_secret().to_owned())))
}
