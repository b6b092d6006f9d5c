//! The seam between the two databases: one pool type, one transaction type, one macro that runs one SQL text on
//! whichever driver is in use, and the scope through which an organisation's rows are reached.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rules::id::OrgId;
use rules::time::Timestamp;
use sqlite::Begin;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::batch::Batch;
use crate::error::{Result, StoreError};
use crate::hands::{AllHands, Given};
use crate::later::Later;
use crate::pace::{Access, Pace, Pass};
use crate::schema::Migrations;
use crate::servers::{APPLICATION, Cluster, PATIENCE, STATEMENTS, replaced};
use crate::spool::Spool;
use crate::timing::Waits;

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `sqlite://path/to/file` or `postgres://…`; of several servers, `host:port,host:port`, the one that takes writes is used.
    pub url: String,
    /// How many connections read (SQLite) or work (PostgreSQL) at once.
    pub connections: u32,
}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pools: Pools,
    pace: Option<Arc<dyn Pace>>,
    /// Organisations whose events have just been committed by this process.
    told: broadcast::Sender<OrgId>,
    waits: Arc<Waits>,
    pub(crate) hands: AllHands,
}

/// The connections that transactions share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Those that are open.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
    /// How many there may be.
    pub most: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Pools {
    /// One writer, so that nobody ever waits for a lock inside a transaction; readers beside it.
    Sqlite {
        write: sqlite::Pool,
        read: sqlite::Pool,
        /// Where webhook bodies come in.
        spool: Arc<Spool>,
    },
    Postgres {
        cluster: Arc<Cluster>,
        /// Nobody else is to write while this store copies.
        alone: bool,
    },
}

impl Store {
    /// Opens the database and brings its schema up to date. A missing SQLite file is created.
    pub async fn open(options: &StoreOptions) -> Result<Self> {
        let store = Self::connect(options).await?;
        store.migrate(Migrations::ours()).await?;
        Ok(store)
    }

    /// Opens the database as it is. A missing SQLite file is created.
    pub async fn connect(options: &StoreOptions) -> Result<Self> {
        Self::connect_to(options, true).await
    }

    /// Opens the database that is there, as it is, for a look: nothing is made.
    pub async fn existing(options: &StoreOptions) -> Result<Self> {
        Self::connect_to(options, false).await
    }

