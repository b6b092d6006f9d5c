//! Everything copied from one database into another, and what is refused.

use std::collections::BTreeSet;
use std::path::Path;

use rules::id::AppId;
use rules::time::Timestamp;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use store::copy::{Copied, Schema, SqliteFile, copy_all, digests, file_of, snapshot};
use store::ingest::NewBody;
use store::{Store, StoreError, StoreOptions};
use testkit::{Database, both};
use uuid::Uuid;

const ROWS: u64 = 3;

/// Puts rows into every table that PostgreSQL has, with a value of its own in every column and, where a column may be
/// empty, sometimes none. The nth row of every table carries the nth id, so that references fit.
async fn fill(url: &str) {
    let mut postgres = PgConnection::connect(url).await.unwrap();
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name NOT IN ('_sqlx_migrations', 'message_words') \
         AND is_generated = 'NEVER' ORDER BY 1, 2",
    )
    .fetch_all(&mut postgres)
    .await
    .unwrap();
    postgres.execute("SET session_replication_role = replica").await.unwrap();
    for table in columns.iter().map(|column| &column.0).collect::<BTreeSet<_>>() {
        let own: Vec<_> = columns.iter().filter(|column| column.0 == *table).collect();
        let values = own.iter().map(|(_, name, kind, nullable)| {
            let value = match kind.as_str() {
                "bigint" => "n * 7 - 6",
                "boolean" => "n % 2 = 1",
                "uuid" => "lpad(n::text, 32, '0')::uuid",
                "bytea" => "decode(lpad(to_hex(n), 64, 'f'), 'hex')",
                "text" => "'\"Kopi \u{1f64f}\" ' || n",
                other => panic!("{table}.{name} is of type {other}"),
            };
            if *nullable {
                format!("CASE WHEN n % 3 = 0 THEN NULL ELSE {value} END")
            } else {
                value.to_owned()
            }
        });
        let names: Vec<_> = own.iter().map(|column| format!("\"{}\"", column.1)).collect();
        let sql = format!(
            "INSERT INTO \"{table}\" ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM generate_series(1, {ROWS}) n",
            names.join(", "),
            values.collect::<Vec<_>>().join(", ")
        );
        postgres.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    postgres.execute("SELECT setval(pg_get_serial_sequence('events', 'seq'), 4711)").await.unwrap();
    postgres.close().await.unwrap();
}

/// The tables that the migrations make, by reading them.
fn made(dialect: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(dialect);
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let tables = text.lines().filter_map(|line| line.trim().strip_prefix("CREATE TABLE "));
        names.extend(tables.map(|rest| {
            rest.trim_start_matches("IF NOT EXISTS ")
                .split([' ', '('])
                .next()
                .unwrap()
                .trim_matches('"')
                .to_owned()
        }));
    }
    names
}

fn names(all: &[Copied]) -> BTreeSet<String> {
    all.iter().map(|one| one.table.clone()).collect()
}

fn sorted(mut all: Vec<Copied>) -> Vec<Copied> {
    all.sort_by(|a, b| a.table.cmp(&b.table));
    all
}

#[tokio::test]
async fn every_table_goes_to_sqlite_and_back_and_none_is_forgotten() {
    let (first, file, last) = (
        Database::postgres().await.unwrap(),
        Database::sqlite().await.unwrap(),
        Database::postgres().await.unwrap(),
    );
    fill(&first.options.url).await;
    let there = sorted(copy_all(&first.store, &file.store, |_| {}).await.unwrap());
    assert!(there.iter().all(|table| table.rows == ROWS && table.mended == 0), "{there:?}");
    let mut on_sqlite = made("sqlite");
    assert!(on_sqlite.remove("spooled"), "it speaks of a file that stays where it is");
    assert!(on_sqlite.remove("message_vocabulary"), "it is made anew from the messages");
    assert_eq!(names(&there), on_sqlite, "every table that SQLite makes is copied");
    let mut on_postgres = made("postgres");
    assert!(on_postgres.remove("message_words"), "it is made anew from the messages");
    assert_eq!(names(&there), on_postgres, "every table that PostgreSQL makes is copied");
    assert_eq!(digests(&file.store).await.unwrap(), there);

    let back = sorted(copy_all(&file.store, &last.store, |_| {}).await.unwrap());
    assert_eq!(back, there);
    assert_eq!(digests(&last.store).await.unwrap(), digests(&first.store).await.unwrap());

    // What is made anew, and the numbers that go on where they stood.
    let mut postgres = PgConnection::connect(&last.options.url).await.unwrap();
    let words: i64 = sqlx::query_scalar("SELECT count(*) FROM message_words WHERE words @@ 'kopi'::tsquery")
        .fetch_one(&mut postgres)
        .await
        .unwrap();
    assert_eq!(u64::try_from(words), Ok(ROWS));
    for (table, column, next) in [("events", "seq", 4712), ("messages", "row_id", 16)] {
        let sql = format!("SELECT nextval(pg_get_serial_sequence('{table}', '{column}'))");
        let given: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut postgres).await.unwrap();
        assert_eq!(given, next, "{table}");
    }
    let mut sqlite = SqliteConnection::connect(&file.options.url).await.unwrap();
    for org in 1..=ROWS {
        let found: i64 = sqlx::query_scalar("SELECT count(*) FROM messages_fts WHERE messages_fts MATCH $1")
            .bind(format!("\"{org:032}kopi\""))
            .fetch_one(&mut sqlite)
            .await
            .unwrap();
        assert_eq!(found, 1, "of organisation {org}");
    }
}

