//! Machines' keys to the API, an organisation's or the operator's. Only the hash of a key is stored.

use rules::id::{KeyId, OrgId};
use rules::time::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::seam::{OrgScope, Tx};

/// A key to be stored.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Made by the caller.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
    /// Its first characters, by which people recognise it.
    pub prefix: String,
    /// SHA-256 of the whole key.
    pub secret_hash: [u8; 32],
    /// The rights it carries, separated by spaces; `*` for an operator key.
    pub scopes: String,
    /// The member or operator who made it.
    pub created_by: Option<Uuid>,
    /// It works until then.
    pub expires_at: Option<Timestamp>,
}

/// A stored key.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// The organisation it opens; `None` for an operator key.
    pub org_id: Option<OrgId>,
    /// What people call it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// The rights it carries, separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Timestamp>,
    /// It works until then.
    pub expires_at: Option<Timestamp>,
}

macro_rules! key_columns {
    () => {
        "id, org_id, name, prefix, scopes, created_at, last_used_at, expires_at"
    };
}

/// A key names its organisation, so it is found before that is known; an operator's key has none.
impl Tx {
    /// The live key with this secret.
    pub async fn key_by_secret(&mut self, secret_hash: &[u8; 32], now: Timestamp) -> Result<Option<ApiKey>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", key_columns!(), " FROM api_keys WHERE secret_hash = $1 AND revoked_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $2)"
        ))
        .bind(secret_hash.as_slice())
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// Notes that a key is in use.
    pub async fn touch_key(&mut self, id: KeyId, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Stores an operator key.
    pub async fn insert_operator_key(&mut self, key: &NewKey, now: Timestamp) -> Result<()> {
        self.insert_any_key(None, key, now).await
    }

    /// Live operator keys, newest first.
    pub async fn operator_keys(&mut self) -> Result<Vec<ApiKey>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", key_columns!(), " FROM api_keys WHERE org_id IS NULL AND revoked_at IS NULL ORDER BY id DESC LIMIT 500"
        ))
        .fetch_all(c)
        .await)?)
    }

    /// Revokes an operator key. `false`: there is no such live key.
    pub async fn revoke_operator_key(&mut self, id: KeyId, now: Timestamp) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND org_id IS NULL AND revoked_at IS NULL",
        )
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    async fn insert_any_key(&mut self, org: Option<OrgId>, key: &NewKey, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query(
            "INSERT INTO api_keys (id, org_id, name, prefix, secret_hash, scopes, created_by, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(key.id)
        .bind(org)
        .bind(&key.name)
        .bind(&key.prefix)
        .bind(key.secret_hash.as_slice())
        .bind(&key.scopes)
        .bind(key.created_by)
        .bind(now)
        .bind(key.expires_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}

impl OrgScope<'_> {
    /// Stores a key of this organisation.
    pub async fn insert_key(&mut self, key: &NewKey, now: Timestamp) -> Result<()> {
        let org = self.org;
        self.tx.insert_any_key(Some(org), key, now).await
    }

    /// Live keys, newest first.
    pub async fn keys(&mut self) -> Result<Vec<ApiKey>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", key_columns!(), " FROM api_keys WHERE org_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT 500"
        ))
        .bind(self.org)
        .fetch_all(c)
        .await)?)
    }

    /// Revokes a key. `false`: there is no such live key.
    pub async fn revoke_key(&mut self, id: KeyId, now: Timestamp) -> Result<bool> {
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE api_keys SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }
}
