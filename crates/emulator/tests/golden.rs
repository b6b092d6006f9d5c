//! The golden exchanges of the messaging sheet, section 12, word for word.
//!
//! What the sheet leaves open is bound on first sight (wamids, media ids, addresses) or ignored (times, traces,
//! texts of errors). Key sets must be equal: nothing missing, nothing more.

mod support;

use std::collections::{BTreeSet, HashMap};

use reqwest::Method;
use serde_json::{Value, json};
use support::{NUMBER, SECRET, Stage, TOKEN};

const SHEET: &str = include_str!("golden/messaging.txt");
/// 2026-11-20T09:00:00Z.
const BEGIN: i64 = 1_795_165_200_000;
/// Values that differ between runs, or texts that are not promised.
const LOOSE: &[&str] = &["timestamp", "fbtrace_id", "message", "title", "details", "href", "url"];

/// Names in the sheet and what they are in this run.
#[derive(Default)]
struct Bindings(HashMap<String, String>);

impl Bindings {
    /// The text with every known name replaced.
    fn fill(&self, text: &str) -> String {
        let mut names: Vec<_> = self.0.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(name.as_str(), value))
    }

    fn same(&mut self, expected: &str, actual: &str) -> bool {
        let free = expected.starts_with("wamid.") || expected.starts_with("91000000000000");
        if !free {
            return expected == actual;
        }
        self.0.entry(expected.to_owned()).or_insert_with(|| actual.to_owned()) == actual
    }

    fn compare(&mut self, expected: &Value, actual: &Value, place: &str) -> Result<(), String> {
        match (expected, actual) {
            (Value::Object(wanted), Value::Object(got)) => {
                // Which there are; their order means nothing in JSON.
                let (wanted_keys, got_keys): (BTreeSet<_>, BTreeSet<_>) =
                    (wanted.keys().collect(), got.keys().collect());
                if wanted_keys != got_keys {
                    return Err(format!("{place}: keys {wanted_keys:?}, got {got_keys:?}"));
                }
                for (key, value) in wanted {
                    // `message` is a text in errors and an object elsewhere.
                    let loose = LOOSE.contains(&key.as_str()) && !value.is_object();
                    if key == "url" {
                        self.0.insert(value.as_str().unwrap().into(), got[key].as_str().unwrap().into());
                    }
                    if !loose {
                        self.compare(value, &got[key], &format!("{place}.{key}"))?;
                    }
                }
                Ok(())
            }
            (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
                let pairs = wanted.iter().zip(got).enumerate();
                pairs.into_iter().try_for_each(|(at, (w, g))| self.compare(w, g, &format!("{place}[{at}]")))
            }
            (Value::String(wanted), Value::String(got)) if self.same(wanted, got) => Ok(()),
            (wanted, got) if wanted == got => Ok(()),
            _ => Err(format!("{place}: expected {expected}, got {actual}")),
        }
    }
}

/// Makes what an expected webhook tells of happen, unless it comes by itself.
async fn provoke(stage: &Stage, names: &Bindings, value: &Value) {
    if let Some(status) = value.pointer("/statuses/0") {
        let wamid = names.fill(status["id"].as_str().unwrap());
        let word = status["status"].as_str().unwrap();
        if word == "delivered" || word == "read" {
            stage.control("POST", &format!("/messages/{wamid}/status"), json!({"status": word})).await;
        }
        return;
    }
    if let Some(preference) = value.pointer("/user_preferences/0") {
        let body = json!({"number": NUMBER, "value": preference["value"]});
        let person = preference["wa_id"].as_str().unwrap();
        stage.control("POST", &format!("/people/{person}/marketing"), body).await;
        return;
    }
    let message = &value["messages"][0];
    let kind = message["type"].as_str().unwrap();
    if kind == "interactive" {
        let reply =
            message.pointer("/interactive/button_reply").or(message.pointer("/interactive/list_reply"));
        let body = json!({
            "message": names.fill(message["context"]["id"].as_str().unwrap()),
            "choice": reply.unwrap()["id"],
        });
        stage.control("POST", "/taps", body).await;
        return;
    }
    let mut content = serde_json::from_str::<Value>(&names.fill(&message[kind].to_string())).unwrap();
    let mut body = json!({"from": message["from_user_id"], "to": NUMBER, "type": kind, "id": message["id"]});
    if kind == "document" {
        body["media"] = json!({"text": "hello", "mime_type": content["mime_type"], "id": content["id"]});
        content = json!({"caption": content["caption"], "filename": content["filename"]});
    }
    body[kind] = content;
    stage.control("POST", "/inbound", body).await;
}

async fn prepare(stage: &Stage) {
    stage.control("POST", "/clock", json!({"now": BEGIN})).await;
    // The smallest bytes that begin like a JPEG: the sheet does not say which picture it is.
    let media = json!({"id": "910000000000001", "number_id": NUMBER, "mime_type": "image/jpeg", "base64": "/9j/4AAQ"});
    stage.control("POST", "/seed", json!({"media": [media]})).await;
    for person in ["u1", "u2", "u3"] {
        stage.control("PATCH", &format!("/people/{person}"), json!({"receipts": "manual"})).await;
    }
}

