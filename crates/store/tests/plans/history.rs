//! What is asked with every message that comes in does not grow with what its writer was sent before.

use std::time::Duration;

use rules::consent::{Channel, Purpose};
use rules::gate::Reason;
use rules::id::{MessageId, NumberId, OrgId, OutreachId};
use rules::message::{Author, Kind, MessageState};
use rules::outreach::{OutreachOutcome, OutreachVerdict};
use rules::time::{Clock as _, Timestamp};
use serde_json::json;
use store::messages::{NewMessage, Step, Thread};
use store::outreach::Outreach;
use store::{Json, Store, StoreOptions};
use testkit::{Database, Seeded, TestClock, number};

use super::{ALONE, Reads};

/// What a contact was sent.
const BEFORE: usize = 2_000;
/// Entries of indexes that are read to find the one that waits, with those for opening the database.
const READ: i64 = 150;

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_what_waits_is_found_without_what_has_gone_out() {
    let _alone = ALONE.lock().await;
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let db = Database::postgres().await.unwrap();
    let (now, org) = (clock.now(), OrgId::fresh(clock.now(), &chance));
    let mut tx = db.store.begin().await.unwrap();
    let mut scope = tx.org(org).await.unwrap();
    let number = NumberId::fresh(now, &chance);
    let thread = number::chat(&mut scope, number, "6281234567890", now, &chance).await.unwrap();
    let waits = MessageId::fresh(now, &chance);
    let content = json!({ "name": "order_ready" });
    let message = NewMessage {
        at: now,
        created_at: now,
        ..NewMessage::outbound(waits, thread, Author::Api, Kind::Template, &content)
    };
    scope.insert_message(&message).await.unwrap();
    let mut rows: Vec<_> =
        (0..BEFORE).map(|n| intended(thread, None, now - Duration::from_secs(n as u64), &chance)).collect();
    rows.push(intended(thread, Some(waits), now, &chance));
    let rows: Vec<_> = rows.into_iter().map(|row| (org, row)).collect();
    scope.tx().batch(&[org]).await.unwrap().insert_outreach(&rows).await.unwrap();
    let mut scope = tx.org(org).await.unwrap();
    scope.advance_message(waits, &Step::to(MessageState::AwaitingOptIn, now), now).await.unwrap();
    tx.commit().await.unwrap();
    db.learn().await.unwrap();
    db.store.close().await;

    let before = Reads::of(&db).await;
    let store = Store::open(&StoreOptions { connections: 1, ..db.options.clone() }).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let mut batch = tx.batch(&[org]).await.unwrap();
    assert_eq!(batch.awaiting_opt_in(&[(org, thread.contact_id)]).await.unwrap(), [[waits]]);
    let mut scope = tx.org(org).await.unwrap();
    let purpose = Some(Purpose::Utility);
    assert_eq!(scope.awaiting_opt_in(thread.contact_id, purpose).await.unwrap(), [waits]);
    drop(tx);
    store.close().await;
    Reads::of(&db).await.few_since(&before, READ, "asking what waits");
}

/// A template that waits for a yes, or one that was read.
fn intended(thread: Thread, waits: Option<MessageId>, at: Timestamp, chance: &Seeded) -> Outreach {
    let (verdict, reason, outcome) = match waits {
        Some(_) => (OutreachVerdict::FallBack, Some(Reason::NoOptIn), OutreachOutcome::AwaitingOptIn),
        None => (OutreachVerdict::Send, None, OutreachOutcome::Read),
    };
    Outreach {
        id: OutreachId::fresh(at, chance),
        contact_id: thread.contact_id,
        number_id: thread.number_id,
        conversation_id: thread.conversation_id,
        message_id: Some(waits.unwrap_or_else(|| MessageId::fresh(at, chance))),
        template_name: "order_ready".into(),
        template_language: "id".into(),
        purpose: Purpose::Utility,
        author: Author::Api,
        notification_id: None,
        recipient_id: None,
        fallback: Json(Vec::new()),
        standing: "unknown".into(),
        window_open: false,
        verdict,
        reason,
        channel: Channel::Whatsapp,
        outcome,
        trouble: None,
        outcome_at: at,
        at,
    }
}
