//! Older and newer programs on one database.

use std::time::Duration;

use rules::time::Timestamp;
use sqlx::migrate::Migrate as _;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use store::nodes::Node;
use store::{Migrations, Schema, Store, StoreError, StoreOptions};
use testkit::{Database, both};
use uuid::Uuid;

/// What a later version may add while this one runs.
fn expanding() -> Migrations {
    Migrations::ours()
        .and("expand with colours", "ALTER TABLE orgs ADD COLUMN colour TEXT NOT NULL DEFAULT 'green'")
}

/// What a still later one takes away.
fn contracting() -> Migrations {
    expanding().and("contract colours", "ALTER TABLE orgs DROP COLUMN colour")
}

async fn node(store: &Store, schema: i64, unseen: Duration) {
    // By the database's own clock, as it is judged; SQLite has none.
    let now = store.read().await.unwrap().database_load().await.unwrap().clock.unwrap_or(Timestamp(0));
    let (name, id, version) = ("shop-2:8080".to_owned(), Uuid::nil(), "1.4.0".to_owned());
    let seen_at = now - unseen;
    let node = Node { name, id, version, schema, started_at: seen_at, seen_at, leaving: false };
    let mut tx = store.begin().await.unwrap();
    tx.see_node(&node, now).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_older_program_goes_on_with_what_a_newer_one_added_and_not_with_what_it_took() {
    both(|db| async move {
        db.store.migrate(&expanding()).await.unwrap();
        assert_eq!(db.store.schema().await.unwrap(), Schema::Newer);
        // It runs on, starts anew, and migrates nothing.
        let again = Store::open(&db.options).await.unwrap();
        assert!(again.schema().await.unwrap().serves());
        again.close().await;
        db.store.migrate(&expanding()).await.unwrap();

        db.store.migrate(&contracting()).await.unwrap();
        let Schema::TooNew { version, name } = db.store.schema().await.unwrap() else { panic!("it goes on") };
        assert_eq!((version, name.as_str()), (contracting().newest(), "contract colours"));
        let refused = Store::open(&db.options).await.unwrap_err().to_string();
        assert!(
            refused.contains("\"contract colours\"") && refused.contains("Start the newer version"),
            "{refused}"
        );
        // Nor with migrations of its own beside it.
        let other = Migrations::ours().and("expand with sizes", "ALTER TABLE orgs ADD COLUMN size TEXT");
        assert!(matches!(db.store.migrate(Migrations::ours()).await, Err(StoreError::TooNew { .. })));
        assert_eq!(other.newest(), expanding().newest());
        assert!(matches!(db.store.migrate(&other).await, Err(StoreError::TooNew { .. })));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_taken_from_nodes_that_still_run() {
    both(|db| async move {
        let postgres = db.store.kind() == "PostgreSQL";
        db.store.migrate(&expanding()).await.unwrap();
        node(&db.store, Migrations::ours().newest(), Duration::ZERO).await;
        let refused = db.store.migrate(&contracting()).await;
        if postgres {
            let told = refused.unwrap_err().to_string();
            assert!(told.contains("shop-2:8080 (1.4.0)") && told.contains("contract colours"), "{told}");
            assert_eq!(db.store.schema().await.unwrap(), Schema::Newer);
            // It knows the schema, or is gone: then nobody is in the way.
            node(&db.store, contracting().newest(), Duration::ZERO).await;
            db.store.migrate(&contracting()).await.unwrap();
        } else {
            // One node is all that there is: the one before has ended.
            refused.unwrap();
        }
    })
    .await;
    let db = Database::postgres().await.unwrap();
    node(&db.store, 1, Duration::from_secs(61)).await;
    db.store.migrate(&contracting()).await.unwrap();
}

/// Whoever migrates waits for others who do, and looks only then at who runs.
#[tokio::test]
async fn nothing_is_taken_from_a_node_that_began_while_it_was_waited_for_another_that_migrates() {
    let db = Database::postgres().await.unwrap();
    db.store.migrate(&expanding()).await.unwrap();
    let mut other = sqlx::PgConnection::connect(&db.options.url).await.unwrap();
    other.lock().await.unwrap();
    let store = db.store.clone();
    let migrating = tokio::spawn(async move { store.migrate(&contracting()).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    node(&db.store, Migrations::ours().newest(), Duration::ZERO).await;
    assert!(!migrating.is_finished());
    other.unlock().await.unwrap();
    let refused = migrating.await.unwrap();
    assert!(matches!(refused, Err(StoreError::StillNeeded { .. })), "{refused:?}");
    assert_eq!(db.store.schema().await.unwrap(), Schema::Newer);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_everything_as_it_was_and_nobody_locked_out() {
    both(|db| async move {
        let broken = Migrations::ours().and("expand nowhere", "ALTER TABLE no_such_table ADD COLUMN x TEXT");
        assert!(matches!(db.store.migrate(&broken).await, Err(StoreError::Migration(_))));
        assert_eq!(db.store.schema().await.unwrap(), Schema::Current);
        tokio::time::timeout(Duration::from_secs(20), db.store.migrate(&expanding())).await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn nodes_that_start_together_on_an_empty_database_all_start() {
    let db = Database::postgres().await.unwrap();
    let (base, _) = db.options.url.rsplit_once('/').unwrap();
    let name = format!("sapa_test_{}", Uuid::new_v4().simple());
    let mut server = sqlx::PgConnection::connect(&db.options.url).await.unwrap();
    server.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let options = StoreOptions { url: format!("{base}/{name}"), connections: 2 };
    let opened = futures::future::join_all((0..5).map(|_| Store::open(&options))).await;
    for store in opened {
        let store = store.unwrap();
        assert_eq!(store.schema().await.unwrap(), Schema::Current);
        store.close().await;
    }
    server.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
}
