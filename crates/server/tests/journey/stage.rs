//! A gateway and an emulator, each over real HTTP, with one organisation whose number is connected.

use std::time::Duration;

use emulator::{Emulator, EmulatorConfig, Running};
use rules::id::MessageId;
use rules::time::Clock as _;
use serde_json::{Value, json};
use server::Parts;
use testkit::Database;
use testkit::app::{TestApp, TestOrg, graph};

pub use testkit::app::line::{APP, APP_SECRET, BUSINESS_TOKEN, NUMBER, PORTFOLIO, WABA};

pub const ANNA: &str = "491700000001";

/// Everything a journey needs.
pub struct Stage {
    pub app: TestApp,
    pub emulator: Running,
    pub org: TestOrg,
    http: reqwest::Client,
}

/// Runs a journey once on each kind of database. Afterwards no job may be left.
pub async fn both(journey: impl AsyncFn(&Stage)) {
    both_with(|_| {}, journey).await;
}

/// The same, with some of the gateway's parts changed.
pub async fn both_with(change: impl Fn(&mut Parts), journey: impl AsyncFn(&Stage)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let stage = Stage::start(database.expect("a database"), &change).await;
        journey(&stage).await;
        stage.app.finish().await;
    }
}

impl Stage {
    async fn start(database: Database, change: impl Fn(&mut Parts)) -> Self {
        let emulator = Emulator::start(EmulatorConfig::default()).await.expect("an emulator");
        let url = emulator.url().to_owned();
        let app = TestApp::start_with(database, |parts| {
            parts.graph = graph(&url);
            change(parts);
        })
        .await;
        let org = app.org("Kopi Senja").await;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        testkit::app::line::connect(&app.ctx, org.id).await;
        let stage = Self { app, emulator, org, http };
        stage.control("POST", "seed", stage.world()).await;
        stage
    }

    /// The emulator's side of the connection, at the gateway's time.
    fn world(&self) -> Value {
        json!({
            "clock": self.app.clock.now().0 / 1_000,
            "settings": { "ladder": { "sent_ms": 0, "delivered_ms": 1, "read_ms": 1 }, "templates": { "review_ms": 0 } },
            "apps": [{ "id": APP, "name": "Acme", "secret": APP_SECRET, "portfolio_id": "900000000000001",
                "callback_url": format!("{}/webhooks/meta", self.app.url), "verify_token": "vt-app",
                "fields": ["messages", "user_preferences", "message_template_status_update", "message_template_quality_update",
                    "template_category_update"] }],
            "accounts": [{ "id": WABA, "name": "Kopi Senja", "owner_id": PORTFOLIO, "status": "ACTIVE",
                "review_status": "APPROVED", "currency": "IDR", "country": "ID", "timezone_id": "42",
                "funding_id": "510000000000001", "partners": ["900000000000001"], "subscriptions": { APP: {} } }],
            "numbers": [{ "id": NUMBER, "account_id": WABA, "phone": "62215550111", "display": "+62 21 5550 111",
                "verified_name": "Kopi Senja", "status": "CONNECTED", "platform_type": "CLOUD_API", "country_dial_code": "62" }],
            "tokens": [{ "value": BUSINESS_TOKEN, "app_id": APP, "kind": "business", "user_id": "122000000000001",
                "portfolio_id": PORTFOLIO, "reach": { "listed": [WABA] },
                "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"] }],
            "people": [{ "id": "anna", "phone": ANNA, "name": "Anna", "country": "DE",
                "bsuids": { PORTFOLIO: "DE.10000000000000000001" } }],
        })
    }

    /// A control of the emulator that must succeed.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut call = self.http.request(method, format!("{}/_emulator/{path}", self.emulator.url()));
        if !body.is_null() {
            call = call.json(&body);
        }
        let answer = call.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A template made at Meta, which tells the gateway.
    pub async fn template(&self, template: Value) {
        let url = format!("{}/v25.0/{WABA}/message_templates", self.emulator.url());
        let answer =
            self.http.post(url).bearer_auth(BUSINESS_TOKEN).json(&template).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
    }

    /// A person writes text.
    pub async fn writes(&self, from: &str, text: &str) -> String {
        let written = self
            .control(
                "POST",
                "inbound",
                json!({ "from": from, "to": NUMBER, "type": "text", "text": { "body": text } }),
            )
            .await;
        written["id"].as_str().expect("a wamid").to_owned()
    }

    /// Lets both sides work until nothing is left to do on either.
    pub async fn settle(&self) {
        let mut quiet = 0;
        for _ in 0..2_000 {
            let ran = self.app.run_jobs().await;
            let waiting = self.control("GET", "webhooks", Value::Null).await;
            let still = ran == 0 && waiting["total"] == 0 && waiting["steps"] == 0;
            quiet = if still { quiet + 1 } else { 0 };
            if quiet == 3 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        panic!("gateway and emulator do not come to rest");
    }

    /// The chat on a person's phone, oldest message first.
    pub async fn phone(&self, person: &str) -> Vec<Value> {
        let chat =
            self.control("GET", &format!("phones/{person}?number={NUMBER}&limit=1000"), Value::Null).await;
        chat["messages"].as_array().cloned().unwrap_or_default()
    }

    /// The texts that the business has sent to a person.
    pub async fn received(&self, person: &str) -> Vec<String> {
        let chat = self.phone(person).await;
        let ours = chat.iter().filter(|message| message["direction"] == "outbound");
        ours.map(|message| message["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Teaches the organisation a text.
    pub async fn knows(&self, title: &str, text: &str) {
        self.teach(&self.org, title, text).await;
    }

    /// Teaches an organisation a text.
    pub async fn teach(&self, org: &TestOrg, title: &str, text: &str) {
        org.key.post("sources/text", json!({ "title": title, "text": text })).await.expect(201);
        self.app.run_jobs().await;
    }

    /// Changes the organisation's settings of the AI.
    pub async fn set_ai(&self, settings: Value) {
        self.org.owner.patch("", json!({ "settings": { "ai": settings } })).await.expect(200);
    }

    /// The only conversation, as the inbox shows it.
    pub async fn conversation(&self) -> Value {
        let list = self.org.owner.get("conversations").await.expect(200);
        assert_eq!(list.items().len(), 1, "{}", list.text);
        list.items()[0].clone()
    }

    /// Writes and waits for what comes of it: the texts that arrived since.
    pub async fn asks(&self, text: &str) -> Vec<String> {
        self.app.clock.advance(Duration::from_secs(1));
        let before = self.received(ANNA).await.len();
        self.writes(ANNA, text).await;
        self.settle().await;
        self.received(ANNA).await.split_off(before)
    }

    /// A stored message's state.
    pub async fn state(&self, message: &Value) -> String {
        let id: MessageId = message.as_str().expect("an id").parse().expect("a message id");
        let mut tx = self.app.ctx.store.read().await.expect("a transaction");
        let stored = tx.org(self.org.id).await.expect("a scope").message(id).await.expect("a row");
        stored.expect("the message").state.to_string()
    }
}
