//! Canned replies: texts that an organisation keeps for answering with, each under a short name.

use rules::id::CannedReplyId;
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::OrgScope;

/// A text for answering with.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CannedReply {
    /// Its id.
    pub id: CannedReplyId,
    /// What is typed after `/` to find it; no two have the same.
    pub shortcut: String,
    /// The text.
    pub body: String,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl OrgScope<'_> {
    /// Keeps a text, in place of what stood under the id. [`StoreError::Taken`](crate::StoreError::Taken): another one
    /// has this shortcut.
    pub async fn put_canned_reply(&mut self, reply: &CannedReply) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO canned_replies (org_id, id, shortcut, body, updated_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (org_id, id) DO UPDATE SET shortcut = excluded.shortcut, body = excluded.body, \
             updated_at = excluded.updated_at",
        )
        .bind(org)
        .bind(reply.id)
        .bind(&reply.shortcut)
        .bind(&reply.body)
        .bind(reply.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A text.
    pub async fn canned_reply(&mut self, id: CannedReplyId) -> Result<Option<CannedReply>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, shortcut, body, updated_at FROM canned_replies WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// All texts, by shortcut.
    pub async fn canned_replies(&mut self) -> Result<Vec<CannedReply>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, shortcut, body, updated_at FROM canned_replies WHERE org_id = $1 ORDER BY shortcut",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// Removes a text. `false`: there is none.
    pub async fn remove_canned_reply(&mut self, id: CannedReplyId) -> Result<bool> {
        let org = self.org;
        let removed = on!(self.tx, c => sqlx::query("DELETE FROM canned_replies WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(removed == 1)
    }
}
