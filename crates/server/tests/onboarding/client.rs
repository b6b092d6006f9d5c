//! A client of Meta's and its organisation here, made anew for one line of a table.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::app::{Answer, TestOrg};

use crate::stage::{APP, CONFIG, SYSTEM_TOKEN, Stage};

/// Something that goes wrong, or is mended, on Meta's side. `$waba` and `$number` stand for the client's ids.
#[derive(Clone, Debug)]
pub enum AtMeta {
    /// The next calls of a step fail by name, after so many that pass.
    Fails(&'static str, &'static str, u32),
    /// The client, or Meta to the client.
    Acts(&'static str, Value),
    /// A fault written out.
    Fault(Value),
    /// Switches of the emulator.
    Settings(Value),
    /// Keys put over the messaging account as Meta has it.
    Account(Value),
    /// The operator's share of credit is taken back in its billing settings.
    RevokesCredit,
    /// The operator says, here and not at Meta, whether it pays for the organisation.
    OperatorPays(bool),
}

impl std::fmt::Display for AtMeta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fails(step, failure, 0) => write!(f, "{step}: {failure}"),
            Self::Fails(step, failure, after) => write!(f, "{step}: {failure} (after {after})"),
            Self::Acts(action, more) => write!(f, "{action} {}", written(more)),
            Self::Fault(fault) => write!(f, "fault {}", written(fault)),
            Self::Settings(change) => write!(f, "settings {}", written(change)),
            Self::Account(change) => write!(f, "account {}", written(change)),
            Self::RevokesCredit => write!(f, "the share of credit is revoked"),
            Self::OperatorPays(true) => write!(f, "the operator allows it"),
            Self::OperatorPays(false) => write!(f, "the operator allows it no longer"),
        }
    }
}

/// One client with one organisation.
pub struct Client<'a> {
    pub stage: &'a Stage,
    pub org: TestOrg,
    pub connection: String,
    pub waba: String,
    pub number: String,
}

impl<'a> Client<'a> {
    /// An organisation begins to connect, and its client goes through the dialog; the page has not been told yet.
    pub async fn begins(stage: &'a Stage, begin: Value, scenario: Value) -> (Self, Answer, Value) {
        stage.controlled(reqwest::Method::DELETE, "faults", Value::Null).await;
        let org = stage.app.org("Acme").await;
        stage.pays(org.id).await;
        let dialog = stage.start_connection(&org.owner, begin).await;
        let choices =
            json!({"business_name": "Acme", "country": "DE", "account_name": "Acme", "currency": "EUR"});
        let run = json!({"app_id": APP, "config_id": CONFIG, "extras": dialog.json["extras"], "choices": choices,
            "scenario": scenario});
        let run = stage.control("signup", run).await;
        let id = |name: &str| run["shared"][name].as_str().unwrap_or_default().to_owned();
        let (waba, number) = (id("waba_id"), id("phone_number_id"));
        let connection = dialog.str("/connection_id").to_owned();
        (Self { stage, org, connection, waba, number }, dialog, run)
    }

    /// The page hands in what the dialog told it, and the steps are made.
    pub async fn goes_on(&self, dialog: &Answer, run: &Value) {
        let path = format!("connections/{}", self.connection);
        for event in Stage::events(dialog, run) {
            self.org.owner.post(&format!("{path}/event"), event).await.expect(204);
        }
        if run["code"].is_string() {
            self.org.owner.post(&format!("{path}/code"), Stage::code(dialog, run)).await.expect(202);
        }
        self.stage.work().await;
    }

    /// The client goes through the dialog once more, now to the end.
    pub async fn goes_through_the_dialog_again(&mut self) {
        let dialog = self
            .org
            .owner
            .post(&format!("connections/{}/dialog", self.connection), json!({}))
            .await
            .expect(200);
        let choices = match self.waba.as_str() {
            "" => json!({"business_name": "Acme", "account_name": "Acme", "currency": "EUR"}),
            waba => json!({"waba_id": waba}),
        };
        let run =
            json!({"app_id": APP, "config_id": CONFIG, "extras": dialog.json["extras"], "choices": choices});
        let run = self.stage.control("signup", run).await;
        self.goes_on(&dialog, &run).await;
    }

