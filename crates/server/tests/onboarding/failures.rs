//! Failures that come twice, pass by themselves or hit in the middle: nothing is lost and nothing is repeated. What each of
//! them says is in [`crate::table`].

use rules::connection::Step;
use rules::id::ConnectionId;
use serde_json::{Value, json};

use crate::stage::{NUMBER, Stage, WABA, both};

#[tokio::test]
async fn a_failure_that_passes_is_got_over_by_itself() {
    both(async |stage| {
        stage.fails("subscribe", "service_down", 2).await;
        let id = stage.connect(json!({})).await;
        assert_eq!(stage.connection(&id).await.str("/state"), "waiting");
        for _ in 0..4 {
            stage.app.clock.advance(std::time::Duration::from_secs(20));
            stage.work().await;
        }
        assert_eq!(stage.connection(&id).await.str("/state"), "payment_pending");
        assert_eq!(stage.step(&id, "subscribe_app").await["attempts"], 3);
    })
    .await;
}

#[tokio::test]
async fn a_number_with_an_unknown_pin_gets_a_new_one() {
    both(async |stage| {
        let pin = json!({"action": "set_pin", "phone_number_id": NUMBER, "pin": "918273"});
        stage.control("client-actions", pin).await;
        let id = stage.connect(json!({})).await;
        let found = stage.connection(&id).await;
        assert_eq!(found.str("/state"), "payment_pending", "{}", found.text);
        assert_eq!(stage.calls("POST", "/register").await, 1);
    })
    .await;
}

/// A member may mistype it, and no attempt is made that nobody asked for.
#[tokio::test]
async fn a_wrong_pin_of_the_member_is_asked_for_again() {
    both(async |stage| {
        let settings = json!({"onboarding": {"pin_on_unregistered": false}});
        stage.controlled(reqwest::Method::PATCH, "settings", settings).await;
        let pin = json!({"action": "set_pin", "phone_number_id": NUMBER, "pin": "918273"});
        stage.control("client-actions", pin).await;
        let id = stage.connect(json!({})).await;
        let gives = async |pin: &str| {
            let number = stage.account().await["numbers"][0]["id"].as_str().unwrap_or_default().to_owned();
            stage.org.owner.put(&format!("numbers/{number}/pin"), json!({"pin": pin})).await.expect(204);
            let retry = format!("connections/{id}/steps/register_number/retry");
            stage.org.owner.post(&retry, Value::Null).await.expect(202);
            stage.work().await;
            stage.app.clock.advance(std::time::Duration::from_secs(3_600));
            stage.work().await;
            stage.step(&id, "register_number").await
        };
        for wrong in ["111222", "918274"] {
            let step = gives(wrong).await;
            assert_eq!(step["problem"]["trouble"], "wrong_pin", "{step}");
            assert_eq!((&step["status"], &step["retry_at"]), (&json!("needs_person"), &Value::Null));
            assert_eq!(stage.account().await["numbers"][0]["pin_known"], false, "a wrong PIN is not kept");
        }
        assert_eq!(gives("918273").await["status"], "done");
        let calls =
            stage.controlled(reqwest::Method::GET, "calls?limit=1000&path=/register", Value::Null).await;
        assert_eq!(calls.as_array().map(Vec::len), Some(4), "one attempt a time");
    })
    .await;
}

/// What hinders setting a PIN is said as it is: no PIN of the member's would help.
#[tokio::test]
async fn a_blocked_account_is_not_taken_for_a_wrong_pin() {
    both(async |stage| {
        let pin = json!({"action": "set_pin", "phone_number_id": NUMBER, "pin": "918273"});
        stage.control("client-actions", pin).await;
        let locked = json!({"error": {"status": 403, "code": 131_031, "message": "(#131031) Account has been locked"}});
        stage.control("faults", json!({"method": "POST", "edge": NUMBER, "effect": locked, "times": 9})).await;
        let id = stage.connect(json!({})).await;
        let step = stage.step(&id, "register_number").await;
        assert_eq!(step["problem"]["trouble"], "account_blocked", "{step}");
    })
    .await;
}

#[tokio::test]
async fn registering_never_comes_near_the_lock() {
    both(async |stage| {
        stage.fails("register", "not_verified", 99).await;
        let id = stage.connect(json!({})).await;
        let mut last = String::new();
        for _ in 0..12 {
            stage.org.owner.post(&format!("connections/{id}/steps/register_number/retry"), Value::Null).await;
            stage.work().await;
            last = stage.step(&id, "register_number").await["problem"]["trouble"]
                .as_str()
                .unwrap_or("")
                .to_owned();
        }
        assert_eq!(last, "register_held");
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let number = tx.org(stage.org.id).await.unwrap().numbers(None).await.unwrap().remove(0);
        assert!(number.register_attempts.0.len() <= 9, "{:?}", number.register_attempts);
    })
    .await;
}

