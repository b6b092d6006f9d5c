//! A conversation to look at, written into the store without Meta.

use std::time::Duration;

use rules::id::{ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::message::{Author, Kind, MessageState};
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::messages::{NewMessage, Thread};
use testkit::app::TestApp;
use testkit::number;

/// A connected number of an organisation.
pub async fn number(app: &TestApp, org: OrgId) -> NumberId {
    let (now, chance) = (app.now(), app.ctx.chance());
    let mut tx = app.ctx.store.begin().await.expect("a transaction");
    let mut scope = tx.org(org).await.expect("a scope");
    let id = NumberId::fresh(now, chance);
    let reading = number::connected(id, "600000000000004", "62215550111");
    number::connect(&mut scope, "700000000000003", reading, now, chance).await.expect("a number");
    tx.commit().await.expect("a commit");
    id
}

/// A conversation of an organisation.
pub struct Chat<'a> {
    pub app: &'a TestApp,
    pub org: OrgId,
    pub thread: Thread,
}

impl<'a> Chat<'a> {
    /// A conversation with this phone number, without messages.
    pub async fn start(app: &'a TestApp, org: OrgId, number: NumberId, phone: &str) -> Self {
        let (now, chance) = (app.now(), app.ctx.chance());
        let mut tx = app.ctx.store.begin().await.expect("a transaction");
        let mut scope = tx.org(org).await.expect("a scope");
        let thread = number::chat(&mut scope, number, phone, now, chance).await.expect("a conversation");
        tx.commit().await.expect("a commit");
        Self { app, org, thread }
    }

    pub fn id(&self) -> ConversationId {
        self.thread.conversation_id
    }

    pub fn contact(&self) -> ContactId {
        self.thread.contact_id
    }

    /// The contact writes.
    pub async fn hears(&self, text: &str) -> MessageId {
        let (id, now) = self.moment();
        let (content, wamid) = (json!({ "type": "text", "body": text }), format!("wamid.{id}"));
        let message = NewMessage {
            body: text,
            at: now,
            created_at: now,
            sent_at: Some(now),
            ..NewMessage::inbound(id, self.thread, Kind::Text, &content, &wamid)
        };
        let mut tx = self.app.ctx.store.begin().await.expect("a transaction");
        let mut scope = tx.org(self.org).await.expect("a scope");
        assert!(scope.insert_message(&message).await.expect("a message"));
        scope.record_inbound(self.id(), id, now, now, text).await.expect("a conversation");
        tx.commit().await.expect("a commit");
        id
    }

    /// The business answers, perhaps to a message.
    pub async fn says(&self, author: Author, text: &str, reply_to: Option<MessageId>) -> MessageId {
        let (id, now) = self.moment();
        let content: Value = json!({ "text": { "body": text } });
        let (wamid, replied) = (format!("wamid.{id}"), reply_to.map(|id| format!("wamid.{id}")));
        let message = NewMessage {
            body: text,
            at: now,
            created_at: now,
            state: MessageState::Sent,
            wamid: Some(&wamid),
            reply_to: replied.as_deref(),
            ..NewMessage::outbound(id, self.thread, author, Kind::Text, &content)
        };
        let mut tx = self.app.ctx.store.begin().await.expect("a transaction");
        let mut scope = tx.org(self.org).await.expect("a scope");
        assert!(scope.insert_message(&message).await.expect("a message"));
        scope.record_outbound(self.id(), id, now, text).await.expect("a conversation");
        tx.commit().await.expect("a commit");
        id
    }

    fn moment(&self) -> (MessageId, Timestamp) {
        self.app.clock.advance(Duration::from_secs(1));
        (MessageId::fresh(self.app.now(), self.app.ctx.chance()), self.app.now())
    }
}

/// The events that an organisation has published, oldest first, once there are `expected` of them. On PostgreSQL an
/// event may be read when every transaction that began before it has ended, also those of other tests.
pub async fn events(app: &TestApp, org: OrgId, expected: usize) -> Vec<(String, Value)> {
    let from = store::events::EventId { txid: 0, seq: 0, at: app.now() };
    for _ in 0..500 {
        let mut tx = app.ctx.store.read().await.expect("a transaction");
        let events = tx.org(org).await.expect("a scope").events_after(from, 100).await.expect("events");
        if events.len() >= expected {
            assert_eq!(events.len(), expected, "{events:?}");
            let payload = |text: &str| serde_json::from_str(text).expect("JSON");
            return events.into_iter().map(|event| (event.kind, payload(&event.payload))).collect();
        }
        drop(tx);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("fewer than {expected} events within ten seconds");
}
