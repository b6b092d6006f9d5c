//! What this process counts while it works: [`Meters`], handed to everything through `Ctx`.
//!
//! Labels are words of this program (a queue, a limit, a route's pattern), never anything that came in: whoever sends
//! nonsense must not be able to fill the memory with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::fmt::rfc2822;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use rules::time::Clock;

/// Seconds that requests and calls take.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// How many of something are done together.
const TOGETHER: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
/// Meta's clock is not known.
const UNKNOWN: i64 = i64::MIN;

/// Everything that is counted. Cheap to clone.
#[derive(Clone)]
pub struct Meters {
    requests: Family<Answered, Counter>,
    request_seconds: Family<Route, Histogram>,
    refused: Family<Limit, Counter>,
    /// Connections that are open.
    pub connections: Gauge,
    jobs: Family<Ran, Counter>,
    job_seconds: Family<Queue, Histogram>,
    leases_lost: Family<Queue, Counter>,
    calls: Family<Called, Counter>,
    call_seconds: Family<Call, Histogram>,
    updates: Family<Outcome, Counter>,
    batches: Family<Stage, Histogram>,
    scans: Family<Scanned, Counter>,
    reaches: Family<Reached, Counter>,
    files: Family<Way, Counter>,
    file_bytes: Family<Way, Counter>,
    plain: Arc<Plain>,
}

/// What the health page asks for by itself.
#[derive(Debug)]
struct Plain {
    webhooks_refused: AtomicU64,
    refused: AtomicU64,
    meta_ahead: AtomicI64,
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}

/// Label sets, one per set of names.
macro_rules! labels {
    ($($name:ident { $($label:ident: $kind:ty),+ })+) => {$(
        #[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
        struct $name { $($label: $kind),+ }
    )+};
}

