//! The schema: which migrations there are, and which versions of the program work with what they made.
//!
//! Rule: while nodes are upgraded one by one, older programs meet a schema that newer ones made. A migration leaves them
//! working; one that does not has a name that begins with `contract`. The database keeps the names, so an older program
//! knows what it may do with migrations that it has never heard of; and a newer one does not contract what nodes that are
//! still running need.

use std::borrow::Cow;
use std::sync::LazyLock;

use sqlite::Begin;
use sqlx::migrate::{Migrate as _, Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqlSafeStr as _};

use crate::error::{Result, StoreError};
use crate::nodes::GONE;
use crate::seam::{Pools, Store};
use crate::servers::PATIENCE;

static OURS: LazyLock<Migrations> = LazyLock::new(|| Migrations {
    sqlite: willing(sqlx::migrate!("migrations/sqlite").migrations.into_owned()),
    postgres: willing(sqlx::migrate!("migrations/postgres").migrations.into_owned()),
});

/// How the name of a migration begins that older programs cannot work with.
const CONTRACT: &str = "contract";

/// A number that changes whenever the schema does.
pub fn schema_fingerprint() -> u64 {
    OURS.postgres
        .iter()
        .flat_map(|step| step.checksum.iter())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The migrations that a version of the program knows.
#[derive(Debug)]
pub struct Migrations {
    sqlite: Migrator,
    postgres: Migrator,
}

/// Migrations that are not ours are no reason to stop: what they are is looked at by [`Schema`].
fn willing(steps: Vec<Migration>) -> Migrator {
    let mut migrator = Migrator::with_migrations(steps);
    migrator.set_ignore_missing(true);
    migrator
}

impl Migrations {
    /// Those of this program.
    pub fn ours() -> &'static Self {
        &OURS
    }

    /// Those of a later version, which knows one more: for trying out what that will do to this one.
    pub fn and(&self, name: &str, sql: &str) -> Self {
        let more = |migrator: &Migrator| {
            let mut steps = migrator.migrations.to_vec();
            let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
            let (version, name) = (self.newest() + 1, Cow::Owned(name.to_owned()));
            steps.push(Migration::new(version, name, MigrationType::Simple, sql, false));
            willing(steps)
        };
        Self { sqlite: more(&self.sqlite), postgres: more(&self.postgres) }
    }

    /// The number of the newest; the same on both databases.
    pub fn newest(&self) -> i64 {
        self.postgres.iter().map(|step| step.version).max().unwrap_or(0)
    }

    /// Those of SQLite.
    pub(crate) fn sqlite(&self) -> &Migrator {
        &self.sqlite
    }

    fn of(&self, store: &Store) -> &Migrator {
        match store.pools {
            Pools::Sqlite { .. } => &self.sqlite,
            Pools::Postgres { .. } => &self.postgres,
        }
    }
}

/// How a database's schema stands to what a program knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// The one that the program makes.
    Current,
    /// Migrations of the program are still to be made; those without which older programs cannot go on are named.
    Older(Vec<String>),
    /// A newer version has made it, and this one works with it.
    Newer,
    /// A newer version has made it, and this one does not work with it any more.
    TooNew {
        /// The number of the migration in the way.
        version: i64,
        /// Its name.
        name: String,
    },
}

impl Schema {
    /// Whether the program can work with it as it is.
    pub fn serves(&self) -> bool {
        matches!(self, Self::Current | Self::Newer)
    }

    fn of(applied: &[(i64, String)], known: &Migrator) -> Self {
        let unheard = || applied.iter().filter(|(version, _)| !known.version_exists(*version));
        if let Some((version, name)) = unheard().find(|(_, name)| name.starts_with(CONTRACT)) {
            return Self::TooNew { version: *version, name: name.clone() };
        }
        let mut missing =
            known.iter().filter(|step| !applied.iter().any(|(version, _)| *version == step.version));
        match missing.next() {
            Some(first) => {
                let all = std::iter::once(first).chain(missing).map(|step| step.description.to_string());
                Self::Older(all.filter(|name| name.starts_with(CONTRACT)).collect())
            }
            None if unheard().next().is_some() => Self::Newer,
            None => Self::Current,
        }
    }
}

