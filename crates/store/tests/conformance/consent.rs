//! The ledger: appended, read, exported.

use std::time::Duration;

use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose, Standing};
use rules::id::{ConsentEventId, ContactId, OrgId};
use rules::identity::Phone;
use rules::time::Clock as _;
use serde_json::json;
use store::Cursor;
use store::consent::NewConsentEvent;
use testkit::{Seeded, TestClock, both};

#[tokio::test]
async fn what_is_said_again_is_recorded_once_and_a_stop_is_followed_by_one_more() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let phone = Phone::from_wire("6281234567890").unwrap();
        let contact = scope.contact_by_phone(&phone, clock.now(), &chance).await.unwrap().contact;
        let event = |purpose, action, source| {
            clock.advance(Duration::from_millis(2));
            NewConsentEvent {
                id: ConsentEventId::fresh(clock.now(), &chance),
                contact,
                channel: Channel::Whatsapp,
                purpose,
                action,
                source,
                evidence: json!({ "message": "wamid.1" }),
                at: clock.now(),
            }
        };
        let written = || event(Some(Purpose::Utility), ConsentAction::OptIn, ConsentSource::InboundMessage);
        assert!(scope.append_consent_once(&written()).await.unwrap());
        assert!(!scope.append_consent_once(&written()).await.unwrap());
        let stop = event(None, ConsentAction::OptOut, ConsentSource::Keyword);
        scope.append_consent(&stop).await.unwrap();
        assert!(scope.append_consent_once(&written()).await.unwrap());
        assert!(!scope.append_consent_once(&written()).await.unwrap());
        let repeated = event(None, ConsentAction::OptOut, ConsentSource::Keyword);
        assert!(scope.append_consent_once(&repeated).await.is_ok());

        let ledger = scope.consent_ledger(contact).await.unwrap();
        assert_eq!(ledger[1].id, stop.id);
        assert_eq!(ledger[0].evidence.0, json!({ "message": "wamid.1" }));
        assert_eq!(ledger[0].entry().source, ConsentSource::InboundMessage);
        let consent = scope.consent_of(contact, false).await.unwrap();
        assert!(matches!(consent.standing(Purpose::Utility), Standing::OptedOut(_)));

        let email = scope.consent_on(Channel::Email, contact, false).await.unwrap();
        assert_eq!(email.stopped, consent.stopped, "STOP holds on every channel");

        let nobody = ContactId::fresh(clock.now(), &chance);
        let keys = [(org, nobody), (org, contact)];
        let ledgers = tx.batch(&[org]).await.unwrap().consent_ledgers(&keys).await.unwrap();
        assert!(ledgers[0].is_empty());
        assert!(ledgers[1].iter().map(|one| one.id).eq(ledger.iter().map(|one| one.id)), "oldest first");
        let mut scope = tx.org(org).await.unwrap();

        let first = scope.consent_records(Cursor::NEWEST, 2).await.unwrap();
        assert_eq!(first.items[0].phone.as_deref(), Some("6281234567890"));
        let rest = scope.consent_records(first.next.unwrap(), 9).await.unwrap();
        assert_eq!(first.items.len() + rest.items.len(), ledger.len());
        assert_eq!(rest.items.last().unwrap().event.id, ledger[0].id, "newest first");
    })
    .await;
}