labels! {
    Answered { method: &'static str, route: String, status: u16 }
    Route { method: &'static str, route: String }
    Limit { limit: &'static str }
    Queue { queue: &'static str }
    Ran { queue: &'static str, verdict: &'static str }
    Outcome { outcome: &'static str }
    Called { call: &'static str, status: String }
    Call { call: &'static str }
    Stage { stage: &'static str }
    Scanned { verdict: &'static str }
    Reached { channel: &'static str, outcome: &'static str }
    Way { direction: &'static str }
}

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

fn together() -> Histogram {
    Histogram::new(TOGETHER)
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds),
            refused: Family::default(),
            connections: Gauge::default(),
            jobs: Family::default(),
            job_seconds: Family::new_with_constructor(seconds),
            leases_lost: Family::default(),
            calls: Family::default(),
            call_seconds: Family::new_with_constructor(seconds),
            updates: Family::default(),
            batches: Family::new_with_constructor(together),
            scans: Family::default(),
            reaches: Family::default(),
            files: Family::default(),
            file_bytes: Family::default(),
            plain: Arc::new(Plain {
                webhooks_refused: AtomicU64::new(0),
                refused: AtomicU64::new(0),
                meta_ahead: AtomicI64::new(UNKNOWN),
            }),
        }
    }
}

impl Meters {
    /// Puts everything under its name.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests answered", self.requests.clone());
        let name = "http_request";
        let seconds = self.request_seconds.clone();
        registry.register_with_unit(name, "How long answers took to begin", Unit::Seconds, seconds);
        registry.register(
            "refused",
            "Requests and connections that a limit turned away",
            self.refused.clone(),
        );
        registry.register("connections", "Connections that are open", self.connections.clone());
        registry.register("jobs_run", "Jobs run, by what came of them", self.jobs.clone());
        let seconds = self.job_seconds.clone();
        registry.register_with_unit("job", "How long jobs ran", Unit::Seconds, seconds);
        registry.register(
            "leases_lost",
            "Jobs whose lease was lost while they ran",
            self.leases_lost.clone(),
        );
        registry.register("graph_calls", "Calls of Meta's Graph API", self.calls.clone());
        let seconds = self.call_seconds.clone();
        registry.register_with_unit("graph_call", "How long Meta took to answer", Unit::Seconds, seconds);
        registry.register(
            "updates_applied",
            "Updates of webhooks, by what became of them",
            self.updates.clone(),
        );
        let batches = self.batches.clone();
        registry.register("ingest_batch", "How many webhooks or updates one transaction took", batches);
        registry.register(
            "files_scanned",
            "Files that a virus scanner was asked about, by what it said",
            self.scans.clone(),
        );
        registry.register(
            "reaches",
            "Messages on other channels than WhatsApp, by what became of them",
            self.reaches.clone(),
        );
        registry.register("files_stored", "Files that came in, or were uploaded", self.files.clone());
        registry.register_with_unit(
            "files_stored",
            "What they came to",
            Unit::Bytes,
            self.file_bytes.clone(),
        );
    }

    /// A request was answered.
    pub fn answer(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        if status == 503 && route.starts_with("/webhooks/") {
            self.plain.webhooks_refused.fetch_add(1, Ordering::Relaxed);
        }
        let route = Route { method, route: route.to_owned() };
        self.request_seconds.get_or_create(&route).observe(took.as_secs_f64());
        let Route { method, route } = route;
        self.requests.get_or_create(&Answered { method, route, status }).inc();
    }

    /// A limit turned a request or a connection away.
    pub fn refuse(&self, limit: &'static str) {
        self.plain.refused.fetch_add(1, Ordering::Relaxed);
        self.refused.get_or_create(&Limit { limit }).inc();
    }

    /// A job came to an end.
    pub fn job(&self, queue: &'static str, verdict: &'static str, took: Duration) {
        self.jobs.get_or_create(&Ran { queue, verdict }).inc();
        self.job_seconds.get_or_create(&Queue { queue }).observe(took.as_secs_f64());
    }

    /// A running job's lease was lost.
    pub fn lease_lost(&self, queue: &'static str) {
        self.leases_lost.get_or_create(&Queue { queue }).inc();
    }

    /// So many updates found the same end.
    pub fn updates(&self, outcome: &'static str, count: usize) {
        self.updates.get_or_create(&Outcome { outcome }).inc_by(count as u64);
    }

    /// A virus scanner was asked about a file.
    pub fn scanned(&self, verdict: &'static str) {
        self.scans.get_or_create(&Scanned { verdict }).inc();
    }

    /// A message on another channel: handed over (`taken`, `later`, `refused`, `ended`, `unknown`), or `delivered` or `failed`
    /// as its provider told.
    pub fn reached(&self, channel: &'static str, outcome: &'static str) {
        self.reaches.get_or_create(&Reached { channel, outcome }).inc();
    }

    /// A file of so many bytes was stored: `inbound` or `outbound`.
    pub fn stored(&self, direction: &'static str, bytes: u64) {
        self.files.get_or_create(&Way { direction }).inc();
        self.file_bytes.get_or_create(&Way { direction }).inc_by(bytes);
    }

    /// One transaction took so many: bodies (`acknowledge`) or updates (`apply`).
    pub fn batch(&self, stage: &'static str, count: usize) {
        self.batches.get_or_create(&Stage { stage }).observe(count as f64);
    }

    pub(super) fn webhooks_refused(&self) -> u64 {
        self.plain.webhooks_refused.load(Ordering::Relaxed)
    }

    pub(super) fn refused_in_all(&self) -> u64 {
        self.plain.refused.load(Ordering::Relaxed)
    }

    /// How far Meta's clock is ahead of ours, in microseconds, as of its last answer.
    pub(super) fn meta_ahead(&self) -> Option<i64> {
        Some(self.plain.meta_ahead.load(Ordering::Relaxed)).filter(|ahead| *ahead != UNKNOWN)
    }
}

/// Counts calls of the Graph API, and reads Meta's clock.
#[derive(Debug)]
pub(crate) struct GraphMeter {
    pub(crate) meters: Meters,
    pub(crate) clock: Arc<dyn Clock>,
}

impl meta::graph::Observer for GraphMeter {
    fn called(&self, call: &'static str, status: Option<u16>, took: Duration, date: Option<&str>) {
        let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        self.meters.calls.get_or_create(&Called { call, status }).inc();
        self.meters.call_seconds.get_or_create(&Call { call }).observe(took.as_secs_f64());
        if let Some(date) = date.and_then(|date| rfc2822::parse(date).ok()) {
            // Whole seconds, as of when the answer was written: half a second later on average.
            let ahead = date.timestamp().as_microsecond() + 500_000 - self.clock.now().0;
            self.meters.plain.meta_ahead.store(ahead, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use meta::graph::Observer as _;
    use rules::time::Timestamp;

    use super::*;

    #[derive(Debug)]
    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(1_795_195_382)
        }
    }

    #[test]
    fn meta_tells_its_time_with_every_answer() {
        let meter = GraphMeter { meters: Meters::default(), clock: Arc::new(Fixed) };
        meter.called("messages", Some(200), Duration::from_millis(90), None);
        assert_eq!(meter.meters.meta_ahead(), None);
        meter.called("messages", None, Duration::from_millis(90), Some("Fri, 20 Nov 2026 17:24:02 GMT"));
        assert_eq!(meter.meters.meta_ahead(), Some(60_500_000));
    }
}
