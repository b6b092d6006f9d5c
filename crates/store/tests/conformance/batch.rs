//! What many rows together come to is what they would have come to one by one.

use std::time::Duration;

use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::conversation::AiState;
use rules::id::{ConsentEventId, ContactId, MessageId, NumberId, OrgId};
use rules::identity::{Bsuid, Phone, Sender};
use rules::message::Kind;
use rules::time::{Clock as _, Timestamp};
use serde_json::json;
use store::consent::NewConsentEvent;
use store::contacts::Wrote;
use store::conversations::{Conversation, Heard, Pair};
use store::messages::{NewMessage, Thread, Towards};
use store::{Batch, Cursor, Store, StoreError};
use testkit::{Seeded, TestClock, both};

const PORTFOLIO: &str = "100200300";

fn sender(phone: &str, name: Option<&str>) -> Sender {
    Sender {
        phone: Phone::from_wire(phone),
        bsuid: Bsuid::parse(&format!("ID.{phone}")),
        name: name.map(Into::into),
        ..Sender::default()
    }
}

/// What each of these is recognised as, in one batch.
async fn recognise(
    store: &Store,
    who: &[(OrgId, Sender)],
    now: Timestamp,
    chance: &Seeded,
) -> Vec<ContactId> {
    let orgs: Vec<OrgId> = who.iter().map(|(org, _)| *org).collect();
    let wrote: Vec<_> =
        who.iter().map(|(org, sender)| Wrote { org: *org, portfolio: PORTFOLIO, sender, now }).collect();
    let mut tx = store.begin().await.unwrap();
    let found = tx.batch(&orgs).await.unwrap().recognise(&wrote, chance).await.unwrap();
    tx.commit().await.unwrap();
    found.into_iter().map(|found| found.contact).collect()
}

#[tokio::test]
async fn people_are_recognised_together_as_far_as_nothing_is_news() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let [ours, theirs] = [(); 2].map(|()| OrgId::fresh(now, &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        let known = sender("6281200000001", Some("Sari"));
        let sari = scope.recognise(&known, PORTFOLIO, now, &chance).await.unwrap().unwrap().contact;
        tx.commit().await.unwrap();

        let new = sender("6281200000002", Some("Budi"));
        let who = [
            (ours, known.clone()),
            (ours, new.clone()),
            (theirs, known.clone()),
            (ours, sender("6281200000002", None)),
            (ours, sender("6281200000001", None)),
            // Another name is news: for this one and what comes after it somebody has to look alone.
            (ours, sender("6281200000001", Some("Sari Wulandari"))),
            (ours, new.clone()),
        ];
        let found = recognise(&db.store, &who, now, &chance).await;
        assert_eq!(found.len(), 5);
        assert_eq!([found[0], found[4]], [sari, sari]);
        assert_eq!(found[1], found[3], "made once");
        assert!(found[2] != sari, "another organisation's");
        let again = recognise(&db.store, &[(ours, new.clone()), (theirs, known)], now, &chance).await;
        assert_eq!(again, [found[1], found[2]]);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        assert_eq!(scope.recognise(&new, PORTFOLIO, now, &chance).await.unwrap().unwrap().contact, found[1]);
        assert_eq!(scope.contact_identities(found[1]).await.unwrap().len(), 2);
        assert_eq!(scope.contact(found[1]).await.unwrap().unwrap().profile_name.as_deref(), Some("Budi"));
        // Nobody without a name of any kind is plain, and whoever needs more than one look is not either.
        let nobody = Sender { name: Some("Nobody".into()), ..Sender::default() };
        let moved = Sender { phone: new.phone.clone(), bsuid: Bsuid::parse("ID.999"), ..Sender::default() };
        drop(tx);
        for odd in [nobody, moved] {
            assert!(recognise(&db.store, &[(ours, odd)], now, &chance).await.is_empty());
        }
    })
    .await;
}

struct Talk {
    org: OrgId,
    contact: ContactId,
    number: NumberId,
}

impl Talk {
    async fn begin(store: &Store, phone: &str, clock: &TestClock, chance: &Seeded) -> Self {
        let (now, org) = (clock.now(), OrgId::fresh(clock.now(), chance));
        let contact = recognise(store, &[(org, sender(phone, None))], now, chance).await[0];
        Self { org, contact, number: NumberId::fresh(now, chance) }
    }

    fn pair(&self, now: Timestamp) -> Pair {
        Pair { org: self.org, contact: self.contact, number: self.number, ai: AiState::On, now }
    }
}

