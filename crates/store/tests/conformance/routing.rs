//! Where updates belong, and what calling Meta takes.

use rules::id::{AccountId, AppId, NumberId, OrgId};
use rules::time::Clock as _;
use store::accounts::BindAccount;
use store::apps::App;
use store::routing::{Address, Route};
use store::{Json, Tx};
use testkit::{Seeded, TestClock, both, number};

const WABA: &str = "700000000000003";
const NUMBER: &str = "600000000000004";

/// Asked beside an account that is not there.
async fn routed(tx: &mut Tx, app: AppId, number: &str) -> Option<Route> {
    let address = |waba: &str| Address { app, waba_id: waba.into(), phone_number_id: Some(number.into()) };
    let mut found = tx.routes(&[address("1"), address(WABA)]).await.unwrap();
    assert_eq!((found.len(), &found[0]), (2, &None));
    found.pop().flatten()
}

#[tokio::test]
async fn a_connected_account_is_routed_to_and_a_disconnected_one_is_not() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, other) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let app = App {
            id: AppId::fresh(now, &chance),
            org_id: None,
            slug: "main".into(),
            meta_app_id: "111222333444555".into(),
            name: "Acme Platform".into(),
            config_id: None,
            secret: b"secret".to_vec(),
            previous_secret: None,
            previous_secret_until: None,
            verify_token: b"vt".to_vec(),
            system_token: None,
            settings: Json::default(),
            created_at: now,
            retired_at: None,
        };
        let bind = BindAccount {
            owner_business_id: Some("800000000000002"),
            token: b"token".to_vec(),
            ..number::account(AccountId::fresh(now, &chance), app.id, WABA)
        };
        let reading = number::connected(NumberId::fresh(now, &chance), NUMBER, "49301234567");
        let number = reading.id;
        let mut tx = db.store.begin().await.unwrap();
        tx.insert_app(&app).await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let account = scope.bind_account(&bind, now).await.unwrap();
        scope.record_numbers(account, &[reading], now).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let route = routed(&mut tx, app.id, NUMBER).await.unwrap();
        assert_eq!((route.org_id, route.account_id, route.number_id), (org, account, Some(number)));
        assert_eq!(routed(&mut tx, app.id, "1").await.unwrap().number_id, None);
        let lines = tx.batch(&[org]).await.unwrap().sealed_lines(&[(other, account), (org, account)]).await;
        let [none, Some(line)] = &lines.unwrap()[..] else { panic!("no line") };
        assert!(none.is_none(), "another organisation's");
        assert_eq!(
            (line.token.as_deref(), line.app_secret.as_slice()),
            (Some(&b"token"[..]), &b"secret"[..])
        );
        assert_eq!(line.app_org_id, None);
        let mut scope = tx.org(org).await.unwrap();
        assert_eq!(scope.connected_numbers().await.unwrap(), [number]);
        let portfolio = Some("800000000000002".to_owned());
        assert_eq!(scope.portfolio_of_number(number).await.unwrap(), Some((account, portfolio)));
        tx.rollback().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(other).await.unwrap();
        assert!(scope.connected_numbers().await.unwrap().is_empty());
        assert!(scope.portfolio_of_number(number).await.unwrap().is_none());
        tx.rollback().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.disconnect_account(account, "asked", now).await.unwrap());
        assert!(scope.connected_numbers().await.unwrap().is_empty());
        let lines = tx.batch(&[org]).await.unwrap().sealed_lines(&[(org, account)]).await.unwrap();
        assert_eq!(lines[0].as_ref().unwrap().token, None);
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(routed(&mut tx, app.id, NUMBER).await, None);
    })
    .await;
}
