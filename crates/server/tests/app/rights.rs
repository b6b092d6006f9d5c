//! What people may ask for about themselves, and how they are brought in.

use std::io::{Cursor, Read as _};
use std::path::PathBuf;

use documents::ChildCommand;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rules::id::RunId;
use rules::role::Role;
use rules::time::span;
use serde_json::{Value, json};
use testkit::Database;
use testkit::app::{Actor, Answer, TestApp, TestOrg};
use testkit::schema::{Cell, Row};

use crate::chat::{Chat, number};

/// The program that reads documents lies beside the tests.
pub fn reader() -> ChildCommand {
    let tests = std::env::current_exe().unwrap();
    let program: PathBuf = tests.parent().unwrap().parent().unwrap().join("examples/parse-document");
    assert!(program.exists(), "{} is built with the tests", program.display());
    ChildCommand { program, arguments: Vec::new() }
}

async fn both(test: impl AsyncFn(&TestApp)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let app = TestApp::start_with(database.unwrap(), |parts| parts.parse_document = reader()).await;
        test(&app).await;
        app.finish().await;
    }
}

async fn bring(actor: &Actor, name: &str, text: &str) -> Answer {
    let part = Part::bytes(text.as_bytes().to_vec()).file_name(name.to_owned());
    actor.send(actor.request(Method::POST, "imports").multipart(Form::new().part("file", part))).await
}

/// Brings a file in with its columns as they are guessed, and makes contacts of it.
async fn import(app: &TestApp, org: &TestOrg, text: &str, declared: Value) -> Answer {
    let brought = bring(&org.owner, "pelanggan.csv", text).await.expect(201);
    let path = format!("imports/{}", brought.str("/id"));
    let columns = org.owner.get(&path).await.expect(200).json["columns"].clone();
    let plan = json!({ "columns": columns, "labels": ["impor"], "declared": declared });
    org.owner.post(&format!("{path}/check"), plan).await.expect(200);
    app.run_jobs().await;
    org.owner.post(&format!("{path}/run"), json!({})).await.expect(200);
    app.run_jobs().await;
    org.owner.get(&path).await.expect(200)
}

const FILE: &str = "Nama;No. HP;Email;Promosi;Tanggal izin;Sumber izin\n\
    Sari;0812-3456-7890;Sari@Example.com;ya;31/01/2025;Formulir toko\n\
    Budi;bukan nomor;;;;\n\
    Dewi;081234567891;dewi@;ya;;\n\
    Rina;081234567892;;tidak;;\n";

