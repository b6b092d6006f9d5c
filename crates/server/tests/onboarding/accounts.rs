//! After connecting: whether it still holds, what Meta says by webhook, and the end.

use serde_json::{Value, json};

use crate::stage::{APP, BUSINESS_TOKEN, CLIENT, NUMBER, Stage, WABA, both};

async fn account_id(stage: &Stage) -> String {
    stage.account().await["id"].as_str().expect("an id").to_owned()
}

/// So many that another look is made although one was made just now.
async fn some_minutes_pass(stage: &Stage) {
    stage.app.clock.advance(std::time::Duration::from_secs(301));
    stage.work().await;
}

#[tokio::test]
async fn a_dead_token_holds_the_account_and_connecting_again_revives_it() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let id = account_id(stage).await;
        let gone = json!({"action": "remove_app", "waba_id": WABA, "app_id": APP, "silent": true});
        stage.control("client-actions", gone).await;
        server::onboarding::account_suspect(&stage.app.ctx, stage.org.id, id.parse().unwrap(), 190)
            .await
            .unwrap();
        let suspect = stage.account().await;
        assert_eq!((suspect["line"].as_str(), suspect["token"].as_str()), (Some("held"), Some("suspect")));
        assert_eq!(suspect["numbers"][0]["line"], "held");
        some_minutes_pass(stage).await;
        let dead = stage.account().await;
        assert_eq!(
            (dead["line"].as_str(), dead["token"].as_str()),
            (Some("held"), Some("revoked")),
            "{dead}"
        );
        let again = stage.connect(json!({"reconnects": id})).await;
        let found = stage.connection(&again).await;
        assert_eq!(found.str("/state"), "payment_pending", "{}", found.text);
        let revived = stage.account().await;
        assert_eq!((revived["id"].as_str(), revived["line"].as_str()), (Some(id.as_str()), Some("ready")));
        assert_eq!(revived["numbers"][0]["line"], "ready");
        assert_eq!(stage.calls("POST", "/register").await, 1);
    })
    .await;
}

/// A token that reads everything and may not send.
fn weak(token: &str) -> Value {
    json!({"value": token, "app_id": APP, "kind": "business", "user_id": "122000000000001", "portfolio_id": CLIENT,
        "scopes": ["whatsapp_business_management"], "reach": {"listed": [WABA]}})
}

#[tokio::test]
async fn a_token_that_may_not_send_replaces_none_and_is_never_called_healthy() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let check = format!("accounts/{}/check", account_id(stage).await);
        stage.control("tokens", weak("EAAWEAKFAKE")).await;
        let pasted = json!({"waba_id": WABA, "phone_number_id": NUMBER, "token": "EAAWEAKFAKE"});
        let report = stage.org.owner.post("connections/manual/check", &pasted).await.expect(200);
        let token =
            &report.json["fields"].as_array().unwrap().iter().find(|one| one["field"] == "token").unwrap();
        assert_eq!(token["problem"]["trouble"], "may_not_send", "{}", report.text);
        stage.org.owner.post("connections/manual", pasted).await.expect(422);
        let looked = stage.org.owner.post(&check, Value::Null).await.expect(200);
        assert!(!looked.text.contains("may_not_send"), "the one in use still works: {}", looked.text);
        assert_eq!((looked.str("/account/line"), looked.str("/account/token")), ("ready", "valid"));

        // Through the dialog such a token comes no further either.
        let dialog =
            stage.start_connection(&stage.org.owner, json!({"reconnects": account_id(stage).await})).await;
        let run = stage.dialog(&dialog, json!({"replay": {"token": "EAAWEAKTOO"}})).await;
        stage.control("tokens", weak("EAAWEAKTOO")).await;
        let id = dialog.str("/connection_id").to_owned();
        stage.org.owner.post(&format!("connections/{id}/code"), Stage::code(&dialog, &run)).await.expect(202);
        stage.work().await;
        assert_eq!(stage.step(&id, "prove_access").await["problem"]["trouble"], "may_not_send");
        assert_eq!(stage.account().await["line"], "ready");

        // The one in use loses the right: health tells, and nothing is burnt.
        stage.control("tokens", weak(BUSINESS_TOKEN)).await;
        let looked = stage.org.owner.post(&check, Value::Null).await.expect(200);
        assert!(looked.text.contains("may_not_send"), "{}", looked.text);
        assert_eq!(looked.str("/account/line"), "held");
    })
    .await;
}

