//! Passkeys of people. What a credential means is known to the crate `passkeys` alone; here it is text.

use rules::id::{PasskeyId, PersonId};
use rules::time::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::seam::Tx;

/// A passkey to be stored.
#[derive(Clone, Debug)]
pub struct NewPasskey<'a> {
    /// Made by the caller.
    pub id: PasskeyId,
    /// Whose it is.
    pub person: PersonId,
    /// The authenticator's id of it; unique.
    pub credential_id: &'a [u8],
    /// Public key, counter and flags.
    pub credential: &'a str,
    /// What its person calls it.
    pub name: &'a str,
    /// The model of the authenticator; nil where it does not tell.
    pub aaguid: Uuid,
    /// Whether it is stored somewhere else too.
    pub backed_up: bool,
}

/// A stored passkey.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// Whose it is.
    pub person_id: PersonId,
    /// The authenticator's id of it.
    pub credential_id: Vec<u8>,
    /// Public key, counter and flags.
    pub credential: String,
    /// What its person calls it.
    pub name: String,
    /// The model of the authenticator; nil where it does not tell.
    pub aaguid: Uuid,
    /// Whether it is stored somewhere else too.
    pub backed_up: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub last_used_at: Option<Timestamp>,
}

macro_rules! passkey_columns {
    () => {
        "id, person_id, credential_id, credential, name, aaguid, backed_up, created_at, last_used_at"
    };
}

/// A passkey is a person's, not an organisation's.
impl Tx {
    /// Stores a passkey. Taken: the credential is registered already.
    pub async fn insert_passkey(&mut self, passkey: &NewPasskey<'_>, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query(
            "INSERT INTO passkeys (id, person_id, credential_id, credential, name, aaguid, backed_up, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(passkey.id)
        .bind(passkey.person)
        .bind(passkey.credential_id)
        .bind(passkey.credential)
        .bind(passkey.name)
        .bind(passkey.aaguid)
        .bind(passkey.backed_up)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A person's passkeys, newest first.
    pub async fn passkeys_of(&mut self, person: PersonId) -> Result<Vec<Passkey>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", passkey_columns!(), " FROM passkeys WHERE person_id = $1 ORDER BY id DESC LIMIT 200"
        ))
        .bind(person)
        .fetch_all(c)
        .await)?)
    }

    /// The passkey with this credential, held until the transaction ends, so that its counter is compared by one
    /// sign-in at a time.
    pub async fn passkey_for_use(&mut self, credential_id: &[u8]) -> Result<Option<Passkey>> {
        // Writing the row to itself locks it on either database.
        Ok(on!(self, c => sqlx::query_as(concat!(
            "UPDATE passkeys SET id = id WHERE credential_id = $1 RETURNING ", passkey_columns!()
        ))
        .bind(credential_id)
        .fetch_optional(c)
        .await)?)
    }

    /// Stores what has changed of a passkey by using it.
    pub async fn use_passkey(
        &mut self,
        id: PasskeyId,
        credential: &str,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "UPDATE passkeys SET credential = $2, backed_up = $3, last_used_at = $4 WHERE id = $1",
        )
        .bind(id)
        .bind(credential)
        .bind(backed_up)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Gives one of a person's passkeys another name. `None`: they have no such passkey.
    pub async fn rename_passkey(
        &mut self,
        person: PersonId,
        id: PasskeyId,
        name: &str,
    ) -> Result<Option<Passkey>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "UPDATE passkeys SET name = $3 WHERE person_id = $1 AND id = $2 RETURNING ", passkey_columns!()
        ))
        .bind(person)
        .bind(id)
        .bind(name)
        .fetch_optional(c)
        .await)?)
    }

    /// Removes all of a person's passkeys. Returns their names.
    pub async fn remove_passkeys_of(&mut self, person: PersonId) -> Result<Vec<String>> {
        Ok(on!(self, c => sqlx::query_scalar("DELETE FROM passkeys WHERE person_id = $1 RETURNING name")
            .bind(person)
            .fetch_all(c)
            .await)?)
    }

    /// Removes one of a person's passkeys. `false`: they have no such passkey.
    pub async fn remove_passkey(&mut self, person: PersonId, id: PasskeyId) -> Result<bool> {
        let touched = on!(self, c => sqlx::query("DELETE FROM passkeys WHERE person_id = $1 AND id = $2")
            .bind(person)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }
}
