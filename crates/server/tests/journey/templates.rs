//! Templates from the first word to the first message: written, checked, submitted, reviewed, followed.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::stage::{ANNA, BUSINESS_TOKEN, Stage, WABA, both};

/// The messaging account's id here.
async fn account(stage: &Stage) -> String {
    stage.org.owner.get("accounts").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned()
}

fn content(account: &str, name: &str, text: &str) -> Value {
    json!({ "account_id": account, "name": name, "language": "id", "category": "UTILITY", "components": [
        { "type": "BODY", "text": text, "example": { "body_text": [["Sari"]] } },
        { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Terima kasih" }] },
    ] })
}

const READY: &str = "Halo {{1}}, pesanan Anda siap diambil.";

/// Writes and submits a template; what comes of it is waited for.
async fn submitted(stage: &Stage, content: Value) -> Value {
    let draft = stage.org.owner.post("template-drafts", content).await.expect(201);
    stage
        .org
        .owner
        .post(&format!("template-drafts/{}/submit", draft.str("/id")), Value::Null)
        .await
        .expect(202);
    stage.settle().await;
    draft.json
}

/// A template by its name, with everything that is known of it.
async fn template(stage: &Stage, name: &str) -> Value {
    let list = stage.org.owner.get(&format!("templates?words={name}")).await.expect(200);
    let id = list.items().first().unwrap_or_else(|| panic!("no template {name}"))["id"].clone();
    stage.org.owner.get(&format!("templates/{}", id.as_str().unwrap())).await.expect(200).json
}

async fn review(stage: &Stage, template: &Value, act: Value) {
    let id = template["template"]["meta_template_id"].as_str().unwrap();
    stage.control("POST", &format!("templates/{id}/review"), act).await;
    stage.settle().await;
}

fn sent(name: &str) -> Value {
    json!({ "to": { "phone": format!("+{ANNA}") }, "content": { "type": "template", "name": name, "language": "id",
        "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Anna" }] }] } })
}

#[tokio::test]
async fn a_template_is_written_checked_submitted_approved_and_sent() {
    both(async |stage| {
        let account = account(stage).await;
        let wrong = content(&account, "Pesanan siap", "{{1}}, pesanan Anda siap.");
        let told =
            stage.org.owner.post("template-drafts/check", json!({ "content": wrong })).await.expect(200);
        let faults: Vec<_> =
            told.items().iter().map(|fault| (fault["field"].clone(), fault["code"].clone())).collect();
        assert_eq!(
            faults,
            [(json!("name"), json!("name")), (json!("components[0].text"), json!("gap_at_edge"))]
        );
        let draft = stage.org.owner.post("template-drafts", wrong).await.expect(201);
        let path = format!("template-drafts/{}", draft.str("/id"));
        let refused = stage.org.owner.post(&format!("{path}/submit"), Value::Null).await;
        assert_eq!((refused.problem(422), refused.str("/errors/1/field")), ("invalid", "components[0].text"));
        assert!(refused.str("/faults/1/message/id").contains("isian"), "{}", refused.text);

        let right = content(&account, "pesanan_siap", READY);
        let kept = stage.org.owner.put(&path, right).await.expect(200);
        assert_eq!(kept.json["faults"], json!([]));
        stage.org.owner.post(&format!("{path}/submit"), Value::Null).await.expect(202);
        let again = stage.org.owner.post(&format!("{path}/submit"), Value::Null).await;
        assert_eq!(again.status, 202, "who asks twice is answered twice");
        stage.settle().await;
        assert!(stage.org.owner.get("template-drafts").await.expect(200).items().is_empty());
        let made = template(stage, "pesanan_siap").await;
        assert_eq!(made["template"]["status"], "APPROVED");
        assert_eq!(made["history"].as_array().unwrap().last().unwrap()["kind"], "submitted");
        assert_eq!(made["prices"]["markets"][0]["market"], "Indonesia");

        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        stage.org.key.post("messages", sent("pesanan_siap")).await.expect(202);
        stage.settle().await;
        assert!(stage.received(ANNA).await.iter().any(|text| text.contains("Halo Anna, pesanan Anda siap")));
    })
    .await;
}