#[tokio::test]
async fn a_file_is_looked_at_first_and_then_becomes_contacts() {
    both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let brought = bring(&org.owner, "pelanggan.csv", FILE).await.expect(201);
        let path = format!("imports/{}", brought.str("/id"));
        assert_eq!((brought.str("/state"), &brought.json["rows"]), ("uploaded", &json!(4)));
        let look = org.owner.get(&path).await.expect(200);
        assert_eq!(
            look.json["columns"],
            json!(["name", "phone", "email", "consent_marketing", "consent_at", "consent_how"])
        );
        assert_eq!(look.json["sample"][0]["cells"][0], "Sari");
        assert_eq!(org.owner.post(&format!("{path}/run"), json!({})).await.problem(409), "import_state");
        let nobody = json!({ "columns": [null, null, null, null, null, null] });
        assert_eq!(org.owner.post(&format!("{path}/check"), nobody).await.problem(422), "invalid");

        let plan = json!({ "columns": look.json["columns"], "labels": ["impor"] });
        org.owner.post(&format!("{path}/check"), &plan).await.expect(200);
        app.run_jobs().await;
        let checked = org.owner.get(&path).await.expect(200);
        assert_eq!(checked.str("/state"), "checked");
        let tally = |new: u64| {
            json!({ "new": new, "updated": 0, "unchanged": 2 - new, "faulty": 2, "suppressed": 0, "opt_out_wins": 0, "renamed": 0, "twice": 0,
                    "removed": 0, "kept": 0 })
        };
        assert_eq!(checked.json["tally"], tally(2));
        assert!(org.owner.get("contacts").await.items().is_empty(), "looking changes nothing");
        let faulty = org.owner.get(&format!("{path}/rows?verdict=faulty")).await.expect(200);
        assert_eq!((faulty.items().len(), faulty.str("/items/0/faults/0/code")), (2, "phone_wrong"));
        let codes: Vec<_> = faulty.items()[1]["faults"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert_eq!(codes, ["email_wrong", "evidence_missing"]);
        let report = org.owner.get(&format!("{path}/report?language=id")).await.expect(200).text;
        assert!(report.starts_with("Baris,Yang perlu diperbaiki,Nama"), "{report}");
        assert!(report.contains("3,Ini bukan nomor telepon."), "{report}");

        org.owner.post(&format!("{path}/run"), json!({})).await.expect(200);
        app.run_jobs().await;
        let done = org.owner.get(&path).await.expect(200);
        assert_eq!((done.str("/state"), &done.json["tally"]), ("done", &tally(2)));
        let contacts = org.owner.get("contacts?q=sari").await.expect(200);
        assert_eq!(
            (contacts.str("/items/0/phone"), contacts.str("/items/0/email")),
            ("6281234567890", "sari@example.com")
        );
        assert_eq!(contacts.json["items"][0]["labels"], json!(["impor"]));
        let ledger = format!("contacts/{}/consent", contacts.str("/items/0/id"));
        let ledger = org.owner.get(&ledger).await.expect(200);
        assert_eq!(ledger.str("/state/marketing/standing"), "opted_in");
        let evidence = &ledger.json["events"][0]["evidence"];
        assert_eq!((&evidence["file"], &evidence["row"]), (&json!("pelanggan.csv"), &json!(2)));
        assert_eq!((&evidence["sha256"], &evidence["place"]), (&brought.json["sha256"], &json!("Formulir toko")));

        let again = import(app, &org, FILE, Value::Null).await;
        assert_eq!(again.json["tally"], tally(0), "the same file again says nothing new");
        assert_eq!(org.owner.get("contacts").await.items().len(), 2);
        assert_eq!(other.owner.get(&path).await.problem(404), "not_found");
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(bring(&viewer, "a.csv", FILE).await.problem(403), "right_missing");
        assert_eq!(bring(&org.owner, "a.pdf", "%PDF-1.4 x").await.problem(422), "unreadable_table");
    })
    .await;
}

#[tokio::test]
async fn a_refusal_stands_against_a_file() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let made = org.owner.post("contacts", json!({ "phone": "0812 3456 7890" })).await.expect(201);
        let consent = format!("contacts/{}/consent", made.str("/id"));
        org.owner.post(&consent, json!({ "action": "opt_out" })).await.expect(201);
        let declared = json!({ "purposes": ["utility", "marketing"], "how": "Formulir di toko" });
        let file = "Nama,Telepon\nSari,081234567890\nBudi,081234567891\n";
        let done = import(app, &org, file, declared).await;
        assert_eq!((&done.json["tally"]["opt_out_wins"], &done.json["tally"]["new"]), (&json!(1), &json!(1)));
        let ledger = org.owner.get(&consent).await.expect(200);
        assert_eq!(ledger.str("/state/utility/standing"), "opted_out");
        app.clock.advance(span::days(3));
        let today = jiff::Timestamp::from_microsecond(app.now().0).unwrap();
        let later = format!("Telepon,Promosi,Tanggal izin,Sumber izin\n081234567890,ya,{},Di kasir\n", today);
        import(app, &org, &later, Value::Null).await;
        let ledger = org.owner.get(&consent).await.expect(200);
        assert_eq!(ledger.str("/state/marketing/standing"), "opted_out", "STOP is lifted by START alone");
    })
    .await;
}