#[tokio::test]
async fn the_golden_exchanges_word_for_word() {
    let stage = Stage::new().await;
    prepare(&stage).await;
    let mut names = Bindings::default();
    let exchanges: Vec<&str> = SHEET.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).collect();
    assert_eq!(exchanges.len(), 12);
    for exchange in exchanges {
        play(&stage, &mut names, exchange).await;
    }
}

async fn play(stage: &Stage, names: &mut Bindings, exchange: &str) {
    let title = exchange.lines().next().unwrap();
    // Both patterns of `pricing` are documented; the sheet shows one or the other.
    let on_sent =
        exchange.lines().any(|line| line.contains(r#""status":"sent""#) && line.contains("pricing"));
    let pattern = if on_sent { "sent_and_receipt" } else { "receipt" };
    stage.control("PATCH", "/settings", json!({"pricing_on": pattern})).await;

    let mut request: Option<(Method, String)> = None;
    let mut body = None;
    let mut form = None;
    let mut answer: Option<(u16, String, Vec<u8>)> = None;
    for line in exchange.lines() {
        let Some((mark, rest)) = line.split_once(' ') else { continue };
        match mark {
            "#" => {}
            "R" => {
                let (method, target) = rest.split_once(' ').unwrap();
                let target = names.fill(target);
                let url = if target.starts_with("http") { target } else { stage.url(&target) };
                request = Some((Method::from_bytes(method.as_bytes()).unwrap(), url));
                (body, form, answer) = (None, None, None);
            }
            ">" => body = Some(names.fill(rest)),
            "F" => form = Some(serde_json::from_str::<Value>(rest).unwrap()),
            "S" => {
                let (method, url) = request.take().unwrap();
                let mut call = stage.client.request(method, url).bearer_auth(TOKEN);
                if let Some(body) = body.take() {
                    call = call.header("content-type", "application/json").body(body);
                }
                if let Some(form) = form.take() {
                    call = call.multipart(multipart(&form));
                }
                let got = call.send().await.unwrap();
                let status = got.status().as_u16();
                let kind = got.headers()["content-type"].to_str().unwrap().to_owned();
                let bytes = got.bytes().await.unwrap().to_vec();
                let shown = String::from_utf8_lossy(&bytes).into_owned();
                assert_eq!(status.to_string(), rest, "{title}: {shown}");
                answer = Some((status, kind, bytes));
            }
            "<" => {
                let (_, _, bytes) = answer.as_ref().unwrap();
                let got = serde_json::from_slice(bytes).unwrap();
                let wanted = serde_json::from_str(rest).unwrap();
                names.compare(&wanted, &got, "answer").unwrap_or_else(|flaw| panic!("{title}: {flaw}"));
            }
            "B" => {
                let (_, kind, bytes) = answer.as_ref().unwrap();
                let (wanted_kind, wanted) = rest.split_once(' ').unwrap();
                assert_eq!((kind.as_str(), bytes.as_slice()), (wanted_kind, wanted.as_bytes()), "{title}");
            }
            "W" => {
                let wanted: Value = serde_json::from_str(rest).unwrap();
                provoke(stage, names, &wanted["entry"][0]["changes"][0]["value"]).await;
                let hook = stage.endpoint.next().await;
                assert_eq!(hook.signature, support::signature(SECRET, &hook.raw), "{title}");
                names
                    .compare(&wanted, &hook.body, "webhook")
                    .unwrap_or_else(|flaw| panic!("{title}: {flaw}\nexpected {wanted}\ngot {}", hook.body));
            }
            other => panic!("{title}: a line begins with {other:?}"),
        }
    }
    stage.settled().await;
    assert_eq!(
        stage.endpoint.unseen(),
        0,
        "{title}: a webhook that the sheet does not have: {:?}",
        stage.endpoint.values().last()
    );
}

fn multipart(form: &Value) -> reqwest::multipart::Form {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let file = &form["file"];
    let part = reqwest::multipart::Part::text(text(&file["text"]))
        .file_name(text(&file["filename"]))
        .mime_str(file["content_type"].as_str().unwrap())
        .unwrap();
    reqwest::multipart::Form::new()
        .text("messaging_product", text(&form["messaging_product"]))
        .text("type", text(&form["type"]))
        .part("file", part)
}

/// The signature that the sheet gives for its first webhook line.
#[test]
fn the_first_webhook_has_the_signature_of_the_sheet() {
    let line = SHEET.lines().find_map(|line| line.strip_prefix("W ")).unwrap();
    assert_eq!(line.len(), 502);
    assert_eq!(
        support::signature(SECRET, line.as_bytes()),
        "sha256=6e444f770c4a01d44f7fbf309c0cd9012406a99de4f4a81098746eade0dcdb22"
    );
}
