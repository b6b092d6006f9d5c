//! Business records: put one and many, found, removed; and fetched from Odoo.

use std::time::Duration;

use rules::role::Role;
use serde_json::{Value, json};
use server::outbound::{Outbound, SystemNames};
use testkit::Database;
use testkit::app::{self, TestApp, TestOrg};

use crate::odoo::{self, Odoo};

async fn permits(org: &TestOrg) -> String {
    let kind = json!({ "name": "permit", "title": "Permits", "fields": [
        { "key": "expires_on", "label": "Expires on", "kind": "date" },
        { "key": "fee", "label": "Fee", "kind": "money", "currency": "IDR" },
        { "key": "shop", "label": "Shop", "kind": "text" },
    ] });
    org.owner.post("record-kinds", &kind).await.expect(201).str("/id").to_owned()
}

#[tokio::test]
async fn a_record_stands_as_it_was_put_last() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let kind = permits(&org).await;
        let permit = json!({ "kind": "permit", "external_id": "SIUP-118",
            "contact": { "phone": "0812-3456-7890", "name": "Sari", "reference": "crm:9" },
            "data": { "expires_on": "2026-12-21", "fee": 250_000, "shop": "Kopi Senja", "note": ["kept"] } });
        let made = org.key.post("records", &permit).await.expect(201);
        assert_eq!((made.str("/record_kind_id"), made.str("/contact/name")), (kind.as_str(), "Sari"));
        assert_eq!(made.json["data"], permit["data"]);
        let again = org.key.post("records", &permit).await.expect(200);
        assert_eq!(again.json, made.json, "to put it again changes nothing");

        // Known by the reference, whatever else is said.
        let mut renewed = permit.clone();
        renewed["contact"] = json!({ "reference": "crm:9", "email": "Sari@Toko.example" });
        renewed["data"] = json!({ "expires_on": "2027-12-21" });
        let changed = org.key.post("records", &renewed).await.expect(200);
        assert_eq!(changed.json["contact"]["id"], made.json["contact"]["id"]);
        assert_eq!(changed.json["data"], renewed["data"]);

        for (query, count) in [
            ("kind=permit&date_field=expires_on&from=2027-01-01", 1),
            ("kind=permit&date_field=expires_on&until=2026-12-31", 0),
            ("q=siup", 1),
            (&format!("contact_id={}", made.str("/contact/id")), 1),
        ] {
            assert_eq!(org.owner.get(&format!("records?{query}")).await.items().len(), count, "{query}");
        }
        assert_eq!(org.owner.get("records?from=2027-01-01").await.problem(422), "invalid");
        assert_eq!(org.owner.get("records?kind=order").await.problem(422), "invalid");
        let path = format!("records/{}", made.str("/id"));
        assert_eq!(other.owner.get(&path).await.problem(404), "not_found");
        let in_use = org.owner.delete(&format!("record-kinds/{kind}")).await;
        assert_eq!(in_use.problem(409), "record_kind_in_use");
        org.key.delete(&path).await.expect(204);
        org.key.delete(&path).await.expect(404);
        org.owner.delete(&format!("record-kinds/{kind}")).await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn of_many_records_each_is_judged_by_itself() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        permits(&org).await;
        let records = json!([
            { "external_id": "A", "contact": { "phone": "+6281211112222" }, "data": { "expires_on": "2026-12-21" } },
            { "external_id": "B", "data": { "expires_on": "21/12/2026", "fee": "much" } },
            { "external_id": "C", "contact": { "phone": "call me" } },
            { "external_id": "A" },
            { "external_id": "D", "contact": { "email": "budi@toko.example" } },
            { "external_id": "E", "contact": { "name": "Nobody" } },
        ]);
        let body = json!({ "kind": "permit", "records": records });
        let results = |answer: &app::Answer| -> Vec<String> {
            answer.items().iter().map(|one| one["result"].as_str().unwrap().to_owned()).collect()
        };
        let first = org.key.post("records/bulk", &body).await.expect(200);
        assert_eq!(results(&first), ["created", "refused", "refused", "refused", "created", "refused"]);
        let named: Vec<&Value> = first.items()[1]["errors"].as_array().unwrap().iter().map(|one| &one["field"]).collect();
        assert_eq!(named, ["data.expires_on", "data.fee"]);
        let second = org.key.post("records/bulk", &body).await.expect(200);
        assert_eq!(results(&second), ["same", "refused", "refused", "refused", "same", "refused"]);
        let many: Vec<Value> = (0..1_001).map(|n| json!({ "external_id": n.to_string() })).collect();
        let too_many = org.key.post("records/bulk", json!({ "kind": "permit", "records": many })).await;
        assert_eq!(too_many.problem(422), "invalid");
        let whole = json!({ "kind": "permit", "records": &many[..1_000] });
        let put = org.key.post("records/bulk", whole).await.expect(200);
        assert!(put.items().iter().all(|one| one["result"] == "created"));
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(viewer.get("records").await.items().len(), 50);
        assert_eq!(viewer.post("records/bulk", &body).await.problem(403), "right_missing");
    })
    .await;
}

