//! Business-initiated intentions, and what Meta lets us know of contacts.

use std::time::Duration;

use rules::consent::{Channel, Purpose};
use rules::gate::Reason;
use rules::id::{ContactId, MessageId, NotificationId, NumberId, OrgId, OutreachId, RecipientId, RunId};
use rules::message::{Author, Kind, MessageState};
use rules::outreach::{NextChannel, OutreachOutcome, OutreachVerdict};
use rules::signals::SignalKind;
use rules::time::Clock as _;
use serde_json::json;
use store::messages::{NewMessage, Step, Thread};
use store::notifications::{NewRecipient, RecipientFilter};
use store::outreach::{Earlier, Judged, Outreach, OutreachFilter, OutreachStep};
use store::{Cursor, Json, OrgScope};
use testkit::{Seeded, TestClock, both, number};

struct World {
    clock: TestClock,
    chance: Seeded,
    org: OrgId,
}

impl World {
    fn new() -> Self {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        Self { clock, chance, org }
    }

    async fn chat(&self, scope: &mut OrgScope<'_>, digits: &str) -> Thread {
        let number = NumberId::fresh(self.clock.now(), &self.chance);
        number::chat(scope, number, digits, self.clock.now(), &self.chance).await.unwrap()
    }

    /// A template in this thread, with its record.
    async fn intend(&self, scope: &mut OrgScope<'_>, thread: Thread) -> Outreach {
        self.clock.advance(Duration::from_millis(2));
        let now = self.clock.now();
        let content = json!({ "name": "order_ready" });
        let message = MessageId::fresh(now, &self.chance);
        let row = NewMessage {
            at: now,
            created_at: now,
            ..NewMessage::outbound(message, thread, Author::Api, Kind::Template, &content)
        };
        assert!(scope.insert_message(&row).await.unwrap());
        let outreach = Outreach {
            id: OutreachId::fresh(now, &self.chance),
            contact_id: thread.contact_id,
            number_id: thread.number_id,
            conversation_id: thread.conversation_id,
            message_id: Some(message),
            template_name: "order_ready".into(),
            template_language: "id".into(),
            purpose: Purpose::Utility,
            author: Author::Api,
            notification_id: Some(NotificationId::fresh(now, &self.chance)),
            recipient_id: Some(RecipientId::fresh(now, &self.chance)),
            fallback: Json(vec![NextChannel { channel: Channel::Email, minutes: 60 }]),
            standing: "unknown".into(),
            window_open: true,
            verdict: OutreachVerdict::Send,
            reason: None,
            channel: Channel::Whatsapp,
            outcome: OutreachOutcome::Queued,
            trouble: None,
            outcome_at: now,
            at: now,
        };
        let org = scope.id();
        let mut batch = scope.tx().batch(&[org]).await.unwrap();
        batch.insert_outreach(&[(org, outreach.clone())]).await.unwrap();
        outreach
    }
}

async fn outcome(scope: &mut OrgScope<'_>, outreach: &Outreach) -> OutreachOutcome {
    scope.outreach(outreach.id).await.unwrap().unwrap().outcome
}

#[tokio::test]
async fn an_intention_goes_with_its_message() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let thread = world.chat(&mut scope, "6281234567890").await;
        let intended = world.intend(&mut scope, thread).await;
        let message = intended.message_id.unwrap();
        assert_eq!(scope.outreach(intended.id).await.unwrap(), Some(intended.clone()));
        let now = world.clock.now();
        for (state, becomes) in [
            (MessageState::Unknown, OutreachOutcome::Queued),
            (MessageState::Accepted, OutreachOutcome::Sent),
            (MessageState::Read, OutreachOutcome::Read),
            (MessageState::Delivered, OutreachOutcome::Read),
        ] {
            scope.advance_message(message, &Step::to(state, now), now).await.unwrap();
            assert_eq!(outcome(&mut scope, &intended).await, becomes, "{state}");
        }
        let failing = world.intend(&mut scope, thread).await;
        let message = failing.message_id.unwrap();
        scope.advance_message(message, &Step::to(MessageState::Failed, now), now).await.unwrap();
        assert_eq!(outcome(&mut scope, &failing).await, OutreachOutcome::Failed);
        scope.requeue_message(message, now).await.unwrap().unwrap();
        assert_eq!(outcome(&mut scope, &failing).await, OutreachOutcome::Queued);
    })
    .await;
}

