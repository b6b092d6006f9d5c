//! Whatever names a person or their files is found in the schema, so that a table which somebody adds is furnished here too,
//! and what it holds is either looked after or decided about below.

use std::collections::{BTreeMap, BTreeSet};

use rules::id::{NumberId, OrgId};
use rules::time::Clock as _;
use testkit::schema::{Cell, Holds, Row};
use testkit::{Seeded, TestClock, both, number};

use crate::privacy::write;

#[tokio::test]
async fn nothing_names_a_contact_that_became_another() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, now) = (OrgId::fresh(clock.now(), &chance), clock.now());
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let line = NumberId::fresh(now, &chance);
        let reading = number::connected(line, "600000000000004", "62215550111");
        number::connect(&mut scope, "700000000000003", reading, now, &chance).await.unwrap();
        let staying = number::chat(&mut scope, line, "6281234567890", now, &chance).await.unwrap();
        let going = number::chat(&mut scope, line, "6281234567899", now, &chance).await.unwrap();
        let message = write(&mut scope, going, "kopi", &clock, &chance).await;
        tx.commit().await.unwrap();

        let given = Row::from([
            ("org_id", Cell::Id(org.0)),
            ("contact_id", Cell::Id(going.contact_id.0)),
            ("conversation_id", Cell::Id(going.conversation_id.0)),
            ("message_id", Cell::Id(message.0)),
        ]);
        // What else is read as it is written.
        let told = Row::from([
            ("channel", Cell::from("email")),
            ("action", Cell::from("opt_in")),
            ("source", Cell::from("api")),
            ("purpose", Cell::from("utility")),
            ("evidence", Cell::from("{}")),
        ]);
        let tables = db.tables_with(&["contact_id", "conversation_id"]).await.unwrap();
        for table in &tables {
            let mut row = given.clone();
            if table == "consent_events" {
                row.extend(told.clone());
            }
            if !["messages", "conversations"].contains(&table.as_str()) {
                db.add_row(table, &row, "kopi", 7).await.unwrap();
            }
        }
        let before = db.tables_naming(going.contact_id.0).await.unwrap();
        let contact_tables = db.tables_with(&["contact_id"]).await.unwrap();
        assert!(contact_tables.iter().all(|table| before.contains(table)), "{contact_tables:?} {before:?}");

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.merge_contacts(staying.contact_id, going.contact_id, now, &chance).await.unwrap());
        tx.commit().await.unwrap();
        // The rows of the two themselves stay, and say which they became.
        assert_eq!(db.tables_naming(going.contact_id.0).await.unwrap(), ["contacts", "conversations"]);
        assert_eq!(db.tables_naming(going.conversation_id.0).await.unwrap(), ["conversations"]);
    })
    .await;
}

/// Columns that hold a hash and name no bytes that are stored under it, each with what it is a hash of.
const NO_BLOBS: &[(&str, &str)] = &[
    ("api_keys.secret_hash", "a key"),
    ("connect_invites.token_hash", "a link"),
    ("erasures.request_hash", "what was asked for"),
    ("form_versions.hashes", "words"),
    ("idempotency.request_hash", "a request"),
    ("media.meta_sha256", "Meta's own, in another form"),
    ("member_invites.token_hash", "a link"),
    ("ceremonies.token_hash", "a link"),
    ("messages.wamid_hash", "an id"),
    ("passages.hash", "a passage's words"),
    ("password_resets.token_hash", "a link"),
    ("people.password_hash", "a password"),
    ("push_subscriptions.endpoint_hash", "an address"),
    ("recovery_codes.code_hash", "a code"),
    ("sessions.token_hash", "a session"),
    ("signup_states.state_hash", "a state"),
    ("suppressions.hash", "a name"),
];

#[tokio::test]
async fn every_column_that_names_bytes_keeps_them_from_being_swept() {
    both(|db| async move {
        let columns = db.columns().await.unwrap();
        let (chance, now) = (Seeded::default(), TestClock::default().now());
        let mut hashes: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (nth, column) in columns.iter().enumerate() {
            let (table, name) = (column.table.as_str(), column.name.as_str());
            let place = format!("{table}.{name}");
            let speaks_of_bytes = ["sha256", "hash", "blob", "digest"].iter().any(|word| name.contains(word));
            if !speaks_of_bytes || NO_BLOBS.iter().any(|(known, _)| *known == place) {
                continue;
            }
            assert_eq!(column.holds, Holds::Bytes, "{place} holds no hash: say above what it is");
            let hash = vec![u8::try_from(nth % 251).unwrap(); 32];
            let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
            let mut row = Row::from([("org_id", Cell::Id(OrgId::fresh(now, &chance).0))]);
            // What another column of the row names is looked at in its own turn.
            row.extend(["sha256", "thumbnail_sha256"].map(|other| (other, Cell::Bytes(vec![255; 32]))));
            row.insert(name, Cell::Bytes(hash.clone()));
            db.add_row(table, &row, "[]", 7).await.unwrap();
            hashes.insert(place, hash);
        }
        assert!(hashes.contains_key("media.thumbnail_sha256"), "{:?}", hashes.keys());
        let asked: Vec<_> = hashes.values().cloned().chain([vec![254; 32]]).collect();
        let mut tx = db.store.read().await.unwrap();
        let in_use = tx.bytes_in_use(&asked).await.unwrap();
        let swept: BTreeSet<_> =
            hashes.iter().filter(|(_, hash)| !in_use.contains(*hash)).map(|(place, _)| place).collect();
        assert!(swept.is_empty(), "the daily sweep would remove the files of {swept:?}: see bytes_in_use");
        assert!(!in_use.contains(&vec![254; 32]), "what nobody names is swept");
    })
    .await;
}
