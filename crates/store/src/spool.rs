//! Webhook bodies on SQLite: in a file of their own beside the database, so that Meta waits for nobody who writes there.
//!
//! Invariants:
//! - A number is never given again, whatever became of the file: the database knows up to which bodies are split (`spooled`),
//!   and what comes in goes on after that.
//! - What leaves for another database (a backup, a move) takes along what is not split yet. It waits there in
//!   `webhook_bodies`, before everything that came in since.

use std::path::Path;

use rules::time::Timestamp;
use sqlite::Begin;
use sqlx::{AssertSqlSafe, FromRow, query, query_as, query_scalar};
use tokio::sync::OnceCell;

use crate::error::{Result, StoreError};
use crate::forget::Naming;
use crate::ingest::{Body, oldest_bodies};
use crate::servers::PATIENCE;

/// How many bodies are forgotten at once: whoever stores one waits for them.
const TOGETHER: i64 = 64;
/// Finds a value in a body.
const HOLDS: &str = "instr(body, $n) > 0";

/// The file, which is made for the first body.
#[derive(Debug)]
pub(crate) struct Spool {
    write: sqlite::Pool,
    read: sqlite::Pool,
    ready: OnceCell<()>,
}

/// What waits in it.
#[derive(Debug, FromRow)]
pub(crate) struct Unsplit {
    pub bodies: i64,
    pub oldest: Option<Timestamp>,
}

impl Spool {
    /// The file opened with these options. Nothing is made or opened yet.
    pub(crate) fn new(options: sqlite::Options) -> Self {
        let read = options.clone().create(false).read_only(true).patience(PATIENCE);
        Self {
            write: sqlite::Pool::new(options.create(true), 1),
            read: sqlite::Pool::new(read, 2),
            ready: OnceCell::new(),
        }
    }

