//! The driver, as sqlx uses it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use futures::TryStreamExt as _;
use sqlite::{Begin, Options, Pool, Sqlite, Transaction};
use sqlx::{QueryBuilder, Row as _};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(5);
const MANY: &str =
    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000) SELECT n FROM c";

/// A file with a table, and two pools over it as two processes would have.
async fn pools() -> (tempfile::TempDir, Pool, Pool) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("test.db")).create(true).statements(10).log_pages(20);
    let one = Pool::connect(options.clone(), 1).await.unwrap();
    let other = Pool::connect(options, 1).await.unwrap();
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    sqlx::query("CREATE TABLE t (n INTEGER PRIMARY KEY, word TEXT) STRICT").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    (folder, one, other)
}

async fn write(tx: &mut Transaction, n: i64) -> Result<u64, sqlx::Error> {
    let written = sqlx::query("INSERT INTO t (n, word) VALUES ($1, $2)").bind(n).bind(format!("word {n}"));
    Ok(written.execute(&mut **tx).await?.rows_affected())
}

async fn count(pool: &Pool) -> i64 {
    let mut tx = pool.begin(Begin::ToRead, PATIENCE).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(&mut *tx).await.unwrap()
}

#[tokio::test]
async fn what_is_committed_stays_and_what_is_dropped_does_not() {
    let (_folder, one, other) = pools().await;
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    assert_eq!(write(&mut tx, 1).await.unwrap(), 1);
    drop(tx);
    assert_eq!(count(&other).await, 0);
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((count(&one).await, count(&other).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_commit_at_once_and_the_log_is_brought_home_meanwhile() {
    let (folder, one, other) = pools().await;
    let commits = (0..500).map(|n| {
        let one = one.clone();
        tokio::spawn(async move {
            let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
            write(&mut tx, n).await.unwrap();
            tx.commit().await.unwrap();
        })
    });
    for commit in commits.collect::<Vec<_>>() {
        commit.await.unwrap();
    }
    assert_eq!(count(&other).await, 500);
    // The log grows with each commit until it begins anew, which it does soon after twenty pages: then it has room.
    let log = || folder.path().join("test.db-wal").metadata().unwrap().len();
    for n in 500..20_000 {
        let before = log();
        let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
        write(&mut tx, n).await.unwrap();
        tx.commit().await.unwrap();
        if log() == before {
            return;
        }
    }
    panic!("the log has {} bytes and never began anew", log());
}

#[tokio::test]
async fn every_type_comes_back_as_it_went() {
    let (_folder, one, _) = pools().await;
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    let id = Uuid::from_u128(7);
    let row = sqlx::query(
        "SELECT $1 AS n, $2 AS yes, $3 AS part, $4 AS word, $5 AS bytes, $6 AS id, $7 AS none, $1 AS again",
    )
    .bind(-5_i64)
    .bind(true)
    .bind(0.5)
    .bind("kopi \u{1f375}")
    .bind([0_u8, 255].as_slice())
    .bind(id)
    .bind(None::<String>)
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!((row.get::<i64, _>("n"), row.get::<i64, _>("again")), (-5, -5));
    assert!(row.get::<bool, _>("yes"));
    assert_eq!(row.get::<f64, _>("part"), 0.5);
    assert_eq!(row.get::<String, _>("word"), "kopi \u{1f375}");
    assert_eq!(row.get::<Vec<u8>, _>("bytes"), [0, 255]);
    assert_eq!(row.get::<Uuid, _>("id"), id);
    assert_eq!(row.get::<Option<String>, _>("none"), None);
    // One that is asked for as another is refused, and so is a column that is not there.
    assert!(row.try_get::<String, _>("n").is_err());
    assert!(row.try_get::<i64, _>("missing").is_err());
}

#[tokio::test]
async fn parameters_without_numbers_come_in_their_order_and_a_missing_one_is_told() {
    let (_folder, one, _) = pools().await;
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO t (n, word) ");
    query.push_values(1..=3_i64, |mut row, n| {
        row.push_bind(n).push_bind(n.to_string());
    });
    assert_eq!(query.build().execute(&mut *tx).await.unwrap().rows_affected(), 3);
    let words: Vec<String> =
        sqlx::query_scalar("SELECT word FROM t ORDER BY n").fetch_all(&mut *tx).await.unwrap();
    assert_eq!(words, ["1", "2", "3"]);
    let missing = sqlx::query("SELECT $1, $2").bind(1_i64).fetch_one(&mut *tx).await.unwrap_err();
    assert!(missing.to_string().contains("parameter 2 of 2"), "{missing}");
}

#[tokio::test]
async fn refusals_say_what_they_are() {
    let (_folder, one, _) = pools().await;
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut tx, 1).await.unwrap();
    let twice = write(&mut tx, 1).await.unwrap_err();
    let twice = twice.as_database_error().unwrap();
    assert!(twice.is_unique_violation());
    assert_eq!(twice.message(), "UNIQUE constraint failed: t.n");
    // The transaction goes on.
    write(&mut tx, 2).await.unwrap();
    let wrong = sqlx::query("SELEKT").execute(&mut *tx).await.unwrap_err();
    assert_eq!(wrong.as_database_error().unwrap().code().as_deref(), Some("1"));
    tx.commit().await.unwrap();
    assert_eq!(count(&one).await, 2);
}

#[tokio::test]
async fn who_writes_waits_for_another_process_without_holding_up_the_thread() {
    let (_folder, one, other) = pools().await;
    let mut first = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut first, 1).await.unwrap();
    // Both are on this thread: if the second one waited within a statement, the first would never end.
    let (second, ()) = tokio::join!(other.begin(Begin::ToWrite, PATIENCE), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        first.commit().await.unwrap();
    });
    let mut second = second.unwrap();
    write(&mut second, 2).await.unwrap();
    let refused = one.begin(Begin::ToWrite, Duration::from_millis(20)).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("5"));
    let unserved = other.begin(Begin::ToWrite, Duration::from_millis(20)).await.unwrap_err();
    assert!(matches!(unserved, sqlx::Error::PoolTimedOut), "{unserved}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_stream_and_a_stream_that_is_given_up_gives_the_connection_back() {
    let (_folder, one, _) = pools().await;
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    let at_once: Vec<i64> = sqlx::query_scalar::<_, i64>(MANY).fetch(&mut *tx).try_collect().await.unwrap();
    assert_eq!(at_once.len(), 5_000);
    tx.take_time(true);
    let all: Vec<i64> = sqlx::query_scalar::<_, i64>(MANY).fetch(&mut *tx).try_collect().await.unwrap();
    assert_eq!(all.len(), 5_000);
    let mut rows = sqlx::query(MANY).fetch(&mut *tx);
    assert_eq!(rows.try_next().await.unwrap().unwrap().get::<i64, _>(0), 1);
    drop(rows);
    write(&mut tx, 1).await.unwrap();
    assert!(sqlx::query("SELEKT").fetch(&mut *tx).try_next().await.is_err());
    // One that is given up with its transaction takes the connection nowhere.
    let mut rows = sqlx::query(MANY).fetch(&mut *tx);
    rows.try_next().await.unwrap();
    drop(rows);
    drop(tx);
    assert_eq!(count(&one).await, 0);
}

