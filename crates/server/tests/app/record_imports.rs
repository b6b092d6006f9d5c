//! Files of business records: looked at first, then put, and known again by what they are called.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rules::role::Role;
use rules::time::span;
use serde_json::{Value, json};
use testkit::Database;
use testkit::app::{Actor, Answer, TestApp, TestOrg};

use crate::rights::reader;

async fn both(test: impl AsyncFn(&TestApp)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let app = TestApp::start_with(database.unwrap(), |parts| parts.parse_document = reader()).await;
        test(&app).await;
        app.finish().await;
    }
}

async fn permits(org: &TestOrg) -> String {
    let kind = json!({ "name": "permit", "title": "Izin usaha", "fields": [
        { "key": "title", "label": "Nama izin", "kind": "text" },
        { "key": "expires_on", "label": "Berlaku sampai", "kind": "date" },
        { "key": "fee", "label": "Biaya", "kind": "money", "currency": "IDR" },
        { "key": "paid", "label": "Lunas", "kind": "flag" },
    ] });
    org.owner.post("record-kinds", &kind).await.expect(201).str("/id").to_owned()
}

async fn bring(actor: &Actor, kind: &str, name: &str, bytes: &[u8]) -> Answer {
    let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let form = Form::new().text("record_kind_id", kind.to_owned()).part("file", part);
    actor.send(actor.request(Method::POST, "imports").multipart(form)).await
}

/// Has a file looked at with its columns as they are guessed. Answers with its path and what was found.
async fn looked_at(app: &TestApp, org: &TestOrg, kind: &str, text: &str) -> (String, Answer) {
    let brought = bring(&org.owner, kind, "izin.csv", text.as_bytes()).await.expect(201);
    let path = format!("imports/{}", brought.str("/id"));
    let look = org.owner.get(&path).await.expect(200);
    let plan = json!({ "columns": look.json["record_columns"] });
    org.owner.post(&format!("{path}/check-records"), plan).await.expect(200);
    app.run_jobs().await;
    let checked = org.owner.get(&path).await.expect(200);
    assert_eq!(checked.str("/state"), "checked");
    (path, checked)
}

async fn run(app: &TestApp, org: &TestOrg, path: &str) -> Answer {
    org.owner.post(&format!("{path}/run"), json!({})).await.expect(200);
    app.run_jobs().await;
    let done = org.owner.get(path).await.expect(200);
    assert_eq!(done.str("/state"), "done");
    done
}

fn tally(new: u64, updated: u64, unchanged: u64, faulty: u64) -> Value {
    json!({ "new": new, "updated": updated, "unchanged": unchanged, "faulty": faulty, "suppressed": 0, "opt_out_wins": 0, "renamed": 0, "twice": 0, "removed": 0, "kept": 0 })
}

const FILE: &str = "Nomor izin;Nama izin;Nama pelanggan;No. HP;Berlaku sampai;Biaya;Lunas\n\
    S-1;Kedai;Sari;0812-3456-7890;21/12/2026;Rp 250.000;ya\n\
    S-2;Toko;Budi;bukan nomor;besok;banyak;mungkin\n\
    ;Warung;;;;;\n\
    S-3;Kios;Dewi;;;;\n\
    S-4;Depot;;;2026-12-31;1.250.000;tidak\n\
    S-1;Kedai lagi;;;;;\n";

