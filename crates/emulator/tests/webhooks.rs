//! Webhooks: where they go, how they are signed and written, and what happens when they are not taken.

mod support;

use serde_json::{Value, json};
use support::{ACCOUNT, APP, Endpoint, NUMBER, SECRET, Stage, signature};

const ANNA: &str = "491700000001";

async fn say(stage: &Stage, text: &str) {
    stage.control("POST", "/inbound", json!({"from": ANNA, "text": {"body": text}})).await;
}

fn texts(endpoint: &Endpoint) -> Vec<String> {
    let values = endpoint.values();
    let text = |value: &Value| Some(value.pointer("/messages/0/text/body")?.as_str()?.to_owned());
    values.iter().filter_map(text).collect()
}

#[tokio::test]
async fn bodies_are_escaped_and_signed_over_the_bytes_sent() {
    let stage = Stage::new().await;
    say(&stage, "Grüße 👍 https://x.example/a").await;
    let hook = stage.endpoint.next().await;
    assert!(hook.raw.is_ascii());
    let raw = String::from_utf8(hook.raw.clone()).unwrap();
    assert!(raw.contains(r"Gr\u00fc\u00dfe \ud83d\udc4d https:\/\/x.example\/a"), "{raw}");
    assert_eq!(hook.signature, signature(SECRET, &hook.raw));
    // Whoever signs what the parsed JSON says, instead of the bytes, gets another signature.
    assert_ne!(hook.signature, signature(SECRET, hook.body.to_string().as_bytes()));
    assert!(hook.body["entry"][0].get("time").is_none(), "no time on messages");

    stage.control("PATCH", "/settings", json!({"webhooks": {"escape": false}})).await;
    say(&stage, "Grüße").await;
    let plain = stage.endpoint.next().await;
    assert!(String::from_utf8(plain.raw.clone()).unwrap().contains("Grüße"));
    stage.control("PATCH", "/settings", json!({"webhooks": {"forge_signature": true}})).await;
    say(&stage, "forged").await;
    let forged = stage.endpoint.next().await;
    assert_ne!(forged.signature, signature(SECRET, &forged.raw));
}

#[tokio::test]
async fn only_200_counts_and_the_rest_comes_again() {
    let stage = Stage::new().await;
    for status in [500, 204, 302, 404] {
        stage.endpoint.answer(status);
        say(&stage, &format!("at {status}")).await;
        let attempts = async || {
            let pending = stage.control("GET", "/webhooks", Value::Null).await;
            pending["updates"][0]["attempts"].as_u64().unwrap_or(0)
        };
        while attempts().await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(texts(&stage.endpoint).len(), 0, "{status} counted");
        stage.endpoint.answer(200);
        stage.control("POST", "/webhooks/hurry", Value::Null).await;
        stage.settled().await;
        assert_eq!(texts(&stage.endpoint), [format!("at {status}")]);
        stage.endpoint.forget();
    }
}

#[tokio::test]
async fn after_seven_days_an_update_is_given_up() {
    let stage = Stage::new().await;
    stage.endpoint.answer(500);
    say(&stage, "too late").await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    stage.control("POST", "/clock", json!({"advance_ms": 8 * 86_400_000_i64})).await;
    stage.settled().await;
    stage.endpoint.answer(200);
    say(&stage, "in time").await;
    stage.settled().await;
    assert_eq!(texts(&stage.endpoint), ["in time"]);
}

#[tokio::test]
async fn a_backlog_is_batched_and_nothing_is_lost_or_doubled() {
    let stage = Stage::new().await;
    stage.control("PATCH", "/settings", json!({"webhooks": {"delay_ms": 600_000, "batch_max": 1000}})).await;
    for n in 0..300 {
        say(&stage, &format!("{n}")).await;
    }
    stage.control("POST", "/webhooks/hurry", Value::Null).await;
    stage.settled().await;
    let wanted: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    assert_eq!(texts(&stage.endpoint), wanted, "in their order, each once");
    assert!(stage.endpoint.all().len() < 300, "several share a POST");
}

#[tokio::test]
async fn duplicates_and_disorder_on_demand() {
    let stage = Stage::new().await;
    stage.control("PATCH", "/settings", json!({"seed": 7, "webhooks": {"duplicate": 1.0}})).await;
    say(&stage, "twice").await;
    stage.settled().await;
    assert_eq!(texts(&stage.endpoint), ["twice", "twice"]);
    stage.endpoint.forget();
    let disorder = json!({"webhooks": {"duplicate": 0.0, "reorder": true, "delay_ms": 600_000}});
    stage.control("PATCH", "/settings", disorder).await;
    for n in 0..40 {
        say(&stage, &format!("{n:02}")).await;
    }
    stage.control("POST", "/webhooks/hurry", Value::Null).await;
    stage.settled().await;
    let got = texts(&stage.endpoint);
    let mut sorted = got.clone();
    sorted.sort();
    assert_eq!(sorted, (0..40).map(|n| format!("{n:02}")).collect::<Vec<_>>());
    assert_ne!(got, sorted, "still in order");
}

