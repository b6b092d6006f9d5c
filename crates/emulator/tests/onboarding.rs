//! Onboarding beyond the golden exchanges: every failure on demand, visibility, limits, partners' affairs, account
//! webhooks, and survival of a restart.

mod hooks;
mod support;

use hooks::Hooks;
use reqwest::Method;
use serde_json::{Value, json};
use support::{ACCOUNT, APP, NUMBER, SECRET};

const SYSTEM: &str = "EAASYSFAKE";
const PARTNER: &str = "900000000000001";

struct Scene {
    running: emulator::Running,
    hooks: Hooks,
    client: reqwest::Client,
}

impl Scene {
    async fn new() -> Self {
        Self::with(None).await
    }

    async fn with(data: Option<std::path::PathBuf>) -> Self {
        let hooks = Hooks::start().await;
        let app =
            emulator::AppSeed { callback_url: Some(hooks.url("/meta")), ..emulator::AppSeed::default() };
        let config = emulator::EmulatorConfig { app, data, ..emulator::EmulatorConfig::default() };
        let running = emulator::Emulator::start(config).await.unwrap();
        Self { running, hooks, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        self.raw(Method::POST, &format!("/_emulator{path}"), "", body, 200).await
    }

    async fn change(&self, settings: Value) {
        self.raw(Method::PATCH, "/_emulator/settings", "", settings, 200).await;
    }

    /// A call that must answer with this status; its body.
    async fn raw(&self, method: Method, path: &str, token: &str, body: Value, status: u16) -> Value {
        let mut call = self.client.request(method.clone(), format!("{}{path}", self.running.url()));
        if !token.is_empty() {
            call = call.bearer_auth(token);
        }
        if !body.is_null() {
            call = call.json(&body);
        }
        let answer = call.send().await.unwrap();
        let got = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        assert_eq!(got, status, "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    async fn get(&self, path: &str, token: &str, status: u16) -> Value {
        self.raw(Method::GET, &format!("/v25.0{path}"), token, Value::Null, status).await
    }

    async fn post(&self, path: &str, token: &str, body: Value, status: u16) -> Value {
        self.raw(Method::POST, &format!("/v25.0{path}"), token, body, status).await
    }

    /// Runs the dialog; the business token it leads to.
    async fn connect(&self, number: &str, scenario: Value) -> String {
        let run = json!({"app_id": APP, "config_id": "123000000000009", "scenario": scenario,
            "choices": {"phone_number_id": number}});
        let code = self.control("/signup", run).await["code"].as_str().unwrap().to_owned();
        let path = format!("/oauth/access_token?client_id={APP}&client_secret={SECRET}&code={code}");
        self.get(&path, "", 200).await["access_token"].as_str().unwrap().to_owned()
    }
}

fn code_of(answer: &Value) -> (i64, Option<i64>) {
    (answer["error"]["code"].as_i64().unwrap(), answer["error"]["error_subcode"].as_i64())
}

/// The twenty failures of the fact sheet: number, method and path of a call, status, and the error without its trace.
#[tokio::test]
async fn each_of_the_twenty_failures_is_given_on_demand_word_for_word() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let exchange = format!("/oauth/access_token?client_id={APP}&client_secret={SECRET}&code=AQB");
    let numbers = format!("/{ACCOUNT}/phone_numbers");
    let (register, send) = (format!("/{NUMBER}/register"), format!("/{NUMBER}/messages"));
    let subscribe = format!("/{ACCOUNT}/subscribed_apps");
    let core = |code: i64, message: &str| json!({"message": message, "type": "OAuthException", "code": code});
    let sub = |code: i64, subcode: i64, message: &str| json!({"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode});
    let cloud = |code: i64, message: &str, details: &str| {
        json!({"message": message, "type": "OAuthException", "code": code,
               "error_data": {"messaging_product": "whatsapp", "details": details}})
    };
    let missing = json!({"message": format!("Unsupported get request. Object with ID '{ACCOUNT}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api"),
        "type": "GraphMethodException", "code": 100, "error_subcode": 33});
    let get = Method::GET;
    let post = Method::POST;
    let cases: Vec<(u8, &str, &Method, &str, u16, Value)> = vec![
        (1, "exchange", &get, &exchange, 400, sub(100, 36007, "This authorization code has expired.")),
        (2, "exchange", &get, &exchange, 400, sub(100, 36009, "This authorization code has been used.")),
        (
            3,
            "exchange",
            &get,
            &exchange,
            400,
            sub(
                100,
                36008,
                "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
            ),
        ),
        (4, "exchange", &get, &exchange, 400, core(1, "Error validating client secret.")),
        (
            5,
            "inspect",
            &get,
            "/debug_token?input_token=x",
            400,
            core(100, "(#100) The App_id in the input_token did not match the Viewing App"),
        ),
        (
            6,
            "numbers",
            &get,
            &numbers,
            401,
            core(190, "Invalid OAuth access token - Cannot parse access token"),
        ),
        (
            7,
            "numbers",
            &get,
            &numbers,
            401,
            sub(
                190,
                463,
                "Error validating access token: Session has expired on Thursday, 19-Nov-26 16:00:00 PST. The current time is Thursday, 19-Nov-26 16:53:20 PST.",
            ),
        ),
        (
            8,
            "numbers",
            &get,
            &numbers,
            401,
            sub(
                190,
                458,
                "Error validating access token: The user has not authorized application 111222333444555.",
            ),
        ),
        (9, "numbers", &get, &numbers, 400, missing),
        (
            10,
            "numbers",
            &get,
            &numbers,
            400,
            core(100, "(#100) Tried accessing nonexisting field (phone_numbers) on node type (Business)"),
        ),
        (11, "numbers", &get, &numbers, 403, core(200, "(#200) Permissions error")),
        (
            12,
            "send",
            &post,
            &send,
            403,
            core(
                200,
                "(#200) You do not have the necessary permissions to send messages on behalf of this WhatsApp Business Account",
            ),
        ),
        (
            13,
            "subscribe",
            &post,
            &subscribe,
            400,
            core(
                100,
                "(#100) Before override the current callback uri, your app must be subscribed to receive messages for WhatsApp Business Account",
            ),
        ),
        (
            14,
            "subscribe",
            &post,
            &subscribe,
            400,
            core(
                2200,
                "(#2200) Callback verification failed with the following errors: HTTP Status Code = 403; HTTP Message = Forbidden",
            ),
        ),
        (
            15,
            "register",
            &post,
            &register,
            400,
            cloud(133006, "(#133006) Phone number re-verification needed", "Verify the number first"),
        ),
        (
            16,
            "register",
            &post,
            &register,
            400,
            cloud(133005, "(#133005) Two step verification PIN Mismatch", "PIN incorrect"),
        ),
        (
            17,
            "register",
            &post,
            &register,
            400,
            cloud(
                133016,
                "(#133016) Account register deregister rate limit exceeded",
                "Registration or Deregistration failed because there were too many attempts for this phone number in a short period of time",
            ),
        ),
        (18, "send", &post, &send, 400, core(133010, "(#133010) Account not registered")),
        (
            19,
            "send",
            &post,
            &send,
            400,
            cloud(
                131042,
                "(#131042) Business eligibility payment issue",
                "Failed to send message because there were one or more errors related to your payment method.",
            ),
        ),
        (
            20,
            "sync",
            &post,
            "/600000000000004/smb_app_data",
            400,
            core(2593107, "(#2593107) Synchronization request limit exceeded"),
        ),
    ];
    assert_eq!(cases.len(), 20);
    for (number, step, method, path, status, expected) in cases {
        scene.control("/step-failures", json!({"step": step, "failure": number})).await;
        let path = format!("/v25.0{path}");
        let mut answer = scene.raw(method.clone(), &path, &token, Value::Null, status).await;
        let trace = answer["error"].as_object_mut().unwrap().remove("fbtrace_id");
        assert!(trace.is_some_and(|trace| trace.is_string()), "failure {number} has a trace");
        assert_eq!(answer, json!({ "error": expected }), "failure {number}");
    }
    scene.get(&numbers, &token, 200).await;
}

#[tokio::test]
async fn a_step_fails_as_often_as_told_and_not_before() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let path = format!("/{ACCOUNT}/phone_numbers");
    let failure = json!({"step": "numbers", "failure": "permission", "times": 2, "after": 1});
    scene.control("/step-failures", failure).await;
    for status in [200, 403, 403, 200] {
        scene.get(&path, &token, status).await;
    }
    let wrong = json!({"step": "numbers", "failure": 99});
    scene.raw(Method::POST, "/_emulator/step-failures", "", wrong, 400).await;
}

#[tokio::test]
async fn the_eleventh_registration_is_locked_for_seventy_two_hours() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let path = format!("/{NUMBER}/register");
    let body = json!({"messaging_product": "whatsapp", "pin": "581063"});
    scene.post(&path, &token, json!({"messaging_product": "whatsapp", "pin": "58106"}), 400).await;
    for _ in 0..10 {
        scene.post(&path, &token, body.clone(), 200).await;
    }
    assert_eq!(code_of(&scene.post(&path, &token, body.clone(), 400).await), (133016, None));
    scene.control("/clock", json!({"advance_ms": 71 * 3_600_000})).await;
    assert_eq!(code_of(&scene.post(&path, &token, body.clone(), 400).await), (133016, None));
    scene.control("/clock", json!({"advance_ms": 3_600_001})).await;
    scene.post(&path, &token, body, 200).await;
}

#[tokio::test]
async fn registering_again_leaves_the_pin_alone_under_the_account_model_evolution() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let path = format!("/{NUMBER}/register");
    let with = |pin: &str| json!({"messaging_product": "whatsapp", "pin": pin});
    scene.post(&path, &token, with("111111"), 200).await;
    scene.post(&path, &token, with("222222"), 200).await;
    scene.change(json!({"onboarding": {"account_model_evolution": false}})).await;
    assert_eq!(code_of(&scene.post(&path, &token, with("222222"), 400).await), (133005, None));
    scene.post(&path, &token, with("111111"), 200).await;
}

