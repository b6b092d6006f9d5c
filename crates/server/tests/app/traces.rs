//! Every table that names a person, found in the schema: what somebody is shown of themselves holds it, and of whoever is
//! erased nothing there is left, however often that is broken off.

use std::future::poll_fn;
use std::io::{Cursor, Read as _};
use std::pin::pin;
use std::task::Poll;

use jobs::Work;
use reqwest::Method;
use rules::id::{MessageId, OrgId};
use serde_json::{Value, json};
use store::queue::Job;
use testkit::app::{TestApp, TestOrg, both};
use testkit::schema::{Cell, Row};
use uuid::Uuid;

use crate::chat::{Chat, number};

const PHONE: &str = "6281234567890";
/// The columns by which a table names a person, or something that was said with them.
const NAMING: [&str; 3] = ["contact_id", "conversation_id", "message_id"];
/// They are there once somebody has written, and are furnished by that.
const THERE: [&str; 3] = ["contacts", "conversations", "messages"];
/// 2030.
const LATER: i64 = 1_900_000_000_000_000;
const DAY: i64 = 86_400_000_000;

/// What a column must hold to be read, table by table.
fn readable(table: &str) -> Vec<(&'static str, &'static str)> {
    match table {
        "answers" => {
            vec![("answered", "[]"), ("passages", "[]"), ("verdict", "answered"), ("engine", "embedded")]
        }
        "consent_events" => vec![
            ("channel", "whatsapp"),
            ("purpose", "utility"),
            ("action", "opt_in"),
            ("source", "api"),
            ("evidence", "{}"),
        ],
        "contact_exports" => vec![("state", "waiting"), ("language", "id")],
        "contact_identities" => vec![("kind", "phone"), ("portfolio", "")],
        "form_submissions" => vec![
            ("way", "api"),
            ("locale", "id"),
            ("purposes", "[]"),
            ("double_opt_in", "none"),
            ("state", "confirmed"),
        ],
        "import_rows" => vec![("faults", "[]"), ("verdict", "new")],
        "media" => vec![("direction", "inbound"), ("mime", "image/jpeg"), ("state", "stored")],
        "notes" => vec![("mentions", "[]")],
        "outreach" => vec![
            ("purpose", "utility"),
            ("author", "system"),
            ("fallback", "[]"),
            ("verdict", "send"),
            ("channel", "whatsapp"),
            ("outcome", "sent"),
        ],
        "reaches" => {
            vec![
                ("channel", "sms"),
                ("kind", "link"),
                ("purpose", "utility"),
                ("locale", "id"),
                ("state", "sent"),
            ]
        }
        "records" => vec![("dates", "{}"), ("data", "{}")],
        "signals" => vec![("kind", "not_on_whatsapp")],
        _ => vec![],
    }
}

/// What may be missing in a row so that it is read.
const NOTHING: &[(&str, &[&str])] = &[
    ("attempts", &["problem"]),
    ("media", &["preview", "scan", "scan_found", "problem", "thumbnail_sha256"]),
    ("outreach", &["reason"]),
];

/// A person with a row in every table that names one.
struct Furnished<'a> {
    chat: Chat<'a>,
    message: MessageId,
    /// As whom they visited a form within an experiment.
    visitor: Uuid,
    tables: Vec<String>,
}

impl Furnished<'_> {
    /// The text, and the beginning of the moment, that only a table's row has.
    fn marks(table: &str, nth: usize) -> (String, i64) {
        (format!("tanda-{table}"), LATER + i64::try_from(nth).unwrap() * DAY)
    }
}

