//! Contacts and what they allow.

use rules::role::Role;
use rules::time::span;
use serde_json::json;
use testkit::app;

use crate::chat::{Chat, events, number};

#[tokio::test]
async fn a_contact_is_made_once_named_labelled_and_found() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let new = json!({ "phone": "0812-3456-7890", "name": "Sari", "labels": [" vip ", "vip", "kopi"] });
        let made = org.key.post("contacts", &new).await.expect(201);
        assert_eq!((made.str("/phone"), &made.json["labels"]), ("6281234567890", &json!(["vip", "kopi"])));
        let again = org.key.post("contacts", json!({ "phone": "+62 812 3456 7890" })).await.expect(200);
        assert_eq!((again.str("/id"), again.str("/name")), (made.str("/id"), "Sari"));
        let path = format!("contacts/{}", made.str("/id"));

        let patch = json!({ "name": "Sari Wulandari", "language": "id" });
        assert_eq!(org.owner.patch(&path, patch).await.expect(200).str("/display_name"), "Sari Wulandari");
        let wrong = org
            .owner
            .patch(&path, json!({ "language": "Bahasa!", "labels": { "add": ["x".repeat(61)] } }))
            .await;
        assert_eq!(wrong.problem(422), "invalid");
        assert_eq!(wrong.json["errors"].as_array().unwrap().len(), 2);
        assert_eq!(org.owner.post("contacts", json!({ "phone": "call me" })).await.problem(422), "invalid");

        for query in ["q=wulan", "q=0812%203456".replace("0812", "62812").as_str(), "label=kopi", ""] {
            assert_eq!(org.owner.get(&format!("contacts?{query}")).await.items().len(), 1, "{query}");
        }
        assert!(org.owner.get("contacts?label=teh").await.items().is_empty());
        assert_eq!(org.owner.get("contacts/labels").await.json["items"], json!(["kopi", "vip"]));
        let [mine, theirs] = [json!({ "add": ["lama"], "remove": ["vip"] }), json!({ "add": ["teh"] })]
            .map(|labels| json!({ "labels": labels }));
        let (_, _) = tokio::join!(org.owner.patch(&path, mine), org.key.patch(&path, theirs));
        assert_eq!(org.owner.get("contacts/labels").await.json["items"], json!(["kopi", "lama", "teh"]));
        let detail = org.owner.get(&path).await.expect(200);
        assert_eq!(detail.str("/identities/0/value"), "6281234567890");
        assert_eq!(detail.str("/consent/utility/standing"), "unknown");
        assert_eq!(other.owner.get(&path).await.problem(404), "not_found");
        assert_eq!(other.owner.patch(&path, json!({ "name": "x" })).await.problem(404), "not_found");
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(viewer.patch(&path, json!({ "name": "x" })).await.problem(403), "right_missing");
        let told = events(app, org.id, 5).await;
        assert!(told.iter().all(|(kind, _)| kind == "contact.updated"), "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn two_contacts_that_are_one_person_become_one() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let (stays, goes) = (
            Chat::start(app, org.id, number, "6281234567890").await,
            Chat::start(app, org.id, number, "6281234567891").await,
        );
        stays.hears("dari nomor lama").await;
        goes.hears("dari nomor baru").await;
        let stop = json!({ "action": "opt_out" });
        org.owner.post(&format!("contacts/{}/consent", goes.contact()), stop).await.expect(201);
        let yes = json!({ "purpose": "marketing", "action": "opt_in", "note": "di toko" });
        org.owner.post(&format!("contacts/{}/consent", stays.contact()), yes).await.expect(201);

        app.clock.advance(span::minutes(1));
        let merge = format!("contacts/{}/merge", stays.contact());
        org.owner.post(&merge, json!({ "contact_id": goes.contact() })).await.expect(200);
        let again = org.owner.post(&merge, json!({ "contact_id": goes.contact() })).await;
        assert_eq!(again.problem(409), "same_contact");
        let by_old_id = org.owner.get(&format!("contacts/{}", goes.contact())).await.expect(200);
        assert_eq!(by_old_id.str("/id"), stays.contact().to_string());
        assert_eq!(by_old_id.json["identities"].as_array().unwrap().len(), 2);
        assert!(by_old_id.json["consent"]["stopped_by"].is_string(), "the refusal stays");
        let thread = org.owner.get(&format!("conversations/{}/messages", goes.id())).await.expect(200);
        assert_eq!(thread.items().len(), 2);
        assert_eq!(org.owner.get("conversations").await.items().len(), 1);
        let told = events(app, org.id, 3).await;
        assert_eq!(told.last().unwrap().1["merged_contact_id"], json!(goes.contact()));
        let audited = org.owner.get("audit").await;
        assert_eq!(audited.items()[0]["action"], "contact.merge");
    })
    .await;
}