#[tokio::test]
async fn a_token_sees_what_was_granted_and_the_system_token_what_is_shared() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let unshared = "/700000000000011/phone_numbers";
    assert_eq!(code_of(&scene.get(unshared, &token, 400).await), (100, Some(33)));
    assert_eq!(code_of(&scene.get(unshared, SYSTEM, 400).await), (100, Some(33)));
    scene.get(&format!("/{ACCOUNT}/phone_numbers"), SYSTEM, 200).await;

    let app_only = scene.connect("600000000000011", json!({"outcome": "app_only"})).await;
    scene.get(unshared, &app_only, 200).await;
    assert_eq!(code_of(&scene.get(unshared, SYSTEM, 400).await), (100, Some(33)));
    let shared = scene.get(&format!("/{PARTNER}/client_whatsapp_business_accounts"), SYSTEM, 200).await;
    let ids: Vec<&Value> = shared["data"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [ACCOUNT], "an app-only install is no partner relation");

    let action = json!({"action": "remove_partner", "waba_id": ACCOUNT, "app_id": APP});
    scene.control("/client-actions", action).await;
    scene.get(&format!("/{ACCOUNT}/phone_numbers"), SYSTEM, 400).await;
    scene.get(&format!("/{ACCOUNT}/phone_numbers"), &token, 200).await;
}

