//! A backlog: messages of one number that were accepted and wait to be sent, written straight into a store.

use std::time::Duration;

use anyhow::Result;
use rules::id::{ContactId, ConversationId, MessageId, NumberId};
use rules::message::{Author, Direction, MessageState};
use rules::time::Timestamp;
use serde_json::json;
use store::contacts::Contact;
use store::conversations::Conversation;
use store::messages::{Message, Thread};
use store::queue::NewJob;
use store::{Json, Store};
use testkit::{Seeded, rows};

use super::tenants::Tenant;

/// The queue of messages to be sent; the gateway's name for it.
const QUEUE: &str = "deliver";
/// How many messages wait in a conversation. Meta takes 45 at once for one person.
const EACH: usize = 10;
/// How many conversations are written in one transaction.
const TOGETHER: usize = 500;

/// Queues so many messages, spread over a tenant's first numbers, to people who wrote a moment ago.
pub async fn queue(
    store: &Store,
    tenant: &Tenant,
    numbers: usize,
    count: usize,
    now: Timestamp,
) -> Result<()> {
    let chance = Seeded::default();
    let all: Vec<usize> = (0..count.div_ceil(EACH)).collect();
    for part in all.chunks(TOGETHER) {
        let mut tx = store.begin().await?;
        let (mut contacts, mut conversations, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for n in part {
            let contact = contact(*n, now, &chance);
            let thread = Thread {
                conversation_id: ConversationId::fresh(now, &chance),
                contact_id: contact.id,
                number_id: tenant.numbers[n % numbers],
            };
            let most = EACH.min(count - n * EACH);
            messages.extend((0..most).map(|_| message(MessageId::fresh(now, &chance), thread, now)));
            conversations.push(conversation(thread, now));
            contacts.push(contact);
        }
        let mut scope = tx.org(tenant.org).await?;
        scope.write_contacts(&contacts).await?;
        scope.write_conversations(&conversations).await?;
        scope.write_messages(&messages).await?;
        for message in &messages {
            let payload = json!({ "org": tenant.org, "message": message.id });
            let job = NewJob {
                serial_key: Some(message.thread.conversation_id.to_string()),
                org: Some(tenant.org),
                ..NewJob::new(QUEUE, message.thread.number_id, &payload, now)?
            };
            tx.enqueue(&job, now);
        }
        tx.commit().await?;
    }
    Ok(())
}

/// A conversation of an organisation with somebody who wrote a moment ago, without anything that waits.
pub async fn meet(store: &Store, tenant: &Tenant, number: NumberId, now: Timestamp) -> Result<Met> {
    let chance = Seeded::default();
    let contact = contact(PROBES, now, &chance);
    let id = ConversationId::fresh(now, &chance);
    let conversation =
        conversation(Thread { conversation_id: id, contact_id: contact.id, number_id: number }, now);
    let digits = contact.phone.as_ref().map(|phone| phone.digits().to_owned()).unwrap_or_default();
    let mut tx = store.begin().await?;
    let mut scope = tx.org(tenant.org).await?;
    scope.write_contacts(&[contact]).await?;
    scope.write_conversations(&[conversation]).await?;
    tx.commit().await?;
    Ok(Met { conversation: id, digits })
}

/// Somebody to write to.
#[derive(Clone, Debug)]
pub struct Met {
    /// The conversation.
    pub conversation: ConversationId,
    /// Their number.
    pub digits: String,
}

/// Nobody's number in a backlog.
const PROBES: usize = 99_999_999;

fn contact(n: usize, now: Timestamp, chance: &Seeded) -> Contact {
    let contact = rows::contact(ContactId::fresh(now, chance), &format!("62813{n:08}"), now);
    Contact { profile_name: Some(crate::texts::name(n)), ..contact }
}

fn conversation(thread: Thread, now: Timestamp) -> Conversation {
    rows::conversation(thread, now - Duration::from_secs(60))
}

fn message(id: MessageId, thread: Thread, now: Timestamp) -> Message {
    let text = "Pesanan Anda sudah dikirim.";
    Message {
        direction: Direction::Outbound,
        author: Author::Member,
        content: Json(json!({ "type": "text", "text": { "body": text } })),
        state: MessageState::Queued,
        wamid: None,
        ..rows::message(id, thread, String::new(), text, now)
    }
}
