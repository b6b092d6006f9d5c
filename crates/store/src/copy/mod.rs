//! Everything that one database holds, brought into another: a move between SQLite and PostgreSQL, a backup of
//! PostgreSQL in a SQLite file, and that file brought back.
//!
//! Invariants:
//! - What is copied is derived from the two schemas, never listed: a table or column that only one of them has, and that
//!   is not known to be made anew, is refused before anything is written.
//! - The source is read from one snapshot. The target is written in one transaction, which commits only after the rows
//!   and digests of every table, read back from it, agree: it holds everything or nothing.

mod rows;
mod schema;
mod snapshot;

use futures::TryStreamExt as _;
use rules::message::MessageState;
use rules::time::Timestamp;

use crate::error::{Result, StoreError};
use crate::ingest::NewBody;
use crate::seam::{Conn, Store, Tx};
use rows::{Digest, Value};
use schema::{Table, plan, references, tables};
pub use snapshot::{Schema, SqliteFile, file_of, files_of, snapshot};

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// The digest of its rows in whatever order, the same on both databases, in hexadecimal digits.
    pub digest: String,
    /// How many texts held a NUL, which PostgreSQL cannot hold; a replacement character stands in its place.
    pub mended: u64,
}

/// Rows and bytes that one statement writes at most.
const ROWS: usize = 1_000;
const BYTES: usize = 4 << 20;

/// Copies everything into a database that has the same schema and holds nothing yet, and compares what arrived. `told` is
/// called for each table that has been written.
pub async fn copy_all(source: &Store, target: &Store, told: impl Fn(&Copied)) -> Result<Vec<Copied>> {
    let mut from = source.begin_copying().await?;
    let mut to = target.begin().await?;
    to.take_time().await?;
    let (ours, theirs) = (tables(&mut from).await?, tables(&mut to).await?);
    let plan = plan(&ours, &theirs, &references(&mut from).await?)?;
    for (_, table) in &plan {
        if to.holds_rows(table).await? {
            return Err(StoreError::NotCopied(format!(
                "the database to copy into is not empty: there are rows in {}. Name an empty one",
                table.name
            )));
        }
    }
    let mut all = Vec::new();
    for (ours, theirs) in &plan {
        let copied = copy_table(&mut from, ours, &mut to, theirs).await?;
        told(&copied);
        all.push(copied);
    }
    for (table, last) in from.last_numbers(&ours).await? {
        to.go_on_after(&theirs, &table, last).await?;
    }
    to.index_messages_again().await?;
    for ((_, table), copied) in plan.iter().zip(&all) {
        let arrived = digest(&mut to, table).await?;
        if arrived.to_string() != copied.digest || arrived.rows() != copied.rows {
            return Err(StoreError::NotCopied(format!(
                "what arrived in {} differs from what was read: {} rows instead of {}. Nothing was kept; try again",
                copied.table,
                arrived.rows(),
                copied.rows
            )));
        }
    }
    bring_along(&mut from, &mut to).await?;
    from.rollback().await?;
    to.commit().await?;
    Ok(all)
}

/// Webhooks that SQLite keeps beside the database and that were not looked at yet wait in the other's own.
async fn bring_along(from: &mut Tx, to: &mut Tx) -> Result<()> {
    let Some(spool) = from.spool.clone() else { return Ok(()) };
    let mut upto = from.spooled().await?.upto;
    loop {
        let bodies = spool.after(upto, ROWS as i64, BYTES as i64).await?;
        let Some(last) = bodies.last() else { return Ok(()) };
        upto = last.seq;
        let new: Vec<NewBody> = bodies.into_iter().map(NewBody::from).collect();
        to.append_bodies(&new.iter().collect::<Vec<_>>()).await?;
    }
}

/// Every table with its rows and digest, from one snapshot.
pub async fn digests(store: &Store) -> Result<Vec<Copied>> {
    let mut tx = store.begin_copying().await?;
    let mut all = Vec::new();
    for table in tables(&mut tx).await?.iter().filter(|table| !table.is_made_anew()) {
        let digest = digest(&mut tx, table).await?;
        let (rows, digest) = (digest.rows(), digest.to_string());
        all.push(Copied { table: table.name.clone(), rows, digest, mended: 0 });
    }
    tx.rollback().await?;
    all.sort_by(|a, b| a.table.cmp(&b.table));
    Ok(all)
}

async fn copy_table(from: &mut Tx, ours: &Table, to: &mut Tx, theirs: &Table) -> Result<Copied> {
    let for_postgres = to.is_postgres();
    let (mut digest, mut mended) = (Digest::default(), 0);
    let (mut waiting, mut bytes) = (Vec::new(), 0);
    let mut stream = from.rows_of(ours);
    while let Some(mut row) = stream.try_next().await? {
        if for_postgres {
            mended += row.iter_mut().map(Value::without_nul).sum::<u64>();
        }
        digest.add(&row);
        bytes += row.iter().map(Value::size).sum::<usize>();
        waiting.push(row);
        if waiting.len() == ROWS || bytes >= BYTES {
            to.write_rows(theirs, std::mem::take(&mut waiting)).await?;
            bytes = 0;
        }
    }
    drop(stream);
    to.write_rows(theirs, waiting).await?;
    Ok(Copied { table: ours.name.clone(), rows: digest.rows(), digest: digest.to_string(), mended })
}

async fn digest(tx: &mut Tx, table: &Table) -> Result<Digest> {
    let mut digest = Digest::default();
    let mut stream = tx.rows_of(table);
    while let Some(row) = stream.try_next().await? {
        digest.add(&row);
    }
    Ok(digest)
}

impl Tx {
    /// Lets this transaction take its time; and whoever may not see all rows is told so instead of seeing a part.
    /// Differs because SQLite has neither limits of time nor rows that are hidden.
    pub(crate) async fn take_time(&mut self) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(tx) => tx.take_time(true),
            Conn::Postgres(tx) => {
                for setting in
                    ["statement_timeout = 0", "idle_in_transaction_session_timeout = 0", "row_security = off"]
                {
                    sqlx::query(sqlx::AssertSqlSafe(format!("SET LOCAL {setting}")))
                        .execute(&mut **tx)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Holds back what waits to reach customers in these queues, in a database that stands at an earlier moment than the
    /// world: what was done since is not known to it. A message that waits becomes unknown, and so a person's to decide.
    /// Returns how many messages. Of no organisation because a restored database is one whole.
    pub async fn hold_back(&mut self, queues: &[&str], now: Timestamp) -> Result<u64> {
        let held = on!(self, c => sqlx::query(
            "UPDATE messages SET state = $1, rank = $2, changed_at = $3 WHERE direction = 'outbound' AND state = $4",
        )
        .bind(MessageState::Unknown)
        .bind(i64::from(MessageState::Unknown.rank()))
        .bind(now)
        .bind(MessageState::Queued)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        for queue in queues {
            on!(self, c => sqlx::query("DELETE FROM jobs WHERE queue = $1").bind(*queue).execute(c).await.map(|_| ()))?;
        }
        Ok(held)
    }
}