#[tokio::test]
async fn fields_are_projected_and_lists_are_paged() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let fields = format!("/{ACCOUNT}?fields=owner_business_info{{name}},phone_numbers{{status}}");
    let narrow = scene.get(&fields, &token, 200).await;
    let expected = json!({"id": ACCOUNT, "owner_business_info": {"id": "800000000000002", "name": "Acme"},
        "phone_numbers": {"data": [{"id": NUMBER, "status": "PENDING"}]}});
    assert_eq!(narrow, expected);
    let odd = scene.get(&format!("/{ACCOUNT}?fields=name,foo"), &token, 400).await;
    let text = "(#100) Tried accessing nonexisting field (foo) on node type (WhatsAppBusinessAccount)";
    assert_eq!(odd["error"]["message"], text);

    for phone in ["301111111", "302222222"] {
        let body = json!({"cc": "49", "phone_number": phone, "verified_name": "Acme"});
        scene.post(&format!("/{ACCOUNT}/phone_numbers"), &token, body, 200).await;
    }
    let first = scene.get(&format!("/{ACCOUNT}/phone_numbers?limit=2&fields=id"), &token, 200).await;
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    assert!(first["paging"]["next"].is_string());
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let last =
        scene.get(&format!("/{ACCOUNT}/phone_numbers?limit=2&fields=id&after={after}"), &token, 200).await;
    assert_eq!((last["data"].as_array().unwrap().len(), &last["paging"]["next"]), (1, &Value::Null));
    let wrong = scene.get(&format!("/{ACCOUNT}/phone_numbers?after=none"), &token, 400).await;
    assert_eq!(code_of(&wrong), (131059, None));
}

