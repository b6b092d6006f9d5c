//! Notes: what members tell each other in a conversation. The contact never sees them, and they never leave.

use rules::id::{ConversationId, MemberId, NoteId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::seam::OrgScope;

/// A note.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// Who wrote it; `None`: a key.
    pub author_id: Option<MemberId>,
    /// Its text.
    pub body: String,
    /// Whom it calls.
    pub mentions: Json<Vec<MemberId>>,
    /// When it was written: its place in the thread.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub edited_at: Option<Timestamp>,
}

impl OrgScope<'_> {
    /// Leaves a note.
    pub async fn insert_note(&mut self, note: &Note) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO notes (org_id, id, conversation_id, author_id, body, mentions, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(org)
        .bind(note.id)
        .bind(note.conversation_id)
        .bind(note.author_id)
        .bind(&note.body)
        .bind(&note.mentions)
        .bind(note.created_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        self.mention(note.id, &note.mentions.0).await
    }

    /// A note.
    pub async fn note(&mut self, id: NoteId) -> Result<Option<Note>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, conversation_id, author_id, body, mentions, created_at, edited_at FROM notes \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// A page of a conversation's notes, newest first.
    pub async fn notes(
        &mut self,
        conversation: ConversationId,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Note>> {
        let org = self.org;
        let rows = on!(self.tx, c => sqlx::query_as(
            "SELECT id, conversation_id, author_id, body, mentions, created_at, edited_at FROM notes \
             WHERE org_id = $1 AND conversation_id = $2 AND (created_at, id) < ($3, $4) \
             ORDER BY created_at DESC, id DESC LIMIT $5",
        )
        .bind(org)
        .bind(conversation)
        .bind(after.at)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |note: &Note| Cursor { at: note.created_at, id: note.id.0 }))
    }

    /// Changes what a note says and whom it calls. `false`: it is gone.
    pub async fn change_note(
        &mut self,
        id: NoteId,
        body: &str,
        mentions: &[MemberId],
        now: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE notes SET body = $3, mentions = $4, edited_at = $5 WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(id)
        .bind(body)
        .bind(Json(mentions))
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if changed == 1 {
            self.unmention(id).await?;
            self.mention(id, mentions).await?;
        }
        Ok(changed == 1)
    }

    /// Removes a note.
    pub async fn remove_note(&mut self, id: NoteId) -> Result<()> {
        let org = self.org;
        self.unmention(id).await?;
        Ok(on!(self.tx, c => sqlx::query("DELETE FROM notes WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?)
    }

    async fn mention(&mut self, note: NoteId, members: &[MemberId]) -> Result<()> {
        let org = self.org;
        for member in members {
            on!(self.tx, c => sqlx::query(
                "INSERT INTO note_mentions (org_id, member_id, note_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(org)
            .bind(*member)
            .bind(note)
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }

    async fn unmention(&mut self, note: NoteId) -> Result<()> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query("DELETE FROM note_mentions WHERE org_id = $1 AND note_id = $2")
            .bind(org)
            .bind(note)
            .execute(c)
            .await
            .map(|_| ()))?)
    }
}
