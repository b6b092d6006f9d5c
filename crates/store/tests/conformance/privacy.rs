//! What people ask for about themselves: files, erasing, the list of those never to write to, and how long things are kept.

use rules::erasure::{ContactExportState, ErasureState, ErasureStep, Kept};
use rules::id::{ContactExportId, ContactId, ErasureId, MediaId, OrgId};
use rules::message::Kind;
use rules::time::{Clock as _, span};
use serde_json::json;
use store::contact_exports::ContactExport;
use store::erasures::Erasure;
use store::forget::Naming;
use store::ingest::NewBody;
use store::media::{Examined, NewInboundMedia};
use store::messages::{NewMessage, Thread};
use store::{Cursor, Json, StoreError};
use testkit::schema::{Cell, Row};
use testkit::{Seeded, TestClock, both, number};

#[tokio::test]
async fn names_are_suppressed_by_their_hashes_and_released_again() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, other) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert_eq!(scope.suppression_key().await.unwrap(), None);
        assert_eq!(scope.keep_suppression_key(b"sealed").await.unwrap(), b"sealed");
        assert_eq!(scope.keep_suppression_key(b"another").await.unwrap(), b"sealed", "the first one stays");
        assert!(!scope.suppresses().await.unwrap());
        let (one, two) = (vec![1; 32], vec![2; 32]);
        assert!(scope.suppress("phone", &one, "erased", "member:x", clock.now()).await.unwrap());
        assert!(!scope.suppress("phone", &one, "asked", "member:x", clock.now()).await.unwrap());
        assert!(scope.suppresses().await.unwrap());
        assert_eq!(
            scope.suppressed_among(&[one.clone(), two.clone()]).await.unwrap(),
            std::slice::from_ref(&one)
        );
        let counts = scope.suppression_counts().await.unwrap();
        assert_eq!((counts.len(), counts[0].kind.as_str(), counts[0].count), (1, "phone", 1));
        assert!(scope.release_suppressed("phone", &one).await.unwrap());
        assert!(!scope.release_suppressed("phone", &one).await.unwrap());
        scope.suppress("email", &two, "asked", "member:x", clock.now()).await.unwrap();
        let both = [org, other];
        assert_eq!(tx.batch(&both).await.unwrap().suppressing(&both).await.unwrap(), [org]);
        let mut foreign = tx.org(other).await.unwrap();
        assert!(foreign.suppressed_among(&[two]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn files_about_somebody_are_asked_for_made_and_gone() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, now) = (OrgId::fresh(clock.now(), &chance), clock.now());
        let export = ContactExport {
            id: ContactExportId::fresh(now, &chance),
            contact_id: ContactId::fresh(now, &chance),
            state: ContactExportState::Waiting,
            language: "id".into(),
            sha256: None,
            size: None,
            created_by: "member:x".into(),
            created_at: now,
            expires_at: now + span::days(7),
        };
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.insert_contact_export(&export).await.unwrap();
        assert!(scope.contact_export_ready(export.id, &[5; 32], 77).await.unwrap());
        let read = scope.contact_export(export.id).await.unwrap().unwrap();
        assert_eq!(
            (read.state, read.size, read.sha256),
            (ContactExportState::Ready, Some(77), Some(vec![5; 32]))
        );
        assert_eq!(scope.contact_exports(export.contact_id).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.expired_contact_exports(now, 5).await.unwrap().is_empty());
        assert_eq!(tx.expired_contact_exports(now + span::days(7), 5).await.unwrap(), [(org, export.id)]);
        let mut scope = tx.org(org).await.unwrap();
        scope.forget_contact_export(export.id).await.unwrap();
        assert!(!scope.contact_export_ready(export.id, &[5; 32], 77).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn an_erasure_is_one_for_each_contact_and_says_how_far_it_is() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, now) = (OrgId::fresh(clock.now(), &chance), clock.now());
        let mut erasure = Erasure {
            id: ErasureId::fresh(now, &chance),
            contact_id: ContactId::fresh(now, &chance),
            state: ErasureState::Running,
            step: ErasureStep::Conversations,
            suppressed: true,
            reason: "asked".into(),
            counts: Json(json!({})),
            request_hash: vec![9; 32],
            created_by: "member:x".into(),
            created_at: now,
            finished_at: None,
        };
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.insert_erasure(&erasure).await.unwrap();
        (erasure.state, erasure.step, erasure.finished_at) =
            (ErasureState::Done, ErasureStep::Words, Some(now));
        erasure.counts = Json(json!({ "messages": 3 }));
        scope.update_erasure(&erasure).await.unwrap();
        let read = scope.erasure(erasure.id).await.unwrap().unwrap();
        assert_eq!(
            (read.state, read.step, read.counts.0),
            (ErasureState::Done, ErasureStep::Words, json!({ "messages": 3 }))
        );
        assert!(read.suppressed);
        assert_eq!(scope.erasure_of(erasure.contact_id).await.unwrap().unwrap().id, erasure.id);
        assert_eq!(scope.erasures(Cursor::NEWEST, 5).await.unwrap().items.len(), 1);
        let again = Erasure { id: ErasureId::fresh(now, &chance), ..erasure };
        assert!(matches!(scope.insert_erasure(&again).await, Err(StoreError::Taken(_))));
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_forgotten_with_its_words_and_no_other() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let now = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let line = rules::id::NumberId::fresh(now, &chance);
        let reading = number::connected(line, "600000000000004", "62215550111");
        number::connect(&mut scope, "700000000000003", reading, now, &chance).await.unwrap();
        assert_eq!(scope.waba_ids().await.unwrap(), ["700000000000003"]);
        let gone = number::chat(&mut scope, line, "6281234567890", now, &chance).await.unwrap();
        let stays = number::chat(&mut scope, line, "6281234567899", now, &chance).await.unwrap();
        let mut messages = Vec::new();
        for (thread, text) in [(gone, "zebra kopi"), (gone, "zebra lagi"), (stays, "kopi susu")] {
            messages.push(write(&mut scope, thread, text, &clock, &chance).await);
        }
        let media = NewInboundMedia {
            id: MediaId::fresh(now, &chance),
            message: messages[0],
            number: line,
            mime: "image/jpeg",
            file_name: None,
            meta_media_id: "1",
            meta_sha256: None,
        };
        scope.insert_inbound_media(&media, now).await.unwrap();
        scope.media_stored(media.id, "image/jpeg", 3, &[8; 32], Examined::default(), now).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        while tx.index_messages(100).await.unwrap() == 100 {}
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let file = scope.file_in(gone.conversation_id).await.unwrap().unwrap();
        assert_eq!((file.0, file.1.clone()), (media.id, Some(vec![8; 32])));
        scope.forget_file(file.0).await.unwrap();
        assert!(scope.file_in(gone.conversation_id).await.unwrap().is_none());
        assert_eq!(scope.conversations_with(gone.contact_id).await.unwrap(), [gone.conversation_id]);
        assert_eq!(
            scope.forget_conversation(gone.conversation_id).await.unwrap(),
            None,
            "it still has messages"
        );
        assert_eq!(
            scope.forget_contact(gone.contact_id).await.unwrap(),
            None,
            "there is still a conversation"
        );
        assert_eq!(scope.forget_messages(gone.conversation_id, 1).await.unwrap(), 1);
        assert_eq!(scope.forget_messages(gone.conversation_id, 10).await.unwrap(), 1);
        assert_eq!(scope.forget_conversation(gone.conversation_id).await.unwrap(), Some(0));
        scope
            .publish("conversation.updated", &json!({ "conversation_id": gone.conversation_id }), now)
            .unwrap();
        scope.forget_mentions(&gone.conversation_id.to_string()).await.unwrap();
        assert_eq!(scope.forget_contact(gone.contact_id).await.unwrap(), Some(0));
        assert!(scope.contact(gone.contact_id).await.unwrap().is_none());
        let found = scope.search_messages("kopi", None, Cursor::NEWEST, 10).await.unwrap();
        assert_eq!(found.items.iter().map(|one| one.id).collect::<Vec<_>>(), [messages[2]]);
        assert!(scope.search_messages("zebra", None, Cursor::NEWEST, 10).await.unwrap().items.is_empty());
        tx.commit().await.unwrap();
        let mut first = true;
        loop {
            let mut tx = db.store.begin().await.unwrap();
            let more = tx.tidy_words(first).await.unwrap();
            tx.commit().await.unwrap();
            first = false;
            if !more {
                break;
            }
        }
        assert_eq!(db.tables_holding("zebra").await.unwrap(), Vec::<String>::new());
        assert!(!db.tables_holding("susu").await.unwrap().is_empty());
    })
    .await;
}

