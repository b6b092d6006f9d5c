//! The phone: what is read when it is looked at, what waits while it is off, and what is told as it happens.

mod support;

use std::time::Duration;

use emulator::EmulatorConfig;
use serde_json::{Value, json};
use support::{NUMBER, Stage};

const ANNA: &str = "491700000001";

fn text(body: &str) -> Value {
    json!({"type": "text", "text": {"body": body}})
}

/// The statuses of the messages on Anna's phone, oldest first.
async fn statuses(stage: &Stage) -> Vec<String> {
    let chat = stage.control("GET", &format!("/phones/{ANNA}"), Value::Null).await;
    let messages = chat["messages"].as_array().unwrap();
    messages.iter().map(|it| it["status"].as_str().unwrap().to_owned()).collect()
}

async fn unread(stage: &Stage) -> u64 {
    let chats = stage.control("GET", &format!("/phones/{ANNA}/chats"), Value::Null).await;
    chats[0]["unread"].as_u64().unwrap()
}

#[tokio::test]
async fn what_is_looked_at_is_read_and_told_only_where_receipts_are_on() {
    let stage = Stage::new().await;
    stage.hello(ANNA).await;
    stage.control("PATCH", "/people/u1", json!({"receipts": "delivered"})).await;
    for body in ["one", "two"] {
        stage.accepted(text(body)).await;
    }
    stage.settled().await;
    assert_eq!(statuses(&stage).await, ["sent", "delivered", "delivered"]);
    assert_eq!(unread(&stage).await, 2);

    let seen = stage.control("POST", &format!("/phones/{ANNA}/read"), json!({"number": NUMBER})).await;
    assert_eq!((&seen["read"], unread(&stage).await), (&json!(2), 0));
    assert_eq!(statuses(&stage).await, ["sent", "read", "read"]);
    stage.settled().await;
    let told = stage.endpoint.statuses().into_iter().filter(|(_, status)| status == "read").count();
    assert_eq!(told, 2);

    stage.control("PATCH", "/people/u1", json!({"receipts": "no_read"})).await;
    stage.accepted(text("three")).await;
    stage.settled().await;
    assert_eq!(unread(&stage).await, 1);
    let seen = stage.control("POST", &format!("/phones/{ANNA}/read"), json!({})).await;
    assert_eq!((&seen["read"], unread(&stage).await), (&json!(0), 0), "seen, but not told");
    assert_eq!(statuses(&stage).await.last().unwrap(), "delivered");
}

#[tokio::test]
async fn what_is_written_on_a_phone_that_is_off_goes_out_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let config = EmulatorConfig { data: Some(folder.path().to_owned()), ..EmulatorConfig::default() };
    let stage = Stage::with(config.clone()).await;
    stage.control("PATCH", "/people/u1", json!({"online": false})).await;
    let first = stage.hello(ANNA).await;
    let second = stage.hello(ANNA).await;
    stage.settled().await;
    assert_eq!(stage.endpoint.unseen(), 0, "nothing left the phone");
    assert_eq!(statuses(&stage).await, ["accepted", "accepted"]);
    let chat = stage.control("GET", &format!("/phones/{ANNA}"), Value::Null).await;
    assert_eq!(chat["window_open"], false);

    // It waits over a restart too.
    let Stage { running, endpoint, client } = stage;
    running.shutdown().await;
    let running = emulator::Emulator::start(config).await.unwrap();
    let stage = Stage { running, endpoint, client };
    stage.control("PATCH", "/people/u1", json!({"online": true})).await;
    stage.settled().await;
    let values = stage.endpoint.values();
    let heard: Vec<&str> =
        values.iter().filter_map(|value| value.pointer("/messages/0/id")?.as_str()).collect();
    assert_eq!(heard, [first.as_str(), second.as_str()]);
    assert_eq!(statuses(&stage).await, ["sent", "sent"]);
    let chat = stage.control("GET", &format!("/phones/{ANNA}"), Value::Null).await;
    assert_eq!(chat["window_open"], true);
    stage.running.shutdown().await;
}

