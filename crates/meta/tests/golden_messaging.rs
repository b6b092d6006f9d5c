//! Our client walks the golden exchanges of messaging against the emulator, and reads every webhook in them.
//!
//! The emulator's own test compares the exchanges word for word; here it counts that our types write what they
//! show, read what they answer, and understand what is posted.

#[path = "../../emulator/tests/support/mod.rs"]
mod support;

use std::collections::HashMap;

use meta::graph::{Access, Graph, GraphConfig, GraphError, Sent, Upload};
use meta::send::{MarkRead, Message};
use meta::{signature, webhook};
use secrecy::SecretString;
use serde_json::{Value, json};
use support::{NUMBER, SECRET, Stage, TOKEN};
use url::Url;

const SHEET: &str = include_str!("../../emulator/tests/golden/messaging.txt");
/// 2026-11-20T09:00:00Z.
const BEGIN: i64 = 1_795_165_200_000;

/// One call of the sheet and what it answers.
#[derive(Default)]
struct Call {
    method: String,
    target: String,
    body: Option<Value>,
    form: Option<Value>,
    status: u16,
    answer: Option<Value>,
    bytes: Option<String>,
}

enum Step {
    Call(Box<Call>),
    Webhook(Value),
}

/// The steps of an exchange, in order.
fn steps(exchange: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for line in exchange.lines() {
        let Some((mark, rest)) = line.split_once(' ') else { continue };
        match (mark, steps.last_mut()) {
            ("#", _) => {}
            ("R", _) => {
                let (method, target) = rest.split_once(' ').unwrap();
                let (method, target) = (method.to_owned(), target.to_owned());
                steps.push(Step::Call(Box::new(Call { method, target, ..Call::default() })));
            }
            ("W", _) => steps.push(Step::Webhook(serde_json::from_str(rest).unwrap())),
            (">", Some(Step::Call(call))) => call.body = Some(serde_json::from_str(rest).unwrap()),
            ("F", Some(Step::Call(call))) => call.form = Some(serde_json::from_str(rest).unwrap()),
            ("S", Some(Step::Call(call))) => call.status = rest.parse().unwrap(),
            ("<", Some(Step::Call(call))) => call.answer = Some(serde_json::from_str(rest).unwrap()),
            ("B", Some(Step::Call(call))) => call.bytes = Some(rest.to_owned()),
            _ => panic!("a line stands where none should: {line}"),
        }
    }
    steps
}

struct Walk {
    stage: Stage,
    graph: Graph,
    token: SecretString,
    /// Names of the sheet and what they are in this run.
    names: HashMap<String, String>,
    /// The address of the file looked up last.
    file: Option<Url>,
}

impl Walk {
    async fn begin() -> Self {
        let stage = Stage::new().await;
        stage.control("POST", "/clock", json!({"now": BEGIN})).await;
        let media = json!({"id": "910000000000001", "number_id": NUMBER, "mime_type": "image/jpeg", "base64": "/9j/4AAQ"});
        stage.control("POST", "/seed", json!({"media": [media]})).await;
        for person in ["u1", "u2", "u3"] {
            stage.control("PATCH", &format!("/people/{person}"), json!({"receipts": "manual"})).await;
        }
        let graph = Graph::new(GraphConfig::new(Url::parse(stage.running.url()).unwrap(), "v25.0")).unwrap();
        Self { stage, graph, token: SecretString::from(TOKEN), names: HashMap::new(), file: None }
    }

    fn fill(&self, value: &Value) -> Value {
        let mut names: Vec<_> = self.names.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let text =
            names.into_iter().fold(value.to_string(), |text, (name, is)| text.replace(name.as_str(), is));
        serde_json::from_str(&text).unwrap()
    }

