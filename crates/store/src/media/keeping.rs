//! How long files are kept, and who still has which bytes.
//!
//! Bytes lie once under their hash, whoever has them, so whether anybody has them is asked across organisations; which
//! organisation does is told to nobody.

use std::collections::HashSet;

use rules::id::{ContactId, ConversationId, MediaId, MessageId};
use rules::message::Direction;
use rules::time::Timestamp;

use crate::error::Result;
use crate::rows::Rows;
use crate::seam::{OrgScope, Tx};

/// Which files have come of age.
#[derive(Clone, Copy, Debug)]
pub struct Aged {
    /// Whether they came or went.
    pub direction: Direction,
    /// Of those that came, only documents, or only others; `None` for all.
    pub documents: Option<bool>,
    /// They became known, and were sent last, before this.
    pub before: Timestamp,
}

/// The bytes that a row named.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Bytes {
    /// The file.
    pub id: MediaId,
    /// The message that it came with.
    pub message_id: Option<MessageId>,
    /// SHA-256 of its bytes.
    pub sha256: Option<Vec<u8>>,
    /// SHA-256 of its small picture.
    pub thumbnail_sha256: Option<Vec<u8>>,
}

impl Bytes {
    /// Every hash that it named.
    pub fn hashes(self) -> impl Iterator<Item = Vec<u8>> {
        [self.sha256, self.thumbnail_sha256].into_iter().flatten()
    }
}

impl Tx {
    /// Which of these bytes any file, picture, knowledge source, import or export of anybody still has. To be asked before an
    /// organisation is entered. Whatever has a column `sha256` is named here: the rest is swept away.
    pub async fn bytes_in_use(&mut self, hashes: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
        let mut found = HashSet::new();
        for set in self.sets(hashes) {
            let asked = Rows::of(set).column("hash", Vec::as_slice);
            let in_use: Vec<Vec<u8>> = on!(self, c => asked.with()
                .push(
                    "SELECT hash FROM w WHERE EXISTS (SELECT 1 FROM media WHERE sha256 = hash) \
                     OR EXISTS (SELECT 1 FROM media WHERE thumbnail_sha256 = hash) \
                     OR EXISTS (SELECT 1 FROM sources WHERE sha256 = hash) \
                     OR EXISTS (SELECT 1 FROM contact_exports WHERE sha256 = hash) \
                     OR EXISTS (SELECT 1 FROM imports WHERE sha256 = hash)",
                )
                .build_query_scalar()
                .fetch_all(c)
                .await)?;
            found.extend(in_use);
        }
        Ok(found)
    }
}

