//! Forgetting people and what was said with them, a little at a time.
//!
//! What is deleted here is deleted everywhere: the words of messages leave the index, and a word that nobody else uses
//! leaves the organisation's vocabulary.

mod bodies;
mod person;

pub use bodies::Naming;

use rules::id::{ContactId, ConversationId, ImportId, MediaId, MessageId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::imports::ImportRow;
use crate::rows::Rows;
use crate::seam::OrgScope;

/// A file of a conversation and the hash of its bytes.
pub type File = (MediaId, Option<Vec<u8>>);

/// A message that is about to be forgotten.
#[derive(sqlx::FromRow)]
struct Said {
    row_id: i64,
    id: MessageId,
    body: String,
}

/// The contacts that are one person: the one meant and those that became part of it.
macro_rules! person {
    () => {
        "(SELECT id FROM contacts WHERE org_id = $1 AND (id = $2 OR merged_into = $2))"
    };
}

impl OrgScope<'_> {
    /// Every conversation with a person, those included that became part of another.
    pub async fn conversations_with(&mut self, contact: ContactId) -> Result<Vec<ConversationId>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(concat!(
            "SELECT id FROM conversations WHERE org_id = $1 AND contact_id IN ", person!(), " ORDER BY id"
        ))
        .bind(self.org)
        .bind(contact)
        .fetch_all(c)
        .await)?)
    }

    /// Conversations in which nothing was said since `before`, the oldest first.
    pub async fn silent_conversations(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<ConversationId>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT id FROM conversations WHERE org_id = $1 AND last_message_at < $2 ORDER BY last_message_at, id LIMIT $3",
        )
        .bind(self.org)
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// In how many conversations nothing was said since `before`.
    pub async fn count_silent_conversations(&mut self, before: Timestamp) -> Result<i64> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT count(*) FROM conversations WHERE org_id = $1 AND last_message_at < $2",
        )
        .bind(self.org)
        .bind(before)
        .fetch_one(c)
        .await)?)
    }

    /// Forgets messages of a conversation, some at a time. Returns how many; fewer than `limit` means that none is left.
    pub async fn forget_messages(&mut self, conversation: ConversationId, limit: i64) -> Result<u64> {
        let org = self.org;
        let said: Vec<Said> = on!(self.tx, c => sqlx::query_as(
            "SELECT row_id, id, body FROM messages WHERE org_id = $1 AND conversation_id = $2 ORDER BY at, id LIMIT $3",
        )
        .bind(org)
        .bind(conversation)
        .bind(limit)
        .fetch_all(c)
        .await)?;
        for set in self.tx.sets(&said) {
            // Where somebody was reached besides is kept as long as they are: their STOP comes there.
            let gone = Rows::of(set).column("id", |one| one.id);
            on!(self.tx, c => gone.with()
                .push("UPDATE reaches SET subject = '', body = '', message_id = ")
                .push_bind(uuid::Uuid::nil())
                .push(" WHERE message_id IN (SELECT id FROM w) AND org_id = ")
                .push_bind(org)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
            for (table, column) in [("attempts", "message_id"), ("answers", "message_id"), ("messages", "id")]
            {
                let gone = Rows::of(set).column("id", |one| one.id);
                on!(self.tx, c => gone.with()
                    .push(format!("DELETE FROM {table} WHERE {column} IN (SELECT id FROM w) AND org_id = "))
                    .push_bind(org)
                    .build()
                    .execute(c)
                    .await
                    .map(|_| ()))?;
            }
        }
        let words: Vec<(i64, &str)> = said.iter().map(|one| (one.row_id, one.body.as_str())).collect();
        self.tx.forget_words(org, &words).await?;
        Ok(said.len() as u64)
    }

    /// Forgets a conversation of which all messages are gone, with what members noted and what others remember of it.
    /// Returns how many notes that were. `None`: somebody has written meanwhile.
    pub async fn forget_conversation(&mut self, conversation: ConversationId) -> Result<Option<u64>> {
        let org = self.org;
        let left: bool = on!(self.tx, c => sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE org_id = $1 AND conversation_id = $2)",
        )
        .bind(org)
        .bind(conversation)
        .fetch_one(c)
        .await)?;
        if left {
            return Ok(None);
        }
        on!(self.tx, c => sqlx::query(
            "DELETE FROM note_mentions WHERE org_id = $1 AND note_id IN \
             (SELECT id FROM notes WHERE org_id = $1 AND conversation_id = $2)",
        )
        .bind(org)
        .bind(conversation)
        .execute(c)
        .await
        .map(|_| ()))?;
        let mut notes = 0;
        for (table, column) in
            [("answers", "conversation_id"), ("conversations", "id"), ("notes", "conversation_id")]
        {
            let sql = format!("DELETE FROM {table} WHERE org_id = $1 AND {column} = $2");
            notes = on!(self.tx, c => sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(org)
                .bind(conversation)
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
        }
        Ok(Some(notes))
    }

    /// Forgets what is kept for a while and speaks of a thing by its id: jobs that nobody runs, live events, answers to
    /// repeated requests. What the audit log adds to what was done is taken out; that it was done stays.
    pub async fn forget_mentions(&mut self, id: &str) -> Result<()> {
        let org = self.org;
        let anywhere = format!("%{id}%");
        for sql in [
            "DELETE FROM jobs WHERE org_id = $1 AND payload LIKE $2 AND lease_id IS NULL",
            "DELETE FROM jobs WHERE org_id = $1 AND payload LIKE $2 AND state = 'dead'",
            "DELETE FROM events WHERE org_id = $1 AND payload LIKE $2",
            "DELETE FROM idempotency WHERE org_id = $1 AND response LIKE $2",
        ] {
            on!(self.tx, c => sqlx::query(sql).bind(org).bind(&anywhere).execute(c).await.map(|_| ()))?;
        }
        on!(self.tx, c => sqlx::query("UPDATE audit SET details = '{}' WHERE org_id = $1 AND target = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The next file that came with a message of a conversation.
    pub async fn file_in(&mut self, conversation: ConversationId) -> Result<Option<File>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT f.id, f.sha256 FROM media f JOIN messages m ON m.org_id = f.org_id AND m.id = f.message_id \
             WHERE f.org_id = $1 AND m.conversation_id = $2 LIMIT 1",
        )
        .bind(self.org)
        .bind(conversation)
        .fetch_optional(c)
        .await)?)
    }

    /// Forgets a file.
    pub async fn forget_file(&mut self, id: MediaId) -> Result<()> {
        on!(self.tx, c => sqlx::query("DELETE FROM media WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Rows of imports that nobody has made a contact of, in their order.
    pub async fn loose_import_rows(
        &mut self,
        after: Option<(ImportId, i64)>,
        limit: i64,
    ) -> Result<Vec<(ImportId, ImportRow)>> {
        let (import, number) = after.unwrap_or((ImportId(uuid::Uuid::nil()), 0));
        let rows: Vec<Loose> = on!(self.tx, c => sqlx::query_as(
            "SELECT import_id, number, cells, verdict, faults, contact_id FROM import_rows \
             WHERE org_id = $1 AND contact_id IS NULL AND (import_id, number) > ($2, $3) \
             ORDER BY import_id, number LIMIT $4",
        )
        .bind(self.org)
        .bind(import)
        .bind(number)
        .bind(limit)
        .fetch_all(c)
        .await)?;
        Ok(rows.into_iter().map(|row| (row.import_id, row.row)).collect())
    }

    /// Forgets a row of an import.
    pub async fn forget_import_row(&mut self, import: ImportId, number: i64) -> Result<()> {
        on!(self.tx, c => sqlx::query("DELETE FROM import_rows WHERE org_id = $1 AND import_id = $2 AND number = $3")
            .bind(self.org)
            .bind(import)
            .bind(number)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The messaging accounts that webhooks of the organisation name.
    pub async fn waba_ids(&mut self) -> Result<Vec<String>> {
        Ok(
            on!(self.tx, c => sqlx::query_scalar("SELECT DISTINCT waba_id FROM accounts WHERE org_id = $1 ORDER BY waba_id")
            .bind(self.org)
            .fetch_all(c)
            .await)?,
        )
    }
}

#[derive(sqlx::FromRow)]
struct Loose {
    import_id: ImportId,
    #[sqlx(flatten)]
    row: ImportRow,
}
