//! Whole rows written many at a time are found as if they had come one by one.

use std::time::Duration;

use rules::id::{ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::message::MessageState;
use rules::time::Clock as _;
use store::Cursor;
use store::contacts::{Contact, ContactFilter};
use store::conversations::{Conversation, ConversationFilter};
use store::messages::{Thread, Towards};
use testkit::{Seeded, TestClock, both, rows};

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
            let thread = Thread { conversation_id, contact_id, number_id: number };
            let contact = rows::contact(contact_id, &format!("62812{n:08}"), at);
            contacts.push(Contact { profile_name: Some(format!("Rina {n}")), ..contact });
            let conversation = rows::conversation(thread, at);
            conversations.push(Conversation { last_message_id: Some(id), unread: 1, ..conversation });
            messages.push(rows::message(id, thread, format!("wamid.{n}"), &format!("Halo nomor{n}"), at));
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
        let person = ContactFilter { text: Some(format!("rina {last}")), ..ContactFilter::default() };
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
