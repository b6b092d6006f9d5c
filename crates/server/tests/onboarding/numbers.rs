//! A number's page: what Meta shows, asks and changes about a number.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::app::Answer;

use crate::stage::{NUMBER, Stage, WABA, both};

/// The only number, as the API shows it.
async fn number(stage: &Stage) -> Value {
    stage.account().await["numbers"][0].clone()
}

/// The path of the number, connected.
async fn connected(stage: &Stage) -> String {
    stage.connect(json!({})).await;
    format!("numbers/{}", number(stage).await["id"].as_str().expect("an id"))
}

/// Something happens a little after what happened before.
async fn act(stage: &Stage, action: Value) {
    stage.app.clock.advance(Duration::from_millis(20));
    stage.control("client-actions", action).await;
    stage.work().await;
}

/// What changed, newest first: field, what it was, what it is, how it was learnt.
async fn changes(stage: &Stage, path: &str, field: &str) -> Vec<(Value, Value, Value)> {
    let page = stage.org.owner.get(&format!("{path}/changes?field={field}")).await.expect(200);
    page.items().iter().map(|one| (one["old"].clone(), one["new"].clone(), one["source"].clone())).collect()
}

async fn look(stage: &Stage) {
    let path = format!("accounts/{}/check", stage.account().await["id"].as_str().expect("an id"));
    stage.org.owner.post(&path, Value::Null).await.expect(200);
}

#[tokio::test]
async fn the_profile_is_changed_within_metas_limits_and_read_back() {
    both(async |stage| {
        let path = connected(stage).await;
        let profile = format!("{path}/profile");
        let wish = json!({"about": "Kopi dari Gayo", "websites": ["https://kopi.example"], "vertical": "RESTAURANT"});
        let changed = stage.org.owner.patch(&profile, wish).await.expect(200);
        assert_eq!(changed.json["profile"]["about"], "Kopi dari Gayo", "{}", changed.text);
        assert_eq!(number(stage).await["profile"]["websites"], json!(["https://kopi.example"]));
        stage.app.clock.advance(Duration::from_millis(20));
        let emptied = stage.org.owner.patch(&profile, json!({"websites": []})).await.expect(200);
        assert_eq!(emptied.json["profile"].get("websites"), None, "{}", emptied.text);
        assert_eq!(emptied.json["profile"]["vertical"], "RESTAURANT", "the rest stays");

        let asked = stage.calls("POST", "/whatsapp_business_profile").await;
        for (field, value) in [
            ("about", json!("x".repeat(140))),
            ("description", json!("x".repeat(513))),
            ("email", json!("nobody")),
            ("vertical", json!("COFFEE")),
            ("websites", json!(["https://a.example", "https://b.example", "https://c.example"])),
        ] {
            let refused = stage.org.owner.patch(&profile, json!({field: value})).await.expect(422);
            assert_eq!(refused.json["errors"][0]["field"], field, "{}", refused.text);
        }
        let refused = stage.org.owner.patch(&profile, json!({"websites": ["kopi.example"]})).await.expect(422);
        assert_eq!(refused.json["errors"][0]["field"], "websites[0]", "{}", refused.text);
        assert_eq!(stage.calls("POST", "/whatsapp_business_profile").await, asked, "Meta was not asked");

        let kept = changes(stage, &path, "profile").await;
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().all(|(.., source)| source == "member"), "{kept:?}");
        let first: Value = serde_json::from_str(kept[1].1.as_str().unwrap()).unwrap();
        assert_eq!(first["about"], "Kopi dari Gayo");
        let audit = stage.org.owner.get("audit").await.expect(200);
        assert!(audit.text.contains("number.profile") && !audit.text.contains("Gayo"), "{}", audit.text);
    })
    .await;
}

/// The smallest PNG there is: one point.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63,
    0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5, 0, 1, 0xff, 0x89, 0x99, 0x3d, 0x1d, 0, 0, 0, 0, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

async fn upload(stage: &Stage, path: &str, bytes: &'static [u8]) -> Answer {
    let part = Part::bytes(bytes).file_name("kopi.png").mime_str("image/png").expect("a type");
    let request = stage.org.owner.request(Method::PUT, path).multipart(Form::new().part("file", part));
    stage.org.owner.send(request).await
}

