//! The signup dialog over HTTP: walked through by hand, scripted, refused, as a full page and hosted.

mod hooks;
mod support;

use std::collections::BTreeMap;

use hooks::Hooks;
use serde_json::{Value, json};
use support::{APP, SECRET};

const CONFIG: &str = "123000000000009";

/// An emulator with its standard world, whose app delivers to `hooks`.
struct Scene {
    running: emulator::Running,
    hooks: Hooks,
    client: reqwest::Client,
}

impl Scene {
    async fn new() -> Self {
        let hooks = Hooks::start().await;
        let app =
            emulator::AppSeed { callback_url: Some(hooks.url("/meta")), ..emulator::AppSeed::default() };
        let config = emulator::EmulatorConfig { app, ..emulator::EmulatorConfig::default() };
        let running = emulator::Emulator::start(config).await.unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { running, hooks, client }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url())
    }

    async fn open(&self, path: &str, query: &[(&str, &str)]) -> (u16, String) {
        let answer = self.client.get(self.url(path)).query(query).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let call = self.client.request(method, self.url(&format!("/_emulator{path}")));
        let call = if body.is_null() { call } else { call.json(&body) };
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// Sends a form of the dialog: its hidden and filled fields, and these answers over them.
    async fn answer(&self, page: &str, answers: &[(&str, &str)]) -> (u16, String, Option<String>) {
        let mut fields = fields_of(page);
        fields.extend(answers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let action = between(page, "action=\"", "\"").unwrap();
        let answer = self.client.post(self.url(&action)).form(&fields).send().await.unwrap();
        let to = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), answer.text().await.unwrap(), to)
    }

    async fn visits(&self) -> Vec<Value> {
        self.control(reqwest::Method::GET, "/signup/visits", Value::Null).await.as_array().unwrap().clone()
    }

    async fn exchange(&self, code: &str, redirect_uri: Option<&str>) -> (u16, Value) {
        let mut query = vec![("client_id", APP), ("client_secret", SECRET), ("code", code)];
        query.extend(redirect_uri.map(|uri| ("redirect_uri", uri)));
        let call = self.client.get(self.url("/v25.0/oauth/access_token")).query(&query);
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = &text[text.find(before)? + before.len()..];
    Some(unescaped(&rest[..rest.find(after)?]))
}