impl Store {
    /// How the schema stands to what this program knows.
    pub async fn schema(&self) -> Result<Schema> {
        Ok(Schema::of(&self.applied().await?, Migrations::ours().of(self)))
    }

    /// Brings the schema up to date. Safe to call from several nodes at once: one migrates, the others wait for it. What
    /// nodes that still run need is not taken from them.
    pub async fn migrate(&self, migrations: &Migrations) -> Result<()> {
        let known = migrations.of(self);
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                self.may_migrate(migrations).await?;
                let options = SqliteConnectOptions::new().filename(write.options().file());
                let mut own = options.busy_timeout(PATIENCE).connect().await?;
                let run = known.run_direct(None, &mut own, false).await;
                let closed = own.close().await;
                run?;
                closed?;
            }
            Pools::Postgres { cluster, .. } => {
                // On a connection of its own: changing large tables, or waiting for another node that does, takes longer
                // than a statement may; and closing it gives the lock back, whatever happened.
                let mut own = cluster.own_connection().await?;
                sqlx::query("SET statement_timeout = 0").execute(&mut own).await?;
                // The lock under which everybody migrates, which is then taken once more: who starts meanwhile waits, and
                // whoever was there before is seen.
                let run = match own.lock().await {
                    Ok(()) => self.migrate_locked(migrations, &mut own).await,
                    Err(error) => Err(error.into()),
                };
                let closed = own.close().await;
                run?;
                closed?;
            }
        }
        // Somebody newer may have been at it at the same time.
        match Schema::of(&self.applied().await?, known) {
            Schema::TooNew { version, name } => Err(StoreError::TooNew { version, name }),
            _ => Ok(()),
        }
    }

    async fn migrate_locked(&self, migrations: &Migrations, own: &mut PgConnection) -> Result<()> {
        self.may_migrate(migrations).await?;
        Ok(migrations.postgres.run_direct(None, own, false).await?)
    }

    /// Refuses to work with what a newer version has taken something from, and to take from others what they need.
    async fn may_migrate(&self, migrations: &Migrations) -> Result<()> {
        let applied = self.applied().await?;
        match Schema::of(&applied, migrations.of(self)) {
            Schema::TooNew { version, name } => Err(StoreError::TooNew { version, name }),
            Schema::Older(contracts) if !contracts.is_empty() && !applied.is_empty() => {
                self.nobody_needs_it(migrations, &contracts).await
            }
            _ => Ok(()),
        }
    }

    /// Refuses to take from nodes of older versions what they need. Differs because SQLite has one node: this one.
    async fn nobody_needs_it(&self, migrations: &Migrations, contracts: &[String]) -> Result<()> {
        let Pools::Postgres { cluster, .. } = &self.pools else { return Ok(()) };
        // The database's own clock: there is no other yet.
        let older: Vec<String> = sqlx::query_scalar(
            "SELECT name || ' (' || version || ')' FROM nodes WHERE schema < $1 \
             AND seen_at > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - $2 ORDER BY name",
        )
        .bind(migrations.newest())
        .bind(i64::try_from(GONE.as_micros()).unwrap_or(i64::MAX))
        .fetch_all(&cluster.primary().pool)
        .await?;
        if older.is_empty() {
            return Ok(());
        }
        Err(StoreError::StillNeeded { migrations: contracts.join(", "), nodes: older.join(", ") })
    }

    /// The migrations that the database has seen, by number, with their names.
    async fn applied(&self) -> Result<Vec<(i64, String)>> {
        const APPLIED: &str =
            "SELECT version, description FROM _sqlx_migrations WHERE success ORDER BY version";
        match &self.pools {
            Pools::Sqlite { read, .. } => {
                let mut tx = read.begin(Begin::ToRead, PATIENCE).await?;
                let there = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')";
                if !sqlx::query_scalar::<_, bool>(there).fetch_one(&mut *tx).await? {
                    return Ok(Vec::new());
                }
                Ok(sqlx::query_as(APPLIED).fetch_all(&mut *tx).await?)
            }
            Pools::Postgres { cluster, .. } => {
                let pool = &cluster.primary().pool;
                let there = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
                if !sqlx::query_scalar::<_, bool>(there).fetch_one(pool).await? {
                    return Ok(Vec::new());
                }
                Ok(sqlx::query_as(APPLIED).fetch_all(pool).await?)
            }
        }
    }
}
