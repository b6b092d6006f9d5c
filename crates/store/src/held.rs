//! What is held about a person beside the conversations, list by list, newest first: for the person to see.

use rules::id::{ChatLinkId, ContactId, MessageId, NotificationId, RecipientId, RecordId};
use rules::signals::SignalKind;
use rules::time::Timestamp;

use crate::error::Result;
use crate::json::Json;
use crate::messages::Attempt;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::OrgScope;

/// A message of theirs that came by a link.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CameByLink {
    /// By which.
    pub link_id: ChatLinkId,
    /// What members call it.
    pub link: Option<String>,
    /// The message.
    pub message_id: MessageId,
    /// Whether writing was agreeing.
    pub opted_in: bool,
    /// When.
    pub at: Timestamp,
}

/// What a notification decided about them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Notified {
    /// Its id.
    pub id: RecipientId,
    /// Of which notification.
    pub notification_id: NotificationId,
    /// What members call it.
    pub notification: Option<String>,
    /// Because of which record.
    pub record_id: Option<RecordId>,
    /// What was decided.
    pub verdict: String,
    /// Why not, or why later.
    pub reason: Option<String>,
    /// What was sent.
    pub message_id: Option<MessageId>,
    /// When.
    pub at: Timestamp,
}

/// What Meta let us know of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Signalled {
    /// What.
    pub kind: SignalKind,
    /// When it was said last.
    pub at: Timestamp,
    /// How often in a row.
    pub times: i64,
}

/// A row of a file in which they were brought in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BroughtIn {
    /// The file's name.
    pub file_name: String,
    /// Its headings.
    pub headings: Json<Vec<String>>,
    /// The row's number.
    pub number: i64,
    /// What it says.
    pub cells: Json<Vec<String>>,
    /// When the file was brought in.
    pub at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct AttemptAt {
    message_id: MessageId,
    #[sqlx(flatten)]
    attempt: Attempt,
}

impl OrgScope<'_> {
    /// Their messages that came by links.
    pub async fn link_entries_of(
        &mut self,
        contact: ContactId,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<CameByLink>> {
        let rows = on!(self.tx, c => sqlx::query_as(
            "SELECT e.link_id, l.name AS link, e.message_id, e.opted_in, e.at FROM link_entries e \
             LEFT JOIN chat_links l ON l.org_id = e.org_id AND l.id = e.link_id \
             WHERE e.org_id = $1 AND e.contact_id = $2 AND (e.at, e.message_id) < ($3, $4) \
             ORDER BY e.at DESC, e.message_id DESC LIMIT $5",
        )
        .bind(self.org)
        .bind(contact)
        .bind(after.at)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row: &CameByLink| Cursor { at: row.at, id: row.message_id.0 }))
    }

    /// What notifications decided about them.
    pub async fn notified(
        &mut self,
        contact: ContactId,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Notified>> {
        let rows = on!(self.tx, c => sqlx::query_as(
            "SELECT r.id, r.notification_id, n.name AS notification, r.record_id, r.verdict, r.reason, r.message_id, r.at \
             FROM notification_recipients r LEFT JOIN notifications n ON n.org_id = r.org_id AND n.id = r.notification_id \
             WHERE r.org_id = $1 AND r.contact_id = $2 AND r.id < $3 ORDER BY r.id DESC LIMIT $4",
        )
        .bind(self.org)
        .bind(contact)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row: &Notified| Cursor { at: row.at, id: row.id.0 }))
    }

    /// What Meta let us know of them, whether or not it still counts.
    pub async fn signalled(&mut self, contact: ContactId) -> Result<Vec<Signalled>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT kind, at, times FROM signals WHERE org_id = $1 AND contact_id = $2 ORDER BY at DESC, kind",
        )
        .bind(self.org)
        .bind(contact)
        .fetch_all(c)
        .await)?)
    }

    /// What other systems call them.
    pub async fn references_to(&mut self, contact: ContactId) -> Result<Vec<String>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT reference FROM contact_references WHERE org_id = $1 AND contact_id = $2 ORDER BY reference",
        )
        .bind(self.org)
        .bind(contact)
        .fetch_all(c)
        .await)?)
    }

    /// The latest rows of files in which they were brought in.
    pub async fn brought_in(&mut self, contact: ContactId, limit: i64) -> Result<Vec<BroughtIn>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT COALESCE(i.file_name, '') AS file_name, COALESCE(i.headings, '[]') AS headings, r.number, r.cells, \
             COALESCE(i.created_at, 0) AS at FROM import_rows r \
             LEFT JOIN imports i ON i.org_id = r.org_id AND i.id = r.import_id \
             WHERE r.org_id = $1 AND r.contact_id = $2 ORDER BY r.import_id DESC, r.number LIMIT $3",
        )
        .bind(self.org)
        .bind(contact)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// How messages were handed to Meta, message by message and in order.
    pub async fn attempts_at(&mut self, messages: &[MessageId]) -> Result<Vec<(MessageId, Attempt)>> {
        let org = self.org;
        let mut found: Vec<AttemptAt> = Vec::new();
        for set in self.tx.sets(messages) {
            let asked = Rows::of(set).column("id", |id| *id);
            let some: Vec<AttemptAt> = on!(self.tx, c => asked.with()
                .push(
                    "SELECT t.message_id, t.n, t.started_at, t.finished_at, t.outcome, t.problem \
                     FROM w JOIN attempts t ON t.message_id = w.id AND t.org_id = ",
                )
                .push_bind(org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            found.extend(some);
        }
        found.sort_by_key(|one| (one.message_id, one.attempt.n));
        Ok(found.into_iter().map(|one| (one.message_id, one.attempt)).collect())
    }
}
