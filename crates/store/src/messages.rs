//! Messages: inbound and outbound alike, one row each, with a state whose rank never falls.
//!
//! Meta's own id of a message (wamid) is long and arrives late or twice; it is found through a short hash of it.

mod attempts;
mod gate;
mod together;

use aws_lc_rs::digest;
use rules::id::{ConsentEventId, ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::message::{Author, Direction, Kind, MessageState};
use rules::outreach::OutreachOutcome;
use rules::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

pub use attempts::{Attempt, Ended};
pub use gate::{Asked, GateFacts, TemplateFacts};
pub use together::{Decided, Move};

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::seam::{OrgScope, Tx};

/// The short form of a wamid under which its message is found.
pub fn wamid_hash(wamid: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest::digest(&digest::SHA256, wamid.as_bytes()).as_ref()[..16]);
    hash
}

/// Where a message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Thread {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Its person.
    pub contact_id: ContactId,
    /// Its number.
    pub number_id: NumberId,
}

/// A message to be stored.
#[derive(Clone, Debug)]
pub struct NewMessage<'a> {
    /// Its id.
    pub id: MessageId,
    /// Where it belongs.
    pub thread: Thread,
    /// Who it comes from.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// The member, key or answer behind it, where one is.
    pub author_id: Option<Uuid>,
    /// What it is made of.
    pub kind: Kind,
    /// All of it, as a JSON object.
    pub content: &'a Value,
    /// Its human text: what a reader sees, a search finds and the AI reads. May be empty.
    pub body: &'a str,
    /// The wamid of the message that it answers, reacts to, corrects or takes back.
    pub reply_to: Option<&'a str>,
    /// Where it stands.
    pub state: MessageState,
    /// Meta's id of it, where there is one already.
    pub wamid: Option<&'a str>,
    /// Its place in the thread. Meta's times are whole seconds: for an inbound message take the end of that second,
    /// but no later than its arrival, so that it does not slip before what it answers.
    pub at: Timestamp,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it was sent, by Meta's own time.
    pub sent_at: Option<Timestamp>,
    /// What the gate said, as JSON.
    pub decision: Option<&'a Value>,
    /// The ledger entry that allows it.
    pub consent_event: Option<ConsentEventId>,
    /// The caller's own name for it.
    pub client_ref: Option<&'a str>,
}

impl<'a> NewMessage<'a> {
    /// A message of the contact.
    pub fn inbound(id: MessageId, thread: Thread, kind: Kind, content: &'a Value, wamid: &'a str) -> Self {
        Self {
            direction: Direction::Inbound,
            author: Author::Contact,
            state: MessageState::Received,
            wamid: Some(wamid),
            ..Self::outbound(id, thread, Author::Contact, kind, content)
        }
    }

    /// A message to the contact, waiting for its turn.
    pub fn outbound(id: MessageId, thread: Thread, author: Author, kind: Kind, content: &'a Value) -> Self {
        Self {
            id,
            thread,
            direction: Direction::Outbound,
            author,
            author_id: None,
            kind,
            content,
            body: "",
            reply_to: None,
            state: MessageState::Queued,
            wamid: None,
            at: Timestamp(0),
            created_at: Timestamp(0),
            sent_at: None,
            decision: None,
            consent_event: None,
            client_ref: None,
        }
    }
}

/// A stored message.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Where it belongs.
    #[sqlx(flatten)]
    pub thread: Thread,
    /// Who it comes from.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// The member, key or answer behind it, where one is.
    pub author_id: Option<Uuid>,
    /// What it is made of.
    pub kind: Kind,
    /// All of it.
    pub content: Json<Value>,
    /// Its human text. May be empty.
    pub body: String,
    /// The wamid of the message that it answers, reacts to, corrects or takes back.
    pub reply_to: Option<String>,
    /// Our own id of that message, where we have it.
    pub reply_to_id: Option<MessageId>,
    /// Where it stands.
    pub state: MessageState,
    /// Meta's id of it.
    pub wamid: Option<String>,
    /// Its place in the thread.
    pub at: Timestamp,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub changed_at: Timestamp,
    /// When it was sent, by Meta's own time.
    pub sent_at: Option<Timestamp>,
    /// When it reached the device.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// When it failed or was refused.
    pub failed_at: Option<Timestamp>,
    /// Why it failed, was refused or is held.
    pub problem: Option<Json<Value>>,
    /// What Meta says it costs.
    pub pricing: Option<Json<Value>>,
    /// What the gate said.
    pub decision: Option<Json<Value>>,
    /// The ledger entry that allows it.
    pub consent_event_id: Option<ConsentEventId>,
    /// The caller's own name for it.
    pub client_ref: Option<String>,
}