async fn open(
    batch: &mut Batch<'_>,
    talks: &[&Talk],
    now: Timestamp,
    chance: &Seeded,
) -> Vec<(Conversation, bool)> {
    let pairs: Vec<_> = talks.iter().map(|talk| talk.pair(now)).collect();
    batch.open_conversations(&pairs, chance).await.unwrap()
}

#[tokio::test]
async fn messages_of_several_organisations_are_stored_and_shown_together() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let ours = Talk::begin(&db.store, "6281200000001", &clock, &chance).await;
        let theirs = Talk::begin(&db.store, "6281200000001", &clock, &chance).await;
        let (orgs, now) = ([ours.org, theirs.org], clock.now());
        let mut tx = db.store.begin().await.unwrap();
        let mut batch = tx.batch(&orgs).await.unwrap();
        let opened = open(&mut batch, &[&ours, &theirs, &ours], now, &chance).await;
        assert_eq!(opened.iter().map(|(_, new)| *new).collect::<Vec<_>>(), [true, true, false]);
        let ids: Vec<_> = opened.iter().map(|(one, _)| one.id).collect();
        assert_eq!(ids[0], ids[2]);

        let content = json!({ "body": "x" });
        let thread = |talk: &Talk, n: usize| Thread {
            conversation_id: ids[n],
            contact_id: talk.contact,
            number_id: talk.number,
        };
        let at = |seconds: u64| now + Duration::from_secs(seconds);
        let message =
            |talk: &Talk, n: usize, wamid: &'static str, reply_to: Option<&'static str>, seconds: u64| {
                let id = MessageId::fresh(now, &chance);
                let inbound = NewMessage::inbound(id, thread(talk, n), Kind::Text, &content, wamid);
                (talk.org, NewMessage { body: wamid, at: at(seconds), created_at: now, reply_to, ..inbound })
            };
        let first = [
            message(&ours, 0, "wamid.1", None, 5),
            message(&theirs, 1, "wamid.1", None, 1),
            message(&ours, 0, "wamid.1", None, 9),
        ];
        assert_eq!(batch.insert_messages(&first).await.unwrap(), [true, true, false]);
        let second = [
            message(&ours, 0, "wamid.2", Some("wamid.1"), 3),
            message(&ours, 0, "wamid.1", None, 9),
            // Of a message that comes with it.
            message(&ours, 0, "wamid.3", Some("wamid.2"), 4),
        ];
        assert_eq!(batch.insert_messages(&second).await.unwrap(), [true, false, true]);
        let shown = [&first[0], &first[1], &second[0]].map(|one| {
            let (org, message) = one;
            Heard {
                org: *org,
                conversation: message.thread.conversation_id,
                message: message.id,
                at: message.at,
                meta_at: Some(message.at),
                preview: message.body,
            }
        });
        batch.show_messages(&shown).await.unwrap();
        let opened = open(&mut batch, &[&theirs, &ours], now, &chance).await;
        assert!(opened.iter().all(|(_, new)| !new));
        let (one, other) = (&opened[1].0, &opened[0].0);
        // The one of the later time is shown, wherever it stood in the batch.
        assert_eq!((one.unread, one.preview.as_str(), one.last_inbound_at), (2, "wamid.1", Some(at(5))));
        assert_eq!((one.last_message_id, one.last_message_at), (Some(first[0].1.id), at(5)));
        assert_eq!((other.unread, other.last_inbound_at), (1, Some(at(1))));
        let mut scope = tx.org(ours.org).await.unwrap();
        let thread = scope.thread(ids[0], Towards::Newer(Cursor { at: Timestamp(0), ..Cursor::NEWEST }), 9);
        let thread = thread.await.unwrap().items;
        assert_eq!(
            thread.iter().map(|one| one.body.as_str()).collect::<Vec<_>>(),
            ["wamid.2", "wamid.3", "wamid.1"]
        );
        assert_eq!((thread[0].reply_to_id, thread[1].reply_to_id), (Some(thread[2].id), Some(thread[0].id)));
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn consent_is_written_down_once_for_each_person_and_purpose() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let ours = Talk::begin(&db.store, "6281200000001", &clock, &chance).await;
        let theirs = Talk::begin(&db.store, "6281200000002", &clock, &chance).await;
        let said = |talk: &Talk, action| {
            clock.advance(Duration::from_secs(1));
            let event = NewConsentEvent {
                id: ConsentEventId::fresh(clock.now(), &chance),
                contact: talk.contact,
                channel: Channel::Whatsapp,
                purpose: Some(Purpose::Utility),
                action,
                source: ConsentSource::InboundMessage,
                evidence: json!({}),
                at: clock.now(),
            };
            (talk.org, event)
        };
        let yes = ConsentAction::OptIn;
        let mut tx = db.store.begin().await.unwrap();
        for _ in 0..2 {
            let events = [said(&ours, yes), said(&theirs, yes), said(&ours, yes)];
            let mut batch = tx.batch(&[ours.org, theirs.org]).await.unwrap();
            batch.append_consents_once(&events).await.unwrap();
        }
        let (_, stop) = said(&ours, ConsentAction::OptOut);
        let stop = NewConsentEvent { purpose: None, ..stop };
        tx.org(ours.org).await.unwrap().append_consent(&stop).await.unwrap();
        let mut batch = tx.batch(&[ours.org]).await.unwrap();
        batch.append_consents_once(&[said(&ours, yes)]).await.unwrap();
        let mut counts = Vec::new();
        for talk in [&ours, &theirs] {
            let mut scope = tx.org(talk.org).await.unwrap();
            counts.push(scope.consent_ledger(talk.contact).await.unwrap().len());
        }
        assert_eq!(counts, [3, 1]);
    })
    .await;
}