#[tokio::test]
async fn what_a_file_would_change_of_people_is_told_row_by_row() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let made =
            org.owner.post("contacts", json!({ "phone": "081234567890", "name": "Sari" })).await.expect(201);
        let no = json!({ "action": "opt_out", "purpose": "marketing" });
        org.owner.post(&format!("contacts/{}/consent", made.str("/id")), no).await.expect(201);
        let file = "Nama,Telepon,Promosi,Tanggal izin,Sumber izin\n\
            Ibu Sari,081234567890,ya,01/02/2020,Di kasir\n\
            Budi,081234567891,,,\n\
            Budi,+6281234567891,,,\n";
        let done = import(app, &org, file, Value::Null).await;
        let tally = |word: &str| done.json["tally"][word].clone();
        assert_eq!((tally("renamed"), tally("twice"), tally("opt_out_wins")), (json!(1), json!(1), json!(1)));
        let path = format!("imports/{}", done.str("/id"));
        let noted = org.owner.get(&format!("{path}/rows?noted=true")).await.expect(200);
        let codes = |row: usize| {
            let faults = noted.items()[row]["faults"].as_array().unwrap().clone();
            faults.iter().map(|one| (one["code"].clone(), one["column"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(noted.items().len(), 2);
        assert_eq!(codes(0), [(json!("opt_out_after"), json!(2)), (json!("renamed"), json!(0))]);
        assert_eq!(codes(1), [(json!("person_twice"), Value::Null)]);
        let report = org.owner.get(&format!("{path}/report?noted=true")).await.expect(200).text;
        assert!(report.contains("opted out after the day of this yes"), "{report}");

        let brought = bring(&org.owner, "report.csv", &report).await.expect(201);
        assert_eq!(brought.json["headings"], done.json["headings"], "what the report added is left out");
        let look = org.owner.get(&format!("imports/{}", brought.str("/id"))).await.expect(200);
        assert_eq!(
            look.json["columns"],
            json!(["name", "phone", "consent_marketing", "consent_at", "consent_how"])
        );
        assert_eq!(look.str("/sample/0/cells/0"), "Ibu Sari");
    })
    .await;
}

#[tokio::test]
async fn an_import_is_taken_back_and_what_others_touched_stays() {
    both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let known = org.owner.post("contacts", json!({ "phone": "081234567890" })).await.expect(201);
        let declared = json!({ "purposes": ["marketing"], "how": "Formulir di toko" });
        app.clock.advance(span::minutes(1));
        let file = "Nama,Telepon\nSari,081234567890\nBudi,081234567891\nDewi,081234567892\n";
        let done = import(app, &org, file, declared).await;
        assert_eq!((&done.json["tally"]["new"], &done.json["tally"]["updated"]), (&json!(2), &json!(1)));
        let named = async |name: &str| {
            let found = org.owner.get(&format!("contacts?q={name}")).await.expect(200);
            found.items().first().map(|one| one["id"].as_str().unwrap().to_owned())
        };
        let (budi, dewi) = (named("budi").await.unwrap(), named("dewi").await.unwrap());
        app.clock.advance(span::minutes(1));
        org.owner.patch(&format!("contacts/{dewi}"), json!({ "name": "Dewi Lestari" })).await.expect(200);

        let undo = format!("imports/{}/undo", done.str("/id"));
        assert_eq!(other.owner.post(&undo, json!({})).await.problem(404), "not_found");
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(viewer.post(&undo, json!({})).await.problem(403), "right_missing");
        assert_eq!(org.owner.post(&undo, json!({})).await.expect(200).str("/state"), "undoing");
        app.run_jobs().await;
        let undone = org.owner.get(&format!("imports/{}", done.str("/id"))).await.expect(200);
        let tally = &undone.json["tally"];
        assert_eq!(
            (undone.str("/state"), &tally["removed"], &tally["kept"]),
            ("undone", &json!(1), &json!(2))
        );
        assert_eq!(org.owner.get(&format!("contacts/{budi}")).await.problem(404), "not_found");
        for (id, entries) in [(known.str("/id"), 2), (dewi.as_str(), 2)] {
            let ledger = org.owner.get(&format!("contacts/{id}/consent")).await.expect(200);
            assert_eq!(
                ledger.json["events"].as_array().unwrap().len(),
                entries,
                "nothing is taken from a ledger"
            );
            assert_eq!(ledger.str("/state/marketing/standing"), "opted_out");
            let withdrawal = &ledger.json["events"][0]["evidence"];
            assert_eq!(withdrawal["withdraws"], ledger.json["events"][1]["id"]);
            assert_eq!(withdrawal["file"], "pelanggan.csv");
        }
        assert_eq!(org.owner.post(&undo, json!({})).await.problem(409), "import_state");
    })
    .await;
}