    async fn call(&mut self, call: &Call) {
        let target = self.fill(&Value::from(call.target.as_str()));
        let target = target.as_str().unwrap();
        let id = target.trim_start_matches("/v25.0/").split(['/', '?']).next().unwrap();
        let access = &Access::token(&self.token);
        match (call.method.as_str(), &call.body, &call.form) {
            ("POST", Some(body), _) => {
                let body = self.fill(body);
                if body["status"] == "read" {
                    let typing = body["typing_indicator"].is_object();
                    let mark = MarkRead { message_id: body["message_id"].as_str().unwrap().into(), typing };
                    assert_eq!(serde_json::to_value(&mark).unwrap(), body);
                    return self.graph.mark_read(access, id, &mark).await.unwrap();
                }
                let message: Message = serde_json::from_value(body.clone()).unwrap();
                assert_eq!(serde_json::to_value(&message).unwrap(), body);
                assert_eq!(message.validate(), Ok(()));
                let sent = self.graph.send(access, id, &message).await;
                self.sent(call, sent);
            }
            ("POST", None, Some(form)) => {
                let part = &form["file"];
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let bytes = text(&part["text"]);
                let upload = Upload {
                    filename: text(&part["filename"]),
                    mime: text(&part["content_type"]),
                    size: Some(bytes.len() as u64),
                    body: bytes.into(),
                };
                let uploaded = self.graph.upload_media(access, id, upload).await.unwrap();
                let name = call.answer.as_ref().unwrap()["id"].as_str().unwrap().to_owned();
                self.names.insert(name, uploaded);
            }
            ("GET", ..) if target.starts_with("http") => {
                let file = self.file.clone().unwrap();
                let mut download = self.graph.download(access, &file, 5).await.unwrap();
                let (mime, bytes) = call.bytes.as_ref().unwrap().split_once(' ').unwrap();
                assert_eq!(download.mime(), Some(mime));
                let mut got = Vec::new();
                while let Some(chunk) = download.chunk().await.unwrap() {
                    got.extend_from_slice(&chunk);
                }
                assert_eq!(got, bytes.as_bytes());
            }
            ("GET", ..) => {
                let number = target.contains("phone_number_id").then_some(NUMBER);
                match self.graph.media(access, id, number).await {
                    Ok(info) => {
                        let answer = call.answer.as_ref().unwrap();
                        assert_eq!(info.mime.as_deref(), answer["mime_type"].as_str());
                        assert_eq!(info.sha256.as_deref(), answer["sha256"].as_str());
                        assert_eq!(info.size, Some(5));
                        self.file = Some(info.url);
                    }
                    Err(error) => refused(call, &error),
                }
            }
            ("DELETE", ..) => self.graph.delete_media(access, id).await.unwrap(),
            _ => panic!("no call of ours fits {} {target}", call.method),
        }
    }

    fn sent(&mut self, call: &Call, sent: Result<Sent, GraphError>) {
        match sent {
            Ok(sent) => {
                let answer = call.answer.as_ref().unwrap();
                assert_eq!(call.status, 200);
                assert_eq!(sent.wa_id.as_deref(), answer["contacts"][0]["wa_id"].as_str());
                assert_eq!(sent.user_id.as_deref(), answer["contacts"][0]["user_id"].as_str());
                assert_eq!(sent.status.as_deref(), answer["messages"][0]["message_status"].as_str());
                let name = answer["messages"][0]["id"].as_str().unwrap().to_owned();
                self.names.insert(name, sent.message_id);
            }
            Err(error) => refused(call, &error),
        }
    }

    async fn webhook(&mut self, expected: &Value) {
        provoke(&self.stage, &self.fill(expected)["entry"][0]["changes"][0]["value"]).await;
        let hook = self.stage.endpoint.next().await;
        // The id of a message that a person writes is known from now on.
        let id = "/entry/0/changes/0/value/messages/0/id";
        if let (Some(name), Some(is)) = (expected.pointer(id), hook.body.pointer(id)) {
            self.names.insert(name.as_str().unwrap().into(), is.as_str().unwrap().into());
        }
        let expected = self.fill(expected);
        let secrets = ["another secret", SECRET];
        assert_eq!(signature::verify(secrets, Some(hook.signature.as_bytes()), &hook.raw), Ok(1));
        assert_eq!(read(&hook.raw), read(&serde_json::to_vec(&expected).unwrap()));
    }
}

