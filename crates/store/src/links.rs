//! Links that begin conversations, and the messages that came by them.

use rules::consent::Purpose;
use rules::form::FormStatus;
use rules::id::{ChatLinkId, ContactId, MessageId, NumberId, OrgId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::json::Json;
use crate::seam::{OrgScope, Tx};

/// A link that begins a conversation with a number.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ChatLink {
    /// Its id.
    pub id: ChatLinkId,
    /// Names it in public addresses; no secret.
    pub token: String,
    /// Stands in the message that it fills in.
    pub code: String,
    /// With which number.
    pub number_id: NumberId,
    /// What members call it.
    pub name: String,
    /// What it fills in, without the code.
    pub text: String,
    /// The words by which writing is agreeing; `None`: it is not.
    pub wording: Option<String>,
    /// What is agreed to by writing.
    pub purposes: Json<Vec<Purpose>>,
    /// Whether people can use it.
    pub status: FormStatus,
    /// How often it was opened.
    pub opened: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// The columns of [`ChatLink`].
macro_rules! columns {
    () => {
        "id, token, code, number_id, name, text, wording, purposes, status, opened, created_at, updated_at"
    };
}

/// A message that came by a link.
#[derive(Clone, Copy, Debug)]
pub struct NewLinkEntry {
    /// By which.
    pub link: ChatLinkId,
    /// The message.
    pub message: MessageId,
    /// Whose it is.
    pub contact: ContactId,
    /// Whether writing was agreeing.
    pub opted_in: bool,
}

/// How many people came by a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LinkCounts {
    /// Which link.
    pub link_id: ChatLinkId,
    /// How many people wrote.
    pub wrote: i64,
    /// How many of them agreed by it.
    pub opted_in: i64,
}

impl OrgScope<'_> {
    /// Makes a link. [`StoreError::Taken`](crate::StoreError::Taken): its code is another one's.
    pub async fn insert_chat_link(&mut self, link: &ChatLink) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO chat_links (org_id, id, token, code, number_id, name, text, wording, purposes, status, opened, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(org)
        .bind(link.id)
        .bind(&link.token)
        .bind(&link.code)
        .bind(link.number_id)
        .bind(&link.name)
        .bind(&link.text)
        .bind(&link.wording)
        .bind(&link.purposes)
        .bind(link.status)
        .bind(link.opened)
        .bind(link.created_at)
        .bind(link.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Writes what can change of a link.
    pub async fn change_chat_link(&mut self, link: &ChatLink) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE chat_links SET number_id = $3, name = $4, text = $5, wording = $6, purposes = $7, status = $8, \
             updated_at = $9 WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(link.id)
        .bind(link.number_id)
        .bind(&link.name)
        .bind(&link.text)
        .bind(&link.wording)
        .bind(&link.purposes)
        .bind(link.status)
        .bind(link.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A link.
    pub async fn chat_link(&mut self, id: ChatLinkId) -> Result<Option<ChatLink>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            concat!("SELECT ", columns!(), " FROM chat_links WHERE org_id = $1 AND id = $2"),
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// All links, the newest first.
    pub async fn chat_links(&mut self) -> Result<Vec<ChatLink>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            concat!("SELECT ", columns!(), " FROM chat_links WHERE org_id = $1 ORDER BY id DESC"),
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// The link whose code a message carries.
    pub async fn chat_link_of(&mut self, code: &str) -> Result<Option<ChatLink>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            concat!("SELECT ", columns!(), " FROM chat_links WHERE org_id = $1 AND code = $2"),
        )
        .bind(org)
        .bind(code)
        .fetch_optional(c)
        .await)?)
    }

    /// Somebody opened a link.
    pub async fn count_link_opened(&mut self, id: ChatLinkId) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("UPDATE chat_links SET opened = opened + 1 WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes that a message came by a link. `false`: that is known.
    pub async fn insert_link_entry(&mut self, entry: &NewLinkEntry, now: Timestamp) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query(
            "INSERT INTO link_entries (org_id, link_id, message_id, contact_id, opted_in, at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(org)
        .bind(entry.link)
        .bind(entry.message)
        .bind(entry.contact)
        .bind(entry.opted_in)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// How many people came by each link that anybody came by.
    pub async fn link_counts(&mut self) -> Result<Vec<LinkCounts>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT link_id, count(DISTINCT contact_id) AS wrote, \
             count(DISTINCT CASE WHEN opted_in THEN contact_id END) AS opted_in \
             FROM link_entries WHERE org_id = $1 GROUP BY link_id",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// What came by links and forms from one person is another's now: they are the same.
    pub(crate) async fn move_collected(&mut self, from: ContactId, to: ContactId) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("UPDATE link_entries SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2")
            .bind(org)
            .bind(from)
            .bind(to)
            .execute(c)
            .await
            .map(|_| ()))?;
        on!(self.tx, c => sqlx::query("UPDATE form_submissions SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2")
            .bind(org)
            .bind(from)
            .bind(to)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

/// Of no organisation, because a public address names none; call it before [`Tx::org`] narrows what this transaction sees.
impl Tx {
    /// Whose link it is that a public address names.
    pub async fn chat_link_place(&mut self, token: &str) -> Result<Option<(OrgId, ChatLinkId)>> {
        Ok(on!(self, c => sqlx::query_as("SELECT org_id, id FROM chat_links WHERE token = $1")
            .bind(token)
            .fetch_optional(c)
            .await)?)
    }
}