#[tokio::test]
async fn decisions_and_recipients_go_when_they_are_kept_no_longer() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let row = Row::from([
            ("org_id", Cell::Id(org.id.0)),
            ("purpose", Cell::from("utility")),
            ("author", Cell::from("system")),
            ("fallback", Cell::from("[]")),
            ("verdict", Cell::from("send")),
            ("reason", Cell::Null),
            ("channel", Cell::from("whatsapp")),
            ("outcome", Cell::from("sent")),
        ]);
        let long_ago = (app.now() - span::days(100)).0;
        for at in [long_ago, app.now().0] {
            app.database.add_row("outreach", &row, "kopi", at).await.unwrap();
        }
        let tried = org.owner.get("retention?outreach=90").await.expect(200);
        assert_eq!((tried.str("/items/1/what"), &tried.json["items"][1]["due"]), ("outreach", &json!(1)));
        let short = json!({ "outreach": 30 });
        assert_eq!(org.owner.put("retention", &short).await.problem(422), "invalid");
        let kept = json!({ "outreach": 90, "notifications": 365 });
        org.owner.put("retention", &kept).await.expect(200);
        server::maintenance::step(&app.ctx, app.now(), &mut None).await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.database.count("outreach", "1 = 1").await.unwrap(), 1);
        app.leave_jobs();
    })
    .await;
}

/// Stands wherever a person's words can be.
const MARK: &str = "zqxwvkenangan";
const PHONE: &str = "6281234567890";