    /// Whether the file was made, and its numbers go on.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.initialized()
    }

    /// Makes the file where there is none. The next body comes after this number.
    pub(crate) async fn make_ready(&self, last: i64) -> Result<()> {
        let made = async {
            let mut tx = self.write.begin(Begin::ToWrite, PATIENCE).await?;
            query(
                "CREATE TABLE IF NOT EXISTS webhook_bodies (seq INTEGER PRIMARY KEY AUTOINCREMENT, app_id BLOB NOT NULL, \
                 received_at INTEGER NOT NULL, body BLOB NOT NULL) STRICT",
            )
            .execute(&mut *tx)
            .await?;
            let known: Option<i64> =
                query_scalar("SELECT seq FROM sqlite_sequence").fetch_optional(&mut *tx).await?;
            let sql = match known {
                None => "INSERT INTO sqlite_sequence (name, seq) VALUES ('webhook_bodies', $1)",
                Some(_) => "UPDATE sqlite_sequence SET seq = max(seq, $1)",
            };
            query(sql).bind(last).execute(&mut *tx).await?;
            Ok(tx.commit().await?)
        };
        self.ready.get_or_try_init(|| made).await.map(|_| ()).map_err(|error| self.named(error))
    }

    /// Leave to write to it.
    pub(crate) async fn begin(&self) -> Result<sqlite::Transaction> {
        Ok(self.write.begin(Begin::ToWrite, PATIENCE).await?)
    }

    /// The oldest bodies after this number.
    pub(crate) async fn after(&self, upto: i64, limit: i64, bytes: i64) -> Result<Vec<Body>> {
        let Some(mut tx) = self.look().await? else { return Ok(Vec::new()) };
        Ok(query_as(oldest_bodies!("seq > $3"))
            .bind(limit)
            .bind(bytes)
            .bind(upto)
            .fetch_all(&mut *tx)
            .await?)
    }

    /// What waits after this number.
    pub(crate) async fn unsplit(&self, upto: i64) -> Result<Unsplit> {
        let Some(mut tx) = self.look().await? else { return Ok(Unsplit { bodies: 0, oldest: None }) };
        // There is none missing between the first and the last, so they need not be counted.
        let sql = "SELECT COALESCE((SELECT max(seq) FROM webhook_bodies) + 1 - \
                   (SELECT seq FROM webhook_bodies WHERE seq > $1 ORDER BY seq LIMIT 1), 0) AS bodies, \
                   (SELECT received_at FROM webhook_bodies WHERE seq > $1 ORDER BY seq LIMIT 1) AS oldest";
        Ok(query_as(sql).bind(upto).fetch_one(&mut *tx).await?)
    }

    /// How many bodies it holds, split or not.
    pub(crate) async fn count(&self) -> Result<i64> {
        let Some(mut tx) = self.look().await? else { return Ok(0) };
        Ok(query_scalar("SELECT count(*) FROM webhook_bodies").fetch_one(&mut *tx).await?)
    }

    /// When the newest body came.
    pub(crate) async fn latest(&self) -> Result<Option<Timestamp>> {
        let Some(mut tx) = self.look().await? else { return Ok(None) };
        let sql = "SELECT received_at FROM webhook_bodies ORDER BY seq DESC LIMIT 1";
        Ok(query_scalar(sql).fetch_optional(&mut *tx).await?)
    }

    /// Deletes bodies up to this number that came before `before`, the oldest first and a few at a time.
    pub(crate) async fn drop_before(&self, upto: i64, before: Timestamp) -> Result<u64> {
        let mut all = 0;
        while self.write.options().file().exists() {
            let mut tx = self.begin().await?;
            tx.take_time(true);
            let dropped = query(
                "DELETE FROM webhook_bodies WHERE received_at < $2 AND seq IN \
                 (SELECT seq FROM webhook_bodies WHERE seq <= $1 ORDER BY seq LIMIT $3)",
            )
            .bind(upto)
            .bind(before)
            .bind(TOGETHER)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            tx.commit().await?;
            if dropped == 0 {
                break;
            }
            all += dropped;
        }
        Ok(all)
    }

    /// How many bodies up to this number name somebody.
    pub(crate) async fn count_naming(&self, upto: i64, naming: Naming<'_>) -> Result<u64> {
        if naming.is_nothing() {
            return Ok(0);
        }
        let Some(mut tx) = self.look().await? else { return Ok(0) };
        tx.take_time(true);
        let condition = naming.condition(HOLDS, 2);
        let sql = format!("SELECT count(*) FROM webhook_bodies WHERE seq <= $1 AND {condition}");
        let mut count = query_scalar(AssertSqlSafe(sql)).bind(upto);
        for value in naming.values() {
            count = count.bind(value);
        }
        let count: i64 = count.fetch_one(&mut *tx).await?;
        Ok(count.unsigned_abs())
    }

    /// Deletes bodies up to this number that name somebody, after `after` and some at a time. Returns how many, and where to
    /// go on; `None`: all were looked at.
    pub(crate) async fn drop_naming(
        &self,
        upto: i64,
        naming: Naming<'_>,
        after: i64,
    ) -> Result<(u64, Option<i64>)> {
        if naming.is_nothing() || !self.write.options().file().exists() {
            return Ok((0, None));
        }
        let mut tx = self.begin().await?;
        tx.take_time(true);
        let last: Option<i64> = query_scalar(
            "SELECT max(seq) FROM (SELECT seq FROM webhook_bodies WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3)",
        )
        .bind(after)
        .bind(upto)
        .bind(TOGETHER)
        .fetch_one(&mut *tx)
        .await?;
        let Some(last) = last else { return Ok((0, None)) };
        let condition = naming.condition(HOLDS, 3);
        let sql = format!("DELETE FROM webhook_bodies WHERE seq > $1 AND seq <= $2 AND {condition}");
        let mut gone = query(AssertSqlSafe(sql)).bind(after).bind(last);
        for value in naming.values() {
            gone = gone.bind(value);
        }
        let gone = gone.execute(&mut *tx).await?.rows_affected();
        tx.commit().await?;
        Ok((gone, Some(last)))
    }

    /// Looks through the file for pages that are damaged.
    pub(crate) async fn check(&self) -> Result<()> {
        let found = async {
            let Some(mut tx) = self.look().await? else { return Ok("ok".to_owned()) };
            tx.take_time(true);
            Ok(query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *tx).await?)
        };
        let found: String = found.await.map_err(|error| self.named(error))?;
        if found == "ok" { Ok(()) } else { Err(self.damaged(found)) }
    }

    /// The same error; where the file is damaged, it says which.
    fn named(&self, error: StoreError) -> StoreError {
        error.damage().map_or(error, |found| self.damaged(found))
    }

    fn damaged(&self, found: String) -> StoreError {
        StoreError::SpoolDamaged { file: self.file().display().to_string(), found }
    }

    /// Where it is.
    pub(crate) fn file(&self) -> &Path {
        self.write.options().file()
    }

    /// Closes every connection after the transactions under way have ended.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// A look at it as it is now. `None`: there is no such file yet.
    async fn look(&self) -> Result<Option<sqlite::Transaction>> {
        let is_ready = self.is_ready();
        if !is_ready && !self.file().exists() {
            return Ok(None);
        }
        let looked = async {
            let mut tx = self.read.begin(Begin::ToRead, PATIENCE).await?;
            let there = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'webhook_bodies')";
            let is_there = is_ready || query_scalar(there).fetch_one(&mut *tx).await?;
            Ok(is_there.then_some(tx))
        };
        looked.await.map_err(|error| self.named(error))
    }
}
