//! The AI with a model over real HTTP: what it may see, and what of its replies reaches a customer.

use std::time::Duration;

use serde_json::json;
use server::outbound::{Outbound, SystemNames};

use super::model::{Prompt, Reply, Stub, supported};
use super::stage::{ANNA, Stage, both, both_with};

const PRICES: &str =
    "Kopi Gayo 250 gram harganya Rp 85.000. Pengiriman ke Bandung memakan waktu dua hari kerja.";
const QUESTION: &str = "Berapa harga kopi Gayo 250 gram?";
const ANSWER: &str = "Kopi Gayo 250 gram harganya Rp 85.000 ya kak.";

/// A gateway whose operator has configured the stand-in.
async fn with_model(timeout: Duration, journey: impl AsyncFn(&Stage, &Stub)) {
    let stub = Stub::start().await;
    let change = |parts: &mut server::Parts| parts.model = Some(stub.model(timeout));
    both_with(change, async |stage: &Stage| {
        stub.take_prompts();
        stage.set_ai(json!({ "wait_seconds": 0 })).await;
        stage.knows("Daftar Harga", PRICES).await;
        journey(stage, &stub).await;
    })
    .await;
}

/// What a model does that it should not.
type Misdeed = fn(&Prompt) -> Reply;

const PATIENT: Duration = Duration::from_secs(20);

async fn engine(stage: &Stage) -> String {
    let id = stage.conversation().await["id"].as_str().unwrap().to_owned();
    let thread = stage.org.owner.get(&format!("conversations/{id}/messages")).await.expect(200);
    let ours = thread.items().iter().rfind(|message| message["author"] == "ai").unwrap();
    let behind = stage.org.owner.get(&format!("messages/{}/answer", ours["id"].as_str().unwrap())).await;
    behind.expect(200).str("/engine").to_owned()
}

#[tokio::test]
async fn a_models_answer_is_sent_with_its_source() {
    with_model(PATIENT, async |stage, stub| {
        stub.then(|_| Reply::Says(supported(ANSWER, &[1])));
        let said = stage.asks(QUESTION).await;
        assert_eq!(said, [format!("{ANSWER}\n\nSumber: Daftar Harga")]);
        assert_eq!(engine(stage).await, "stub");
        let prompt = stub.take_prompts().remove(0);
        assert!(prompt.user.contains("85.000") && prompt.user.contains(QUESTION), "{}", prompt.user);
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let used = tx.org(stage.org.id).await.unwrap().ai_usage(stage.app.now()).await.unwrap();
        assert_eq!((used.answers, used.tokens), (1, 120), "as the endpoint counted");
    })
    .await;
}

