//! Whole rows written many at a time are found as if they had come one by one.

use std::time::Duration;

use rules::conversation::{AiState, ConversationStatus};
use rules::id::{ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::identity::Phone;
use rules::message::{Author, Direction, Kind, MessageState};
use rules::time::Clock as _;
use serde_json::json;
use store::contacts::{Contact, ContactFilter};
use store::conversations::{Conversation, ConversationFilter};
use store::messages::{Message, Thread, Towards};
use store::{Cursor, Json};
use testkit::{Seeded, TestClock, both};

/// More than one statement takes.
const COUNT: usize = 1_203;

#[tokio::test]
async fn rows_written_together_are_found_one_by_one() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, number) = (OrgId::fresh(now, &chance), NumberId::fresh(now, &chance));
        let (mut contacts, mut conversations, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..COUNT {
            let at = now - Duration::from_secs(u64::try_from(n).unwrap());
            let contact_id = ContactId::fresh(at, &chance);
            let conversation_id = ConversationId::fresh(at, &chance);
            let id = MessageId::fresh(at, &chance);
            contacts.push(Contact {
                id: contact_id,
                name: String::new(),
                profile_name: Some(format!("Rina {n}")),
                username: None,
                phone: Phone::from_wire(&format!("62812{n:08}")),
                bsuid: None,
                language: None,
                labels: Json(Vec::new()),
                created_at: at,
                updated_at: at,
            });
            conversations.push(Conversation {
                id: conversation_id,
                contact_id,
                number_id: number,
                status: ConversationStatus::Open,
                assignee_id: None,
                ai: AiState::On,
                ai_reason: None,
                ai_changed_at: at,
                last_inbound_at: Some(at),
                last_message_at: at,
                last_message_id: Some(id),
                preview: "Halo".into(),
                unread: 1,
                snoozed_until: None,
                labels: Json(Vec::new()),
                attribution: None,
                created_at: at,
            });
            messages.push(Message {
                id,
                thread: Thread { conversation_id, contact_id, number_id: number },
                direction: Direction::Inbound,
                author: Author::Contact,
                author_id: None,
                kind: Kind::Text,
                content: Json(json!({ "type": "text", "body": "Halo" })),
                body: format!("Halo nomor{n}"),
                reply_to: None,
                reply_to_id: None,
                state: MessageState::Received,
                wamid: Some(format!("wamid.{n}")),
                at,
                created_at: at,
                changed_at: at,
                sent_at: None,
                delivered_at: None,
                read_at: None,
                failed_at: None,
                problem: None,
                pricing: None,
                decision: None,
                consent_event_id: None,
                client_ref: None,
            });
        }
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.write_contacts(&contacts).await.unwrap();
        scope.write_conversations(&conversations).await.unwrap();
        scope.write_messages(&messages).await.unwrap();

        let last = COUNT - 1;
        let known =
            scope.contact_by_phone(contacts[last].phone.as_ref().unwrap(), now, &chance).await.unwrap();
        assert_eq!((known.contact, known.is_new), (contacts[last].id, false));
        let person = ContactFilter { text: Some(format!("rina {last}")), label: None };
        let filter = ConversationFilter { person, ..ConversationFilter::default() };
        let found = scope.conversations(&filter, Cursor::NEWEST, 5).await.unwrap().items;
        assert_eq!(found.iter().map(|row| row.conversation.id).collect::<Vec<_>>(), [conversations[last].id]);
        let thread = scope.thread(conversations[last].id, Towards::Older(Cursor::NEWEST), 5).await.unwrap();
        assert_eq!(thread.items.iter().map(|one| one.id).collect::<Vec<_>>(), [messages[last].id]);
        let place = scope.message_by_wamid("wamid.7").await.unwrap().unwrap();
        assert_eq!((place.id, place.state), (messages[7].id, MessageState::Received));
        let counts = scope.conversation_counts(None).await.unwrap();
        assert_eq!(
            (counts.open, counts.unread, counts.handed_off),
            (1_000, 1_000, 0),
            "no figure goes further"
        );
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.index_messages(5_000).await.unwrap(), COUNT);
        let mut scope = tx.org(org).await.unwrap();
        let hits = scope.search_messages("nomor1202", None, Cursor::NEWEST, 5).await.unwrap().items;
        assert_eq!(hits.iter().map(|one| one.id).collect::<Vec<_>>(), [messages[last].id]);
    })
    .await;
}

#[tokio::test]
async fn keys_written_together_are_forgotten_by_their_day() {
    both(|db| async move {
        let now = TestClock::default().now();
        let keys: Vec<[u8; 16]> = (0..COUNT as u128).map(u128::to_be_bytes).collect();
        let mut tx = db.store.begin().await.unwrap();
        tx.write_update_keys(&keys, now).await.unwrap();
        assert_eq!(tx.forget_update_keys_before(now.day()).await.unwrap(), 0);
        assert_eq!(tx.forget_update_keys_before(now.day() + 1).await.unwrap(), COUNT as u64);
    })
    .await;
}
