//! A SQLite database as one whole file: copied while others write, and looked at.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use sqlx::migrate::Migration;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::error::{Result, StoreError};
use crate::schema::Migrations;
use crate::seam::{WEBHOOKS, beside, sqlite_file};

/// Copies a SQLite database that may be in use into a new file, as it stands at one moment. Nobody waits: whoever writes
/// goes on beside it, and only the log of what was written keeps growing until the copy is done. The caller flushes the
/// file to the disk.
///
/// `VACUUM INTO` rather than SQLite's backup interface, which begins anew whenever somebody writes, so that a busy server
/// would never let it end; and rather than copying the file, whose newest pages are still in the log.
pub async fn snapshot(url: &str, file: &Path) -> Result<()> {
    let source = sqlite_file(url);
    if !source.exists() {
        return Err(StoreError::Missing(source.display().to_string()));
    }
    let mut connection = SqliteConnectOptions::new()
        .filename(source)
        .busy_timeout(Duration::from_secs(10))
        .pragma("temp_store", "memory")
        .connect()
        .await?;
    let name = file.to_str().ok_or_else(|| {
        StoreError::NotCopied(format!("{} is no name that SQLite can take", file.display()))
    })?;
    sqlx::query("VACUUM INTO $1").bind(name).execute(&mut connection).await?;
    connection.close().await?;
    let spool = beside(&sqlite_file(url), WEBHOOKS);
    if spool.exists() { bring_along(&spool, file).await } else { Ok(()) }
}

/// Adds the webhooks that were not looked at yet. They were all taken by now, so none that the copy knows of is missing.
async fn bring_along(spool: &Path, copy: &Path) -> Result<()> {
    let mut connection = SqliteConnectOptions::new().filename(copy).connect().await?;
    sqlx::query("ATTACH $1 AS spool").bind(spool.to_str()).execute(&mut connection).await?;
    // A process that was ended as it made the file has put nothing into it.
    let there = "SELECT EXISTS (SELECT 1 FROM spool.sqlite_master WHERE name = 'webhook_bodies')";
    if !sqlx::query_scalar::<_, bool>(there).fetch_one(&mut connection).await? {
        return Ok(connection.close().await?);
    }
    let columns = "seq, app_id, received_at, body";
    sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO webhook_bodies ({columns}) SELECT {columns} FROM spool.webhook_bodies \
         WHERE seq > (SELECT max(upto, COALESCE((SELECT max(seq) FROM main.webhook_bodies), 0)) FROM spooled) ORDER BY seq"
    )))
    .execute(&mut connection)
    .await?;
    Ok(connection.close().await?)
}

/// The file of a SQLite address.
pub fn file_of(url: &str) -> PathBuf {
    sqlite_file(url)
}

/// What a database in this file would take for its own: the file, the one of its webhooks, and the log of either.
pub fn files_of(file: &Path) -> [PathBuf; 4] {
    let webhooks = beside(file, WEBHOOKS);
    [file.to_owned(), beside(file, "-wal"), beside(&webhooks, "-wal"), webhooks]
}

/// Which schema a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The number of its newest migration.
    pub version: i64,
    /// The checksums of its migrations, as one, in hexadecimal digits. The same number with other digits is another schema.
    pub fingerprint: String,
}

impl Schema {
    /// The schema that this build makes on SQLite.
    pub fn of_this_build() -> Self {
        Self::of(Migrations::ours().sqlite().iter().map(|step| (step.version, step.checksum.as_ref())))
    }

    /// Whether this build made the schema, or brings it up to date.
    pub fn is_known(&self) -> bool {
        let until = |step: &&Migration| step.version <= self.version;
        *self
            == Self::of(
                Migrations::ours()
                    .sqlite()
                    .iter()
                    .filter(until)
                    .map(|step| (step.version, step.checksum.as_ref())),
            )
    }

    fn of<'a>(steps: impl Iterator<Item = (i64, &'a [u8])>) -> Self {
        let (mut newest, mut context) = (0, Context::new(&SHA256));
        for (version, checksum) in steps {
            newest = version.max(newest);
            context.update(checksum);
        }
        Self { version: newest, fingerprint: hex::encode(&context.finish().as_ref()[..16]) }
    }
}

/// A SQLite file that nobody else has open, for a look. Nothing about it is changed.
#[derive(Debug)]
pub struct SqliteFile {
    connection: SqliteConnection,
}

impl SqliteFile {
    /// Opens a file.
    pub async fn open(file: &Path) -> Result<Self> {
        if !file.exists() {
            return Err(StoreError::Missing(file.display().to_string()));
        }
        let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
        Ok(Self { connection: options.connect().await? })
    }

    /// Its schema.
    pub async fn schema(&mut self) -> Result<Schema> {
        let steps: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version")
                .fetch_all(&mut self.connection)
                .await?;
        Ok(Schema::of(steps.iter().map(|(version, checksum)| (*version, checksum.as_slice()))))
    }

    /// How many rows each of its tables has, by name.
    pub async fn counts(&mut self) -> Result<Vec<(String, i64)>> {
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        )
        .fetch_all(&mut self.connection)
        .await?;
        let mut counts = Vec::new();
        for name in names {
            let sql = format!("SELECT count(*) FROM \"{name}\"");
            let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.connection).await?;
            counts.push((name, rows));
        }
        Ok(counts)
    }

    /// The hashes of all files that rows name: every column called `sha256` or `thumbnail_sha256` names one.
    pub async fn files(&mut self) -> Result<Vec<[u8; 32]>> {
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT t.name, c.name FROM pragma_table_list t, pragma_table_xinfo(t.name) c \
             WHERE t.schema = 'main' AND t.type = 'table' AND c.name IN ('sha256', 'thumbnail_sha256')",
        )
        .fetch_all(&mut self.connection)
        .await?;
        let mut files = Vec::new();
        for (table, column) in columns {
            let sql = format!("SELECT DISTINCT {column} FROM \"{table}\" WHERE {column} IS NOT NULL");
            let hashes: Vec<Vec<u8>> =
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut self.connection).await?;
            files.extend(hashes.iter().filter_map(|hash| <[u8; 32]>::try_from(hash.as_slice()).ok()));
        }
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }

    /// Fails where pages, rows and indexes do not fit each other, with the first thing that was found.
    pub async fn check(&mut self) -> Result<()> {
        let found: String =
            sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut self.connection).await?;
        if found == "ok" { Ok(()) } else { Err(StoreError::Damaged(found)) }
    }

    /// Closes it.
    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}