fn unescaped(text: &str) -> String {
    [("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

/// What a browser would send back untouched: hidden fields, texts, and the radio button that is on.
fn fields_of(page: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for input in page.split("<input ").skip(1) {
        let tag = &input[..input.find('>').unwrap()];
        if tag.contains("type=\"radio\"") && !tag.ends_with("checked") {
            continue;
        }
        let name = between(tag, "name=\"", "\"").unwrap();
        fields.insert(name, between(tag, "value=\"", "\"").unwrap_or_default());
    }
    fields
}

/// The messages the last page plays.
fn plan_of(page: &str) -> Value {
    let json = page.split("id=\"posts\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(json).unwrap()
}

fn popup(extras: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("client_id", APP),
        ("config_id", CONFIG),
        ("response_type", "code"),
        ("override_default_response_type", "true"),
        ("display", "popup"),
        ("origin", "https://app.example"),
        ("channel", "f7d6"),
        ("extras", extras),
    ]
}

#[tokio::test]
async fn a_person_creates_everything_new_and_the_page_gets_event_and_code() {
    let scene = Scene::new().await;
    let prefill = r#"{"setup":{"business":{"name":"Kedai Baru","address":{"country":"ID"}}}}"#;
    let (status, page) = scene.open("/v25.0/dialog/oauth", &popup(prefill)).await;
    assert_eq!(status, 200);
    assert!(page.contains("Step 1 of 4") && page.contains(r#"value="Kedai Baru""#), "{page}");

    let (_, page, _) = scene.answer(&page, &[("business_id", "new"), ("go", "next")]).await;
    assert!(page.contains("Step 2 of 4"), "{page}");
    let (_, page, _) = scene.answer(&page, &[("account_name", ""), ("go", "next")]).await;
    assert!(page.contains(r#"role="alert""#), "an account without a name is refused: {page}");
    let account = [("account_name", "Kedai"), ("currency", "idr"), ("go", "next")];
    let (_, page, _) = scene.answer(&page, &account).await;
    let number =
        [("phone_number_id", "new"), ("phone", "+49 30 1234567"), ("display_name", "Kedai"), ("go", "next")];
    let (_, page, _) = scene.answer(&page, &number).await;
    assert!(page.contains("already in use"), "{page}");
    let (_, page, _) = scene.answer(&page, &[("phone", "+62 812-3456-7890"), ("go", "next")]).await;
    assert!(page.contains("Step 4 of 5") && page.contains("<strong>123456</strong>"), "{page}");
    let (_, page, _) = scene.answer(&page, &[("otp", "000000"), ("go", "next")]).await;
    assert!(page.contains("not the code"), "{page}");
    let (_, page, _) = scene.answer(&page, &[("otp", "123-456"), ("go", "next")]).await;
    for shared in ["Acme Platform", "Kedai Baru", "Kedai", "+62 812-3456-7890"] {
        assert!(page.contains(&format!("<dd>{shared}</dd>")), "{shared}: {page}");
    }
    let (_, page, _) = scene.answer(&page, &[("go", "next")]).await;

    let plan = plan_of(&page);
    assert_eq!(plan["target"], "https://app.example");
    let event: Value = serde_json::from_str(plan["posts"][0]["data"].as_str().unwrap()).unwrap();
    assert_eq!((&event["type"], &event["event"]), (&json!("WA_EMBEDDED_SIGNUP"), &json!("FINISH")));
    let sdk = plan["posts"][1]["data"].as_str().unwrap();
    assert!(sdk.starts_with("cb=f7d6&domain=app.example"), "{sdk}");
    let code = sdk.split("code=").nth(1).unwrap();

    let (status, token) = scene.exchange(code, None).await;
    assert_eq!(status, 200, "{token}");
    let path = format!("/v25.0/{}", event["data"]["waba_id"].as_str().unwrap());
    let call =
        scene.client.get(scene.url(&path)).query(&[("fields", "name,currency,owner_business_info,country")]);
    let call = call.bearer_auth(token["access_token"].as_str().unwrap());
    let account: Value = call.send().await.unwrap().json().await.unwrap();
    assert_eq!(account["currency"], "IDR");
    assert_eq!(account["owner_business_info"]["name"], "Kedai Baru");
    let visit = &scene.visits().await[0];
    assert_eq!((&visit["ended"], &visit["waba_id"]), (&json!("finish"), &event["data"]["waba_id"]));
    assert_eq!(visit["extras"]["setup"]["business"]["name"], "Kedai Baru");
}

#[tokio::test]
async fn every_step_can_be_left_and_names_itself() {
    let scene = Scene::new().await;
    let (_, first) = scene.open("/v25.0/dialog/oauth", &popup("{}")).await;
    let (_, second, _) = scene.answer(&first, &[("business_id", "800000000000011"), ("go", "next")]).await;
    let (_, third, _) = scene.answer(&second, &[("go", "next")]).await;
    let (_, fourth, _) = scene.answer(&third, &[("go", "next")]).await;
    let steps = [
        (&first, "BUSINESS_ACCOUNT_SELECTION"),
        (&second, "WABA_PHONE_PROFILE_PICKER"),
        (&third, "PHONE_NUMBER_SETUP"),
        (&fourth, "PERMISSIONS"),
    ];
    for (page, step) in steps {
        let (_, left, _) = scene.answer(page, &[("go", "cancel")]).await;
        let posts = &plan_of(&left)["posts"];
        let event: Value = serde_json::from_str(posts[0]["data"].as_str().unwrap()).unwrap();
        assert_eq!(event["data"], json!({ "current_step": step }));
        assert_eq!(posts.as_array().unwrap().len(), 1, "no code after a cancellation");
    }
    let (_, back, _) = scene.answer(&fourth, &[("go", "back")]).await;
    assert!(back.contains("Step 3 of 4"), "{back}");
    let (_, reported, _) = scene.answer(&third, &[("go", "report")]).await;
    let event: Value =
        serde_json::from_str(plan_of(&reported)["posts"][0]["data"].as_str().unwrap()).unwrap();
    assert_eq!((&event["event"], &event["data"]["error_code"]), (&json!("CANCEL"), &json!("524126")));
}

#[tokio::test]
async fn the_page_speaks_the_browsers_language() {
    let scene = Scene::new().await;
    let call = scene.client.get(scene.url("/v25.0/dialog/oauth")).query(&popup("{}"));
    let page = call.header("accept-language", "id-ID,id;q=0.9").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<html lang=\"id\">") && page.contains("Pilih bisnis Anda"), "{page}");
}

#[tokio::test]
async fn the_full_page_returns_with_code_and_state_and_its_exchange_repeats_the_address() {
    let scene = Scene::new().await;
    let back = "https://app.example/back?tab=1";
    let query = [
        ("client_id", APP),
        ("config_id", CONFIG),
        ("response_type", "code"),
        ("redirect_uri", back),
        ("state", "nonce 1"),
    ];
    let (_, page) = scene.open("/v25.0/dialog/oauth", &query).await;
    let (_, page, _) = scene.answer(&page, &[("business_id", "800000000000011"), ("go", "next")]).await;
    let (_, page, _) = scene.answer(&page, &[("go", "next")]).await;
    let (_, page, _) = scene.answer(&page, &[("go", "next")]).await;
    let (status, _, to) = scene.answer(&page, &[("go", "next")]).await;
    let to = to.unwrap();
    assert_eq!(status, 302);
    assert!(
        to.starts_with("https://app.example/back?tab=1&code=AQB") && to.ends_with("&state=nonce+1"),
        "{to}"
    );
    let code = between(&to, "code=", "&").unwrap();
    let (status, refused) = scene.exchange(&code, None).await;
    assert_eq!((status, &refused["error"]["error_subcode"]), (400, &json!(36008)));
    let (status, _) = scene.exchange(&code, Some(back)).await;
    assert_eq!(status, 200, "a mismatch does not use the code up unless the switch says so");

    let mut denied = query.to_vec();
    denied.push(("scenario", "cancel"));
    let call = scene.client.get(scene.url("/v25.0/dialog/oauth")).query(&denied).send().await.unwrap();
    let to = call.headers()["location"].to_str().unwrap();
    let expected =
        "error=access_denied&error_code=200&error_description=Permissions+error&error_reason=user_denied";
    assert!(to.contains(expected) && to.ends_with("&state=nonce+1"), "{to}");
}

#[tokio::test]
async fn the_hosted_page_ends_with_webhooks_alone() {
    let scene = Scene::new().await;
    let (_, page) = scene.open("/hosted-signup", &[("client_id", APP), ("config_id", CONFIG)]).await;
    let (_, page, _) = scene.answer(&page, &[("business_id", "800000000000012"), ("go", "next")]).await;
    let (_, page, _) = scene.answer(&page, &[("go", "next")]).await;
    let (_, page, _) = scene.answer(&page, &[("go", "next")]).await;
    let (status, page, to) = scene.answer(&page, &[("go", "next")]).await;
    assert_eq!((status, to), (200, None));
    assert!(!page.contains("<script") && page.contains("You can close this window"), "{page}");
    let added = scene.hooks.wait_for(|hook| hook.body.to_string().contains("PARTNER_ADDED")).await.unwrap();
    let info = &added.body["entry"][0]["changes"][0]["value"]["waba_info"];
    assert_eq!(info, &json!({"waba_id": "700000000000012", "owner_business_id": "800000000000012"}));
}

#[tokio::test]
async fn what_may_not_open_the_dialog_gets_a_page_that_says_why() {
    let scene = Scene::new().await;
    let refused = async |query: &[(&str, &str)], words: &str| {
        let (status, page) = scene.open("/v25.0/dialog/oauth", query).await;
        assert_eq!(status, 400, "{page}");
        assert!(page.contains(words), "{words}: {page}");
    };
    refused(&[("client_id", "1")], "There is no app 1").await;
    refused(&[("client_id", APP), ("config_id", "2")], "no login configuration 2").await;
    scene
        .control(reqwest::Method::PATCH, "/settings", json!({"onboarding": {"refuse_old_dialogs": true}}))
        .await;
    refused(&popup(r#"{"version":"v3"}"#), "has ended").await;
    let world = scene.control(reqwest::Method::GET, "/world", Value::Null).await;
    let mut app = world["apps"][0].clone();
    app["allowed_origins"] = json!(["https://other.example"]);
    app["redirect_uris"] = json!(["https://other.example/back"]);
    scene.control(reqwest::Method::POST, "/seed", json!({ "apps": [app] })).await;
    refused(&popup("{}"), "Pages of https:").await;
    let page = [
        ("client_id", APP),
        ("config_id", CONFIG),
        ("redirect_uri", "https://app.example/"),
        ("response_type", "code"),
    ];
    refused(&page, "not among").await;
    assert!(scene.visits().await.iter().all(|visit| visit["ended"] == "refused"));
}

#[tokio::test]
async fn a_queued_scenario_is_played_by_the_next_opening_alone() {
    let scene = Scene::new().await;
    let scenario = json!({"outcome": "finish", "order": "code_first", "delay_ms": 700, "noise": true,
        "duplicate_event": true, "evil_origin": true, "event_ids": "foreign_waba"});
    scene.control(reqwest::Method::POST, "/signup/scenarios", scenario).await;
    let (_, page) = scene.open("/v25.0/dialog/oauth", &popup("{}")).await;
    let plan = plan_of(&page);
    let posts = plan["posts"].as_array().unwrap();
    let code = posts.iter().position(|post| post["data"].to_string().contains("&code=")).unwrap();
    let event =
        posts.iter().position(|post| post["from"] == "dialog" && post["data"].to_string().contains("FINISH"));
    assert!(code < event.unwrap(), "{plan}");
    assert_eq!(posts[event.unwrap()]["after_ms"], 700);
    assert_eq!(posts.iter().filter(|post| post["from"] == "stranger").count(), 1);
    let stranger = plan["stranger"].as_str().unwrap();
    assert!(stranger.starts_with("http://localhost:"), "another name of the same server: {stranger}");
    let (status, forged) = scene.open("/dialog/stranger", &[]).await;
    assert!(status == 200 && forged.contains("postMessage"));

    let (_, page) = scene.open("/v25.0/dialog/oauth", &popup("{}")).await;
    assert!(page.contains("Step 1 of 4"), "the next opening asks again: {page}");
}

#[tokio::test]
async fn the_page_may_ask_for_coexistence_or_the_app_alone() {
    let scene = Scene::new().await;
    let walk = async |extras: &str, business: &str, steps: usize| {
        let (_, mut page) = scene.open("/v25.0/dialog/oauth", &popup(extras)).await;
        for step in 0..steps {
            let choice = if step == 0 { business } else { "" };
            let mut answers = vec![("go", "next"), ("otp", "123456")];
            if step == 0 {
                answers.push(("business_id", choice));
            }
            page = scene.answer(&page, &answers).await.1;
        }
        let posts = plan_of(&page)["posts"].clone();
        serde_json::from_str::<Value>(posts[0]["data"].as_str().unwrap()).unwrap()
    };
    let event =
        walk(r#"{"setup":{},"featureType":"whatsapp_business_app_onboarding"}"#, "800000000000011", 5).await;
    assert_eq!(event["event"], "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING");
    let event = walk(r#"{"features":[{"name":"app_only_install"}]}"#, "800000000000013", 4).await;
    assert_eq!(event["event"], "FINISH_GRANT_ONLY_API_ACCESS");
    let seen = scene.hooks.wait_for(|hook| {
        let text = hook.body.to_string();
        text.contains("PARTNER_APP_INSTALLED") && text.contains("700000000000013")
    });
    seen.await.unwrap();
    assert!(!scene.hooks.all().iter().any(|hook| {
        hook.body.to_string().contains("PARTNER_ADDED") && hook.body.to_string().contains("700000000000013")
    }));
}

#[tokio::test]
async fn the_sdk_may_be_loaded_from_any_origin() {
    let scene = Scene::new().await;
    let answer = scene.client.get(scene.url("/id_ID/sdk.js")).send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/javascript"));
    assert!(answer.text().await.unwrap().contains("window.FB"));
}

#[tokio::test]
async fn every_outcome_and_its_halves_without_a_browser() {
    let scene = Scene::new().await;
    let run = async |scenario: Value| {
        let body = json!({"app_id": APP, "config_id": CONFIG, "scenario": scenario,
            "choices": {"phone_number_id": "600000000000011"}});
        scene.control(reqwest::Method::POST, "/signup", body).await
    };
    let event = |run: &Value| -> Option<String> {
        let text = run["posts"][0]["data"].as_str()?;
        Some(serde_json::from_str::<Value>(text).ok()?["event"].as_str()?.to_owned())
    };
    for (outcome, name, coded) in [
        ("finish", Some("FINISH"), true),
        ("finish_only_waba", Some("FINISH_ONLY_WABA"), true),
        ("coexistence", Some("FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"), true),
        ("app_only", Some("FINISH_GRANT_ONLY_API_ACCESS"), true),
        ("obo", Some("FINISH_OBO_MIGRATION"), true),
        ("cancel", Some("CANCEL"), false),
        ("error", Some("CANCEL"), false),
        ("close", None, false),
        ("finish_without_code", Some("FINISH"), false),
        ("code_without_event", None, true),
    ] {
        let end = run(json!({"outcome": outcome})).await;
        assert_eq!(event(&end).as_deref(), name, "{outcome}");
        assert_eq!(end["code"].is_string(), coded, "{outcome}");
        assert_eq!(end["callback"]["status"] == "connected", coded, "{outcome}");
        let shares = !["cancel", "error", "close"].contains(&outcome);
        assert_eq!(end["shared"].is_object(), shares, "{outcome}");
    }
    let silent = run(json!({"outcome": "close", "silent_callback": true})).await;
    assert_eq!(silent["callback"], Value::Null);
}