    /// Opens the database that is there, as it is, and only while nobody else has it open, a running server above all. On
    /// SQLite nobody else can open it until this store is closed.
    pub async fn alone(options: &StoreOptions) -> Result<Self> {
        if options.url.starts_with("sqlite:") {
            let file = sqlite_file(&options.url);
            if !file.exists() {
                return Err(StoreError::Missing(file.display().to_string()));
            }
            let spool = Arc::new(spool_of(&file));
            let only = sqlite::Pool::new(sqlite_options(file).pragma("locking_mode", "EXCLUSIVE"), 1);
            match only.begin(Begin::ToWrite, Duration::from_secs(1)).await.map_err(StoreError::from) {
                Ok(tx) => drop(tx),
                Err(StoreError::Busy(_)) => return Err(StoreError::InUse),
                Err(error) => return Err(error),
            }
            return Ok(Self::over(Pools::Sqlite { write: only.clone(), read: only, spool }));
        }
        let mut store = Self::existing(options).await?;
        if let Pools::Postgres { cluster, alone } = &mut store.pools {
            let pool = &cluster.primary().pool;
            // What this store opened is its own; every other session of the product is somebody else's, but one that was
            // just closed may still be seen for a moment.
            let mut tries = 5;
            while others(pool).await? > 0 {
                tries -= 1;
                if tries == 0 {
                    return Err(StoreError::InUse);
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            *alone = true;
        }
        Ok(store)
    }

    async fn connect_to(options: &StoreOptions, make: bool) -> Result<Self> {
        if options.url.starts_with("sqlite:") {
            let file = sqlite_file(&options.url);
            if !make && !file.exists() {
                return Err(StoreError::Missing(file.display().to_string()));
            }
            let spool = Arc::new(spool_of(&file));
            // Who wants to write waits for other processes in a line of its own, and not within a statement.
            let writes = sqlite_options(file).create(make);
            // What readers remember is void with the next commit; the system remembers the pages for all of them.
            let reads = writes.clone().read_only(true).patience(PATIENCE).pragma("cache_size", "-4000");
            let write = sqlite::Pool::connect(writes, 1).await?;
            let read = sqlite::Pool::connect(reads, options.connections.max(1)).await?;
            Ok(Self::over(Pools::Sqlite { write, read, spool }))
        } else {
            // Who only looks is soon gone again, and follows no server to another.
            let cluster = Cluster::connect(&options.url, options.connections, make).await?;
            Ok(Self::over(Pools::Postgres { cluster, alone: false }))
        }
    }

    fn over(pools: Pools) -> Self {
        let told = broadcast::Sender::new(1_024);
        Self { pools, pace: None, told, waits: Arc::default(), hands: AllHands::default() }
    }

    /// The same database as another process would have it: its transactions go through this pace, and the hands that are
    /// offered for jobs are its own.
    pub fn paced(self, pace: Arc<dyn Pace>) -> Self {
        Self { pace: Some(pace), hands: AllHands::default(), ..self }
    }

    async fn pass(&self, kind: Access) -> Option<Pass> {
        match &self.pace {
            Some(pace) => Some(pace.pass(kind).await),
            None => None,
        }
    }

    /// The organisations in which something has just happened, as far as this process did it. Whoever watches events
    /// also looks by itself now and then: other nodes commit too, and a slow watcher misses some of these.
    pub fn events(&self) -> broadcast::Receiver<OrgId> {
        self.told.subscribe()
    }

    /// Looks through a SQLite file for pages that are damaged, in a time that grows with its size. PostgreSQL looks after
    /// its own.
    pub async fn check(&self) -> Result<()> {
        let Pools::Sqlite { read, spool, .. } = &self.pools else { return Ok(()) };
        let mut tx = read.begin(Begin::ToRead, PATIENCE).await?;
        tx.take_time(true);
        let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *tx).await?;
        if found != "ok" {
            return Err(StoreError::Damaged(found));
        }
        spool.check().await
    }

    /// Starts a write transaction. On SQLite there is one writer and it is `IMMEDIATE`, so that a transaction that
    /// reads before it writes can never fail half-way for a lock.
    pub async fn begin(&self) -> Result<Tx> {
        let asked = Instant::now();
        let begun = self.begin_to_write().await;
        self.waits.write.note(asked.elapsed());
        begun
    }

    async fn begin_to_write(&self) -> Result<Tx> {
        let pass = self.pass(Access::Write).await;
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                Ok(self.tx(Conn::Sqlite(write.begin(Begin::ToWrite, PATIENCE).await?), pass, true))
            }
            Pools::Postgres { cluster, .. } => {
                let (own, lost) = cluster.begin(BEGIN).await?;
                Ok(Tx { lost, ..self.tx(Conn::Postgres(own), pass, true) })
            }
        }
    }

    /// On SQLite: leave to store webhook bodies. Nobody is waited for but others who do.
    pub(crate) async fn begin_in(&self, spool: &Spool) -> Result<Tx> {
        let pass = self.pass(Access::Write).await;
        let asked = Instant::now();
        self.ready_spool().await?;
        let tx = self.tx(Conn::Sqlite(spool.begin().await?), pass, true);
        self.waits.ahead.note(asked.elapsed());
        Ok(tx)
    }

    /// Sees to it that webhook bodies can be stored, with numbers that were never given before.
    async fn ready_spool(&self) -> Result<()> {
        let Pools::Sqlite { read, spool, .. } = &self.pools else { return Ok(()) };
        if spool.is_ready() {
            return Ok(());
        }
        let mut tx = read.begin(Begin::ToRead, PATIENCE).await?;
        let last = "SELECT max(upto, COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'webhook_bodies'), 0)) \
                    FROM spooled";
        let last = sqlx::query_scalar(last).fetch_one(&mut *tx).await?;
        drop(tx);
        spool.make_ready(last).await
    }

    fn tx(&self, conn: Conn, pass: Option<Pass>, writes: bool) -> Tx {
        let spool = match &self.pools {
            Pools::Sqlite { spool, .. } => Some(spool.clone()),
            Pools::Postgres { .. } => None,
        };
        Tx {
            commits: writes.then(|| self.waits.clone()),
            conn,
            spool,
            orgs: Vec::new(),
            told: Vec::new(),
            teller: self.told.clone(),
            lost: CancellationToken::new(),
            later: Later::default(),
            hands: self.hands.clone(),
            given: Given::default(),
            stirred: BTreeSet::new(),
            _pass: pass,
        }
    }

    /// Starts a transaction that only reads, from one snapshot.
    pub async fn read(&self) -> Result<Tx> {
        let pass = self.pass(Access::Read).await;
        let asked = Instant::now();
        let tx = match &self.pools {
            Pools::Sqlite { read, .. } => {
                self.tx(Conn::Sqlite(read.begin(Begin::ToRead, PATIENCE).await?), pass, false)
            }
            Pools::Postgres { cluster, .. } => {
                let snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let (own, lost) = cluster.begin(snapshot).await?;
                Tx { lost, ..self.tx(Conn::Postgres(own), pass, false) }
            }
        };
        self.waits.read.note(asked.elapsed());
        Ok(tx)
    }

    /// Starts a transaction in which everything is read from one snapshot, for as long as that takes.
    pub(crate) async fn begin_copying(&self) -> Result<Tx> {
        let Pools::Postgres { cluster, alone: true } = &self.pools else {
            let mut tx = self.read().await?;
            tx.take_time().await?;
            return Ok(tx);
        };
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace \
             AND relkind IN ('r', 'p')",
        )
        .fetch_all(&cluster.primary().pool)
        .await?;
        let pass = self.pass(Access::Read).await;
        let (mut own, _) = cluster.begin("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
        // First of all, before the snapshot that the first reading takes: whoever wants to write from now on waits, so
        // nothing is written that the copy does not have.
        let lock = format!("LOCK TABLE {} IN SHARE MODE", tables.join(", "));
        sqlx::query(AssertSqlSafe(lock)).execute(&mut *own).await?;
        let mut tx = self.tx(Conn::Postgres(own), pass, false);
        tx.take_time().await?;
        Ok(tx)
    }

    /// How long callers have waited.
    pub fn waits(&self) -> &Waits {
        &self.waits
    }

    /// How many connections work (PostgreSQL) or read (SQLite).
    pub fn connections(&self) -> Connections {
        let (open, idle, most) = match &self.pools {
            Pools::Sqlite { read, .. } => (read.most(), read.idle(), read.most()),
            Pools::Postgres { cluster, .. } => {
                let pool = &cluster.primary().pool;
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
        };
        Connections { open, idle: u32::try_from(idle).unwrap_or(u32::MAX), most }
    }

    /// How many bytes of changes the database has yet to bring home from its log (SQLite; PostgreSQL keeps its own house).
    pub fn log_bytes(&self) -> Option<u64> {
        let Pools::Sqlite { write, spool, .. } = &self.pools else { return None };
        let of = |file: &Path| std::fs::metadata(beside(file, "-wal")).map_or(0, |file| file.len());
        Some(of(write.options().file()) + of(spool.file()))
    }

    /// The name of the database in use, for people.
    pub fn kind(&self) -> &'static str {
        match &self.pools {
            Pools::Sqlite { .. } => "SQLite",
            Pools::Postgres { .. } => "PostgreSQL",
        }
    }

    /// On SQLite, which one process serves: makes sure that no other does, for as long as what is returned is kept, ends the
    /// leases of whoever did before, and sees to it that webhooks can be stored. PostgreSQL is served by several, whose leases
    /// run out by themselves.
    pub async fn serve_alone(&self, now: Timestamp) -> Result<Option<File>> {
        let Pools::Sqlite { write, .. } = &self.pools else { return Ok(None) };
        let file = File::create(beside(write.options().file(), "-served")).map_err(sqlx::Error::from)?;
        let until = Instant::now() + CLOSING;
        // One that was just told to stop may still be at it.
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(TryLockError::WouldBlock) => return Err(StoreError::InUse),
                Err(TryLockError::Error(error)) => return Err(sqlx::Error::from(error).into()),
            }
        }
        self.ready_spool().await?;
        let mut tx = self.begin().await?;
        let ended = tx.end_leases(now).await?;
        tx.commit().await?;
        if ended > 0 {
            tracing::info!(jobs = ended, "what was under way when the last process ended is taken up again");
        }
        Ok(Some(file))
    }

    /// Closes every connection after the transactions under way have ended.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read, spool, .. } => {
                read.close().await;
                write.close().await;
                spool.close().await;
            }
            Pools::Postgres { cluster, .. } => cluster.close().await,
        }
    }
}

