//! Conversations: a contact's thread with one of the organisation's numbers. One per pair.
//!
//! What a list shows (last message, preview, unread, who is in charge) is kept on the row, so that a list is one query.

mod together;

pub use together::{Heard, Pair};

use rules::conversation::{AiState, ConversationStatus};
use rules::id::{ContactId, ConversationId, MemberId, MessageId, NumberId, OrgId};
use rules::message::{Author, Direction, Kind, MessageState};
use rules::time::{Randomness, Timestamp};
use serde_json::Value;
use sqlx::QueryBuilder;

use crate::contacts::{Contact, ContactFilter, holds_label};
use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::seam::{OrgScope, Tx};

/// A contact's thread with a number.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The person.
    pub contact_id: ContactId,
    /// The number.
    pub number_id: NumberId,
    /// Whether it wants attention.
    pub status: ConversationStatus,
    /// The member who takes care of it.
    pub assignee_id: Option<MemberId>,
    /// Whether the AI answers.
    pub ai: AiState,
    /// Why the AI does not, in a stable word.
    pub ai_reason: Option<String>,
    /// Since when the AI has been in that state: it answers nothing that was written before.
    pub ai_changed_at: Timestamp,
    /// When the contact last wrote, by Meta's own time: it opens the window.
    pub last_inbound_at: Option<Timestamp>,
    /// When the last message was written, by either side.
    pub last_message_at: Timestamp,
    /// The last message.
    pub last_message_id: Option<MessageId>,
    /// The beginning of the last message.
    pub preview: String,
    /// How many of the contact's messages nobody has looked at.
    pub unread: i64,
    /// Out of sight until then.
    pub snoozed_until: Option<Timestamp>,
    /// What it is about, in the organisation's words.
    pub labels: Json<Vec<String>>,
    /// The advertisement or link that led here first.
    pub attribution: Option<Json<Value>>,
    /// When it began.
    pub created_at: Timestamp,
}

/// The columns of [`Conversation`], of the table alias `v`.
macro_rules! conversation_columns {
    () => {
        "v.id, v.contact_id, v.number_id, v.status, v.assignee_id, v.ai, v.ai_reason, v.ai_changed_at, \
         v.last_inbound_at, v.last_message_at, v.last_message_id, v.preview, v.unread, v.snoozed_until, v.labels, \
         v.attribution, v.created_at"
    };
}

/// The columns and tables of [`Joined`].
macro_rules! row_columns {
    () => {
        row_columns!("conversations v JOIN contacts k ON k.org_id = v.org_id AND k.id = v.contact_id")
    };
    ($from:literal) => {
        concat!(
            conversation_columns!(),
            ", m.direction AS last_direction, m.author AS last_author, m.kind AS last_kind, m.state AS last_state FROM ",
            $from,
            " LEFT JOIN messages m ON m.org_id = v.org_id AND m.id = v.last_message_id"
        )
    };
}

use conversation_columns;

/// Counts what fits a condition, up to `$3`: a view of a hundred thousand takes no longer than one of a thousand.
macro_rules! counted {
    ($condition:literal) => {
        concat!(
            "(SELECT count(*) FROM (SELECT 1 AS one FROM conversations WHERE org_id = $1 AND merged_into IS NULL AND ",
            $condition,
            " LIMIT $3) AS found)"
        )
    };
}

/// A conversation with everything that a row of the list shows.
#[derive(Clone, Debug)]
pub struct ConversationRow {
    /// The conversation.
    pub conversation: Conversation,
    /// The person.
    pub contact: Contact,
    /// The last message, as far as its line in the list needs it.
    pub last: Option<LastMessage>,
}

/// The last message of a conversation, as far as its line in the list needs it.
#[derive(Clone, Copy, Debug)]
pub struct LastMessage {
    /// Whose it is.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// What it is made of.
    pub kind: Kind,
    /// Where it stands.
    pub state: MessageState,
}

/// A row as the query gives it. The person comes from a second query, because both have an `id`.
#[derive(sqlx::FromRow)]
struct Joined {
    #[sqlx(flatten)]
    conversation: Conversation,
    #[sqlx(flatten)]
    last: Last,
}