#[tokio::test]
async fn a_file_is_looked_at_first_and_then_becomes_records() {
    both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let kind = permits(&org).await;
        let (path, checked) = looked_at(app, &org, &kind, FILE).await;
        assert_eq!(
            checked.json["record_columns"],
            json!([
                "external_id",
                "data.title",
                "contact.name",
                "contact.phone",
                "data.expires_on",
                "data.fee",
                "data.paid"
            ])
        );
        assert_eq!(
            (&checked.json["tally"], checked.str("/record_kind_id")),
            (&tally(2, 0, 0, 4), kind.as_str())
        );
        assert!(org.owner.get("records").await.items().is_empty(), "looking puts nothing");
        assert!(org.owner.get("contacts").await.items().is_empty(), "and makes nobody a contact");
        let faulty = org.owner.get(&format!("{path}/rows?verdict=faulty")).await.expect(200);
        let codes = |row: &Value| -> Vec<String> {
            let faults = row["faults"].as_array().unwrap().iter();
            faults.map(|one| format!("{} {}", one["column"], one["code"].as_str().unwrap())).collect()
        };
        let found: Vec<Vec<String>> = faulty.items().iter().map(codes).collect();
        assert_eq!(
            found,
            [
                vec!["3 phone_wrong", "4 date_wrong", "5 number_wrong", "6 flag_wrong"],
                vec!["0 external_id_missing"],
                vec!["null contact_unknown"],
                vec!["0 external_id_twice"],
            ]
        );
        let report = org.owner.get(&format!("{path}/report?language=id")).await.expect(200).text;
        assert!(report.contains("Ini bukan nomor telepon.") && report.contains("S-2,Toko,Budi"), "{report}");

        let done = run(app, &org, &path).await;
        assert_eq!(done.json["tally"], tally(2, 0, 0, 4));
        let records = org.owner.get("records?kind=permit").await.expect(200);
        let of = |name: &str| records.items().iter().find(|one| one["external_id"] == name).unwrap().clone();
        assert_eq!(
            of("S-1")["data"],
            json!({ "title": "Kedai", "expires_on": "2026-12-21", "fee": 250_000, "paid": true })
        );
        assert_eq!(
            (&of("S-1")["contact"]["phone"], &of("S-1")["contact"]["name"]),
            (&json!("6281234567890"), &json!("Sari"))
        );
        assert_eq!((&of("S-4")["contact"], &of("S-4")["data"]["fee"]), (&Value::Null, &json!(1_250_000)));
        assert_eq!(org.owner.get("imports?of=records").await.items().len(), 1);
        assert!(org.owner.get("imports").await.items().is_empty(), "contacts' files are apart");

        // A file with less in it: what has no column stays, an empty cell empties its field.
        let less = "Nomor izin;Berlaku sampai;Biaya\nS-1;21/12/2027;\nS-4;31/12/2026;1250000\n";
        let (path, checked) = looked_at(app, &org, &kind, less).await;
        assert_eq!(checked.json["tally"], tally(0, 1, 1, 0));
        run(app, &org, &path).await;
        let renewed = org.owner.get("records?q=s-1").await.expect(200).json["items"][0].clone();
        assert_eq!(renewed["data"], json!({ "title": "Kedai", "expires_on": "2027-12-21", "paid": true }));
        assert_eq!(renewed["contact"]["name"], "Sari");

        assert_eq!(other.owner.get(&path).await.problem(404), "not_found");
        assert_eq!(bring(&other.owner, &kind, "izin.csv", FILE.as_bytes()).await.problem(404), "not_found");
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(bring(&viewer, &kind, "izin.csv", FILE.as_bytes()).await.problem(403), "right_missing");
        assert_eq!(viewer.get(&path).await.expect(200).str("/state"), "done");
    })
    .await;
}

#[tokio::test]
async fn columns_that_cannot_be_are_refused() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let kind = permits(&org).await;
        let brought = bring(&org.owner, &kind, "izin.csv", b"Kode,Lunas\nA,ya\n").await.expect(201);
        let path = format!("imports/{}", brought.str("/id"));
        for columns in
            [json!(["external_id"]), json!([null, "data.paid"]), json!(["external_id", "data.none"])]
        {
            let answer =
                org.owner.post(&format!("{path}/check-records"), json!({ "columns": columns })).await;
            assert_eq!(answer.problem(422), "invalid");
        }
        let contacts = org.owner.post(&format!("{path}/check"), json!({ "columns": ["phone", null] })).await;
        assert_eq!(contacts.problem(422), "invalid");
    })
    .await;
}

#[tokio::test]
async fn what_a_row_far_above_is_called_is_called_so_once() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let kind = permits(&org).await;
        let mut text = String::from("Kode,Nama izin\n");
        for n in 0..450 {
            text.push_str(&format!("P-{n},Izin {n}\n"));
        }
        text.push_str("P-3,Izin kedua\nP-449,Izin kedua\n");
        let (path, checked) = looked_at(app, &org, &kind, &text).await;
        assert_eq!(checked.json["tally"], tally(450, 0, 0, 2));
        assert_eq!(run(app, &org, &path).await.json["tally"], tally(450, 0, 0, 2));
        let (path, again) = looked_at(app, &org, &kind, &text).await;
        assert_eq!(again.json["tally"], tally(0, 0, 450, 2), "{path}");
        let first = org.owner.get("records?q=p-3").await.expect(200);
        assert!(first.items().iter().all(|one| one["data"]["title"] != "Izin kedua"));
    })
    .await;
}

#[tokio::test]
async fn an_import_goes_on_where_its_process_ended_and_counts_nothing_twice() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let kind = permits(&org).await;
        let mut text = String::from("Kode,Nama izin,Telepon\n");
        for n in 0..4_000 {
            text.push_str(&format!("P-{n},Izin {n},0812{n:08}\n"));
        }
        let (path, _) = looked_at(app, &org, &kind, &text).await;
        org.owner.post(&format!("{path}/run"), json!({})).await.expect(200);
        let (mut ended, mut wait) = (0, 1);
        while org.owner.get(&path).await.expect(200).str("/state") != "done" {
            // A little later each time, so that every moment of a page comes up.
            let (store, clock, chance) =
                (app.ctx.store.clone(), app.ctx.clock.clone(), app.ctx.chance.clone());
            let work = jobs::Runner::new(store, clock, chance, server::imports::queues(&app.ctx));
            let patience = Duration::from_millis(wait);
            ended += usize::from(tokio::time::timeout(patience, work.run_due()).await.is_err());
            wait = wait * 9 / 8 + 2;
            app.clock.advance(span::minutes(2));
        }
        assert!(ended > 3, "it was interrupted {ended} times");
        assert_eq!(org.owner.get(&path).await.expect(200).json["tally"], tally(4_000, 0, 0, 0));
        let kinds = org.owner.get("record-kinds").await.expect(200);
        assert_eq!(kinds.items()[0]["records"], 4_000);
        app.leave_jobs();
    })
    .await;
}