#[tokio::test]
async fn a_template_whose_answer_was_lost_is_found_and_not_made_twice() {
    both(async |stage| {
        let account = account(stage).await;
        let lost = json!({ "method": "POST", "edge": "message_templates", "effect": "drop_response" });
        stage.control("POST", "faults", lost).await;
        let draft = submitted(stage, content(&account, "pesanan_siap", READY)).await;
        let path = format!("template-drafts/{}", draft["id"].as_str().unwrap());
        assert_eq!(stage.org.owner.get(&path).await.expect(200).str("/draft/state"), "submitting");
        for _ in 0..3 {
            stage.app.clock.advance(Duration::from_secs(600));
            stage.settle().await;
        }
        assert_eq!(template(stage, "pesanan_siap").await["template"]["status"], "APPROVED");
        let calls = stage.control("GET", "calls?limit=1000&path=message_templates", Value::Null).await;
        let made = calls.as_array().unwrap().iter().filter(|call| call["method"] == "POST").count();
        assert_eq!(made, 1, "{calls}");
    })
    .await;
}

#[tokio::test]
async fn what_meta_does_not_take_is_a_draft_again_that_says_why() {
    both(async |stage| {
        let account = account(stage).await;
        let fault = json!({ "method": "POST", "edge": "message_templates", "effect": { "error":
            { "status": 400, "code": 100, "subcode": 2388073, "message": "Invalid parameter" } } });
        stage.control("POST", "faults", fault).await;
        let draft = submitted(stage, content(&account, "pesanan_siap", READY)).await;
        let path = format!("template-drafts/{}", draft["id"].as_str().unwrap());
        let refused = stage.org.owner.get(&path).await.expect(200);
        assert_eq!(refused.str("/draft/state"), "refused");
        assert!(refused.str("/draft/problem/title/id").contains("templat"), "{}", refused.text);
        stage.org.owner.post(&format!("{path}/submit"), Value::Null).await.expect(202);
        stage.settle().await;
        assert_eq!(template(stage, "pesanan_siap").await["template"]["status"], "APPROVED");
    })
    .await;
}

#[tokio::test]
async fn a_refused_template_says_why_and_is_mended() {
    both(async |stage| {
        let account = account(stage).await;
        submitted(stage, content(&account, "pin", "Halo {{1}}, kirim nomor kartu Anda sekarang.")).await;
        let refused = template(stage, "pin").await;
        assert_eq!(refused["template"]["status"], "REJECTED");
        assert!(refused["rejection"]["id"].as_str().unwrap().contains("nomor kartu"));
        assert!(refused["history"][0]["says"]["en"].is_string());
        let id = refused["template"]["id"].as_str().unwrap();
        let draft = stage.org.owner.post(&format!("templates/{id}/edit"), Value::Null).await.expect(201);
        let path = format!("template-drafts/{}", draft.str("/id"));
        stage.org.owner.put(&path, content(&account, "another_name", READY)).await.expect(200);
        stage.org.owner.post(&format!("{path}/submit"), Value::Null).await.expect(202);
        stage.settle().await;
        let mended = template(stage, "pin").await;
        assert_eq!(mended["template"]["status"], "APPROVED", "a change keeps the name");
        assert_eq!(mended["template"]["components"][0]["text"], READY);
    })
    .await;
}

