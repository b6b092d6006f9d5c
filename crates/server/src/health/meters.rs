//! What this process counts while it works: [`Meters`], handed to everything through `Ctx`.
//!
//! Labels are words of this program (a queue, a limit, a route's pattern), never anything that came in: whoever sends
//! nonsense must not be able to fill the memory with it.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Seconds that requests and calls take.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Everything that is counted.
pub struct Meters {
    registry: Registry,
    requests: Family<Answered, Counter>,
    request_seconds: Family<Route, Histogram>,
    refused: Family<Limit, Counter>,
    /// Connections that are open.
    pub connections: Gauge,
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

impl Meters {
    /// Everything at nothing.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("sapa");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let request_seconds = Family::new_with_constructor(seconds as fn() -> Histogram);
        registry.register_with_unit(
            "http_request",
            "How long answers took to begin",
            Unit::Seconds,
            request_seconds.clone(),
        );
        let refused = Family::default();
        registry.register(
            "http_refused",
            "Requests and connections that a limit turned away",
            refused.clone(),
        );
        let connections = Gauge::default();
        registry.register("http_connections", "Connections that are open", connections.clone());
        Self { registry, requests, request_seconds, refused, connections }
    }

    /// Everything in the text of OpenMetrics.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// A request was answered.
    pub fn answer(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = Route { method, route: route.to_owned() };
        self.request_seconds.get_or_create(&route).observe(took.as_secs_f64());
        let Route { method, route } = route;
        self.requests.get_or_create(&Answered { method, route, status }).inc();
    }

    /// A limit turned a request or a connection away.
    pub fn refuse(&self, limit: &'static str) {
        self.refused.get_or_create(&Limit { limit }).inc();
    }
}
