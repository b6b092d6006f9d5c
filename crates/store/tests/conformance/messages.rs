//! Messages, their states, attempts, and what the gate decides by.

use std::time::Duration;

use proptest::prelude::*;
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::gate::{Form, LineState, Policy};
use rules::id::{ConsentEventId, ConversationId, MessageId, NumberId, OrgId, TemplateId};
use rules::message::{Author, Kind, MessageState};
use rules::time::{Clock as _, Timestamp};
use serde_json::json;
use store::consent::NewConsentEvent;
use store::messages::{Asked, Decided, Ended, Move, NewMessage, Step, Thread, Towards};
use store::templates::TemplateReading;
use store::{Cursor, OrgScope, Store};
use testkit::{Seeded, TestClock, both, number};

struct World {
    store: Store,
    clock: TestClock,
    chance: Seeded,
    org: OrgId,
    thread: Thread,
}

impl World {
    async fn new(store: Store) -> Self {
        Self::with(store, Seeded::default()).await
    }

    async fn with(store: Store, chance: Seeded) -> Self {
        let clock = TestClock::default();
        let org = OrgId::fresh(clock.now(), &chance);
        let number_id = NumberId::fresh(clock.now(), &chance);
        let mut tx = store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let thread =
            number::chat(&mut scope, number_id, "6281234567890", clock.now(), &chance).await.unwrap();
        tx.commit().await.unwrap();
        Self { store, clock, chance, org, thread }
    }

    fn id(&self) -> MessageId {
        self.clock.advance(Duration::from_millis(2));
        MessageId::fresh(self.clock.now(), &self.chance)
    }

    async fn queue(&self, scope: &mut OrgScope<'_>) -> MessageId {
        let (id, now, content) = (self.id(), self.clock.now(), json!({ "body": "Halo" }));
        let message = NewMessage {
            body: "Halo",
            at: now,
            created_at: now,
            client_ref: Some("order-7"),
            ..NewMessage::outbound(id, self.thread, Author::Api, Kind::Text, &content)
        };
        assert!(scope.insert_message(&message).await.unwrap());
        id
    }
}

#[tokio::test]
async fn a_repeated_message_is_stored_once_and_a_reply_knows_what_it_answers() {
    both(|db| async move {
        let world = World::new(db.store.clone()).await;
        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let content = json!({ "body": "berapa harganya?" });
        let first = NewMessage {
            at: world.clock.now(),
            ..NewMessage::inbound(world.id(), world.thread, Kind::Text, &content, "wamid.one")
        };
        assert!(scope.insert_message(&first).await.unwrap());
        assert!(!scope.insert_message(&NewMessage { id: world.id(), ..first.clone() }).await.unwrap());
        let reply = NewMessage {
            id: world.id(),
            wamid: Some("wamid.two"),
            reply_to: Some("wamid.one"),
            ..first.clone()
        };
        assert!(scope.insert_message(&reply).await.unwrap());
        let stored = scope.message(reply.id).await.unwrap().unwrap();
        assert_eq!(stored.reply_to_id, Some(first.id));
        assert_eq!(stored.content.0, content);
        assert_eq!(scope.message_by_wamid("wamid.one").await.unwrap().unwrap().id, first.id);
        assert!(scope.message_by_wamid("wamid.none").await.unwrap().is_none());
        let conversation = world.thread.conversation_id;
        let found = scope.message_in_conversation(conversation, "wamid.two").await.unwrap().unwrap();
        assert_eq!(found.id, reply.id);
        let elsewhere = ConversationId::fresh(world.clock.now(), &world.chance);
        assert!(scope.message_in_conversation(elsewhere, "wamid.two").await.unwrap().is_none());
        assert!(scope.latest_inbound(conversation).await.unwrap().is_some());
        assert!(scope.rewrite_message(reply.id, &json!({ "transcript": "ya" }), "ya").await.unwrap());
        assert_eq!(scope.message(reply.id).await.unwrap().unwrap().body, "ya");
    })
    .await;
}