#[tokio::test]
async fn the_business_does_not_read_what_has_not_left_the_phone() {
    let stage = Stage::new().await;
    let first = stage.hello(ANNA).await;
    stage.control("PATCH", "/people/u1", json!({"online": false})).await;
    stage.hello(ANNA).await;
    stage.control("PATCH", "/people/u1", json!({"online": true})).await;
    let receipt = json!({"messaging_product": "whatsapp", "status": "read", "message_id": first});
    assert_eq!(stage.send(receipt).await.0, 200);
    assert_eq!(statuses(&stage).await, ["read", "sent"]);
}

#[tokio::test]
async fn a_customer_may_be_known_by_a_username_alone() {
    let stage = Stage::new().await;
    let person = json!({"name": "Sari", "username": "@sari.dewi", "country": "ID", "shares_phone": false});
    let person = stage.control("POST", "/people", person).await;
    assert!(person["phone"].as_str().unwrap().starts_with("62"), "{person}");
    assert_eq!(
        (&person["name"], &person["username"], &person["country"]),
        (&json!("Sari"), &json!("sari.dewi"), &json!("ID"))
    );
    stage.hello("sari.dewi").await;
    let hook = stage.endpoint.next().await;
    let contact = hook.body.pointer("/entry/0/changes/0/value/contacts/0").unwrap();
    assert!(contact.get("wa_id").is_none() && contact["user_id"].as_str().unwrap().starts_with("ID."));
    let (refused, _) = stage.control_raw("POST", "/people", json!({"name": "Nobody"})).await;
    assert_eq!(refused, 400);
}