#[tokio::test]
async fn several_calls_fit_into_one() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let parts = json!([{"method": "GET", "relative_url": format!("v25.0/{ACCOUNT}?fields=status")},
                       {"method": "GET", "relative_url": "1/phone_numbers"}]);
    let body = json!({"batch": parts, "include_headers": "false"});
    let answer = scene.post("/", &token, body, 200).await;
    assert_eq!((&answer[0]["code"], &answer[1]["code"]), (&json!(200), &json!(400)));
    assert_eq!(answer[0].get("headers"), None);
    let node: Value = serde_json::from_str(answer[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(node, json!({"id": ACCOUNT, "status": "ACTIVE"}));
    let nodes = scene.get(&format!("/?ids={ACCOUNT},{NUMBER}&fields=status"), &token, 200).await;
    assert_eq!(nodes[NUMBER]["status"], "PENDING");
}

#[tokio::test]
async fn usage_is_told_and_the_limit_of_an_hour_ends() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    scene.change(json!({"onboarding": {"usage_percent": 85}, "limits": {"calls_per_hour": 2}})).await;
    let url = format!("{}/v25.0/{ACCOUNT}?fields=status", scene.running.url());
    let answer = scene.client.get(&url).bearer_auth(&token).send().await.unwrap();
    let usage: Value =
        serde_json::from_str(answer.headers()["x-business-use-case-usage"].to_str().unwrap()).unwrap();
    assert_eq!(
        (&usage[ACCOUNT][0]["call_count"], &usage[ACCOUNT][0]["type"]),
        (&json!(85), &json!("whatsapp"))
    );
    let path = format!("/{ACCOUNT}?fields=status");
    scene.get(&path, &token, 200).await;
    assert_eq!(code_of(&scene.get(&path, &token, 400).await), (80007, None));
    scene.control("/clock", json!({"advance_ms": 3_600_000})).await;
    scene.get(&path, &token, 200).await;
}

#[tokio::test]
async fn a_proof_of_the_secret_may_be_required_and_must_be_right() {
    let scene = Scene::new().await;
    let me = "/me?fields=id";
    let wrong = scene.get(&format!("{me}&appsecret_proof=00"), SYSTEM, 200).await;
    assert_eq!(wrong["id"], "200000000000008", "/me identifies and needs no proof");
    let list = format!("/{PARTNER}/system_users");
    assert_eq!(code_of(&scene.get(&format!("{list}?appsecret_proof=00"), SYSTEM, 400).await), (100, None));
    let world = scene.raw(Method::GET, "/_emulator/world", "", Value::Null, 200).await;
    let mut app = world["apps"][0].clone();
    app["requires_proof"] = json!(true);
    scene.control("/seed", json!({ "apps": [app] })).await;
    scene.get(&list, SYSTEM, 400).await;
    let proof = "e4a5fc5432f50e2e99c000b1c369b11dc24b601761756bbb0570599ad73d77d4";
    scene.get(&format!("{list}?appsecret_proof={proof}"), SYSTEM, 200).await;
}

