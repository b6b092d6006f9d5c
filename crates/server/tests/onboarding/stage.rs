//! A gateway with an app of the operator, an emulator, and one organisation that is connected to nothing yet.

use std::time::Duration;

use emulator::{Emulator, EmulatorConfig, Running};
use meta::graph::{AppLogin, SubscribeApp};
use rules::id::OrgId;
use serde_json::{Value, json};
use server::outbound::{Outbound, SystemNames};
use testkit::Database;
use testkit::app::{Actor, Answer, TestApp, TestOrg, graph};

pub const APP: &str = "111222333444555";
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const CONFIG: &str = "123000000000009";
pub const SYSTEM_TOKEN: &str = "EAASYSFAKE";
pub const BUSINESS_TOKEN: &str = "EAABIZFAKE";
pub const WABA: &str = "700000000000003";
pub const NUMBER: &str = "600000000000004";
pub const CLIENT: &str = "800000000000002";

/// Everything a test of onboarding needs.
pub struct Stage {
    pub app: TestApp,
    pub emulator: Running,
    pub org: TestOrg,
    http: reqwest::Client,
}

/// Runs a test once on each kind of database. Connections are watched on, so jobs remain.
pub async fn both(test: impl AsyncFn(&Stage)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let stage = Stage::start(database.expect("a database")).await;
        test(&stage).await;
        stage.app.leave_jobs();
        stage.app.finish().await;
    }
}

impl Stage {
    async fn start(database: Database) -> Self {
        let emulator = Emulator::start(EmulatorConfig::default()).await.expect("an emulator");
        let url = emulator.url().to_owned();
        let app = TestApp::start_with(database, |parts| {
            parts.graph = graph(&url);
            let emulator = url.trim_start_matches("http://").trim_end_matches('/').parse();
            parts.outbound = Outbound::new(emulator.expect("a host"), SystemNames).expect("a client");
        })
        .await;
        let org = app.org("Kopi Senja").await;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let stage = Self { app, emulator, org, http };
        stage.pays(stage.org.id).await;
        stage.control("seed", json!({"clock": stage.app.now().0 / 1_000})).await;
        let answer = stage
            .app
            .operator
            .post(
                "/api/v1/operator/meta-apps",
                json!({"meta_app_id": APP, "name": "Acme Platform", "secret": SECRET, "config_id": CONFIG,
                    "business_id": "900000000000001", "system_user_id": "200000000000008",
                    "system_token": SYSTEM_TOKEN, "credit_line_id": "500000000000005"}),
            )
            .await
            .expect(201);
        // The app's address is set at Meta, which asks us for the verify token.
        let callback = format!("{}/webhooks/meta", stage.app.url);
        let login = AppLogin { app_id: APP.into(), app_secret: SECRET.into() };
        let wanted = SubscribeApp {
            callback_url: &callback,
            verify_token: answer.str("/verify_token"),
            fields: &[
                "messages",
                "account_update",
                "account_review_update",
                "account_alerts",
                "business_capability_update",
                "business_username_updates",
                "phone_number_name_update",
                "phone_number_quality_update",
                "security",
            ],
        };
        stage.app.ctx.graph.subscribe_app(&login, &wanted).await.expect("the address is confirmed");
        stage
    }

    /// The operator agrees to pay for an organisation.
    pub async fn pays(&self, org: OrgId) {
        let path = format!("operator/orgs/{org}");
        self.app.operator.patch(&path, json!({"operator_pays": true})).await.expect(200);
    }

    /// A control of the emulator that must succeed.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        self.controlled(reqwest::Method::POST, path, body).await
    }

    /// A control of any method.
    pub async fn controlled(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
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

    /// Lets the next calls of a step fail by name.
    pub async fn fails(&self, step: &str, failure: &str, times: u32) {
        self.control("step-failures", json!({"step": step, "failure": failure, "times": times})).await;
    }

    /// How often the gateway made a call that succeeded.
    pub async fn calls(&self, method: &str, end: &str) -> usize {
        let calls = self.controlled(reqwest::Method::GET, "calls?limit=1000", Value::Null).await;
        let list = calls.as_array().or_else(|| calls["calls"].as_array()).cloned().unwrap_or_default();
        let matches = |call: &&Value| {
            let path = call["path"].as_str().unwrap_or("").split('?').next().unwrap_or("").to_owned();
            call["method"] == method && path.ends_with(end) && call["status"] == 200
        };
        list.iter().filter(matches).count()
    }

    /// Starts a connection.
    pub async fn start_connection(&self, actor: &Actor, more: Value) -> Answer {
        let mut body = json!({"mode": "tech_provider"});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        actor.post("connections", body).await.expect(201)
    }

    /// A client goes through the dialog; what the page is told.
    pub async fn dialog(&self, dialog: &Answer, more: Value) -> Value {
        let mut run = json!({"app_id": APP, "config_id": CONFIG, "extras": dialog.json["extras"],
            "choices": {"business_id": CLIENT, "waba_id": WABA, "phone_number_id": NUMBER},
            "replay": {"token": BUSINESS_TOKEN}});
        run.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.control("signup", run).await
    }

    /// The code that the page posts.
    pub fn code(dialog: &Answer, run: &Value) -> Value {
        json!({"state": dialog.str("/state"), "code": run["code"].as_str().expect("a code")})
    }

    /// The events that the page posts.
    pub fn events(dialog: &Answer, run: &Value) -> Vec<Value> {
        let posts = run["posts"].as_array().cloned().unwrap_or_default();
        posts.into_iter().map(|post| json!({"state": dialog.str("/state"), "event": post["data"]})).collect()
    }

    /// Runs jobs and lets webhooks come in, at once and on the watch that follows.
    pub async fn work(&self) {
        for _ in 0..3 {
            self.app.run_jobs().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.app.run_jobs().await;
    }

    /// Goes through the whole of a popup signup.
    pub async fn connect(&self, more: Value) -> String {
        let dialog = self.start_connection(&self.org.owner, more).await;
        let run = self.dialog(&dialog, json!({})).await;
        let id = dialog.str("/connection_id").to_owned();
        for event in Self::events(&dialog, &run) {
            self.org.owner.post(&format!("connections/{id}/event"), event).await.expect(204);
        }
        let path = format!("connections/{id}/code");
        self.org.owner.post(&path, Self::code(&dialog, &run)).await.expect(202);
        self.work().await;
        id
    }

    /// The connection as it stands.
    pub async fn connection(&self, id: &str) -> Answer {
        self.org.owner.get(&format!("connections/{id}")).await.expect(200)
    }

    /// A step of a connection.
    pub async fn step(&self, id: &str, name: &str) -> Value {
        let found = self.connection(id).await;
        let steps = found.json["steps"].as_array().cloned().unwrap_or_default();
        steps.into_iter().find(|step| step["step"] == name).unwrap_or(Value::Null)
    }

    /// The only account of the organisation.
    pub async fn account(&self) -> Value {
        let accounts = self.org.owner.get("accounts").await.expect(200);
        let [account] = accounts.items() else { panic!("{}", accounts.text) };
        account.clone()
    }
}