#[tokio::test]
async fn a_paused_template_holds_what_needs_it_until_the_pause_ends() {
    both(async |stage| {
        let account = account(stage).await;
        submitted(stage, content(&account, "pesanan_siap", READY)).await;
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let made = template(stage, "pesanan_siap").await;
        review(stage, &made, json!({ "act": "pause" })).await;
        let paused = template(stage, "pesanan_siap").await;
        assert_eq!(paused["template"]["status"], "PAUSED");
        assert_eq!(paused["notice"]["title"], "FIRST_PAUSE");
        let waits = stage.org.key.post("messages", sent("pesanan_siap")).await.expect(202);
        assert_eq!(waits.str("/waits_for"), "template_paused");
        let id = paused["template"]["id"].as_str().unwrap();
        assert_eq!(template(stage, "pesanan_siap").await["waiting"], 1);
        let waiting = stage.org.owner.get(&format!("templates/{id}/waiting")).await.expect(200);
        assert_eq!(waiting.items()[0]["message_id"], waits.json["message_id"]);
        stage.org.owner.post(&format!("templates/{id}/unpause"), Value::Null).await.expect(204);
        stage.settle().await;
        assert_eq!(stage.state(&waits.json["message_id"]).await, "read");
        assert_eq!(template(stage, "pesanan_siap").await["waiting"], 0);
        review(stage, &made, json!({ "act": "disable" })).await;
        let refused = stage.org.key.post("messages", sent("pesanan_siap")).await;
        assert_eq!(refused.problem(422), "template_unusable");
        assert_eq!(
            stage.org.owner.delete(&format!("templates/{id}")).await.problem(409),
            "template_disabled"
        );
    })
    .await;
}

