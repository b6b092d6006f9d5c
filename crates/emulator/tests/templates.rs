//! The life of templates: what is refused at once, what the review decides, and what readers and time do later.

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::{ACCOUNT, Stage};

async fn call(stage: &Stage, method: Method, path: &str, body: Value) -> Value {
    let call = stage.graph(method, path);
    let call = if body.is_null() { call } else { call.json(&body) };
    call.send().await.unwrap().json().await.unwrap()
}

async fn control(stage: &Stage, method: Method, path: &str, body: Value) -> Value {
    let url = stage.url(&format!("/_emulator{path}"));
    reqwest::Client::new().request(method, url).json(&body).send().await.unwrap().json().await.unwrap()
}

fn draft(name: &str, text: &str) -> Value {
    json!({"name": name, "language": "en_US", "category": "UTILITY", "components": [{"type": "BODY", "text": text}]})
}

/// Makes a template; the answer is what Meta answered.
async fn make(stage: &Stage, draft: Value) -> Value {
    call(stage, Method::POST, &format!("/{ACCOUNT}/message_templates"), draft).await
}

/// What is told next of a template.
async fn told(stage: &Stage) -> (String, Value) {
    let change = stage.endpoint.next().await.body["entry"][0]["changes"][0].clone();
    (change["field"].as_str().unwrap().to_owned(), change["value"].clone())
}

async fn review(stage: &Stage, id: &str, act: Value) -> Value {
    control(stage, Method::POST, &format!("/templates/{id}/review"), act).await
}

