//! The shared inbox while a customer writes: taken over, answered, given back, read, found.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{ANNA, Stage, both};

const BEANS: &str = "Kopi Gayo 250 gram harganya Rp 85.000. Pengiriman ke seluruh Indonesia memakan waktu dua sampai empat hari kerja.";

async fn conversation(stage: &Stage) -> Value {
    let list = stage.org.owner.get("conversations").await.expect(200);
    assert_eq!(list.items().len(), 1, "{}", list.text);
    list.items()[0].clone()
}

#[tokio::test]
async fn a_person_answers_instead_of_the_ai_and_gives_it_back() {
    both(async |stage| {
        stage.knows("Daftar Harga", BEANS).await;
        stage.writes(ANNA, "Berapa harga kopi Gayo 250 gram?").await;
        stage.settle().await;
        let row = conversation(stage).await;
        let path = format!("conversations/{}", row["id"].as_str().unwrap());
        assert_eq!((&row["unread"], &row["last_message"]["author"]), (&json!(1), &json!("ai")));
        assert_eq!(row["last_message"]["state"], "read", "the ticks of the list");
        let thread = stage.org.owner.get(&format!("{path}/messages")).await.expect(200);
        let answer = thread.items().last().unwrap();
        assert!(answer["answer"]["passages"].as_array().is_some_and(|found| !found.is_empty()), "{answer}");
        assert!(answer["read_at"].is_i64() && answer["delivered_at"].is_i64(), "{answer}");

        let reply = json!({ "content": { "type": "text", "body": "Saya Rina, saya bantu ya" } });
        stage.org.owner.post(&format!("{path}/messages"), reply).await.expect(202);
        stage.settle().await;
        let row = conversation(stage).await;
        assert_eq!(
            (&row["ai"]["state"], &row["last_message"]["author"]),
            (&json!("handed_off"), &json!("member"))
        );
        let before = stage.received(ANNA).await.len();
        stage.app.clock.advance(Duration::from_secs(1));
        stage.writes(ANNA, "Berapa lama pengiriman?").await;
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), before, "the AI is silent");
        stage.app.clock.advance(Duration::from_secs(1));
        stage.org.owner.post(&format!("{path}/hand-back"), json!({})).await.expect(200);
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), before, "what was written before is not answered");
        stage.writes(ANNA, "Berapa harga kopi Gayo 250 gram?").await;
        stage.settle().await;
        let received = stage.received(ANNA).await;
        assert!(received.len() > before && received.last().unwrap().contains("85.000"), "{received:?}");
        let found = stage.org.owner.get("messages/search?q=lama%20pengiriman").await.expect(200);
        assert_eq!(found.items()[0]["excerpt"], "Berapa lama pengiriman?");
    })
    .await;
}

#[tokio::test]
async fn reading_in_the_inbox_shows_on_the_phone() {
    both(async |stage| {
        stage.writes(ANNA, "👍").await;
        stage.settle().await;
        let path = format!("conversations/{}", conversation(stage).await["id"].as_str().unwrap());
        stage.org.owner.post(&format!("{path}/read"), json!({})).await.expect(200);
        stage.settle().await;
        assert_eq!(conversation(stage).await["unread"], 0);
        let phone = stage.phone(ANNA).await;
        let written = phone.iter().find(|message| message["direction"] == "inbound").unwrap();
        assert_eq!(written["status"], "read", "{written}");
    })
    .await;
}