#[tokio::test]
async fn a_picture_goes_up_and_its_loss_is_noticed() {
    both(async |stage| {
        let path = connected(stage).await;
        let picture = format!("{path}/picture");
        let changed = upload(stage, &picture, PNG).await.expect(200);
        let url = changed.json["profile"]["picture_url"].as_str().expect("an address").to_owned();
        let shown = reqwest::Client::builder().no_proxy().build().unwrap().get(&url).send().await.unwrap();
        assert_eq!(shown.bytes().await.unwrap(), PNG);
        let ours = stage.org.owner.get(&picture).await.expect(200);
        assert_eq!(ours.headers["content-type"], "image/png");
        let text = upload(stage, &picture, b"not a picture").await;
        assert_eq!(text.expect(422).json["errors"][0]["field"], "file");

        act(stage, json!({"action": "lose_picture", "phone_number_id": NUMBER})).await;
        assert_eq!(number(stage).await["profile"]["picture_url"], Value::Null);
        assert_eq!(stage.org.owner.get(&picture).await.problem(404), "not_found");
        let kept = changes(stage, &path, "profile").await;
        assert_eq!(
            kept[0].2, "check",
            "the webhook says that it is lost, the look that it is gone: {kept:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_name_is_asked_for_reviewed_and_put_to_use_by_itself() {
    both(async |stage| {
        let path = connected(stage).await;
        let before = number(stage).await["verified_name"].clone();
        let name = format!("{path}/name");
        stage.org.owner.post(&name, json!({"name": before})).await.expect(422);
        stage.org.owner.post(&format!("{name}/use"), Value::Null).await.expect(409);
        let asked = stage.org.owner.post(&name, json!({"name": "Kopi Senja Depok"})).await.expect(200);
        assert_eq!(asked.str("/wanted_name"), "Kopi Senja Depok");
        assert_eq!(
            (asked.str("/wanted_name_status"), &asked.json["verified_name"]),
            ("PENDING_REVIEW", &before)
        );

        let declined = json!({"action": "review_name", "phone_number_id": NUMBER, "decision": "DECLINED",
            "reason": "NAME_NOT_CONSISTENT"});
        act(stage, declined).await;
        let told = number(stage).await;
        assert_eq!(
            (&told["wanted_name_status"], &told["name_reason"], &told["verified_name"]),
            (&json!("DECLINED"), &json!("NAME_NOT_CONSISTENT"), &before)
        );
        assert_eq!(stage.calls("POST", "/register").await, 1);

        stage.app.clock.advance(Duration::from_millis(20));
        stage.org.owner.post(&name, json!({"name": "Kopi Senja Bogor"})).await.expect(200);
        act(stage, json!({"action": "review_name", "phone_number_id": NUMBER, "decision": "APPROVED"})).await;
        let shown = number(stage).await;
        assert_eq!(
            (&shown["verified_name"], &shown["wanted_name"]),
            (&json!("Kopi Senja Bogor"), &Value::Null)
        );
        assert_eq!(stage.calls("POST", "/register").await, 2, "registered again, once");
        let reviews = changes(stage, &path, "wanted_name_status").await;
        let states: Vec<_> = reviews.iter().map(|(_, new, _)| new.as_str()).collect();
        assert_eq!(
            states,
            [None, Some("APPROVED"), Some("PENDING_REVIEW"), Some("DECLINED"), Some("PENDING_REVIEW")]
        );
    })
    .await;
}

#[tokio::test]
async fn a_name_that_cannot_be_used_by_itself_is_offered_to_a_person() {
    both(async |stage| {
        let path = connected(stage).await;
        stage.org.owner.post(&format!("{path}/name"), json!({"name": "Kopi Senja Depok"})).await.expect(200);
        stage.fails("register", "pin_mismatch", 1).await;
        act(stage, json!({"action": "review_name", "phone_number_id": NUMBER, "decision": "APPROVED"})).await;
        assert_eq!(number(stage).await["wanted_name_status"], "APPROVED", "it waits");
        let used = stage.org.owner.post(&format!("{path}/name/use"), Value::Null).await.expect(200);
        assert_eq!(used.str("/verified_name"), "Kopi Senja Depok");
        assert_eq!(used.json["wanted_name"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_pin_is_set_anew_kept_sealed_and_forgotten_when_it_is_changed_elsewhere() {
    both(async |stage| {
        let path = connected(stage).await;
        let pin = format!("{path}/pin");
        stage.org.owner.post(&pin, json!({"pin": "12345a"})).await.expect(422);
        let set = stage.org.owner.post(&pin, json!({"pin": "581063"})).await.expect(200);
        assert_eq!(set.json["pin_known"], true);
        assert!(!set.text.contains("581063"));
        let world = stage.controlled(Method::GET, "world", Value::Null).await;
        let at_meta = world["numbers"].as_array().unwrap().iter().find(|one| one["id"] == NUMBER).unwrap();
        assert_eq!(at_meta["pin"], "581063");
        act(stage, json!({"action": "set_pin", "phone_number_id": NUMBER, "pin": "150954"})).await;
        assert_eq!(number(stage).await["pin_known"], false);
        let kept = changes(stage, &path, "pin").await;
        assert_eq!(kept.iter().map(|one| one.1.as_str().unwrap()).collect::<Vec<_>>(), ["elsewhere", "here"]);
    })
    .await;
}

#[tokio::test]
async fn a_username_is_suggested_claimed_decided_and_given_up() {
    both(async |stage| {
        let path = connected(stage).await;
        let suggested = stage.org.owner.get(&format!("{path}/username-suggestions")).await.expect(200);
        let first = suggested.json["items"][0].as_str().expect("a suggestion").to_owned();
        let username = format!("{path}/username");
        let asked = stage.calls("POST", "/username").await;
        for bad in ["Kopi", "12345", "kopi..senja", "www.kopi"] {
            let refused = stage.org.owner.put(&username, json!({"username": bad})).await.expect(422);
            assert_eq!(refused.json["errors"][0]["field"], "username", "{bad}");
        }
        assert_eq!(stage.calls("POST", "/username").await, asked, "Meta was not asked");
        let claimed = stage.org.owner.put(&username, json!({"username": first})).await.expect(200);
        assert_eq!((claimed.str("/username"), claimed.str("/username_status")), (first.as_str(), "approved"));

        let reserved = json!({"action": "decide_username", "phone_number_id": NUMBER, "status": "reserved"});
        act(stage, reserved).await;
        assert_eq!(number(stage).await["username_status"], "reserved");
        act(stage, json!({"action": "decide_username", "phone_number_id": NUMBER, "status": "deleted"}))
            .await;
        assert_eq!(number(stage).await["username"], Value::Null);
        stage.org.owner.put(&username, json!({"username": first})).await.expect(200);
        let given_up = stage.org.owner.delete(&username).await.expect(200);
        assert_eq!(given_up.json["username"], Value::Null);
        let ends = changes(stage, &path, "username").await;
        assert_eq!(ends.iter().filter(|(_, new, _)| new.is_null()).count(), 2, "{ends:?}");
    })
    .await;
}

#[tokio::test]
async fn message_links_are_made_changed_and_removed_at_meta() {
    both(async |stage| {
        let path = connected(stage).await;
        let links = format!("{path}/links");
        stage.org.owner.post(&links, json!({"text": "x".repeat(141)})).await.expect(422);
        let made = stage.org.owner.post(&links, json!({"text": "Halo, saya mau pesan."})).await.expect(201);
        let code = made.str("/code").to_owned();
        assert_eq!(made.str("/url"), format!("https://wa.me/message/{code}"));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for (form, mime) in [("svg", "image/svg+xml"), ("png", "image/png")] {
            let listed = stage.org.owner.get(&format!("{links}?image={form}")).await.expect(200);
            let drawn = http.get(listed.str("/items/0/image_url")).send().await.unwrap();
            assert_eq!(drawn.headers()["content-type"], mime);
            assert!(drawn.bytes().await.unwrap().len() > 200);
        }
        let one = format!("{links}/{code}");
        let changed = stage.org.owner.put(&one, json!({"text": "Halo!"})).await.expect(200);
        assert_eq!((changed.str("/text"), changed.str("/code")), ("Halo!", code.as_str()));
        stage.org.owner.delete(&one).await.expect(204);
        stage.org.owner.delete(&one).await.expect(404);
        stage.org.owner.put(&format!("{links}/ABCDEFGHIJKL11"), json!({"text": "Halo!"})).await.expect(404);
        assert!(stage.org.owner.get(&links).await.expect(200).items().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_meta_changes_is_kept_whether_a_webhook_or_the_daily_look_tells() {
    both(async |stage| {
        let path = connected(stage).await;
        // A webhook and the look that follows it are one change.
        act(stage, json!({"action": "set_limit", "waba_id": WABA, "limit": "TIER_2K"})).await;
        look(stage).await;
        assert_eq!(
            changes(stage, &path, "messaging_limit").await,
            [(json!("TIER_250"), json!("TIER_2K"), json!("webhook"))]
        );
        act(stage, json!({"action": "upgrade_throughput", "phone_number_id": NUMBER})).await;
        assert_eq!(number(stage).await["messages_per_second"], 1000);

        server::onboarding::jobs::start(&stage.app.ctx).await.unwrap();
        // No webhook tells of quality, of a status, of a lost one: a day later the look has found them.
        stage
            .control(
                "client-actions",
                json!({"action": "rate", "phone_number_id": NUMBER, "quality": "YELLOW"}),
            )
            .await;
        let restricted = json!({"action": "set_status", "phone_number_id": NUMBER, "status": "RESTRICTED"});
        stage.control("client-actions", restricted).await;
        let lost = json!({"action": "set_limit", "waba_id": WABA, "limit": "TIER_250", "silent": true});
        stage.control("client-actions", lost).await;
        for _ in 0..27 {
            stage.app.clock.advance(Duration::from_secs(3_600));
            stage.work().await;
        }
        let (was, is) = (json!("GREEN"), json!("YELLOW"));
        assert_eq!(changes(stage, &path, "quality").await, [(was, is, json!("check"))]);
        assert_eq!(changes(stage, &path, "status").await[0].1, "RESTRICTED");
        assert_eq!(changes(stage, &path, "messaging_limit").await[0].1, "TIER_250");
    })
    .await;
}

#[tokio::test]
async fn what_meta_refuses_is_told_in_both_languages_and_changes_nothing() {
    both(async |stage| {
        let path = connected(stage).await;
        stage.fails("username", "permission", 1).await;
        let refused =
            stage.org.owner.put(&format!("{path}/username"), json!({"username": "kopi.senja"})).await;
        let refused = refused.expect(422);
        assert_eq!(refused.str("/code"), "meta_refused", "{}", refused.text);
        assert!(refused.json["detail_id"].is_string() && refused.json["meta_code"].is_i64());
        assert_eq!(number(stage).await["username"], Value::Null);
    })
    .await;
}
