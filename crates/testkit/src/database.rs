//! A fresh database of each kind for every test.
//!
//! PostgreSQL is found through `SAPA_TEST_DATABASE_URL`; `cargo xtask test` starts one and sets it, and
//! `cargo xtask postgres` starts one for working at a single test. A test never skips PostgreSQL silently.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use store::{Store, StoreOptions};
use tempfile::TempDir;
use uuid::Uuid;

/// A database that lasts as long as this value.
#[derive(Debug)]
pub struct Database {
    /// The open store.
    pub store: Store,
    /// What opens it again.
    pub options: StoreOptions,
    folder: Option<Arc<TempDir>>,
    /// PostgreSQL: the server, and the database to drop on it.
    copy: Option<Arc<Copied>>,
}

impl Database {
    /// A fresh SQLite file.
    pub async fn sqlite() -> Result<Self> {
        let folder = TempDir::new()?;
        let url = format!("sqlite://{}", folder.path().join("sapa.db").display());
        let options = StoreOptions { url, connections: 4 };
        Ok(Self { store: Store::open(&options).await?, options, folder: Some(Arc::new(folder)), copy: None })
    }

    /// A fresh database on the PostgreSQL server that the tests were given.
    pub async fn postgres() -> Result<Self> {
        let server = std::env::var("SAPA_TEST_DATABASE_URL").context(
            "SAPA_TEST_DATABASE_URL is not set: run `cargo xtask test`, or start a server with `cargo xtask postgres`",
        )?;
        let (base, _) =
            server.rsplit_once('/').context("SAPA_TEST_DATABASE_URL must end in a database name")?;
        let template = migrated_template(&server, base).await?;
        let name = format!("sapa_test_{}", Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&server).await?;
        create_from(&mut connection, &name, &template).await?;
        let options = StoreOptions { url: format!("{base}/{name}"), connections: 8 };
        Ok(Self {
            store: Store::open(&options).await?,
            options,
            folder: None,
            copy: Some(Arc::new(Copied { server, name })),
        })
    }
}

/// Holds what a database needs for taking webhooks, until it is dropped.
#[derive(Debug)]
pub struct Held {
    _turn: Option<store::ingest::IntakeTurn>,
    _connection: Option<PgConnection>,
}

impl Database {
    /// Lets the database stand still for everybody who would store a webhook: SQLite has one writer of them, which this
    /// becomes; on PostgreSQL it is the table.
    pub async fn hold(&self) -> Result<Held> {
        if self.copy.is_none() {
            return Ok(Held { _turn: Some(self.store.intake_turn().await?), _connection: None });
        }
        let mut connection = PgConnection::connect(&self.options.url).await?;
        connection.execute("BEGIN; LOCK TABLE webhook_bodies IN ACCESS EXCLUSIVE MODE").await?;
        Ok(Held { _turn: None, _connection: Some(connection) })
    }

    /// Lets transactions that add to a table fail at their commit, as on a disk that is full just then.
    pub async fn fail_commits(&self, table: &str) -> Result<()> {
        if self.copy.is_some() {
            return self
                .change(&[
                    "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
                     $$ BEGIN RAISE EXCEPTION 'the test wants it to fail'; END $$",
                    &format!(
                        "CREATE CONSTRAINT TRIGGER fail_{table} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED \
                         FOR EACH ROW EXECUTE FUNCTION fail()"
                    ),
                ])
                .await;
        }
        self.change(&[
            "CREATE TABLE nowhere (n INTEGER PRIMARY KEY)",
            "CREATE TABLE wrong (n INTEGER REFERENCES nowhere (n) DEFERRABLE INITIALLY DEFERRED)",
            &format!(
                "CREATE TRIGGER fail_{table} AFTER INSERT ON {table} BEGIN INSERT INTO wrong VALUES (1); END"
            ),
        ])
        .await
    }