#[tokio::test]
async fn overrides_go_by_number_then_account_then_app_and_for_messages_alone() {
    let stage = Stage::new().await;
    let (by_account, by_number) = (Endpoint::start().await, Endpoint::start().await);
    let mut seed = support::connected(&stage.endpoint.url());
    seed["accounts"][0]["subscriptions"] =
        json!({APP: {"callback": {"url": by_account.url(), "verify_token": "v"}}});
    stage.control("POST", "/seed", json!({"accounts": seed["accounts"]})).await;
    say(&stage, "account").await;
    stage.settled().await;
    assert_eq!((texts(&by_account), stage.endpoint.all().len()), (vec!["account".to_owned()], 0));
    let hook = by_account.next().await;
    assert_eq!(hook.signature, signature(SECRET, &hook.raw), "signed by the app all the same");

    seed["numbers"][0]["overrides"] = json!({APP: {"url": by_number.url(), "verify_token": "v"}});
    stage.control("POST", "/seed", json!({"numbers": seed["numbers"]})).await;
    say(&stage, "number").await;
    // Preferences and templates go to the app.
    stage.control("POST", "/people/u1/marketing", json!({"value": "stop"})).await;
    let template = json!({"name": "new_one", "language": "en", "category": "UTILITY",
        "components": [{"type": "body", "text": "Your table is ready."}]});
    let path = format!("/{ACCOUNT}/message_templates");
    let made = stage.graph(reqwest::Method::POST, &path).json(&template).send().await.unwrap();
    assert_eq!(made.status(), 200);
    let made: Value = made.json().await.unwrap();
    let review = format!("/templates/{}/review", made["id"].as_str().unwrap());
    stage.control("POST", &review, json!({"act": "approve"})).await;
    stage.settled().await;
    assert_eq!(texts(&by_number), ["number"]);
    let hooks = stage.endpoint.all();
    let fields: Vec<&Value> =
        hooks.iter().map(|hook| &hook.body["entry"][0]["changes"][0]["field"]).collect();
    assert_eq!(fields, ["user_preferences", "message_template_status_update"]);
    assert!(hooks[1].body["entry"][0]["time"].is_i64(), "management fields carry a time");
}

#[tokio::test]
async fn nothing_is_delivered_without_a_subscription() {
    let stage = Stage::new().await;
    let mut seed = support::connected(&stage.endpoint.url());
    seed["accounts"][0]["subscriptions"] = json!({});
    stage.control("POST", "/seed", json!({"accounts": seed["accounts"]})).await;
    say(&stage, "nobody hears").await;
    stage.settled().await;
    seed = support::connected(&stage.endpoint.url());
    seed["apps"][0]["fields"] = json!(["account_update"]);
    stage.control("POST", "/seed", seed).await;
    say(&stage, "not this field").await;
    stage.settled().await;
    assert_eq!(stage.endpoint.all().len(), 0);
}

