//! What members keep beside conversations: notes, canned replies, views, and what they put out of sight.

use std::time::Duration;

use rules::id::{CannedReplyId, ConversationId, InboxViewId, MemberId, NoteId, NumberId, OrgId};
use rules::time::{Clock as _, Timestamp};
use serde_json::json;
use store::canned::CannedReply;
use store::conversations::ConversationFilter;
use store::notes::Note;
use store::views::InboxView;
use store::{Cursor, Json, OrgScope};
use testkit::{Seeded, TestClock, both};

async fn conversation(scope: &mut OrgScope<'_>, now: Timestamp, chance: &Seeded) -> ConversationId {
    let number = NumberId::fresh(now, chance);
    testkit::number::chat(scope, number, "6281234567890", now, chance).await.unwrap().conversation_id
}

#[tokio::test]
async fn notes_are_read_newest_first_changed_removed_and_call_people() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let [ana, budi] = [(); 2].map(|()| MemberId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let place = conversation(&mut scope, clock.now(), &chance).await;
        let mut ids = Vec::new();
        for n in 0..3 {
            clock.advance(Duration::from_secs(1));
            let note = Note {
                id: NoteId::fresh(clock.now(), &chance),
                conversation_id: place,
                author_id: Some(ana),
                body: format!("note {n}"),
                mentions: Json(if n == 0 { vec![budi] } else { Vec::new() }),
                created_at: clock.now(),
                edited_at: None,
            };
            scope.insert_note(&note).await.unwrap();
            ids.push(note.id);
        }
        let page = scope.notes(place, Cursor::NEWEST, 2).await.unwrap();
        assert_eq!(page.items.iter().map(|note| note.id).collect::<Vec<_>>(), [ids[2], ids[1]]);
        let rest = scope.notes(place, page.next.unwrap(), 2).await.unwrap();
        assert_eq!((rest.items[0].id, rest.next), (ids[0], None));
        assert_eq!(rest.items[0].mentions.0, [budi]);

        let called = |member| ConversationFilter { mentions: Some(member), ..ConversationFilter::default() };
        let found = scope.conversations(&called(budi), Cursor::NEWEST, 9).await.unwrap();
        assert_eq!(found.items.len(), 1);
        assert!(scope.conversations(&called(ana), Cursor::NEWEST, 9).await.unwrap().items.is_empty());

        assert!(scope.change_note(ids[0], "for you, Ana", &[ana], clock.now()).await.unwrap());
        let changed = scope.note(ids[0]).await.unwrap().unwrap();
        assert_eq!((changed.body.as_str(), changed.edited_at), ("for you, Ana", Some(clock.now())));
        assert!(scope.conversations(&called(budi), Cursor::NEWEST, 9).await.unwrap().items.is_empty());
        assert_eq!(scope.conversations(&called(ana), Cursor::NEWEST, 9).await.unwrap().items.len(), 1);
        scope.remove_note(ids[0]).await.unwrap();
        assert!(scope.note(ids[0]).await.unwrap().is_none());
        assert!(!scope.change_note(ids[0], "again", &[ana], clock.now()).await.unwrap());
        assert!(scope.conversations(&called(ana), Cursor::NEWEST, 9).await.unwrap().items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn no_two_canned_replies_have_one_shortcut() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let reply = |shortcut: &str, body: &str| CannedReply {
            id: CannedReplyId::fresh(clock.now(), &chance),
            shortcut: shortcut.into(),
            body: body.into(),
            updated_at: clock.now(),
        };
        let (hours, price) = (reply("jam", "Pukul tujuh."), reply("harga", "Rp 90.000"));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.put_canned_reply(&hours).await.unwrap();
        scope.put_canned_reply(&price).await.unwrap();
        assert_eq!(scope.canned_replies().await.unwrap(), [price.clone(), hours.clone()]);
        let later = CannedReply { body: "Pukul delapan.".into(), ..hours.clone() };
        scope.put_canned_reply(&later).await.unwrap();
        assert_eq!(scope.canned_reply(hours.id).await.unwrap().unwrap(), later);
        assert!(scope.remove_canned_reply(price.id).await.unwrap());
        assert!(!scope.remove_canned_reply(price.id).await.unwrap());
        // Last, for on PostgreSQL it ends the transaction.
        assert!(scope.put_canned_reply(&reply("jam", "other")).await.unwrap_err().is_taken());
    })
    .await;
}

#[tokio::test]
async fn views_are_one_s_own_or_everybody_s() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let [ana, budi] = [(); 2].map(|()| MemberId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let mut ids = Vec::new();
        for member in [Some(ana), None] {
            clock.advance(Duration::from_secs(1));
            let view = InboxView {
                id: InboxViewId::fresh(clock.now(), &chance),
                member_id: member,
                name: "VIP".into(),
                filter: Json(json!({ "label": "vip" })),
                created_at: clock.now(),
            };
            scope.add_inbox_view(&view).await.unwrap();
            ids.push(view.id);
        }
        let mut seen = async |member| {
            let views = scope.inbox_views(member).await.unwrap();
            views.iter().map(|view| view.id).collect::<Vec<_>>()
        };
        assert_eq!(seen(Some(ana)).await, ids);
        assert_eq!(seen(Some(budi)).await, ids[1..]);
        assert_eq!(seen(None).await, ids[1..]);
        let filter = Json(json!({ "unread": true }));
        assert!(scope.change_inbox_view(ids[1], "Everybody", &filter).await.unwrap());
        let changed = scope.inbox_views(None).await.unwrap().remove(0);
        assert_eq!((changed.name.as_str(), &changed.filter.0), ("Everybody", &filter.0));
        assert!(scope.remove_inbox_view(ids[1]).await.unwrap());
        assert!(!scope.change_inbox_view(ids[1], "Back again", &filter).await.unwrap());
        assert!(!scope.remove_inbox_view(ids[1]).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_snoozed_conversation_is_out_of_sight_until_its_time_or_a_message() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let id = conversation(&mut scope, clock.now(), &chance).await;
        let until = clock.now() + Duration::from_secs(60);
        assert!(scope.snooze_conversation(id, Some(until)).await.unwrap());
        assert!(!scope.snooze_conversation(id, Some(until)).await.unwrap());
        let counts = scope.conversation_counts(None).await.unwrap();
        assert_eq!((counts.open, counts.snoozed), (0, 1));
        for (snoozed, found) in [(Some(true), 1), (Some(false), 0), (None, 1)] {
            let filter = ConversationFilter { snoozed, ..ConversationFilter::default() };
            assert_eq!(scope.conversations(&filter, Cursor::NEWEST, 9).await.unwrap().items.len(), found);
        }
        let message = rules::id::MessageId::fresh(clock.now(), &chance);
        scope.record_inbound(id, message, clock.now(), clock.now(), "hi").await.unwrap();
        assert_eq!(scope.conversation(id).await.unwrap().unwrap().snoozed_until, None);
        assert!(scope.snooze_conversation(id, Some(until)).await.unwrap());
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.snoozes_over(clock.now(), 9).await.unwrap().is_empty());
        assert_eq!(tx.snoozes_over(until, 9).await.unwrap(), [(org, id)]);
        let mut scope = tx.org(org).await.unwrap();
        assert!(!scope.wake_conversation(id, clock.now()).await.unwrap(), "its time is not over");
        assert!(scope.wake_conversation(id, until).await.unwrap());
        assert!(!scope.wake_conversation(id, until).await.unwrap());
    })
    .await;
}