#[tokio::test]
async fn what_was_held_goes_out_the_moment_the_hold_ends() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let id = account_id(stage).await;
        let hello = json!({"from": "491700000001", "to": NUMBER, "type": "text", "text": {"body": "👍"}});
        stage.control("inbound", hello).await;
        stage.work().await;
        let send = async || {
            let body = json!({"to": {"phone": "+491700000001"}, "content": {"type": "text", "body": "Halo"}});
            stage.org.owner.post("messages", body).await.expect(202)
        };
        let state = async |id: &str| {
            stage.org.owner.get(&format!("messages/{id}")).await.expect(200).str("/state").to_owned()
        };
        let gone = json!({"action": "remove_app", "waba_id": WABA, "app_id": APP, "silent": true});
        stage.control("client-actions", gone).await;
        server::onboarding::account_suspect(&stage.app.ctx, stage.org.id, id.parse().unwrap(), 190)
            .await
            .unwrap();
        let held = send().await;
        assert_eq!(held.str("/waits_for"), "number_held");
        stage.work().await;
        assert_eq!(state(held.str("/message_id")).await, "queued");
        stage.connect(json!({"reconnects": id})).await;
        assert_ne!(state(held.str("/message_id")).await, "queued", "no time has passed");

        // So with an organisation that the operator lets work again.
        let org = format!("/api/v1/operator/orgs/{}", stage.org.id);
        let waiting = send().await;
        stage.app.operator.patch(&org, json!({"status": "suspended"})).await.expect(200);
        stage.work().await;
        assert_eq!(state(waiting.str("/message_id")).await, "queued");
        stage.app.operator.patch(&org, json!({"status": "active"})).await.expect(200);
        stage.work().await;
        assert_ne!(state(waiting.str("/message_id")).await, "queued");
    })
    .await;
}

#[tokio::test]
async fn a_suspicion_that_proves_wrong_lets_go() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let id = account_id(stage).await;
        server::onboarding::account_suspect(&stage.app.ctx, stage.org.id, id.parse().unwrap(), 190)
            .await
            .unwrap();
        assert_eq!(stage.account().await["line"], "held");
        some_minutes_pass(stage).await;
        let account = stage.account().await;
        assert_eq!(
            (account["line"].as_str(), account["token"].as_str()),
            (Some("ready"), Some("valid")),
            "{account}"
        );
        assert_eq!(account["numbers"][0]["line"], "ready");
    })
    .await;
}

/// A campaign to thousands fails for one reason: that is one look, and the next one some minutes later.
#[tokio::test]
async fn however_many_messages_fail_an_account_is_looked_at_once_in_a_while() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let id: rules::id::AccountId = account_id(stage).await.parse().unwrap();
        let ctx = &stage.app.ctx;
        some_minutes_pass(stage).await;
        let before = stage.calls("GET", "/debug_token").await;
        let fail = async || {
            for at in 0..10 {
                let mut tx = ctx.store.begin().await.unwrap();
                let mut scope = tx.org(stage.org.id).await.unwrap();
                server::onboarding::look_again(&mut scope, id, stage.app.now()).await.unwrap();
                tx.commit().await.unwrap();
                if at % 3 == 0 {
                    server::onboarding::account_suspect(ctx, stage.org.id, id, 131_042).await.unwrap();
                }
                stage.work().await;
            }
        };
        fail().await;
        assert_eq!(stage.calls("GET", "/debug_token").await, before + 1);
        some_minutes_pass(stage).await;
        assert_eq!(stage.calls("GET", "/debug_token").await, before + 2);
        fail().await;
        assert_eq!(stage.calls("GET", "/debug_token").await, before + 2);
        // Whoever asks gets an answer at once.
        stage.org.owner.post(&format!("accounts/{id}/check"), Value::Null).await.expect(200);
        assert_eq!(stage.calls("GET", "/debug_token").await, before + 3);
    })
    .await;
}

#[tokio::test]
async fn a_lost_subscription_is_noticed_and_mended() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let id = account_id(stage).await;
        let url = format!("{}/v25.0/{WABA}/subscribed_apps", stage.emulator.url());
        let http = reqwest::Client::new();
        let ended = http.delete(url).bearer_auth(crate::stage::BUSINESS_TOKEN).send().await.unwrap();
        assert!(ended.status().is_success());
        let looked = stage.org.owner.post(&format!("accounts/{id}/check"), Value::Null).await.expect(200);
        assert!(looked.text.contains("not_subscribed"), "{}", looked.text);
        stage.work().await;
        assert_eq!(stage.account().await["subscribed"], true);
    })
    .await;
}