#[tokio::test]
async fn of_whoever_is_erased_no_word_is_left_anywhere() {
    both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, PHONE).await;
        let beside = Chat::start(app, org.id, number, "6281234567899").await;
        for n in 0..450 {
            chat.hears(&format!("{MARK}{n} kopi")).await;
        }
        beside.hears("kopi susu").await;
        app.run_jobs().await;
        let contact = format!("contacts/{}", chat.contact());
        let patch =
            json!({ "name": MARK, "email": format!("{MARK}@example.com"), "labels": { "add": [MARK] } });
        org.owner.patch(&contact, patch).await.expect(200);
        let said = json!({ "purpose": "marketing", "action": "opt_in", "wording": MARK, "note": MARK });
        org.owner.post(&format!("{contact}/consent"), said).await.expect(201);
        org.owner
            .post(&format!("conversations/{}/notes", chat.id()), json!({ "text": MARK }))
            .await
            .expect(201);
        import(app, &org, &format!("Nama,Telepon\n{MARK},{PHONE}\n"), Value::Null).await;
        bring(&org.owner, "lagi.csv", &format!("Nama,Telepon\n{MARK},0812-3456-7890\n")).await.expect(201);
        org.owner.post(&format!("{contact}/exports"), json!({})).await.expect(202);
        app.run_jobs().await;
        raw_webhook(app, &org).await;
        let before = app.database.tables_holding(MARK).await.unwrap();
        for table in ["messages", "consent_events", "notes", "import_rows", "webhook_bodies"] {
            assert!(before.iter().any(|one| one.starts_with(table)), "{table} holds no mark: {before:?}");
        }

        let erase = json!({ "reason": "Diminta orangnya", "suppress": true });
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(viewer.post(&format!("{contact}/erase"), &erase).await.problem(403), "right_missing");
        assert_eq!(other.owner.post(&format!("{contact}/erase"), &erase).await.problem(404), "not_found");
        let begun = org.owner.post(&format!("{contact}/erase"), &erase).await.expect(202);
        app.run_jobs().await;
        let proof = org.owner.get(&format!("erasures/{}", begun.str("/id"))).await.expect(200);
        assert_eq!((proof.str("/state"), &proof.json["counts"]["messages"]), ("done", &json!(450)));
        assert_eq!(
            (&proof.json["counts"]["contacts"], &proof.json["counts"]["notes"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(app.database.tables_holding(MARK).await.unwrap(), Vec::<String>::new());
        // Fourteen letters later the index may have begun a word anew.
        assert_eq!(app.database.tables_holding("wvkenangan").await.unwrap(), Vec::<String>::new());
        assert_eq!(app.database.tables_holding(PHONE).await.unwrap(), Vec::<String>::new());
        assert!(app.files_holding(MARK).is_empty());
        assert_eq!(org.owner.get(&contact).await.problem(404), "not_found");
        assert_eq!(org.owner.get("conversations").await.items().len(), 1, "others stay");
        assert_eq!(org.owner.get("messages/search?q=susu").await.expect(200).items().len(), 1);

        // Whoever brings the number in again cannot know, and writes to nobody.
        let again = org.owner.post("contacts", json!({ "phone": PHONE })).await.expect(201);
        let ledger = org.owner.get(&format!("contacts/{}/consent", again.str("/id"))).await.expect(200);
        assert_eq!(ledger.str("/state/utility/standing"), "opted_out");
        let done = import(app, &org, "Telepon\n081234567890\n", Value::Null).await;
        assert_eq!(done.json["tally"]["suppressed"], 1);
    })
    .await;
}

/// What Meta sent, as it came, about somebody: kept for finding out what happened.
async fn raw_webhook(app: &TestApp, org: &TestOrg) {
    let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "700000000000003", "changes": [
        { "field": "something_new", "value": { "wa_id": PHONE, "said": MARK } },
    ] }] });
    let mut tx = app.ctx.store.read().await.unwrap();
    let owned = tx.org(org.id).await.unwrap().waba_ids().await.unwrap();
    drop(tx);
    assert_eq!(owned, ["700000000000003"]);
    let body = store::ingest::NewBody {
        app: app.meta_app(org.id, app.now()).await,
        received_at: app.now(),
        body: body.to_string().into_bytes(),
    };
    app.ctx.store.intake_turn().await.unwrap().store(&[&body]).await.unwrap();
    app.run_jobs().await;
}

