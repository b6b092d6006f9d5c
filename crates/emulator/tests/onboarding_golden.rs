//! The golden exchanges of the onboarding sheet, section 12, word for word.
//!
//! What the sheet leaves open is bound on first sight (allocations, wamids, requests, fetched tokens) or compared
//! loosely (times within two minutes, cursors and traces by their presence). Key sets must be equal.
//!
//! A line begins with its kind: `@` a control that must succeed, `=` its answer, `R` a request, `A` its token, `>` a
//! JSON body, `F` a form, `S` the status, `<` the answer, `W` a webhook that must have come, `P` path, field and
//! signing secret of a webhook that must have come, `H` path and token of a handshake, `!` what handshakes answer.

mod hooks;
mod support;

use std::collections::{BTreeSet, HashMap};

use hooks::Hooks;
use reqwest::Method;
use serde_json::{Value, json};
use support::Stage;

const SHEET: &str = include_str!("golden/onboarding.txt");
/// 2026-11-20T00:53:20Z.
const BEGIN: i64 = 1_795_136_000_000;
/// Texts that are not promised.
const LOOSE: &[&str] = &["fbtrace_id", "details", "timestamp", "before", "after"];
/// Times, in seconds.
const TIMES: &[&str] = &["time", "expires_at", "issued_at"];

/// Names in the sheet and what they are in this run.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    fn fill(&self, text: &str) -> String {
        let mut names: Vec<_> = self.0.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(name.as_str(), value))
    }

    fn same(&mut self, wanted: &str, got: &str) -> bool {
        let free = wanted.starts_with("wamid.FAKE")
            || wanted.starts_with("req-")
            || ["400000000000006", "510000000000001", "690000000000001", "EAABIZFAKE2"].contains(&wanted);
        if free {
            return self.0.entry(wanted.to_owned()).or_insert_with(|| got.to_owned()) == got;
        }
        // A lapsed session names two times.
        let session = "Error validating access token: Session has expired on ";
        if wanted.starts_with(session) {
            return got.starts_with(session) && got.ends_with(" PST.");
        }
        self.fill(wanted) == got
    }

    fn compare(&mut self, wanted: &Value, got: &Value, place: &str) -> Result<(), String> {
        let key = place.rsplit('.').next().unwrap_or(place);
        match (wanted, got) {
            (Value::Object(want), Value::Object(have)) => {
                // Which there are; their order means nothing in JSON.
                let (want_keys, have_keys): (BTreeSet<_>, BTreeSet<_>) =
                    (want.keys().collect(), have.keys().collect());
                // An edge of one page may or may not say so.
                let (want_keys, have_keys) = if want.contains_key("data") {
                    (without_paging(want_keys), without_paging(have_keys))
                } else {
                    (want_keys, have_keys)
                };
                if want_keys != have_keys {
                    return Err(format!("{place}: keys {want_keys:?}, got {have_keys:?}"));
                }
                want.iter().filter(|(key, _)| !LOOSE.contains(&key.as_str())).try_for_each(|(key, value)| {
                    have.get(key).map_or(Ok(()), |have| self.compare(value, have, &format!("{place}.{key}")))
                })
            }
            (Value::Array(want), Value::Array(have)) if want.len() == have.len() => want
                .iter()
                .zip(have)
                .enumerate()
                .try_for_each(|(at, (want, have))| self.compare(want, have, &format!("{place}[{at}]"))),
            (Value::String(want), Value::String(have)) if self.same(want, have) => Ok(()),
            (Value::Number(want), Value::Number(have)) if TIMES.contains(&key) => {
                let (want, have) = (want.as_i64().unwrap(), have.as_i64().unwrap());
                let near = (want - have).abs() <= 120;
                if near { Ok(()) } else { Err(format!("{place}: expected about {want}, got {have}")) }
            }
            _ if wanted == got => Ok(()),
            _ => Err(format!("{place}: expected {wanted}, got {got}")),
        }
    }
}

fn without_paging(keys: BTreeSet<&String>) -> BTreeSet<&String> {
    keys.into_iter().filter(|key| *key != "paging").collect()
}