/// The columns of [`Message`], of the table alias `m`.
macro_rules! message_columns {
    () => {
        "m.id, m.conversation_id, m.contact_id, m.number_id, m.direction, m.author, m.author_id, m.kind, m.content, \
         m.body, m.reply_to, m.reply_to_id, m.state, m.wamid, m.at, m.created_at, m.changed_at, m.sent_at, \
         m.delivered_at, m.read_at, m.failed_at, m.problem, m.pricing, m.decision, m.consent_event_id, m.client_ref"
    };
}

pub(crate) use message_columns;

/// A message on its way, as far as a status needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MessagePlace {
    /// Its id.
    pub id: MessageId,
    /// Where it belongs.
    #[sqlx(flatten)]
    pub thread: Thread,
    /// Where it stands.
    pub state: MessageState,
}

/// A message, as far as sending it needs it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Outgoing {
    /// Where it belongs.
    #[sqlx(flatten)]
    pub thread: Thread,
    /// Who wrote it.
    pub author: Author,
    /// What it is made of.
    pub kind: Kind,
    /// All of it.
    pub content: Json<Value>,
    /// The wamid of the message that it answers or reacts to.
    pub reply_to: Option<String>,
    /// Where it stands.
    pub state: MessageState,
    /// When its state last changed.
    pub changed_at: Timestamp,
}

/// A message, as far as understanding a conversation needs it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Utterance {
    /// Its id.
    pub id: MessageId,
    /// Who it comes from.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// What it is made of.
    pub kind: Kind,
    /// All of it.
    pub content: Json<Value>,
    /// Its human text. May be empty.
    pub body: String,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// What becomes of a message.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// Where it stands from now on.
    pub state: MessageState,
    /// When that happened: Meta's own time where Meta says.
    pub at: Timestamp,
    /// Why, where it went wrong.
    pub problem: Option<&'a Value>,
    /// What it costs; the first that is said is kept.
    pub pricing: Option<&'a Value>,
    /// Meta's id of it, where it becomes known by this.
    pub wamid: Option<&'a str>,
}

impl Step<'_> {
    /// Only the state changes.
    pub fn to(state: MessageState, at: Timestamp) -> Self {
        Self { state, at, problem: None, pricing: None, wamid: None }
    }
}

/// Which way a page of a thread goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// From the cursor back in time, newest first.
    Older(Cursor),
    /// From the cursor on, oldest first.
    Newer(Cursor),
}

