//! Meta apps.

use rules::id::AppId;
use rules::time::{Clock as _, span};
use store::Json;
use store::apps::{App, AppSettings};
use store::routing::Address;
use testkit::{Seeded, TestClock, both};

#[tokio::test]
async fn a_rotated_secret_leaves_the_old_one_valid_and_a_retired_app_is_gone() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let app = App {
            id: AppId::fresh(clock.now(), &chance),
            org_id: None,
            slug: "main".into(),
            meta_app_id: "111222333444555".into(),
            name: "Acme Platform".into(),
            config_id: Some("123000000000009".into()),
            secret: b"one".to_vec(),
            previous_secret: None,
            previous_secret_until: None,
            verify_token: b"vt".to_vec(),
            system_token: None,
            settings: Json::default(),
            created_at: clock.now(),
            retired_at: None,
        };
        let mut tx = db.store.begin().await.unwrap();
        tx.insert_app(&app).await.unwrap();
        assert!(tx.rotate_app_secret(app.id, b"two", clock.now() + span::days(1)).await.unwrap());
        assert_eq!(tx.forget_former_secrets(clock.now()).await.unwrap(), 0);
        let stored = tx.apps().await.unwrap().remove(0);
        assert_eq!(
            (stored.secret.as_slice(), stored.previous_secret.as_deref()),
            (&b"two"[..], Some(&b"one"[..]))
        );
        let partner =
            AppSettings { credit_line_id: Some("500000000000005".into()), ..AppSettings::default() };
        assert!(tx.update_app(app.id, "Acme", None, &partner).await.unwrap());
        assert!(tx.set_system_token(app.id, b"sealed").await.unwrap());
        assert_eq!(tx.forget_former_secrets(clock.now() + span::days(1)).await.unwrap(), 1);
        let stored = tx.app(app.id).await.unwrap().unwrap();
        assert_eq!((stored.name.as_str(), stored.config_id, stored.settings), ("Acme", None, Json(partner)));
        assert_eq!((stored.previous_secret, stored.system_token.as_deref()), (None, Some(&b"sealed"[..])));
        assert!(tx.retire_app(app.id, clock.now()).await.unwrap());
        assert!(!tx.retire_app(app.id, clock.now()).await.unwrap());
        assert!(tx.apps().await.unwrap().is_empty());
        assert!(tx.app(app.id).await.unwrap().is_some_and(|app| app.retired_at.is_some()));
        let address = Address {
            app: app.id,
            waba_id: "700000000000003".into(),
            phone_number_id: Some("600000000000004".into()),
        };
        assert_eq!(tx.routes(&[address]).await.unwrap(), [None]);
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert!(
            tx.insert_app(&App { id: AppId::fresh(clock.now(), &chance), ..app })
                .await
                .unwrap_err()
                .is_taken()
        );
    })
    .await;
}
