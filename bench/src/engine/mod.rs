//! The engine under load: webhooks taken, answered and sent, beside what the machine can do at all.
//!
//! Every round measures everything once, one after the other, so that what disturbs the machine disturbs both sides of a
//! ratio. What decides is the median of the rounds' ratios.

pub mod ceiling;
mod disk;
mod figures;
mod graph;
mod host;
mod tenants;
mod traffic;
mod webhook;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::json;
use testkit::Database;

use crate::now;
use crate::record::{self, Run};
use crate::table::Table;
use figures::Round;
use graph::Arrivals;
use host::Host;
use tenants::Size;
use traffic::{Requests, Seen, Until};
use webhook::Said;

/// How the engine is measured.
#[derive(Args, Debug)]
pub struct Options {
    /// The gateway's program.
    #[arg(long)]
    sapa: PathBuf,
    /// Where the figures go.
    #[arg(long)]
    out: PathBuf,
    /// The revision of the code, for the history.
    #[arg(long)]
    revision: Option<String>,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many seconds one measurement lasts.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// How many messages go the whole way in one measurement.
    #[arg(long, default_value_t = 10_000)]
    messages: u64,
    /// How many organisations there are.
    #[arg(long, default_value_t = 100)]
    orgs: usize,
    /// How many numbers each has.
    #[arg(long, default_value_t = 10)]
    numbers: usize,
    /// Only on this store: `sqlite` or `postgres`.
    #[arg(long)]
    only: Option<Kind>,
}

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    async fn fresh(self) -> Result<Database> {
        match self {
            Self::Sqlite => Database::sqlite().await,
            Self::Postgres => Database::postgres().await,
        }
    }
}

/// How many connections ask at once.
const CONNECTIONS: usize = 64;
/// The rate of the open loop, a second.
const RATE: f64 = 1_000.0;
/// People who write.
const PEOPLE: u64 = 20_000;
/// How long replies may take to come.
const PATIENCE: Duration = Duration::from_secs(180);

/// Measures, shows, writes down. `false`: a ratio misses its bar.
pub async fn engine(options: Options) -> Result<bool> {
    let size = Size { orgs: options.orgs, numbers: options.numbers };
    let (graph, arrivals) = graph::listen()?;
    let stage = Stage { options, size, graph, arrivals };
    let mut rounds = Vec::with_capacity(stage.options.rounds);
    for n in 0..stage.options.rounds {
        let round = stage.round().await?;
        eprintln!("round {}: {}", n + 1, round.brief());
        rounds.push(round);
    }
    let rows = figures::rows(&rounds);
    let title = format!(
        "{} numbers of {} organisations, {CONNECTIONS} connections: medians of {} rounds",
        size.lines(),
        size.orgs,
        rounds.len()
    );
    print!("{}", Table { title: &title, columns: ["beside", "measured"], rows: &rows });
    let holds = rows.iter().all(crate::table::Row::holds);
    let run = Run {
        bench: "engine",
        at: now(),
        revision: stage.options.revision.as_deref(),
        setting: json!({ "size": size, "rounds": rounds.len(), "messages": stage.options.messages }),
        holds,
        rows: &rows,
    };
    let file = record::keep(&stage.options.out, &run, &json!(rounds))?;
    println!("\n{}", file.display());
    Ok(holds)
}

struct Stage {
    options: Options,
    size: Size,
    graph: std::net::SocketAddr,
    arrivals: Arc<Arrivals>,
}

impl Stage {
    async fn round(&self) -> Result<Round> {
        let scratch = tempfile::tempdir()?;
        let fdatasync = disk::fdatasync(scratch.path())?;
        let ceiling = {
            let host = Host::ceiling(scratch.path())?;
            let seen =
                self.closed(&host, Until::Passed(Duration::from_secs(self.options.seconds)), 0).await?;
            host.kill()?;
            seen.rate()
        };
        let mut stores = Vec::new();
        for kind in [Kind::Sqlite, Kind::Postgres] {
            if self.options.only.is_none_or(|only| only == kind) {
                stores.push(self.store(kind, scratch.path()).await?);
            }
        }
        Ok(Round { fdatasync, ceiling, stores })
    }