impl OrgScope<'_> {
    /// Stores a message. `false`: the conversation holds one with the same wamid already, and nothing was stored.
    pub async fn insert_message(&mut self, message: &NewMessage<'_>) -> Result<bool> {
        let stored = [(self.org, message.clone())];
        let stored = self.tx.batch(&[self.org]).await?.insert_messages(&stored).await?;
        Ok(stored.contains(&true))
    }

    /// Moves a message on, if the new state outranks the one it has. `None`: it does not, or there is no such
    /// message; times, price and wamid are filled in all the same where they were missing.
    pub async fn advance_message(
        &mut self,
        id: MessageId,
        step: &Step<'_>,
        now: Timestamp,
    ) -> Result<Option<Thread>> {
        let moves = [Move { org: self.org, message: id, step: step.clone() }];
        Ok(self.tx.batch(&[self.org]).await?.advance_messages(&moves, now).await?.pop().flatten())
    }

    /// Puts a failed, refused or unresolved message, or one that awaits an opt-in, back into the queue because a person
    /// says so or the contact has agreed. `None`: it is in no
    /// such state. The only way in which a rank falls.
    pub async fn requeue_message(&mut self, id: MessageId, now: Timestamp) -> Result<Option<Thread>> {
        self.queue_again(id, true, now).await
    }

    /// The same for what awaits an opt-in alone: what another channel carries since is none of that.
    pub async fn release_message(&mut self, id: MessageId, now: Timestamp) -> Result<Option<Thread>> {
        self.queue_again(id, false, now).await
    }

    async fn queue_again(
        &mut self,
        id: MessageId,
        if_settled: bool,
        now: Timestamp,
    ) -> Result<Option<Thread>> {
        let org = self.org;
        let moved: Option<Thread> = on!(self.tx, c => sqlx::query_as(
            "UPDATE messages SET state = 'queued', rank = 0, changed_at = $3, problem = NULL, failed_at = NULL, \
             wamid = NULL, wamid_hash = NULL, sent_at = NULL \
             WHERE org_id = $1 AND id = $2 AND direction = 'outbound' \
             AND (state = 'awaiting_opt_in' OR ($4 AND state IN ('failed', 'refused', 'unresolved'))) \
             RETURNING conversation_id, contact_id, number_id",
        )
        .bind(org)
        .bind(id)
        .bind(now)
        .bind(if_settled)
        .fetch_optional(c)
        .await)?;
        if moved.is_some() {
            let follows = [(org, id, OutreachOutcome::Queued)];
            self.tx.batch(&[org]).await?.outreach_follows(&follows, now).await?;
        }
        Ok(moved)
    }

    /// A message that waits for an opt-in is carried by another channel from now on, which is its problem, and must not follow
    /// it. `None`: it waits no more.
    pub async fn carry_elsewhere(
        &mut self,
        id: MessageId,
        problem: &Value,
        now: Timestamp,
    ) -> Result<Option<Thread>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "UPDATE messages SET state = 'refused', rank = $3, problem = $4, changed_at = $5 \
             WHERE org_id = $1 AND id = $2 AND state = 'awaiting_opt_in' \
             RETURNING conversation_id, contact_id, number_id",
        )
        .bind(org)
        .bind(id)
        .bind(i64::from(MessageState::Refused.rank()))
        .bind(Json(problem))
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// The other channel did not get rid of it: it waits again, for this reason. `None`: it does not stand as it was left, with
    /// the problem that it was left with.
    pub async fn wait_again(
        &mut self,
        id: MessageId,
        left_with: &Value,
        waits_for: &Value,
        now: Timestamp,
    ) -> Result<Option<Thread>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "UPDATE messages SET state = 'awaiting_opt_in', rank = $3, problem = $5, changed_at = $6 \
             WHERE org_id = $1 AND id = $2 AND state = 'refused' AND problem = $4 \
             RETURNING conversation_id, contact_id, number_id",
        )
        .bind(org)
        .bind(id)
        .bind(i64::from(MessageState::AwaitingOptIn.rank()))
        .bind(Json(left_with))
        .bind(Json(waits_for))
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// Adds what has been made of a message's content since, such as a transcript: replaces content and body.
    pub async fn rewrite_message(&mut self, id: MessageId, content: &Value, body: &str) -> Result<bool> {
        let org = self.org;
        let changed: Option<i64> = on!(self.tx, c => sqlx::query_scalar(
            "UPDATE messages SET content = $3, body = $4 WHERE org_id = $1 AND id = $2 RETURNING row_id",
        )
        .bind(org)
        .bind(id)
        .bind(Json(content))
        .bind(body)
        .fetch_optional(c)
        .await)?;
        let changed: Vec<_> = changed.into_iter().map(|row| (org, row)).collect();
        self.tx.index_later(&changed).await?;
        Ok(!changed.is_empty())
    }

    /// A message.
    pub async fn message(&mut self, id: MessageId) -> Result<Option<Message>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m WHERE m.org_id = $1 AND m.id = $2"
        ))
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Where a message of this id stands.
    pub async fn message_place(&mut self, id: MessageId) -> Result<Option<MessagePlace>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, conversation_id, contact_id, number_id, state FROM messages WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Where a message of this wamid stands, in whatever conversation.
    pub async fn message_by_wamid(&mut self, wamid: &str) -> Result<Option<MessagePlace>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, conversation_id, contact_id, number_id, state FROM messages \
             WHERE org_id = $1 AND wamid_hash = $2 AND wamid = $3 ORDER BY id LIMIT 1",
        )
        .bind(org)
        .bind(wamid_hash(wamid).as_slice())
        .bind(wamid)
        .fetch_optional(c)
        .await)?)
    }

    /// The message of this wamid in one conversation.
    pub async fn message_in_conversation(
        &mut self,
        conversation: ConversationId,
        wamid: &str,
    ) -> Result<Option<Message>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m \
             WHERE m.org_id = $1 AND m.wamid_hash = $2 AND m.conversation_id = $3 LIMIT 1"
        ))
        .bind(org)
        .bind(wamid_hash(wamid).as_slice())
        .bind(conversation)
        .fetch_optional(c)
        .await)?)
    }

    /// A page of a conversation's messages.
    pub async fn thread(
        &mut self,
        conversation: ConversationId,
        towards: Towards,
        limit: usize,
    ) -> Result<Page<Message>> {
        let org = self.org;
        let (sql, from) = match towards {
            Towards::Older(from) => (
                concat!(
                    "SELECT ",
                    message_columns!(),
                    " FROM messages m WHERE m.org_id = $1 AND m.conversation_id = $2 \
                     AND (m.at, m.id) < ($3, $4) ORDER BY m.at DESC, m.id DESC LIMIT $5"
                ),
                from,
            ),
            Towards::Newer(from) => (
                concat!(
                    "SELECT ",
                    message_columns!(),
                    " FROM messages m WHERE m.org_id = $1 AND m.conversation_id = $2 \
                     AND (m.at, m.id) > ($3, $4) ORDER BY m.at, m.id LIMIT $5"
                ),
                from,
            ),
        };
        let rows = on!(self.tx, c => sqlx::query_as(sql)
            .bind(org)
            .bind(conversation)
            .bind(from.at)
            .bind(from.id)
            .bind(Page::<()>::fetch(limit))
            .fetch_all(c)
            .await)?;
        Ok(Page::cut(rows, limit, |row: &Message| Cursor { at: row.at, id: row.id.0 }))
    }

    /// The contact's newest message in a conversation: the one that a read receipt or a typing indicator names.
    pub async fn latest_inbound(&mut self, conversation: ConversationId) -> Result<Option<Message>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m WHERE m.org_id = $1 AND m.conversation_id = $2 \
             AND m.direction = 'inbound' AND m.wamid IS NOT NULL ORDER BY m.at DESC, m.id DESC LIMIT 1"
        ))
        .bind(org)
        .bind(conversation)
        .fetch_optional(c)
        .await)?)
    }

    /// Messages that nobody can tell the fate of, newest first: a person must look.
    pub async fn unresolved_messages(&mut self, after: Cursor, limit: usize) -> Result<Page<Message>> {
        let org = self.org;
        let rows = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", message_columns!(), " FROM messages m WHERE m.org_id = $1 AND m.state = 'unresolved' \
             AND (m.changed_at, m.id) < ($2, $3) ORDER BY m.changed_at DESC, m.id DESC LIMIT $4"
        ))
        .bind(org)
        .bind(after.at)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row: &Message| Cursor { at: row.changed_at, id: row.id.0 }))
    }
}

impl Tx {
    /// Messages of any organisation that have been unknown since before `before`, oldest first. Of no organisation
    /// because one sweep serves all; call it before [`Tx::org`] narrows what this transaction sees.
    pub async fn unknown_since(&mut self, before: Timestamp, limit: i64) -> Result<Vec<(OrgId, MessageId)>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, id FROM messages WHERE state = 'unknown' AND changed_at < $1 ORDER BY changed_at LIMIT $2",
        )
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