#[tokio::test]
async fn a_partner_verifies_numbers_ahead_and_joins_solutions() {
    let scene = Scene::new().await;
    let added = scene
        .post(&format!("/{PARTNER}/add_phone_numbers?phone_number=%2B4930998877"), SYSTEM, Value::Null, 200)
        .await;
    let id = added["id"].as_str().unwrap();
    scene
        .post(&format!("/{id}/request_code"), SYSTEM, json!({"code_method": "SMS", "language": "en_US"}), 200)
        .await;
    scene.post(&format!("/{id}/verify_code"), SYSTEM, json!({"code": "123456"}), 200).await;
    let list = format!("/{PARTNER}/preverified_numbers?code_verification_status=VERIFIED");
    assert_eq!(scene.get(&list, SYSTEM, 200).await["data"][0]["id"], id);
    let run = json!({"app_id": APP, "config_id": "123000000000009",
        "extras": {"setup": {"preVerifiedPhone": {"ids": [id]}}}, "choices": {"business_name": "New client"}});
    let shared = scene.control("/signup", run).await["shared"].clone();
    let number = scene
        .get(
            &format!(
                "/{}?fields=display_phone_number,is_preverified_number",
                shared["phone_number_id"].as_str().unwrap()
            ),
            SYSTEM,
            200,
        )
        .await;
    assert_eq!(number["is_preverified_number"], true);
    scene.control("/clock", json!({"advance_ms": 90_i64 * 86_400_000})).await;
    assert_eq!(scene.get(&list, SYSTEM, 200).await, json!({"data": []}));

    let other = json!({"apps": [{"id": "333444555666777", "name": "Pay", "secret": "s", "portfolio_id": "910000000000001",
        "callback_url": scene.hooks.url("/other")}]});
    scene.control("/seed", other).await;
    let body = json!({"solution_name": "Acme+Pay", "partner_app_id": "333444555666777",
        "owner_permissions": ["MESSAGING"], "partner_permissions": ["MANAGE_BILLING"]});
    let app = format!("{APP}|{SECRET}");
    let solution = scene.post(&format!("/{APP}/whatsapp_business_solution"), &app, body, 200).await;
    let solution = solution["solution_id"].as_str().unwrap();
    assert_eq!(
        code_of(&scene.post(&format!("/{solution}/accept"), &app, Value::Null, 403).await),
        (200, None)
    );
    scene.post(&format!("/{solution}/accept"), "333444555666777|s", Value::Null, 200).await;
    let node =
        scene.get(&format!("/{solution}?fields=status,partners{{partner_permissions}}"), SYSTEM, 200).await;
    assert_eq!(
        (&node["status"], &node["partners"]["data"][0]["partner_permissions"]),
        (&json!("ACTIVE"), &json!(["MANAGE_BILLING"]))
    );
    let told = scene
        .hooks
        .wait_for(|hook| hook.path == "/other" && hook.body.to_string().contains("SOLUTION_UPDATED"));
    told.await.unwrap();
    let run = json!({"app_id": APP, "config_id": "123000000000009", "extras": {"setup": {"solutionID": solution}},
        "choices": {"phone_number_id": NUMBER}});
    scene.control("/signup", run).await;
    let added = scene
        .hooks
        .wait_for(|hook| hook.body.pointer("/entry/0/changes/0/value/waba_info/solution_id").is_some());
    let info = added.await.unwrap().body["entry"][0]["changes"][0]["value"]["waba_info"].clone();
    assert_eq!(info["solution_partner_business_ids"], json!([PARTNER, "910000000000001"]));
}

#[tokio::test]
async fn partner_webhooks_come_before_or_after_the_exchange_or_never() {
    let scene = Scene::new().await;
    let run = |when: &str, number: &str| {
        json!({"app_id": APP, "config_id": "123000000000009", "scenario": {"webhooks": when},
            "choices": {"phone_number_id": number}})
    };
    scene.control("/signup", run("lost", "600000000000011")).await;
    let code =
        scene.control("/signup", run("after_exchange", NUMBER)).await["code"].as_str().unwrap().to_owned();
    let pending = scene.raw(Method::GET, "/_emulator/webhooks", "", Value::Null, 200).await;
    assert_eq!((&pending["total"], scene.hooks.all().len()), (&json!(0), 0));
    scene
        .get(&format!("/oauth/access_token?client_id={APP}&client_secret={SECRET}&code={code}"), "", 200)
        .await;
    for event in ["PARTNER_ADDED", "PARTNER_APP_INSTALLED"] {
        scene.hooks.wait_for(|hook| hook.body.to_string().contains(event)).await.unwrap();
    }
    assert!(!scene.hooks.all().iter().any(|hook| hook.body.to_string().contains("700000000000011")));
}