impl OrgScope<'_> {
    /// A message of ours carries this upload.
    pub async fn media_used(&mut self, media: MediaId, message: MessageId, now: Timestamp) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO media_uses (org_id, media_id, message_id, used_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (org_id, media_id, message_id) DO NOTHING",
        )
        .bind(org)
        .bind(media)
        .bind(message)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// The messages that carry this upload, newest first.
    pub async fn media_uses(&mut self, media: MediaId, limit: i64) -> Result<Vec<MessageId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT message_id FROM media_uses WHERE org_id = $1 AND media_id = $2 \
             ORDER BY used_at DESC, message_id DESC LIMIT $3",
        )
        .bind(org)
        .bind(media)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Gives up the bytes of up to `limit` files that have come of age, and says which bytes those were. The files stay known.
    pub async fn expire_media(&mut self, aged: Aged, limit: i64, now: Timestamp) -> Result<Vec<Bytes>> {
        let org = self.org;
        let due: Vec<Bytes> = on!(self.tx, c => sqlx::query_as(
            "SELECT id, message_id, sha256, thumbnail_sha256 FROM media m \
             WHERE org_id = $1 AND direction = $2 AND created_at < $3 AND sha256 IS NOT NULL \
             AND ($4 = 0 OR EXISTS (SELECT 1 FROM messages g WHERE g.org_id = m.org_id AND g.id = m.message_id AND g.kind = 'document') = ($4 = 2)) \
             AND NOT EXISTS (SELECT 1 FROM media_uses u WHERE u.org_id = m.org_id AND u.media_id = m.id AND u.used_at >= $3) \
             ORDER BY created_at LIMIT $5",
        )
        .bind(org)
        .bind(aged.direction)
        .bind(aged.before)
        .bind(aged.documents.map_or(0, |documents| if documents { 2 } else { 1 }))
        .bind(limit)
        .fetch_all(c)
        .await)?;
        for set in self.tx.sets(&due) {
            let asked = Rows::of(set).column("media_id", |one| one.id);
            on!(self.tx, c => asked.with()
                .push("UPDATE media SET sha256 = NULL, thumbnail_sha256 = NULL, preview = NULL, meta_media_id = NULL, expired_at = ")
                .push_bind(now)
                .push(" WHERE org_id = ")
                .push_bind(org)
                .push(" AND id IN (SELECT media_id FROM w)")
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(due)
    }

    /// Forgets the files of a message, and says which bytes those were: what came with it, and what went with it and with
    /// no other.
    pub async fn forget_media_of(&mut self, message: MessageId) -> Result<Vec<Bytes>> {
        let org = self.org;
        let used: Vec<MediaId> = on!(self.tx, c => sqlx::query_scalar(
            "DELETE FROM media_uses WHERE org_id = $1 AND message_id = $2 RETURNING media_id",
        )
        .bind(org)
        .bind(message)
        .fetch_all(c)
        .await)?;
        let mut gone: Vec<Bytes> = on!(self.tx, c => sqlx::query_as(
            "DELETE FROM media WHERE org_id = $1 AND message_id = $2 RETURNING id, message_id, sha256, thumbnail_sha256",
        )
        .bind(org)
        .bind(message)
        .fetch_all(c)
        .await)?;
        for media in used {
            let unused: Option<Bytes> = on!(self.tx, c => sqlx::query_as(
                "DELETE FROM media WHERE org_id = $1 AND id = $2 AND direction = 'outbound' \
                 AND NOT EXISTS (SELECT 1 FROM media_uses u WHERE u.org_id = $1 AND u.media_id = $2) \
                 RETURNING id, message_id, sha256, thumbnail_sha256",
            )
            .bind(org)
            .bind(media)
            .fetch_optional(c)
            .await)?;
            gone.extend(unused);
        }
        Ok(gone)
    }

    /// Up to `limit` messages with this contact that files came with or went with.
    pub async fn messages_with_media(&mut self, contact: ContactId, limit: i64) -> Result<Vec<MessageId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT m.id FROM messages m WHERE m.org_id = $1 AND m.conversation_id IN \
             (SELECT id FROM conversations WHERE org_id = $1 AND contact_id = $2) \
             AND (EXISTS (SELECT 1 FROM media f WHERE f.org_id = $1 AND f.message_id = m.id) \
             OR EXISTS (SELECT 1 FROM media_uses u WHERE u.org_id = $1 AND u.message_id = m.id)) LIMIT $3",
        )
        .bind(org)
        .bind(contact)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Up to `limit` messages of a conversation that carry an upload of ours.
    pub async fn messages_carrying(
        &mut self,
        conversation: ConversationId,
        limit: i64,
    ) -> Result<Vec<MessageId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT DISTINCT u.message_id FROM messages m JOIN media_uses u ON u.org_id = m.org_id AND u.message_id = m.id \
             WHERE m.org_id = $1 AND m.conversation_id = $2 LIMIT $3",
        )
        .bind(org)
        .bind(conversation)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// How many files the organisation has, and how many bytes they are together.
    pub async fn media_kept(&mut self) -> Result<(i64, i64)> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT count(*), CAST(COALESCE(sum(size), 0) AS BIGINT) FROM media WHERE org_id = $1 AND sha256 IS NOT NULL",
        )
        .bind(org)
        .fetch_one(c)
        .await)?)
    }
}