#[tokio::test]
async fn nothing_is_copied_over_something_or_between_unlike_schemas() {
    let (full, sqlite) = (Database::postgres().await.unwrap(), Database::sqlite().await.unwrap());
    fill(&full.options.url).await;
    let before = digests(&full.store).await.unwrap();
    let refused = copy_all(&sqlite.store, &full.store, |_| {}).await.unwrap_err().to_string();
    assert!(refused.contains("not empty"), "{refused}");
    assert_eq!(digests(&full.store).await.unwrap(), before);

    for (change, told) in [
        ("CREATE TABLE forgotten (id INTEGER PRIMARY KEY, what TEXT) STRICT", "forgotten"),
        ("DROP TABLE forgotten; ALTER TABLE notes ADD COLUMN mood TEXT", "notes"),
    ] {
        let mut connection = SqliteConnection::connect(&sqlite.options.url).await.unwrap();
        connection.execute(change).await.unwrap();
        let refused = copy_all(&full.store, &sqlite.store, |_| {}).await.unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
        assert!(digests(&sqlite.store).await.unwrap().iter().all(|table| table.rows == 0), "all or nothing");
    }
}

#[tokio::test]
async fn what_only_sqlite_can_hold_is_told() {
    let (from, to) = (Database::sqlite().await.unwrap(), Database::postgres().await.unwrap());
    let mut connection = SqliteConnection::connect(&from.options.url).await.unwrap();
    connection
        .execute(
            "INSERT INTO throttles VALUES (x'01', 1, 2, NULL); \
             INSERT INTO operator_secrets VALUES ('a' || char(0) || 'b', x'00ff')",
        )
        .await
        .unwrap();
    let copied = copy_all(&from.store, &to.store, |_| {}).await.unwrap();
    let mended: Vec<_> =
        copied.iter().filter(|table| table.mended > 0).map(|table| table.table.as_str()).collect();
    assert_eq!(mended, ["operator_secrets"]);
    let mut postgres = PgConnection::connect(&to.options.url).await.unwrap();
    let name: String =
        sqlx::query_scalar("SELECT name FROM operator_secrets").fetch_one(&mut postgres).await.unwrap();
    assert_eq!(name, "a\u{fffd}b");
}

/// A reader from whom rows are hidden must not take what it sees for everything.
#[tokio::test]
async fn hidden_rows_are_an_error_and_not_an_empty_copy() {
    let (from, to) = (Database::postgres().await.unwrap(), Database::sqlite().await.unwrap());
    fill(&from.options.url).await;
    let mut owner = PgConnection::connect(&from.options.url).await.unwrap();
    let role = format!("sapa_reader_{}", std::process::id());
    let make = format!(
        "CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}; \
        GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
    );
    owner.execute(AssertSqlSafe(make)).await.unwrap();
    let url = from.options.url.replace("//postgres@", &format!("//{role}@"));
    let reader = Store::existing(&StoreOptions { url, connections: 2 }).await.unwrap();
    let refused = copy_all(&reader, &to.store, |_| {}).await.unwrap_err().to_string();
    reader.close().await;
    owner.execute(AssertSqlSafe(format!("DROP OWNED BY {role}; DROP ROLE {role}"))).await.unwrap();
    assert!(refused.contains("row-level security"), "{refused}");
}

#[tokio::test]
async fn a_database_in_use_is_not_had_alone() {
    both(|db| async move {
        assert!(matches!(Store::alone(&db.options).await, Err(StoreError::InUse)));
        db.store.close().await;
        let alone = Store::alone(&db.options).await.unwrap();
        assert_eq!(alone.schema().await.unwrap(), store::Schema::Current);
        let into = Database::sqlite().await.unwrap();
        copy_all(&alone, &into.store, |_| {}).await.unwrap();
        alone.close().await;
        Store::existing(&db.options).await.unwrap().close().await;
    })
    .await;
}

