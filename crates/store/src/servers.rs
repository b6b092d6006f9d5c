//! The PostgreSQL servers that hold one database, of which one takes writes at a time: finding that one, and finding it again
//! when another has taken its place.
//!
//! Invariant: connections lead to the server that takes writes. When that is another server, or the same one after a new
//! start, all connections are given up at once: a statement that the old one will never answer ends with "busy", as nothing
//! of its transaction was acknowledged, and nobody is handed a connection to a server that takes no writes any more.

use std::str::FromStr as _;
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use futures::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres, QueryBuilder, Transaction};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::error::{Result, StoreError};
use crate::statistics::learn;

/// What PostgreSQL calls our connections.
pub(crate) const APPLICATION: &str = "sapa";
/// How many statements a connection remembers: those for sets come in seven sizes on SQLite.
pub(crate) const STATEMENTS: usize = 1_000;
/// How long a caller waits for its turn.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How many connections those have who may go ahead.
const AHEAD: u32 = 2;

/// How long a server may take to answer at all.
const KNOCK: Duration = Duration::from_secs(4);
/// How long each of several may take while the one that takes writes is looked for: one that hangs holds nobody up.
const LOOK: Duration = Duration::from_secs(2);
/// How often the server that takes writes is asked whether it still does, and how often another is looked for.
const EVERY: Duration = Duration::from_secs(1);
/// Every so many times the others are asked, too, whether one of them was promoted.
const OTHERS: u32 = 5;
/// Before any server was found.
const NONE_SEEN: &str = "";
/// How long it may take to answer that before another one is looked for. One that is only slow is found again, and nothing
/// is given up.
const SILENCE: Duration = Duration::from_secs(3);

/// What every connection begins with.
///
/// A transaction awaits nothing but the database, so one in which nothing happens for seconds belongs to a node that is
/// paused or gone: it is ended, and what it locked is free for the other nodes.
///
/// Every statement finds its rows by an index, in the order in which its joins are written, as it does on SQLite. Its plan
/// is therefore made once per connection, whatever the values are, and is as good for a table that was empty when it was
/// made and for one organisation that is larger than all others. No table is read as a whole to be kept beside a
/// join, either. To plan a statement anew costs more than to run it.
const SETTINGS: [(&str, &str); 14] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("join_collapse_limit", "1"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_material", "off"),
    ("jit", "off"),
    ("statement_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "20s"),
];

/// Where a database is: one server, or a primary and its replicas.
#[derive(Clone)]
pub(crate) struct Servers(Arc<[PgConnectOptions]>);

/// One life of one server: another server has another one, and so has the same one after a new start.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Life {
    place: usize,
    began: String,
}

/// The server that takes writes, with a connection to it.
pub(crate) struct Found {
    place: usize,
    life: Life,
    /// The promotion that it goes back to; each has a greater one than those before.
    timeline: String,
    connection: PgConnection,
}

/// What a server answered.
enum Answer {
    Writes(PgConnection, String, String),
    Replica,
    Nothing(sqlx::Error),
}

impl Servers {
    /// Reads an address; several servers stand in it as `host:port,host:port`, as libpq takes them.
    pub(crate) fn read(url: &str) -> Result<Self> {
        let each = one_by_one(url).into_iter().map(|url| {
            let options = PgConnectOptions::from_str(&url).map_err(StoreError::Driver)?;
            Ok(options.application_name(APPLICATION).statement_cache_capacity(STATEMENTS).options(SETTINGS))
        });
        Ok(Self(each.collect::<Result<_>>()?))
    }