#[tokio::test]
async fn every_account_event_can_be_sent_in_every_form() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    scene.post(&format!("/{ACCOUNT}/subscribed_apps"), &token, Value::Null, 200).await;
    let names = scene.raw(Method::GET, "/_emulator/account-events", "", Value::Null, 200).await;
    let names: Vec<&str> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(names.len() > 35);
    for name in names {
        let mark = json!({"event": name, "waba_id": ACCOUNT, "value": {"mark": name}});
        let sent = scene.control("/account-events", mark).await;
        let like = |hook: &hooks::Hook| {
            let change = &hook.body["entry"][0]["changes"][0];
            change["value"]["mark"] == name && change["field"] == sent["field"]
        };
        let hook = scene.hooks.wait_for(like).await.unwrap_or_else(|_| panic!("{name} did not come"));
        assert_eq!(hook.signature, support::signature(SECRET, &hook.raw), "{name}");
    }
    let odd = json!({"event": "PARTNER_APP_INSTALLED", "waba_id": ACCOUNT, "form": "misplaced"});
    scene.control("/account-events", odd).await;
    let misplaced =
        scene.hooks.wait_for(|hook| hook.body["entry"][0]["field"] == "account_update").await.unwrap();
    assert_eq!(misplaced.body.get("object"), None);
    let unknown = json!({"event": "NO_SUCH_EVENT", "waba_id": ACCOUNT});
    scene.raw(Method::POST, "/_emulator/account-events", "", unknown, 400).await;
}

#[tokio::test]
async fn a_display_name_is_reviewed_and_shows_after_registering_again() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    scene.post(&format!("/{ACCOUNT}/subscribed_apps"), &token, Value::Null, 200).await;
    let pin = json!({"messaging_product": "whatsapp", "pin": "581063"});
    scene.post(&format!("/{NUMBER}/register"), &token, pin.clone(), 200).await;
    scene.post(&format!("/{NUMBER}?new_display_name=Acme%20Support"), &token, Value::Null, 200).await;
    let action = json!({"action": "review_name", "phone_number_id": NUMBER, "decision": "APPROVED"});
    scene.control("/client-actions", action).await;
    let told = scene
        .hooks
        .wait_for(|hook| hook.body["entry"][0]["changes"][0]["field"] == "phone_number_name_update");
    let value = told.await.unwrap().body["entry"][0]["changes"][0]["value"].clone();
    assert_eq!(
        (&value["decision"], &value["requested_verified_name"]),
        (&json!("APPROVED"), &json!("Acme Support"))
    );
    let fields = format!("/{NUMBER}?fields=verified_name,new_name_status");
    assert_eq!(scene.get(&fields, &token, 200).await["new_name_status"], "APPROVED");
    scene.post(&format!("/{NUMBER}/register"), &token, pin, 200).await;
    assert_eq!(scene.get(&fields, &token, 200).await, json!({"id": NUMBER, "verified_name": "Acme Support"}));
}

#[tokio::test]
async fn own_tokens_are_minted_refreshed_and_revoked() {
    let scene = Scene::new().await;
    let proof = "e4a5fc5432f50e2e99c000b1c369b11dc24b601761756bbb0570599ad73d77d4";
    let user = "/200000000000008";
    scene.post(&format!("{user}/applications"), SYSTEM, json!({"business_app": APP}), 200).await;
    let wanted = json!({"business_app": APP, "scope": "whatsapp_business_management,business_management",
        "set_token_expires_in_60_days": "true"});
    assert_eq!(
        code_of(&scene.post(&format!("{user}/access_tokens"), SYSTEM, wanted.clone(), 400).await),
        (100, None)
    );
    let mint = format!("{user}/access_tokens?appsecret_proof={proof}");
    let old = scene.post(&mint, SYSTEM, wanted, 200).await["access_token"].as_str().unwrap().to_owned();
    let client = format!("client_id={APP}&client_secret={SECRET}");
    let refresh =
        format!("/oauth/access_token?grant_type=fb_exchange_token&{client}&fb_exchange_token={old}");
    let fresh = scene.get(&refresh, "", 200).await;
    assert_eq!(fresh["expires_in"], 5_183_944);
    let fresh = fresh["access_token"].as_str().unwrap();
    scene.get("/me?fields=id", &old, 200).await;
    let revoked = scene.get(&format!("/oauth/revoke?{client}&revoke_token={fresh}"), fresh, 200).await;
    assert_eq!(revoked, json!({"success": "true"}));
    assert_eq!(code_of(&scene.get("/me?fields=id", fresh, 401).await), (190, Some(467)));
    scene.control("/clock", json!({"advance_ms": 61_i64 * 86_400_000})).await;
    assert_eq!(code_of(&scene.get(&refresh, "", 400).await), (190, Some(463)));
    let app =
        scene.get(&format!("/oauth/access_token?grant_type=client_credentials&{client}"), "", 200).await;
    assert_eq!(app["access_token"], format!("{APP}|{SECRET}"));
}