    /// Does something at Meta.
    pub async fn at_meta(&self, what: &AtMeta) {
        let stage = self.stage;
        let filled = |value: &Value| -> Value {
            let text = value.to_string().replace("$waba", &self.waba).replace("$number", &self.number);
            serde_json::from_str(&text).expect("JSON")
        };
        match what {
            AtMeta::Fails(step, failure, after) => {
                let body = json!({"step": step, "failure": failure, "times": 99, "after": after});
                stage.control("step-failures", body).await;
            }
            AtMeta::Acts(action, more) => {
                let mut body = filled(more);
                body["action"] = json!(action);
                stage.control("client-actions", body).await;
            }
            AtMeta::Fault(fault) => {
                stage.control("faults", filled(fault)).await;
            }
            AtMeta::Settings(change) => {
                stage.controlled(reqwest::Method::PATCH, "settings", change.clone()).await;
            }
            AtMeta::Account(change) => {
                let world = stage.controlled(reqwest::Method::GET, "world", Value::Null).await;
                let accounts = world["accounts"].as_array().expect("accounts");
                let mut row =
                    accounts.iter().find(|row| row["id"] == *self.waba).expect("the account").clone();
                row.as_object_mut()
                    .expect("a row")
                    .extend(filled(change).as_object().cloned().expect("keys"));
                stage.control("seed", json!({"accounts": [row]})).await;
            }
            AtMeta::OperatorPays(says) => {
                let path = format!("operator/orgs/{}", self.org.id);
                stage.app.operator.patch(&path, json!({"operator_pays": says})).await.expect(200);
            }
            AtMeta::RevokesCredit => {
                let share = self.step("share_credit").await["result"]["allocation_id"].clone();
                let url = format!("{}/v25.0/{}", stage.emulator.url(), plain(&share));
                let revoked = reqwest::Client::new().delete(url).bearer_auth(SYSTEM_TOKEN).send().await;
                assert!(revoked.is_ok_and(|answer| answer.status().is_success()), "{share}");
            }
        }
    }

    /// Everything that was laid is over.
    pub async fn nothing_fails_any_more(&self) {
        self.stage.controlled(reqwest::Method::DELETE, "faults", Value::Null).await;
    }

    /// Time passes for gateway and Meta, and nobody does anything.
    pub async fn waits(&self, time: Duration) {
        self.stage.app.clock.advance(time);
        self.stage.control("seed", json!({"clock": self.stage.app.now().0 / 1_000})).await;
        self.stage.work().await;
    }

    /// A member presses the step's retry.
    pub async fn retries(&self, step: &str) {
        let path = format!("connections/{}/steps/{step}/retry", self.connection);
        self.org.owner.post(&path, Value::Null).await.expect(202);
        self.stage.work().await;
    }

    /// How the connection stands.
    pub async fn stands(&self) -> Answer {
        self.org.owner.get(&format!("connections/{}", self.connection)).await.expect(200)
    }

    /// A step of the connection.
    pub async fn step(&self, name: &str) -> Value {
        let found = self.stands().await;
        let steps = found.json["steps"].as_array().cloned().unwrap_or_default();
        steps.into_iter().find(|step| step["step"] == name).unwrap_or(Value::Null)
    }

    /// The only account.
    pub async fn account(&self) -> Value {
        let accounts = self.org.owner.get("accounts").await.expect(200);
        let [account] = accounts.items() else { panic!("{}", accounts.text) };
        account.clone()
    }

    /// Nothing more is made for the organisation, so that its watches do not run beside the next line's.
    pub async fn rests(self) {
        let path = format!("operator/orgs/{}", self.org.id);
        self.stage.app.operator.patch(&path, json!({"status": "suspended"})).await.expect(200);
    }
}

/// A problem as a reader of the page wants it: sentence and action, in English; the Indonesian must be whole too.
pub fn says(problem: &Value) -> String {
    for words in [&problem["sentence"], &problem["action"]] {
        let (english, indonesian) =
            (words["en"].as_str().unwrap_or_default(), words["id"].as_str().unwrap_or_default());
        assert!(english.ends_with('.') && indonesian.ends_with('.') && english != indonesian, "{problem}");
    }
    format!(
        "    says  {}\n    do    {}\n",
        plain(&problem["sentence"]["en"]),
        plain(&problem["action"]["en"])
    )
}

/// Meta's code and subcode, where Meta refused.
pub fn code(problem: &Value) -> String {
    match (&problem["meta_code"], &problem["meta_subcode"]) {
        (Value::Null, _) => String::new(),
        (code, Value::Null) => format!(" ({code})"),
        (code, subcode) => format!(" ({code}/{subcode})"),
    }
}

/// JSON with its keys in order, however this build keeps them.
pub fn written(value: &Value) -> String {
    let Value::Object(keys) = value else { return value.to_string() };
    let keys: BTreeMap<_, _> = keys.iter().collect();
    let pairs: Vec<_> = keys.into_iter().map(|(key, value)| format!("{key:?}:{}", written(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// Text without quotes.
pub fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}
