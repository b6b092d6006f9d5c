//! What every measurement stands on: gateways on fresh databases, loads on them, and what the machine can do at all.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use testkit::Database;

use super::graph::Arrivals;
use super::host::{Host, processor_of_postgres};
use super::tenants::{self, Size, Tenant};
use super::traffic::{self, Requests, Seen, Until};
use super::webhook::{self, Said};
use super::{Kind, Options, disk, graph};
use crate::now;

/// How many connections ask at once.
pub const CONNECTIONS: usize = 64;
/// People who write.
const PEOPLE: u64 = 20_000;
/// How long whatever is waited for may take to come.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often it is looked whether anything is left to be done; looking costs something itself.
const LOOK: Duration = Duration::from_millis(20);
/// What is opened once (prepared statements, secrets, connections) belongs to no message: so many go before.
const WARM: u64 = 500;

/// Everything that a measurement needs.
pub struct Stage {
    /// What was asked for.
    pub options: Options,
    /// Where Meta's stand-in listens.
    pub graph: SocketAddr,
    /// What arrived there.
    pub arrivals: Arc<Arrivals>,
    /// A folder for logs and files.
    pub scratch: TempDir,
}

/// What the machine can do at all.
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// Until a page is on disk, in milliseconds.
    pub fdatasync: f64,
    /// Webhooks verified and parsed per second (A).
    pub ceiling: f64,
    /// The processor time of one of them, in microseconds.
    pub micros: f64,
}

/// A database with organisations.
pub struct Town {
    /// The database.
    pub database: Database,
    /// How many there are.
    pub size: Size,
    /// They.
    pub tenants: Vec<Tenant>,
}

/// What the open loop saw, in milliseconds: half of all and 99 of 100 stayed below.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// Until the webhook was acknowledged.
    pub acknowledged: [f64; 2],
    /// Until the reply had arrived.
    pub replied: [f64; 2],
}

impl Town {
    /// A fresh one.
    pub async fn settle(kind: Kind, size: Size) -> Result<Self> {
        let database = match kind {
            Kind::Sqlite => Database::sqlite().await?,
            Kind::Postgres => Database::postgres().await?,
        };
        let tenants = tenants::settle(&database.store, size, now()).await?;
        Ok(Self { database, size, tenants })
    }

    /// The processor time that the database has used so far, where it is a process of its own: SQLite's is the gateway's.
    pub async fn processor_of_database(&self) -> Result<Option<Duration>> {
        self.database.server_process().await?.map(processor_of_postgres).transpose()
    }

    /// The processor time that the gateway and its database have used so far.
    pub async fn processor(&self, host: &Host) -> Result<Duration> {
        let own = host.processor()?;
        Ok(own + self.processor_of_database().await?.unwrap_or_default())
    }

    /// Waits until nothing is left to be done.
    pub async fn drained(&self) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = self.left().await?;
            if left == 0 {
                return Ok(());
            }
            ensure!(Instant::now() < until, "{left} things are still to be done");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// How much is left to be done; of what came in first, and only then of jobs.
    async fn left(&self) -> Result<i64> {
        let mut tx = self.database.store.read().await?;
        let ingest = tx.ingest_load().await?;
        let updates = ingest.unsplit + ingest.pending + ingest.parked;
        if updates > 0 {
            return Ok(updates);
        }
        Ok(tx.queue_loads(now()).await?.iter().map(|load| load.due + load.running).sum())
    }
}

impl Stage {
    /// A stage with Meta's stand-in.
    pub fn set(options: Options) -> Result<Self> {
        let (graph, arrivals) = graph::listen()?;
        Ok(Self { options, graph, arrivals, scratch: tempfile::tempdir()? })
    }

    /// The many organisations that most is measured with.
    pub fn size(&self) -> Size {
        Size { orgs: self.options.orgs, numbers: self.options.numbers, ai: true }
    }

    /// How long one measurement lasts.
    pub fn lasts(&self) -> Duration {
        Duration::from_secs(self.options.seconds)
    }

    /// What the machine can do at this moment.
    pub async fn base(&self) -> Result<Base> {
        let fdatasync = disk::fdatasync(self.scratch.path())?;
        let host = Host::ceiling(self.scratch.path())?;
        let before = host.processor()?;
        let seen = self.closed(&host, self.size(), Until::Passed(self.lasts()), 0, HALLO).await?;
        let used = (host.processor()? - before).as_secs_f64();
        host.kill()?;
        Ok(Base { fdatasync, ceiling: seen.rate(), micros: used * 1e6 / seen.taken as f64 })
    }

    /// A gateway that works for these organisations.
    pub fn gateway(&self, town: &Town) -> Result<Host> {
        self.gateway_to(town, self.graph)
    }

