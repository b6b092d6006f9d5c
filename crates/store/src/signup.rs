//! What lets somebody into the signup dialog: single-use states, and invite links for people without an account.
//!
//! Only hashes are stored. A state or a link is presented before any organisation is known, so finding one by its
//! hash stands on [`Tx`]; the row then says whose it is.

use rules::connection::{Maker, Mode, Variant};
use rules::id::{AppId, ConnectInviteId, ConnectionId, OrgId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::{OrgScope, Tx};

/// One attempt through the dialog.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignupState {
    /// Whose.
    pub org_id: OrgId,
    /// For which connection.
    pub connection_id: ConnectionId,
    /// For whom; nobody else may use it.
    pub actor: String,
    /// The return address of the full-page dialog, to be repeated at the exchange.
    pub redirect_uri: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// An invite link.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ConnectInvite {
    /// Its id.
    pub id: ConnectInviteId,
    /// Whose.
    pub org_id: OrgId,
    /// Through which app.
    pub app_id: AppId,
    /// Who pays, whose app.
    pub mode: Mode,
    /// What kind of signup.
    pub variant: Variant,
    /// What its maker wrote on it.
    pub note: String,
    /// On which side it was made, which decides what it allows.
    pub maker: Maker,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was opened first.
    pub opened_at: Option<Timestamp>,
    /// When a connection was begun with it.
    pub used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl OrgScope<'_> {
    /// Stores a state by its hash.
    pub async fn insert_signup_state(
        &mut self,
        hash: [u8; 32],
        connection: ConnectionId,
        actor: &str,
        redirect_uri: Option<&str>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "INSERT INTO signup_states (state_hash, org_id, connection_id, actor, redirect_uri, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(hash.as_slice())
        .bind(self.org)
        .bind(connection)
        .bind(actor)
        .bind(redirect_uri)
        .bind(now)
        .bind(expires_at)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Makes an invite link, known by the hash of its token.
    pub async fn insert_connect_invite(&mut self, invite: &ConnectInvite, hash: [u8; 32]) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "INSERT INTO connect_invites (org_id, id, token_hash, app_id, mode, variant, note, maker, created_by, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.org)
        .bind(invite.id)
        .bind(hash.as_slice())
        .bind(invite.app_id)
        .bind(invite.mode)
        .bind(invite.variant)
        .bind(&invite.note)
        .bind(invite.maker)
        .bind(&invite.created_by)
        .bind(invite.created_at)
        .bind(invite.expires_at)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// The organisation's invite links, newest first.
    pub async fn connect_invites(&mut self, limit: i64) -> Result<Vec<ConnectInvite>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, org_id, app_id, mode, variant, note, maker, created_by, created_at, expires_at, opened_at, \
             used_at, revoked_at FROM connect_invites WHERE org_id = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(self.org)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// On which side a link was made, unless it was taken back since.
    pub async fn maker_of_invite(&mut self, id: ConnectInviteId) -> Result<Option<Maker>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT maker FROM connect_invites WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Takes a link back. `false`: there is no such link in force.
    pub async fn revoke_connect_invite(&mut self, id: ConnectInviteId, now: Timestamp) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE connect_invites SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Notes that a link was opened; the first time stays.
    pub async fn open_connect_invite(&mut self, id: ConnectInviteId, now: Timestamp) -> Result<()> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE connect_invites SET opened_at = coalesce(opened_at, $3) WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?)
    }

    /// Claims a link for its one connection. `false`: it was claimed before, has ended or was taken back.
    pub async fn use_connect_invite(&mut self, id: ConnectInviteId, now: Timestamp) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE connect_invites SET used_at = $3 WHERE org_id = $1 AND id = $2 AND used_at IS NULL \
             AND revoked_at IS NULL AND expires_at > $3",
        )
        .bind(self.org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// The connection begun with a link.
    pub async fn connection_of_invite(&mut self, invite: ConnectInviteId) -> Result<Option<ConnectionId>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT id FROM connections WHERE org_id = $1 AND invite_id = $2 ORDER BY created_at LIMIT 1",
        )
        .bind(self.org)
        .bind(invite)
        .fetch_optional(c)
        .await)?)
    }
}

impl Tx {
    /// A state by its hash, used or not.
    pub async fn signup_state(&mut self, hash: [u8; 32]) -> Result<Option<SignupState>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, connection_id, actor, redirect_uri, expires_at, used_at FROM signup_states \
             WHERE state_hash = $1",
        )
        .bind(hash.as_slice())
        .fetch_optional(c)
        .await)?)
    }

    /// Uses a state up. `false`: it was used before or has ended; of two at once one gets `true`.
    pub async fn use_signup_state(&mut self, hash: [u8; 32], now: Timestamp) -> Result<bool> {
        Ok(on!(self, c => sqlx::query(
            "UPDATE signup_states SET used_at = $2 WHERE state_hash = $1 AND used_at IS NULL AND expires_at > $2",
        )
        .bind(hash.as_slice())
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Drops states that ended before. Returns how many.
    pub async fn drop_signup_states(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query("DELETE FROM signup_states WHERE expires_at < $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// An invite link by the hash of its token, in force or not.
    pub async fn connect_invite(&mut self, hash: [u8; 32]) -> Result<Option<ConnectInvite>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT id, org_id, app_id, mode, variant, note, maker, created_by, created_at, expires_at, opened_at, \
             used_at, revoked_at FROM connect_invites WHERE token_hash = $1",
        )
        .bind(hash.as_slice())
        .fetch_optional(c)
        .await)?)
    }
}