#[tokio::test]
async fn what_another_channel_carries_waits_no_more_and_again_where_that_did_not_get_rid_of_it() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let thread = world.chat(&mut scope, "6281234567890").await;
        let (message, now) = (world.intend(&mut scope, thread).await.message_id.unwrap(), world.clock.now());
        let why = json!({ "code": "elsewhere" });
        assert_eq!(scope.carry_elsewhere(message, &why, now).await.unwrap(), None, "it does not wait");
        let waits_for = json!({ "code": "not_on_whatsapp" });
        assert_eq!(scope.wait_again(message, &why, &waits_for, now).await.unwrap(), None);
        scope.advance_message(message, &Step::to(MessageState::AwaitingOptIn, now), now).await.unwrap();
        assert_eq!(scope.carry_elsewhere(message, &why, now).await.unwrap(), Some(thread));
        let stands = scope.message(message).await.unwrap().unwrap();
        assert_eq!((stands.state, stands.problem), (MessageState::Refused, Some(Json(why.clone()))));
        assert_eq!(scope.release_message(message, now).await.unwrap(), None, "it goes one way");
        let other = json!({ "code": "template_unusable" });
        assert_eq!(scope.wait_again(message, &other, &waits_for, now).await.unwrap(), None);
        assert_eq!(scope.wait_again(message, &why, &waits_for, now).await.unwrap(), Some(thread));
        let stands = scope.message(message).await.unwrap().unwrap();
        assert_eq!((stands.state, stands.problem), (MessageState::AwaitingOptIn, Some(Json(waits_for))));
        assert_eq!(scope.release_message(message, now).await.unwrap(), Some(thread));
    })
    .await;
}

#[tokio::test]
async fn who_was_refused_when_it_was_about_to_be_sent_has_not_been_reached() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let thread = world.chat(&mut scope, "6281234567890").await;
        let (notification, now) =
            (NotificationId::fresh(world.clock.now(), &world.chance), world.clock.now());
        let run = RunId::fresh(now, &world.chance);
        for (once_key, state) in [("sent", MessageState::Accepted), ("refused", MessageState::Refused)] {
            let message = world.intend(&mut scope, thread).await.message_id;
            scope.advance_message(message.unwrap(), &Step::to(state, now), now).await.unwrap();
            let recipient = NewRecipient {
                id: RecipientId::fresh(now, &world.chance),
                contact: Some(thread.contact_id),
                record: None,
                once_key,
                verdict: "send",
                reason: None,
                message,
            };
            scope.insert_recipients(notification, run, &[recipient], now).await.unwrap();
        }
        let keys = ["sent", "refused", "unheard of"];
        assert_eq!(scope.reached(notification, &keys).await.unwrap().len(), 2);
        let other = NotificationId::fresh(now, &world.chance);
        scope.release_refused(other, &keys).await.unwrap();
        assert_eq!(
            scope.reached(notification, &keys).await.unwrap().len(),
            2,
            "of this one nothing was said"
        );
        scope.release_refused(notification, &keys).await.unwrap();
        assert_eq!(scope.reached(notification, &keys).await.unwrap(), ["sent"]);
        let all = scope.recipients(run, &RecipientFilter::default(), Cursor::NEWEST, 9).await.unwrap();
        assert_eq!(all.items.len(), 2, "both stay written down");
    })
    .await;
}

