//! Every failure that Meta gives ends in its sentence and action, and the retry works; ending the process anywhere loses
//! and repeats nothing.

use rules::connection::Step;
use rules::id::ConnectionId;
use serde_json::{Value, json};

use crate::stage::{NUMBER, Stage, WABA, both};

/// Goes through the dialog with a failure laid; the step that stopped.
async fn stopped(stage: &Stage, step: &str, more: Value) -> (String, Value) {
    let id = stage.connect(more).await;
    let found = stage.step(&id, step).await;
    (id, found)
}

#[tokio::test]
async fn every_failure_of_a_step_has_its_meaning_and_its_turn() {
    both(async |stage| {
        for (call, failure, step, trouble, turn) in [
            ("exchange", "code_expired", "exchange_code", "code_expired", "client"),
            ("exchange", "code_used", "exchange_code", "code_used", "client"),
            ("exchange", "redirect_mismatch", "exchange_code", "redirect_mismatch", "operator"),
            ("exchange", "wrong_secret", "exchange_code", "app_secret_wrong", "operator"),
            ("inspect", "app_mismatch", "prove_access", "token_of_another_app", "client"),
            ("numbers", "bad_token", "prove_access", "token_malformed", "client"),
            ("numbers", "token_expired", "prove_access", "token_dead", "client"),
            ("numbers", "app_removed", "prove_access", "token_dead", "client"),
            ("numbers", "unknown_object", "prove_access", "account_not_shared", "client"),
            ("numbers", "portfolio_id", "prove_access", "wrong_kind_of_id", "client"),
            ("numbers", "permission", "prove_access", "permission_missing", "client"),
            ("subscribe", "no_permission_for_action", "subscribe_app", "permission_missing", "client"),
            ("subscribe", "service_down", "subscribe_app", "meta_busy", "meta"),
            ("register", "not_verified", "register_number", "verify_first", "client"),
            ("register", "register_limit", "register_number", "register_limit", "meta"),
            ("register", "pin_guesses", "register_number", "pin_guesses", "meta"),
            ("register", "locked", "register_number", "account_blocked", "client"),
            ("templates", "account_rate", "sync", "throttled", "meta"),
        ] {
            stage.control("reset", Value::Null).await;
            stage.control("seed", json!({"clock": stage.app.now().0 / 1_000})).await;
            stage.fails(call, failure, 9).await;
            let (id, found) = stopped(stage, step, json!({})).await;
            assert_eq!(found["problem"]["trouble"], trouble, "{call} {failure}: {found}");
            assert_eq!(found["problem"]["turn"], turn, "{call} {failure}");
            let sentence = found["problem"]["sentence"]["id"].as_str().unwrap_or("");
            assert!(sentence.ends_with('.') && found["problem"]["meta_code"].is_i64(), "{found}");
            let waits = found["retry_at"].is_i64();
            assert_eq!(waits, turn == "meta", "{call} {failure}: {found}");
            assert!(stage.calls("POST", "/register").await <= 1, "{id}");
        }
    })
    .await;
}

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