/// A server that may ask this machine.
async fn both(test: impl AsyncFn(&TestApp)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let app = TestApp::start_with(database.unwrap(), |parts| {
            parts.outbound = Outbound::new("127.0.0.1".parse().unwrap(), SystemNames).unwrap();
        })
        .await;
        test(&app).await;
        app.leave_jobs();
        app.finish().await;
    }
}

fn order(id: i64, name: &str, until: Value, written: &str) -> Value {
    json!({ "id": id, "name": name, "partner_id": [42, "Sari Wulandari"], "validity_date": until,
        "amount_total": 250_000.5, "state": if id == 3 { "draft" } else { "sale" }, "write_date": written })
}

#[tokio::test]
async fn records_are_fetched_from_odoo_and_again_what_has_changed() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let kind = permits(&org).await;
        let odoo = Odoo::start().await;
        odoo.put("res.partner", json!({ "id": 42, "name": "Sari Wulandari", "phone": "0812 3456 7890",
            "email": "sari@toko.example", "lang": "id_ID", "write_date": "2026-11-01 08:00:00" }));
        // Midnight of the 21st in Jakarta, as Odoo tells times.
        odoo.put("sale.order", order(1, "S00001", json!("2026-12-20 17:00:00"), "2026-11-20 08:00:00"));
        odoo.put("sale.order", order(2, "S00002", json!(false), "2026-11-20 09:00:00"));
        odoo.put("sale.order", order(3, "S00003", json!("2026-12-21"), "2026-11-20 09:00:00"));
        let connector = json!({ "title": "Odoo", "record_kind_id": kind, "url": odoo.url, "database": odoo::DATABASE,
            "login": odoo::LOGIN, "key": odoo::KEY, "model": "sale.order", "domain": [["state", "=", "sale"]],
            "external_id": "name", "contact": "partner_id", "every_minutes": 60,
            "fields": { "expires_on": "validity_date", "fee": "amount_total" } });
        let tried = org.owner.post("connectors/try", &connector).await.expect(200);
        assert_eq!(tried.json["problem"], Value::Null);
        assert_eq!(tried.json["records"][0]["contact"], "Sari Wulandari");
        assert!(org.owner.get("records").await.items().is_empty(), "trying keeps nothing");

        let made = org.owner.post("connectors", &connector).await.expect(201);
        assert!(!made.text.contains(odoo::KEY));
        let path = format!("connectors/{}", made.str("/id"));
        app.run_jobs().await;
        let round = org.owner.get(&path).await.expect(200).json["last_round"].clone();
        assert_eq!((&round["created"], &round["problem"]), (&json!(2), &Value::Null), "{round}");
        let records = org.owner.get("records?kind=permit").await;
        assert_eq!(records.items().len(), 2);
        let first = records.items().iter().find(|record| record["external_id"] == "S00001").unwrap();
        assert_eq!(first["data"], json!({ "expires_on": "2026-12-21", "fee": 250_000.5 }));
        assert_eq!((&first["contact"]["name"], &first["contact"]["phone"]), (&json!("Sari Wulandari"), &json!("6281234567890")));

        odoo.put("sale.order", order(2, "S00002", json!("2027-01-05"), "2026-11-21 10:00:00"));
        for n in 10..460 {
            odoo.put("sale.order", order(n, &format!("S{n:05}"), json!("2027-02-01"), "2026-11-21 10:00:00"));
        }
        app.clock.advance(Duration::from_secs(3_600));
        odoo.asked("sale.order");
        app.run_jobs().await;
        let round = org.owner.get(&path).await.json["last_round"].clone();
        assert_eq!((&round["created"], &round["changed"], &round["same"]), (&json!(450), &json!(1), &json!(0)), "{round}");
        assert_eq!(odoo.asked("sale.order"), 4, "how far it goes, and three pages");
        // What changed while the round went on, by a clock that is a little behind.
        odoo.put("sale.order", order(1, "S00001", json!("2027-03-01"), "2026-11-21 09:55:00"));
        org.owner.post(&format!("{path}/read"), json!({})).await.expect(202);
        app.run_jobs().await;
        let round = org.owner.get(&path).await.json["last_round"].clone();
        assert_eq!((&round["changed"], &round["same"]), (&json!(1), &json!(451)), "{round}");
        org.owner.delete(&path).await.expect(204);
        assert_eq!(org.owner.get("records?q=S00001").await.items().len(), 1, "records stay");
    })
    .await;
}