#[tokio::test]
async fn all_that_is_held_about_somebody_can_be_taken_along() {
    both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, PHONE).await;
        for n in 0..250 {
            chat.hears(&format!("Pesanan ke-{n} <b>")).await;
        }
        org.owner
            .post(&format!("conversations/{}/notes", chat.id()), json!({ "text": "Pelanggan lama" }))
            .await
            .expect(201);
        let contact = format!("contacts/{}", chat.contact());
        org.owner.patch(&contact, json!({ "name": "Sari", "language": "id" })).await.expect(200);
        let said = json!({ "purpose": "utility", "action": "opt_in", "wording": "Ya, kabari saya." });
        org.owner.post(&format!("{contact}/consent"), said).await.expect(201);
        let asked = org.owner.post(&format!("{contact}/exports"), json!({})).await.expect(202);
        let file = format!("contact-exports/{}/file", asked.str("/id"));
        assert_eq!(org.owner.get(&file).await.problem(409), "export_not_ready");
        app.run_jobs().await;
        let listed = org.owner.get(&format!("{contact}/exports")).await.expect(200);
        assert_eq!((listed.str("/items/0/state"), listed.str("/items/0/language")), ("ready", "id"));
        assert_eq!(other.owner.get(&file).await.problem(404), "not_found");

        let bytes = org.owner.request(Method::GET, &file).send().await.unwrap().bytes().await.unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut read = |name: &str| {
            let mut text = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let data: Value = serde_json::from_str(&read("data.json")).unwrap();
        assert_eq!(data["contact"]["name"], "Sari");
        assert_eq!(data["consent"][0]["evidence"]["wording"], "Ya, kabari saya.");
        assert_eq!(data["conversations"][0]["notes"][0]["body"], "Pelanggan lama");
        let messages = data["conversations"][0]["messages"].as_array().unwrap();
        assert_eq!((messages.len(), &messages[249]["text"]), (250, &json!("Pesanan ke-249 <b>")));
        let page = read("index.html");
        assert!(page.contains("Data Anda yang kami simpan") && page.contains("ke-249 &lt;b&gt;"), "{page}");

        app.clock.advance(span::days(8));
        assert_eq!(org.owner.get(&file).await.problem(404), "not_found");
        server::maintenance::step(&app.ctx, app.now(), &mut None).await.unwrap();
        assert!(app.files_holding("PK").is_empty(), "it goes away");
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_no_longer_goes_and_nothing_else() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let (old, new) = (
            Chat::start(app, org.id, number, PHONE).await,
            Chat::start(app, org.id, number, "6281234567899").await,
        );
        old.hears("lama").await;
        app.clock.advance(span::days(10));
        new.hears("baru").await;
        let asked = |days: Value| json!({ "conversations": days, "audit": null });
        assert_eq!(org.owner.put("retention", asked(json!(3))).await.problem(422), "invalid");
        let tried = org.owner.get("retention?conversations=8").await.expect(200);
        assert_eq!(
            (&tried.json["items"][0]["due"], tried.str("/items/0/what")),
            (&json!(1), "conversations")
        );
        assert_eq!(
            org.owner.get("retention").await.json["items"][0]["days"],
            Value::Null,
            "trying keeps nothing"
        );
        org.owner.put("retention", asked(json!(8))).await.expect(200);
        server::maintenance::step(&app.ctx, app.now(), &mut None).await.unwrap();
        app.run_jobs().await;
        let left = org.owner.get("conversations").await.expect(200);
        assert_eq!((left.items().len(), left.str("/items/0/id")), (1, new.id().to_string().as_str()));
        assert_eq!(
            org.owner.get(&format!("contacts/{}", old.contact())).await.expect(200).str("/phone"),
            PHONE
        );
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn nobody_is_written_to_who_is_on_the_list() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let known = org.owner.post("contacts", json!({ "phone": PHONE })).await.expect(201);
        let one = json!({ "phone": "0812-3456-7890", "reason": "Minta lewat telepon" });
        org.owner.post("suppressions", &one).await.expect(204);
        let standing = async |id: &str| {
            let ledger = org.owner.get(&format!("contacts/{id}/consent")).await.expect(200);
            ledger.str("/state/utility/standing").to_owned()
        };
        assert_eq!(standing(known.str("/id")).await, "opted_out", "whoever is known already refuses too");
        org.owner
            .post("suppressions", json!({ "email": "a@example.com", "reason": "Surat" }))
            .await
            .expect(204);
        let counts = org.owner.get("suppressions").await.expect(200);
        assert_eq!(counts.items().len(), 2);
        org.owner.post("suppressions/remove", &one).await.expect(204);
        assert_eq!(org.owner.post("suppressions/remove", &one).await.problem(409), "not_suppressed");
        assert_eq!(org.owner.post("suppressions", json!({ "reason": "x" })).await.problem(422), "invalid");
        assert!(
            !app.database
                .tables_holding("a@example.com")
                .await
                .unwrap()
                .iter()
                .any(|one| one.starts_with("supp"))
        );
    })
    .await;
}