    /// Lets them be committed again.
    pub async fn mend_commits(&self, table: &str) -> Result<()> {
        if self.copy.is_some() {
            let trigger = format!("DROP TRIGGER fail_{table} ON {table}");
            return self.change(&[&trigger, "DROP FUNCTION fail()"]).await;
        }
        let trigger = format!("DROP TRIGGER fail_{table}");
        self.change(&[&trigger, "DROP TABLE wrong", "DROP TABLE nowhere"]).await
    }

    /// Every table that holds a text anywhere: in any column, as text or as bytes, in the pages of an index too; and where
    /// webhooks come in.
    pub async fn tables_holding(&self, text: &str) -> Result<Vec<String>> {
        if self.copy.is_some() {
            let mut holding = Vec::new();
            let mut connection = PgConnection::connect(&self.options.url).await?;
            let tables: Vec<String> = sqlx::query_scalar(
                "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
            )
            .fetch_all(&mut connection)
            .await?;
            for table in tables {
                // A row as text shows bytes as hexadecimal digits.
                let sql = format!(
                    "SELECT EXISTS (SELECT 1 FROM {table} t WHERE t::text LIKE $1 OR t::text LIKE $2)"
                );
                let found: bool = sqlx::query_scalar(AssertSqlSafe(sql))
                    .bind(format!("%{text}%"))
                    .bind(format!("%{}%", hex::encode(text)))
                    .fetch_one(&mut connection)
                    .await?;
                holding.extend(found.then_some(table));
            }
            return Ok(holding);
        }
        self.tables_holding_bytes(text.as_bytes()).await
    }

    /// SQLite: every table and column that holds these bytes.
    pub(crate) async fn tables_holding_bytes(&self, bytes: &[u8]) -> Result<Vec<String>> {
        let mut holding = Vec::new();
        let file = self.file();
        let webhooks = format!("{file}-webhooks");
        let files = [Some(file.to_owned()), std::path::Path::new(&webhooks).exists().then_some(webhooks)];
        for file in files.into_iter().flatten() {
            let pool = sqlite::Pool::connect(sqlite::Options::new(file), 1).await?;
            let mut tx = pool.begin(sqlite::Begin::ToRead, Duration::from_secs(5)).await?;
            let tables: Vec<String> =
                sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
                    .fetch_all(&mut *tx)
                    .await?;
            for table in tables {
                let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
                    .bind(&table)
                    .fetch_all(&mut *tx)
                    .await?;
                for column in columns {
                    let sql = format!(
                        "SELECT EXISTS (SELECT 1 FROM \"{table}\" WHERE instr(CAST(\"{column}\" AS BLOB), $1) > 0)"
                    );
                    let found: bool =
                        sqlx::query_scalar(AssertSqlSafe(sql)).bind(bytes).fetch_one(&mut *tx).await?;
                    holding.extend(found.then(|| format!("{table}.{column}")));
                }
            }
        }
        Ok(holding)
    }

    /// PostgreSQL: lets transactions that add to a table take a while for their commit.
    pub async fn slow_commits(&self, table: &str) -> Result<()> {
        if self.copy.is_none() {
            return Ok(());
        }
        let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                    $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$";
        let trigger = format!(
            "CREATE CONSTRAINT TRIGGER slow_{table} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION slow()"
        );
        self.change(&[slow, &trigger]).await
    }

    /// Takes something from older programs, as a newer version does that does not see them.
    pub async fn contract(&self) -> Result<()> {
        self.change(&[
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                       VALUES (9002, 'contract messages', true, '', 0)",
        ])
        .await
    }

