//! Alerts in members' browsers, with a push service on this machine.

use std::time::Duration;

use rules::id::{MemberId, OrgId};
use rules::role::Role;
use serde_json::{Value, json};
use testkit::Database;
use testkit::app::{Actor, Browser, PushService, TestApp};

use super::chat::{Chat, number};

/// Runs a test once on each kind of database, with a push service that the server reaches.
async fn both(test: impl AsyncFn(&TestApp, &PushService)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let service = PushService::start().await;
        let app = TestApp::start_with(database.expect("a database"), |parts| {
            parts.outbound = service.outbound();
        })
        .await;
        test(&app, &service).await;
        app.finish().await;
    }
}

/// A new browser of somebody, and the id of its subscription.
async fn subscribe(service: &PushService, actor: &Actor) -> (Browser, String) {
    let browser = service.browser();
    let kept = actor.post("push-subscriptions", browser.subscription()).await.expect(201);
    (browser, kept.str("/id").to_owned())
}

async fn member_id(actor: &Actor) -> MemberId {
    actor.get("/api/v1/me").await.str("/organisations/0/member_id").parse().unwrap()
}

/// The AI gives up.
async fn hand_off(app: &TestApp, org: OrgId, chat: &Chat<'_>) {
    let mut tx = app.ctx.store.begin().await.unwrap();
    let mut scope = tx.org(org).await.unwrap();
    assert!(
        server::bot::hand_off(&app.ctx, &mut scope, chat.id(), "asked_for_a_person", app.now())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    app.run_jobs().await;
}

async fn hand_back(app: &TestApp, owner: &Actor, chat: &Chat<'_>) {
    owner.post(&format!("conversations/{}/hand-back", chat.id()), json!({})).await.expect(200);
    app.run_jobs().await;
}

#[tokio::test]
async fn a_hand_off_is_told_to_who_is_in_charge_else_to_everybody_who_works_the_inbox() {
    both(async |app, service| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let agent = app.member(org.id, Role::Agent).await;
        let (owners, _) = subscribe(service, &org.owner).await;
        let (agents, _) = subscribe(service, &agent).await;
        let (strangers, _) = subscribe(service, &other.owner).await;
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        chat.hears("nomor kartu saya rahasia").await;
        hand_off(app, org.id, &chat).await;

        let slug = org.owner.get("").await.str("/slug").to_owned();
        for browser in [&owners, &agents] {
            let [told] = &browser.take()[..] else { panic!("one message each") };
            assert_eq!(
                told.json,
                json!({ "kind": "handed_off", "organisation": slug, "conversation_id": chat.id(),
                    "contact": "+6281234567890", "locale": "en" })
            );
            assert_eq!(told.signed_by, org.owner.get("push-key").await.str("/public_key"));
            let left = told.claims["exp"].as_i64().unwrap() - app.now().seconds();
            assert!((1..=86_400).contains(&left), "{left}");
            assert!(told.claims["sub"].as_str().unwrap().starts_with("mailto:"));
            assert_eq!(told.headers["urgency"], "high");
            assert_eq!(told.headers["topic"].len(), 22, "a newer one takes the place of one that waits");
        }
        assert!(strangers.take().is_empty());

        hand_back(app, &org.owner, &chat).await;
        let to = json!({ "member_id": member_id(&agent).await });
        agent.post(&format!("conversations/{}/assign", chat.id()), &to).await.expect(200);
        hand_off(app, org.id, &chat).await;
        assert_eq!((owners.take().len(), agents.take().len()), (0, 1));

        // Somebody who may only read by now is in charge of nothing.
        hand_back(app, &org.owner, &chat).await;
        let path = format!("members/{}", member_id(&agent).await);
        org.owner.patch(&path, json!({ "role": "viewer" })).await.expect(200);
        hand_off(app, org.id, &chat).await;
        assert_eq!((owners.take().len(), agents.take().len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn who_is_assigned_or_called_by_somebody_else_is_told() {
    both(async |app, service| {
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        let (owners, _) = subscribe(service, &org.owner).await;
        let (agents, _) = subscribe(service, &agent).await;
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        let (me, them) = (member_id(&org.owner).await, member_id(&agent).await);
        let path = |what: &str| format!("conversations/{}/{what}", chat.id());
        let kinds = |browser: &Browser| -> Vec<Value> {
            browser.take().into_iter().map(|told| told.json["kind"].clone()).collect()
        };

        org.owner.post(&path("assign"), json!({ "member_id": them })).await.expect(200);
        org.owner.post(&path("assign"), json!({ "member_id": them })).await.expect(200);
        app.run_jobs().await;
        assert_eq!((kinds(&owners), kinds(&agents)), (vec![], vec![json!("assigned")]));
        org.owner.post(&path("assign"), json!({ "member_id": me })).await.expect(200);
        app.run_jobs().await;
        assert_eq!((kinds(&owners), kinds(&agents)), (vec![], vec![]), "one's own doing is no news");
        org.owner.post(&path("assign"), json!({ "member_id": them })).await.expect(200);
        org.owner.post(&path("assign"), json!({ "member_id": null })).await.expect(200);
        app.run_jobs().await;
        assert_eq!(kinds(&agents), Vec::<Value>::new(), "taken back before they were told");

        let note = json!({ "text": "Lihat ini", "mentions": [them, me] });
        let note = org.owner.post(&path("notes"), note).await.expect(201);
        app.run_jobs().await;
        assert_eq!((kinds(&owners), kinds(&agents)), (vec![], vec![json!("mentioned")]));
        let note = format!("notes/{}", note.str("/id"));
        for mentions in [json!([them]), json!([]), json!([them])] {
            let change = json!({ "text": "Lihat itu", "mentions": mentions });
            org.owner.put(&note, change).await.expect(200);
        }
        app.run_jobs().await;
        assert_eq!(kinds(&agents), [json!("mentioned")], "who was called already is not called again");
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten_and_one_that_is_busy_is_tried_again() {
    both(async |app, service| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        let (gone, _) = subscribe(service, &org.owner).await;
        let (busy, _) = subscribe(service, &org.owner).await;
        let (broken, _) = subscribe(service, &org.owner).await;
        let (foe, _) = subscribe(service, &org.owner).await;
        gone.refuse(410, None);
        busy.refuse(429, Some(120));
        broken.refuse(503, None);
        foe.refuse(403, None);
        hand_off(app, org.id, &chat).await;
        assert_eq!([&gone, &busy, &broken, &foe].map(Browser::asked), [1; 4]);
        assert_eq!(org.owner.get("push-subscriptions").await.items().len(), 3);

        app.clock.advance(Duration::from_secs(3));
        broken.accept();
        app.run_jobs().await;
        assert_eq!(broken.take().len(), 1, "after a short wait");
        assert_eq!(busy.asked(), 1, "not before it said");
        app.clock.advance(Duration::from_secs(120));
        app.run_jobs().await;
        assert_eq!(busy.asked(), 2);
        busy.accept();
        app.clock.advance(Duration::from_secs(3_600));
        app.run_jobs().await;
        assert!(busy.take().is_empty(), "an alert of an hour ago alerts nobody");
        assert_eq!((gone.asked(), foe.asked()), (1, 1), "a refusal is an answer");
    })
    .await;
}

#[tokio::test]
async fn a_suspended_organisation_and_who_was_removed_are_told_nothing() {
    both(async |app, service| {
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        let (owners, _) = subscribe(service, &org.owner).await;
        let (agents, _) = subscribe(service, &agent).await;
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        let them = member_id(&agent).await;
        org.owner.delete(&format!("members/{them}")).await.expect(204);
        hand_off(app, org.id, &chat).await;
        assert_eq!((owners.take().len(), agents.take().len()), (1, 0));

        hand_back(app, &org.owner, &chat).await;
        let path = format!("/api/v1/operator/orgs/{}", org.id);
        app.operator.patch(&path, json!({ "status": "suspended" })).await.expect(200);
        hand_off(app, org.id, &chat).await;
        assert!(owners.take().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_browser_is_kept_known_tried_and_forgotten_by_its_own_member_alone() {
    both(async |app, service| {
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        let (browser, id) = subscribe(service, &org.owner).await;
        let again = org.owner.post("push-subscriptions", browser.subscription()).await.expect(201);
        assert_eq!(again.str("/id"), id, "a browser knows itself again");
        let list = org.owner.get("push-subscriptions").await.expect(200);
        let endpoint = browser.subscription()["endpoint"].as_str().unwrap().to_owned();
        let digest = server::identity::hash(&endpoint);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((list.items().len(), list.str("/items/0/endpoint_sha256")), (1, hex.as_str()));
        for secret in [endpoint.as_str(), "p256dh", "auth"] {
            assert!(!list.text.contains(secret), "{}", list.text);
        }

        let attempt = format!("push-subscriptions/{id}/try");
        org.owner.post(&attempt, json!({})).await.expect(204);
        let [told] = &browser.take()[..] else { panic!("one message") };
        assert_eq!((&told.json["kind"], &told.json["locale"]), (&json!("try"), &json!("en")));
        let own = format!("push-subscriptions/{id}");
        assert_eq!(agent.post(&attempt, json!({})).await.problem(404), "not_found");
        assert_eq!(agent.delete(&own).await.problem(404), "not_found");
        assert!(agent.get("push-subscriptions").await.items().is_empty());

        browser.refuse(403, None);
        assert_eq!(org.owner.post(&attempt, json!({})).await.problem(422), "push_failed");
        browser.refuse(404, None);
        assert_eq!(org.owner.post(&attempt, json!({})).await.problem(422), "push_subscription_gone");
        assert!(org.owner.get("push-subscriptions").await.items().is_empty());

        let (_, id) = subscribe(service, &org.owner).await;
        org.owner.delete(&format!("push-subscriptions/{id}")).await.expect(204);
        assert!(org.owner.get("push-subscriptions").await.items().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_no_browser_is_refused_beside_its_field() {
    both(async |app, service| {
        let org = app.org("Kopi Senja").await;
        let whole = service.browser().subscription();
        let long = format!("https://push.example.net/{}", "x".repeat(2_000));
        for (field, value) in [
            ("endpoint", "http://push.example.net/box"),
            ("endpoint", "https://10.0.0.1/box"),
            ("endpoint", "https://push.example.net:8443/box"),
            ("endpoint", "http://127.0.0.1:1/box"),
            ("endpoint", long.as_str()),
            ("p256dh", "c2hvcnQ"),
            ("auth", "c2hvcnQ"),
        ] {
            let mut body = whole.clone();
            body[field] = json!(value);
            let refused = org.owner.post("push-subscriptions", body).await;
            assert_eq!(refused.status, 422, "{value}: {}", refused.text);
            assert_eq!(refused.str("/errors/0/field"), field, "{}", refused.text);
        }
        assert_eq!(org.key.post("push-subscriptions", &whole).await.problem(403), "member_only");

        for _ in 0..20 {
            subscribe(service, &org.owner).await;
        }
        let one_more = org.owner.post("push-subscriptions", &whole).await;
        assert_eq!(one_more.problem(422), "too_many_push_subscriptions");
        let known = org.owner.get("push-subscriptions").await;
        org.owner.delete(&format!("push-subscriptions/{}", known.str("/items/0/id"))).await.expect(204);
        org.owner.post("push-subscriptions", &whole).await.expect(201);
    })
    .await;
}
