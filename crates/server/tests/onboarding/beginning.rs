//! Beginning to connect: in which mode an organisation may, once however often it is asked for, and what is kept of it.

use axum::http::{HeaderMap, HeaderValue, Method};
use rules::id::OrgId;
use rules::role::Role;
use serde_json::{Value, json};
use server::http::idempotency::{Asker, request_key};
use store::idempotency::Begun;
use store::sealed::OPERATOR;
use testkit::app::{Actor, Answer};

use crate::stage::{BUSINESS_TOKEN, NUMBER, Stage, WABA, both};

const KEY: &str = "once-and-no-more";

/// Sends a request twice under one key. The second makes nothing and gets the first answer, the secret that is told once
/// included; the database holds that sealed.
async fn twice(stage: &Stage, actor: &Actor, org: OrgId, path: &str, body: Value, secret: &str) -> Answer {
    let first = actor.post_once(path, KEY, &body).await.expect(201);
    let second = actor.post_once(path, KEY, &body).await.expect(201);
    assert_eq!(first.text, second.text, "{path}");
    assert_eq!(second.headers["idempotent-replay"], "true", "{path}");
    let told = first.str(secret);

    let headers = HeaderMap::from_iter([("idempotency-key".parse().unwrap(), HeaderValue::from_static(KEY))]);
    let bytes = serde_json::to_vec(&body).unwrap();
    let request = request_key(&headers, &Method::POST, path, &bytes).unwrap().unwrap();
    let log = actor.get(if path.starts_with("/api/v1/operator") { "operator/audit" } else { "audit" }).await;
    let made = ["connection.start", "connection.manual", "connect_invite.create", "meta_app.create"];
    let entry = log.items().iter().find(|entry| made.iter().any(|action| entry["action"] == *action));
    let name = entry.and_then(|entry| entry["actor"].as_str()).expect("who asked").to_owned();
    let request = Asker { org, name }.own(&request);
    let mut tx = stage.app.ctx.store.begin().await.unwrap();
    let begun = tx.org(org).await.unwrap().begin_request(&request, stage.app.now()).await.unwrap();
    let Begun::Answered(stored) = begun else { panic!("{path}: {begun:?}") };
    assert!(!stored.response.contains(told) && hex::decode(&stored.response).is_ok(), "{path}: {stored:?}");
    tx.rollback().await.unwrap();
    first
}