#[tokio::test]
async fn a_thread_reads_both_ways() {
    both(|db| async move {
        let world = World::new(db.store.clone()).await;
        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(world.queue(&mut scope).await);
        }
        let conversation = world.thread.conversation_id;
        let newest = scope.thread(conversation, Towards::Older(Cursor::NEWEST), 2).await.unwrap();
        assert_eq!(newest.items.iter().map(|m| m.id).collect::<Vec<_>>(), [ids[4], ids[3]]);
        let older = scope.thread(conversation, Towards::Older(newest.next.unwrap()), 9).await.unwrap();
        assert_eq!(older.items.iter().map(|m| m.id).collect::<Vec<_>>(), [ids[2], ids[1], ids[0]]);
        assert_eq!(older.next, None);
        let from = Cursor { at: older.items[1].at, id: older.items[1].id.0 };
        let newer = scope.thread(conversation, Towards::Newer(from), 2).await.unwrap();
        assert_eq!(newer.items.iter().map(|m| m.id).collect::<Vec<_>>(), [ids[2], ids[3]]);
        assert!(newer.next.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_message_on_its_way() {
    both(|db| async move {
        let world = World::new(db.store.clone()).await;
        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let id = world.queue(&mut scope).await;
        let now = world.clock.now();
        let decision = json!({ "verdict": "send", "ground": "window" });
        let key = [(world.org, id)];
        let mut batch = tx.batch(&[world.org]).await.unwrap();
        let said =
            Decided { org: world.org, message: id, decision: &decision, consent_event: None, problem: None };
        batch.set_decisions(&[said]).await.unwrap();
        assert_eq!(batch.open_attempts(&key).await.unwrap(), [None]);
        assert_eq!(batch.start_attempts(&key, now).await.unwrap(), [1]);
        assert_eq!(batch.open_attempts(&key).await.unwrap(), [Some(1)]);
        let why = json!({ "code": 1 });
        let ended = |outcome, problem| Ended { org: world.org, message: id, n: 1, outcome, problem };
        batch.finish_attempts(&[ended("unknown", Some(&why))], now).await.unwrap();
        // What was noted first stays.
        batch.finish_attempts(&[ended("sent", None)], now).await.unwrap();
        assert_eq!(batch.open_attempts(&key).await.unwrap(), [None]);
        assert_eq!(batch.start_attempts(&key, now).await.unwrap(), [2]);
        let mut scope = tx.org(world.org).await.unwrap();
        let unknown = Step::to(MessageState::Unknown, now);
        assert_eq!(scope.advance_message(id, &unknown, now).await.unwrap(), Some(world.thread));
        let attempts = scope.attempts(id).await.unwrap();
        assert_eq!((attempts.len(), attempts[0].outcome.as_deref()), (2, Some("unknown")));
        tx.commit().await.unwrap();

        let mut tx = world.store.begin().await.unwrap();
        assert!(tx.unknown_since(now, 10).await.unwrap().is_empty());
        let later = now + Duration::from_secs(600);
        assert_eq!(tx.unknown_since(later, 10).await.unwrap(), [(world.org, id)]);
        let mut scope = tx.org(world.org).await.unwrap();
        assert!(
            scope
                .advance_message(id, &Step::to(MessageState::Unresolved, later), later)
                .await
                .unwrap()
                .is_some()
        );
        let unresolved = scope.unresolved_messages(Cursor::NEWEST, 10).await.unwrap();
        assert_eq!(unresolved.items[0].id, id);

        let price = json!({ "category": "utility" });
        let sent =
            Step { pricing: Some(&price), wamid: Some("wamid.out"), ..Step::to(MessageState::Sent, later) };
        assert!(scope.advance_message(id, &sent, later).await.unwrap().is_some());
        assert_eq!(scope.message_by_wamid("wamid.out").await.unwrap().unwrap().state, MessageState::Sent);
        let message = scope.message(id).await.unwrap().unwrap();
        assert_eq!((message.sent_at, message.decision.unwrap().0), (Some(later), decision));
        assert_eq!(message.client_ref.as_deref(), Some("order-7"));
        let place = scope.message_place(id).await.unwrap().unwrap();
        assert_eq!((place.thread, place.state), (world.thread, MessageState::Sent));
        assert_eq!(scope.requeue_message(id, later).await.unwrap(), None, "a sent message is not sent again");

        let other = world.queue(&mut scope).await;
        let why = json!({ "code": 131_026 });
        let failed = Step { problem: Some(&why), ..Step::to(MessageState::Failed, later) };
        assert!(scope.advance_message(other, &failed, later).await.unwrap().is_some());
        let message = scope.message(other).await.unwrap().unwrap();
        assert_eq!((message.failed_at, message.problem.unwrap().0), (Some(later), why));
        assert_eq!(scope.requeue_message(other, later).await.unwrap(), Some(world.thread));
        assert_eq!(scope.message(other).await.unwrap().unwrap().problem, None);
        // A conversation whose number is nobody's has no facts to decide by.
        assert!(
            scope.gate_facts(world.thread.conversation_id, Some(("hello", "id"))).await.unwrap().is_none()
        );
    })
    .await;
}

#[tokio::test]
async fn the_gate_gets_everything_that_it_decides_by_at_once() {
    both(|db| async move {
        let world = World::new(db.store.clone()).await;
        let (now, chance) = (world.clock.now(), &world.chance);
        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let number = number::connected(world.thread.number_id, "600000000000004", "49301234567");
        let account = number::connect(&mut scope, "700000000000003", number, now, chance).await.unwrap();
        let template = TemplateReading {
            id: TemplateId::fresh(now, chance),
            meta_template_id: "16".into(),
            name: "order_ready".into(),
            language: "id".into(),
            category: "UTILITY".into(),
            status: "APPROVED".into(),
            quality: None,
            parameter_format: "POSITIONAL".into(),
            components: json!([]),
            rejected_reason: None,
        };
        scope.record_templates(account, &[template], now).await.unwrap();
        let mut said = Vec::new();
        for (purpose, action) in
            [(Some(Purpose::Utility), ConsentAction::OptIn), (None, ConsentAction::OptOut)]
        {
            world.clock.advance(Duration::from_secs(1));
            let event = NewConsentEvent {
                id: ConsentEventId::fresh(world.clock.now(), chance),
                contact: world.thread.contact_id,
                channel: Channel::Whatsapp,
                purpose,
                action,
                source: ConsentSource::Api,
                evidence: json!({}),
                at: world.clock.now(),
            };
            scope.append_consent(&event).await.unwrap();
            said.push(event.id);
        }
        let conversation = world.thread.conversation_id;
        scope.record_inbound(conversation, world.id(), now, now, "hi").await.unwrap();

        let found = scope.gate_facts(conversation, Some(("order_ready", "id"))).await.unwrap().unwrap();
        assert_eq!((found.thread, found.account_id, found.line), (world.thread, account, LineState::Ready));
        assert_eq!(found.phone_number_id, "600000000000004");
        assert_eq!(found.last_inbound_at, Some(now));
        assert_eq!(found.ledger.iter().map(|entry| entry.id).collect::<Vec<_>>(), said);
        let template = found.template.as_ref().unwrap();
        assert_eq!((template.category.as_str(), template.status.as_str()), ("UTILITY", "APPROVED"));
        let facts = found.facts(Author::Member, Form::FreeForm, Policy::WindowOrOptIn, false);
        assert_eq!((facts.consent.stopped, facts.stopped_at), (Some(said[1]), Some(found.ledger[1].at)));

        // The line is no better than the worse of number and messaging account.
        scope.set_account_line(account, LineState::Held).await.unwrap();
        let held = scope.gate_facts(conversation, Some(("order_ready", "en"))).await.unwrap().unwrap();
        assert_eq!((held.line, held.template), (LineState::Held, None));
        assert!(scope.disconnect_account(account, "asked", now).await.unwrap());
        assert_eq!(scope.gate_facts(conversation, None).await.unwrap().unwrap().line, LineState::Gone);
    })
    .await;
}

/// Applies statuses to a fresh message and tells where it ends: state, price, and the times of each step.
async fn end_of(world: &World, statuses: &[(MessageState, i64)]) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut tx = world.store.begin().await.unwrap();
    let mut scope = tx.org(world.org).await.unwrap();
    let id = world.queue(&mut scope).await;
    let price = json!({ "billable": true });
    for (state, second) in statuses {
        let step = Step { pricing: Some(&price), ..Step::to(*state, Timestamp::from_seconds(*second)) };
        scope.advance_message(id, &step, world.clock.now()).await.unwrap();
    }
    let message = scope.message(id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    (message.state, message.pricing, message.sent_at, message.delivered_at, message.read_at)
}

#[test]
fn statuses_in_any_order_and_number_end_in_the_same_message() {
    use MessageState::{Delivered, Failed, Read, Sent};
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let worlds = runtime.block_on(async {
        let [one, other] =
            [testkit::Database::sqlite().await.unwrap(), testkit::Database::postgres().await.unwrap()];
        [(World::new(one.store.clone()).await, one), (World::new(other.store.clone()).await, other)]
    });
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..Default::default()
    });
    let statuses = prop::sample::subsequence(vec![(Sent, 1), (Failed, 2), (Delivered, 3), (Read, 4)], 1..=4);
    let runs = statuses.prop_flat_map(|kept| {
        let twice = [kept.clone(), kept.clone()].concat();
        (Just(kept), Just(twice).prop_shuffle())
    });
    let run = runner.run(&runs, |(ordered, shuffled)| {
        for (world, _) in &worlds {
            runtime.block_on(async {
                assert_eq!(end_of(world, &ordered).await, end_of(world, &shuffled).await);
            });
        }
        Ok(())
    });
    run.unwrap();
}

#[tokio::test]
async fn many_messages_move_on_as_each_would_alone() {
    both(|db| async move {
        let world = World::new(db.store.clone()).await;
        let other = World::with(db.store.clone(), Seeded::new(8)).await;
        let mut tx = world.store.begin().await.unwrap();
        let first = world.queue(&mut tx.org(world.org).await.unwrap()).await;
        let second = world.queue(&mut tx.org(world.org).await.unwrap()).await;
        let third = other.queue(&mut tx.org(other.org).await.unwrap()).await;
        let (now, why) = (world.clock.now(), json!({ "code": 1 }));
        let step = |world: &World, message, step| Move { org: world.org, message, step };
        let sent = Step { wamid: Some("wamid.first"), ..Step::to(MessageState::Sent, now) };
        let moves = [
            step(&world, first, Step::to(MessageState::Read, now)),
            step(&other, third, Step { problem: Some(&why), ..Step::to(MessageState::Failed, now) }),
            // Outranked: it only fills in what is missing.
            step(&world, first, sent),
            step(&world, third, Step::to(MessageState::Sent, now)),
            step(&world, second, Step::to(MessageState::Sent, now)),
            step(&world, second, Step::to(MessageState::Delivered, now)),
        ];
        let mut batch = tx.batch(&[world.org, other.org]).await.unwrap();
        let moved = batch.advance_messages(&moves, now).await.unwrap();
        let [ours, theirs] = [Some(world.thread), Some(other.thread)];
        assert_eq!(moved, [ours, theirs, None, None, ours, ours], "one is another organisation's");
        let decision = json!({ "verdict": "refuse" });
        let decided = Decided {
            org: other.org,
            message: third,
            decision: &decision,
            consent_event: None,
            problem: None,
        };
        batch.set_decisions(&[decided]).await.unwrap();

        let keys = [(world.org, first), (world.org, third), (other.org, third), (world.org, second)];
        let found = batch.outgoing(&keys).await.unwrap();
        let states: Vec<_> = found.iter().map(|one| one.as_ref().map(|one| one.state)).collect();
        let expected = [MessageState::Read, MessageState::Failed, MessageState::Delivered].map(Some);
        assert_eq!(states, [expected[0], None, expected[1], expected[2]]);
        let places = batch.message_places(&keys).await.unwrap();
        assert!(places[1].is_none());
        let wamids = [(other.org, "wamid.first"), (world.org, "wamid.first")];
        let by_wamid = batch.message_places_by_wamid(&wamids).await.unwrap();
        assert_eq!((by_wamid[0], by_wamid[1]), (None, places[0]));

        let threads = [&other, &world].map(|world| (world.org, world.thread.conversation_id));
        let newest = batch.newest_messages(&threads, 1).await.unwrap();
        let newest: Vec<Vec<_>> =
            newest.iter().map(|thread| thread.iter().map(|one| one.id).collect()).collect();
        assert_eq!(newest, [[third], [second]]);
        assert_eq!(batch.newest_messages(&threads, 9).await.unwrap()[1].len(), 2);
        let conversation = world.thread.conversation_id;
        let asked = Asked { org: world.org, conversation, template: None };
        assert!(batch.gate_facts(&[asked]).await.unwrap()[0].is_none(), "its number is not connected");
        let one = tx.org(world.org).await.unwrap().message(first).await.unwrap().unwrap();
        let wamid = Some("wamid.first");
        assert_eq!((one.sent_at, one.read_at, one.wamid.as_deref()), (Some(now), Some(now), wamid));
        let failed = tx.org(other.org).await.unwrap().message(third).await.unwrap().unwrap();
        assert_eq!((failed.failed_at, failed.problem.is_none()), (Some(now), true));
        assert_eq!(failed.decision.unwrap().0, decision);
    })
    .await;
}