#[tokio::test]
async fn what_stands_between_us_and_odoo_is_said_in_words() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let kind = permits(&org).await;
        let odoo = Odoo::start().await;
        odoo.put("sale.order", order(1, "S00001", json!("someday"), "2026-11-20 08:00:00"));
        let connector = |field: &str, value: Value| {
            let mut connector = json!({ "title": "Odoo", "record_kind_id": kind, "url": odoo.url, "database": odoo::DATABASE,
                "login": odoo::LOGIN, "key": odoo::KEY, "model": "sale.order", "external_id": "name",
                "every_minutes": 60, "fields": { "expires_on": "validity_date" } });
            connector[field] = value;
            connector
        };
        for (field, value, code) in [
            ("key", json!("wrong"), "wrong_login"),
            ("database", json!("other"), "wrong_login"),
            ("model", json!("sale.ordre"), "refused"),
            ("fields", json!({ "expires_on": "until" }), "refused"),
            ("url", json!("http://127.0.0.1:1"), "unreachable"),
            ("url", json!("http://10.0.0.1"), "address_refused"),
            ("url", json!(app.url), "not_odoo"),
        ] {
            let tried = org.owner.post("connectors/try", connector(field, value)).await.expect(200);
            assert_eq!(tried.str("/problem/code"), code, "{}", tried.text);
            assert!(!tried.str("/problem/detail/id").is_empty());
        }
        let unknown = org.owner.post("connectors", connector("fields", json!({ "colour": "name" }))).await;
        assert_eq!(unknown.problem(422), "invalid");

        let made = org.owner.post("connectors", connector("every_minutes", json!(5))).await.expect(201);
        let path = format!("connectors/{}", made.str("/id"));
        app.run_jobs().await;
        let round = org.owner.get(&path).await.json["last_round"].clone();
        assert_eq!(round["refused"], 1);
        assert_eq!(round["refusals"][0]["external_id"], "S00001");
        // The key that was given before is used on.
        let mut other = connector("model", json!("sale.ordre"));
        other.as_object_mut().unwrap().remove("key");
        org.owner.put(&path, &other).await.expect(200);
        app.run_jobs().await;
        let stands = org.owner.get(&path).await;
        assert_eq!(stands.str("/last_round/problem/code"), "refused");
        assert!(stands.str("/last_round/problem/detail/en").contains("sale.ordre"));
        assert!(stands.json["next_at"].as_i64().unwrap() > app.now().0, "it is tried again by itself");
    })
    .await;
}