/// How long another process that serves the same SQLite file is waited for.
const CLOSING: Duration = Duration::from_secs(5);

/// Locks are taken in order to look again, at what others have committed meanwhile: whatever the server's own default is.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// How many sessions of the product there are in this database beside the one that asks.
async fn others(pool: &PgPool) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = $1 AND pid <> pg_backend_pid()",
    )
    .bind(APPLICATION)
    .fetch_one(pool)
    .await?)
}

/// Durable on every commit, and fast through group commit: see `ingest`.
fn sqlite_options(file: PathBuf) -> sqlite::Options {
    sqlite::Options::new(file)
        .pragma("foreign_keys", "ON")
        // Measured: p99 of commits 21 ms at 4,000 pages, 3 ms at 32,000.
        .log_pages(16_000)
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "MEMORY")
        .statements(STATEMENTS)
}

/// Where webhook bodies come in, beside the file of a database.
fn spool_of(database: &Path) -> Spool {
    // Each page of it is written once and read once.
    Spool::new(sqlite_options(beside(database, WEBHOOKS)).pragma("cache_size", "-2000"))
}

/// How the name of the file ends where webhook bodies come in.
pub(crate) const WEBHOOKS: &str = "-webhooks";

/// What lies beside a file and belongs to it, by the ending of its name.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The file of a SQLite database.
pub(crate) fn sqlite_file(url: &str) -> PathBuf {
    let named = PathBuf::from(url.trim_start_matches("sqlite:").trim_start_matches("//"));
    // Where it is: what belongs to it lies beside the file, not beside a link that leads there.
    named.canonicalize().unwrap_or(named)
}