#[tokio::test]
async fn what_the_gate_says_again_is_written_down_and_a_diversion_too() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let thread = world.chat(&mut scope, "6281234567890").await;
        let intended = world.intend(&mut scope, thread).await;
        let (message, now) = (intended.message_id.unwrap(), world.clock.now());
        let judged = Judged {
            org: world.org,
            message,
            standing: "opted_out",
            window_open: false,
            verdict: OutreachVerdict::FallBack,
            reason: Some(Reason::NoOptIn),
            channel: Channel::Email,
            outcome: OutreachOutcome::AwaitingOptIn,
        };
        let step = Step::to(MessageState::AwaitingOptIn, now);
        scope.advance_message(message, &step, now).await.unwrap();
        let org = world.org;
        let mut batch = scope.tx().batch(&[org]).await.unwrap();
        batch.judge_outreach(&[judged], now).await.unwrap();
        let asked = [(org, ContactId(org.0)), (org, thread.contact_id)];
        assert_eq!(batch.awaiting_opt_in(&asked).await.unwrap(), [vec![], vec![message]]);
        let found = batch.outreach_of(&[(org, message)]).await.unwrap().pop().flatten().unwrap();
        assert_eq!(
            (found.verdict, found.reason, found.channel, found.standing.as_str(), found.window_open),
            (OutreachVerdict::FallBack, Some(Reason::NoOptIn), Channel::Email, "opted_out", false)
        );
        let mut scope = tx.org(org).await.unwrap();
        let contact = thread.contact_id;
        assert_eq!(scope.awaiting_opt_in(contact, None).await.unwrap(), [message]);
        assert_eq!(scope.awaiting_opt_in(contact, Some(Purpose::Marketing)).await.unwrap(), []);
        let step = OutreachStep {
            channel: Channel::Sms,
            outcome: OutreachOutcome::FallbackSent,
            trouble: Some("no_opt_in"),
        };
        assert_eq!(scope.advance_outreach(intended.id, &step, now).await.unwrap(), Some(contact));
        let found = scope.outreach(intended.id).await.unwrap().unwrap();
        assert_eq!((found.channel, found.outcome), (Channel::Sms, OutreachOutcome::FallbackSent));
        assert_eq!(scope.awaiting_opt_in(contact, Some(Purpose::Utility)).await.unwrap(), [message]);
        scope.requeue_message(message, now).await.unwrap().unwrap();
        assert_eq!(scope.awaiting_opt_in(contact, None).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn intentions_are_listed_newest_first_by_what_is_asked() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let thread = world.chat(&mut scope, "6281234567890").await;
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(world.intend(&mut scope, thread).await);
        }
        let ids = async |scope: &mut OrgScope<'_>, filter: OutreachFilter| -> Vec<OutreachId> {
            let page = scope.outreach_page(&filter, Cursor::NEWEST, 9).await.unwrap();
            page.items.iter().map(|one| one.id).collect()
        };
        let every = OutreachFilter::default;
        assert_eq!(ids(&mut scope, every()).await, [all[2].id, all[1].id, all[0].id]);
        let first = scope.outreach_page(&every(), Cursor::NEWEST, 1).await.unwrap();
        let rest = scope.outreach_page(&every(), first.next.unwrap(), 9).await.unwrap();
        assert_eq!(rest.items.len(), 2);
        let only = OutreachFilter { notification: all[1].notification_id, ..every() };
        assert_eq!(ids(&mut scope, only).await, [all[1].id]);
        let since = OutreachFilter { from: Some(all[1].at), until: Some(all[2].at), ..every() };
        assert_eq!(ids(&mut scope, since).await, [all[1].id]);
        let fitting = OutreachFilter {
            verdict: Some(OutreachVerdict::Send),
            outcome: Some(OutreachOutcome::Queued),
            contact: Some(thread.contact_id),
            number: Some(thread.number_id),
            template: Some("order_ready".into()),
            ..every()
        };
        assert_eq!(ids(&mut scope, fitting).await.len(), 3);
        for none in [
            OutreachFilter { verdict: Some(OutreachVerdict::Refuse), ..every() },
            OutreachFilter { outcome: Some(OutreachOutcome::Read), ..every() },
            OutreachFilter { contact: Some(ContactId(world.org.0)), ..every() },
            OutreachFilter { number: Some(NumberId(world.org.0)), ..every() },
            OutreachFilter { template: Some("order".into()), ..every() },
            OutreachFilter { purpose: Some(Purpose::Authentication), ..every() },
            OutreachFilter { reason: Some(Reason::Blocked), ..every() },
            OutreachFilter { channel: Some(Channel::Email), ..every() },
        ] {
            assert!(ids(&mut scope, none.clone()).await.is_empty(), "{none:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_intended_before_counts_unless_it_came_to_nothing() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let thread = world.chat(&mut scope, "6281234567890").await;
        let first = world.intend(&mut scope, thread).await;
        let failed = world.intend(&mut scope, thread).await;
        let last = world.intend(&mut scope, thread).await;
        let now = world.clock.now();
        let message = failed.message_id.unwrap();
        scope.advance_message(message, &Step::to(MessageState::Failed, now), now).await.unwrap();
        let asked = Earlier {
            org: world.org,
            contact: thread.contact_id,
            purpose: Purpose::Utility,
            since: first.at - Duration::from_secs(1),
            before: None,
        };
        let others = [
            Earlier { before: Some(last.id), ..asked },
            Earlier { since: first.at, ..asked },
            Earlier { purpose: Purpose::Marketing, ..asked },
        ];
        let asked = [&[asked], others.as_slice()].concat();
        let mut found = tx.batch(&[world.org]).await.unwrap().intended_earlier(&asked).await.unwrap();
        found.iter_mut().for_each(|times| times.sort_unstable());
        assert_eq!(found, [vec![first.at, last.at], vec![first.at], vec![last.at], vec![]]);
    })
    .await;
}

