//! What the integration tests share: an emulator with a connected number, and an endpoint that takes webhooks.
//!
//! Every test binary uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use emulator::{Emulator, EmulatorConfig, Running};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

pub const APP: &str = "111222333444555";
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const TOKEN: &str = "EAABIZFAKE";
pub const PORTFOLIO: &str = "800000000000002";
pub const ACCOUNT: &str = "700000000000003";
pub const NUMBER: &str = "600000000000004";

/// A webhook that arrived.
#[derive(Debug, Clone)]
pub struct Hook {
    pub raw: Vec<u8>,
    pub body: Value,
    pub signature: String,
}

/// An endpoint that takes webhooks and answers as told.
#[derive(Clone)]
pub struct Endpoint {
    pub addr: SocketAddr,
    state: Arc<Mutex<EndpointState>>,
}

struct EndpointState {
    hooks: Vec<Hook>,
    taken: usize,
    answer: u16,
}

impl Endpoint {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(EndpointState { hooks: Vec::new(), taken: 0, answer: 200 }));
        let router = Router::new().fallback(post(take)).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { addr, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}/meta", self.addr)
    }

    /// What the endpoint answers from now on.
    pub fn answer(&self, status: u16) {
        self.state.lock().unwrap().answer = status;
    }

    /// Forgets everything that arrived.
    pub fn forget(&self) {
        let mut state = self.state.lock().unwrap();
        state.hooks.clear();
        state.taken = 0;
    }

    /// Everything that arrived.
    pub fn all(&self) -> Vec<Hook> {
        self.state.lock().unwrap().hooks.clone()
    }

    /// The next webhook that was not looked at yet; waits up to thirty seconds.
    pub async fn next(&self) -> Hook {
        let began = Instant::now();
        loop {
            {
                let mut state = self.state.lock().unwrap();
                if let Some(hook) = state.hooks.get(state.taken).cloned() {
                    state.taken += 1;
                    return hook;
                }
            }
            assert!(began.elapsed() < Duration::from_secs(30), "no webhook came");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Webhooks that were not looked at yet.
    pub fn unseen(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.hooks.len() - state.taken
    }

    /// `value` of every change that arrived.
    pub fn values(&self) -> Vec<Value> {
        let entries = self
            .all()
            .into_iter()
            .flat_map(|hook| hook.body["entry"].as_array().cloned().unwrap_or_default());
        let changes = entries.flat_map(|entry| entry["changes"].as_array().cloned().unwrap_or_default());
        changes.map(|change| change["value"].clone()).collect()
    }

    /// Every status that arrived, as (wamid, status).
    pub fn statuses(&self) -> Vec<(String, String)> {
        let statuses = self
            .values()
            .into_iter()
            .flat_map(|value| value["statuses"].as_array().cloned().unwrap_or_default());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        statuses.map(|status| (text(&status["id"]), text(&status["status"]))).collect()
    }
}

async fn take(State(state): State<Arc<Mutex<EndpointState>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature =
        headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let hook = Hook {
        raw: body.to_vec(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        signature: signature.to_owned(),
    };
    let mut state = state.lock().unwrap();
    let status = StatusCode::from_u16(state.answer).unwrap();
    if status == StatusCode::OK {
        state.hooks.push(hook);
    }
    status
}

/// A running emulator with a connected, funded number, and the endpoint of its app.
pub struct Stage {
    pub running: Running,
    pub endpoint: Endpoint,
    pub client: reqwest::Client,
}

impl Stage {
    pub async fn new() -> Self {
        Self::with(EmulatorConfig::default()).await
    }

    pub async fn with(config: EmulatorConfig) -> Self {
        let endpoint = Endpoint::start().await;
        let running = Emulator::start(config).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let stage = Self { running, endpoint, client };
        stage.control("POST", "/seed", connected(&stage.endpoint.url())).await;
        let quick = json!({
            "limits": {"messages_per_second": 0, "pair_burst": 0},
            "ladder": {"sent_ms": 0, "delivered_ms": 5, "read_ms": 5},
        });
        stage.control("PATCH", "/settings", quick).await;
        stage
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url())
    }

    pub fn graph(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(&format!("/v25.0{path}"))).bearer_auth(TOKEN)
    }

    /// A control that must succeed.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.control_raw(method, path, body).await;
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    pub async fn control_raw(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut call = self.client.request(method, self.url(&format!("/_emulator{path}")));
        if !body.is_null() {
            call = call.json(&body);
        }
        let answer = call.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|_| json!(text)))
    }

    /// Posts a message; HTTP status and body.
    pub async fn send(&self, body: Value) -> (u16, Value) {
        let answer =
            self.graph(Method::POST, &format!("/{NUMBER}/messages")).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Posts a message that must be accepted; the wamid.
    pub async fn accepted(&self, mut message: Value) -> String {
        message["messaging_product"] = "whatsapp".into();
        if message.get("to").is_none() && message.get("recipient").is_none() {
            message["to"] = "+491700000001".into();
        }
        let (status, answer) = self.send(message).await;
        assert_eq!(status, 200, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    /// A person writes text, which opens the window.
    pub async fn hello(&self, from: &str) -> String {
        let body = json!({"from": from, "text": {"body": "Hello"}});
        self.control("POST", "/inbound", body).await["id"].as_str().unwrap().to_owned()
    }

    /// Waits until nothing is left to happen or to be delivered.
    pub async fn settled(&self) {
        let began = Instant::now();
        loop {
            let pending = self.control("GET", "/webhooks", Value::Null).await;
            if pending["total"] == 0 && pending["steps"] == 0 {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "webhooks do not settle: {pending}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The fixture of the fact sheets' section 12: number registered and funded, app subscribed, three users.
pub fn connected(callback: &str) -> Value {
    let fields: BTreeSet<&str> = [
        "messages",
        "user_preferences",
        "message_template_status_update",
        "message_template_quality_update",
        "template_category_update",
    ]
    .into();
    let person = |id: u64, phone: &str, name: &str| {
        json!({"id": format!("u{id}"), "phone": phone, "name": name, "country": "DE",
            "bsuids": {PORTFOLIO: format!("DE.1000000000000000000{id}")}})
    };
    let mut second = person(2, "491700000002", "Max Muster");
    second["username"] = "max.muster".into();
    second["shares_phone"] = false.into();
    json!({
        "apps": [{"id": APP, "name": "Acme Platform", "secret": SECRET, "portfolio_id": "900000000000001",
            "callback_url": callback, "verify_token": "vt-app", "fields": fields}],
        "accounts": [{"id": ACCOUNT, "name": "Acme", "owner_id": PORTFOLIO, "status": "ACTIVE",
            "review_status": "APPROVED", "currency": "EUR", "country": "DE", "timezone_id": "42",
            "funding_id": "510000000000001", "partners": ["900000000000001"], "subscriptions": {APP: {}}}],
        "numbers": [{"id": NUMBER, "account_id": ACCOUNT, "phone": "49301234567", "display": "+49 30 1234567",
            "verified_name": "Acme", "status": "CONNECTED", "platform_type": "CLOUD_API", "country_dial_code": "49"}],
        "tokens": [{"value": TOKEN, "app_id": APP, "kind": "business", "user_id": "122000000000001",
            "portfolio_id": PORTFOLIO, "reach": {"listed": [ACCOUNT]},
            "scopes": ["whatsapp_business_management", "whatsapp_business_messaging", "business_management"]}],
        "people": [person(1, "491700000001", "Anna Beispiel"), second, person(3, "491700000003", "Eva Probe")],
    })
}

/// HMAC over the raw bytes, as a receiver computes it.
pub fn signature(secret: &str, raw: &[u8]) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    format!("sha256={}", hex::encode(aws_lc_rs::hmac::sign(&key, raw)))
}