async fn furnish<'a>(app: &'a TestApp, org: OrgId, except: &[&str]) -> Furnished<'a> {
    let number = number(app, org).await;
    let chat = Chat::start(app, org, number, PHONE).await;
    let message = chat.hears("kopi").await;
    app.run_jobs().await;
    let (visitor, experiment) = (Uuid::new_v4(), Uuid::new_v4());
    let tables: Vec<String> = app.database.tables_with(&NAMING).await.unwrap();
    let tables: Vec<String> = tables
        .into_iter()
        .filter(|one| !THERE.contains(&one.as_str()) && !except.contains(&one.as_str()))
        .collect();
    let ids = Row::from([
        ("org_id", Cell::Id(org.0)),
        ("contact_id", Cell::Id(chat.contact().0)),
        ("conversation_id", Cell::Id(chat.id().0)),
        ("message_id", Cell::Id(message.0)),
        ("experiment_id", Cell::Id(experiment)),
        ("visitor", Cell::Bytes(visitor.as_bytes().to_vec())),
    ]);
    for (nth, table) in tables.iter().enumerate() {
        let (text, moment) = Furnished::marks(table, nth);
        let mut row = ids.clone();
        row.extend(readable(table).into_iter().map(|(column, value)| (column, Cell::from(value))));
        let nothing = NOTHING.iter().filter(|(one, _)| one == table).flat_map(|(_, columns)| columns.iter());
        row.extend(nothing.map(|column| (*column, Cell::Null)));
        if table == "import_rows" {
            row.insert("cells", Cell::Text(json!([text]).to_string()));
        }
        app.database.add_row(table, &row, &text, moment).await.unwrap();
    }
    app.database.add_row("experiment_visits", &ids, "kopi", 7).await.unwrap();
    Furnished { chat, message, visitor, tables }
}

/// Tables of which a person is not shown their row, each with why.
const NOT_SHOWN: [(&str, &str); 4] = [
    ("begun", "when they were last written to first, as the record of intentions says with more"),
    ("contact_exports", "this very file, and others like it"),
    ("erasures", "the certificate of what is no longer held"),
    ("media_uses", "which of the organisation's uploads a message carries, as the message itself says"),
];

/// A day by the organisation's clock, as its page says it.
fn spoken(moment: i64, language: &str) -> String {
    const MONTHS: [&str; 12] = [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ];
    let there = jiff::Timestamp::from_microsecond(moment).unwrap().in_tz("Asia/Jakarta").unwrap();
    match language {
        "id" => {
            let month = MONTHS[usize::try_from(there.month()).unwrap() - 1];
            format!("{} {month} {}", there.day(), there.year())
        }
        _ => there.strftime("%-d %B %Y").to_string(),
    }
}

#[tokio::test]
async fn what_is_held_about_somebody_is_shown_to_them_from_every_table() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let except: Vec<_> = NOT_SHOWN.iter().map(|(table, _)| *table).collect();
        let person = furnish(app, org.id, &except).await;
        for language in ["id", "en"] {
            let asked = json!({ "language": language });
            let contact = format!("contacts/{}", person.chat.contact());
            let export = org.owner.post(&format!("{contact}/exports"), asked).await.expect(202);
            app.run_jobs().await;
            let file = format!("contact-exports/{}/file", export.str("/id"));
            let bytes = org.owner.request(Method::GET, &file).send().await.unwrap().bytes().await.unwrap();
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
            let mut read = |name: &str| {
                let mut text = String::new();
                archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
                text
            };
            let (data, page) = (read("data.json"), read("index.html"));
            serde_json::from_str::<Value>(&data).expect("it is JSON");
            for (nth, table) in person.tables.iter().enumerate() {
                let (text, moment) = Furnished::marks(table, nth);
                let day = jiff::Timestamp::from_microsecond(moment).unwrap().to_string();
                let shown = |told: &str| told.contains(&text) || told.contains(&day);
                assert!(shown(&data), "data.json holds nothing of the row in `{table}`: {data}");
                // How a message was handed over is told with the message.
                let within = ["attempts", "answers", "media"].contains(&table.as_str());
                let is_told = shown(&page) || page.contains(&spoken(moment, language));
                assert!(within || is_told, "the page shows nothing of the row in `{table}`: {page}");
            }
        }
    })
    .await;
}

/// Tables that go on naming a contact by an id that nothing else has, each with why.
const GO_ON_NAMING: [(&str, &str); 3] = [
    ("audit", "that something was done stays, and to what id"),
    ("erasures", "the certificate says of what id"),
    ("events", "pages are told that the contact is gone, for as long as events are kept"),
];

async fn is_forgotten(app: &TestApp, person: &Furnished<'_>) {
    let allowed: Vec<_> = GO_ON_NAMING.iter().map(|(table, _)| *table).collect();
    for id in [person.chat.contact().0, person.chat.id().0, person.message.0, person.visitor] {
        let mut left = app.database.tables_naming(id).await.unwrap();
        left.retain(|table| id != person.chat.contact().0 || !allowed.contains(&table.as_str()));
        assert!(left.is_empty(), "{left:?} still name {id}: decide in store::forget what becomes of it");
    }
    assert_eq!(app.database.count("experiment_visits", "1 = 1").await.unwrap(), 1, "visits still count");
    assert_eq!(app.database.count("outreach", "1 = 1").await.unwrap(), 1, "what went out still counts");
    assert_eq!(app.database.count("notification_recipients", "1 = 1").await.unwrap(), 1);
}