/// What two nodes make at the same moment is made once: the slower one looks again.
#[tokio::test]
async fn whoever_is_slower_is_told_and_finds_what_the_faster_one_made() {
    let db = testkit::Database::postgres().await.unwrap();
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let (now, org) = (clock.now(), OrgId::fresh(clock.now(), &chance));
    let person = sender("6281200000001", None);
    let wrote = [Wrote { org, portfolio: PORTFOLIO, sender: &person, now }];
    let mut fast = db.store.begin().await.unwrap();
    let made = fast.batch(&[org]).await.unwrap().recognise(&wrote, &chance).await.unwrap();
    let slow = async {
        let mut tx = db.store.begin().await.unwrap();
        let late = tx.batch(&[org]).await.unwrap().recognise(&wrote, &chance).await;
        assert!(matches!(late, Err(StoreError::Taken(_))), "{late:?}");
    };
    let commit = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        fast.commit().await.unwrap();
    };
    tokio::join!(slow, commit);
    assert_eq!(recognise(&db.store, &[(org, person.clone())], now, &chance).await, [made[0].contact]);
}

#[tokio::test]
async fn settings_are_those_of_the_organisations_asked_for() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let orgs = [(); 3].map(|()| OrgId::fresh(now, &chance));
        let mut tx = db.store.begin().await.unwrap();
        for (n, id) in orgs.iter().take(2).enumerate() {
            let new = store::orgs::NewOrg {
                id: *id,
                name: "Kopi".into(),
                slug: format!("kopi-{n}"),
                locale: "id".into(),
                country: "ID".into(),
                timezone: "Asia/Jakarta".into(),
                settings: format!(r#"{{"n":{n}}}"#),
            };
            tx.insert_org(&new, now).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let mut batch = tx.batch(&orgs[1..]).await.unwrap();
        let found = batch.orgs(&orgs).await.unwrap();
        assert_eq!((found.len(), found[&orgs[1]].settings.as_str()), (1, r#"{"n":1}"#));
    })
    .await;
}

#[tokio::test]
async fn people_and_conversations_are_found_by_many_ids() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let talks = [
            Talk::begin(&db.store, "6281200000001", &clock, &chance).await,
            Talk::begin(&db.store, "6281200000002", &clock, &chance).await,
        ];
        let orgs: Vec<OrgId> = talks.iter().map(|talk| talk.org).collect();
        let mut tx = db.store.begin().await.unwrap();
        let mut batch = tx.batch(&orgs).await.unwrap();
        let opened = open(&mut batch, &[&talks[0], &talks[1]], now, &chance).await;
        let [first, second] = [opened[0].0.id, opened[1].0.id];
        // The last but one is another organisation's.
        let keys = [(orgs[1], second), (orgs[0], first), (orgs[0], second), (orgs[0], first)];
        batch.hold_conversations(&keys).await.unwrap();
        for found in
            [batch.conversations(&keys).await.unwrap(), batch.conversations_for_change(&keys).await.unwrap()]
        {
            let found: Vec<_> = found.iter().map(|one| one.as_ref().map(|one| one.id)).collect();
            assert_eq!(found, [Some(second), Some(first), None, Some(first)]);
        }
        let people = [(orgs[0], talks[0].contact), (orgs[1], talks[0].contact)];
        let found = batch.contacts(&people).await.unwrap();
        assert_eq!(found[0].as_ref().map(|contact| contact.id), Some(talks[0].contact));
        assert!(found[1].is_none());
    })
    .await;
}
