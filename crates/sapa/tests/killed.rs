//! A notification's run whose process is killed again and again: everybody is decided about once and hears of it at most once,
//! on WhatsApp or on another channel.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::{Json, Router};
use carrier::{Carrier, Options};
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::id::{ConsentEventId, TemplateId};
use rules::time::Timestamp;
use serde_json::{Value, json};
use server::outbound::{Outbound, SystemNames};
use store::consent::NewConsentEvent;
use store::contacts::ContactFilter;
use store::templates::TemplateReading;
use tempfile::TempDir;
use testkit::Database;
use testkit::app::{Actor, TestApp, TestOrg, line};

/// As many as there are several batches of.
const PEOPLE: usize = 600;
/// How many have been decided about when the process is killed.
const KILLED_AT: [i64; 5] = [1, 100, 250, 380, 520];
/// How long anything may take.
const LONGEST: Duration = Duration::from_secs(240);
/// The master key of what the testkit seals.
const MASTER_KEY: &str = "test:0707070707070707070707070707070707070707070707070707070707070707";
/// Long enough ago for whatever clock the machine has.
const BEFORE: Timestamp = Timestamp(1_700_000_000_000_000);

/// Who was written to on WhatsApp, and how often.
type Phones = Arc<Mutex<BTreeMap<String, usize>>>;

