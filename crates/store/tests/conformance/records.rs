//! Business records: put again and again, found by their days, and gone through.

use std::time::Duration;

use rules::day::Day;
use rules::id::{ConnectorId, ContactId, OrgId, RecordKindId};
use rules::record::{Field, FieldKind};
use rules::time::{Clock as _, Timestamp};
use serde_json::{Value, json};
use store::connectors::Connector;
use store::contacts::ContactChange;
use store::records::{Put, RecordFilter, RecordKind, RecordWalk, WrittenRecord};
use store::{Cursor, Json, OrgScope, StoreError};
use testkit::{Seeded, TestClock, both};

fn kind(name: &str, now: Timestamp, chance: &Seeded) -> RecordKind {
    RecordKind {
        id: RecordKindId::fresh(now, chance),
        name: name.into(),
        title: name.to_uppercase(),
        fields: Json(vec![Field {
            key: "expires_on".into(),
            label: "Expires on".into(),
            kind: FieldKind::Date,
            currency: None,
        }]),
        created_at: now,
        updated_at: now,
    }
}

fn put(external_id: &str, day: &str, contact: Option<ContactId>, data: Value) -> Put {
    let dates = [("expires_on".to_owned(), day.parse().unwrap())].into();
    Put { external_id: external_id.into(), contact, dates, data }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

async fn made(scope: &mut OrgScope<'_>, kind: &RecordKind) {
    scope.put_record_kind(kind).await.unwrap();
}

#[tokio::test]
async fn a_kind_has_one_name_and_goes_when_it_is_empty() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, other) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
        let permit = kind("permit", clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        made(&mut tx.org(org).await.unwrap(), &permit).await;
        made(&mut tx.org(other).await.unwrap(), &kind("permit", clock.now(), &chance)).await;
        let mut scope = tx.org(org).await.unwrap();
        let renamed = RecordKind { title: "Izin".into(), ..permit.clone() };
        made(&mut scope, &renamed).await;
        assert_eq!(scope.record_kinds().await.unwrap(), [renamed]);
        assert!(scope.record_kind(permit.id).await.unwrap().is_some());
        scope
            .put_records(permit.id, &[put("A", "2026-12-21", None, json!({}))], clock.now(), &chance)
            .await
            .unwrap();
        assert!(!scope.remove_record_kind(permit.id).await.unwrap(), "it has a record");
        assert_eq!(scope.count_records().await.unwrap()[&permit.id], 1);
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let again = scope.put_record_kind(&kind("permit", clock.now(), &chance)).await;
        assert!(matches!(again, Err(StoreError::Taken(_))), "{again:?}");
        drop(tx);

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let record = scope.records_named(permit.id, &["A"]).await.unwrap().remove("A").unwrap();
        assert!(scope.remove_record(record.id).await.unwrap());
        assert!(!scope.remove_record(record.id).await.unwrap());
        assert!(scope.remove_record_kind(permit.id).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn records_put_again_are_the_same_and_changed_ones_are_found_where_they_are_now() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let permit = kind("permit", clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        made(&mut scope, &permit).await;
        let puts: Vec<Put> = (0..70)
            .map(|n| put(&format!("P-{n:02}"), "2026-12-21", None, json!({ "shop": format!("Toko {n}") })))
            .collect();
        let first = scope.put_records(permit.id, &puts, clock.now(), &chance).await.unwrap();
        assert!(first.iter().all(|one| matches!(one, WrittenRecord::Created(_))));
        let second = scope.put_records(permit.id, &puts, clock.now(), &chance).await.unwrap();
        assert!(second.iter().zip(&first).all(|(again, one)| *again == WrittenRecord::Same(one.id())));
        clock.advance(Duration::from_secs(1));
        let renewed = put("P-07", "2027-12-21", None, json!({ "shop": "Kopi Senja" }));
        let third = scope.put_records(permit.id, &[renewed], clock.now(), &chance).await.unwrap();
        assert_eq!(third, [WrittenRecord::Changed(first[7].id())]);
        assert_eq!(scope.record(first[7].id()).await.unwrap().unwrap().updated_at, clock.now());
        assert_eq!(scope.records_by_id(&[first[7].id(), first[8].id()]).await.unwrap().len(), 2);

        let of = |date: Option<(Option<&str>, Option<&str>)>, text: Option<&str>| RecordFilter {
            kind: Some(permit.id),
            contact: None,
            date: date.map(|(from, to)| ("expires_on".to_owned(), from.map(day), to.map(day))),
            text: text.map(Into::into),
        };
        for (filter, count) in [
            (of(None, None), 70),
            (of(Some((Some("2027-01-01"), None)), None), 1),
            (of(Some((None, Some("2026-12-21"))), None), 69),
            (of(Some((Some("2026-12-22"), Some("2027-12-20"))), None), 0),
            (of(None, Some("kopi SENJA")), 1),
            (of(None, Some("p-1")), 10),
            (of(None, Some("toko 7")), 0),
        ] {
            let found = scope.records(&filter, Cursor::NEWEST, 100).await.unwrap();
            assert_eq!(found.items.len(), count, "{filter:?}");
        }
        let page = scope.records(&of(None, None), Cursor::NEWEST, 50).await.unwrap();
        assert_eq!(scope.records(&of(None, None), page.next.unwrap(), 50).await.unwrap().items.len(), 20);

        let walk = |on, after| RecordWalk { kind: permit.id, on, after };
        let due = Some(("expires_on", day("2026-12-21")));
        assert_eq!(scope.count_walk(walk(due, None)).await.unwrap(), 69);
        assert_eq!(scope.count_walk(walk(None, None)).await.unwrap(), 70);
        let mut seen = Vec::new();
        while let Some(last) = {
            let next = scope.walk_records(walk(due, seen.last().copied()), 32).await.unwrap();
            seen.extend(next.iter().map(|record| record.id));
            next.last().map(|record| record.id)
        } {
            assert_eq!(seen.last(), Some(&last));
        }
        assert_eq!(seen.len(), 69);
        assert_eq!(scope.walk_records(walk(None, None), 100).await.unwrap().len(), 70);
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_what_other_systems_know_of_them() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let permit = kind("permit", clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        made(&mut scope, &permit).await;
        let one = scope.contact_elsewhere(clock.now(), &chance).await.unwrap();
        let email = ContactChange { email: Some("sari@toko.example".into()), ..ContactChange::default() };
        scope.change_contact(one, &email, clock.now()).await.unwrap();
        assert_eq!(scope.contacts_of_email("sari@toko.example").await.unwrap(), [one]);
        scope.refer_to_contact("odoo:42", one).await.unwrap();
        assert_eq!(scope.contact_of_reference("odoo:42").await.unwrap(), Some(one));
        assert_eq!(scope.contact_of_bsuid("ID.1").await.unwrap(), None);
        let record = put("A", "2026-12-21", Some(one), json!({}));
        scope.put_records(permit.id, &[record], clock.now(), &chance).await.unwrap();

        let staying =
            testkit::rows::contact(ContactId::fresh(clock.now(), &chance), "6281234567890", clock.now());
        let phone = staying.phone.clone().unwrap();
        let staying = scope.contact_by_phone(&phone, clock.now(), &chance).await.unwrap().contact;
        scope.merge_contacts(staying, one, clock.now(), &chance).await.unwrap();
        assert_eq!(scope.contact_of_reference("odoo:42").await.unwrap(), Some(staying));
        let about = RecordFilter { contact: Some(staying), ..RecordFilter::default() };
        assert_eq!(scope.records(&about, Cursor::NEWEST, 9).await.unwrap().items.len(), 1);
        let all = store::contacts::ContactFilter::default();
        assert_eq!(scope.count_contacts(&all).await.unwrap(), 1);
        assert_eq!(scope.walk_contacts(&all, None, 9).await.unwrap()[0].id, staying);
        assert!(scope.walk_contacts(&all, Some(staying), 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_connector_knows_how_far_it_has_been_read() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let connector = Connector {
            id: ConnectorId::fresh(clock.now(), &chance),
            kind_id: RecordKindId::fresh(clock.now(), &chance),
            system: "odoo".into(),
            title: "Odoo".into(),
            settings: Json(json!({ "url": "https://toko.odoo.com" })),
            secret: b"sealed".to_vec(),
            enabled: true,
            place: None,
            last_run: None,
            next_at: clock.now(),
            created_at: clock.now(),
            updated_at: clock.now(),
        };
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.put_connector(&connector).await.unwrap();
        let later = clock.now() + Duration::from_secs(600);
        let (place, told) = (json!({ "since": "x" }), json!({ "created": 1 }));
        assert!(scope.note_connector_place(&connector, &place, &told, later).await.unwrap());
        let read = scope.connector(connector.id).await.unwrap().unwrap();
        assert_eq!(
            (read.place, read.last_run, read.next_at),
            (Some(Json(place.clone())), Some(Json(told.clone())), later)
        );
        clock.advance(Duration::from_secs(1));
        scope
            .put_connector(&Connector { updated_at: clock.now(), enabled: false, ..connector.clone() })
            .await
            .unwrap();
        assert!(
            !scope.note_connector_place(&connector, &place, &told, later).await.unwrap(),
            "its settings are others"
        );
        assert!(!scope.connectors().await.unwrap()[0].enabled);
        assert!(scope.remove_connector(connector.id).await.unwrap());
        assert!(!scope.remove_connector(connector.id).await.unwrap());
    })
    .await;
}
