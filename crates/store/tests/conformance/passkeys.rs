//! Passkeys, and what is begun with a browser and taken once.

use rules::id::{PasskeyId, PersonId};
use rules::time::{Clock as _, span};
use store::Tx;
use store::ceremonies::NewCeremony;
use store::passkeys::NewPasskey;
use store::people::{NewPerson, WaysIn};
use testkit::{Seeded, TestClock, both};
use uuid::Uuid;

pub async fn person(tx: &mut Tx, chance: &Seeded, email: &str, password: Option<&str>) -> PersonId {
    let now = TestClock::default().now();
    let id = PersonId::fresh(now, chance);
    let person = NewPerson {
        id,
        email: email.into(),
        name: "Rina".into(),
        password_hash: password.map(str::to_owned),
        locale: "id".into(),
        is_operator: false,
    };
    tx.insert_person(&person, now).await.unwrap();
    id
}

fn passkey(id: PasskeyId, person: PersonId, credential_id: &[u8]) -> NewPasskey<'_> {
    let aaguid = Uuid::from_u128(5);
    NewPasskey { id, person, credential_id, credential: "{}", name: "Laptop", aaguid, backed_up: false }
}

#[tokio::test]
async fn a_passkey_is_found_by_its_credential_and_changed_by_its_person_alone() {
    both(|db| async move {
        let (now, chance) = (TestClock::default().now(), Seeded::default());
        let mut tx = db.store.begin().await.unwrap();
        let rina = person(&mut tx, &chance, "rina@example.com", None).await;
        let budi = person(&mut tx, &chance, "budi@example.com", Some("$argon2id$…")).await;
        let (first, second) =
            (PasskeyId::fresh(now, &chance), PasskeyId::fresh(now + span::hours(1), &chance));
        tx.insert_passkey(&passkey(first, rina, &[1; 16]), now).await.unwrap();
        tx.insert_passkey(&passkey(second, rina, &[2; 16]), now).await.unwrap();
        let ids: Vec<_> = tx.passkeys_of(rina).await.unwrap().iter().map(|passkey| passkey.id).collect();
        assert_eq!(ids, [second, first], "newest first");
        assert!(tx.passkeys_of(budi).await.unwrap().is_empty());

        assert!(tx.passkey_for_use(&[9; 16]).await.unwrap().is_none());
        let found = tx.passkey_for_use(&[1; 16]).await.unwrap().unwrap();
        assert_eq!((found.id, found.person_id, found.last_used_at), (first, rina, None));
        assert_eq!((found.aaguid, found.backed_up, found.created_at), (Uuid::from_u128(5), false, now));
        tx.use_passkey(first, "{\"counter\":1}", true, now + span::hours(2)).await.unwrap();
        let used = tx.passkey_for_use(&[1; 16]).await.unwrap().unwrap();
        assert_eq!((used.credential.as_str(), used.backed_up), ("{\"counter\":1}", true));
        assert_eq!(used.last_used_at, Some(now + span::hours(2)));

        assert!(tx.rename_passkey(budi, first, "Mine").await.unwrap().is_none(), "not his");
        assert_eq!(tx.rename_passkey(rina, first, "Phone").await.unwrap().unwrap().name, "Phone");
        assert_eq!(
            tx.ways_in(rina).await.unwrap(),
            Some(WaysIn { password: false, passkeys: 2, identities: 0 })
        );
        assert_eq!(
            tx.ways_in(budi).await.unwrap(),
            Some(WaysIn { password: true, passkeys: 0, identities: 0 })
        );
        let nobody = PersonId::fresh(now, &chance);
        assert_eq!(tx.ways_in(nobody).await.unwrap(), None);
        assert!(!tx.remove_passkey(budi, first).await.unwrap());
        assert!(tx.remove_passkey(rina, first).await.unwrap());
        assert!(!tx.remove_passkey(rina, first).await.unwrap());
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.remove_passkeys_of(rina).await.unwrap(), ["Laptop"]);
        assert!(tx.remove_passkeys_of(rina).await.unwrap().is_empty());
        tx.rollback().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let again = passkey(PasskeyId::fresh(now, &chance), budi, &[2; 16]);
        assert!(tx.insert_passkey(&again, now).await.unwrap_err().is_taken());
    })
    .await;
}

#[tokio::test]
async fn a_ceremony_is_taken_once_as_what_it_is_and_in_time() {
    both(|db| async move {
        let (now, chance) = (TestClock::default().now(), Seeded::default());
        let soon = now + span::minutes(5);
        let mut tx = db.store.begin().await.unwrap();
        let rina = person(&mut tx, &chance, "rina@example.com", None).await;
        for (token, person) in [(1, Some(rina)), (2, None), (3, None)] {
            let ceremony = NewCeremony {
                token_hash: [token; 32],
                kind: "passkey.add",
                person,
                state: b"sealed",
                expires_at: soon,
            };
            tx.insert_ceremony(&ceremony).await.unwrap();
        }
        assert!(tx.take_ceremony("passkey.sign_in", &[1; 32], now).await.unwrap().is_none(), "another kind");
        assert!(tx.ceremony("passkey.sign_in", &[1; 32], now).await.unwrap().is_none(), "another kind");
        assert!(tx.ceremony("passkey.add", &[1; 32], soon).await.unwrap().is_none(), "expired");
        assert_eq!(tx.ceremony("passkey.add", &[1; 32], now).await.unwrap().unwrap().person_id, Some(rina));
        let taken = tx.take_ceremony("passkey.add", &[1; 32], now).await.unwrap().unwrap();
        assert_eq!((taken.person_id, taken.state.as_slice()), (Some(rina), b"sealed".as_slice()));
        assert!(tx.take_ceremony("passkey.add", &[1; 32], now).await.unwrap().is_none(), "taken");
        assert!(tx.take_ceremony("passkey.add", &[2; 32], soon).await.unwrap().is_none(), "expired");
        assert_eq!(tx.take_ceremony("passkey.add", &[2; 32], now).await.unwrap().unwrap().person_id, None);
        assert_eq!(tx.drop_ceremonies_before(soon).await.unwrap(), 0);
        assert_eq!(tx.drop_ceremonies_before(soon + span::hours(1)).await.unwrap(), 1);
        tx.commit().await.unwrap();
    })
    .await;
}
