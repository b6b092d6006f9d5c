//! Conversations: one per pair, lists, who is in charge.

use std::time::Duration;

use rules::conversation::{AiState, ConversationStatus};
use rules::id::{ContactId, ConversationId, MemberId, MessageId, NumberId, OrgId};
use rules::identity::Phone;
use rules::message::{Author, Kind, MessageState};
use rules::time::{Clock as _, Timestamp};
use serde_json::json;
use store::contacts::{ContactChange, ContactFilter};
use store::conversations::{Assignee, ConversationCounts, ConversationFilter};
use store::messages::{NewMessage, Thread};
use store::{Cursor, OrgScope};
use testkit::{Seeded, TestClock, both};

async fn person(scope: &mut OrgScope<'_>, digits: &str, now: Timestamp, chance: &Seeded) -> ContactId {
    scope.contact_by_phone(&Phone::from_wire(digits).unwrap(), now, chance).await.unwrap().contact
}

async fn found(scope: &mut OrgScope<'_>, filter: ConversationFilter) -> Vec<ConversationId> {
    let page = scope.conversations(&filter, Cursor::NEWEST, 50).await.unwrap();
    page.items.iter().map(|row| row.conversation.id).collect()
}

#[tokio::test]
async fn a_pair_has_one_conversation_and_its_row_shows_the_newest_message() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, number) = (OrgId::fresh(now, &chance), NumberId::fresh(now, &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let contact = person(&mut scope, "6281234567890", now, &chance).await;
        let (made, new) = scope.open_conversation(contact, number, AiState::On, now, &chance).await.unwrap();
        assert!(new);
        let (again, new) =
            scope.open_conversation(contact, number, AiState::Off, now, &chance).await.unwrap();
        assert!(!new && again.id == made.id && again.ai == AiState::On);
        assert_eq!(scope.conversation_of(contact, number).await.unwrap().unwrap().id, made.id);

        let thread = Thread { conversation_id: made.id, contact_id: contact, number_id: number };
        let (content, meta_at) = (json!({}), now - Duration::from_secs(90));
        let reply = MessageId::fresh(now, &chance);
        let message =
            NewMessage { at: now, ..NewMessage::outbound(reply, thread, Author::Ai, Kind::Text, &content) };
        assert!(scope.insert_message(&message).await.unwrap());
        scope.record_outbound(made.id, reply, now, "Halo").await.unwrap();
        // An older message arrives late: it is unread and opens the window, but is not shown.
        let late = MessageId::fresh(now, &chance);
        assert!(!scope.has_heard(number).await.unwrap());
        scope.record_inbound(made.id, late, meta_at, meta_at, "older").await.unwrap();
        assert!(scope.has_heard(number).await.unwrap());
        let earlier = meta_at - Duration::from_secs(1);
        scope.record_inbound(made.id, late, earlier, earlier, "oldest").await.unwrap();
        let held = scope.conversation_for_change(made.id).await.unwrap();
        assert_eq!(held.map(|conversation| conversation.id), Some(made.id));
        scope.attribute_conversation(made.id, &json!({ "source": "ad" })).await.unwrap();
        scope.attribute_conversation(made.id, &json!({ "source": "other" })).await.unwrap();

        let row = scope.conversation_row(made.id).await.unwrap().unwrap();
        assert_eq!((row.conversation.preview.as_str(), row.conversation.unread), ("Halo", 2));
        assert_eq!(row.conversation.last_inbound_at, Some(meta_at));
        assert_eq!(row.conversation.attribution.unwrap().0, json!({ "source": "ad" }));
        assert_eq!(row.contact.id, contact);
        let last = row.last.unwrap();
        assert_eq!((last.author, last.state, last.kind), (Author::Ai, MessageState::Queued, Kind::Text));
        let nowhere = ConversationId::fresh(now, &chance);
        assert!(scope.conversation_row(nowhere).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn lists_hold_what_was_asked_for_and_counts_agree() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let member = MemberId::fresh(clock.now(), &chance);
        let numbers = [(); 2].map(|()| NumberId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let mut ids = Vec::new();
        for n in 0..5 {
            clock.advance(Duration::from_secs(1));
            let contact = person(&mut scope, &format!("62812345678{n}"), clock.now(), &chance).await;
            let (made, _) = scope
                .open_conversation(contact, numbers[n % 2], AiState::On, clock.now(), &chance)
                .await
                .unwrap();
            ids.push((made.id, contact));
        }
        let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|n| ids[n].0);
        assert!(scope.assign_conversation(a, Some(member)).await.unwrap());
        assert!(!scope.assign_conversation(a, Some(member)).await.unwrap());
        assert!(scope.assign_conversation(b, Some(member)).await.unwrap());
        assert!(scope.assign_conversation(b, None).await.unwrap());
        assert!(!scope.assign_conversation(b, None).await.unwrap());
        assert!(scope.set_conversation_status(c, ConversationStatus::Closed).await.unwrap());
        assert!(!scope.set_conversation_status(c, ConversationStatus::Closed).await.unwrap());
        assert!(scope.set_ai(d, AiState::HandedOff, Some("asked_for_person"), clock.now()).await.unwrap());
        assert!(!scope.set_ai(d, AiState::HandedOff, Some("other"), clock.now()).await.unwrap());
        assert_eq!(
            scope.conversation(d).await.unwrap().unwrap().ai_reason.as_deref(),
            Some("asked_for_person")
        );
        let message = MessageId::fresh(clock.now(), &chance);
        scope.record_inbound(e, message, clock.now(), clock.now(), "hi").await.unwrap();
        let change = ContactChange { labels: Some(vec!["vip".into()]), ..ContactChange::default() };
        scope.change_contact(ids[4].1, &change, clock.now()).await.unwrap();

        let all = ConversationFilter::default;
        assert_eq!(found(&mut scope, all()).await, [e, d, c, b, a]);
        let open = ConversationFilter { status: Some(ConversationStatus::Open), ..all() };
        assert_eq!(found(&mut scope, open).await, [e, d, b, a]);
        let nobodys = ConversationFilter { assignee: Some(Assignee::Nobody), ..all() };
        assert_eq!(found(&mut scope, nobodys).await, [e, d, c, b]);
        let mine = ConversationFilter { assignee: Some(Assignee::Member(member)), ..all() };
        assert_eq!(found(&mut scope, mine).await, [a]);
        let handed = ConversationFilter { ai: Some(AiState::HandedOff), ..all() };
        assert_eq!(found(&mut scope, handed).await, [d]);
        assert_eq!(found(&mut scope, ConversationFilter { unread: true, ..all() }).await, [e]);
        let number = ConversationFilter { number: Some(numbers[1]), ..all() };
        assert_eq!(found(&mut scope, number).await, [d, b]);
        assert_eq!(found(&mut scope, ConversationFilter { contact: Some(ids[2].1), ..all() }).await, [c]);
        let text = ContactFilter { text: Some("5678 1".into()), ..ContactFilter::default() };
        assert_eq!(found(&mut scope, ConversationFilter { person: text, ..all() }).await, [b]);
        let label = ContactFilter { label: Some("vip".into()), ..ContactFilter::default() };
        assert_eq!(found(&mut scope, ConversationFilter { person: label, ..all() }).await, [e]);
        assert!(scope.label_conversation(b, &["refund".into(), "50% off".into()]).await.unwrap());
        assert!(!scope.label_conversation(b, &["refund".into(), "50% off".into()]).await.unwrap());
        assert!(scope.label_conversation(d, &["refund".into()]).await.unwrap());
        assert_eq!(scope.conversation(d).await.unwrap().unwrap().labels.0, ["refund"]);
        assert_eq!(scope.conversation_labels().await.unwrap(), ["50% off", "refund"]);
        for (label, expected) in
            [("refund", vec![d, b]), ("50% off", vec![b]), ("fund", vec![]), ("vip", vec![])]
        {
            let label = Some(label.to_owned());
            assert_eq!(found(&mut scope, ConversationFilter { label, ..all() }).await, expected);
        }

        let first = scope.conversations(&all(), Cursor::NEWEST, 2).await.unwrap();
        let second = scope.conversations(&all(), first.next.unwrap(), 3).await.unwrap();
        assert_eq!(second.items.iter().map(|row| row.conversation.id).collect::<Vec<_>>(), [c, b, a]);
        assert_eq!(second.next, None);

        let counts = scope.conversation_counts(Some(member)).await.unwrap();
        assert_eq!(
            counts,
            ConversationCounts { open: 4, unassigned: 3, mine: 1, handed_off: 1, unread: 1, snoozed: 0 }
        );
        assert!(scope.mark_conversation(e, false).await.unwrap());
        assert!(!scope.mark_conversation(e, false).await.unwrap());
        assert_eq!(scope.conversation_counts(None).await.unwrap().unread, 0);
        assert!(scope.mark_conversation(e, true).await.unwrap());
        assert!(!scope.mark_conversation(e, true).await.unwrap());
    })
    .await;
}
