//! Files on their way: what a customer sends is fetched at once and served safely, what we upload arrives.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use server::media::{Examiner, Unscanned};
use testkit::app::{Judge, VIRUS};

use super::stage::{ANNA, NUMBER, Stage, both, both_with};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01 and the rest of it";

async fn sends_picture(stage: &Stage, bytes: &[u8]) {
    let picture = json!({
        "from": ANNA, "to": NUMBER, "type": "image", "image": { "caption": "Ini notanya" },
        "media": { "base64": STANDARD.encode(bytes), "mime_type": "image/png" },
    });
    stage.control("POST", "inbound", picture).await;
}

/// The newest message of the only conversation that carries a file.
async fn newest_file(stage: &Stage) -> Value {
    let conversations = stage.org.key.get("conversations").await.expect(200);
    let id = conversations.items()[0]["id"].as_str().expect("an id").to_owned();
    let thread = stage.org.key.get(&format!("conversations/{id}/messages")).await.expect(200);
    let with_file = thread.items().iter().rev().find(|message| message["media"][0].is_object());
    with_file.unwrap_or_else(|| panic!("no file: {}", thread.text)).clone()
}

#[tokio::test]
async fn a_picture_is_fetched_at_once_and_served_to_its_organisation() {
    both(async |stage| {
        sends_picture(stage, PNG).await;
        stage.settle().await;
        let message = newest_file(stage).await;
        let file = &message["media"][0];
        assert_eq!(
            (&file["state"], &file["mime"], &message["body"]),
            (&json!("stored"), &json!("image/png"), &json!("Ini notanya"))
        );
        let got = stage.org.owner.get(file["url"].as_str().unwrap()).await.expect(200);
        assert_eq!(got.headers["content-length"], PNG.len().to_string());
        assert!(got.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let other = stage.app.org("Klinik").await;
        assert_eq!(other.owner.get(file["url"].as_str().unwrap()).await.problem(404), "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_picture_that_fails_on_the_way_is_tried_again() {
    both(async |stage| {
        stage
            .control(
                "POST",
                "faults",
                json!({ "method": "GET", "edge": "*", "times": 2, "effect": { "failure": "unknown" } }),
            )
            .await;
        sends_picture(stage, PNG).await;
        stage.settle().await;
        assert_eq!(newest_file(stage).await["media"][0]["state"], "pending");
        for _ in 0..4 {
            stage.app.clock.advance(Duration::from_secs(60));
            stage.settle().await;
        }
        assert_eq!(newest_file(stage).await["media"][0]["state"], "stored");
    })
    .await;
}

#[tokio::test]
async fn a_picture_that_meta_has_forgotten_says_so() {
    both(async |stage| {
        let lost = json!({ "from": ANNA, "to": NUMBER, "type": "image", "image": { "id": "1009999999999999", "mime_type": "image/png" } });
        stage.control("POST", "inbound", lost).await;
        stage.settle().await;
        let file = newest_file(stage).await["media"][0].clone();
        assert_eq!((&file["state"], &file["problem"]["code"]), (&json!("failed"), &json!("media_expired")));
        assert!(file["problem"]["action"]["id"].as_str().unwrap().contains("Minta pelanggan"));
    })
    .await;
}

#[tokio::test]
async fn an_upload_reaches_the_phone_and_is_uploaded_to_meta_once() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let part = Part::bytes(b"%PDF-1.7\nmenu".to_vec())
            .file_name("menu.pdf")
            .mime_str("application/pdf")
            .unwrap();
        let request = stage.org.key.request(Method::POST, "media").multipart(Form::new().part("file", part));
        let file = stage.org.key.send(request).await.expect(201);
        let send = async |kind: &str| {
            let content = json!({ "type": kind, "file": { "media_id": file.json["id"] } });
            stage
                .org
                .key
                .post("messages", json!({ "to": { "phone": format!("+{ANNA}") }, "content": content }))
                .await
        };
        let picture = send("image").await;
        assert_eq!(picture.problem(422), "invalid");
        assert!(picture.str("/errors/0/message").contains("image/jpeg"), "{}", picture.text);
        for _ in 0..2 {
            send("document").await.expect(202);
        }
        stage.settle().await;
        let phone = stage.phone(ANNA).await;
        let documents: Vec<_> = phone.iter().filter(|message| message["kind"] == "document").collect();
        assert_eq!(documents.len(), 2, "{phone:?}");
        let known = |document: &Value| document["content"]["id"].clone();
        assert!(known(documents[0]).is_string(), "{:?}", documents[0]);
        assert_eq!(known(documents[0]), known(documents[1]), "one upload serves both");
        assert_eq!(documents[0]["content"]["filename"], "menu.pdf");
    })
    .await;
}

/// Uploading takes a while, and the contact may say STOP meanwhile: the gate has the last word, not the upload.
#[tokio::test]
async fn a_stop_during_the_upload_is_heard() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let part = Part::bytes(b"%PDF-1.7\nmenu".to_vec())
            .file_name("menu.pdf")
            .mime_str("application/pdf")
            .unwrap();
        let request = stage.org.key.request(Method::POST, "media").multipart(Form::new().part("file", part));
        let file = stage.org.key.send(request).await.expect(201);
        let slow = json!({ "method": "POST", "edge": "media", "effect": { "delay_ms": 1_500 } });
        stage.control("POST", "faults", slow).await;
        let content = json!({ "type": "document", "file": { "media_id": file.json["id"] } });
        let sent = stage
            .org
            .key
            .post("messages", json!({ "to": { "phone": format!("+{ANNA}") }, "content": content }))
            .await
            .expect(202);
        tokio::join!(stage.app.run_jobs(), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            stage.app.clock.advance(Duration::from_secs(2));
            stage.writes(ANNA, "STOP").await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            while server::ingest::work(&stage.app.ctx).await.unwrap() {}
        });
        stage.settle().await;
        let phone = stage.phone(ANNA).await;
        assert!(phone.iter().all(|message| message["kind"] != "document"), "{phone:?}");
        assert_eq!(stage.state(&sent.json["message_id"]).await, "refused");
    })
    .await;
}

