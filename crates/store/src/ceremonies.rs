//! What was begun with a browser and is taken once, when it comes back: a passkey's challenge, a sign-in elsewhere.
//!
//! Invariant: a ceremony is found by the hash of a token that only the browser has, and by whoever takes it first.

use rules::id::PersonId;
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::Tx;

/// A ceremony to be stored.
#[derive(Clone, Debug)]
pub struct NewCeremony<'a> {
    /// SHA-256 of the token that the browser brings back.
    pub token_hash: [u8; 32],
    /// What was begun, in a stable word; it cannot be taken as anything else.
    pub kind: &'a str,
    /// Who began it, where that is known.
    pub person: Option<PersonId>,
    /// What it needs when the browser comes back, sealed.
    pub state: &'a [u8],
    /// It cannot be taken from then on.
    pub expires_at: Timestamp,
}

/// A ceremony that was taken.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Ceremony {
    /// Who began it.
    pub person_id: Option<PersonId>,
    /// What it needs, sealed.
    pub state: Vec<u8>,
}

/// Ceremonies come before it is known who signs in, so none belongs to an organisation.
impl Tx {
    /// Stores a ceremony.
    pub async fn insert_ceremony(&mut self, ceremony: &NewCeremony<'_>) -> Result<()> {
        on!(self, c => sqlx::query(
            "INSERT INTO ceremonies (token_hash, kind, person_id, state, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(ceremony.token_hash.as_slice())
        .bind(ceremony.kind)
        .bind(ceremony.person)
        .bind(ceremony.state)
        .bind(ceremony.expires_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Takes a ceremony, which is gone then. `None`: it is unknown, was taken, has expired, or is of another kind.
    pub async fn take_ceremony(
        &mut self,
        kind: &str,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Ceremony>> {
        Ok(on!(self, c => sqlx::query_as(
            "DELETE FROM ceremonies WHERE token_hash = $1 AND kind = $2 AND expires_at > $3 RETURNING person_id, state",
        )
        .bind(token_hash.as_slice())
        .bind(kind)
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// A ceremony that stays to be taken, for what may need more than one try.
    pub async fn ceremony(
        &mut self,
        kind: &str,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Ceremony>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT person_id, state FROM ceremonies WHERE token_hash = $1 AND kind = $2 AND expires_at > $3",
        )
        .bind(token_hash.as_slice())
        .bind(kind)
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// Forgets ceremonies that nobody came back to. Returns how many.
    pub async fn drop_ceremonies_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query("DELETE FROM ceremonies WHERE expires_at < $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