#[tokio::test]
async fn no_table_names_whoever_was_erased() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let person = furnish(app, org.id, &["erasures"]).await;
        let before = app.database.tables_naming(person.chat.contact().0).await.unwrap();
        assert!(before.len() > 10, "{before:?}");
        let erase = format!("contacts/{}/erase", person.chat.contact());
        let begun = org.owner.post(&erase, json!({ "reason": "Diminta orangnya" })).await.expect(202);
        app.run_jobs().await;
        let proof = org.owner.get(&format!("erasures/{}", begun.str("/id"))).await.expect(200);
        assert_eq!(proof.str("/state"), "done");
        is_forgotten(app, &person).await;
    })
    .await;
}

/// An organisation with rows in every table that has any of one, beside another that stays.
struct Doomed {
    org: TestOrg,
    other: OrgId,
    /// The tables, each with how many rows of it the other has.
    tables: Vec<(String, i64)>,
}

impl Doomed {
    async fn furnish(app: &TestApp) -> Self {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        app.furnish(&org).await;
        app.furnish(&other).await;
        let chat = Chat::start(app, org.id, number(app, org.id).await, PHONE).await;
        chat.hears("kopi zebra").await;
        app.run_jobs().await;
        // Whatever table nothing above has filled.
        let mut tables = Vec::new();
        for table in app.database.tables_with(&["org_id"]).await.unwrap() {
            if rows_of(app, org.id, &table).await == 0 {
                let row = Row::from([("org_id", Cell::Id(org.id.0))]);
                app.database.add_row(&table, &row, "kopi", 7).await.unwrap();
            }
            let others = rows_of(app, other.id, &table).await;
            tables.push((table, others));
        }
        let before = app.database.tables_naming(org.id.0).await.unwrap();
        assert!(tables.iter().all(|(table, _)| before.contains(table)), "{tables:?} {before:?}");
        Self { org, other: other.id, tables }
    }

    /// Its address for operators, and its short name.
    async fn known_as(&self, app: &TestApp) -> (String, Value) {
        let list = app.operator.get("/api/v1/operator/orgs").await.expect(200);
        let row = list.items().iter().find(|one| one["id"] == self.org.id.to_string()).unwrap();
        (format!("/api/v1/operator/orgs/{}", self.org.id), row["slug"].clone())
    }

    async fn is_gone(&self, app: &TestApp) {
        let left = app.database.tables_naming(self.org.id.0).await.unwrap();
        assert_eq!(left, ["audit"], "the installation's own log says that it was there");
        assert_eq!(app.database.tables_holding("zebra").await.unwrap(), Vec::<String>::new());
        for (table, count) in &self.tables {
            let now = rows_of(app, self.other, table).await;
            assert!(now >= *count || table == "jobs", "`{table}` lost rows of another organisation");
        }
        let log = app.operator.get("/api/v1/operator/audit").await.expect(200);
        let id = self.org.id.to_string();
        let deeds: Vec<_> = log.items().iter().filter(|one| one["target"] == id).collect();
        for deed in ["organisation.delete", "organisation.deleted"] {
            assert_eq!(deeds.iter().filter(|one| one["action"] == deed).count(), 1, "{deed}: {deeds:?}");
        }
    }
}

async fn rows_of(app: &TestApp, org: OrgId, table: &str) -> i64 {
    let own = format!("org_id = {}", app.database.id_literal(org.0));
    app.database.count(table, &own).await.unwrap()
}

#[tokio::test]
async fn of_an_organisation_that_is_deleted_nothing_is_left_and_others_stay() {
    both(async |app| {
        let doomed = Doomed::furnish(app).await;
        let org = &doomed.org;
        let (path, slug) = doomed.known_as(app).await;
        let delete = format!("{path}/delete");
        assert_eq!(
            org.owner.post(&delete, json!({ "slug": "kopi-senja" })).await.problem(403),
            "operator_only"
        );
        assert_eq!(app.operator.post(&delete, json!({ "slug": "Kopi Senja" })).await.problem(422), "invalid");
        let begun = app.operator.post(&delete, json!({ "slug": slug })).await.expect(202);
        assert_eq!(begun.str("/status"), "deleting");
        assert_eq!(org.owner.get("contacts").await.problem(404), "not_found", "nobody gets in any more");
        let back = app.operator.patch(&path, json!({ "status": "active" })).await;
        assert_eq!(back.problem(409), "organisation_deleting");
        app.run_jobs().await;
        doomed.is_gone(app).await;
        assert_eq!(app.operator.post(&delete, json!({ "slug": slug })).await.problem(404), "not_found");
        app.leave_jobs();
        app.make_up_events();
    })
    .await;
}

