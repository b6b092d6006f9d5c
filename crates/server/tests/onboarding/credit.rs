//! The operator's credit is spent where the operator says so, whichever way a member of an organisation takes; and once.

use rules::connection::Step;
use rules::id::ConnectionId;
use serde_json::{Value, json};
use testkit::app::{Actor, Answer};

use crate::several::OWN;
use crate::stage::{SYSTEM_TOKEN, Stage, WABA, both};

fn paid_for() -> Value {
    json!({"mode": "solution_partner", "currency": "EUR"})
}

/// How often credit was shared.
async fn shares(stage: &Stage) -> usize {
    stage.calls("POST", "/whatsapp_credit_sharing_and_attach").await
}

/// The operator says whether it pays.
async fn pays(stage: &Stage, says: bool) {
    let path = format!("operator/orgs/{}", stage.org.id);
    stage.app.operator.patch(&path, json!({"operator_pays": says})).await.expect(200);
}

/// The operator takes a connection's share of credit back in its billing settings.
async fn takes_back(stage: &Stage, connection: &str) {
    let share = stage.step(connection, "share_credit").await["result"]["allocation_id"].clone();
    let url = format!("{}/v25.0/{}", stage.emulator.url(), share.as_str().expect("a share"));
    let revoked =
        reqwest::Client::new().delete(url).bearer_auth(SYSTEM_TOKEN).send().await.expect("an answer");
    assert!(revoked.status().is_success());
}

async fn retries(stage: &Stage, connection: &str, step: &str) -> Value {
    let path = format!("connections/{connection}/steps/{step}/retry");
    stage.org.owner.post(&path, Value::Null).await.expect(202);
    stage.work().await;
    stage.step(connection, step).await
}

/// The page hands in everything that the dialog told it.
async fn hands_in(stage: &Stage, dialog: &Answer, run: &Value) -> String {
    let id = dialog.str("/connection_id").to_owned();
    for event in Stage::events(dialog, run) {
        stage.org.owner.post(&format!("connections/{id}/event"), event).await.expect(204);
    }
    let path = format!("connections/{id}/code");
    stage.org.owner.post(&path, Stage::code(dialog, run)).await.expect(202);
    stage.work().await;
    id
}

async fn asks_the_operator(stage: &Stage, connection: &str) {
    let step = stage.step(connection, "share_credit").await;
    assert_eq!(step["problem"]["trouble"], "operator_does_not_pay", "{step}");
    assert_eq!((&step["problem"]["turn"], &step["status"]), (&json!("operator"), &json!("needs_person")));
}

#[tokio::test]
async fn an_app_of_ones_own_opens_no_way_to_the_operators_credit() {
    both(async |stage| {
        stage.control("seed", OWN.seed()).await;
        let tenant = stage.app.org("Klinik").await;
        let apps = stage.app.operator.get("operator/meta-apps").await;
        let operators = apps.items()[0]["id"].clone();
        let own = tenant.owner.post("meta-apps", OWN.registration()).await.expect(201);
        OWN.points_here(stage, &own).await;
        OWN.connects(stage, &tenant, own.str("/app/id")).await;
        let account = tenant.owner.get("accounts").await.items()[0]["id"].clone();
        let again = json!({"mode": "solution_partner", "currency": "EUR", "reconnects": account, "app_id": operators});
        assert_eq!(tenant.owner.post("connections", again).await.problem(403), "operator_does_not_pay");
    })
    .await;
}

#[tokio::test]
async fn credit_that_the_operator_took_back_is_shared_again_only_by_its_word() {
    both(async |stage| {
        let id = stage.connect(paid_for()).await;
        pays(stage, false).await;
        takes_back(stage, &id).await;
        retries(stage, &id, "share_credit").await;
        asks_the_operator(stage, &id).await;
        assert_eq!(shares(stage).await, 1);
        pays(stage, true).await;
        assert_eq!(retries(stage, &id, "share_credit").await["status"], "done");
        assert_eq!(shares(stage).await, 2);
        let log = stage.org.owner.get("audit").await;
        let retried = log.items().iter().filter(|entry| entry["action"] == "connection.retry").count();
        assert_eq!(retried, 2, "{}", log.text);
    })
    .await;
}

#[tokio::test]
async fn disconnecting_and_connecting_again_asks_the_operator_anew() {
    both(async |stage| {
        let id = stage.connect(paid_for()).await;
        pays(stage, false).await;
        let account = stage.account().await["id"].clone();
        let path = format!("accounts/{}/disconnect", account.as_str().unwrap());
        stage.org.owner.post(&path, json!({})).await.expect(200);
        let mut again = paid_for();
        again["reconnects"] = account;
        assert_eq!(stage.org.owner.post("connections", again).await.problem(403), "operator_does_not_pay");
        // The former connection may be gone through once more; its credit is not shared once more.
        let dialog = stage.org.owner.post(&format!("connections/{id}/dialog"), json!({})).await.expect(200);
        let run = stage.dialog(&dialog, json!({})).await;
        hands_in(stage, &dialog, &run).await;
        retries(stage, &id, "share_credit").await;
        asks_the_operator(stage, &id).await;
        assert_eq!(shares(stage).await, 1);
    })
    .await;
}