/// What SQLite keeps beside the database waits in the copy as it does here, and is looked at before what comes in later.
#[tokio::test]
async fn webhooks_that_were_not_looked_at_yet_come_along() {
    let db = Database::sqlite().await.unwrap();
    let body = |n: u8| NewBody { app: AppId(Uuid::nil()), received_at: Timestamp(7), body: vec![n] };
    let take = async |store: &Store, n: u8| {
        store.intake_turn().await.unwrap().store(&[&body(n)]).await.unwrap();
    };
    let waiting = async |store: &Store| {
        let bodies = store.read().await.unwrap().unsplit_bodies(9, 99).await.unwrap();
        bodies.into_iter().map(|body| (body.seq, body.body[0])).collect::<Vec<_>>()
    };
    let split = async |store: &Store, seqs: &[i64]| {
        let mut tx = store.begin().await.unwrap();
        tx.mark_split(seqs, Timestamp(8)).await.unwrap();
        tx.commit().await.unwrap();
    };
    take(&db.store, 1).await;
    let first = waiting(&db.store).await;
    split(&db.store, &[first[0].0]).await;
    take(&db.store, 2).await;
    take(&db.store, 3).await;

    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("copy.db");
    snapshot(&db.options.url, &file).await.unwrap();
    let url = format!("sqlite://{}", file.display());
    let copy = Store::open(&StoreOptions { url: url.clone(), connections: 2 }).await.unwrap();
    let (postgres, sqlite) = (Database::postgres().await.unwrap(), Database::sqlite().await.unwrap());
    for target in [&postgres, &sqlite] {
        copy_all(&db.store, &target.store, |_| {}).await.unwrap();
    }
    // Another process, which finds what was brought along and nothing beside it.
    let (from, moved) = (Database::postgres().await.unwrap(), Database::sqlite().await.unwrap());
    copy_all(&db.store, &from.store, |_| {}).await.unwrap();
    copy_all(&from.store, &moved.store, |_| {}).await.unwrap();
    moved.store.close().await;
    let moved = Store::open(&moved.options).await.unwrap();
    // What waits in a copy is in a copy of that copy, once.
    take(&copy, 4).await;
    let again = home.path().join("again.db");
    snapshot(&url, &again).await.unwrap();
    let again = format!("sqlite://{}", again.display());
    let again = Store::open(&StoreOptions { url: again, connections: 2 }).await.unwrap();
    for store in [&copy, &again, &postgres.store, &sqlite.store, &moved] {
        if !std::ptr::eq(store, &copy) && !std::ptr::eq(store, &again) {
            take(store, 4).await;
        }
        let mut seen = Vec::new();
        loop {
            let next = waiting(store).await;
            let Some((seq, body)) = next.first().copied() else { break };
            seen.push(body);
            split(store, &[seq]).await;
        }
        assert_eq!(seen, [2, 3, 4], "{}", store.kind());
    }
    assert_eq!(waiting(&db.store).await.len(), 2, "here nothing changed");
}

#[tokio::test]
async fn a_snapshot_is_one_whole_file_while_others_write() {
    let db = Database::sqlite().await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("copy.db");
    let mut open = db.store.begin().await.unwrap();
    open.hold_back(&["deliver"], Timestamp(0)).await.unwrap();
    // Somebody is writing, and still it is made.
    snapshot(&db.options.url, &file).await.unwrap();
    open.commit().await.unwrap();
    let mut copy = SqliteFile::open(&file).await.unwrap();
    copy.check().await.unwrap();
    let schema = copy.schema().await.unwrap();
    assert!(schema == Schema::of_this_build() && schema.is_known());
    assert!(!Schema { version: schema.version + 1, ..schema.clone() }.is_known());
    let counts = copy.counts().await.unwrap();
    // Numbers of migrations may have gaps.
    let migrations =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap().count();
    assert!(counts.iter().any(|(name, rows)| name == "_sqlx_migrations" && *rows == migrations as i64));
    assert!(copy.files().await.unwrap().is_empty());
    copy.close().await.unwrap();
    assert!(matches!(snapshot("sqlite:///nowhere/at.all", &file).await, Err(StoreError::Missing(_))));

    // A page of it is overwritten: that is seen, whether by opening or by looking.
    let mut bytes = std::fs::read(file_of(&format!("sqlite://{}", file.display()))).unwrap();
    let middle = 4096 * (bytes.len() / 8192);
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let mut broken = SqliteFile::open(&file).await.unwrap();
    assert!(matches!(broken.check().await, Err(StoreError::Damaged(_))));
}