#[tokio::test]
async fn the_switches_of_onboarding_switch() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let owned = "/800000000000002/owned_whatsapp_business_accounts?fields=id";
    assert_eq!(code_of(&scene.get(owned, &token, 403).await), (10, None));
    let rules = json!({"business_token_lists_accounts": true, "numeric_account_ids": true,
        "pin_on_unregistered": false, "token_survives_partner_removal": false, "refresh_business_tokens": false,
        "redirect_mismatch_burns_code": true, "code_ttl_ms": 5_000});
    scene.change(json!({ "onboarding": rules })).await;
    let expected: Value = serde_json::from_str(ACCOUNT).unwrap();
    assert_eq!(scene.get(owned, &token, 200).await["data"], json!([{ "id": expected }]));
    let pin = json!({"pin": "150954"});
    assert_eq!(code_of(&scene.post(&format!("/{NUMBER}"), &token, pin, 400).await), (133010, None));
    let client = format!("client_id={APP}&client_secret={SECRET}");
    let refresh =
        format!("/oauth/access_token?grant_type=fb_exchange_token&{client}&fb_exchange_token={token}");
    scene.get(&refresh, "", 400).await;

    let run = json!({"app_id": APP, "config_id": "123000000000009", "choices": {"phone_number_id": NUMBER}});
    let code = scene.control("/signup", run.clone()).await["code"].as_str().unwrap().to_owned();
    let exchange = format!("/oauth/access_token?{client}&code={code}");
    let wrong = scene.get(&format!("{exchange}&redirect_uri=https://app.example/"), "", 400).await;
    assert_eq!(code_of(&wrong), (100, Some(36008)));
    assert_eq!(code_of(&scene.get(&exchange, "", 400).await), (100, Some(36009)));
    let code = scene.control("/signup", run).await["code"].as_str().unwrap().to_owned();
    scene.control("/clock", json!({"advance_ms": 6_000})).await;
    let late = scene.get(&format!("/oauth/access_token?{client}&code={code}"), "", 400).await;
    assert_eq!(code_of(&late), (100, Some(36007)));

    let action = json!({"action": "remove_partner", "waba_id": ACCOUNT, "app_id": APP});
    scene.control("/client-actions", action).await;
    assert_eq!(code_of(&scene.get("/me?fields=id", &token, 401).await), (190, Some(467)));
}

#[tokio::test]
async fn a_number_moves_only_with_its_second_factor_off() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    scene
        .control(
            "/client-actions",
            json!({"action": "set_pin", "phone_number_id": "600000000000011", "pin": "000111"}),
        )
        .await;
    let body = json!({"cc": "62", "phone_number": "2155500111", "verified_name": "Kopi", "migrate_phone_number": true});
    let path = format!("/{ACCOUNT}/phone_numbers");
    let refused = scene.post(&path, &token, body.clone(), 400).await;
    assert_eq!(code_of(&refused), (100, Some(2388001)));
    scene
        .control("/client-actions", json!({"action": "clear_pin", "phone_number_id": "600000000000011"}))
        .await;
    let id = scene.post(&path, &token, body, 200).await["id"].as_str().unwrap().to_owned();
    scene
        .post(&format!("/{id}/request_code"), &token, json!({"code_method": "VOICE", "language": "id"}), 200)
        .await;
    assert_eq!(
        code_of(&scene.post(&format!("/{id}/verify_code"), &token, json!({"code": "999999"}), 400).await),
        (136025, None)
    );
    scene.post(&format!("/{id}/verify_code"), &token, json!({"code": "123456"}), 200).await;
    let world = scene.raw(Method::GET, "/_emulator/world", "", Value::Null, 200).await;
    let former = world["numbers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|number| number["id"] == "600000000000011")
        .unwrap()
        .clone();
    assert_eq!(former["status"], "MIGRATED");
    let again = json!({"code_method": "SMS", "language": "id"});
    assert_eq!(
        code_of(&scene.post(&format!("/{id}/request_code"), &token, again, 400).await),
        (136024, None)
    );
}