#[tokio::test]
async fn an_answer_lost_on_the_way_is_neither_lost_nor_repeated() {
    both(async |stage| {
        for edge in ["register", "subscribed_apps", "whatsapp_credit_sharing_and_attach", "assigned_users"] {
            let fault = json!({"method": "POST", "edge": edge, "effect": "drop_response", "times": 1});
            stage.control("faults", fault).await;
        }
        let id = stage.connect(json!({"mode": "solution_partner", "currency": "EUR"})).await;
        for _ in 0..6 {
            stage.app.clock.advance(std::time::Duration::from_secs(30));
            stage.work().await;
        }
        let found = stage.connection(&id).await;
        assert_eq!(found.str("/state"), "silent", "{}", found.text);
        assert_eq!(stage.account().await["numbers"][0]["status"], "CONNECTED");
    })
    .await;
}

#[tokio::test]
async fn a_lost_exchange_is_recovered_where_meta_has_named_the_client_and_else_asks() {
    both(async |stage| {
        let dialog = stage.start_connection(&stage.org.owner, json!({})).await;
        let id = dialog.str("/connection_id").to_owned();
        let run = stage.dialog(&dialog, json!({})).await;
        for event in Stage::events(&dialog, &run) {
            stage.org.owner.post(&format!("connections/{id}/event"), event).await.expect(204);
        }
        // PARTNER_ADDED comes in and waits for its account.
        stage.work().await;
        stage
            .control("faults", json!({"edge": "oauth/access_token", "effect": "drop_response", "times": 1}))
            .await;
        stage.org.owner.post(&format!("connections/{id}/code"), Stage::code(&dialog, &run)).await.expect(202);
        stage.work().await;
        assert_eq!(stage.connection(&id).await.str("/state"), "code_received");
        stage.app.clock.advance(std::time::Duration::from_secs(61));
        stage.work().await;
        let found = stage.connection(&id).await;
        assert_eq!(found.str("/state"), "payment_pending", "{}", found.text);

        // Without anything to go by a person is asked, and nothing is presented twice.
        let dialog = stage.start_connection(&stage.org.owner, json!({})).await;
        let id = dialog.str("/connection_id").to_owned();
        stage
            .control("faults", json!({"edge": "oauth/access_token", "effect": "drop_response", "times": 1}))
            .await;
        let code = json!({"state": dialog.str("/state"), "code": "AQBGARBAGE"});
        stage.org.owner.post(&format!("connections/{id}/code"), code).await.expect(202);
        stage.app.clock.advance(std::time::Duration::from_secs(61));
        stage.work().await;
        let step = stage.step(&id, "exchange_code").await;
        assert_eq!(step["problem"]["trouble"], "code_lost", "{step}");
        assert_eq!(step["problem"]["turn"], "client");
    })
    .await;
}

/// The process ends between a step's call and its record: what is on record is that the step was begun.
#[tokio::test]
async fn a_step_interrupted_after_its_call_ends_as_if_it_had_not_been() {
    both(async |stage| {
        let id = stage.connect(json!({"mode": "solution_partner", "currency": "EUR"})).await;
        let connection: ConnectionId = id.parse().unwrap();
        let before = stage.connection(&id).await.str("/state").to_owned();
        let account = stage.account().await["id"].clone();
        for step in Step::ALL {
            if matches!(step, Step::ExchangeCode | Step::OverrideWebhook | Step::SyncBusinessApp) {
                continue;
            }
            let now = stage.app.now();
            let mut tx = stage.app.ctx.store.begin().await.unwrap();
            let mut scope = tx.org(stage.org.id).await.unwrap();
            scope.forget_steps(connection, &[*step]).await.unwrap();
            scope.begin_step(connection, *step, now).await.unwrap();
            scope.set_standing(connection, rules::connection::Standing::Working, false, now).await.unwrap();
            if *step == Step::ShareCredit {
                // Not even the share's id was stored.
                let account = scope.accounts().await.unwrap().remove(0).id;
                scope.forget_allocation(account).await.unwrap();
            }
            tx.commit().await.unwrap();
            // Nobody has a job for it: the sweeper finds it.
            stage.app.clock.advance(std::time::Duration::from_secs(90));
            server::onboarding::jobs::start(&stage.app.ctx).await.unwrap();
            stage.work().await;
            stage.app.clock.advance(std::time::Duration::from_secs(90));
            stage.work().await;
            let found = stage.connection(&id).await;
            assert_eq!(found.str("/state"), before, "{step}: {}", found.text);
        }
        assert_eq!(stage.account().await["id"], account);
        assert_eq!(stage.calls("POST", "/register").await, 1);
        assert_eq!(stage.calls("POST", "/whatsapp_credit_sharing_and_attach").await, 1);
        assert_eq!(stage.account().await["waba_id"], WABA);
    })
    .await;
}