pub(crate) enum Conn {
    Sqlite(sqlite::Transaction),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction. Dropping it without [`Tx::commit`] rolls back.
pub struct Tx {
    pub(crate) conn: Conn,
    /// SQLite: where webhook bodies come in.
    pub(crate) spool: Option<Arc<Spool>>,
    orgs: Vec<OrgId>,
    pub(crate) told: Vec<OrgId>,
    teller: broadcast::Sender<OrgId>,
    /// PostgreSQL: another server has taken the place of the one that this transaction is with.
    pub(crate) lost: CancellationToken,
    /// What is written just before the commit.
    pub(crate) later: Later,
    /// Who takes on jobs as they are added.
    pub(crate) hands: AllHands,
    /// Those that were taken on.
    pub(crate) given: Given,
    /// Queues in which something else may be claimed when this was committed.
    pub(crate) stirred: BTreeSet<String>,
    /// Where it is counted how long a commit takes, of a transaction that writes.
    commits: Option<Arc<Waits>>,
    /// Tells the pace that it has ended.
    _pass: Option<Pass>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("orgs", &self.orgs).finish_non_exhaustive()
    }
}

impl Tx {
    /// Makes everything done in this transaction durable and visible.
    pub async fn commit(mut self) -> Result<()> {
        self.write_later().await?;
        if self.given.is_empty() && self.stirred.is_empty() && self.told.is_empty() {
            return self.commit_written().await;
        }
        // Others must hear of what is there now, even if nobody waits for this any more.
        match tokio::spawn(self.commit_written()).await {
            Ok(committed) => committed,
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            Err(_) => Err(StoreError::Busy(sqlx::Error::WorkerCrashed)),
        }
    }

