//! The AI with the embedded answerer: grounded answers, honest refusals, people in charge.

use serde_json::{Value, json};

use testkit::app::PushService;

use super::stage::{ANNA, NUMBER, Stage, both, both_with};

const PRICES: &str =
    "Kopi Gayo 250 gram harganya Rp 85.000. Pengiriman ke Bandung memakan waktu dua hari kerja.";
const HOURS: &str =
    "The clinic opens at 8 in the morning and closes at 5 in the afternoon, Monday to Friday.";

/// The newest message on the phone.
async fn newest(stage: &Stage) -> Value {
    stage.phone(ANNA).await.pop().expect("a message")
}

async fn event(stage: &Stage, wanted: &str) -> Value {
    let start = store::events::EventId { txid: 0, seq: 0, at: rules::time::Timestamp(0) };
    for _ in 0..500 {
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let events = tx.org(stage.org.id).await.unwrap().events_after(start, 1_000).await.unwrap();
        if let Some(event) = events.iter().find(|event| event.kind == wanted) {
            return serde_json::from_str(&event.payload).unwrap();
        }
        drop(tx);
        // PostgreSQL holds events back while an older transaction is open, be it of another test.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no {wanted} within ten seconds");
}

#[tokio::test]
async fn answers_cite_their_source_in_the_language_of_the_question_and_show_their_passages() {
    both(async |stage| {
        stage.knows("Daftar Harga", PRICES).await;
        stage.knows("Opening hours", HOURS).await;
        let answer = stage.asks("When does the clinic open?").await;
        assert!(answer[0].contains("8 in the morning"), "{answer:?}");
        assert!(answer[0].contains("Source: Opening hours"), "{answer:?}");
        let answer = stage.asks("Berapa harga kopi Gayo?").await;
        assert!(answer[0].contains("85.000") && answer[0].contains("Sumber: Daftar Harga"), "{answer:?}");

        let id = stage.conversation().await["id"].as_str().unwrap().to_owned();
        let thread = stage.org.owner.get(&format!("conversations/{id}/messages")).await.expect(200);
        let ours = thread.items().iter().rfind(|message| message["author"] == "ai").unwrap();
        let behind = stage.org.owner.get(&format!("messages/{}/answer", ours["id"].as_str().unwrap())).await;
        let behind = behind.expect(200);
        assert_eq!(behind.str("/verdict"), "answered");
        assert_eq!(behind.str("/engine"), "embedded");
        assert_eq!(behind.str("/passages/0/source_title"), "Daftar Harga");
        assert_eq!(behind.json["passages"][0]["used"], true);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_offers_a_person_in_the_language_of_the_contact_and_a_tap_calls_one() {
    both(async |stage| {
        stage.knows("Opening hours", HOURS).await;
        for (question, button) in [
            ("Do you repair old espresso machines?", "Talk to a person"),
            ("Apakah kalian menjual sepeda listrik bekas?", "Bicara dengan tim"),
        ] {
            stage.asks(question).await;
            let message = newest(stage).await;
            assert!(message.to_string().contains(button), "{message}");
        }
        let offered = newest(stage).await;
        stage.control("POST", "taps", json!({ "message": offered["id"], "choice": "sapa.person" })).await;
        stage.settle().await;
        let said = stage.received(ANNA).await.pop().unwrap();
        assert!(said.contains("tim"), "in Indonesian, like the button: {said}");
        let conversation = stage.conversation().await;
        assert_eq!(conversation["ai"]["state"], "handed_off", "{conversation}");
        assert_eq!(conversation["ai"]["reason"], "asked_for_a_person");
        assert_eq!(event(stage, "conversation.handed_off").await["conversation_id"], conversation["id"]);
        assert!(stage.asks("When does the clinic open?").await.is_empty(), "the AI spoke over a person");
    })
    .await;
}

#[tokio::test]
async fn the_wish_for_a_person_is_heard_in_words_too() {
    both(async |stage| {
        let said = stage.asks("mau bicara dengan orang").await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(stage.conversation().await["ai"]["state"], "handed_off");
    })
    .await;
}

#[tokio::test]
async fn who_works_the_inbox_is_told_in_their_browser_when_a_customer_wants_a_person() {
    let service = PushService::start().await;
    both_with(
        |parts| parts.outbound = service.outbound(),
        async |stage| {
            let browser = service.browser();
            stage.org.owner.post("push-subscriptions", browser.subscription()).await.expect(201);
            stage.asks("mau bicara dengan orang").await;
            let told = browser.take();
            assert_eq!(told.len(), 1, "{told:?}");
            let conversation = stage.conversation().await;
            assert_eq!(told[0].json["kind"], "handed_off");
            assert_eq!(told[0].json["conversation_id"], conversation["id"]);
            assert_eq!(told[0].json["contact"], "Anna");
            assert!(!told[0].json.to_string().contains("bicara"), "what was written stays here");
            stage.asks("halo?").await;
            assert!(browser.take().is_empty(), "once is enough");
        },
    )
    .await;
}

#[tokio::test]
async fn an_agents_reply_silences_the_ai_until_the_conversation_is_handed_back() {
    both(async |stage| {
        stage.knows("Opening hours", HOURS).await;
        stage.asks("When does the clinic open?").await;
        let id = stage.conversation().await["id"].as_str().unwrap().to_owned();
        let path = format!("conversations/{id}/messages");
        let body = json!({ "content": { "type": "text", "body": "This is Rina, how can I help?" } });
        stage.org.owner.post(&path, body).await.expect(202);
        stage.settle().await;
        assert!(stage.asks("And when does the clinic close?").await.is_empty(), "the AI spoke over Rina");
        stage.app.clock.advance(std::time::Duration::from_secs(5));
        stage.org.owner.post(&format!("conversations/{id}/hand-back"), json!({})).await;
        stage.settle().await;
        let before = stage.received(ANNA).await.len();
        stage.app.clock.advance(std::time::Duration::from_secs(5));
        let said = stage.asks("When does the clinic open?").await;
        assert_eq!(said.len(), 1, "once, and nothing of what Rina answered: {before} {said:?}");
        assert!(said[0].contains("8 in the morning"), "{said:?}");
    })
    .await;
}

#[tokio::test]
async fn what_holds_no_words_is_answered_honestly() {
    both(async |stage| {
        stage.asks("Halo kak").await;
        let voice = json!({ "from": ANNA, "to": NUMBER, "type": "audio",
            "media": { "text": "bytes", "mime_type": "audio/ogg; codecs=opus" } });
        stage.control("POST", "inbound", voice).await;
        stage.settle().await;
        let message = newest(stage).await;
        assert!(message.to_string().contains("belum bisa mendengarkan"), "{message}");
        assert!(message.to_string().contains("Bicara dengan tim"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn what_is_shown_and_not_said_is_never_called_unfindable() {
    both(async |stage| {
        stage.knows("Opening hours", HOURS).await;
        stage.asks("When does the clinic open?").await;
        let place = json!({ "latitude": -6.17, "longitude": 106.82, "name": "Monumen Nasional", "address": "Jakarta" });
        let card = json!([{ "name": { "formatted_name": "Rina", "first_name": "Rina" }, "phones": [{ "phone": "+62 811 1" }] }]);
        let photo = json!({ "base64": "/9j/4AAQSkZJRgABAQ==", "mime_type": "image/jpeg" });
        for (message, word) in [
            (json!({ "type": "location", "location": place }), "locations"),
            (json!({ "type": "contacts", "contacts": card }), "contact cards"),
            (json!({ "type": "image", "media": photo }), "pictures"),
            (json!({ "type": "image", "image": { "caption": "What do you think of this parrot?" }, "media": photo }), "pictures"),
        ] {
            let mut message = message;
            message["from"] = json!(ANNA);
            message["to"] = json!(NUMBER);
            stage.app.clock.advance(std::time::Duration::from_secs(1));
            stage.control("POST", "inbound", message).await;
            stage.settle().await;
            let said = newest(stage).await.to_string();
            assert!(said.contains("cannot") && said.contains(word), "{said}");
            assert!(!said.contains("could not find"), "{said}");
        }
        let before = stage.received(ANNA).await.len();
        let sticker = json!({ "from": ANNA, "to": NUMBER, "type": "sticker",
            "media": { "base64": "UklGRg==", "mime_type": "image/webp" } });
        stage.control("POST", "inbound", sticker).await;
        stage.settle().await;
        assert_eq!(stage.received(ANNA).await.len(), before, "a sticker asks nothing");
        stage.app.clock.advance(std::time::Duration::from_secs(1));
        let asked = json!({ "from": ANNA, "to": NUMBER, "type": "image", "media": photo,
            "image": { "caption": "When does the clinic open?" } });
        stage.control("POST", "inbound", asked).await;
        stage.settle().await;
        let said = stage.received(ANNA).await.pop().unwrap();
        assert!(said.starts_with("I cannot look at pictures") && said.contains("8 in the morning"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn quick_messages_are_answered_together_unless_an_organisation_wants_it_otherwise() {
    both(async |stage| {
        stage.set_ai(json!({ "wait_seconds": null })).await;
        stage.knows("Daftar Harga", PRICES).await;
        for text in ["Halo kak", "mau nanya dong", "Berapa harga kopi Gayo?"] {
            stage.writes(ANNA, text).await;
            stage.settle().await;
        }
        assert!(stage.received(ANNA).await.is_empty(), "answered before the wait was over");
        stage.app.clock.advance(std::time::Duration::from_secs(2));
        stage.settle().await;
        let said = stage.received(ANNA).await;
        assert!(said.len() == 1 && said[0].contains("85.000"), "{said:?}");
    })
    .await;
}

#[tokio::test]
async fn a_question_that_is_only_announced_is_waited_for() {
    both(async |stage| {
        assert_eq!(stage.asks("Saya mau tanya").await, ["Silakan, mau tanya apa?"]);
    })
    .await;
}

#[tokio::test]
async fn a_correction_goes_out_as_it_was_taught() {
    both(async |stage| {
        stage.knows("Daftar Harga", PRICES).await;
        let taught = json!({ "question": "Berapa harga kopi Gayo?", "answer": "Sedang promo: Rp 79.000." });
        let kept = stage.org.owner.post("ai/corrections", taught).await;
        assert!((200..300).contains(&kept.status), "{}", kept.text);
        stage.app.run_jobs().await;
        assert_eq!(stage.asks("Berapa harga kopi Gayo?").await, ["Sedang promo: Rp 79.000."]);
    })
    .await;
}

#[tokio::test]
async fn stop_is_confirmed_in_the_language_of_the_conversation() {
    both(async |stage| {
        assert!(stage.asks("STOP").await[0].contains("Anda tidak akan"), "an Indonesian organisation");
        stage.app.clock.advance(std::time::Duration::from_secs(2));
        assert!(stage.asks("START").await[0].contains("Selamat datang"));
        stage.app.clock.advance(std::time::Duration::from_secs(2));
        stage.asks("Thank you very much for your help").await;
        assert!(stage.asks("STOP").await[0].contains("You will receive no more"), "to whom writes English");
        stage.app.clock.advance(std::time::Duration::from_secs(2));
        assert!(stage.asks("MULAI").await[0].contains("Selamat datang"), "a word of one language");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_arrives_late_is_answered_though_it_was_written_before_the_answer() {
    both(async |stage| {
        stage.knows("Opening hours", HOURS).await;
        stage.knows("Daftar Harga", PRICES).await;
        stage.asks("When does the clinic open?").await;
        stage.app.clock.advance(std::time::Duration::from_secs(10));
        let at = stage.app.now().0 / 1_000 - 60_000;
        stage
            .control(
                "POST",
                "inbound",
                json!({ "from": ANNA, "to": NUMBER, "at": at, "text": { "body": "Berapa harga kopi Gayo?" } }),
            )
            .await;
        stage.settle().await;
        let said = stage.received(ANNA).await.pop().unwrap();
        assert!(said.contains("85.000"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn two_machines_do_not_talk_for_ever() {
    both(async |stage| {
        stage.set_ai(json!({ "replies_per_hour": 3 })).await;
        for _ in 0..3 {
            assert_eq!(stage.asks("halo").await.len(), 1);
        }
        assert!(stage.asks("halo").await.is_empty());
        let conversation = stage.conversation().await;
        assert_eq!(conversation["ai"]["state"], "handed_off");
        assert_eq!(conversation["ai"]["reason"], "too_many_replies");
    })
    .await;
}

#[tokio::test]
async fn stop_and_start_are_no_questions() {
    both(async |stage| {
        stage.knows("Opening hours", HOURS).await;
        stage.asks("STOP").await;
        assert!(stage.asks("When does the clinic open?").await.is_empty(), "the AI spoke after STOP");
        stage.app.clock.advance(std::time::Duration::from_secs(2));
        stage.asks("START").await;
        stage.app.clock.advance(std::time::Duration::from_secs(2));
        let said = stage.asks("When does the clinic close?").await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("5 in the afternoon"), "{said:?}");
    })
    .await;
}