/// The fixture of section 12.0, and what single exchanges need besides.
fn fixture(hooks: &Hooks) -> Value {
    let account = |id: &str, owner: &str, name: &str| {
        json!({"id": id, "name": name, "owner_id": owner, "status": "ACTIVE", "review_status": "APPROVED",
               "currency": "EUR", "country": "DE", "timezone_id": "42", "namespace": "aaaa_bbbb_cccc"})
    };
    let portfolio = |id: &str, name: &str| json!({"id": id, "name": name, "country": "DE", "verification_status": "verified", "messaging_limit": "TIER_250"});
    let whatsapp = ["whatsapp_business_management", "whatsapp_business_messaging"];
    json!({
        "empty": true, "clock": BEGIN,
        "apps": [
            {"id": "111222333444555", "name": "Acme Platform", "secret": "0123456789abcdef0123456789abcdef",
             "portfolio_id": "900000000000001", "callback_url": hooks.url("/meta"), "verify_token": "vt-app",
             "fields": ["messages", "account_update", "smb_app_state_sync", "history"],
             "configurations": {"123000000000009": {"name": "60 days", "expires": true},
                                "123000000000010": {"name": "for ever", "expires": false}}},
            {"id": "222333444555666", "name": "Acme own app", "secret": "fedcba9876543210fedcba9876543210",
             "portfolio_id": "800000000000002", "callback_url": hooks.url("/own"), "verify_token": "vt-own"},
        ],
        "portfolios": [portfolio("900000000000001", "Acme Platform Ltd"), portfolio("800000000000002", "Acme GmbH"),
                       portfolio("800000000000777", "Somebody else")],
        "system_users": [
            {"id": "200000000000008", "name": "Ops", "portfolio_id": "900000000000001", "role": "ADMIN"},
            {"id": "122000000000077", "name": "acme-bot", "portfolio_id": "800000000000002", "role": "ADMIN"},
        ],
        "accounts": [account("700000000000003", "800000000000002", "Acme"),
                     account("700000000000044", "800000000000002", "Acme, no number"),
                     account("700000000000099", "800000000000002", "Acme, second"),
                     account("700000000000777", "800000000000777", "Somebody else")],
        "numbers": [
            {"id": "600000000000004", "account_id": "700000000000003", "phone": "49301234567",
             "display": "+49 30 1234567", "verified_name": "Acme", "name_status": "AVAILABLE_WITHOUT_REVIEW",
             "country_dial_code": "49"},
            {"id": "600000000000099", "account_id": "700000000000099", "phone": "49301234599",
             "display": "+49 30 1234599", "verified_name": "Acme", "country_dial_code": "49"},
        ],
        "tokens": [
            {"value": "EAASYSFAKE", "app_id": "111222333444555", "kind": "system_user", "user_id": "200000000000008",
             "portfolio_id": "900000000000001", "reach": "portfolio",
             "scopes": [whatsapp[0], whatsapp[1], "business_management"]},
            {"value": "EAAMANFAKE", "app_id": "222333444555666", "kind": "system_user", "user_id": "122000000000077",
             "portfolio_id": "800000000000002", "reach": "portfolio", "issued_at": 1_795_000_000_000_i64,
             "scopes": [whatsapp[0], whatsapp[1], "public_profile"]},
        ],
        "templates": [{"id": "1", "account_id": "700000000000003", "name": "hello_world", "language": "en_US",
                       "category": "UTILITY", "status": "APPROVED", "parameter_format": "POSITIONAL",
                       "components": [{"type": "BODY", "text": "Welcome."}], "created_at": BEGIN}],
        "people": [{"id": "u1", "phone": "491700000001", "name": "Anna Beispiel", "country": "DE"}],
        "tables": {"credit_lines": {"500000000000005": {"id": "500000000000005", "portfolio_id": "900000000000001",
                                                        "legal_entity_name": "Acme Platform Ltd"}}},
    })
}

