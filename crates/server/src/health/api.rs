//! `GET /metrics`, in the text of OpenMetrics: on the public address with a token, or on an address of its own; and what
//! the operator's page shows.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use rules::id::OrgId;
use rules::time::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use store::nodes::Node;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::findings::{Finding, Level};
use super::nodes::{self, Presence};
use super::readings::Readings;
use super::service;
use crate::ctx::Ctx;
use crate::http::{Json, OperatorActor, Problem, Sentence, ready};

/// Prometheus and its like read this.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// This room's part of the API.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(get_health))
}

/// The metrics on the public address: for whoever knows the token; without one they are not there at all.
pub fn metrics_routes() -> Router<Ctx> {
    Router::new().route("/metrics", get(with_token))
}

async fn with_token(State(ctx): State<Ctx>, headers: HeaderMap) -> Response {
    let Some(token) = &ctx.settings.metrics_token else { return Problem::not_found().into_response() };
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().trim();
    let token = token.expose_secret().as_bytes();
    if aws_lc_rs::constant_time::verify_slices_are_equal(shown.as_bytes(), token).is_err() {
        return Problem::unauthenticated().into_response();
    }
    metrics(State(ctx)).await
}

async fn metrics(State(ctx): State<Ctx>) -> Response {
    match service::metrics(&ctx).await {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Ok(Err(_unwritten)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// Answers on an address that only the operator's own network reaches: metrics without a token, liveness, readiness.
pub async fn serve_metrics(ctx: Ctx, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(ctx);
    axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// How grave something is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthLevel {
    /// People notice, or will soon.
    Bad,
    /// To be looked after.
    Warn,
    /// Good to know.
    Note,
}

/// One thing that is slow or wants looking after, and why.
#[derive(Serialize, ToSchema)]
pub struct HealthFinding {
    /// Names the kind of finding; never changes.
    code: &'static str,
    /// How grave it is.
    level: HealthLevel,
    /// What is the matter.
    sentence: Sentence,
    /// What to do about it.
    remedy: Sentence,
    /// The operator's page that shows more: `dead-jobs`, `kept-updates` or `connections`.
    page: Option<&'static str>,
    /// The organisation that it concerns most.
    org_id: Option<OrgId>,
}

/// A queue of jobs.
#[derive(Serialize, ToSchema)]
pub struct QueueHealth {
    /// Its name.
    queue: String,
    /// Jobs whose time has come.
    due: i64,
    /// Jobs whose time is yet to come.
    waiting: i64,
    /// Jobs that are being done.
    running: i64,
    /// Jobs whose process ended in the middle of them.
    expired: i64,
    /// Jobs given up.
    dead: i64,
    /// How many seconds the oldest due one has waited.
    oldest_due_seconds: Option<u64>,
}

/// What Meta sent and is not done with.
#[derive(Serialize, ToSchema)]
pub struct IngestHealth {
    /// Webhooks that wait for their commit.
    waiting: usize,
    /// How many may.
    capacity: usize,
    /// Stored webhooks that are not cut into updates yet.
    unsplit: i64,
    /// Updates to be applied.
    pending: i64,
    /// Statuses of messages that are not known yet.
    parked: i64,
    /// Updates that a person has to look at.
    kept: i64,
}

/// The database.
#[derive(Serialize, ToSchema)]
pub struct DatabaseHealth {
    /// `SQLite` or `PostgreSQL`.
    kind: &'static str,
    /// Its size.
    bytes: i64,
    /// The size of SQLite's write-ahead log.
    wal_bytes: Option<u64>,
    /// Commits in the last minute.
    commits: u64,
    /// Half of them took no longer than so many milliseconds.
    commit_half_ms: Option<f64>,
    /// All but one in a hundred took no longer.
    commit_most_ms: Option<f64>,
    /// All but one in a hundred writers waited no longer, in milliseconds.
    write_wait_most_ms: Option<f64>,
    /// Connections in use.
    connections_busy: u32,
    /// How many there may be.
    connections_most: u32,
    /// How many seconds its clock is ahead of this process's.
    clock_ahead_seconds: Option<f64>,
}

/// What can be said of a node.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// It takes requests and does its share of the work.
    Serving,
    /// It was told to stop, and ends what it is at.
    Leaving,
    /// It was not seen for a minute: it ended without a word, or is paused.
    Gone,
}

/// A process that serves the installation.
#[derive(Serialize, ToSchema)]
pub struct NodeHealth {
    /// What people call it.
    name: String,
    /// What runs there.
    version: String,
    /// What can be said of it.
    state: NodeState,
    /// When it began.
    started_at: Timestamp,
    /// When it was there last.
    seen_at: Timestamp,
    /// Whether it is the one that answered.
    answered: bool,
}

/// The disk of the data folder.
#[derive(Serialize, ToSchema)]
pub struct DiskHealth {
    /// Bytes left.
    free_bytes: u64,
    /// Bytes in all.
    total_bytes: u64,
}

/// The process that answered.
#[derive(Serialize, ToSchema)]
pub struct ProcessHealth {
    /// What runs there.
    version: &'static str,
    /// When it began.
    started_at: Timestamp,
    /// Whether it takes requests, and goes on taking them.
    ready: bool,
    /// The memory that it takes.
    memory_bytes: Option<u64>,
    /// Connections that are open.
    connections: i64,
    /// Requests to the API that are worked on.
    requests: usize,
    /// Live connections.
    live: usize,
}

/// How the installation is doing.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// As of when.
    at: Timestamp,
    /// What is slow or wants looking after, gravest first.
    findings: Vec<HealthFinding>,
    /// Queues that have jobs, by name.
    queues: Vec<QueueHealth>,
    /// The processes that serve the installation, by name. Those that ended without a word are kept for a day.
    nodes: Vec<NodeHealth>,
    /// What Meta sent.
    ingest: IngestHealth,
    /// The database.
    database: DatabaseHealth,
    /// The disk, where the system tells.
    disk: Option<DiskHealth>,
    /// The process that answered.
    process: ProcessHealth,
}

/// How the installation is doing: what is slow and why, and the figures behind it. A few seconds old at most.
#[utoipa::path(get, path = "/api/v1/operator/health", tag = "Operator", responses((status = OK, body = Health)))]
async fn get_health(State(ctx): State<Ctx>, _: OperatorActor) -> Result<Json<Health>, Problem> {
    let (readings, found) = service::report(&ctx).await?;
    Ok(Json(Health::new(&ctx, &readings, found)))
}

impl Health {
    fn new(ctx: &Ctx, readings: &Readings, found: Vec<Finding>) -> Self {
        let ms = |time: Option<std::time::Duration>| time.map(|time| time.as_secs_f64() * 1e3);
        let queues = readings.queues.iter().map(|load| QueueHealth {
            queue: load.queue.clone(),
            due: load.due,
            waiting: load.waiting,
            running: load.running,
            expired: load.expired,
            dead: load.dead,
            oldest_due_seconds: load.oldest_due.map(|due| readings.at.since(due).as_secs()),
        });
        let (lately, ingest) = (&readings.lately, &readings.ingest);
        Self {
            at: readings.at,
            findings: found.into_iter().map(HealthFinding::from).collect(),
            queues: queues.collect(),
            nodes: readings.nodes.iter().map(|node| NodeHealth::new(ctx, readings, node)).collect(),
            ingest: IngestHealth {
                waiting: readings.intake.0,
                capacity: readings.intake.1,
                unsplit: ingest.unsplit,
                pending: ingest.pending,
                parked: ingest.parked,
                kept: ingest.kept,
            },
            database: DatabaseHealth {
                kind: ctx.store.kind(),
                bytes: readings.database.bytes,
                wal_bytes: readings.log_bytes,
                commits: lately.commit.count(),
                commit_half_ms: ms(lately.commit.within(0.5)),
                commit_most_ms: ms(lately.commit.within(0.99)),
                write_wait_most_ms: ms(lately.write.within(0.99)),
                connections_busy: readings.connections.open - readings.connections.idle,
                connections_most: readings.connections.most,
                clock_ahead_seconds: readings.database_ahead().map(|ahead| ahead as f64 / 1e6),
            },
            disk: readings.disk.map(|disk| DiskHealth { free_bytes: disk.free, total_bytes: disk.total }),
            process: ProcessHealth {
                version: env!("CARGO_PKG_VERSION"),
                started_at: ctx.watch.started_at,
                ready: !ctx.leaving.is_cancelled(),
                memory_bytes: readings.process.memory,
                connections: ctx.meters.connections.get(),
                requests: readings.busy.0,
                live: readings.busy.1,
            },
        }
    }
}

impl NodeHealth {
    fn new(ctx: &Ctx, readings: &Readings, node: &Node) -> Self {
        Self {
            name: node.name.clone(),
            version: node.version.clone(),
            state: match nodes::presence(node, readings.at) {
                Presence::Serving => NodeState::Serving,
                Presence::Leaving => NodeState::Leaving,
                Presence::Gone => NodeState::Gone,
            },
            started_at: node.started_at,
            seen_at: node.seen_at,
            answered: node.name == super::nodes::name(ctx),
        }
    }
}

impl From<Finding> for HealthFinding {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.code,
            level: match finding.level {
                Level::Bad => HealthLevel::Bad,
                Level::Warn => HealthLevel::Warn,
                Level::Note => HealthLevel::Note,
            },
            sentence: finding.sentence,
            remedy: finding.remedy,
            page: finding.page,
            org_id: finding.org,
        }
    }
}