#[tokio::test]
async fn another_account_than_the_one_that_is_paid_for_is_not_paid_for() {
    both(async |stage| {
        stage.connect(paid_for()).await;
        pays(stage, false).await;
        let mut again = paid_for();
        again["reconnects"] = stage.account().await["id"].clone();
        let dialog = stage.start_connection(&stage.org.owner, again).await;
        let other =
            json!({"business_name": "Other", "country": "DE", "account_name": "Other", "currency": "EUR"});
        let run = stage.dialog(&dialog, json!({"choices": other, "replay": {}})).await;
        let id = hands_in(stage, &dialog, &run).await;
        let proof = stage.step(&id, "prove_access").await;
        assert_eq!(proof["problem"]["trouble"], "different_account", "{proof}");
        assert_eq!(retries(stage, &id, "prove_access").await["status"], "done");
        asks_the_operator(stage, &id).await;
        assert_eq!(shares(stage).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_begun_while_the_operator_paid_is_not_paid_for_after() {
    both(async |stage| {
        let dialog = stage.start_connection(&stage.org.owner, paid_for()).await;
        let link =
            stage.org.owner.post("connect-invites", json!({"mode": "solution_partner"})).await.expect(201);
        pays(stage, false).await;
        let run = stage.dialog(&dialog, json!({})).await;
        let id = hands_in(stage, &dialog, &run).await;
        asks_the_operator(stage, &id).await;
        assert_eq!(shares(stage).await, 0);

        // A link allows what its maker may: a member's what the organisation may now, the operator's always.
        let goes = async |token: &str| {
            let page = stage.app.anonymous.clone();
            let path = format!("/api/v1/invites/{token}");
            let dialog = page.post(&format!("{path}/dialog"), json!({})).await.expect(200);
            let run = stage.dialog(&dialog, json!({})).await;
            page.post(&format!("{path}/code"), Stage::code(&dialog, &run)).await.expect(202);
            stage.work().await;
            dialog.str("/connection_id").to_owned()
        };
        let by_member = goes(link.str("/token")).await;
        asks_the_operator(stage, &by_member).await;
        assert_eq!(shares(stage).await, 0);
        let path = format!("operator/orgs/{}/connect-invites", stage.org.id);
        let link = stage.app.operator.post(&path, json!({"mode": "solution_partner"})).await.expect(201);
        let by_operator = goes(link.str("/token")).await;
        let step = stage.step(&by_operator, "share_credit").await;
        assert_eq!((&step["status"], shares(stage).await), (&json!("done"), 1), "{step}");
    })
    .await;
}

/// The process ended between the call and its record, and Meta does not show the payment method yet.
#[tokio::test]
async fn a_share_that_nobody_recorded_is_found_before_another_is_made() {
    both(async |stage| {
        let id = stage.connect(paid_for()).await;
        let connection: ConnectionId = id.parse().unwrap();
        let world = stage.controlled(reqwest::Method::GET, "world", Value::Null).await;
        let accounts = world["accounts"].as_array().expect("accounts");
        let mut row = accounts.iter().find(|row| row["id"] == WABA).expect("the account").clone();
        row["funding_id"] = Value::Null;
        stage.control("seed", json!({"accounts": [row]})).await;
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let account = scope.accounts().await.unwrap().remove(0).id;
        scope.forget_allocation(account).await.unwrap();
        scope.begin_step(connection, Step::ShareCredit, stage.app.now()).await.unwrap();
        tx.commit().await.unwrap();

        let step = retries(stage, &id, "share_credit").await;
        assert_eq!(step["problem"]["trouble"], "credit_unproved", "{step}");
        assert_eq!(shares(stage).await, 1);
        // A person has seen it and says that it shall be shared once more: that counts once.
        assert_eq!(retries(stage, &id, "share_credit").await["status"], "done");
        assert_eq!(shares(stage).await, 2);
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let found = tx.org(stage.org.id).await.unwrap().connection(connection).await.unwrap().unwrap();
        assert!(found.settings.0.confirmed.is_empty(), "{:?}", found.settings);
    })
    .await;
}

#[tokio::test]
async fn a_look_that_cannot_read_who_pays_accuses_nobody() {
    both(async |stage| {
        let id = stage.connect(paid_for()).await;
        let share = stage.step(&id, "share_credit").await["result"]["allocation_id"].clone();
        let fault = json!({"method": "GET", "edge": share, "effect": "drop_response", "times": 9});
        stage.control("faults", fault).await;
        let path = format!("accounts/{}/check", stage.account().await["id"].as_str().unwrap());
        let looked = stage.org.owner.post(&path, Value::Null).await.expect(200);
        assert_eq!(looked.json["troubles"], json!([]), "{}", looked.text);
    })
    .await;
}

/// A request's name is the organisation's, what its answer tells is its first caller's.
#[tokio::test]
async fn a_secret_told_once_is_not_told_to_a_colleague_who_uses_the_same_key() {
    both(async |stage| {
        let path = format!("/api/v1/orgs/{}/connect-invites", stage.org.id);
        let mode = json!({"mode": "tech_provider"});
        let made = stage.org.owner.post_once(&path, "same", &mode).await.expect(201);
        let others: [&Actor; 2] =
            [&stage.org.key, &stage.app.member(stage.org.id, rules::role::Role::Admin).await];
        for other in others {
            let refused = other.post_once(&path, "same", &mode).await;
            assert_eq!(refused.problem(422), "idempotency_key_reused");
            assert!(!refused.text.contains(made.str("/token")));
        }
        let again = stage.org.owner.post_once(&path, "same", &mode).await.expect(201);
        assert_eq!(again.text, made.text);
    })
    .await;
}