/// Lets a future run until it has waited so often, and drops it there, as a process that ends does.
async fn broken_off<T>(work: impl Future<Output = T>, after: usize) -> Option<T> {
    let (mut work, mut left) = (pin!(work), after);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// Runs a job of a queue and breaks it off, each time after it has waited as often as `patience` says, until it ends. Returns
/// how often it was broken off.
async fn broken_off_again_and_again(
    app: &TestApp,
    queue: &str,
    org: Option<OrgId>,
    payload: &Value,
    patience: impl Fn(usize) -> usize,
) -> usize {
    let queues = server::rights::queues(&app.ctx);
    let queue = queues.into_iter().find(|one| one.name == queue).unwrap();
    let Work::Each(run) = queue.work else { panic!("each by itself") };
    let job = || Job {
        id: 1,
        queue: queue.name.to_owned(),
        lane: String::new(),
        org_id: org,
        payload: payload.to_string(),
        attempts: 1,
        lease_id: Uuid::new_v4(),
        lease_until: app.now(),
    };
    let mut breaks = 0;
    while broken_off(run(job()), patience(breaks)).await.is_none() {
        breaks += 1;
        assert!(breaks < 5_000, "it never ends");
    }
    breaks
}

#[tokio::test]
async fn a_deletion_that_is_broken_off_again_and_again_ends_like_any_other() {
    both(async |app| {
        let doomed = Doomed::furnish(app).await;
        let (path, slug) = doomed.known_as(app).await;
        app.operator.post(&format!("{path}/delete"), json!({ "slug": slug })).await.expect(202);
        let payload = json!({ "org": doomed.org.id, "by": "operator" });
        let delete = server::rights::DELETE;
        let breaks =
            broken_off_again_and_again(app, delete, None, &payload, |breaks| 1 + breaks * breaks / 40).await;
        assert!(breaks > 10, "it was broken off {breaks} times");
        let id = format!("id = {}", app.database.id_literal(doomed.org.id.0));
        assert_eq!(app.database.count("orgs", &id).await.unwrap(), 0);
        // The job that was enqueued finds nothing left to do.
        app.run_jobs().await;
        doomed.is_gone(app).await;
        app.leave_jobs();
        app.make_up_events();
    })
    .await;
}

#[tokio::test]
async fn an_erasure_that_is_broken_off_again_and_again_ends_like_any_other() {
    both(async |app| {
        let erase = async |name: &str, often: bool| {
            let org = app.org(name).await;
            let person = furnish(app, org.id, &["erasures"]).await;
            for n in 0..30 {
                person.chat.hears(&format!("pesan {n}")).await;
            }
            app.run_jobs().await;
            let path = format!("contacts/{}/erase", person.chat.contact());
            let begun = org.owner.post(&path, json!({ "reason": "Diminta orangnya" })).await.expect(202);
            let breaks = if often {
                let payload = json!({ "org": org.id, "erasure": begun.str("/id") });
                let erase = server::rights::ERASE;
                broken_off_again_and_again(app, erase, Some(org.id), &payload, |breaks| 1 + breaks / 3).await
            } else {
                0
            };
            app.run_jobs().await;
            let proof = org.owner.get(&format!("erasures/{}", begun.str("/id"))).await.expect(200);
            assert_eq!(proof.str("/state"), "done");
            (org, person, proof.json["counts"].clone(), breaks)
        };
        let (_, _, whole, _) = erase("Kopi Senja", false).await;
        for table in ["experiment_visits", "outreach", "notification_recipients"] {
            app.database.delete(table).await.unwrap();
        }
        let (_, person, pieces, breaks) = erase("Klinik", true).await;
        assert!(breaks > 5, "it was broken off {breaks} times");
        assert_eq!(pieces, whole);
        is_forgotten(app, &person).await;
    })
    .await;
}
