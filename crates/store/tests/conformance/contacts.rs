//! Who is who: recognising, renaming, merging.

use std::time::Duration;

use proptest::prelude::*;
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose, Standing, StandingWord};
use rules::conversation::AiState;
use rules::id::{ConsentEventId, ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::identity::{Bsuid, Phone, Sender};
use rules::message::Kind;
use rules::time::Clock as _;
use serde_json::json;
use store::consent::NewConsentEvent;
use store::contacts::{ContactChange, ContactFilter, Recognised};
use store::conversations::ConversationFilter;
use store::messages::{NewMessage, Thread, Towards};
use store::{Cursor, OrgScope, Store};
use testkit::{Seeded, TestClock, both};

const PORTFOLIO: &str = "100200300";

struct World {
    store: Store,
    clock: TestClock,
    chance: Seeded,
    org: OrgId,
}

impl World {
    fn new(store: Store) -> Self {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        Self { store, clock, chance, org }
    }

    async fn recognise(&self, sender: &Sender) -> Recognised {
        let mut tx = self.store.begin().await.unwrap();
        let mut scope = tx.org(self.org).await.unwrap();
        let found =
            scope.recognise(sender, PORTFOLIO, self.clock.now(), &self.chance).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        self.clock.advance(Duration::from_millis(3));
        found
    }

    /// Writes a message as this contact, in the conversation with this number.
    async fn write(&self, contact: ContactId, number: NumberId, wamid: &str) -> ConversationId {
        let now = self.clock.now();
        let mut tx = self.store.begin().await.unwrap();
        let mut scope = tx.org(self.org).await.unwrap();
        let (conversation, _) =
            scope.open_conversation(contact, number, AiState::On, now, &self.chance).await.unwrap();
        let thread = Thread { conversation_id: conversation.id, contact_id: contact, number_id: number };
        let id = MessageId::fresh(now, &self.chance);
        let content = json!({ "body": wamid });
        let message = NewMessage {
            body: wamid,
            at: now,
            created_at: now,
            ..NewMessage::inbound(id, thread, Kind::Text, &content, wamid)
        };
        assert!(scope.insert_message(&message).await.unwrap());
        scope.record_inbound(conversation.id, id, now, now, wamid).await.unwrap();
        tx.commit().await.unwrap();
        self.clock.advance(Duration::from_millis(3));
        conversation.id
    }

    async fn consent(&self, contact: ContactId, purpose: Option<Purpose>, action: ConsentAction) {
        let mut tx = self.store.begin().await.unwrap();
        let mut scope = tx.org(self.org).await.unwrap();
        scope.append_consent(&self.event(contact, purpose, action)).await.unwrap();
        tx.commit().await.unwrap();
        self.clock.advance(Duration::from_millis(3));
    }

    fn event(&self, contact: ContactId, purpose: Option<Purpose>, action: ConsentAction) -> NewConsentEvent {
        NewConsentEvent {
            id: ConsentEventId::fresh(self.clock.now(), &self.chance),
            contact,
            channel: Channel::Whatsapp,
            purpose,
            action,
            source: ConsentSource::Api,
            evidence: json!({}),
            at: self.clock.now(),
        }
    }
}

fn phone(digits: &str) -> Option<Phone> {
    Phone::from_wire(digits)
}

fn bsuid(tail: &str) -> Option<Bsuid> {
    Bsuid::parse(&format!("ID.{tail}"))
}

fn by_phone(digits: &str) -> Sender {
    Sender { phone: phone(digits), ..Sender::default() }
}

fn by_bsuid(tail: &str) -> Sender {
    Sender { bsuid: bsuid(tail), ..Sender::default() }
}

fn by_both(digits: &str, tail: &str) -> Sender {
    Sender { phone: phone(digits), bsuid: bsuid(tail), ..Sender::default() }
}

async fn names(scope: &mut OrgScope<'_>, id: ContactId) -> Vec<(String, bool)> {
    let identities = scope.contact_identities(id).await.unwrap();
    identities.into_iter().map(|name| (name.value, name.until.is_none())).collect()
}

#[tokio::test]
async fn a_person_is_made_once_and_found_by_any_name() {
    both(|db| async move {
        let world = World::new(db.store.clone());
        let first = world.recognise(&by_phone("6281234567890")).await;
        assert!(first.is_new && first.changed);
        let again = world.recognise(&by_phone("6281234567890")).await;
        assert_eq!(again, Recognised { contact: first.contact, is_new: false, changed: false, merged: None });

        let named = Sender {
            name: Some("Sari".into()),
            username: Some("sari.kopi".into()),
            ..by_both("6281234567890", "111")
        };
        let learnt = world.recognise(&named).await;
        assert_eq!((learnt.contact, learnt.changed), (first.contact, true));
        assert_eq!(world.recognise(&by_bsuid("111")).await.contact, first.contact);

        let mut tx = world.store.read().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let sari = scope.contact(first.contact).await.unwrap().unwrap();
        assert_eq!(sari.display_name(), "Sari");
        assert_eq!((sari.phone, sari.bsuid), (phone("6281234567890"), bsuid("111")));
        let nobody = Sender { name: Some("Nobody".into()), ..Sender::default() };
        drop(tx);
        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        assert_eq!(
            scope.recognise(&nobody, PORTFOLIO, world.clock.now(), &world.chance).await.unwrap(),
            None
        );
        let sari = phone("6281234567890").unwrap();
        let sent = scope.contact_by_phone(&sari, world.clock.now(), &world.chance);
        assert_eq!(sent.await.unwrap().contact, first.contact);
        let other = tx
            .org(OrgId::fresh(world.clock.now(), &world.chance))
            .await
            .unwrap()
            .contact(first.contact)
            .await;
        assert!(other.unwrap().is_none(), "another organisation's contact");
    })
    .await;
}

#[tokio::test]
async fn a_recycled_phone_is_a_new_person_without_the_history_of_the_old() {
    both(|db| async move {
        let world = World::new(db.store.clone());
        let old = world.recognise(&by_both("6281234567890", "111")).await.contact;
        world.consent(old, Some(Purpose::Marketing), ConsentAction::OptIn).await;
        let new = world.recognise(&by_both("6281234567890", "222")).await;
        assert!(new.is_new && new.contact != old);
        assert_eq!(world.recognise(&by_phone("6281234567890")).await.contact, new.contact);
        assert_eq!(world.recognise(&by_bsuid("111")).await.contact, old);

        let mut tx = world.store.read().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        assert_eq!(scope.contact(old).await.unwrap().unwrap().phone, None);
        assert!(scope.consent_ledger(new.contact).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_changed_number_stays_one_contact_even_when_the_news_comes_late() {
    both(|db| async move {
        let world = World::new(db.store.clone());
        let number = NumberId::fresh(world.clock.now(), &world.chance);
        let old = world.recognise(&by_both("6281111111111", "111")).await.contact;
        world.write(old, number, "wamid.before").await;
        // The message from the new number overtakes the news of the change.
        let early = world.recognise(&by_both("6282222222222", "222")).await.contact;
        world.write(early, number, "wamid.after").await;
        world.consent(early, Some(Purpose::Marketing), ConsentAction::OptOut).await;

        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let now = world.clock.now();
        let (before, after) = (by_both("6281111111111", "111"), by_both("6282222222222", "222"));
        let renamed =
            scope.rename_contact(&before, &after, PORTFOLIO, now, &world.chance).await.unwrap().unwrap();
        assert_eq!((renamed.contact, renamed.merged), (old, Some(early)));
        let kept = scope.contact(old).await.unwrap().unwrap();
        assert_eq!((kept.phone, kept.bsuid), (phone("6282222222222"), bsuid("222")));
        let current: Vec<_> =
            names(&mut scope, old).await.into_iter().filter(|name| name.1).map(|name| name.0).collect();
        assert_eq!(current.len(), 2, "{current:?}");
        assert_eq!(scope.contact(early).await.unwrap().unwrap().id, old, "the redirect");
        let stranger = by_bsuid("999");
        let nobody = scope.rename_contact(&stranger, &after, PORTFOLIO, now, &world.chance).await.unwrap();
        assert_eq!(nobody, None);
        let list = scope.conversations(&ConversationFilter::default(), Cursor::NEWEST, 10).await.unwrap();
        assert_eq!(list.items.len(), 1);
        let thread =
            scope.thread(list.items[0].conversation.id, Towards::Older(Cursor::NEWEST), 10).await.unwrap();
        assert_eq!(thread.items.len(), 2);
        let consent = scope.consent_of(old, false).await.unwrap();
        assert!(matches!(consent.standing(Purpose::Marketing), Standing::OptedOut(_)));
        tx.commit().await.unwrap();
        // The old number may come to somebody else, who is nobody we know.
        assert!(world.recognise(&by_phone("6281111111111")).await.is_new);
    })
    .await;
}

#[tokio::test]
async fn what_whatsapp_says_of_a_person_leaves_what_the_organisation_says_at_the_same_moment() {
    both(|db| async move {
        let world = World::new(db.store.clone());
        let id = world.recognise(&by_phone("6281234567890")).await.contact;
        let organisation = async {
            let mut tx = world.store.begin().await.unwrap();
            let mut scope = tx.org(world.org).await.unwrap();
            assert_eq!(scope.contact_for_change(id).await.unwrap().map(|held| held.id), Some(id));
            // Long enough for the other to have read what stands there now.
            tokio::time::sleep(Duration::from_millis(100)).await;
            let change = ContactChange { name: Some("Bu Sari".into()), ..ContactChange::default() };
            scope.change_contact(id, &change, world.clock.now()).await.unwrap();
            tx.commit().await.unwrap();
        };
        let person = async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let named = Sender { name: Some("sari_ku".into()), ..by_phone("6281234567890") };
            assert!(world.recognise(&named).await.changed);
        };
        tokio::join!(organisation, person);
        let mut tx = world.store.read().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let contact = scope.contact(id).await.unwrap().unwrap();
        assert_eq!((contact.name.as_str(), contact.profile_name.as_deref()), ("Bu Sari", Some("sari_ku")));
    })
    .await;
}

#[tokio::test]
async fn the_organisation_names_labels_and_finds_its_contacts() {
    both(|db| async move {
        let world = World::new(db.store.clone());
        let one = world.recognise(&by_phone("6281234567890")).await.contact;
        world.clock.advance(Duration::from_secs(1));
        let two = world.recognise(&by_phone("4930123456")).await.contact;
        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(world.org).await.unwrap();
        let change = ContactChange {
            name: Some("Élise 100%".into()),
            email: Some("elise@example.com".into()),
            language: Some("de".into()),
            timezone: Some("Asia/Jakarta".into()),
            labels: Some(vec!["vip".into(), "50% off".into()]),
        };
        let changed = scope.change_contact(two, &change, world.clock.now()).await.unwrap().unwrap();
        assert_eq!(
            (changed.display_name().as_str(), changed.language.as_deref()),
            ("Élise 100%", Some("de"))
        );
        assert_eq!(changed.email.as_deref(), Some("elise@example.com"));
        assert_eq!(scope.contact_zones().await.unwrap(), ["Asia/Jakarta"]);
        let nobody = ContactId::fresh(world.clock.now(), &world.chance);
        assert!(scope.change_contact(nobody, &change, world.clock.now()).await.unwrap().is_none());
        assert_eq!(scope.labels().await.unwrap(), ["50% off", "vip"]);
        assert_eq!(scope.contacts_by_id(&[one, nobody]).await.unwrap().len(), 1);
        assert!(scope.contacts_by_id(&[]).await.unwrap().is_empty());

        for (text, label, expected) in [
            (None, None, vec![two, one]),
            (Some("élise"), None, vec![two]),
            (Some("100%"), None, vec![two]),
            (Some("10_%"), None, vec![]),
            (Some("+62 812-3456"), None, vec![one]),
            (None, Some("vip"), vec![two]),
            (None, Some("50% off"), vec![two]),
            (None, Some("vi"), vec![]),
        ] {
            let filter = ContactFilter {
                text: text.map(Into::into),
                label: label.map(Into::into),
                ..ContactFilter::default()
            };
            let page = scope.contacts(&filter, Cursor::NEWEST, 10).await.unwrap();
            let found: Vec<_> = page.items.iter().map(|contact| contact.id).collect();
            assert_eq!(found, expected, "{text:?} {label:?}");
        }
        for (contact, channel) in [(one, Channel::Sms), (two, Channel::Whatsapp)] {
            let agreed = NewConsentEvent {
                id: ConsentEventId::fresh(world.clock.now(), &world.chance),
                contact,
                channel,
                purpose: Some(Purpose::Marketing),
                action: ConsentAction::OptIn,
                source: ConsentSource::Api,
                evidence: json!({}),
                at: world.clock.now(),
            };
            scope.append_consent(&agreed).await.unwrap();
        }
        for (channel, expected) in
            [(None, vec![two]), (Some(Channel::Sms), vec![one]), (Some(Channel::Email), vec![])]
        {
            let standing = Some((Purpose::Marketing, StandingWord::OptedIn));
            let filter = ContactFilter { standing, channel, ..ContactFilter::default() };
            let page = scope.contacts(&filter, Cursor::NEWEST, 10).await.unwrap();
            assert_eq!(
                page.items.iter().map(|contact| contact.id).collect::<Vec<_>>(),
                expected,
                "{channel:?}"
            );
        }
        let first = scope.contacts(&ContactFilter::default(), Cursor::NEWEST, 1).await.unwrap();
        let rest = scope.contacts(&ContactFilter::default(), first.next.unwrap(), 1).await.unwrap();
        assert_eq!((rest.items[0].id, rest.next), (one, None));
    })
    .await;
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Write { whose: bool, number: usize },
    Say { whose: bool, purpose: Option<Purpose>, yes: bool },
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (any::<bool>(), 0..2_usize).prop_map(|(whose, number)| Deed::Write { whose, number }),
        (any::<bool>(), prop::option::of(prop::sample::select(Purpose::ALL)), any::<bool>())
            .prop_map(|(whose, purpose, yes)| Deed::Say { whose, purpose, yes }),
    ]
}

/// Lets two contacts live for a while, merges them, and looks at what is left.
async fn merge_after(store: Store, deeds: &[Deed]) {
    let world = World::new(store);
    let numbers = [(); 2].map(|()| NumberId::fresh(world.clock.now(), &world.chance));
    let people = [
        world.recognise(&by_phone("6281234567890")).await.contact,
        world.recognise(&by_bsuid("111")).await.contact,
    ];
    let mut written = 0;
    for (n, deed) in deeds.iter().enumerate() {
        match *deed {
            Deed::Write { whose, number } => {
                world.write(people[usize::from(whose)], numbers[number], &format!("wamid.{n}")).await;
                written += 1;
            }
            Deed::Say { whose, purpose, yes } => {
                let action = if yes { ConsentAction::OptIn } else { ConsentAction::OptOut };
                world.consent(people[usize::from(whose)], purpose, action).await;
            }
        }
    }
    let mut tx = world.store.begin().await.unwrap();
    let mut scope = tx.org(world.org).await.unwrap();
    let before = [
        scope.consent_of(people[0], false).await.unwrap(),
        scope.consent_of(people[1], false).await.unwrap(),
    ];
    let ledger = scope.consent_ledger(people[0]).await.unwrap().len()
        + scope.consent_ledger(people[1]).await.unwrap().len();
    tx.commit().await.unwrap();

    // One message under both names says that they are one person.
    let one = world.recognise(&by_both("6281234567890", "111")).await;
    assert_eq!((one.contact, one.merged), (people[1], Some(people[0])));

    let mut tx = world.store.begin().await.unwrap();
    let mut scope = tx.org(world.org).await.unwrap();
    let list = scope.conversations(&ConversationFilter::default(), Cursor::NEWEST, 10).await.unwrap().items;
    let mut found = 0;
    for row in &list {
        assert_eq!(row.contact.id, one.contact);
        let thread =
            scope.thread(row.conversation.id, Towards::Older(Cursor::NEWEST), 100).await.unwrap().items;
        assert_eq!(row.conversation.last_message_id, thread.first().map(|message| message.id));
        assert_eq!(usize::try_from(row.conversation.unread).unwrap(), thread.len());
        assert!(thread.iter().all(|message| message.thread.contact_id == one.contact));
        found += thread.len();
    }
    assert_eq!(found, written, "every message is still there");
    let used: std::collections::HashSet<_> = deeds
        .iter()
        .filter_map(|deed| if let Deed::Write { number, .. } = deed { Some(number) } else { None })
        .collect();
    assert_eq!(list.len(), used.len(), "one conversation per number");
    let after = scope.consent_of(one.contact, false).await.unwrap();
    for purpose in Purpose::ALL {
        if before.iter().any(|consent| matches!(consent.standing(*purpose), Standing::OptedOut(_))) {
            assert!(matches!(after.standing(*purpose), Standing::OptedOut(_)), "{purpose}");
        }
    }
    assert!(scope.consent_ledger(one.contact).await.unwrap().len() >= ledger, "no entry is lost");
    assert!(!scope.merge_contacts(people[0], people[1], world.clock.now(), &world.chance).await.unwrap());
    let nobody = ContactId::fresh(world.clock.now(), &world.chance);
    let now: Vec<_> = scope.people_by_id(&[people[0], nobody, people[1]]).await.unwrap();
    assert_eq!(now.iter().map(|person| person.id).collect::<Vec<_>>(), [one.contact], "one person, once");
}

#[tokio::test]
async fn what_waits_to_be_sent_keeps_its_order_through_a_merge() {
    both(|db| async move {
        let world = World::new(db.store.clone());
        let number = NumberId::fresh(world.clock.now(), &world.chance);
        let one = world.recognise(&by_phone("6281234567890")).await.contact;
        let other = world.recognise(&by_bsuid("111")).await.contact;
        let going = world.write(one, number, "wamid.1").await;
        let kept = world.write(other, number, "wamid.2").await;
        let now = world.clock.now();
        for (conversation, payload) in [(going, "first"), (kept, "second")] {
            let mut tx = world.store.begin().await.unwrap();
            let job = store::queue::NewJob {
                serial_key: Some(conversation.to_string()),
                org: Some(world.org),
                ..store::queue::NewJob::new("deliver", number, &payload, now).unwrap()
            };
            tx.enqueue(&job, now);
            tx.commit().await.unwrap();
        }
        world.recognise(&by_both("6281234567890", "111")).await;
        let mut tx = world.store.begin().await.unwrap();
        let lease = Duration::from_secs(30);
        let first = tx.claim("deliver", now, lease, 10, 10, &world.chance).await.unwrap();
        assert_eq!(first.iter().map(|job| job.payload.as_str()).collect::<Vec<_>>(), ["\"first\""]);
        assert!(tx.finish(&first[0], now).await.unwrap());
        let second = tx.claim("deliver", now, lease, 10, 10, &world.chance).await.unwrap();
        assert_eq!(second.iter().map(|job| job.payload.as_str()).collect::<Vec<_>>(), ["\"second\""]);
    })
    .await;
}

#[test]
fn merging_keeps_every_message_and_the_stricter_consent() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..Default::default()
    });
    let run = runner.run(&prop::collection::vec(deed(), 0..12), |deeds| {
        runtime.block_on(both(|db| {
            let deeds = deeds.clone();
            async move { merge_after(db.store.clone(), &deeds).await }
        }));
        Ok(())
    });
    run.unwrap();
}