    /// Finds the server that takes writes. Of two that do, because one was thought lost and came back, the one that was
    /// promoted last.
    pub(crate) async fn find(&self, seen: &str) -> Result<Found> {
        let patience = if self.0.len() == 1 { KNOCK } else { LOOK };
        let answers = join_all(self.0.iter().map(|options| knock(options, patience))).await;
        let (mut writing, mut refused, mut causes) = (Vec::new(), None, Vec::new());
        for (place, answer) in answers.into_iter().enumerate() {
            match answer {
                Answer::Writes(connection, began, timeline) => {
                    let life = Life { place, began };
                    writing.push(Found { place, life, timeline, connection });
                }
                Answer::Replica => causes.push("it is a replica and takes no writes".to_owned()),
                Answer::Nothing(sqlx::Error::Io(error)) => causes.push(error.to_string()),
                Answer::Nothing(error) => {
                    causes.push(error.to_string());
                    refused = refused.or(Some(error));
                }
            }
        }
        match writing.into_iter().max_by(|one, other| one.timeline.cmp(&other.timeline)) {
            Some(found) if *found.timeline >= *seen => return Ok(found),
            Some(_) => causes.push("another one was promoted after it, and is not there".to_owned()),
            None => {}
        }
        match refused {
            // A wrong password is no matter of being away.
            Some(error) if self.0.len() == 1 => Err(error.into()),
            _ => {
                let servers: Vec<_> =
                    self.0.iter().map(|of| format!("{}:{}", of.get_host(), of.get_port())).collect();
                causes.dedup();
                Err(StoreError::Away { server: servers.join(" and "), cause: causes.join("; ") })
            }
        }
    }
}

/// The same address for each server that it names.
fn one_by_one(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (who, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    hosts.split(',').map(|host| format!("{scheme}://{who}{host}{path}")).collect()
}

/// Asks a server whether it is there and takes writes. The pool by itself goes on asking for as long as a caller may wait
/// for a free connection, and then says no more than that it waited.
async fn knock(options: &PgConnectOptions, patience: Duration) -> Answer {
    let asked = async {
        let mut connection = options.connect().await?;
        let began = writes_since(&mut connection).await?;
        let timeline = if began.is_some() { timeline(&mut connection).await } else { String::new() };
        Ok((connection, began, timeline))
    };
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok((connection, Some(began), timeline))) => Answer::Writes(connection, began, timeline),
        Ok(Ok((_, None, _))) => Answer::Replica,
        Ok(Err(error)) => Answer::Nothing(error),
        Err(_) => {
            let silent = format!("it did not answer within {} seconds", patience.as_secs());
            Answer::Nothing(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, silent)))
        }
    }
}

/// When the server was started, if it takes writes.
async fn writes_since(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let (reads_only, began): (bool, String) = sqlx::query_as(
        "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean, \
         pg_postmaster_start_time()::text",
    )
    .fetch_one(connection)
    .await?;
    Ok((!reads_only).then_some(began))
}

/// Each promotion begins a new one, with a greater number. Where the server does not tell, the least.
async fn timeline(connection: &mut PgConnection) -> String {
    let asked = sqlx::query_scalar("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)");
    asked.fetch_one(connection).await.unwrap_or_default()
}

/// Connections to the server that takes writes, whichever that is.
pub(crate) struct Cluster {
    servers: Servers,
    connections: u32,
    primary: RwLock<Arc<Primary>>,
    closed: CancellationToken,
    /// Where it was connected.
    home: Handle,
}

/// The connections to one server during one life of it.
pub(crate) struct Primary {
    pub(crate) pool: PgPool,
    /// For those who may go ahead, however many wait for the others.
    pub(crate) ahead: PgPool,
    /// Another server has taken its place: whatever is under way is given up.
    pub(crate) lost: CancellationToken,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("servers", &self.servers.0.len()).finish_non_exhaustive()
    }
}

impl Primary {
    fn of(options: &PgConnectOptions, connections: u32) -> Self {
        // Whether a connection is still good is seen when it is used: to ask it every time costs as much as a statement.
        let pooled = |most| {
            PgPoolOptions::new().max_connections(most).acquire_timeout(PATIENCE).test_before_acquire(false)
        };
        Self {
            pool: pooled(connections.max(2)).connect_lazy_with(options.clone()),
            ahead: pooled(AHEAD).connect_lazy_with(options.clone()),
            lost: CancellationToken::new(),
        }
    }
}

