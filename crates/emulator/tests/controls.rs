//! The controls: faults, lost responses, phones, tokens, the clock; and media and templates, which they lean on.

mod support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use support::{ACCOUNT, APP, NUMBER, Stage, TOKEN};

const ANNA: &str = "491700000001";

fn text(body: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": "+491700000001", "type": "text", "text": {"body": body}})
}

#[tokio::test]
async fn with_five_percent_of_responses_lost_everything_can_still_be_sent_exactly_once() {
    let stage = Stage::new().await;
    stage.hello(ANNA).await;
    stage.control("PATCH", "/settings", json!({"drop_responses": 0.05, "seed": 42})).await;
    let mut lost = 0;
    for n in 0..200 {
        let mut body = text("once");
        body["biz_opaque_callback_data"] = format!("job-{n}").into();
        let call = stage.graph(Method::POST, &format!("/{NUMBER}/messages")).json(&body);
        lost += usize::from(call.send().await.is_err());
    }
    assert!((1..30).contains(&lost), "{lost} of 200 responses were lost");
    stage.settled().await;
    let tally = stage.control("GET", "/messages?counts=true&limit=1", Value::Null).await;
    assert_eq!((&tally["total"], &tally["distinct_callback_data"]), (&json!(200), &json!(200)));
    assert_eq!(tally["repeated"], json!({}));
    assert_eq!(tally["by_status"], json!({"read": 200}));
    assert_eq!(tally["counts"]["job-7"], 1);
    let told: BTreeSet<String> = stage
        .endpoint
        .values()
        .iter()
        .filter_map(|value| Some(value.pointer("/statuses/0/biz_opaque_callback_data")?.as_str()?.to_owned()))
        .collect();
    assert_eq!(told.len(), 200, "the webhooks settle the lost ones");
    // A second send of the same is seen as one.
    stage.control("PATCH", "/settings", json!({"drop_responses": 0.0})).await;
    let mut again = text("twice");
    again["biz_opaque_callback_data"] = "job-7".into();
    stage.send(again).await;
    let tally = stage.control("GET", "/messages?callback_prefix=job-", Value::Null).await;
    assert_eq!(tally["repeated"], json!({"job-7": 2}));
}

