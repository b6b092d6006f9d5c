//! Files of contacts: their rows, and what became of each.

use rules::id::{ContactId, ImportId, OrgId, RecordKindId};
use rules::identity::Phone;
use rules::import::{ImportOf, ImportState, RowVerdict};
use rules::time::{Clock as _, span};
use serde_json::json;
use store::imports::{Import, RowOutcome, WhichRows};
use store::{Cursor, Json};
use testkit::schema::{Cell, Row};
use testkit::{Seeded, TestClock, both};

fn import(id: ImportId, clock: &TestClock) -> Import {
    Import {
        id,
        kind_id: None,
        file_name: "pelanggan.csv".into(),
        sha256: vec![7; 32],
        sheet: Some("Sheet1".into()),
        headings: Json(vec!["Nama".into(), "Telepon".into()]),
        plan: None,
        state: ImportState::Uploaded,
        row_count: 300,
        done: 0,
        tally: Json(json!({})),
        created_by: "member:x".into(),
        created_at: clock.now(),
        changed_at: clock.now(),
    }
}

#[tokio::test]
async fn a_contact_is_untouched_until_something_happens_to_it() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, now) = (OrgId::fresh(clock.now(), &chance), clock.now());
        let import = ImportId::fresh(now, &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let phone = Phone::from_human("081234567890", Some("ID")).unwrap();
        let contact = scope.contact_by_phone(&phone, now, &chance).await.unwrap().contact;
        assert!(scope.is_untouched(contact, import).await.unwrap());
        tx.commit().await.unwrap();
        // Every table that names a contact, but what an import makes itself.
        let made = ["contact_identities", "consent_events", "import_rows", "messages"];
        let told = OrgId::fresh(now, &chance);
        for table in db.tables_with(&["contact_id"]).await.unwrap() {
            if made.contains(&table.as_str()) {
                continue;
            }
            let row = Row::from([("org_id", Cell::Id(org.0)), ("contact_id", Cell::Id(contact.0))]);
            db.add_row(&table, &row, &told.to_string(), 7).await.unwrap();
            let mut tx = db.store.read().await.unwrap();
            let mut scope = tx.org(org).await.unwrap();
            assert!(
                !scope.is_untouched(contact, import).await.unwrap(),
                "a row in `{table}` touches a contact"
            );
            drop(tx);
            db.delete(&table).await.unwrap();
        }
        for (table, other) in [("consent_events", "{}"), ("import_rows", "[]")] {
            let row = Row::from([("org_id", Cell::Id(org.0)), ("contact_id", Cell::Id(contact.0))]);
            db.add_row(table, &row, other, 7).await.unwrap();
            let mut tx = db.store.read().await.unwrap();
            let mut scope = tx.org(org).await.unwrap();
            assert!(!scope.is_untouched(contact, import).await.unwrap(), "{table}");
            drop(tx);
            db.delete(table).await.unwrap();
        }
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.forget_untouched(contact).await.unwrap();
        assert!(scope.contact(contact).await.unwrap().is_none());
        assert!(scope.contact_by_phone(&phone, now, &chance).await.unwrap().is_new, "its number is nobody's");
    })
    .await;
}

