//! What an organisation knows is found by an index of its own words, however many others know the same ones.

use std::collections::BTreeSet;

use rules::id::{OrgId, SourceId};
use rules::knowledge::{PassageKind, SourceState};
use rules::time::Clock as _;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use store::knowledge::{NewPassage, Source};
use store::{Cursor, Store, StoreOptions};
use testkit::rows::source;
use testkit::{Database, Seeded, TestClock};

use super::{ALONE, Reads, listen, run};

/// How many organisations know the same.
const ORGS: usize = 60;
/// How many passages each has, all with the same words.
const PASSAGES: usize = 20;
/// Entries of indexes that one question may read: a few for each place of a word in its own passages.
const READ: i64 = 600;
/// What is asked for.
const WANTED: [(&str, i64); 3] = [("ongkir", 900), ("bandung", 700), ("kirim", 100)];

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_knowledge_is_found_by_index() {
    let _alone = ALONE.lock().await;
    listen();
    let db = Database::sqlite().await.unwrap();
    let org = fill(&db.store).await;
    let asked = run(find(&db.store, org)).await;
    let find: Vec<_> = asked.iter().filter(|sql| sql.contains("passage_stems")).collect();
    assert_eq!(find.len(), 1, "{asked:#?}");
    let mut connection = SqliteConnection::connect(&db.options.url).await.unwrap();
    let plan: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", find[0])))
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let steps: BTreeSet<&str> = plan.iter().map(|(.., step)| step.as_str()).collect();
    assert!(steps.contains("SEARCH i USING PRIMARY KEY (org_id=? AND stem=?)"), "{steps:#?}");
    assert!(steps.contains("SEARCH p USING INTEGER PRIMARY KEY (rowid=?)"), "{steps:#?}");

    let written = run(forget(&db.store, org)).await;
    let drop = written.iter().find(|sql| sql.contains("DELETE FROM passage_stems")).unwrap();
    let plan: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {drop}")))
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let by_key = "SEARCH passage_stems USING PRIMARY KEY (org_id=? AND stem=? AND row_id=?)";
    assert!(plan.iter().any(|(.., step)| step == by_key), "{plan:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_knowledge_is_found_by_index() {
    let _alone = ALONE.lock().await;
    let db = Database::postgres().await.unwrap();
    let org = fill(&db.store).await;
    db.learn().await.unwrap();
    db.store.close().await;
    let before = Reads::of(&db).await;
    let store = Store::open(&StoreOptions { connections: 1, ..db.options.clone() }).await.unwrap();
    find(&store, org).await;
    store.close().await;
    Reads::of(&db).await.few_since(&before, READ, "asking");
}

async fn find(store: &Store, org: OrgId) {
    let mut tx = store.read().await.unwrap();
    let found = tx.org(org).await.unwrap().find_passages(&WANTED, 80).await.unwrap();
    assert_eq!(found.len(), PASSAGES);
}

/// Forgets everything that an organisation knows.
async fn forget(store: &Store, org: OrgId) {
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let mut tx = store.begin().await.unwrap();
    let mut scope = tx.org(org).await.unwrap();
    let source = scope.sources(Cursor::NEWEST, 1).await.unwrap().items[0].id;
    assert!(scope.delete_source(source, clock.now(), &chance).await.unwrap());
    tx.commit().await.unwrap();
}

/// Organisations that all know the same. Returns one of them.
async fn fill(store: &Store) -> OrgId {
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let now = clock.now();
    let mut last = OrgId::fresh(now, &chance);
    for _ in 0..ORGS {
        last = OrgId::fresh(now, &chance);
        let id = SourceId::fresh(now, &chance);
        let mut tx = store.begin().await.unwrap();
        let mut scope = tx.org(last).await.unwrap();
        let source = Source { state: SourceState::Ready, ..source(id, "Toko", now) };
        scope.insert_source(&source).await.unwrap();
        let passages: Vec<NewPassage> = (0..PASSAGES).map(passage).collect();
        scope.replace_passages(id, &passages, now, &chance).await.unwrap();
        tx.commit().await.unwrap();
    }
    last
}

fn passage(n: usize) -> NewPassage {
    let own: Vec<String> = (0..20).map(|word| format!("kata{}", n * 20 + word)).collect();
    let mut hash = [0; 16];
    hash[..8].copy_from_slice(&n.to_le_bytes());
    NewPassage {
        ordinal: i64::try_from(n).unwrap(),
        kind: PassageKind::Text,
        titles: vec!["Toko".into()],
        body: "Ongkir ke Bandung".into(),
        language: "id".into(),
        title_stems: "toko".into(),
        text_stems: format!("ongkir kirim bandung {}", own.join(" ")),
        hash,
    }
}