#[tokio::test]
async fn a_profile_keeps_its_texts_and_its_picture() {
    let scene = Scene::new().await;
    let token = scene.connect(NUMBER, json!({})).await;
    let path = format!("/{NUMBER}/whatsapp_business_profile");
    let open = format!("/{APP}/uploads?file_length=4&file_type=image/png");
    let session = scene.post(&open, &token, Value::Null, 200).await["id"].as_str().unwrap().to_owned();
    let url = format!("{}/v25.0/{session}", scene.running.url());
    let call = scene.client.post(url).header("authorization", format!("OAuth {token}"));
    let handle = call.header("file_offset", "0").body("\u{89}PN").send().await.unwrap();
    let handle = handle.json::<Value>().await.unwrap()["h"].clone();
    let wrong = json!({"messaging_product": "whatsapp", "profile_picture_handle": "4::none"});
    scene.post(&path, &token, wrong, 400).await;
    let long = json!({"messaging_product": "whatsapp", "about": "x".repeat(140)});
    scene.post(&path, &token, long, 400).await;
    let profile = json!({"messaging_product": "whatsapp", "about": "Open daily", "vertical": "RETAIL",
        "websites": ["https://acme.example/"], "profile_picture_handle": handle});
    scene.post(&path, &token, profile, 200).await;
    let fields = format!("{path}?fields=about,vertical,websites,email,profile_picture_url");
    let shown = scene.get(&fields, &token, 200).await["data"][0].clone();
    assert_eq!((&shown["about"], shown.get("email")), (&json!("Open daily"), None));
    let picture = scene.client.get(shown["profile_picture_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(picture.bytes().await.unwrap().as_ref(), "\u{89}PN".as_bytes());
}

#[tokio::test]
async fn an_app_in_development_gets_no_webhooks() {
    let scene = Scene::new().await;
    let world = scene.raw(Method::GET, "/_emulator/world", "", Value::Null, 200).await;
    let mut app = world["apps"][0].clone();
    app["in_development"] = json!(true);
    scene.control("/seed", json!({ "apps": [app.clone()] })).await;
    scene.connect("600000000000011", json!({})).await;
    app["in_development"] = json!(false);
    scene.control("/seed", json!({ "apps": [app] })).await;
    scene.connect(NUMBER, json!({})).await;
    scene.hooks.wait_for(|hook| hook.body.to_string().contains(ACCOUNT)).await.unwrap();
    assert!(!scene.hooks.all().iter().any(|hook| hook.body.to_string().contains("700000000000011")));
}

#[tokio::test]
async fn an_app_sets_its_callback_after_the_handshake() {
    let scene = Scene::new().await;
    let app = format!("{APP}|{SECRET}");
    let path = format!("/{APP}/subscriptions");
    let body = json!({"object": "whatsapp_business_account", "callback_url": scene.hooks.url("/new"),
        "verify_token": "vt-new", "fields": "messages,account_update"});
    scene.hooks.answer_handshakes(403);
    assert_eq!(code_of(&scene.post(&path, &app, body.clone(), 400).await), (2200, None));
    scene.hooks.answer_handshakes(200);
    scene.post(&path, &app, body, 200).await;
    let row = scene.get(&path, &app, 200).await["data"][0].clone();
    assert_eq!(row["callback_url"], scene.hooks.url("/new"));
    assert_eq!(
        row["fields"],
        json!([{"name": "account_update", "version": "v25.0"}, {"name": "messages", "version": "v25.0"}])
    );
    assert_eq!(code_of(&scene.get(&path, "222|x", 401).await), (190, None));
}

#[tokio::test]
async fn what_onboarding_left_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::with(Some(folder.path().to_owned())).await;
    let token = scene.connect(NUMBER, json!({})).await;
    let pin = json!({"messaging_product": "whatsapp", "pin": "581063"});
    scene.post(&format!("/{NUMBER}/register"), &token, pin, 200).await;
    scene.running.shutdown().await;
    let scene = Scene::with(Some(folder.path().to_owned())).await;
    let node = scene.get(&format!("/{NUMBER}?fields=status,is_pin_enabled"), &token, 200).await;
    assert_eq!(node, json!({"id": NUMBER, "status": "CONNECTED", "is_pin_enabled": true}));
}

#[tokio::test]
async fn the_controls_of_onboarding_are_in_the_document() {
    let scene = Scene::new().await;
    let document = scene.raw(Method::GET, "/_emulator/openapi.json", "", Value::Null, 200).await;
    for path in [
        "/signup",
        "/signup/visits",
        "/signup/scenarios",
        "/account-events",
        "/client-actions",
        "/step-failures",
    ] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
}