pub(crate) async fn write(
    scope: &mut store::OrgScope<'_>,
    thread: Thread,
    text: &str,
    clock: &TestClock,
    chance: &Seeded,
) -> rules::id::MessageId {
    clock.advance(span::minutes(1));
    let (id, now) = (rules::id::MessageId::fresh(clock.now(), chance), clock.now());
    let (content, wamid) = (json!({ "body": text }), format!("wamid.{id}"));
    let message = NewMessage {
        body: text,
        at: now,
        created_at: now,
        ..NewMessage::inbound(id, thread, Kind::Text, &content, &wamid)
    };
    assert!(scope.insert_message(&message).await.unwrap());
    scope.record_inbound(thread.conversation_id, id, now, now, text).await.unwrap();
    id
}

#[tokio::test]
async fn what_is_held_about_somebody_is_read_list_by_list() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, now) = (OrgId::fresh(clock.now(), &chance), clock.now());
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let line = rules::id::NumberId::fresh(now, &chance);
        let reading = number::connected(line, "600000000000004", "62215550111");
        number::connect(&mut scope, "700000000000003", reading, now, &chance).await.unwrap();
        let chat = number::chat(&mut scope, line, "6281234567890", now, &chance).await.unwrap();
        let (contact, message) = (chat.contact_id, rules::id::MessageId::fresh(now, &chance));
        scope.refer_to_contact("odoo:7", contact).await.unwrap();
        scope.note_signal(contact, rules::signals::SignalKind::MarketingCapped, message, now).await.unwrap();
        let entry = store::links::NewLinkEntry {
            link: rules::id::ChatLinkId::fresh(now, &chance),
            message,
            contact,
            opted_in: true,
        };
        assert!(scope.insert_link_entry(&entry, now).await.unwrap());
        assert_eq!(scope.contacts_of_person(contact).await.unwrap(), [contact]);
        tx.commit().await.unwrap();
        let row = |pairs: &[(&'static str, Cell)]| {
            let mut row = Row::from([("org_id", Cell::Id(org.0)), ("contact_id", Cell::Id(contact.0))]);
            row.extend(pairs.iter().cloned());
            row
        };
        let said = |text: &str| Cell::from(text);
        let none = Cell::Null;
        let submission = row(&[
            ("contact_id", none.clone()),
            ("phone", said("6281234567890")),
            ("way", said("api")),
            ("locale", said("id")),
            ("purposes", said("[]")),
            ("double_opt_in", said("none")),
            ("state", said("pending")),
        ]);
        db.add_row("form_submissions", &submission, "x", 7).await.unwrap();
        let others = row(&[("contact_id", none), ("phone", said("62811111111"))]);
        let others = submission.iter().map(|(column, cell)| (*column, cell.clone())).chain(others).collect();
        db.add_row("form_submissions", &others, "y", 7).await.unwrap();
        db.add_row("notification_recipients", &row(&[]), "x", 7).await.unwrap();
        let brought = row(&[("cells", said("[\"Sari\"]")), ("faults", said("[]"))]);
        db.add_row("import_rows", &brought, "x", 7).await.unwrap();
        let reach = row(&[
            ("channel", said("sms")),
            ("kind", said("link")),
            ("purpose", said("utility")),
            ("locale", said("id")),
            ("state", said("sent")),
        ]);
        db.add_row("reaches", &reach, "x", 7).await.unwrap();
        let attempt = Row::from([
            ("org_id", Cell::Id(org.0)),
            ("message_id", Cell::Id(message.0)),
            ("problem", Cell::Null),
        ]);
        db.add_row("attempts", &attempt, "accepted", 7).await.unwrap();

        let mut tx = db.store.read().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert_eq!(scope.references_to(contact).await.unwrap(), ["odoo:7"]);
        let signals = scope.signalled(contact).await.unwrap();
        assert_eq!((signals.len(), signals[0].times), (1, 1));
        let links = scope.link_entries_of(contact, Cursor::NEWEST, 5).await.unwrap();
        assert_eq!((links.items.len(), links.items[0].opted_in, links.next), (1, true, None));
        let forms = scope.submissions_of(contact, Cursor::NEWEST, 5).await.unwrap();
        assert_eq!(forms.items.len(), 1, "what came under their number, and nothing of others");
        assert_eq!(scope.notified(contact, Cursor::NEWEST, 5).await.unwrap().items[0].verdict, "x");
        assert_eq!(scope.brought_in(contact, 5).await.unwrap()[0].cells.0, ["Sari"]);
        assert_eq!(scope.reaches_to(contact, Cursor::NEWEST, 5).await.unwrap().items.len(), 1);
        let attempts = scope.attempts_at(&[message]).await.unwrap();
        assert_eq!((attempts.len(), attempts[0].0, attempts[0].1.n), (1, message, 7));
    })
    .await;
}

