//! A customer writes, the AI answers, a person takes over, STOP ends it.

use serde_json::json;

use super::stage::{ANNA, both};

const BEANS: &str = "Kopi Gayo 250 gram harganya Rp 85.000. Pengiriman ke seluruh Indonesia memakan waktu dua sampai empat hari kerja.";

#[tokio::test]
async fn an_answer_arrives_grounded_and_its_ticks_come_back() {
    both(async |stage| {
        stage.knows("Daftar Harga", BEANS).await;
        stage.writes(ANNA, "Berapa harga kopi Gayo 250 gram?").await;
        stage.settle().await;
        let received = stage.received(ANNA).await;
        assert_eq!(received.len(), 1, "{received:?}");
        assert!(
            received[0].contains("85.000") && received[0].contains("Sumber: Daftar Harga"),
            "{received:?}"
        );
        let phone = stage.phone(ANNA).await;
        assert_eq!(phone.last().unwrap()["status"], "read", "{phone:?}");
    })
    .await;
}

#[tokio::test]
async fn several_quick_messages_are_answered_once() {
    both(async |stage| {
        stage.knows("Daftar Harga", BEANS).await;
        for text in ["Halo kak", "mau tanya", "berapa harga kopi gayo?"] {
            stage.writes(ANNA, text).await;
        }
        stage.settle().await;
        let received = stage.received(ANNA).await;
        let prices = received.iter().filter(|text| text.contains("85.000")).count();
        assert_eq!(prices, 1, "{received:?}");
    })
    .await;
}

#[tokio::test]
async fn what_the_documents_do_not_say_is_not_made_up() {
    both(async |stage| {
        stage.knows("Daftar Harga", BEANS).await;
        stage.writes(ANNA, "Apakah kalian menjual mesin espresso bekas?").await;
        stage.settle().await;
        let phone = stage.phone(ANNA).await;
        let answer = phone.last().unwrap();
        assert_eq!(answer["kind"], "interactive", "{answer}");
        assert!(answer["text"].as_str().unwrap().contains("Maaf"), "{answer}");
        // The customer takes the offer: the AI is silent from now on.
        stage.control("POST", "taps", json!({ "message": answer["id"], "choice": "sapa.person" })).await;
        stage.settle().await;
        let before = stage.received(ANNA).await.len();
        stage.writes(ANNA, "Berapa harga kopi Gayo?").await;
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), before, "the AI spoke after the hand-off");
    })
    .await;
}

#[tokio::test]
async fn stop_ends_it_and_start_begins_again() {
    both(async |stage| {
        stage.knows("Daftar Harga", BEANS).await;
        stage.writes(ANNA, "BERHENTI").await;
        stage.settle().await;
        let received = stage.received(ANNA).await;
        assert_eq!(received.len(), 1, "only the confirmation: {received:?}");
        assert!(received[0].contains("MULAI"), "{received:?}");
        stage.writes(ANNA, "Berapa harga kopi Gayo?").await;
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), 1, "the AI spoke after STOP");
        stage.writes(ANNA, "MULAI").await;
        stage.writes(ANNA, "Berapa harga kopi Gayo 250 gram?").await;
        stage.settle().await;
        let received = stage.received(ANNA).await;
        assert!(received.last().unwrap().contains("85.000"), "{received:?}");
    })
    .await;
}