#[tokio::test]
async fn everybody_with_an_address_on_the_list_is_written_to_no_more() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let mut household = Vec::new();
        for phone in ["6281234567890", "6281234567891"] {
            let one = json!({ "phone": phone, "email": "Rumah@example.com" });
            household.push(org.owner.post("contacts", one).await.expect(201).str("/id").to_owned());
        }
        let other = json!({ "phone": "6281234567892", "email": "lain@example.com" });
        let other = org.owner.post("contacts", other).await.expect(201).str("/id").to_owned();
        let wish = json!({ "email": "rumah@example.com", "reason": "Surat" });
        org.owner.post("suppressions", wish).await.expect(204);
        let standing = async |id: &str| {
            let ledger = org.owner.get(&format!("contacts/{id}/consent")).await.expect(200);
            ledger.str("/state/utility/standing").to_owned()
        };
        for id in &household {
            assert_eq!(standing(id).await, "opted_out");
        }
        assert_eq!(standing(&other).await, "unknown");
    })
    .await;
}

#[tokio::test]
async fn what_somebody_sent_stays_when_an_import_that_named_them_is_taken_back() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let form = json!({ "name": "Kasir", "double_opt_in": "whatsapp", "number_id": number });
        let form = org.owner.post("forms", form).await.expect(201).str("/id").to_owned();
        let wording = json!({ "wording": { "business": "Kopi Senja", "privacy_url": "https://k.example/p",
            "purposes": ["utility"], "id": { "title": "Kabar", "utility": "Kopi Senja boleh menulis.", "button": "Ya",
            "thanks": "Oke" } } });
        org.owner.post(&format!("forms/{form}/versions"), wording).await.expect(201);
        let submissions = format!("forms/{form}/submissions");
        let sent = json!({ "phone": "0812-3456-7890", "purposes": ["utility"] });
        assert_eq!(org.key.post(&submissions, sent).await.expect(201).str("/state"), "pending");
        let done = import(app, &org, "Nama,Telepon\nSari,081234567890\n", Value::Null).await;
        assert_eq!(org.owner.get("contacts").await.items().len(), 1);
        org.owner.post(&format!("imports/{}/undo", done.str("/id")), json!({})).await.expect(200);
        app.run_jobs().await;
        assert!(org.owner.get("contacts").await.items().is_empty());
        let left = org.owner.get(&submissions).await.expect(200);
        assert_eq!((left.items().len(), left.str("/items/0/state")), (1, "pending"));
        app.leave_jobs();
    })
    .await;
}

#[tokio::test]
async fn runs_of_which_nobody_is_written_down_go_with_their_people() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        for (days, ended) in [(400, true), (400, false), (10, true)] {
            let at = app.now() - span::days(days);
            let id = RunId::fresh(at, app.ctx.chance());
            let mut run = Row::from([
                ("org_id", Cell::Id(org.id.0)),
                ("id", Cell::Id(id.0)),
                ("run_key", Cell::Text(id.to_string())),
            ]);
            if !ended {
                run.insert("ended_at", Cell::Null);
            }
            app.database.add_row("notification_runs", &run, "x", at.0).await.unwrap();
        }
        org.owner.put("retention", json!({ "notifications": 365 })).await.expect(200);
        server::maintenance::step(&app.ctx, app.now(), &mut None).await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.database.count("notification_runs", "1 = 1").await.unwrap(), 2);
        assert_eq!(
            app.database.count("notification_runs", "ended_at IS NULL").await.unwrap(),
            1,
            "under way"
        );
        app.leave_jobs();
    })
    .await;
}
