//! Sending, marking read, blocking.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Access, Call, Graph, GraphError};
use crate::json::Members;
use crate::send::{MarkRead, Message};

/// Meta has accepted a message; whether it arrives, its statuses tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Meta's id of the message (wamid).
    pub message_id: String,
    /// `accepted`, `held_for_quality_assessment` or `paused`; not on every send.
    pub status: Option<String>,
    /// The digits Meta delivers to: may differ from what was asked for (Brazil, Mexico).
    pub wa_id: Option<String>,
    /// The business-scoped id, when one was addressed.
    pub user_id: Option<String>,
}

impl Sent {
    fn read(answer: &Members<'_>) -> Option<Self> {
        let messages = answer.objects("messages");
        let message = messages.first()?;
        let contacts = answer.objects("contacts");
        let contact = contacts.first().cloned().unwrap_or_default();
        Some(Self {
            message_id: message.string("id")?,
            status: message.string("message_status"),
            wa_id: contact.string("wa_id"),
            user_id: contact.string("user_id"),
        })
    }
}

/// A person to block, by phone number or by business-scoped id.
#[derive(Clone, PartialEq, Eq)]
pub enum Whom {
    /// By phone number.
    Phone(String),
    /// By business-scoped id; never by a parent id.
    User(String),
}

/// What became of a wish to block or unblock.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct BlockOutcome {
    /// Done.
    pub done: Vec<BlockedUser>,
    /// Not done, with Meta's code.
    pub failed: Vec<BlockedUser>,
}

/// One person blocked or not.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct BlockedUser {
    /// As we named them.
    pub input: Option<String>,
    /// Their digits.
    pub wa_id: Option<String>,
    /// Their business-scoped id.
    pub user_id: Option<String>,
    /// Why not.
    pub code: Option<i64>,
}

impl BlockedUser {
    fn read(row: &Members<'_>) -> Self {
        Self {
            input: row.string("input"),
            wa_id: row.string("wa_id"),
            user_id: row.string("user_id"),
            code: row.objects("errors").first().and_then(|error| error.integer("code")),
        }
    }

    fn list(rows: &[Members<'_>]) -> Vec<Self> {
        rows.iter().map(Self::read).collect()
    }
}

impl Graph {
    /// Sends a message. Meta has no key against sending twice: after [`GraphError::Unknown`] or
    /// [`GraphError::Malformed`] only a status that carries our callback data tells whether it went out.
    pub async fn send(
        &self,
        access: &Access<'_>,
        number_id: &str,
        message: &Message,
    ) -> Result<Sent, GraphError> {
        self.post(&[number_id, "messages"], access)?.json(message).node(Sent::read).await
    }

    /// Marks a message read, with the typing indicator if wanted.
    pub async fn mark_read(
        &self,
        access: &Access<'_>,
        number_id: &str,
        mark: &MarkRead,
    ) -> Result<(), GraphError> {
        self.post(&[number_id, "messages"], access)?.named("receipt").json(mark).succeed().await
    }

    /// Blocks people, at most [`crate::limits::BLOCK_BATCH`], who wrote in the last 24 hours. That some of
    /// them could not be blocked is no error: they are in the outcome, each with Meta's code.
    pub async fn block(
        &self,
        access: &Access<'_>,
        number_id: &str,
        whom: &[Whom],
    ) -> Result<BlockOutcome, GraphError> {
        blocked(self.post(&[number_id, "block_users"], access)?.json(&block_body(whom)), "added_users").await
    }

    /// Takes blocks back.
    pub async fn unblock(
        &self,
        access: &Access<'_>,
        number_id: &str,
        whom: &[Whom],
    ) -> Result<BlockOutcome, GraphError> {
        blocked(self.delete(&[number_id, "block_users"], access)?.json(&block_body(whom)), "removed_users")
            .await
    }
}

/// When only some could be blocked, Meta answers with an error (139100) and with both lists.
async fn blocked(call: Call<'_>, done: &str) -> Result<BlockOutcome, GraphError> {
    let (answer, refusal) = call.send_and_keep().await?;
    let members = answer.members()?;
    match (members.object("block_users"), refusal) {
        (Some(lists), _) => Ok(BlockOutcome {
            done: BlockedUser::list(&lists.objects(done)),
            failed: BlockedUser::list(&lists.objects("failed_users")),
        }),
        (None, Some(refusal)) => Err(GraphError::Refused(refusal)),
        (None, None) => Err(answer.malformed("what was asked for is missing")),
    }
}

fn block_body(whom: &[Whom]) -> Value {
    let users: Vec<Value> = whom
        .iter()
        .map(|person| match person {
            Whom::Phone(phone) => json!({"user": phone}),
            Whom::User(id) => json!({"user_id": id}),
        })
        .collect();
    json!({"messaging_product": "whatsapp", "block_users": users})
}

crate::webhook::quiet_debug!(Whom, BlockOutcome, BlockedUser);