#[tokio::test]
async fn what_went_out_long_ago_is_forgotten_with_what_went_out_elsewhere() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, now) = (OrgId::fresh(clock.now(), &chance), clock.now());
        let before = now - span::days(90);
        for at in [before - span::days(1), now] {
            let (intention, recipient) = (uuid::Uuid::new_v4(), rules::id::RecipientId::fresh(at, &chance));
            let run = rules::id::RunId::fresh(at, &chance);
            let row = |id| {
                Row::from([
                    ("org_id", Cell::Id(org.0)),
                    ("id", Cell::Id(id)),
                    ("outreach_id", Cell::Id(intention)),
                    ("run_id", Cell::Id(run.0)),
                ])
            };
            db.add_row("outreach", &row(intention), "x", at.0).await.unwrap();
            db.add_row("reaches", &row(uuid::Uuid::new_v4()), "x", at.0).await.unwrap();
            let mut told = row(recipient.0);
            told.insert("once_key", Cell::Text(at.0.to_string()));
            db.add_row("notification_recipients", &told, "x", at.0).await.unwrap();
            db.add_row("notification_runs", &row(run.0), "x", at.0).await.unwrap();
        }
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert_eq!(scope.count_outreach_before(before).await.unwrap(), 1);
        assert_eq!(scope.count_recipients_before(before).await.unwrap(), 1);
        assert_eq!(scope.forget_outreach_before(before, 10).await.unwrap(), 1);
        assert_eq!(scope.forget_runs_before(before, 10).await.unwrap(), 0, "whom it went through is known");
        assert_eq!(scope.forget_recipients_before(before, 10).await.unwrap(), 1);
        assert_eq!(scope.forget_runs_before(before, 10).await.unwrap(), 1);
        assert_eq!(scope.forget_outreach_before(before, 10).await.unwrap(), 0);
        tx.commit().await.unwrap();
        for table in ["outreach", "reaches", "notification_recipients", "notification_runs"] {
            assert_eq!(db.count(table, "1 = 1").await.unwrap(), 1, "{table}");
        }
    })
    .await;
}