    /// Everything on one kind of store.
    async fn store(&self, kind: Kind, scratch: &Path) -> Result<figures::OfStore> {
        let acknowledged = self.acknowledged(kind, scratch).await?;
        let (database, host) = self.gateway(kind, scratch).await?;
        let idle = host.memory()?;
        // What is opened once (prepared statements, secrets, connections) belongs to no message.
        self.answered(&host, 0, 500).await?;
        let before = host.processor()?;
        let began = Instant::now();
        self.answered(&host, 1_000_000, self.options.messages).await?;
        let end_to_end = self.options.messages as f64 / began.elapsed().as_secs_f64();
        let used = (host.processor()? - before).as_secs_f64();
        let busy = host.memory()?;
        let open = self.open(&host, 2_000_000, RATE).await?;
        let tenth = self.open(&host, 3_000_000, end_to_end / 10.0).await?;
        drop(host);
        drop(database);
        Ok(figures::OfStore {
            kind,
            acknowledged,
            end_to_end,
            micros: used * 1e6 / self.options.messages as f64,
            idle,
            busy,
            open: open.into(),
            tenth: tenth.into(),
        })
    }

    /// Webhooks acknowledged per second. What was acknowledged is there after a sudden end.
    async fn acknowledged(&self, kind: Kind, scratch: &Path) -> Result<f64> {
        let (database, host) = self.gateway(kind, scratch).await?;
        let seen = self.closed(&host, Until::Passed(Duration::from_secs(self.options.seconds)), 0).await?;
        host.kill()?;
        let mut tx = database.store.read().await?;
        let there = tx.count_bodies().await?;
        ensure!(
            u64::try_from(there)? >= seen.taken,
            "{} webhooks were acknowledged and {there} are stored",
            seen.taken
        );
        Ok(seen.rate())
    }

    async fn gateway(&self, kind: Kind, scratch: &Path) -> Result<(Database, Host)> {
        let database = kind.fresh().await?;
        tenants::settle(&database.store, self.size, now()).await?;
        let data = tempfile::tempdir_in(scratch)?.keep();
        let host = Host::gateway(&self.options.sapa, &data, &database.options.url, self.graph)?;
        Ok((database, host))
    }

    /// So many messages as fast as they are taken, and waits until each is answered.
    async fn answered(&self, host: &Host, from: u64, count: u64) -> Result<()> {
        self.arrivals.take();
        let seen = self.closed(host, Until::Sent(count), from).await?;
        ensure!(seen.taken == count, "{} of {count} webhooks were taken", seen.taken);
        self.wait_for(count).await
    }

    async fn wait_for(&self, count: u64) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while self.arrivals.count() < count {
            ensure!(Instant::now() < until, "{} of {count} replies came", self.arrivals.count());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    async fn closed(&self, host: &Host, until: Until, from: u64) -> Result<Seen> {
        let (address, requests) = (host.address, self.requests());
        let run = move || traffic::closed(address, CONNECTIONS, from, until, &requests);
        tokio::task::spawn_blocking(run).await.context("the load panicked")?
    }

    /// Messages at a rate: how long each took until it was acknowledged, and until its reply was there.
    async fn open(&self, host: &Host, from: u64, rate: f64) -> Result<Latencies> {
        self.arrivals.take();
        let (address, requests) = (host.address, self.requests());
        let lasts = Duration::from_secs(self.options.seconds);
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
        Ok(Latencies { acknowledged, replied: Seen { latencies, ..Seen::default() }, rate })
    }

    fn requests(&self) -> Requests {
        let size = self.size;
        let at = now().seconds();
        let lines: Vec<_> = (0..size.lines()).map(|n| tenants::line(size, n)).collect();
        Arc::new(move |n| {
            let line = &lines[usize::try_from(n).unwrap_or(0) % lines.len()];
            webhook::request(
                tenants::APP_SECRET.as_bytes(),
                &Said {
                    waba: &line.waba,
                    phone_number_id: &line.phone_number_id,
                    from: &person(n),
                    index: n,
                    words: "Halo",
                    at,
                },
            )
        })
    }
}

/// Who writes the `n`th message.
fn person(n: u64) -> String {
    format!("62812{:08}", n % PEOPLE)
}

/// What the open loop saw.
struct Latencies {
    acknowledged: Seen,
    replied: Seen,
    rate: f64,
}

impl From<Latencies> for figures::Open {
    fn from(seen: Latencies) -> Self {
        let of = |seen: &Seen| [seen.percentile(0.5), seen.percentile(0.99)];
        Self { rate: seen.rate, acknowledged: of(&seen.acknowledged), replied: of(&seen.replied) }
    }
}