#[derive(sqlx::FromRow)]
struct Last {
    last_direction: Option<Direction>,
    last_author: Option<Author>,
    last_kind: Option<Kind>,
    last_state: Option<MessageState>,
}

impl Last {
    fn whole(self) -> Option<LastMessage> {
        Some(LastMessage {
            direction: self.last_direction?,
            author: self.last_author?,
            kind: self.last_kind?,
            state: self.last_state?,
        })
    }
}

/// Whose conversations a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// Nobody's.
    Nobody,
    /// This member's.
    Member(MemberId),
}

/// Which conversations a list holds. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct ConversationFilter {
    /// Whether they want attention.
    pub status: Option<ConversationStatus>,
    /// Who takes care of them.
    pub assignee: Option<Assignee>,
    /// Whether the AI answers.
    pub ai: Option<AiState>,
    /// Only those with unread messages.
    pub unread: bool,
    /// Only those out of sight for a while, or only the others.
    pub snoozed: Option<bool>,
    /// Only those in which a note calls this member.
    pub mentions: Option<MemberId>,
    /// Only those with this label of their own.
    pub label: Option<String>,
    /// With this number only.
    pub number: Option<NumberId>,
    /// With this person only.
    pub contact: Option<ContactId>,
    /// By what is known of the person.
    pub person: ContactFilter,
}

/// How many conversations want what, each figure up to [`MOST`](Self::MOST).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct ConversationCounts {
    /// Open.
    pub open: i64,
    /// Open and nobody's.
    pub unassigned: i64,
    /// Open and the asking member's.
    pub mine: i64,
    /// Open, and the AI has called for a person.
    pub handed_off: i64,
    /// With unread messages.
    pub unread: i64,
    /// Open and out of sight for a while. No other figure counts them.
    pub snoozed: i64,
}

impl ConversationCounts {
    /// No figure goes further: it means so many or more.
    pub const MOST: i64 = 1_000;
}