fn refused(call: &Call, error: &GraphError) {
    let expected = &call.answer.as_ref().unwrap()["error"];
    let refusal = error.refusal().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(refusal.status, call.status);
    assert_eq!(Some(refusal.code), expected["code"].as_i64());
    assert_eq!(refusal.subcode, expected["error_subcode"].as_i64());
}

/// What a body says, without times and texts that are not promised.
fn read(body: &[u8]) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for loose in ["timestamp", "title", "details", "url"] {
                    members.remove(loose);
                }
                // A choice has a title that is promised; it stands under "content".
                members
                    .iter_mut()
                    .filter(|(name, _)| *name != "content")
                    .for_each(|(_, member)| strip(member));
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let updates = webhook::split(body).unwrap();
    updates
        .iter()
        .map(|update| {
            let mut seen = serde_json::to_value(update.event()).unwrap();
            assert!(!matches!(seen["event"].as_str(), Some("unknown" | "malformed")), "{seen}");
            strip(&mut seen);
            json!([update.kind.name(), update.entry_id, update.phone_number_id, update.number_digits, seen])
        })
        .collect()
}

/// Makes what an expected webhook tells of happen, unless it comes by itself.
async fn provoke(stage: &Stage, value: &Value) {
    if let Some(status) = value.pointer("/statuses/0") {
        if status["status"] == "delivered" || status["status"] == "read" {
            let path = format!("/messages/{}/status", status["id"].as_str().unwrap());
            stage.control("POST", &path, json!({"status": status["status"]})).await;
        }
    } else if let Some(preference) = value.pointer("/user_preferences/0") {
        let path = format!("/people/{}/marketing", preference["wa_id"].as_str().unwrap());
        stage.control("POST", &path, json!({"number": NUMBER, "value": preference["value"]})).await;
    } else {
        let message = &value["messages"][0];
        let kind = message["type"].as_str().unwrap();
        if kind == "interactive" {
            let reply =
                ["button_reply", "list_reply"].iter().find_map(|name| message["interactive"].get(name));
            let body = json!({"message": message["context"]["id"], "choice": reply.unwrap()["id"]});
            stage.control("POST", "/taps", body).await;
            return;
        }
        let mut content = message[kind].clone();
        let mut body =
            json!({"from": message["from_user_id"], "to": NUMBER, "type": kind, "id": message["id"]});
        if kind == "document" {
            body["media"] = json!({"text": "hello", "mime_type": content["mime_type"], "id": content["id"]});
            content = json!({"caption": content["caption"], "filename": content["filename"]});
        }
        body[kind] = content;
        stage.control("POST", "/inbound", body).await;
    }
}

#[tokio::test]
async fn our_client_walks_the_golden_exchanges() {
    let mut walk = Walk::begin().await;
    let exchanges: Vec<&str> = SHEET.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).collect();
    assert_eq!(exchanges.len(), 12);
    for exchange in exchanges {
        let on_sent =
            exchange.lines().any(|line| line.contains(r#""status":"sent""#) && line.contains("pricing"));
        let pattern = if on_sent { "sent_and_receipt" } else { "receipt" };
        walk.stage.control("PATCH", "/settings", json!({"pricing_on": pattern})).await;
        for step in steps(exchange) {
            match step {
                Step::Call(call) => walk.call(&call).await,
                Step::Webhook(expected) => walk.webhook(&expected).await,
            }
        }
        walk.stage.settled().await;
        assert_eq!(walk.stage.endpoint.unseen(), 0, "a webhook too many after {exchange}");
    }
}
