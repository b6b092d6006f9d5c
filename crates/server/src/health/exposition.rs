//! Counts and readings together, in the text of OpenMetrics.

use std::fmt::Result;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use store::timing::{STEPS, Taken, Waits};

use super::readings::Readings;
use crate::ctx::Ctx;

/// Everything that is counted and read.
pub(super) fn text(
    ctx: &Ctx,
    readings: &std::sync::Arc<Readings>,
) -> std::result::Result<String, std::fmt::Error> {
    let mut registry = Registry::default();
    let ours = registry.sub_registry_with_prefix("sapa");
    ctx.meters.register(ours);
    ours.register_collector(Box::new(Looked {
        readings: readings.clone(),
        waits: WAITS.map(|(kind, of)| (kind, of(ctx.store.waits()))),
        started: ctx.watch.started_at.0 as f64 / 1e6,
        ready: !ctx.leaving.is_cancelled(),
        meta_ahead: ctx.meters.meta_ahead(),
        held: ctx.limits.held(),
        prepared: (ctx.ahead.waiting(), ctx.ahead.taken()),
    }));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

type Wait = (&'static str, fn(&Waits) -> Taken);

const WAITS: [Wait; 4] = [
    ("write", |waits| waits.write.so_far()),
    ("ahead", |waits| waits.ahead.so_far()),
    ("read", |waits| waits.read.so_far()),
    ("commit", |waits| waits.commit.so_far()),
];

/// What was read, as metrics.
#[derive(Debug)]
struct Looked {
    readings: std::sync::Arc<Readings>,
    waits: [(&'static str, Taken); 4],
    started: f64,
    ready: bool,
    meta_ahead: Option<i64>,
    held: [(&'static str, u64); 3],
    /// Messages prepared as they were accepted: how many wait, and how many were taken.
    prepared: (usize, u64),
}

impl Collector for Looked {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result {
        let readings = &*self.readings;
        let to = &mut encoder;
        one(
            to,
            "ready",
            "Whether this process takes requests and goes on taking them",
            u8::from(self.ready),
        )?;
        let version = [(("version", env!("CARGO_PKG_VERSION")), 1)];
        many(to, "build_info", "What runs here", None, version.map(|(label, one)| ([label], one)))?;
        let jobs = readings.queues.iter().flat_map(|load| {
            let counts = [
                ("due", load.due),
                ("waiting", load.waiting),
                ("running", load.running),
                ("expired", load.expired),
                ("dead", load.dead),
            ];
            counts.map(|(state, count)| ([("queue", &*load.queue), ("state", state)], count))
        });
        many(to, "queue_jobs", "Jobs in each queue, by state", None, jobs)?;
        let oldest = readings.queues.iter().map(|load| {
            let age = load.oldest_due.map_or(0.0, |due| readings.at.since(due).as_secs_f64());
            ([("queue", &*load.queue)], age)
        });
        many(to, "queue_oldest_due", "How long the oldest due job waits", Some(Unit::Seconds), oldest)?;
        let (waiting, most) = readings.intake;
        one(to, "intake_waiting", "Webhooks that wait for their commit", waiting as f64)?;
        one(to, "intake_capacity", "How many may wait before more are answered 503", most as f64)?;
        one(
            to,
            "webhooks_unsplit",
            "Stored webhooks that are not cut into updates yet",
            readings.ingest.unsplit,
        )?;
        let ingest = &readings.ingest;
        let updates = [("pending", ingest.pending), ("parked", ingest.parked), ("kept", ingest.kept)];
        let updates = updates.map(|(state, count)| ([("state", state)], count));
        many(to, "updates", "Updates of webhooks that are not done with, by state", None, updates)?;
        let behind = [("split", ingest.oldest_unsplit), ("apply", ingest.oldest_pending)];
        let behind = behind.map(|(stage, at)| {
            ([("stage", stage)], at.map_or(0.0, |at| readings.at.since(at).as_secs_f64()))
        });
        many(
            to,
            "ingest_oldest",
            "How long the oldest webhook or update waits",
            Some(Unit::Seconds),
            behind,
        )?;
        one(to, "database_bytes", "The size of the database, without its log", readings.database.bytes)?;
        if let Some(bytes) = readings.log_bytes {
            one(to, "database_wal_bytes", "The size of SQLite's write-ahead log", bytes as f64)?;
        }
        let help = "Messages that a limit on sending held back";
        let mut family = to.encode_descriptor("sends_held", help, None, MetricType::Counter)?;
        for (limit, count) in self.held {
            family.encode_family(&[("limit", limit)])?.encode_counter::<NoLabelSet, _, f64>(&count, None)?;
        }
        let (waiting, taken) = self.prepared;
        one(
            to,
            "sends_prepared",
            "Messages prepared as they were accepted that wait to leave",
            waiting as f64,
        )?;
        let help = "Messages that were prepared as they were accepted, and taken to be sent";
        let mut counter = to.encode_descriptor("sends_ahead", help, None, MetricType::Counter)?;
        counter.encode_counter::<NoLabelSet, _, f64>(&taken, None)?;
        let connections = [("open", readings.connections.open), ("idle", readings.connections.idle)];
        let connections = connections.map(|(state, count)| ([("state", state)], count));
        many(to, "database_connections", "Database connections of the pool", None, connections)?;
        one(to, "database_connections_most", "How many there may be", readings.connections.most)?;
        waits(to, &self.waits)?;
        let clocks = [("database", readings.database_ahead()), ("meta", self.meta_ahead)];
        let clocks =
            clocks.into_iter().filter_map(|(whose, ahead)| Some(([("clock", whose)], ahead? as f64 / 1e6)));
        many(to, "clock_ahead", "How far another clock is ahead of ours", Some(Unit::Seconds), clocks)?;
        if let Some(disk) = readings.disk {
            one(to, "disk_free_bytes", "Room left on the disk of the data folder", disk.free as f64)?;
            one(to, "disk_bytes", "The size of that disk", disk.total as f64)?;
        }
        one(to, "requests_under_way", "Requests to the API that are worked on", readings.busy.0 as f64)?;
        one(to, "live_connections", "Live connections that are open", readings.busy.1 as f64)?;
        one(to, "start_time_seconds", "When this process began, in seconds since 1970", self.started)?;
        process(to, readings)
    }
}

fn process(to: &mut DescriptorEncoder<'_>, readings: &Readings) -> Result {
    let process = &readings.process;
    if let Some(bytes) = process.memory {
        one(to, "memory_bytes", "Memory that this process takes", bytes as f64)?;
    }
    if let Some(bytes) = process.most_memory {
        one(to, "memory_most_bytes", "The most that it was", bytes as f64)?;
    }
    if let Some(seconds) = process.cpu_seconds {
        let mut counter =
            to.encode_descriptor("cpu", "Processor time", Some(&Unit::Seconds), MetricType::Counter)?;
        counter.encode_counter::<NoLabelSet, _, f64>(&seconds, None)?;
    }
    if let Some(threads) = process.threads {
        one(to, "threads", "Threads of this process", threads as f64)?;
    }
    if let Some(files) = process.open_files {
        one(to, "open_files", "Files and connections that are open", files as f64)?;
    }
    if let Some(files) = process.most_open_files {
        one(to, "open_files_most", "How many may be", files as f64)?;
    }
    Ok(())
}

/// How long transactions waited to begin, and commits to be durable.
fn waits(to: &mut DescriptorEncoder<'_>, waits: &[(&'static str, Taken); 4]) -> Result {
    let help = "How long a transaction waited to begin (write, ahead, read) or to be durable (commit)";
    let mut family =
        to.encode_descriptor("database_wait", help, Some(&Unit::Seconds), MetricType::Histogram)?;
    for (kind, taken) in waits {
        let ends = STEPS.iter().map(std::time::Duration::as_secs_f64).chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = ends.zip(taken.counts).collect();
        family.encode_family(&[("kind", *kind)])?.encode_histogram::<NoLabelSet>(
            taken.micros as f64 / 1e6,
            taken.count(),
            &buckets,
            None,
        )?;
    }
    Ok(())
}

/// A number as metrics have it.
trait Amount {
    fn amount(self) -> f64;
}

macro_rules! amounts {
    ($($kind:ty),+) => {$(
        impl Amount for $kind {
            fn amount(self) -> f64 {
                self as f64
            }
        }
    )+};
}

amounts!(f64, i64, u32, u8, i32);

/// A gauge without labels.
fn one(to: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: impl Amount) -> Result {
    to.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value.amount())
}

/// A gauge for each set of labels.
fn many<L: EncodeLabelSet>(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<Unit>,
    values: impl IntoIterator<Item = (L, impl Amount)>,
) -> Result {
    let mut family = to.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?;
    for (labels, value) in values {
        family.encode_family(&labels)?.encode_gauge(&value.amount())?;
    }
    Ok(())
}