#[tokio::test]
async fn a_kept_key_goes_to_nobody_but_whom_it_was_given_for() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let kind = permits(&org).await;
        let (odoo, elsewhere) = (Odoo::start().await, Odoo::start().await);
        for one in [&odoo, &elsewhere] {
            one.put("sale.order", order(1, "S00001", json!("2026-12-21"), "2026-11-20 08:00:00"));
        }
        let connector = |field: &str, value: Value| {
            let mut connector = json!({ "title": "Odoo", "record_kind_id": kind, "url": odoo.url,
                "database": odoo::DATABASE, "login": odoo::LOGIN, "model": "sale.order", "external_id": "name",
                "every_minutes": 60, "fields": { "expires_on": "validity_date" } });
            connector[field] = value;
            connector
        };
        let made = org.owner.post("connectors", connector("key", json!(odoo::KEY))).await.expect(201);
        let (id, path) = (made.str("/id"), format!("connectors/{}", made.str("/id")));
        app.run_jobs().await;
        for (field, value) in [
            ("url", json!(elsewhere.url)),
            ("database", json!("other")),
            ("login", json!("mallory@toko.example")),
        ] {
            let mut other = connector(field, value);
            let kept = org.owner.put(&path, &other).await;
            assert_eq!((kept.problem(422), kept.str("/errors/0/field")), ("invalid", "key"), "{field}");
            other["connector_id"] = json!(id);
            let tried = org.owner.post("connectors/try", &other).await;
            assert_eq!((tried.problem(422), tried.str("/errors/0/field")), ("invalid", "key"), "{field}");
        }
        app.clock.advance(Duration::from_secs(3_600));
        odoo.asked("sale.order");
        app.run_jobs().await;
        assert!(odoo.asked("sale.order") > 0, "it reads where it read before");
        assert_eq!(elsewhere.asked("sale.order"), 0);
        // To whom it was given the key still goes; to another with the key for that one.
        org.owner.put(&path, connector("title", json!("Odoo toko"))).await.expect(200);
        let mut moved = connector("url", json!(elsewhere.url));
        moved["key"] = json!(odoo::KEY);
        org.owner.put(&path, moved).await.expect(200);
        app.run_jobs().await;
        assert!(elsewhere.asked("sale.order") > 0);
    })
    .await;
}

#[tokio::test]
async fn a_newer_odoo_is_read_by_its_key_alone() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let kind = permits(&org).await;
        let odoo = Odoo::start().await;
        odoo.put("res.partner", json!({ "id": 42, "name": "Sari Wulandari", "phone": "0812 3456 7890",
            "email": "sari@toko.example", "lang": "id_ID", "write_date": "2026-11-01 08:00:00" }));
        odoo.put("sale.order", order(1, "S00001", json!("2026-12-21"), "2026-11-20 08:00:00"));
        let connector = |field: &str, value: Value| {
            let mut connector = json!({ "title": "Odoo", "record_kind_id": kind, "api": "json_2", "url": odoo.url,
                "database": odoo::DATABASE, "key": odoo::KEY, "model": "sale.order", "external_id": "name",
                "contact": "partner_id", "every_minutes": 60, "fields": { "expires_on": "validity_date" } });
            connector[field] = value;
            connector
        };
        for (field, value, code) in [
            ("key", json!("wrong"), "wrong_login"),
            ("model", json!("sale.ordre"), "refused"),
            ("url", json!(app.url), "not_odoo"),
        ] {
            let tried = org.owner.post("connectors/try", connector(field, value)).await.expect(200);
            assert_eq!(tried.str("/problem/code"), code, "{}", tried.text);
        }
        let rpc = org.owner.post("connectors", connector("api", json!("json_rpc"))).await;
        assert_eq!(rpc.problem(422), "invalid", "the older API needs a login");
        let made = org.owner.post("connectors", connector("title", json!("Odoo 19"))).await.expect(201);
        assert_eq!(made.str("/api"), "json_2");
        app.run_jobs().await;
        let record = org.owner.get("records?q=S00001").await.expect(200).json["items"][0].clone();
        assert_eq!((&record["data"]["expires_on"], &record["contact"]["name"]), (&json!("2026-12-21"), &json!("Sari Wulandari")));
    })
    .await;
}