/// As much of Meta as sending needs.
async fn meta() -> (SocketAddr, Phones) {
    let phones = Phones::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new().fallback(answer).with_state(phones.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (address, phones)
}

async fn answer(
    State(phones): State<Phones>,
    uri: Uri,
    body: axum::body::Bytes,
) -> (StatusCode, Json<Value>) {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    match body["to"].as_str().filter(|_| uri.path().ends_with("/messages")) {
        Some(to) => {
            let mut phones = phones.lock().unwrap();
            *phones.entry(to.to_owned()).or_default() += 1;
            let id = format!("wamid.{to}.{}", phones[to]);
            let told = json!({ "messaging_product": "whatsapp", "contacts": [{ "input": to, "wa_id": to }], "messages": [{ "id": id }] });
            (StatusCode::OK, Json(told))
        }
        None => (StatusCode::NOT_FOUND, Json(json!({ "error": { "code": 100, "message": "Unknown path" } }))),
    }
}

/// The program on a database, under the same name and address each time.
struct Gateway {
    child: Child,
}

/// Where it runs.
struct Place {
    data: TempDir,
    database: String,
    at: SocketAddr,
    meta: SocketAddr,
}

impl Place {
    async fn start(&self) -> Gateway {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sapa"));
        command
            .args(["serve", "--listen", &self.at.to_string(), "--node-name", "shop", "--data"])
            .arg(self.data.path());
        command.env("SAPA_DATABASE_URL", &self.database).env("SAPA_MASTER_KEY", MASTER_KEY);
        command
            .env("SAPA_GRAPH_URL", format!("http://{}", self.meta))
            .env("SAPA_ALLOW_PRIVATE_ADDRESSES", "127.0.0.1");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut gateway = Gateway { child };
        let end = Instant::now() + LONGEST;
        while reqwest::get(format!("http://{}/readyz", self.at))
            .await
            .map(|answer| answer.status().as_u16())
            .ok()
            != Some(200)
        {
            assert!(gateway.child.try_wait().unwrap().is_none(), "it ended by itself");
            assert!(Instant::now() < end, "it is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        gateway
    }
}

impl Gateway {
    /// As a power cut would.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Permits of people of whom one in three has agreed, one in three has an e-mail address, and one in three has neither.
async fn settle(app: &TestApp, carrier: &Carrier) -> (TestOrg, String) {
    let org = app.org("Kopi Senja").await;
    let number = line::connect(&app.ctx, org.id).await;
    let mut tx = app.ctx.store.begin().await.unwrap();
    let mut scope = tx.org(org.id).await.unwrap();
    let (account, _) = scope.portfolio_of_number(number).await.unwrap().unwrap();
    let template = TemplateReading {
        id: TemplateId::fresh(app.now(), app.ctx.chance()),
        meta_template_id: "900000000000001".into(),
        name: "permit_expiring".into(),
        language: "id".into(),
        category: "UTILITY".into(),
        status: "APPROVED".into(),
        quality: None,
        parameter_format: "NAMED".into(),
        components: json!([{ "type": "BODY", "text": "Halo {{name}}, izin Anda hampir habis." }]),
        rejected_reason: None,
        ttl_seconds: None,
        coming_category: None,
    };
    scope.record_templates(account, &[template], BEFORE).await.unwrap();
    tx.commit().await.unwrap();
    let way = json!({ "provider": "smtp", "host": "127.0.0.1", "port": carrier.smtp.port(), "encryption": "none",
        "from": "halo@kopi.example", "reply_to": "toko@kopi.example" });
    org.owner.put("channels", json!({ "way": way, "secret": "" })).await.expect(200);
    let kind = json!({ "name": "permit", "title": "Izin", "fields": [] });
    let kind = org.owner.post("record-kinds", kind).await.expect(201).str("/id").to_owned();
    let record = |n: usize| {
        let mut contact = json!({ "phone": format!("+62811{n:07}"), "name": format!("Toko {n}") });
        if n % 3 == 1 {
            contact["email"] = json!(format!("toko{n}@example.com"));
        }
        json!({ "external_id": format!("P-{n:04}"), "contact": contact })
    };
    let records: Vec<Value> = (0..PEOPLE).map(record).collect();
    org.key.post("records/bulk", json!({ "kind": "permit", "records": records })).await.expect(200);
    agree(app, &org).await;
    let definition = json!({
        "number_id": number, "template": "permit_expiring", "language": "id",
        "variables": { "body.name": { "from": { "kind": "contact_name" } } },
        "audience": { "kind": "records", "record_kind_id": kind }, "trigger": { "kind": "call" },
        "fallback": [{ "channel": "whatsapp", "minutes": 600 }, { "channel": "email", "minutes": 1440 }],
    });
    let made = json!({ "name": "Izin hampir habis", "state": "paused", "definition": definition });
    let made = org.owner.post("notifications", made).await.expect(201);
    (org, format!("notifications/{}/runs", made.str("/id")))
}

async fn agree(app: &TestApp, org: &TestOrg) {
    let mut tx = app.ctx.store.begin().await.unwrap();
    let mut scope = tx.org(org.id).await.unwrap();
    let limit = i64::try_from(PEOPLE).unwrap();
    for person in scope.walk_contacts(&ContactFilter::default(), None, limit).await.unwrap() {
        let n: usize = person.name.trim_start_matches("Toko ").parse().unwrap();
        if n.is_multiple_of(3) {
            let yes = NewConsentEvent {
                id: ConsentEventId::fresh(app.now(), app.ctx.chance()),
                contact: person.id,
                channel: Channel::Whatsapp,
                purpose: Some(Purpose::Utility),
                action: ConsentAction::OptIn,
                source: ConsentSource::Api,
                evidence: json!({ "wording": "Ya" }),
                at: BEFORE,
            };
            scope.append_consent(&yes).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

/// Where the database is once nobody else has it: a SQLite file is copied, a PostgreSQL database is as it is.
async fn handed_over(app: &TestApp, data: &Path) -> String {
    let url = &app.database.options.url;
    if !url.starts_with("sqlite:") {
        return url.clone();
    }
    let file: PathBuf = data.join("sapa.db");
    store::copy::snapshot(url, &file).await.unwrap();
    format!("sqlite://{}", file.display())
}

/// Waits until something is so.
async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let end = Instant::now() + LONGEST;
    while !so().await {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn killed_again_and_again(database: Database) {
    let carrier =
        Carrier::start(Options { listen: "127.0.0.1:0".parse().unwrap(), reports: false }).await.unwrap();
    let app = TestApp::start_with(database, |parts| {
        parts.outbound = Outbound::new("127.0.0.1".parse().unwrap(), SystemNames).unwrap();
    })
    .await;
    let (org, runs) = settle(&app, &carrier).await;
    app.leave_jobs();
    let data = TempDir::new().unwrap();
    let (meta, phones) = meta().await;
    let database = handed_over(&app, data.path()).await;
    let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let place = Place { data, database, at, meta };
    let key = org.key.authorization().unwrap().trim_start_matches("Bearer ");
    let actor = Actor::anonymous(&format!("http://{at}")).with_key(key).in_org(org.id);

    let mut gateway = place.start().await;
    let run = actor.post(&runs, json!({ "key": "november" })).await.expect(201).str("/id").to_owned();
    let path = format!("notification-runs/{run}");
    let decided = async || actor.get(&path).await.expect(200).json["decided"].as_i64().unwrap();
    for few in KILLED_AT {
        until("the run does not come further", async || decided().await >= few).await;
        gateway.kill();
        gateway = place.start().await;
        // Whoever called repeats it: that is the same run.
        let again = actor.post(&runs, json!({ "key": "november" })).await.expect(200);
        assert_eq!(again.str("/id"), run);
    }
    until("the run does not end", async || actor.get(&path).await.expect(200).str("/state") == "done").await;
    let people = i64::try_from(PEOPLE).unwrap();
    let count = |stands: &Value, verdict: &str| -> i64 {
        let counts = stands["counts"].as_array().unwrap().iter().filter(|one| one["verdict"] == verdict);
        counts.map(|one| one["count"].as_i64().unwrap()).sum()
    };
    let stands = actor.get(&path).await.expect(200).json;
    let third = people / 3;
    let found = ["send", "fall_back", "refuse"].map(|verdict| count(&stands, verdict));
    assert_eq!((&stands["decided"], found), (&json!(people), [third; 3]), "{stands}");

    // Each person has one line of the run, and one message at most.
    let csv = actor.get(&format!("{path}/export")).await.expect(200).text;
    let mut names: Vec<&str> =
        csv.lines().skip(1).filter_map(|line| line.split(',').find(|cell| cell.starts_with("P-"))).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((csv.lines().count() - 1, names.len()), (PEOPLE, PEOPLE));

    let messages: i64 =
        stands["outcomes"].as_array().unwrap().iter().map(|one| one["count"].as_i64().unwrap()).sum();
    assert_eq!(messages, 2 * third, "one for everybody who is told something");

    // What was accepted leaves, but for what may have left as the process was killed: that waits for a person.
    let left = || (carrier.arrived().len(), phones.lock().unwrap().len());
    let mut before = (usize::MAX, usize::MAX);
    while before != left() {
        before = left();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    let twice: Vec<String> =
        phones.lock().unwrap().iter().filter(|(_, times)| **times > 1).map(|(to, _)| to.clone()).collect();
    assert_eq!(twice, Vec::<String>::new(), "written to twice");
    let mut letters = BTreeMap::<String, usize>::new();
    for letter in carrier.arrived() {
        *letters.entry(letter.to).or_default() += 1;
    }
    assert!(letters.values().all(|times| *times == 1), "{letters:?}");
    let agreed = |to: &String| to[to.len() - 7..].parse::<usize>().unwrap().is_multiple_of(3);
    assert!(phones.lock().unwrap().keys().all(agreed), "nobody is written to who has not agreed");
    gateway.kill();
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_run_that_is_killed_again_and_again_reaches_everybody_once() {
    killed_again_and_again(Database::sqlite().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_a_run_that_is_killed_again_and_again_reaches_everybody_once() {
    killed_again_and_again(Database::postgres().await.unwrap()).await;
}