#[tokio::test]
async fn what_meta_says_of_an_account_is_heard() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let ban = json!({"event": "DISABLED_UPDATE", "waba_id": WABA,
            "value": {"ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "November 20, 2026"}}});
        stage.control("account-events", ban).await;
        let mut held = false;
        for _ in 0..50 {
            stage.app.run_jobs().await;
            let account = stage.account().await;
            // The look that follows reads that Meta has not disabled it after all.
            held |= account["line"] == "held" || account["facts"]["ban"].is_array();
            if held {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(held, "{}", stage.account().await);
    })
    .await;
}

#[tokio::test]
async fn disconnecting_ends_everything_in_order_and_may_be_repeated() {
    both(async |stage| {
        stage.connect(json!({"mode": "solution_partner", "currency": "EUR"})).await;
        let id = account_id(stage).await;
        let ended = stage.org.owner.post(&format!("accounts/{id}/disconnect"), json!({})).await.expect(200);
        let parts: Vec<_> = ended.json["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| (part["what"].clone(), part["done"].clone()))
            .collect();
        let expected = ["revoke_credit", "unsubscribe_app", "unassign_system_user", "erase_token"];
        assert_eq!(parts, expected.map(|what| (json!(what), json!(true))), "{}", ended.text);
        let account = stage.account().await;
        assert_eq!((account["line"].as_str(), account["token"].as_str()), (Some("gone"), Some("erased")));
        let again = stage.org.owner.post(&format!("accounts/{id}/disconnect"), json!({})).await.expect(200);
        assert_eq!(again.json["parts"], json!([]));
        // Another organisation may have it now.
        let other = stage.app.org("Toko Baru").await;
        let dialog = stage.start_connection(&other.owner, json!({})).await;
        let run = stage.dialog(&dialog, json!({"replay": {}})).await;
        let path = format!("connections/{}", dialog.str("/connection_id"));
        other.owner.post(&format!("{path}/code"), Stage::code(&dialog, &run)).await.expect(202);
        stage.work().await;
        assert_eq!(other.owner.get("accounts").await.items().len(), 1);
    })
    .await;
}

/// Row 17: with a dead token our app stays on the account, and only the client can take it off.
#[tokio::test]
async fn disconnecting_with_a_dead_token_says_what_is_left_for_the_client() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let id = account_id(stage).await;
        let gone = json!({"action": "remove_app", "waba_id": WABA, "app_id": APP, "silent": true});
        stage.control("client-actions", gone).await;
        let ended = stage.org.owner.post(&format!("accounts/{id}/disconnect"), json!({})).await.expect(200);
        let part = &ended.json["parts"][0];
        assert_eq!(
            (&part["what"], &part["done"]),
            (&json!("unsubscribe_app"), &json!(false)),
            "{}",
            ended.text
        );
        assert_eq!(part["problem"]["trouble"], "app_not_removed");
        assert_eq!(part["problem"]["turn"], "client");
        assert_eq!(
            part["problem"]["action"]["en"],
            "Remove the app in Business Settings, Integrations, Connected apps."
        );
        let account = stage.account().await;
        assert_eq!((account["line"].as_str(), account["token"].as_str()), (Some("gone"), Some("erased")));
    })
    .await;
}

/// A number that is not on the Cloud API any more (133010) need not be taken off it.
#[tokio::test]
async fn disconnecting_a_number_that_is_off_already_is_no_failure() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let id = account_id(stage).await;
        stage.fails("deregister", "not_registered", 1).await;
        let release = json!({"release_numbers": true});
        let ended = stage.org.owner.post(&format!("accounts/{id}/disconnect"), release).await.expect(200);
        let part = &ended.json["parts"][0];
        assert_eq!(
            (&part["what"], &part["done"]),
            (&json!("deregister_number"), &json!(true)),
            "{}",
            ended.text
        );
    })
    .await;
}

/// Row 15: what another secret signed is not heard, and what the right one signs makes the connection live.
#[tokio::test]
async fn messages_signed_with_a_foreign_secret_leave_the_connection_silent() {
    both(async |stage| {
        let id = stage.connect(json!({"mode": "solution_partner", "currency": "EUR"})).await;
        let writes = async |forged: bool| {
            let settings = json!({"webhooks": {"forge_signature": forged}});
            stage.controlled(reqwest::Method::PATCH, "settings", settings).await;
            let hello =
                json!({"from": "491700000001", "to": NUMBER, "type": "text", "text": {"body": "Halo"}});
            stage.control("inbound", hello).await;
            for _ in 0..5 {
                stage.app.clock.advance(std::time::Duration::from_secs(10));
                stage.work().await;
            }
            stage.connection(&id).await.str("/state").to_owned()
        };
        assert_eq!(writes(true).await, "silent");
        assert_eq!(stage.step(&id, "first_message").await["problem"]["trouble"], "nothing_heard");
        assert!(stage.org.owner.get("conversations").await.items().is_empty());
        assert_eq!(writes(false).await, "live");
    })
    .await;
}