    async fn commit_written(self) -> Result<()> {
        let asked = Instant::now();
        match self.conn {
            Conn::Sqlite(tx) => tx.commit().await?,
            Conn::Postgres(tx) => {
                self.lost.run_until_cancelled(tx.commit()).await.unwrap_or_else(|| Err(replaced()))?;
            }
        }
        if let Some(waits) = self.commits {
            waits.commit.note(asked.elapsed());
        }
        for org in self.told {
            // Nobody watching is no failure.
            let _ = self.teller.send(org);
        }
        self.given.give();
        self.hands.wake(&self.stirred);
        Ok(())
    }

    /// Undoes everything done in this transaction.
    pub async fn rollback(self) -> Result<()> {
        match self.conn {
            Conn::Sqlite(tx) => drop(tx),
            Conn::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    /// The rows of one organisation: the only way to them.
    ///
    /// On PostgreSQL the transaction continues under a role that sees only the organisations named so far.
    pub async fn org(&mut self, org: OrgId) -> Result<OrgScope<'_>> {
        self.enter(&[org]).await?;
        Ok(OrgScope { tx: self, org })
    }

    /// The rows of several organisations: what came in for them together is written together.
    pub async fn batch(&mut self, orgs: &[OrgId]) -> Result<Batch<'_>> {
        self.enter(orgs).await?;
        Ok(Batch { tx: self })
    }

    /// Whether an organisation's rows are within reach.
    pub(crate) fn has_entered(&self, org: OrgId) -> bool {
        self.orgs.binary_search(&org).is_ok()
    }

    async fn enter(&mut self, orgs: &[OrgId]) -> Result<()> {
        let before = self.orgs.len();
        if orgs.iter().all(|org| self.orgs.binary_search(org).is_ok()) {
            return Ok(());
        }
        self.orgs.extend(orgs);
        self.orgs.sort_unstable();
        self.orgs.dedup();
        if self.orgs.len() > before
            && let Conn::Postgres(tx) = &mut self.conn
        {
            let orgs = self.orgs.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let orgs = format!("{{{orgs}}}");
            let entering = sqlx::query(
                "SELECT set_config('sapa.orgs', $1, true), set_config('role', 'sapa_tenant', true)",
            )
            .bind(orgs)
            .execute(&mut **tx);
            self.lost.run_until_cancelled(entering).await.unwrap_or_else(|| Err(replaced()))?;
        }
        Ok(())
    }
}

/// One organisation's rows within a transaction.
#[derive(Debug)]
pub struct OrgScope<'t> {
    pub(crate) tx: &'t mut Tx,
    pub(crate) org: OrgId,
}

impl OrgScope<'_> {
    /// The organisation.
    pub fn id(&self) -> OrgId {
        self.org
    }

    /// The transaction, for what belongs to no organisation: jobs, and other organisations through [`Tx::org`].
    pub fn tx(&mut self) -> &mut Tx {
        self.tx
    }
}

/// Runs one expression on whichever connection the transaction has. The SQL text is the same for both drivers:
/// `$1` placeholders, `ON CONFLICT`, `RETURNING`.
macro_rules! on {
    ($tx:expr, $c:ident => $body:expr) => {
        match &mut $tx.conn {
            $crate::seam::Conn::Sqlite(tx) => {
                let $c = &mut **tx;
                async { $body }.await
            }
            $crate::seam::Conn::Postgres(tx) => {
                let $c = &mut **tx;
                $tx.lost
                    .run_until_cancelled(async { $body })
                    .await
                    .unwrap_or_else(|| Err($crate::servers::replaced()))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As SQLite does when the disk is full: the transaction is over, and the driver does not know.
    #[tokio::test]
    async fn a_transaction_that_ended_by_itself_stops_nobody_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("sapa.db").display());
        let store = Store::open(&StoreOptions { url, connections: 2 }).await.unwrap();
        for _ in 0..3 {
            for read in [true, false] {
                let mut tx = if read { store.read().await } else { store.begin().await }.unwrap();
                let Conn::Sqlite(own) = &mut tx.conn else { panic!("SQLite") };
                sqlx::query("ROLLBACK").execute(&mut **own).await.unwrap();
                if read { drop(tx) } else { assert!(tx.commit().await.is_err()) }
            }
        }
        let mut tx = store.begin().await.unwrap();
        tx.org(OrgId(uuid::Uuid::nil())).await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..4 {
            store.read().await.unwrap().commit().await.unwrap();
        }
    }
}