impl Cluster {
    /// Finds the server and connects. Whether another takes its place is watched from then on, if asked for.
    pub(crate) async fn connect(url: &str, connections: u32, follow: bool) -> Result<Arc<Self>> {
        let servers = Servers::read(url)?;
        let found = servers.find(NONE_SEEN).await?;
        let primary = RwLock::new(Arc::new(Primary::of(&servers.0[found.place], connections)));
        let cluster = Arc::new(Self {
            servers,
            connections,
            primary,
            closed: CancellationToken::new(),
            home: Handle::current(),
        });
        if follow {
            tokio::spawn(follow_primary(Arc::downgrade(&cluster), cluster.closed.clone(), found));
            tokio::spawn(keep_learning(Arc::downgrade(&cluster), cluster.closed.clone()));
        } else {
            found.connection.close().await?;
        }
        Ok(cluster)
    }

    /// The connections to the server that takes writes now.
    pub(crate) fn primary(&self) -> Arc<Primary> {
        self.primary.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A connection of its own to the server that takes writes now, for what takes longer than others may.
    pub(crate) async fn own_connection(&self) -> Result<PgConnection> {
        Ok(self.primary().pool.connect_options().connect().await?)
    }

    /// Begins a transaction, and says when it is in vain. On a task of its own: a caller that is given up half-way (its
    /// client hung up) would otherwise return the connection with a transaction that the server has begun and the driver
    /// knows nothing of; whoever came next would work inside it. So it begins to its end, and is then rolled back for want
    /// of an owner. Connections are made where the cluster was, so that none of them depends on threads that give way.
    pub(crate) async fn begin(
        &self,
        statement: &'static str,
    ) -> Result<(Transaction<'static, Postgres>, CancellationToken)> {
        loop {
            let primary = self.primary();
            let pool = primary.pool.clone();
            let begun = self.home.spawn(async move {
                let mut stale = pool.num_idle();
                loop {
                    match pool.begin_with(statement).await {
                        // Its server began anew meanwhile; another is taken, or made.
                        Err(error) if stale > 0 && has_ended(&error) => stale -= 1,
                        begun => return begun,
                    }
                }
            });
            // Whoever waits for a server that has been replaced stands in the new one's line instead.
            if let Some(begun) = primary.lost.run_until_cancelled(begun).await {
                let begun = begun.map_err(|_| StoreError::Busy(sqlx::Error::WorkerCrashed))??;
                return Ok((begun, primary.lost.clone()));
            }
        }
    }

    /// Runs one statement that writes, ahead of everybody else, and a transaction of its own. Where its server begins anew
    /// meanwhile it may be run twice.
    pub(crate) async fn run_ahead(&self, statement: impl Fn() -> QueryBuilder<Postgres>) -> Result<()> {
        let primary = self.primary();
        let mut stale = primary.ahead.num_idle();
        loop {
            let mut statement = statement();
            let run = primary.lost.run_until_cancelled(statement.build().execute(&primary.ahead));
            match run.await.unwrap_or_else(|| Err(replaced())) {
                Err(error) if stale > 0 && has_ended(&error) && !primary.lost.is_cancelled() => stale -= 1,
                run => return Ok(run.map(|_| ())?),
            }
        }
    }

    /// Closes every connection after the transactions under way have ended.
    pub(crate) async fn close(&self) {
        self.closed.cancel();
        let primary = self.primary();
        primary.ahead.close().await;
        primary.pool.close().await;
    }

    fn move_to(&self, place: usize) {
        let fresh = Arc::new(Primary::of(&self.servers.0[place], self.connections));
        let old =
            std::mem::replace(&mut *self.primary.write().unwrap_or_else(PoisonError::into_inner), fresh);
        old.lost.cancel();
        // What nobody uses is closed, and what is in use when it is given back. A server that is gone is not waited for.
        tokio::spawn(async move { tokio::join!(old.ahead.close(), old.pool.close()) });
    }
}

/// What a statement ends with that was under way on a server which has been replaced.
pub(crate) fn replaced() -> sqlx::Error {
    let told = "another database server has taken the place of the one that was asked";
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::ConnectionReset, told))
}