#[tokio::test]
async fn the_review_approves_refuses_and_files_under_another_category() {
    let stage = Stage::new().await;
    let made = make(&stage, draft("ready", "Your table is ready.")).await;
    assert_eq!((&made["status"], &made["category"]), (&json!("PENDING"), &json!("UTILITY")));
    let (field, value) = told(&stage).await;
    assert_eq!((field.as_str(), &value["event"]), ("message_template_status_update", &json!("APPROVED")));
    assert_eq!(value["message_template_id"].as_u64(), made["id"].as_str().unwrap().parse().ok());

    let selling = make(&stage, draft("selling", "Your table is ready. Use this voucher next time.")).await;
    assert_eq!(selling["category"], "MARKETING");
    assert_eq!(told(&stage).await.1["message_template_category"], "MARKETING");

    make(&stage, draft("twin", "Your table is ready.")).await;
    let (_, value) = told(&stage).await;
    assert_eq!((&value["event"], &value["reason"]), (&json!("REJECTED"), &json!("INVALID_FORMAT")));
    assert!(value["rejection_info"]["recommendation"].as_str().unwrap().len() > 10);

    make(&stage, draft("fishing", "Tell us your password please.")).await;
    let (_, value) = told(&stage).await;
    assert_eq!((&value["reason"], value.get("rejection_info")), (&json!("SCAM"), None));
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_code() {
    let stage = Stage::new().await;
    for (text, subcode) in [
        ("{{1}} is ready for you.", 2388299),
        ("Hi {{1}}!", 2388293),
        ("Hello {{2}}, your order is ready.", 2388072),
        ("Hello {{1}}, your order is ready.", 2388042),
    ] {
        let refused = make(&stage, draft("wrong", text)).await;
        assert_eq!(refused["error"]["error_subcode"], subcode, "{text}");
    }
    let mut long = draft("long", "Fine.");
    long["components"] =
        json!([{"type": "BODY", "text": "Fine."}, {"type": "FOOTER", "text": "a".repeat(61)}]);
    assert_eq!(make(&stage, long).await["error"]["error_subcode"], 2388040);
    control(&stage, Method::PATCH, "/settings", json!({"templates": {"most": 1}})).await;
    assert_eq!(make(&stage, draft("many", "One too many.")).await["error"]["error_subcode"], 2388019);
    control(&stage, Method::PATCH, "/settings", json!({"templates": {"most": 6000, "per_hour": 1}})).await;
    assert_eq!(make(&stage, draft("fast", "One too fast.")).await["error"]["code"], 80007);
}

#[tokio::test]
async fn pauses_grow_end_by_themselves_and_end_in_a_ban() {
    let stage = Stage::new().await;
    control(&stage, Method::PATCH, "/settings", json!({"templates": {"review_ms": 0}})).await;
    let made = make(&stage, draft("ready", "Your table is ready.")).await;
    assert_eq!(made["status"], "APPROVED", "a review that takes no time answers the call");
    let id = made["id"].as_str().unwrap();
    told(&stage).await;
    review(&stage, id, json!({"act": "pause"})).await;
    assert_eq!(told(&stage).await.1["other_info"]["title"], "FIRST_PAUSE");
    control(&stage, Method::POST, "/clock", json!({"advance_ms": 3 * 3_600_000 + 1})).await;
    assert_eq!(told(&stage).await.1["other_info"]["title"], "UNPAUSE");
    review(&stage, id, json!({"act": "pause"})).await;
    assert_eq!(told(&stage).await.1["other_info"]["title"], "SECOND_PAUSE");
    let unpaused = call(&stage, Method::POST, &format!("/{id}/unpause"), json!({})).await;
    assert_eq!(unpaused["success"], true);
    told(&stage).await;
    assert_eq!(review(&stage, id, json!({"act": "pause"})).await["status"], "DISABLED");
    let (_, value) = told(&stage).await;
    assert!(value["disable_info"]["disable_date"].is_string());
}

#[tokio::test]
async fn a_category_is_announced_a_day_ahead_and_then_changes() {
    let stage = Stage::new().await;
    control(&stage, Method::PATCH, "/settings", json!({"templates": {"review_ms": 0}})).await;
    let made = make(&stage, draft("ready", "Your table is ready.")).await;
    let id = made["id"].as_str().unwrap();
    told(&stage).await;
    review(&stage, id, json!({"act": "category", "category": "MARKETING"})).await;
    let (field, value) = told(&stage).await;
    assert_eq!(field, "template_category_update");
    assert_eq!(
        (&value["new_category"], &value["correct_category"]),
        (&json!("UTILITY"), &json!("MARKETING"))
    );
    control(&stage, Method::POST, "/clock", json!({"advance_ms": 24 * 3_600_000 + 1})).await;
    let (_, value) = told(&stage).await;
    assert_eq!(
        (&value["previous_category"], &value["new_category"]),
        (&json!("UTILITY"), &json!("MARKETING"))
    );
    review(&stage, id, json!({"act": "quality", "score": "YELLOW"})).await;
    let (field, value) = told(&stage).await;
    assert_eq!(
        (field.as_str(), &value["new_quality_score"]),
        ("message_template_quality_update", &json!("YELLOW"))
    );
}

#[tokio::test]
async fn edits_are_rationed_and_a_name_that_was_given_up_is_blocked() {
    let stage = Stage::new().await;
    control(&stage, Method::PATCH, "/settings", json!({"templates": {"review_ms": 0}})).await;
    let made = make(&stage, draft("ready", "Your table is ready.")).await;
    let id = made["id"].as_str().unwrap();
    let edit = |text: &str| json!({"components": [{"type": "BODY", "text": text}]});
    assert_eq!(
        call(&stage, Method::POST, &format!("/{id}"), edit("Your table is waiting.")).await["success"],
        true
    );
    let again = call(&stage, Method::POST, &format!("/{id}"), edit("Your table is set.")).await;
    assert_eq!(again["error"]["error_subcode"], 2388039);
    let path = format!("/{ACCOUNT}/message_templates?name=ready");
    assert_eq!(call(&stage, Method::DELETE, &path, Value::Null).await["success"], true);
    assert_eq!(make(&stage, draft("ready", "Something else.")).await["error"]["error_subcode"], 2388023);
}

#[tokio::test]
async fn the_library_is_looked_through_and_made_templates_from() {
    let stage = Stage::new().await;
    let found =
        call(&stage, Method::GET, "/message_template_library?search=delivery&language=id", Value::Null).await;
    assert_eq!(found["data"][0]["name"], "delivery_update_1");
    let mut wanted = json!({"name": "kirim", "language": "id", "category": "UTILITY", "library_template_name": "delivery_update_1"});
    assert!(make(&stage, wanted.clone()).await["error"].is_object(), "its button needs an address");
    wanted["library_template_button_inputs"] = json!([{"type": "URL", "url": {"base_url": "https://x.co/{{1}}", "url_suffix_example": "https://x.co/1"}}]);
    assert_eq!(make(&stage, wanted).await["status"], "APPROVED");
    let path = format!("/{ACCOUNT}/message_template_previews?languages=en_US,id&code_expiration_minutes=5");
    assert_eq!(
        call(&stage, Method::GET, &path, Value::Null).await["data"][1]["footer"],
        "This code expires in 5 minutes."
    );
}