#[tokio::test]
async fn rows_keep_their_order_and_what_became_of_them() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, other) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
        let id = ImportId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.insert_import(&import(id, &clock)).await.unwrap();
        let rows: Vec<_> = (2..302).map(|n| (n, vec![format!("Orang {n}"), format!("0812{n:07}")])).collect();
        scope.insert_import_rows(id, &rows).await.unwrap();
        let read = scope.import_rows(id, WhichRows::All, 100, 5).await.unwrap();
        assert_eq!(read.iter().map(|row| row.number).collect::<Vec<_>>(), [101, 102, 103, 104, 105]);
        assert_eq!(read[0].cells.0, ["Orang 101", "08120000101"]);

        let contact = ContactId::fresh(clock.now(), &chance);
        let outcome = |number, verdict, contact| RowOutcome {
            number,
            verdict,
            faults: vec![json!({ "code": "phone_wrong" })],
            contact,
            name: Some(format!("S-{number}")),
        };
        let outcomes = [
            outcome(102, RowVerdict::New, Some(contact)),
            outcome(101, RowVerdict::Faulty, None),
            outcome(105, RowVerdict::Faulty, None),
        ];
        scope.settle_import_rows(id, &outcomes).await.unwrap();
        let faulty = scope.import_rows(id, WhichRows::Of(RowVerdict::Faulty), 0, 10).await.unwrap();
        assert_eq!(faulty.iter().map(|row| row.number).collect::<Vec<_>>(), [101, 105]);
        assert_eq!(faulty[0].faults.0, [json!({ "code": "phone_wrong" })]);
        let new = scope.import_rows(id, WhichRows::Of(RowVerdict::New), 0, 10).await.unwrap();
        assert_eq!((new.len(), new[0].contact_id), (1, Some(contact)));
        let noted = scope.import_rows(id, WhichRows::Noted, 0, 10).await.unwrap();
        assert_eq!(noted.iter().map(|row| row.number).collect::<Vec<_>>(), [102], "it is taken all the same");

        let headings = ["Nama".to_owned(), "Telepon".to_owned()];
        assert_eq!(scope.plan_for_headings(None, &headings).await.unwrap(), None);
        let mut held = scope.import_for_change(id).await.unwrap().unwrap();
        (held.plan, held.state, held.done) =
            (Some(Json(json!({ "columns": ["name", "phone"] }))), ImportState::Done, 301);
        held.tally = Json(json!({ "new": 1 }));
        scope.update_import(&held).await.unwrap();
        assert_eq!(
            scope.plan_for_headings(None, &headings).await.unwrap(),
            held.plan.clone().map(|plan| plan.0)
        );
        let read = scope.import(id).await.unwrap().unwrap();
        assert_eq!((read.state, read.done, read.tally.0), (ImportState::Done, 301, json!({ "new": 1 })));
        assert_eq!(scope.imports(ImportOf::Contacts, Cursor::NEWEST, 5).await.unwrap().items.len(), 1);

        let names = ["S-101", "S-102", "S-103"];
        let known = |found: std::collections::HashSet<String>| {
            let mut found: Vec<_> = found.into_iter().collect();
            found.sort();
            found
        };
        assert_eq!(known(scope.import_names_before(id, 105, &names).await.unwrap()), ["S-101", "S-102"]);
        assert_eq!(known(scope.import_names_before(id, 102, &names).await.unwrap()), ["S-101"]);
        let (records, kind) =
            (ImportId::fresh(clock.now(), &chance), RecordKindId::fresh(clock.now(), &chance));
        let plan = Some(Json(json!({ "columns": ["external_id", null] })));
        let of_records = Import { kind_id: Some(kind), plan: plan.clone(), ..import(records, &clock) };
        scope.insert_import(&of_records).await.unwrap();
        let page = scope.imports(ImportOf::Records, Cursor::NEWEST, 5).await.unwrap();
        assert_eq!((page.items.len(), page.items[0].kind_id), (1, Some(kind)));
        assert_eq!(scope.imports(ImportOf::Contacts, Cursor::NEWEST, 5).await.unwrap().items[0].id, id);
        assert_eq!(scope.plan_for_headings(Some(kind), &headings).await.unwrap(), plan.map(|plan| plan.0));

        let loose = scope.loose_import_rows(None, 1_000).await.unwrap();
        assert_eq!(loose.len(), 299, "all but the one that became a contact");
        let rest = scope.loose_import_rows(Some((id, 300)), 10).await.unwrap();
        assert_eq!(rest.iter().map(|(_, row)| row.number).collect::<Vec<_>>(), [301]);
        scope.forget_import_row(id, 301).await.unwrap();
        assert!(scope.loose_import_rows(Some((id, 300)), 10).await.unwrap().is_empty());
        let mut foreign = tx.org(other).await.unwrap();
        assert!(foreign.import(id).await.unwrap().is_none());
        assert!(foreign.import_rows(id, WhichRows::All, 0, 10).await.unwrap().is_empty());
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.drop_import_rows_before(clock.now(), 1_000).await.unwrap(), 0);
        let later = clock.now() + span::days(1);
        assert_eq!(tx.drop_import_rows_before(later, 200).await.unwrap(), 200);
        assert_eq!(tx.drop_import_rows_before(later, 200).await.unwrap(), 99);
    })
    .await;
}

#[tokio::test]
async fn those_who_are_known_are_found_together() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let phones: Vec<_> =
            (0..70).map(|n| Phone::from_wire(&format!("62812345678{n:02}")).unwrap()).collect();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        for phone in phones.iter().step_by(2) {
            scope.contact_by_phone(phone, clock.now(), &chance).await.unwrap();
        }
        let found = scope.contacts_by_phone(&phones).await.unwrap();
        assert_eq!(found.len(), 35);
        assert!(found.iter().all(|(digits, contact)| contact.phone.as_ref().unwrap().digits() == digits));
    })
    .await;
}