/// Whether a connection had ended before it was asked: it is cut off, or its server says that it ended the session.
fn has_ended(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(error, sqlx::Error::Io(_))
        || matches!(code.as_deref(), Some("57P01" | "57P02" | "57P03" | "25P03"))
}

/// Keeps the server aware of how much its tables hold.
async fn keep_learning(cluster: Weak<Cluster>, closed: CancellationToken) {
    while closed.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let Some(cluster) = cluster.upgrade() else { return };
        let learnt = async { learn(&mut *cluster.primary().pool.acquire().await?).await };
        if let Some(Err(error)) = closed.run_until_cancelled(learnt).await {
            tracing::debug!(%error, "the tables were not looked at");
        }
    }
}

/// Asks the server again and again whether it takes writes, and looks for another when it does not.
async fn follow_primary(cluster: Weak<Cluster>, closed: CancellationToken, found: Found) {
    let (mut life, mut own) = (found.life, Some(found.connection));
    // One that was overtaken by a promotion may come back and take writes that nobody else will ever have.
    let mut seen = found.timeline;
    let alone = cluster.upgrade().is_none_or(|cluster| cluster.servers.0.len() == 1);
    let mut asked = 0_u32;
    while closed.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        asked = asked.wrapping_add(1);
        if let Some(connection) = &mut own {
            match tokio::time::timeout(SILENCE, writes_since(connection)).await {
                Ok(Ok(Some(_))) if alone || !asked.is_multiple_of(OTHERS) => continue,
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None)) => {
                    tracing::warn!("the database server takes no writes any more; another one is looked for")
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the database server is lost; one that takes writes is looked for")
                }
                Err(_) => {
                    tracing::warn!("the database server is silent; one that takes writes is looked for")
                }
            }
            own = None;
        }
        let Some(cluster) = cluster.upgrade() else { return };
        let found = match closed.run_until_cancelled(cluster.servers.find(&seen)).await {
            None => return,
            Some(Ok(found)) => found,
            Some(Err(error)) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "no database server takes writes yet"
                );
                continue;
            }
        };
        if found.life != life {
            let server = &cluster.servers.0[found.place];
            tracing::info!(
                host = server.get_host(),
                port = server.get_port(),
                "the database server takes writes"
            );
            cluster.move_to(found.place);
        }
        seen = found.timeline.max(seen);
        (life, own) = (found.life, Some(found.connection));
    }
    if let Some(connection) = own {
        let _ = connection.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_one_server_or_several() {
        assert_eq!(one_by_one("postgres://u:p@a/db"), ["postgres://u:p@a/db"]);
        assert_eq!(
            one_by_one("postgres://u:p,w@a:5432,[::1]:6,c/db?sslmode=require"),
            [
                "postgres://u:p,w@a:5432/db?sslmode=require",
                "postgres://u:p,w@[::1]:6/db?sslmode=require",
                "postgres://u:p,w@c/db?sslmode=require"
            ]
        );
        assert_eq!(one_by_one("postgres://a,b"), ["postgres://a", "postgres://b"]);
        let servers = Servers::read("postgres://u:p@a:5432,b:5433/db").unwrap();
        let read: Vec<_> =
            servers.0.iter().map(|of| (of.get_host(), of.get_port(), of.get_database())).collect();
        assert_eq!(read, [("a", 5432, Some("db")), ("b", 5433, Some("db"))]);
    }
}