#[tokio::test]
async fn whoever_writes_or_is_reached_is_on_whatsapp() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let thread = world.chat(&mut scope, "6281234567890").await;
        let (contact, kind) = (thread.contact_id, SignalKind::NotOnWhatsapp);
        let id = || {
            world.clock.advance(Duration::from_secs(1));
            MessageId::fresh(world.clock.now(), &world.chance)
        };
        scope.note_signal(contact, kind, id(), world.clock.now()).await.unwrap();
        assert_eq!(scope.signals(contact).await.unwrap().len(), 1);
        let now = world.clock.now();
        scope.record_inbound(thread.conversation_id, id(), now, now, "Halo").await.unwrap();
        assert!(scope.signals(contact).await.unwrap().is_empty());
        scope.note_signal(contact, kind, id(), world.clock.now()).await.unwrap();
        assert_eq!(scope.signals(contact).await.unwrap()[0].times, 1, "what was disproved counts no more");
        let reached = world.intend(&mut scope, thread).await.message_id.unwrap();
        let now = world.clock.now();
        scope.advance_message(reached, &Step::to(MessageState::Delivered, now), now).await.unwrap();
        assert!(scope.signals(contact).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_signal_is_counted_once_a_message_and_goes_when_it_is_disproved() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let one = world.chat(&mut scope, "6281234567890").await.contact_id;
        let other = world.chat(&mut scope, "4930123456").await.contact_id;
        let (kind, now) = (SignalKind::NotOnWhatsapp, world.clock.now());
        let [first, second] = [1, 2].map(|_| MessageId::fresh(now, &world.chance));
        let later = now + Duration::from_secs(60);
        scope.note_signal(one, kind, first, now).await.unwrap();
        scope.note_signal(one, kind, first, now).await.unwrap();
        assert_eq!(scope.signals(one).await.unwrap()[0].times, 1);
        scope.note_signal(one, kind, second, later).await.unwrap();
        let known = scope.signals(one).await.unwrap();
        assert_eq!((known[0].kind, known[0].times, known[0].at), (kind, 2, later));
        scope.clear_signal(one, kind, now).await.unwrap();
        assert_eq!(scope.signals(one).await.unwrap().len(), 1, "an older fact disproves nothing");

        scope.note_signal(other, SignalKind::MarketingCapped, first, now).await.unwrap();
        assert!(scope.merge_contacts(other, one, later, &world.chance).await.unwrap());
        let mut kinds: Vec<_> = scope.signals(other).await.unwrap().iter().map(|one| one.kind).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [SignalKind::NotOnWhatsapp, SignalKind::MarketingCapped]);
        scope.clear_signal(other, kind, later).await.unwrap();
        let org = world.org;
        let mut batch = scope.tx().batch(&[org]).await.unwrap();
        let known = batch.signals(&[(org, one), (org, other)]).await.unwrap();
        assert_eq!((known[0].len(), known[1].len()), (0, 1));
    })
    .await;
}
