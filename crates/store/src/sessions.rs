//! Signed-in browsers. Only the hash of a session's token is stored.

use rules::id::{PersonId, SessionId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::Tx;

/// A session to be stored.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Made by the caller.
    pub id: SessionId,
    /// Whose it is.
    pub person: PersonId,
    /// SHA-256 of the token in the cookie.
    pub token_hash: [u8; 32],
    /// It ends then, however busy.
    pub expires_at: Timestamp,
    /// Where the browser was seen.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// A stored session.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub person_id: PersonId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute or so.
    pub last_seen_at: Timestamp,
    /// It ends then, however busy.
    pub expires_at: Timestamp,
    /// Where the browser was seen.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
}

macro_rules! session_columns {
    () => {
        "id, person_id, created_at, last_seen_at, expires_at, address, user_agent"
    };
}

/// A session is a person's, not an organisation's.
impl Tx {
    /// Stores a session.
    pub async fn insert_session(&mut self, session: &NewSession, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query(
            "INSERT INTO sessions (id, person_id, token_hash, created_at, last_seen_at, expires_at, address, user_agent) \
             VALUES ($1, $2, $3, $4, $4, $5, $6, $7)",
        )
        .bind(session.id)
        .bind(session.person)
        .bind(session.token_hash.as_slice())
        .bind(now)
        .bind(session.expires_at)
        .bind(&session.address)
        .bind(&session.user_agent)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// The live session with this token: not revoked, not past its end, used since `idle_since`, of a person who may
    /// sign in.
    pub async fn session_by_token(
        &mut self,
        token_hash: &[u8; 32],
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<Session>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", session_columns!(), " FROM sessions s WHERE token_hash = $1 AND revoked_at IS NULL \
             AND expires_at > $2 AND last_seen_at > $3 \
             AND EXISTS (SELECT 1 FROM people p WHERE p.id = s.person_id AND p.disabled_at IS NULL)"
        ))
        .bind(token_hash.as_slice())
        .bind(now)
        .bind(idle_since)
        .fetch_optional(c)
        .await)?)
    }

    /// Notes that a session is in use.
    pub async fn touch_session(&mut self, id: SessionId, now: Timestamp) -> Result<()> {
        on!(self, c => sqlx::query("UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2")
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A person's live sessions, the latest used first.
    pub async fn sessions_of(
        &mut self,
        person: PersonId,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Vec<Session>> {
        Ok(on!(self, c => sqlx::query_as(concat!(
            "SELECT ", session_columns!(), " FROM sessions WHERE person_id = $1 AND revoked_at IS NULL \
             AND expires_at > $2 AND last_seen_at > $3 ORDER BY last_seen_at DESC, id DESC LIMIT 200"
        ))
        .bind(person)
        .bind(now)
        .bind(idle_since)
        .fetch_all(c)
        .await)?)
    }

    /// Ends one of a person's sessions. `false`: they have no such session.
    pub async fn revoke_session(&mut self, person: PersonId, id: SessionId, now: Timestamp) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE sessions SET revoked_at = $3 WHERE id = $2 AND person_id = $1 AND revoked_at IS NULL",
        )
        .bind(person)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Ends every session of a person, but for one that is spared. Returns how many ended.
    pub async fn revoke_sessions_of(
        &mut self,
        person: PersonId,
        spared: Option<SessionId>,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "UPDATE sessions SET revoked_at = $3 \
             WHERE person_id = $1 AND revoked_at IS NULL AND ($2 IS NULL OR id <> $2)",
        )
        .bind(person)
        .bind(spared)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }

    /// Forgets sessions that ended or were last used before `before`.
    pub async fn drop_sessions_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "DELETE FROM sessions WHERE expires_at < $1 OR last_seen_at < $1 OR revoked_at < $1",
        )
        .bind(before)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }
}