    /// PostgreSQL: ends every session of the store, as a server that begins anew does. Returns how many.
    pub async fn end_sessions(&self) -> Result<usize> {
        if self.copy.is_none() {
            return Ok(0);
        }
        let mut connection = PgConnection::connect(&self.options.url).await?;
        let others =
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let others: Vec<i32> = sqlx::query_scalar(others).fetch_all(&mut connection).await?;
        let ended = sqlx::query("SELECT pg_terminate_backend(pid) FROM UNNEST($1) pid");
        ended.bind(&others).execute(&mut connection).await?;
        let left = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1)";
        while sqlx::query_scalar::<_, i64>(left).bind(&others).fetch_one(&mut connection).await? > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(others.len())
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.copy.is_some()
    }

    /// SQLite: its file.
    pub(crate) fn file(&self) -> &str {
        self.options.url.trim_start_matches("sqlite://")
    }

    /// Changes the schema or rows, beside the store.
    pub(crate) async fn change(&self, statements: &[&str]) -> Result<()> {
        if self.copy.is_some() {
            let mut connection = PgConnection::connect(&self.options.url).await?;
            for statement in statements {
                connection.execute(AssertSqlSafe(statement.to_string())).await?;
            }
            return Ok(());
        }
        let file = self.options.url.trim_start_matches("sqlite://");
        let pool = sqlite::Pool::connect(sqlite::Options::new(file), 1).await?;
        let mut tx = pool.begin(sqlite::Begin::ToWrite, Duration::from_secs(5)).await?;
        for statement in statements {
            sqlx::query(AssertSqlSafe(statement.to_string())).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Lets the database learn what it holds, as it does by itself after a while: for one that was filled a moment ago.
    pub async fn learn(&self) -> Result<()> {
        if self.copy.is_some() {
            PgConnection::connect(&self.options.url).await?.execute("VACUUM ANALYZE").await?;
        }
        Ok(())
    }

    /// PostgreSQL: the first process of the server, whose children the others are.
    pub async fn server_process(&self) -> Result<Option<i32>> {
        if self.copy.is_none() {
            return Ok(None);
        }
        let mut connection = PgConnection::connect(&self.options.url).await?;
        let first = "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int";
        Ok(Some(sqlx::query_scalar(first).fetch_one(&mut connection).await?))
    }
}

/// Runs a test once on each kind of database.
pub async fn both<F, Fut>(test: F)
where
    F: Fn(Database) -> Fut,
    Fut: Future<Output = ()>,
{
    for database in [Database::sqlite().await, Database::postgres().await] {
        let database = database.expect("a database");
        // A test that moves only the store out must not delete the database under it.
        let kept = (database.folder.clone(), database.copy.clone());
        test(database).await;
        drop(kept);
    }
}

/// One migrated database per schema, from which the tests' own are copied in a moment.
async fn migrated_template(server: &str, base: &str) -> Result<String> {
    let template = format!("sapa_template_{:016x}", store::schema_fingerprint());
    let mut connection = PgConnection::connect(server).await?;
    // One test builds it, the others wait.
    connection.execute("SELECT pg_advisory_lock(7261)").await?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
        .bind(&template)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        let building = format!("{template}_building");
        connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {building}"))).await?;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {building}"))).await?;
        let store = Store::open(&StoreOptions { url: format!("{base}/{building}"), connections: 2 }).await?;
        store.close().await;
        connection.execute(AssertSqlSafe(format!("ALTER DATABASE {building} RENAME TO {template}"))).await?;
    }
    connection.execute("SELECT pg_advisory_unlock(7261)").await?;
    Ok(template)
}

/// Copies the template. PostgreSQL copies one at a time, so tests that start together take turns.
async fn create_from(connection: &mut PgConnection, name: &str, template: &str) -> Result<()> {
    connection.execute("SELECT pg_advisory_lock(7262)").await?;
    let created =
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"))).await;
    connection.execute("SELECT pg_advisory_unlock(7262)").await?;
    created?;
    Ok(())
}

/// A database on a server, dropped with this value.
#[derive(Debug)]
struct Copied {
    server: String,
    name: String,
}

impl Drop for Copied {
    /// From a thread of its own, because destructors cannot wait. A database that stays behind costs disk and no test.
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&server).await?;
                connection
                    .execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")))
                    .await?;
                anyhow::Ok(())
            })
        });
        let _ = dropping.join();
    }
}