#[tokio::test]
async fn nothing_that_breaks_the_rules_reaches_a_customer() {
    with_model(PATIENT, async |stage, stub| {
        let foreign = "https://evil.example/pay";
        let replies: [(&str, Misdeed); 10] = [
            ("an error", |_| Reply::Fails(400)),
            ("no JSON", |_| Reply::Raw("<html>".into())),
            ("another form", |_| Reply::Raw("{\"choices\":[]}".into())),
            ("prose", |_| Reply::Says("Sure! Everything is free today.".into())),
            ("a foreign source", |_| Reply::Says(supported(ANSWER, &[99]))),
            ("no source", |_| Reply::Says(supported(ANSWER, &[]))),
            ("the canary", |prompt| Reply::Says(supported(&format!("Kopi Gayo {}", prompt.canary()), &[1]))),
            ("its instructions", |prompt| Reply::Says(supported(&prompt.system, &[1]))),
            ("a link", |_| Reply::Says(supported("Bayar kopi di https://evil.example/pay", &[1]))),
            ("another price", |_| Reply::Says(supported("Kopi Gayo harganya Rp 12.345", &[1]))),
        ];
        for (what, reply) in replies {
            stub.then(reply);
            let said = stage.asks(QUESTION).await;
            assert_eq!(said.len(), 1, "{what}: {said:?}");
            assert!(said[0].contains("85.000"), "{what}: the embedded answerer serves: {said:?}");
            for bad in [foreign, "12.345", "free", "Rules"] {
                assert!(!said[0].contains(bad), "{what}: {said:?}");
            }
            let prompts = stub.take_prompts();
            assert!(!prompts.is_empty(), "{what}: the model was not asked");
            assert!(prompts.iter().all(|prompt| !said[0].contains(&prompt.canary())), "{what}");
            assert_eq!(engine(stage).await, "embedded", "{what}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_slow_endpoint_costs_no_more_than_its_time() {
    with_model(Duration::from_millis(400), async |stage, stub| {
        stub.then(|_| Reply::SaysAfter(Duration::from_secs(60), supported(ANSWER, &[1])));
        let started = std::time::Instant::now();
        let said = stage.asks(QUESTION).await;
        assert!(said[0].contains("85.000"), "{said:?}");
        assert!(started.elapsed() < Duration::from_secs(15));
        assert_eq!(engine(stage).await, "embedded");
        // It may be charged all the same.
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let used = tx.org(stage.org.id).await.unwrap().ai_usage(stage.app.now()).await.unwrap();
        assert!(used.tokens > 600, "{used:?}");
    })
    .await;
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    with_model(PATIENT, async |stage, stub| {
        for status in [500, 429] {
            let mut failed = false;
            stub.then(move |_| {
                if std::mem::replace(&mut failed, true) {
                    Reply::Says(supported(ANSWER, &[1]))
                } else {
                    Reply::Fails(status)
                }
            });
            let said = stage.asks(QUESTION).await;
            assert!(said[0].starts_with(ANSWER), "{said:?}");
            assert_eq!(stub.take_prompts().len(), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn a_newer_message_cancels_the_answer_being_made_and_both_are_answered_once() {
    with_model(PATIENT, async |stage, stub| {
        let mut asked = 0;
        stub.then(move |_| {
            asked += 1;
            let wait = if asked == 1 { Duration::from_secs(15) } else { Duration::ZERO };
            Reply::SaysAfter(wait, supported(ANSWER, &[1]))
        });
        let started = std::time::Instant::now();
        let second = async {
            while stub.take_prompts().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            stage.writes(ANNA, "Yang 250 gram ya").await;
            // Beside the answer being made: its webhook comes in, its own job waits for the conversation.
            while !server::ingest::work(&stage.app.ctx).await.unwrap() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        stage.writes(ANNA, "Berapa harga kopi Gayo?").await;
        tokio::join!(stage.settle(), second);
        stage.settle().await;
        assert!(started.elapsed() < Duration::from_secs(14), "the first answer was waited for");
        let prompts = stub.take_prompts();
        assert_eq!(prompts.len(), 1);
        assert!(prompts[0].user.contains("Berapa harga kopi Gayo?\nYang 250 gram ya"), "{}", prompts[0].user);
        assert_eq!(stage.received(ANNA).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn quick_messages_wait_for_each_other_and_cost_one_call() {
    with_model(PATIENT, async |stage, stub| {
        stage.set_ai(json!({ "wait_seconds": null })).await;
        stub.then(|_| Reply::Says(supported(ANSWER, &[1])));
        for text in ["kak", "mau tanya", "harga kopi gayo berapa?"] {
            stage.writes(ANNA, text).await;
            stage.settle().await;
        }
        assert!(stub.take_prompts().is_empty(), "asked before the wait was over");
        stage.app.clock.advance(Duration::from_secs(2));
        stage.settle().await;
        assert_eq!(stub.take_prompts().len(), 1);
        assert_eq!(stage.received(ANNA).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_organisation_does_not_raise_what_the_operator_pays() {
    let stub = Stub::start().await;
    let change = |parts: &mut server::Parts| parts.model = Some(stub.model_within(PATIENT, Some(200)));
    both_with(change, async |stage: &Stage| {
        stage.set_ai(json!({ "wait_seconds": 0, "answers_per_day": null, "tokens_per_day": null })).await;
        stage.knows("Daftar Harga", PRICES).await;
        stub.take_prompts();
        let said = stage.asks(QUESTION).await;
        assert!(said[0].contains("85.000"), "{said:?}");
        assert!(stub.take_prompts().is_empty(), "the model was asked beyond the operator's limit");
        assert_eq!(engine(stage).await, "embedded");
    })
    .await;
}

#[tokio::test]
async fn beyond_the_days_budget_the_embedded_answerer_serves() {
    with_model(PATIENT, async |stage, stub| {
        stage.set_ai(json!({ "answers_per_day": 1 })).await;
        stub.then(|_| Reply::Says(supported(ANSWER, &[1])));
        assert!(stage.asks(QUESTION).await[0].starts_with(ANSWER));
        stub.take_prompts();
        assert!(stage.asks(QUESTION).await[0].contains("85.000"));
        assert!(stub.take_prompts().is_empty(), "the model was asked beyond the budget");
        assert_eq!(engine(stage).await, "embedded");
        // The test console is no way around it.
        stage.org.owner.post("ai/try", json!({ "question": QUESTION })).await.expect(200);
        assert!(stub.take_prompts().is_empty());
        stage.set_ai(json!({ "answers_per_day": null, "tokens_per_day": 200 })).await;
        stage.asks(QUESTION).await;
        assert!(stub.take_prompts().is_empty(), "a call may cost more tokens than are left");
    })
    .await;
}

#[tokio::test]
async fn a_flood_and_an_endless_question_cost_little() {
    with_model(PATIENT, async |stage, stub| {
        stage.set_ai(json!({ "replies_per_hour": 2 })).await;
        stub.then(|_| Reply::Says(supported(ANSWER, &[1])));
        let long = format!("{QUESTION} {}", "kopi ".repeat(800));
        stage.asks(&long[..4_000]).await;
        let prompt = stub.take_prompts().remove(0);
        assert!(prompt.user.len() < 12_000, "{}", prompt.user.len());
        for _ in 0..5 {
            stage.asks(QUESTION).await;
        }
        assert_eq!(stub.take_prompts().len(), 1, "the guard comes before the call");
    })
    .await;
}

#[tokio::test]
async fn the_model_never_sees_another_organisations_text() {
    with_model(PATIENT, async |stage, stub| {
        let other = stage.app.org("Toko Rahasia").await;
        stage.teach(&other, "Harga Rahasia", "Kopi Gayo 250 gram di Toko Rahasia harganya Rp 11.111.").await;
        stub.then(|_| Reply::Says(supported(ANSWER, &[1])));
        stage.asks(QUESTION).await;
        let ours = stub.take_prompts();
        assert_eq!(ours.len(), 1);
        let seen = format!("{}{}", ours[0].system, ours[0].user);
        assert!(seen.contains("Kopi Senja") && seen.contains("85.000"), "{seen}");
        assert!(!seen.contains("Rahasia") && !seen.contains("11.111"), "{seen}");
        other.owner.post("ai/try", json!({ "question": QUESTION })).await.expect(200);
        let theirs = stub.take_prompts();
        let seen = format!("{}{}", theirs[0].system, theirs[0].user);
        assert!(seen.contains("Toko Rahasia") && seen.contains("11.111"), "{seen}");
        assert!(!seen.contains("Senja") && !seen.contains("85.000"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn an_organisations_own_endpoint_is_guarded_sealed_tried_and_used() {
    let stub = Stub::start().await;
    let allow = |parts: &mut server::Parts| {
        let allowed = format!("127.0.0.1:{}", stub.url.port().unwrap()).parse().unwrap();
        parts.outbound = Outbound::new(allowed, SystemNames).unwrap();
    };
    both_with(allow, async |stage: &Stage| {
        stub.take_prompts();
        stub.take_embedded();
        stage.knows("Daftar Harga", PRICES).await;
        let owner = &stage.org.owner;
        assert_eq!(owner.get("ai/endpoint").await.str("/whose"), "none");
        let inside = json!({ "url": "http://169.254.169.254/v1", "chat_model": "m" });
        assert_eq!(owner.put("ai/endpoint", inside).await.problem(422), "invalid");
        let wish =
            json!({ "url": stub.url, "key": "sk-very-secret", "chat_model": "stub", "embedding_model": "e" });
        let set = owner.put("ai/endpoint", wish).await.expect(200);
        assert_eq!((set.str("/whose"), set.json["has_key"].as_bool()), ("own", Some(true)));
        for shown in [set, owner.get("ai/endpoint").await, owner.get("audit").await] {
            assert!(!shown.text.contains("sk-very"), "{}", shown.text);
        }
        stage.settle().await;
        assert_eq!(stub.take_embedded().len(), 1, "the passage was embedded");

        stub.then(|_| Reply::Says(supported(ANSWER, &[1])));
        let tried = owner.post("ai/endpoint/try", json!({})).await.expect(200);
        assert_eq!(
            (&tried.json["chat"]["works"], &tried.json["embedding"]["works"]),
            (&json!(true), &json!(true))
        );
        stub.take_prompts();
        stage.set_ai(json!({ "wait_seconds": 0 })).await;
        assert!(stage.asks(QUESTION).await[0].starts_with(ANSWER));
        assert_eq!(stub.take_prompts()[0].authorization.as_deref(), Some("Bearer sk-very-secret"));

        // A key goes nowhere else than where its owner sent it.
        let elsewhere = json!({ "url": "https://models.example/v1", "chat_model": "stub" });
        assert_eq!(owner.put("ai/endpoint", elsewhere).await.problem(422), "invalid");
        let same_host = json!({ "url": stub.url, "chat_model": "other" });
        assert_eq!(owner.put("ai/endpoint", same_host).await.expect(200).json["has_key"], true);
        stub.then(|_| Reply::Fails(401));
        let tried = owner.post("ai/endpoint/try", json!({})).await.expect(200);
        assert!(tried.str("/chat/problem").contains("401"), "{}", tried.text);
        owner.delete("ai/endpoint").await.expect(204);
        assert_eq!(owner.get("ai/endpoint").await.str("/whose"), "none");
        stage.settle().await;
    })
    .await;
}

#[tokio::test]
async fn without_an_endpoint_there_is_nothing_to_try() {
    both(async |stage| {
        assert_eq!(stage.org.owner.post("ai/endpoint/try", json!({})).await.problem(409), "no_endpoint");
    })
    .await;
}