impl OrgScope<'_> {
    /// The conversation of this pair, made if there is none; `ai` is what a new one starts with. The second value
    /// says whether it is new.
    pub async fn open_conversation(
        &mut self,
        contact: ContactId,
        number: NumberId,
        ai: AiState,
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<(Conversation, bool)> {
        if let Some(found) = self.conversation_of(contact, number).await? {
            return Ok((found, false));
        }
        let org = self.org;
        // Somebody may be making it at this moment: then theirs is found.
        let made = on!(self.tx, c => sqlx::query(
            "INSERT INTO conversations (org_id, id, contact_id, number_id, status, ai, ai_changed_at, \
             last_message_at, preview, unread, labels, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, '', 0, '[]', $7) \
             ON CONFLICT (org_id, contact_id, number_id) DO NOTHING",
        )
        .bind(org)
        .bind(ConversationId::fresh(now, chance))
        .bind(contact)
        .bind(number)
        .bind(ConversationStatus::Open)
        .bind(ai)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        let found = self.conversation_of(contact, number).await?;
        found.map(|found| (found, made == 1)).ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// The conversation of this pair.
    pub async fn conversation_of(
        &mut self,
        contact: ContactId,
        number: NumberId,
    ) -> Result<Option<Conversation>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", conversation_columns!(), " FROM conversations v \
             WHERE v.org_id = $1 AND v.contact_id = $2 AND v.number_id = $3"
        ))
        .bind(org)
        .bind(contact)
        .bind(number)
        .fetch_optional(c)
        .await)?)
    }

    /// A conversation by its id; the id of one that became part of another leads to that one.
    pub async fn conversation(&mut self, id: ConversationId) -> Result<Option<Conversation>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", conversation_columns!(), " FROM conversations v WHERE v.org_id = $1 AND v.id = \
             (SELECT COALESCE(merged_into, id) FROM conversations WHERE org_id = $1 AND id = $2)"
        ))
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// A conversation by its id, as [`conversation`](Self::conversation) finds it, held until the transaction ends: what
    /// the contact, a person and the AI say at the same time takes turns.
    pub async fn conversation_for_change(&mut self, id: ConversationId) -> Result<Option<Conversation>> {
        let (org, mut held) = (self.org, id);
        loop {
            // Writing the row to itself locks it on either database.
            on!(self.tx, c => sqlx::query("UPDATE conversations SET id = id WHERE org_id = $1 AND id = $2")
                .bind(org)
                .bind(held)
                .execute(c)
                .await
                .map(|_| ()))?;
            match self.conversation(held).await? {
                // It became part of another, perhaps while we waited for it: that one is meant.
                Some(found) if found.id != held => held = found.id,
                found => return Ok(found),
            }
        }
    }

    /// A conversation as a list shows it.
    pub async fn conversation_row(&mut self, id: ConversationId) -> Result<Option<ConversationRow>> {
        let Some(conversation) = self.conversation(id).await? else { return Ok(None) };
        let org = self.org;
        let rows = on!(self.tx, c => sqlx::query_as(concat!("SELECT ", row_columns!(), " WHERE v.org_id = $1 AND v.id = $2"))
            .bind(org)
            .bind(conversation.id)
            .fetch_all(c)
            .await)?;
        Ok(self.with_contacts(rows).await?.pop())
    }

    /// A page of conversations, the one with the newest message first.
    pub async fn conversations(
        &mut self,
        filter: &ConversationFilter,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<ConversationRow>> {
        let org = self.org;
        let rows: Vec<Joined> = on!(self.tx, c => {
            // Who is looked for by name is found first (CROSS JOIN says so to SQLite); else the order of the list leads.
            let mut query = QueryBuilder::new(if filter.person.text.is_some() {
                concat!(
                    "SELECT ", row_columns!("contacts k CROSS JOIN conversations v"),
                    " WHERE v.org_id = k.org_id AND v.contact_id = k.id AND v.merged_into IS NULL AND k.org_id = "
                )
            } else {
                concat!("SELECT ", row_columns!(), " WHERE v.merged_into IS NULL AND v.org_id = ")
            });
            query.push_bind(org);
            // Words of our own stand in the text itself: only so the indexes of the views are found.
            if let Some(status) = filter.status {
                query.push(" AND v.status = '").push(status).push("'");
            }
            match filter.assignee {
                None => {}
                Some(Assignee::Nobody) => {
                    query.push(" AND v.assignee_id IS NULL");
                }
                Some(Assignee::Member(member)) => {
                    query.push(" AND v.assignee_id = ").push_bind(member);
                }
            }
            if let Some(ai) = filter.ai {
                query.push(" AND v.ai = '").push(ai).push("'");
            }
            if filter.unread {
                query.push(" AND v.unread > 0");
            }
            match filter.snoozed {
                None => {}
                Some(true) => {
                    query.push(" AND v.snoozed_until IS NOT NULL");
                }
                Some(false) => {
                    query.push(" AND v.snoozed_until IS NULL");
                }
            }
            if let Some(member) = filter.mentions {
                query.push(
                    " AND EXISTS (SELECT 1 FROM note_mentions p JOIN notes n ON n.org_id = p.org_id AND n.id = p.note_id \
                     WHERE p.org_id = v.org_id AND n.conversation_id = v.id AND p.member_id = ",
                );
                query.push_bind(member).push(")");
            }
            if let Some(label) = &filter.label {
                // Said in the words of the index, which holds only conversations with labels.
                query.push(" AND v.labels <> '[]' AND v.labels LIKE ").push_bind(holds_label(label)).push(" ESCAPE '!'");
            }
            if let Some(number) = filter.number {
                query.push(" AND v.number_id = ").push_bind(number);
            }
            if let Some(contact) = filter.contact {
                query.push(" AND v.contact_id = ").push_bind(contact);
            }
            filter.person.push(&mut query);
            // The plus keeps SQLite from reading all conversations in order for each person that was found.
            let place = if filter.person.text.is_some() { "(+v.last_message_at, v.id)" } else { "(v.last_message_at, v.id)" };
            query.push(" AND ").push(place).push(" < (").push_bind(after.at).push(", ").push_bind(after.id);
            query.push(") ORDER BY v.last_message_at DESC, v.id DESC LIMIT ").push_bind(Page::<()>::fetch(limit));
            query.build_query_as().fetch_all(c).await
        })?;
        let rows = self.with_contacts(rows).await?;
        Ok(Page::cut(rows, limit, |row| Cursor {
            at: row.conversation.last_message_at,
            id: row.conversation.id.0,
        }))
    }

    /// How many conversations want what, each figure up to [`ConversationCounts::MOST`]; `mine` counts those of `member`.
    pub async fn conversation_counts(&mut self, member: Option<MemberId>) -> Result<ConversationCounts> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", counted!("status = 'open' AND snoozed_until IS NULL"), " AS open, ",
            counted!("status = 'open' AND snoozed_until IS NULL AND assignee_id IS NULL"), " AS unassigned, ",
            counted!("status = 'open' AND snoozed_until IS NULL AND assignee_id = $2"), " AS mine, ",
            counted!("status = 'open' AND snoozed_until IS NULL AND ai = 'handed_off'"), " AS handed_off, ",
            counted!("unread > 0 AND snoozed_until IS NULL"), " AS unread, ",
            counted!("status = 'open' AND snoozed_until IS NOT NULL"), " AS snoozed"
        ))
        .bind(org)
        .bind(member)
        .bind(ConversationCounts::MOST)
        .fetch_one(c)
        .await)?)
    }

    /// The contact wrote: the conversation opens and is in sight again, counts one more unread, and shows the message unless a newer one is
    /// shown. `at` is the message's place in the thread, `meta_at` Meta's own time of it, which the window counts from.
    pub async fn record_inbound(
        &mut self,
        id: ConversationId,
        message: MessageId,
        at: Timestamp,
        meta_at: Timestamp,
        preview: &str,
    ) -> Result<()> {
        self.show(id, message, at, Some(meta_at), preview).await
    }

    /// The business wrote, or something without effect on window and unread happened: the conversation shows the
    /// message unless a newer one is shown.
    pub async fn record_outbound(
        &mut self,
        id: ConversationId,
        message: MessageId,
        at: Timestamp,
        preview: &str,
    ) -> Result<()> {
        self.show(id, message, at, None, preview).await
    }

    async fn show(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
        at: Timestamp,
        meta_at: Option<Timestamp>,
        preview: &str,
    ) -> Result<()> {
        let org = self.org;
        let heard = Heard { org, conversation, message, at, meta_at, preview };
        self.tx.batch(&[org]).await?.show_messages(&[heard]).await
    }

    /// Keeps what led the contact here, if nothing is known of it yet.
    pub async fn attribute_conversation(&mut self, id: ConversationId, attribution: &Value) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET attribution = $3 WHERE org_id = $1 AND id = $2 AND attribution IS NULL",
        )
        .bind(org)
        .bind(id)
        .bind(Json(attribution))
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Gives a conversation to a member, or to nobody. `false`: that is how it was.
    pub async fn assign_conversation(
        &mut self,
        id: ConversationId,
        assignee: Option<MemberId>,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET assignee_id = $3 WHERE org_id = $1 AND id = $2 \
             AND (assignee_id <> $3 OR (assignee_id IS NULL) <> ($3 IS NULL))",
        )
        .bind(org)
        .bind(id)
        .bind(assignee)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Closes or reopens a conversation. `false`: that is how it was.
    pub async fn set_conversation_status(
        &mut self,
        id: ConversationId,
        status: ConversationStatus,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET status = $3, snoozed_until = NULL WHERE org_id = $1 AND id = $2 AND status <> $3",
        )
        .bind(org)
        .bind(id)
        .bind(status)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Puts a conversation out of sight until a moment, or back in sight. `false`: that is how it was.
    pub async fn snooze_conversation(
        &mut self,
        id: ConversationId,
        until: Option<Timestamp>,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET snoozed_until = $3 WHERE org_id = $1 AND id = $2 AND status = 'open' \
             AND (snoozed_until <> $3 OR (snoozed_until IS NULL) <> ($3 IS NULL))",
        )
        .bind(org)
        .bind(id)
        .bind(until)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Brings a conversation back into sight if its time is over. `false`: it was put away anew, or is back already.
    pub async fn wake_conversation(&mut self, id: ConversationId, now: Timestamp) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET snoozed_until = NULL WHERE org_id = $1 AND id = $2 AND snoozed_until <= $3",
        )
        .bind(org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Gives a conversation these labels and no others. `false`: it had them.
    pub async fn label_conversation(&mut self, id: ConversationId, labels: &[String]) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET labels = $3 WHERE org_id = $1 AND id = $2 AND labels <> $3",
        )
        .bind(org)
        .bind(id)
        .bind(Json(labels))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Every label that a conversation has, in alphabetical order.
    pub async fn conversation_labels(&mut self) -> Result<Vec<String>> {
        let org = self.org;
        let lists: Vec<Json<Vec<String>>> = on!(self.tx, c => sqlx::query_scalar(
            "SELECT DISTINCT labels FROM conversations WHERE org_id = $1 AND merged_into IS NULL AND labels <> '[]'",
        )
        .bind(org)
        .fetch_all(c)
        .await)?;
        let labels: std::collections::BTreeSet<String> = lists.into_iter().flat_map(|list| list.0).collect();
        Ok(labels.into_iter().collect())
    }

    /// Switches the AI of a conversation: on, off, handed off to a person. `false`: that is how it was.
    pub async fn set_ai(
        &mut self,
        id: ConversationId,
        ai: AiState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET ai = $3, ai_reason = $4, ai_changed_at = $5 \
             WHERE org_id = $1 AND id = $2 AND ai <> $3",
        )
        .bind(org)
        .bind(id)
        .bind(ai)
        .bind(reason)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Somebody has looked at all of it, or wants to come back to it. `false`: it stood so already.
    pub async fn mark_conversation(&mut self, id: ConversationId, unread: bool) -> Result<bool> {
        let org = self.org;
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET unread = CASE WHEN $3 THEN 1 ELSE 0 END \
             WHERE org_id = $1 AND id = $2 AND (unread > 0) <> $3",
        )
        .bind(org)
        .bind(id)
        .bind(unread)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Writes what can change of a conversation as a whole.
    pub(crate) async fn write_conversation(&mut self, conversation: &Conversation) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET status = $3, assignee_id = $4, ai = $5, ai_reason = $6, ai_changed_at = $7, \
             last_inbound_at = $8, last_message_at = $9, last_message_id = $10, preview = $11, unread = $12, \
             attribution = $13, snoozed_until = $14, labels = $15 WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(conversation.id)
        .bind(conversation.status)
        .bind(conversation.assignee_id)
        .bind(conversation.ai)
        .bind(&conversation.ai_reason)
        .bind(conversation.ai_changed_at)
        .bind(conversation.last_inbound_at)
        .bind(conversation.last_message_at)
        .bind(conversation.last_message_id)
        .bind(&conversation.preview)
        .bind(conversation.unread)
        .bind(&conversation.attribution)
        .bind(conversation.snoozed_until)
        .bind(&conversation.labels)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Adds the people to rows, keeping their order: one more query for the whole page.
    async fn with_contacts(&mut self, rows: Vec<Joined>) -> Result<Vec<ConversationRow>> {
        let ids: Vec<_> = rows.iter().map(|row| row.conversation.contact_id).collect();
        let contacts = self.contacts_by_id(&ids).await?;
        let contacts: std::collections::HashMap<_, _> =
            contacts.into_iter().map(|contact| (contact.id, contact)).collect();
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let contact = contacts.get(&row.conversation.contact_id)?.clone();
                Some(ConversationRow { conversation: row.conversation, contact, last: row.last.whole() })
            })
            .collect())
    }
}

impl Tx {
    /// Conversations of any organisation whose time out of sight is over. Of no organisation because one sweep serves
    /// all; call it before [`Tx::org`] narrows what this transaction sees.
    pub async fn snoozes_over(&mut self, now: Timestamp, limit: i64) -> Result<Vec<(OrgId, ConversationId)>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, id FROM conversations WHERE snoozed_until <= $1 AND merged_into IS NULL \
             ORDER BY snoozed_until LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