#[tokio::test]
async fn a_picture_with_a_virus_is_blocked_and_says_so() {
    both_with(
        |parts| parts.examiner = Examiner::new(Some(Judge::new()), Unscanned::Hold),
        async |stage| {
            sends_picture(stage, &[PNG, VIRUS].concat()).await;
            stage.settle().await;
            let file = newest_file(stage).await["media"][0].clone();
            assert_eq!(
                (&file["state"], &file["problem"]["code"]),
                (&json!("blocked"), &json!("media_infected"))
            );
            assert_eq!((&file["url"], &file["thumbnail_url"]), (&json!(null), &json!(null)));
            let path = format!("media/{}", file["id"].as_str().unwrap());
            assert_eq!(stage.org.owner.get(&path).await.problem(409), "media_blocked");
            let audit = stage.org.owner.get("audit").await.expect(200);
            assert!(audit.items().iter().any(|entry| entry["action"] == "media.infected"), "{}", audit.text);
        },
    )
    .await;
}

#[tokio::test]
async fn files_of_a_contact_are_forgotten_with_whom_they_concern() {
    both(async |stage| {
        sends_picture(stage, PNG).await;
        stage.settle().await;
        let part = Part::bytes(b"%PDF-1.7\nmenu".to_vec())
            .file_name("menu.pdf")
            .mime_str("application/pdf")
            .unwrap();
        let request = stage.org.key.request(Method::POST, "media").multipart(Form::new().part("file", part));
        let file = stage.org.key.send(request).await.expect(201);
        let content = json!({ "type": "document", "file": { "media_id": file.json["id"] } });
        let to = json!({ "phone": format!("+{ANNA}") });
        stage.org.key.post("messages", json!({ "to": to, "content": content })).await.expect(202);
        stage.settle().await;
        let message = newest_file(stage).await;
        assert_eq!(message["media"][0]["file_name"], "menu.pdf", "what we send shows its file, too");
        assert_eq!(stage.org.key.get("media/kept").await.json["files"], 2);
        let contact = message["contact_id"].as_str().unwrap().parse().unwrap();
        let mut tx = stage.app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        assert_eq!(server::media::forget(&mut scope, contact, stage.app.now()).await.unwrap(), 2);
        tx.commit().await.unwrap();
        stage.settle().await;
        assert_eq!(stage.org.key.get("media/kept").await.json["files"], 0);
        assert_eq!(stage.org.key.get(file.str("/url")).await.problem(404), "not_found");
    })
    .await;
}