    /// A gateway that sends to this Graph API.
    pub fn gateway_to(&self, town: &Town, graph: SocketAddr) -> Result<Host> {
        let data = tempfile::tempdir_in(self.scratch.path())?.keep();
        Host::gateway(&self.options.sapa, &data, &town.database.options.url, graph)
    }

    /// The folder for logs.
    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Webhooks acknowledged per second. What was acknowledged is there after a sudden end.
    pub async fn acknowledged(&self, town: &Town, from: u64) -> Result<f64> {
        let host = self.gateway(town)?;
        let stored = |town: &Town| {
            let store = town.database.store.clone();
            async move { anyhow::Ok(store.read().await?.count_bodies().await?) }
        };
        let before = stored(town).await?;
        let seen = self.closed(&host, town.size, Until::Passed(self.lasts()), from, HALLO).await?;
        host.kill()?;
        let there = stored(town).await? - before;
        ensure!(
            u64::try_from(there)? >= seen.taken,
            "{} webhooks were acknowledged and {there} are stored",
            seen.taken
        );
        Ok(seen.rate())
    }

    /// Opens what a gateway opens once.
    pub async fn warm(&self, host: &Host, town: &Town, from: u64) -> Result<()> {
        self.answered(host, town, from, WARM, HALLO).await.map(|_| ())
    }

    /// So many messages as fast as they are taken, until each is answered: how many a second.
    pub async fn answered(
        &self,
        host: &Host,
        town: &Town,
        from: u64,
        count: u64,
        words: &'static str,
    ) -> Result<f64> {
        self.arrivals.take();
        let began = Instant::now();
        let seen = self.closed(host, town.size, Until::Sent(count), from, words).await?;
        ensure!(seen.taken == count, "{} of {count} webhooks were taken", seen.taken);
        self.wait_for(count).await?;
        Ok(count as f64 / began.elapsed().as_secs_f64())
    }

    /// Waits until so many messages arrived.
    pub async fn wait_for(&self, count: u64) -> Result<()> {
        until(|| self.arrivals.count() >= count)
            .await
            .with_context(|| format!("{} of {count} messages arrived", self.arrivals.count()))
    }

    /// Webhooks as fast as they are taken.
    pub async fn closed(
        &self,
        host: &Host,
        size: Size,
        until: Until,
        from: u64,
        words: &'static str,
    ) -> Result<Seen> {
        let (address, requests) = (host.address, requests(size, words));
        let run = move || traffic::closed(address, CONNECTIONS, from, until, &requests);
        let seen = tokio::task::spawn_blocking(run).await.context("the load panicked")??;
        ensure!(seen.cut == 0, "the server cut {} connections", seen.cut);
        Ok(seen)
    }

    /// Messages at a rate: how long each took until it was acknowledged, and until its reply was there.
    pub async fn open(&self, host: &Host, size: Size, from: u64, rate: f64) -> Result<Open> {
        self.arrivals.take();
        let (address, requests, lasts) = (host.address, requests(size, HALLO), self.lasts());
        let run = move || traffic::open(address, CONNECTIONS, rate, lasts, from, &requests);
        let (acknowledged, due) = tokio::task::spawn_blocking(run).await.context("the load panicked")??;
        self.wait_for(due.len() as u64).await?;
        let mut arrived = self.arrivals.take();
        let mut latencies = Vec::with_capacity(due.len());
        for (n, due) in due.iter().enumerate() {
            let first = arrived.get_mut(&person(from + n as u64)).and_then(|all| all.first());
            latencies.push(first.context("a reply went elsewhere")?.saturating_duration_since(*due));
        }
        latencies.sort_unstable();
        let replied = Seen { latencies, ..Seen::default() };
        let of = |seen: &Seen| [seen.percentile(0.5), seen.percentile(0.99)];
        Ok(Open { acknowledged: of(&acknowledged), replied: of(&replied) })
    }
}

/// A greeting, which has a fixed reply.
pub const HALLO: &str = "Halo";

/// Waits until something is so.
pub async fn until(is: impl Fn() -> bool) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !is() {
        ensure!(Instant::now() < end, "it did not come within {} s", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Webhooks of people who write these words, in turn to every number.
pub fn requests(size: Size, words: &'static str) -> Requests {
    several(size, words, 1)
}

/// Webhooks that tell of so many messages each.
pub fn several(size: Size, words: &'static str, count: usize) -> Requests {
    let at = now().seconds();
    let lines: Vec<_> = (0..size.lines()).map(|n| tenants::line(size, n)).collect();
    Arc::new(move |n| {
        let line = &lines[usize::try_from(n).unwrap_or(0) % lines.len()];
        let said = Said {
            waba: &line.waba,
            phone_number_id: &line.phone_number_id,
            from: &person(n),
            index: n,
            words,
            count,
            at,
        };
        webhook::request(tenants::APP_SECRET.as_bytes(), &said)
    })
}

/// Who writes the `n`th message.
pub fn person(n: u64) -> String {
    format!("62812{:08}", n % PEOPLE)
}