#[tokio::test]
async fn every_inbound_type_arrives_in_metas_shape() {
    let stage = Stage::new().await;
    let out = stage.hello(ANNA).await;
    stage.settled().await;
    stage.endpoint.forget();
    let media = json!({"text": "bytes", "mime_type": "image/jpeg"});
    let voice = json!({"text": "bytes", "mime_type": "audio/ogg; codecs=opus"});
    let sent = [
        json!({"type": "text", "text": {"body": "Hi"}, "reply_to": out}),
        json!({"type": "text", "text": {"body": "fwd"}, "context": {"forwarded": true}}),
        json!({"type": "image", "image": {"caption": "A"}, "media": media}),
        json!({"type": "video", "media": {"text": "b", "mime_type": "video/mp4"}}),
        json!({"type": "audio", "media": voice}),
        json!({"type": "document", "document": {"filename": "a.pdf"}, "media": {"base64": "JVBERg==", "mime_type": "application/pdf"}}),
        json!({"type": "sticker", "media": {"text": "b", "mime_type": "image/webp"}}),
        json!({"type": "location", "location": {"latitude": 37.4, "longitude": -122.1}}),
        json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "B"}}]}),
        json!({"type": "reaction", "reaction": {"message_id": out, "emoji": "👍"}}),
        json!({"type": "button", "button": {"payload": "STOP", "text": "Stop"}}),
        json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{}"}}}),
        json!({"type": "order", "order": {"catalog_id": "1", "text": "", "product_items": []}}),
        json!({"type": "unsupported"}),
        json!({"type": "request_welcome"}),
        json!({"type": "edit", "edit": {"original_message_id": out, "message": {"type": "text", "text": {"body": "x"}}}}),
        json!({"type": "revoke", "revoke": {"original_message_id": out}}),
        json!({"type": "text", "text": {"body": "ad"}, "referral": {"source_type": "ad", "ctwa_clid": "A"}}),
        json!({"type": "from_the_future", "from_the_future": {"anything": [1, 2]}}),
    ];
    for mut body in sent {
        let kind = body["type"].as_str().unwrap().to_owned();
        body["from"] = ANNA.into();
        let id = stage.control("POST", "/inbound", body.clone()).await["id"].clone();
        let hook = stage.endpoint.next().await;
        let value = &hook.body["entry"][0]["changes"][0]["value"];
        let message = &value["messages"][0];
        assert_eq!((&message["id"], &message["type"]), (&id, &json!(kind)));
        assert_eq!(
            (&message["from"], &message["from_user_id"]),
            (&json!(ANNA), &json!("DE.10000000000000000001"))
        );
        assert!(message["timestamp"].is_string());
        assert_eq!(value["contacts"][0]["profile"]["name"], "Anna Beispiel");
        for key in ["referral", "context"] {
            if let Some(given) = body.get(key) {
                assert_eq!(&message[key], given);
            }
        }
        match kind.as_str() {
            "unsupported" => assert_eq!(message["errors"][0]["code"], 131051),
            "image" | "video" | "audio" | "document" | "sticker" => {
                let object = &message[&kind];
                assert!(object["id"].is_string() && object["mime_type"].is_string(), "{object}");
                assert_eq!(object["sha256"].as_str().unwrap().len(), 44, "base64");
            }
            _ => {}
        }
        if kind == "audio" {
            assert_eq!(message["audio"]["voice"], true);
        }
    }
}

#[tokio::test]
async fn a_new_number_and_a_username_are_told_as_meta_tells_them() {
    let stage = Stage::new().await;
    stage.hello(ANNA).await;
    stage.settled().await;
    stage.endpoint.forget();
    stage.control("POST", "/people/u1/number", json!({"phone": "+49 170 9999999"})).await;
    let value = stage.endpoint.next().await.body["entry"][0]["changes"][0]["value"].clone();
    assert!(value.get("contacts").is_none());
    let message = &value["messages"][0];
    assert_eq!((message["type"].as_str(), message["from"].as_str()), (Some("system"), Some(ANNA)));
    let system = &message["system"];
    assert_eq!((&system["type"], &system["wa_id"]), (&json!("user_changed_number"), &json!("491709999999")));
    assert_eq!(system["previous_user_id"], "DE.10000000000000000001");
    assert_ne!(system["user_id"], system["previous_user_id"]);

    // With a username and no shared phone, no number is anywhere.
    stage.control("PATCH", "/people/u1", json!({"username": "anna", "shares_phone": false})).await;
    stage.control("POST", "/inbound", json!({"from": "@anna", "text": {"body": "It is me"}})).await;
    let raw = String::from_utf8(stage.endpoint.next().await.raw).unwrap();
    assert!(!raw.contains("491709999999") && !raw.contains("wa_id") && !raw.contains(r#""from":"#), "{raw}");
    assert!(raw.contains(r#""username":"anna""#));
    stage.control("PATCH", "/settings", json!({"username_at": true})).await;
    stage.control("POST", "/inbound", json!({"from": "anna", "text": {"body": "Still me"}})).await;
    assert!(String::from_utf8(stage.endpoint.next().await.raw).unwrap().contains(r#""username":"@anna""#));
    stage.control("POST", "/people/u1/number", json!({"phone": "491708888888"})).await;
    let value = stage.endpoint.next().await.body["entry"][0]["changes"][0]["value"].clone();
    let message = &value["messages"][0];
    assert_eq!(message["system"]["type"], "user_changed_user_id");
    assert!(message.get("from").is_none() && message["system"].get("wa_id").is_none());
    assert_eq!(value["metadata"]["phone_number_id"], NUMBER);
}

#[tokio::test]
async fn any_update_can_be_published_as_it_is() {
    let stage = Stage::new().await;
    let error = json!({"code": 131000, "title": "Something went wrong"});
    let message = json!({"from": ANNA, "id": "wamid.X", "timestamp": "1", "type": "interactive"});
    let value = json!({"messaging_product": "whatsapp", "messages": [message], "errors": [error]});
    let body = json!({"account": ACCOUNT, "number": NUMBER, "field": "messages", "value": value});
    stage.control("POST", "/webhooks", body.clone()).await;
    let change = stage.endpoint.next().await.body["entry"][0]["changes"][0].clone();
    assert_eq!(change, json!({"field": "messages", "value": value}));
    let mut foreign = body;
    foreign["account"] = "404".into();
    assert_eq!(stage.control_raw("POST", "/webhooks", foreign).await.0, 404);
}