fn token(name: &str) -> &str {
    match name {
        "APP" => "111222333444555|0123456789abcdef0123456789abcdef",
        "BIZ" => "EAABIZFAKE",
        "SYS" => "EAASYSFAKE",
        "MAN" => "EAAMANFAKE",
        other => other,
    }
}

#[tokio::test]
async fn the_golden_exchanges_of_onboarding_word_for_word() {
    let stage = Stage::new().await;
    let exchanges: Vec<&str> = SHEET.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).collect();
    assert_eq!(exchanges.len(), 16);
    for exchange in exchanges {
        let hooks = Hooks::start().await;
        stage.control("POST", "/seed", fixture(&hooks)).await;
        play(&stage, &hooks, exchange).await;
    }
}

/// A request being put together.
#[derive(Default)]
struct Call {
    method: Method,
    url: String,
    token: Option<String>,
    body: Option<String>,
    form: Option<String>,
}

impl Call {
    async fn send(self, stage: &Stage) -> (u16, Value) {
        let mut call = stage.client.request(self.method, self.url);
        if let Some(token) = self.token {
            call = call.bearer_auth(token);
        }
        if let Some(body) = self.body {
            call = call.header("content-type", "application/json").body(body);
        }
        if let Some(form) = self.form {
            call = call.header("content-type", "application/x-www-form-urlencoded").body(form);
        }
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

async fn play(stage: &Stage, hooks: &Hooks, exchange: &str) {
    let title = exchange.lines().next().unwrap();
    let mut names = Names::default();
    names.0.insert("https://hooks.example".into(), hooks.url(""));
    let mut call = Call::default();
    let mut answer = Value::Null;
    for line in exchange.lines() {
        let (mark, rest) = line.split_once(' ').unwrap();
        match mark {
            "#" => {}
            "@" => {
                let mut parts = rest.splitn(3, ' ');
                let (method, path) = (parts.next().unwrap(), parts.next().unwrap());
                let body = serde_json::from_str(&names.fill(parts.next().unwrap_or("null"))).unwrap();
                answer = stage.control(method, path, body).await;
            }
            "=" | "<" => {
                let wanted = serde_json::from_str(rest).unwrap();
                names
                    .compare(&wanted, &answer, "answer")
                    .unwrap_or_else(|flaw| panic!("{title}: {line}\n{flaw}"));
            }
            "R" => {
                let (method, path) = rest.split_once(' ').unwrap();
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                call = Call { method, url: stage.url(&names.fill(path)), ..Call::default() };
            }
            "A" => call.token = Some(token(rest).to_owned()),
            ">" => call.body = Some(names.fill(rest)),
            "F" => call.form = Some(names.fill(rest)),
            "S" => {
                let (shown, status, body) = {
                    let shown = call.url.clone();
                    let (status, body) = std::mem::take(&mut call).send(stage).await;
                    (shown, status, body)
                };
                assert_eq!(status.to_string(), rest, "{title}: {shown}: {body}");
                answer = body;
            }
            "W" => {
                let wanted = serde_json::from_str::<Value>(rest).unwrap();
                hooks
                    .wait_for(|hook| names.compare(&wanted, &hook.body, "webhook").is_ok())
                    .await
                    .unwrap_or_else(|seen| panic!("{title}: no webhook is {rest}\nseen: {seen:#?}"));
            }
            "P" => {
                let mut parts = rest.split(' ');
                let (path, field, secret) =
                    (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
                hooks
                    .wait_for(|hook| {
                        hook.path == path
                            && hook.body.pointer("/entry/0/changes/0/field").is_some_and(|it| it == field)
                            && hook.signature == support::signature(secret, &hook.raw)
                    })
                    .await
                    .unwrap_or_else(|seen| panic!("{title}: no webhook is {rest}\nseen: {seen:#?}"));
            }
            "H" => {
                assert!(hooks.handshakes().contains(&rest.to_owned()), "{title}: {:?}", hooks.handshakes())
            }
            "!" => hooks.answer_handshakes(rest.parse().unwrap()),
            other => panic!("{title}: a line begins with {other:?}"),
        }
    }
}