#[tokio::test]
async fn a_category_that_changes_is_announced_with_what_it_costs() {
    both(async |stage| {
        let account = account(stage).await;
        submitted(stage, content(&account, "pesanan_siap", READY)).await;
        let made = template(stage, "pesanan_siap").await;
        review(stage, &made, json!({ "act": "category", "category": "MARKETING" })).await;
        let told = template(stage, "pesanan_siap").await;
        assert_eq!(
            (&told["template"]["category"], &told["template"]["coming_category"]),
            (&json!("UTILITY"), &json!("MARKETING"))
        );
        assert_eq!(
            told["prices"]["markets"][0],
            json!({ "market": "Indonesia", "now": 25_000, "coming": 41_100, "before": null })
        );
        review(stage, &made, json!({ "act": "category", "category": "MARKETING", "at_once": true })).await;
        review(stage, &made, json!({ "act": "quality", "score": "RED" })).await;
        let told = template(stage, "pesanan_siap").await;
        assert_eq!(
            (&told["template"]["category"], &told["template"]["quality"]),
            (&json!("MARKETING"), &json!("RED"))
        );
        assert_eq!(told["prices"]["markets"][0]["before"], 25_000);
        let kinds: Vec<_> =
            told["history"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
        assert_eq!(kinds[..3], [json!("quality"), json!("category"), json!("category_coming")]);
        let said = stage.app.mailbox.take();
        assert!(said.iter().any(|mail| mail.text.contains("pesanan_siap")), "{} letters", said.len());
    })
    .await;
}

#[tokio::test]
async fn changes_are_rationed_and_a_deleted_name_is_blocked_both_told_before() {
    both(async |stage| {
        let account = account(stage).await;
        submitted(stage, content(&account, "pesanan_siap", READY)).await;
        let made = template(stage, "pesanan_siap").await;
        let id = made["template"]["id"].as_str().unwrap();
        let draft = stage.org.owner.post(&format!("templates/{id}/edit"), Value::Null).await.expect(201);
        let path = format!("template-drafts/{}", draft.str("/id"));
        let other = content(&account, "", "Halo {{1}}, pesanan Anda sudah siap diambil.");
        stage.org.owner.put(&path, other.clone()).await.expect(200);
        stage.org.owner.post(&format!("{path}/submit"), Value::Null).await.expect(202);
        stage.settle().await;
        assert!(template(stage, "pesanan_siap").await["next_edit_at"].is_i64());
        let check = json!({ "template_id": id, "content": content(&account, "pesanan_siap", "Halo {{1}}, ini lain sekali.") });
        let told = stage.org.owner.post("template-drafts/check", check).await.expect(200);
        assert_eq!(told.items()[0]["code"], "edits", "{}", told.text);

        stage.org.owner.delete(&format!("templates/{id}?all_languages=true")).await.expect(204);
        assert_eq!(stage.org.owner.get(&format!("templates/{id}")).await.status, 404);
        let check = json!({ "content": content(&account, "pesanan_siap", READY) });
        let told = stage.org.owner.post("template-drafts/check", check).await.expect(200);
        assert_eq!(told.items()[0]["code"], "name_blocked", "{}", told.text);
    })
    .await;
}

#[tokio::test]
async fn a_sample_is_shown_to_the_reviewers_and_goes_along_to_a_duplicate() {
    both(async |stage| {
        let account = account(stage).await;
        let part = Part::bytes(PNG.to_vec()).file_name("menu.png").mime_str("image/png").unwrap();
        let upload = stage.org.key.request(Method::POST, "media").multipart(Form::new().part("file", part));
        let picture = stage.org.key.send(upload).await.expect(201);
        let mut with_picture = content(&account, "menu", READY);
        let sample = format!("media:{}", picture.str("/id"));
        let header = json!({ "type": "HEADER", "format": "IMAGE", "example": { "header_handle": [sample] } });
        with_picture["components"].as_array_mut().unwrap().insert(0, header);
        submitted(stage, with_picture).await;
        let made = template(stage, "menu").await;
        assert_eq!(made["template"]["status"], "APPROVED");
        let id = made["template"]["id"].as_str().unwrap();
        let wanted = json!({ "language": "en_US" });
        let draft = stage.org.owner.post(&format!("templates/{id}/duplicate"), wanted).await.expect(201);
        assert_eq!(draft.str("/language"), "en_US");
        assert_eq!(draft.str("/components/0/example/header_handle/0"), sample);
    })
    .await;
}

#[tokio::test]
async fn the_library_is_looked_through_and_a_template_made_from_it() {
    both(async |stage| {
        let account = account(stage).await;
        let path = format!("accounts/{account}/template-library?search=delivery&language=id");
        let found = stage.org.owner.get(&path).await.expect(200);
        let name = found.items()[0]["name"].as_str().unwrap().to_owned();
        let wish = json!({ "account_id": account, "name": "pengiriman", "language": "id", "category": "UTILITY",
            "components": [{ "type": "BODY", "text": found.items()[0]["body"] }],
            "library": { "name": name, "buttons": [{ "type": "URL", "url":
                { "base_url": "https://toko.example/{{1}}", "url_suffix_example": "https://toko.example/1" } }] } });
        submitted(stage, wish).await;
        let made = template(stage, "pengiriman").await;
        assert_eq!(made["template"]["status"], "APPROVED");
        assert_eq!(made["template"]["components"][1]["buttons"][0]["url"], "https://toko.example/{{1}}");
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_at_meta_stands_in_the_history() {
    both(async |stage| {
        let account = account(stage).await;
        submitted(stage, content(&account, "pesanan_siap", READY)).await;
        let made = template(stage, "pesanan_siap").await;
        let id = made["template"]["meta_template_id"].as_str().unwrap();
        let url = format!("{}/v25.0/{WABA}/message_templates", stage.emulator.url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let gone = client.request(Method::DELETE, &url).query(&[("name", "pesanan_siap"), ("hsm_id", id)]);
        assert!(gone.bearer_auth(BUSINESS_TOKEN).send().await.unwrap().status().is_success());
        stage.app.clock.advance(Duration::from_secs(1));
        let read = stage
            .org
            .owner
            .post(&format!("accounts/{account}/templates/sync"), Value::Null)
            .await
            .expect(200);
        assert_eq!(read.json["problem"], Value::Null);
        let left = stage.org.owner.get("templates?words=pesanan").await.expect(200);
        assert!(left.items().is_empty(), "{}", left.text);
    })
    .await;
}

/// A picture of one point.
const PNG: [u8; 67] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0,
    1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];