#[tokio::test]
async fn commits_are_flushed_to_the_log_that_is_there_now() {
    let (folder, one, other) = pools().await;
    let log = folder.path().join("test.db-wal");
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    // As by the last connection that is closed: the log is home, and its file is another one from now on.
    other.close().await;
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    sqlx::query("ROLLBACK").execute(&mut *tx).await.unwrap();
    sqlx::query("PRAGMA journal_mode = DELETE").fetch_one(&mut *tx).await.unwrap();
    assert!(!log.exists());
    sqlx::query("PRAGMA journal_mode = WAL").fetch_one(&mut *tx).await.unwrap();
    drop(tx);
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut tx, 2).await.unwrap();
    tx.commit().await.unwrap();
    assert!(log.exists());
    assert_eq!(count(&one).await, 2);
}

/// Puts something into the place of the log's file, which goes on under no name: what is flushed from now on is that.
fn replace(log: &Path, by: &str, arguments: &[&str]) {
    std::fs::remove_file(log).unwrap();
    assert!(Command::new(by).args(arguments).arg(log).status().unwrap().success());
}

fn is_failed_flush(error: &sqlx::Error) -> bool {
    // SQLite: SQLITE_IOERR_FSYNC.
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("1034"))
}

#[tokio::test]
async fn after_a_flush_has_failed_nothing_is_written_until_the_file_is_opened_again() {
    let (folder, one, other) = pools().await;
    other.close().await;
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut tx, 1).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut tx, 2).await.unwrap();
    // A device that cannot be flushed, as a disk that has failed.
    replace(&folder.path().join("test.db-wal"), "ln", &["-s", "/dev/null"]);
    let failed = tx.commit().await.unwrap_err();
    assert!(is_failed_flush(&failed), "{failed}");
    for _ in 0..2 {
        // The next flush might be told that all is well.
        let refused = one.begin(Begin::ToWrite, PATIENCE).await.unwrap_err();
        assert!(is_failed_flush(&refused), "{refused}");
    }
    assert!(count(&one).await >= 1, "what is there can be read");
    one.close().await;

    let again = Pool::connect(Options::new(folder.path().join("test.db")), 1).await.unwrap();
    let before = count(&again).await;
    let mut tx = again.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut tx, 3).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&again).await, before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_writes_and_has_seen_what_is_not_flushed_yet_waits_for_it() {
    let (folder, one, other) = pools().await;
    assert_eq!(count(&other).await, 0);
    let mut tx = one.begin(Begin::ToWrite, PATIENCE).await.unwrap();
    write(&mut tx, 1).await.unwrap();
    // A pipe: whoever opens it waits until somebody else does.
    let log = folder.path().join("test.db-wal");
    replace(&log, "mkfifo", &[]);
    let first = tokio::spawn(tx.commit());
    // Who only reads does not wait.
    while count(&other).await == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // On a task of its own: should this one be at the pipe first, it stands still there.
    let second = tokio::spawn(async move {
        let mut tx = one.begin(Begin::ToWrite, PATIENCE).await?;
        let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(&mut *tx).await?;
        assert_eq!(seen, 1);
        tx.commit().await
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let told = [first.is_finished(), second.is_finished()];
    let pipe = tokio::task::spawn_blocking(move || std::fs::OpenOptions::new().write(true).open(log));
    pipe.await.unwrap().unwrap();
    assert_eq!(told, [false, false], "neither is told before the disk has it");
    // A pipe cannot be flushed: both are told so, the second of what it has not written itself.
    for told in [first.await.unwrap(), second.await.unwrap()] {
        assert!(is_failed_flush(&told.unwrap_err()));
    }
}

#[tokio::test]
async fn nobody_begins_after_the_pool_was_closed() {
    let (folder, one, other) = pools().await;
    one.close().await;
    assert!(matches!(one.begin(Begin::ToRead, PATIENCE).await, Err(sqlx::Error::PoolClosed)));
    other.close().await;
    // The last one to leave brought home what was in the log.
    assert!(!folder.path().join("test.db-wal").exists());
}