#[tokio::test]
async fn raw_webhooks_that_name_somebody_go_and_those_of_others_stay() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let app = rules::id::AppId::fresh(clock.now(), &chance);
        let body = |text: &str| NewBody { app, received_at: clock.now(), body: text.as_bytes().to_vec() };
        let bodies = [body("waba1 6281234567890"), body("waba2 6281234567890"), body("waba1 6281234567899")];
        db.store.intake_turn().await.unwrap().store(&bodies.iter().collect::<Vec<_>>()).await.unwrap();
        let (names, accounts) = (["6281234567890".to_owned()], ["waba1".to_owned()]);
        let naming = Naming { names: &names, accounts: &accounts };
        assert_eq!(db.store.forget_bodies(naming).await.unwrap(), 0, "they are still to be read");
        let mut tx = db.store.begin().await.unwrap();
        let read = tx.unsplit_bodies(10, 1 << 20).await.unwrap();
        tx.mark_split(&read.iter().map(|body| body.seq).collect::<Vec<_>>(), clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.store.count_naming(naming).await.unwrap(), 1);
        let nobody = Naming { names: &[], ..naming };
        assert_eq!(db.store.count_naming(nobody).await.unwrap(), 0);
        assert_eq!(db.store.forget_bodies(nobody).await.unwrap(), 0);
        assert_eq!(db.store.forget_bodies(naming).await.unwrap(), 1);
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.count_bodies().await.unwrap(), 2);
        assert_eq!(tx.forget_updates(naming).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_past_its_time_is_counted_and_forgotten() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.retention().await.unwrap().is_empty());
        scope.keep(Kept::Conversations, Some(30)).await.unwrap();
        scope.keep(Kept::Conversations, Some(60)).await.unwrap();
        scope.keep(Kept::Audit, Some(365)).await.unwrap();
        scope.keep(Kept::Audit, None).await.unwrap();
        assert_eq!(scope.retention().await.unwrap(), [(Kept::Conversations, 60)]);
        let now = clock.now();
        let line = rules::id::NumberId::fresh(now, &chance);
        let reading = number::connected(line, "600000000000004", "62215550111");
        number::connect(&mut scope, "700000000000003", reading, now, &chance).await.unwrap();
        let chat = number::chat(&mut scope, line, "6281234567890", now, &chance).await.unwrap();
        let later = now + span::days(1);
        assert_eq!(scope.count_silent_conversations(now).await.unwrap(), 0);
        assert_eq!(scope.count_silent_conversations(later).await.unwrap(), 1);
        assert_eq!(scope.silent_conversations(later, 5).await.unwrap(), [chat.conversation_id]);
        let entry = store::audit::NewAudit {
            id: rules::id::AuditId::fresh(now, &chance),
            actor: "system",
            action: "contact.create",
            target: "",
            details: &json!({}),
            address: "",
        };
        scope.audit(&entry, now).await.unwrap();
        assert_eq!(scope.count_audit_before(later).await.unwrap(), 1);
        assert_eq!(scope.forget_audit_before(now, 10).await.unwrap(), 0);
        assert_eq!(scope.forget_audit_before(later, 10).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut tx = db.store.read().await.unwrap();
        assert_eq!(tx.orgs_with_retention().await.unwrap(), [org]);
    })
    .await;
}