#[tokio::test]
async fn a_chat_is_read_in_pages() {
    let stage = Stage::new().await;
    for _ in 0..5 {
        stage.hello(ANNA).await;
    }
    let page = async |query: &str| {
        let chat = stage.control("GET", &format!("/phones/{ANNA}?limit=2{query}"), Value::Null).await;
        let messages = chat["messages"].as_array().unwrap();
        messages.iter().map(|it| it["sequence"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let newest = page("").await;
    let before = page(&format!("&before={}", newest[0])).await;
    assert_eq!(before, [newest[0] - 2, newest[0] - 1]);
    assert_eq!(page(&format!("&before={}", before[0])).await.len(), 1);
}

/// The names and data of the next so many events.
async fn events(answer: &mut reqwest::Response, count: usize) -> Vec<(String, Value)> {
    let mut heard = String::new();
    while heard.matches("\n\n").count() < count {
        let chunk =
            tokio::time::timeout(Duration::from_secs(30), answer.chunk()).await.expect("no event came");
        heard.push_str(&String::from_utf8_lossy(&chunk.unwrap().expect("the stream ended")));
    }
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
    };
    let events = heard.split("\n\n").filter(|event| !event.is_empty());
    events
        .map(|event| {
            (field(event, "event:"), serde_json::from_str(&field(event, "data:")).unwrap_or(Value::Null))
        })
        .collect()
}

#[tokio::test]
async fn whoever_watches_hears_of_everything_as_it_happens() {
    let stage = Stage::new().await;
    stage.control("PATCH", "/people/u1", json!({"receipts": "manual"})).await;
    let watch = async |query: &str| {
        let mut answer =
            stage.client.get(stage.url(&format!("/_emulator/events{query}"))).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(events(&mut answer, 1).await[0].0, "ready");
        answer
    };
    let (mut all, mut annas, mut evas) =
        (watch("").await, watch("?person=u1").await, watch("?person=u3").await);
    let wamid = stage.hello(ANNA).await;
    let heard = events(&mut annas, 3).await;
    let names: Vec<&str> = heard.iter().map(|(name, _)| name.as_str()).collect();
    // In the order of the tables: threads before messages.
    assert!(names.contains(&"message") && names.contains(&"chat"), "{names:?}");
    let message = heard.iter().find(|(name, _)| name == "message").unwrap();
    assert_eq!((&message.1["id"], &message.1["text"]), (&json!(wamid), &json!("Hello")));

    stage.hello("491700000003").await;
    let heard = events(&mut evas, 4).await;
    assert!(heard.iter().all(|(_, data)| data["person_id"] != "u1"), "{heard:?}");

    stage.control("PATCH", "/settings", json!({"drop_responses": 0.0})).await;
    let mut names = Vec::new();
    while !names.contains(&("world".to_owned(), json!({"table": "settings"}))) {
        names.extend(events(&mut all, 1).await);
    }
    assert!(names.iter().any(|(name, _)| name == "delivery"), "{names:?}");
    let (missing, _) = stage.control_raw("GET", "/events?person=nobody", Value::Null).await;
    assert_eq!(missing, 404);
}

#[tokio::test]
async fn deliveries_are_logged_without_secrets() {
    let stage = Stage::new().await;
    stage.hello(ANNA).await;
    stage.settled().await;
    stage.endpoint.answer(500);
    stage.hello(ANNA).await;
    let mut log = json!([]);
    while log.as_array().unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        log = stage.control("GET", "/deliveries?limit=2", Value::Null).await;
    }
    assert_eq!((&log[0]["status"], &log[1]["status"]), (&json!(500), &json!(200)));
    assert_eq!((&log[0]["attempt"], &log[0]["fields"]), (&json!(1), &json!(["messages"])));
    assert_eq!(log[1].pointer("/body/object"), Some(&json!("whatsapp_business_account")));
    assert!(!log.to_string().contains(support::SECRET));
}

#[tokio::test]
async fn media_is_shown_and_never_run() {
    let stage = Stage::new().await;
    for (kind, shown) in [
        ("image/png", "image/png"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/html", "application/octet-stream"),
    ] {
        let document = json!({"from": ANNA, "type": "document", "document": {"filename": "x"},
            "media": {"text": "<script>alert(1)</script>", "mime_type": kind}});
        stage.control("POST", "/inbound", document).await;
        let chat = stage.control("GET", &format!("/phones/{ANNA}?limit=1"), Value::Null).await;
        let id = chat.pointer("/messages/0/content/id").unwrap().as_str().unwrap().to_owned();
        let answer = stage.client.get(stage.url(&format!("/_emulator/media/{id}"))).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            (header("content-type"), header("x-content-type-options")),
            (shown.to_owned(), "nosniff".to_owned())
        );
        assert!(header("content-security-policy").contains("sandbox"));
    }
    assert_eq!(stage.control_raw("GET", "/media/1", Value::Null).await.0, 404);
}

#[tokio::test]
async fn links_are_followed_only_where_the_message_names_them() {
    let stage = Stage::new().await;
    stage.hello(ANNA).await;
    let link = stage.url("/phone/phone.svg");
    stage.control("PATCH", "/settings", json!({"fetch_links": "never"})).await;
    let wamid = stage.accepted(json!({"type": "image", "image": {"link": link}})).await;
    let linked = async |link: &str| {
        let url = stage.url(&format!("/_emulator/messages/{wamid}/linked"));
        stage.client.get(url).query(&[("link", link)]).send().await.unwrap().status().as_u16()
    };
    assert_eq!(linked(&link).await, 404, "the setting forbids it");
    stage.control("PATCH", "/settings", json!({"fetch_links": "local"})).await;
    assert_eq!(linked(&stage.url("/")).await, 404, "the message does not name it");
    let there = stage.client.get(&link).send().await.unwrap().status().as_u16();
    assert_eq!(linked(&link).await, there);
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let stage = Stage::new().await;
    for path in ["/phone", "/phone/"] {
        let answer = stage.client.get(stage.url(path)).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    }
    let index = stage.client.get(stage.url("/")).send().await.unwrap().text().await.unwrap();
    assert!(index.contains("href=\"/phone\""));
    let missing = stage.client.get(stage.url("/phone/assets/none.js")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn businesses_and_phones_are_listed() {
    let stage = Stage::new().await;
    stage.hello("491700000003").await;
    let businesses = stage.control("GET", "/businesses", Value::Null).await;
    assert_eq!((&businesses[0]["id"], &businesses[0]["registered"]), (&json!(NUMBER), &json!(true)));
    let phones = stage.control("GET", "/phones", Value::Null).await;
    assert_eq!(phones[0]["person"]["id"], "u3", "the latest message is Eva's");
    let found = stage.control("GET", "/phones?q=MUSTER", Value::Null).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
}