#[tokio::test]
async fn what_is_begun_under_a_key_is_begun_once() {
    both(async |stage| {
        let (org, owner) = (stage.org.id, &stage.org.owner);
        let path = format!("/api/v1/orgs/{org}/connections");
        let mode = json!({"mode": "tech_provider"});
        let begun = twice(stage, owner, org, &path, mode.clone(), "/state").await;
        assert_eq!(owner.get("connections").await.items().len(), 1);
        // The state that was told again is the one that works.
        let run = stage.dialog(&begun, json!({})).await;
        let code = format!("connections/{}/code", begun.str("/connection_id"));
        owner.post(&code, Stage::code(&begun, &run)).await.expect(202);
        stage.work().await;

        let reused = owner.post_once(&path, KEY, json!({"mode": "direct"})).await;
        assert_eq!(reused.problem(422), "idempotency_key_reused");
        let other = stage.app.org("Toko").await;
        let (theirs, owner) = (other.id, &other.owner);
        let path = format!("/api/v1/orgs/{theirs}/connect-invites");
        twice(stage, owner, theirs, &path, mode.clone(), "/token").await;
        assert_eq!(owner.get("connect-invites").await.items().len(), 1);

        let third = stage.app.org("Warung").await;
        let path = format!("/api/v1/operator/orgs/{}/connect-invites", third.id);
        twice(stage, &stage.app.operator, third.id, &path, mode, "/token").await;
        assert_eq!(third.owner.get("connect-invites").await.items().len(), 1);

        let fourth = stage.app.org("Kedai").await;
        let path = format!("/api/v1/orgs/{}/meta-apps", fourth.id);
        let app =
            json!({"meta_app_id": "222333444555666", "name": "Own", "secret": "fedcba9876543210fedcba9876543210"});
        twice(stage, &fourth.owner, fourth.id, &path, app.clone(), "/verify_token").await;
        let app = json!({"meta_app_id": "333444555666777", "name": "Second", "secret": "00112233445566778899aabbccddeeff"});
        let operator = &stage.app.operator;
        twice(stage, operator, OPERATOR, "/api/v1/operator/meta-apps", app, "/verify_token").await;
        assert_eq!(operator.get("operator/meta-apps").await.items().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn pasted_values_begin_one_connection_under_a_key() {
    both(async |stage| {
        stage.dialog(&stage.start_connection(&stage.org.owner, json!({})).await, json!({})).await;
        let path = format!("/api/v1/orgs/{}/connections/manual", stage.org.id);
        let pasted = json!({"waba_id": WABA, "phone_number_id": NUMBER, "token": BUSINESS_TOKEN});
        let begun =
            twice(stage, &stage.org.owner, stage.org.id, &path, pasted.clone(), "/connection_id").await;
        // The token is dead by now: the repetition asks Meta nothing.
        let gone =
            json!({"action": "remove_app", "waba_id": WABA, "app_id": crate::stage::APP, "silent": true});
        stage.control("client-actions", gone).await;
        let again = stage.org.owner.post_once(&path, KEY, &pasted).await.expect(201);
        assert_eq!(again.text, begun.text);
        stage.org.owner.post(&path, &pasted).await.expect(422);
    })
    .await;
}

/// Sharing the credit line costs the operator money: it is not for a tenant to decide.
#[tokio::test]
async fn the_operator_pays_only_for_whom_it_says_so() {
    both(async |stage| {
        let org = stage.app.org("Toko Murah").await;
        let mode = json!({"mode": "solution_partner", "currency": "EUR"});
        let invite = json!({"mode": "solution_partner"});
        let refused = async |actor: &Actor| {
            for (path, body) in [("connections", &mode), ("connect-invites", &invite)] {
                assert_eq!(actor.post(path, body).await.problem(403), "operator_does_not_pay", "{path}");
            }
        };
        refused(&org.owner).await;
        refused(&org.key).await;
        refused(&stage.app.member(org.id, Role::Admin).await).await;
        stage.dialog(&stage.start_connection(&org.owner, json!({})).await, json!({})).await;
        let pasted = json!({"waba_id": WABA, "phone_number_id": NUMBER, "token": BUSINESS_TOKEN,
            "mode": "solution_partner"});
        let by_hand = org.owner.post("connections/manual", pasted).await;
        assert_eq!(by_hand.problem(403), "operator_does_not_pay");
        // Nobody of the organisation says so for themselves.
        let itself = org.owner.patch("", json!({"operator_pays": true})).await;
        assert_eq!(itself.status, 422, "{}", itself.text);
        let path = format!("/api/v1/operator/orgs/{}", org.id);
        let stranger = org.owner.patch(&path, json!({"operator_pays": true})).await;
        assert_eq!(stranger.problem(403), "operator_only");

        // By the operator's link one account, and no more than that.
        let link = format!("{path}/connect-invites");
        let link = stage.app.operator.post(&link, &invite).await.expect(201);
        let link = format!("/api/v1/invites/{}/dialog", link.str("/token"));
        stage.app.anonymous.post(&link, json!({})).await.expect(200);
        refused(&org.owner).await;

        stage.pays(org.id).await;
        assert_eq!(org.owner.get("").await.json["operator_pays"], true);
        let begun = stage.start_connection(&org.owner, mode.clone()).await;
        let id = begun.str("/connection_id").to_owned();
        let run = stage.dialog(&begun, json!({})).await;
        org.owner.post(&format!("connections/{id}/code"), Stage::code(&begun, &run)).await.expect(202);
        stage.work().await;
        let account = org.owner.get("accounts").await.items()[0].clone();
        assert_eq!(account["funded"], true, "{account}");

        // Taken back, it stops what is new; an account that is paid for can still be connected again.
        stage.app.operator.patch(&path, json!({"operator_pays": false})).await.expect(200);
        refused(&org.owner).await;
        let again = json!({"mode": "solution_partner", "currency": "EUR", "reconnects": account["id"]});
        org.owner.post("connections", again).await.expect(201);
        let log = org.owner.get("audit").await;
        let decided =
            log.items().iter().filter(|entry| entry["action"] == "organisation.operator_pays").count();
        assert_eq!(decided, 2, "{}", log.text);

        // With an app of its own an organisation spends its own credit.
        let own = json!({"meta_app_id": "222333444555666", "name": "Own", "secret": "fedcba9876543210fedcba9876543210"});
        let own = org.owner.post("meta-apps", own).await.expect(201);
        let mode = json!({"mode": "solution_partner", "currency": "EUR", "app_id": own.json["app"]["id"]});
        org.owner.post("connections", mode).await.expect(201);
    })
    .await;
}

/// A link that leads nowhere at one moment is not used up by it.
#[tokio::test]
async fn a_link_is_claimed_together_with_its_connection_or_not_at_all() {
    both(async |stage| {
        let second = json!({"meta_app_id": "333444555666777", "name": "Second", "secret": "00112233445566778899aabbccddeeff"});
        let second = stage.app.operator.post("operator/meta-apps", second).await.expect(201);
        let app = second.str("/app/id");
        let link = json!({"mode": "tech_provider", "app_id": app});
        let link = stage.org.owner.post("connect-invites", link).await.expect(201);
        stage.app.operator.delete(&format!("operator/meta-apps/{app}")).await.expect(204);
        let path = format!("/api/v1/invites/{}/dialog", link.str("/token"));
        assert_eq!(stage.app.anonymous.post(&path, json!({})).await.status, 404);
        let links = stage.org.owner.get("connect-invites").await;
        assert_eq!(links.items()[0]["used_at"], Value::Null, "{}", links.text);

        // Two windows of one person at once have one connection.
        let apps = stage.app.operator.get("operator/meta-apps").await;
        let link = json!({"mode": "tech_provider", "app_id": apps.items()[0]["id"]});
        let link = stage.org.owner.post("connect-invites", link).await.expect(201);
        let path = format!("/api/v1/invites/{}/dialog", link.str("/token"));
        let (one, other) = tokio::join!(
            stage.app.anonymous.post(&path, json!({})),
            stage.app.anonymous.post(&path, json!({})),
        );
        let (one, other) = (one.expect(200), other.expect(200));
        assert_eq!(one.str("/connection_id"), other.str("/connection_id"));
    })
    .await;
}

#[tokio::test]
async fn what_an_operator_does_to_meta_apps_is_written_down_without_secrets() {
    both(async |stage| {
        let operator = &stage.app.operator;
        let apps = "/api/v1/operator/meta-apps";
        let app = json!({"meta_app_id": "333444555666777", "name": "Second", "secret": "00112233445566778899aabbccddeeff"});
        let tick = || stage.app.clock.advance(std::time::Duration::from_secs(1));
        let made = operator.post(apps, app).await.expect(201);
        let one = format!("{apps}/{}", made.str("/app/id"));
        let change = json!({"name": "Renamed", "config_id": "123000000000010", "system_token": "EAANEWSYSTEMTOKEN"});
        tick();
        operator.put(&one, change).await.expect(200);
        tick();
        let secret = json!({"secret": "ffeeddccbbaa99887766554433221100"});
        operator.post(&format!("{one}/secret"), secret).await.expect(200);
        tick();
        operator.delete(&one).await.expect(204);
        let log = operator.get("operator/audit").await.expect(200);
        let of_app = |entry: &&Value| entry["target"] == made.json["app"]["id"];
        let actions: Vec<_> = log.items().iter().filter(of_app).map(|entry| entry["action"].clone()).collect();
        assert_eq!(
            actions,
            ["meta_app.retire", "meta_app.rotate", "meta_app.update", "meta_app.create"],
            "{}",
            log.text
        );
        for entry in log.items().iter().filter(of_app) {
            assert!(entry["actor"].as_str().is_some_and(|actor| actor.starts_with("operator-key:")), "{entry}");
            assert_eq!(entry["details"]["meta_app_id"], "333444555666777");
        }
        let verify_token = made.str("/verify_token");
        for secret in
            ["00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100", "EAANEWSYSTEMTOKEN", verify_token]
        {
            assert!(!log.text.contains(secret), "a secret is in the audit log");
        }
    })
    .await;
}
