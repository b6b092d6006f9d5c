//! Secrets at rest.

use std::sync::Arc;

use rules::id::OrgId;
use rules::time::Clock as _;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use store::sealed::{MasterKey, Place, Vault};
use testkit::{Seeded, TestClock, both};

const TOKEN: Place = Place("accounts.token");

fn vault(masters: &[(&str, u8)]) -> Vault {
    let keys = masters
        .iter()
        .map(|(id, byte)| MasterKey { id: (*id).to_owned(), key: SecretBox::new(Box::new([*byte; 32])) });
    Vault::new(keys.collect(), Arc::new(Seeded::default())).unwrap()
}

#[tokio::test]
async fn a_sealed_value_opens_only_in_its_own_place() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, other) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
        let vault = vault(&[("k1", 1)]);
        let secret = SecretString::from("EAABIZFAKE");
        let mut tx = db.store.begin().await.unwrap();
        let sealed = vault.seal(&mut tx, org, TOKEN, &secret, clock.now()).await.unwrap();
        let again = vault.seal(&mut tx, org, TOKEN, &secret, clock.now()).await.unwrap();
        assert_ne!(sealed, again, "a nonce must never repeat");
        assert!(!sealed.windows(10).any(|window| window == b"EAABIZFAKE"));
        assert_eq!(vault.open(&mut tx, org, TOKEN, &sealed).await.unwrap().expose_secret(), "EAABIZFAKE");
        vault.seal(&mut tx, other, TOKEN, &secret, clock.now()).await.unwrap();
        assert!(vault.open(&mut tx, other, TOKEN, &sealed).await.is_err());
        assert!(vault.open(&mut tx, org, Place("numbers.pin"), &sealed).await.is_err());
        let mut damaged = sealed.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert!(vault.open(&mut tx, org, TOKEN, &damaged).await.is_err());
        assert!(vault.open(&mut tx, org, TOKEN, &sealed[..4]).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_new_master_key_takes_over_without_touching_what_is_sealed() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let sealed = vault(&[("old", 1)])
            .seal(&mut tx, org, TOKEN, &SecretString::from("pin 581063"), clock.now())
            .await
            .unwrap();
        let rotated = vault(&[("new", 2), ("old", 1)]);
        assert_eq!(rotated.rewrap_all(&mut tx).await.unwrap(), 1);
        assert_eq!(rotated.rewrap_all(&mut tx).await.unwrap(), 0);
        assert_eq!(Vault::masters_in_use(&mut tx).await.unwrap(), ["new"]);
        let new_only = vault(&[("new", 2)]);
        assert_eq!(new_only.current_master(), "new");
        assert_eq!(new_only.open(&mut tx, org, TOKEN, &sealed).await.unwrap().expose_secret(), "pin 581063");
        assert!(vault(&[("old", 1)]).open(&mut tx, org, TOKEN, &sealed).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn an_operator_secret_is_made_once() {
    both(|db| async move {
        let clock = TestClock::default();
        let vault = vault(&[("k1", 1)]);
        let mut tx = db.store.begin().await.unwrap();
        let first = vault.operator_secret(&mut tx, "echo", clock.now()).await.unwrap();
        let again = vault.operator_secret(&mut tx, "echo", clock.now()).await.unwrap();
        let other = vault.operator_secret(&mut tx, "state", clock.now()).await.unwrap();
        assert_eq!(first.expose_secret(), again.expose_secret());
        assert_ne!(first.expose_secret(), other.expose_secret());
    })
    .await;
}