/// Whatever is wrong with a request is told in one shape, with a sentence.
#[tokio::test]
async fn errors_of_controls_have_one_shape() {
    let stage = Stage::new().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = |text: &'static str| Some(("application/json", text));
    for (method, path, body, status) in [
        (Method::POST, "/tokens", body("{"), 400),
        (Method::POST, "/tokens", body(r#"{"value": 1}"#), 422),
        (Method::POST, "/tokens", Some(("text/plain", "{}")), 415),
        (Method::POST, "/tokens/end", body(r#"{"token": "none"}"#), 404),
        (Method::GET, "/messages?limit=many", None, 400),
        (Method::DELETE, "/tokens", None, 405),
        (Method::GET, "/nothing", None, 404),
    ] {
        let mut call = client.request(method.clone(), stage.url(&format!("/_emulator{path}")));
        if let Some((kind, text)) = body {
            call = call.header("content-type", kind).body(text);
        }
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        let told: Value = answer.json().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let sentence = told["error"].as_str().unwrap_or_else(|| panic!("{method} {path}: {told}"));
        assert!(sentence.len() > 15 && sentence.ends_with('.'), "{method} {path}: {sentence}");
    }
}

#[tokio::test]
async fn a_site_that_points_its_name_at_this_machine_reaches_no_controls() {
    let stage = Stage::new().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (host, status) in
        [("rebound.example", 403), ("127.0.0.1.nip.io:80", 403), ("localhost:9", 200), ("[::1]", 200)]
    {
        let call = client.get(stage.url("/_emulator/settings")).header("host", host);
        assert_eq!(call.send().await.unwrap().status(), status, "{host}");
    }
}

#[tokio::test]
async fn faults_strike_the_calls_they_name_and_no_others() {
    let stage = Stage::new().await;
    stage.hello(ANNA).await;
    let fault = |body: Value| stage.control("POST", "/faults", body);
    fault(json!({"edge": "messages", "method": "POST", "times": 2, "after": 1, "effect": {"failure": "throughput"}})).await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(stage.send(text("Hi")).await.1["error"]["code"].as_i64().unwrap_or(0));
    }
    assert_eq!(codes, [0, 130429, 130429, 0]);
    assert_eq!(stage.control("GET", "/faults", Value::Null).await, json!([]));

    fault(json!({"edge": "message_templates", "effect": {"error": {"status": 503, "code": 2, "message": "Down"}}})).await;
    assert_eq!(stage.send(text("Hi")).await.0, 200);
    let listed = stage.graph(Method::GET, &format!("/{ACCOUNT}/message_templates")).send().await.unwrap();
    assert_eq!(listed.status(), 503);

    let before = stage.control("GET", "/messages", Value::Null).await["total"].as_u64().unwrap();
    for (effect, arrives) in [("drop_request", 0), ("drop_response", 1)] {
        let before = stage.control("GET", "/messages", Value::Null).await["total"].as_u64().unwrap();
        fault(json!({"edge": "messages", "effect": effect})).await;
        let call = stage.graph(Method::POST, &format!("/{NUMBER}/messages")).json(&text("Hi")).send().await;
        assert!(call.is_err(), "{effect} answered");
        let after = stage.control("GET", "/messages", Value::Null).await["total"].as_u64().unwrap();
        assert_eq!(after - before, arrives, "{effect}");
    }
    assert_eq!(stage.control("GET", "/messages", Value::Null).await["total"].as_u64().unwrap(), before + 1);

    let failed = json!({"failed_status": {"code": 131049, "title": "Not delivered to maintain healthy ecosystem engagement."}});
    fault(json!({"edge": "messages", "effect": failed})).await;
    let wamid = stage.accepted(text("Hi")).await;
    stage.settled().await;
    assert!(stage.endpoint.statuses().contains(&(wamid, "failed".into())));

    fault(json!({"edge": "messages", "effect": {"delay_ms": 300}})).await;
    let began = Instant::now();
    assert_eq!(stage.send(text("Hi")).await.0, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));

    let (status, answer) =
        stage.control_raw("POST", "/faults", json!({"edge": "x", "effect": {"failure": "nonsense"}})).await;
    assert_eq!(status, 400, "{answer}");
    for known in stage.control("GET", "/failures", Value::Null).await.as_array().unwrap() {
        fault(json!({"edge": format!("{NUMBER}/messages"), "effect": {"failure": known["name"]}})).await;
        let (status, answer) = stage.send(text("Hi")).await;
        assert_eq!(json!(status), known["status"], "{known}");
        assert_eq!(answer["error"]["code"], known["code"], "{known}");
    }
}

#[tokio::test]
async fn a_phone_can_be_read_and_waited_for() {
    let stage = Stage::new().await;
    let hello = stage.hello(ANNA).await;
    let wait = |query: &str| {
        let url = stage.url(&format!("/_emulator/phones/{ANNA}/wait?{query}"));
        let client = stage.client.clone();
        tokio::spawn(async move {
            let answer = client.get(url).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        })
    };
    let waiting = wait("text=THREE%20left&status=read&timeout_ms=5000");
    stage.accepted(text("not this")).await;
    let wamid = stage
        .accepted(
            json!({"type": "text", "text": {"body": "Yes, three left."}, "context": {"message_id": hello}}),
        )
        .await;
    let (status, message) = waiting.await.unwrap();
    assert_eq!((status, message["id"].as_str()), (200, Some(wamid.as_str())));
    assert_eq!(message["context"], hello.as_str());
    let (status, answer) = wait("text=never&timeout_ms=100").await.unwrap();
    assert_eq!(status, 408, "{answer}");

    stage.settled().await;
    let chat = stage.control("GET", &format!("/phones/{ANNA}"), Value::Null).await;
    let ticks: Vec<&str> =
        chat["messages"].as_array().unwrap().iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!((chat["window_open"].as_bool(), ticks), (Some(true), vec!["sent", "read", "read"]));

    // A phone that is off gets nothing until it is back.
    stage.control("PATCH", "/people/u1", json!({"online": false})).await;
    let wamid = stage.accepted(text("later")).await;
    stage.settled().await;
    let status = async || {
        stage.control("GET", "/messages?limit=1", Value::Null).await["messages"][0]["status"].clone()
    };
    assert_eq!(status().await, "sent");
    stage.control("PATCH", "/people/u1", json!({"online": true, "receipts": "no_read"})).await;
    stage.settled().await;
    assert_eq!(status().await, "delivered");
    stage.control("POST", &format!("/messages/{wamid}/status"), json!({"status": "read"})).await;
    stage.settled().await;
    assert_eq!(status().await, "read");
    let (refused, _) =
        stage.control_raw("POST", &format!("/messages/{wamid}/status"), json!({"status": "delivered"})).await;
    assert_eq!(refused, 400, "statuses never fall");
}

#[tokio::test]
async fn taps_answer_buttons_rows_and_template_replies() {
    let stage = Stage::new().await;
    stage.hello(ANNA).await;
    let reminder = json!({"type": "template", "template": {"name": "appointment_reminder", "language": {"code": "en_US"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Anna"}, {"type": "text", "text": "Monday"}]},
            {"type": "button", "sub_type": "quick_reply", "index": "1", "parameters": [{"type": "payload", "payload": "CHANGE_7"}]}]}});
    let wamid = stage.accepted(reminder).await;
    stage.control("POST", "/taps", json!({"message": wamid, "choice": "Change"})).await;
    stage.control("POST", "/taps", json!({"message": wamid, "choice": "Confirm"})).await;
    stage.settled().await;
    let values = stage.endpoint.values();
    let taps: Vec<&Value> = values.iter().filter_map(|value| value.pointer("/messages/0/button")).collect();
    assert_eq!(
        taps,
        [
            &json!({"payload": "CHANGE_7", "text": "Change"}),
            &json!({"payload": "Confirm", "text": "Confirm"})
        ]
    );
    let (status, answer) =
        stage.control_raw("POST", "/taps", json!({"message": wamid, "choice": "None"})).await;
    assert_eq!(status, 400, "{answer}");
}

#[tokio::test]
async fn media_lives_as_long_as_metas() {
    let stage = Stage::new().await;
    let upload = async |mime: &str, bytes: Vec<u8>| {
        let part = reqwest::multipart::Part::bytes(bytes).file_name("f").mime_str(mime).unwrap();
        let form = reqwest::multipart::Form::new().text("messaging_product", "whatsapp").part("file", part);
        let answer =
            stage.graph(Method::POST, &format!("/{NUMBER}/media")).multipart(form).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, answer) = upload("text/csv", b"a,b".to_vec()).await;
    assert_eq!((status, answer["error"]["code"].as_i64()), (400, Some(100)));
    assert!(
        answer["error"]["message"].as_str().unwrap().contains("Received file of type 'text/csv'"),
        "{answer}"
    );
    assert_eq!(upload("image/jpeg", vec![0; (5 << 20) + 1]).await.0, 400);
    let (_, answer) = upload("application/pdf", b"%PDF".to_vec()).await;
    let id = answer["id"].as_str().unwrap().to_owned();

    let look_up = async || {
        let answer =
            stage.graph(Method::GET, &format!("/{id}?phone_number_id={NUMBER}")).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let found = look_up().await;
    let url = found["url"].as_str().unwrap().to_owned();
    assert_eq!((&found["mime_type"], &found["file_size"]), (&json!("application/pdf"), &json!("4")));
    let download = async |token: Option<&str>, url: &str| {
        let call = stage.client.get(url);
        let call = if let Some(token) = token { call.bearer_auth(token) } else { call };
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
    };
    assert_eq!(download(Some(TOKEN), &url).await, (200, b"%PDF".to_vec()));
    assert_eq!(download(None, &url).await.0, 401);
    assert_eq!(download(Some(TOKEN), &url.replace("ext=", "ext=9")).await.0, 404, "the end cannot be moved");
    stage.control("POST", "/clock", json!({"advance_ms": 5 * 60_000 + 1_000})).await;
    assert_eq!(download(Some(TOKEN), &url).await.0, 404, "after five minutes");
    assert_eq!(download(Some(TOKEN), look_up().await["url"].as_str().unwrap()).await.0, 200);
    assert_eq!(stage.send(json!({"messaging_product": "whatsapp", "to": "+491700000001", "type": "sticker", "sticker": {"id": id}})).await.0, 200);
    stage.control("POST", "/clock", json!({"advance_ms": 30 * 86_400_000_i64})).await;
    assert_eq!(look_up().await["error"]["error_subcode"], 33, "after thirty days");
    stage.hello(ANNA).await;
    let body = json!({"messaging_product": "whatsapp", "to": "+491700000001", "type": "document", "document": {"id": id}});
    assert_eq!(stage.send(body).await.1["error"]["code"], 131009);
}

#[tokio::test]
async fn resumable_uploads_go_on_where_they_stopped() {
    let stage = Stage::new().await;
    let path = format!("/{APP}/uploads?file_name=a.png&file_length=10&file_type=image/png");
    let opened: Value = stage.graph(Method::POST, &path).send().await.unwrap().json().await.unwrap();
    let id = opened["id"].as_str().unwrap();
    assert!(id.starts_with("upload:"));
    let url = stage.url(&format!("/v25.0/{id}"));
    let append = async |offset: &str, bytes: &'static [u8]| {
        let call = stage
            .client
            .post(&url)
            .header("authorization", format!("OAuth {TOKEN}"))
            .header("file_offset", offset);
        call.body(bytes).send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert!(append("0", b"12345").await.get("h").is_none());
    let state: Value =
        stage.graph(Method::GET, &format!("/{id}")).send().await.unwrap().json().await.unwrap();
    assert_eq!(state["file_offset"], 5);
    assert_eq!(append("3", b"x").await["error"]["code"], 100);
    assert!(append("5", b"67890").await["h"].as_str().unwrap().starts_with("4::"));
}

#[tokio::test]
async fn templates_are_made_listed_edited_and_deleted() {
    let stage = Stage::new().await;
    let path = format!("/{ACCOUNT}/message_templates");
    let call = async |method: Method, path: &str, body: Value| {
        let call = stage.graph(method, path);
        let call = if body.is_null() { call } else { call.json(&body) };
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let draft = json!({"name": "table_ready", "language": "en_US", "category": "utility",
        "components": [{"type": "body", "text": "Your table for {{1}} people is ready now.", "example": {"body_text": [["4"]]}},
            {"type": "buttons", "buttons": [{"type": "quick_reply", "text": "Coming"}]}]});
    let (status, made) = call(Method::POST, &path, draft.clone()).await;
    assert_eq!((status, &made["status"], &made["category"]), (200, &json!("PENDING"), &json!("UTILITY")));
    let id = made["id"].as_str().unwrap();
    let told = stage.endpoint.next().await.body["entry"][0]["changes"][0]["value"].clone();
    assert_eq!(
        (told["event"].as_str(), told["message_template_id"].as_u64()),
        (Some("APPROVED"), id.parse().ok())
    );

    assert_eq!(call(Method::POST, &path, draft.clone()).await.1["error"]["error_subcode"], 2388024);
    let mut spoilt = draft.clone();
    spoilt["name"] = "other".into();
    spoilt["components"][0]["text"] = "{{1}} people are here.".into();
    let (_, refused) = call(Method::POST, &path, spoilt).await;
    assert_eq!(refused["error"]["error_subcode"], 2388299);
    assert!(refused["error"]["error_user_msg"].is_string());

    let (_, node) = call(Method::GET, &format!("/{id}?fields=status,components"), Value::Null).await;
    assert_eq!(node["components"][1]["buttons"][0]["type"], "QUICK_REPLY");
    assert_eq!(node["id"], id);
    let (_, found) = call(Method::GET, &format!("{path}?name=table_ready&fields=name"), Value::Null).await;
    assert_eq!(found["data"], json!([{"name": "table_ready", "id": id}]));

    // Pages: every row once, and the end is the missing `next`.
    let (mut names, mut next) = (Vec::new(), stage.url(&format!("/v25.0{path}?limit=2&fields=name")));
    loop {
        let answer =
            stage.client.get(&next).bearer_auth(TOKEN).send().await.unwrap().json::<Value>().await.unwrap();
        names.extend(answer["data"].as_array().unwrap().iter().map(|row| row["id"].clone()));
        match answer["paging"]["next"].as_str() {
            Some(url) => next = url.to_owned(),
            None => break,
        }
    }
    let distinct: BTreeSet<String> = names.iter().map(Value::to_string).collect();
    assert_eq!((names.len(), distinct.len()), (9, 9));

    let edit = json!({"components": [{"type": "BODY", "text": "Your table is ready."}]});
    assert_eq!(call(Method::POST, &format!("/{id}"), edit).await.1, json!({"success": true}));
    assert_eq!(
        call(Method::DELETE, &format!("{path}?name=table_ready"), Value::Null).await.1,
        json!({"success": true})
    );
    let gone = json!({"messaging_product": "whatsapp", "to": "+491700000001", "type": "template",
        "template": {"name": "table_ready", "language": {"code": "en_US"}}});
    assert_eq!(stage.send(gone).await.0, 404);
}

#[tokio::test]
async fn the_controls_describe_themselves_and_start_over() {
    let stage = Stage::new().await;
    let document = stage.control("GET", "/openapi.json", Value::Null).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let paths = document["paths"].as_object().unwrap();
    for path in ["/inbound", "/phones/{person}/wait", "/messages", "/faults", "/clock", "/seed", "/settings"]
    {
        assert!(paths.contains_key(path), "{path} is not described");
    }
    // Every path without parameters that can be read to its end is there.
    for (path, item) in paths {
        if item.get("get").is_some() && !path.contains('{') && path != "/events" {
            stage.control("GET", path, Value::Null).await;
        }
    }
    stage.send(text("secret")).await;
    let calls = stage.control("GET", "/calls?path=messages", Value::Null).await;
    assert_eq!(calls[0]["body"]["text"]["body"], "secret");
    assert!(!calls.to_string().contains(TOKEN), "tokens are kept out");

    let (status, answer) = stage.control_raw("PATCH", "/settings", json!({"ladder": {"sent": 1}})).await;
    assert_eq!(status, 400, "{answer}");
    let (status, answer) =
        stage.control_raw("POST", "/inbound", json!({"from": "nobody", "text": {"body": "x"}})).await;
    assert_eq!(status, 404, "{answer}");

    stage.control("POST", "/reset", Value::Null).await;
    let world = stage.control("GET", "/world", Value::Null).await;
    assert_eq!((&world["messages"], &world["people"]), (&json!(0), &json!([])));
    assert_eq!(stage.send(text("Hi")).await.1["error"]["code"], 190, "the seeded token is forgotten");
}