#[tokio::test]
async fn consent_is_recorded_with_evidence_and_only_added_to() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let contact = org.key.post("contacts", json!({ "phone": "+6281234567890" })).await;
        let path = format!("contacts/{}/consent", contact.str("/id"));
        let bare = json!({ "purpose": "marketing", "action": "opt_in" });
        assert_eq!(org.key.post(&path, bare).await.problem(422), "invalid");
        let future = json!({ "action": "opt_out", "at": app.now().0 + 3_600_000_000_i64 });
        assert_eq!(org.key.post(&path, future).await.problem(422), "invalid");

        let yes = json!({ "purpose": "marketing", "action": "opt_in", "wording": "Ya, kirimi saya promo", "place": "formulir web" });
        let recorded = org.key.post(&path, yes).await.expect(201);
        assert_eq!((recorded.str("/source"), recorded.str("/evidence/place")), ("api", "formulir web"));
        assert!(recorded.str("/evidence/recorded_by").starts_with("key:"));
        app.clock.advance(span::minutes(1));
        let no = json!({ "purpose": "marketing", "action": "opt_out", "note": "minta berhenti lewat telepon" });
        assert_eq!(org.owner.post(&path, no).await.expect(201).str("/source"), "member");
        let ledger = org.owner.get(&path).await.expect(200);
        assert_eq!(ledger.str("/state/marketing/standing"), "opted_out");
        assert_eq!(ledger.json["events"].as_array().unwrap().len(), 2);
        let mail = json!({ "channel": "email", "purpose": "marketing", "action": "opt_in", "note": "di kasir" });
        org.owner.post(&path, mail).await.expect(201);
        let ledger = org.owner.get(&path).await.expect(200);
        let on = |n: usize| (ledger.json["channels"][n]["channel"].clone(), ledger.json["channels"][n]["state"]["marketing"]["standing"].clone());
        assert_eq!([on(0), on(1), on(2)], [("whatsapp", "opted_out"), ("email", "opted_in"), ("sms", "unknown")].map(|(channel, standing)| (json!(channel), json!(standing))));
        assert_eq!(other.owner.get(&path).await.problem(404), "not_found");
        assert_eq!(other.owner.post(&path, json!({ "action": "opt_out" })).await.problem(404), "not_found");
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(viewer.post(&path, json!({ "action": "opt_out" })).await.problem(403), "right_missing");
    })
    .await;
}

#[tokio::test]
async fn the_ledger_leaves_as_a_table_that_runs_nowhere() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let evil = json!({ "phone": "+6281234567890", "name": "=HYPERLINK(\"http://evil.example\")" });
        let contact = org.key.post("contacts", evil).await.expect(201);
        for action in ["opt_in", "opt_out"] {
            app.clock.advance(span::minutes(1));
            let said = json!({ "purpose": "utility", "action": action, "wording": "=1+1" });
            org.owner.post(&format!("contacts/{}/consent", contact.str("/id")), said).await.expect(201);
        }
        app.clock.advance(span::minutes(1));
        let table = org.owner.get("consent/export").await.expect(200);
        assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
        assert!(table.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let lines: Vec<_> = table.text.split("\r\n").filter(|line| !line.is_empty()).collect();
        assert_eq!(lines.len(), 3, "{}", table.text);
        assert!(lines[1].contains("opt_out") && lines[2].contains("opt_in"), "newest first");
        assert!(lines[1].contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\""), "{}", lines[1]);
        assert_eq!(other.owner.get("consent/export").await.text.lines().count(), 1);
        assert_eq!(org.owner.get("consent").await.items().len(), 2);
        let agent = app.member(org.id, Role::Agent).await;
        assert_eq!(agent.get("consent/export").await.problem(403), "right_missing");
        assert_eq!(org.owner.get("audit").await.items()[0]["action"], "consent.export");
    })
    .await;
}
