//! The limits on connections and requests as configuration. See docs/configuration.md.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;
use server::http::Bounds;

/// What one caller, one organisation and all together may take.
#[derive(Args, Clone, Debug)]
pub struct BoundsOptions {
    /// How many connections are open at once; one more is answered 503.
    #[arg(long, env = "SAPA_CONNECTIONS", default_value_t = Bounds::default().connections)]
    connections: usize,
    /// How many of them one address may have. Trusted proxies are not counted.
    #[arg(long, env = "SAPA_CONNECTIONS_PER_ADDRESS", default_value_t = Bounds::default().connections_per_address)]
    connections_per_address: usize,
    /// How many seconds the head of a request may take.
    #[arg(long, env = "SAPA_HEAD_SECONDS", default_value_t = Bounds::default().head.as_secs())]
    head_seconds: u64,
    /// How many seconds a connection may lie idle.
    #[arg(long, env = "SAPA_IDLE_SECONDS", default_value_t = Bounds::default().idle.as_secs())]
    idle_seconds: u64,
    /// How many seconds a body may take, beyond what its least speed grants it.
    #[arg(long, env = "SAPA_BODY_SECONDS", default_value_t = Bounds::default().body.as_secs())]
    body_seconds: u64,
    /// The least speed of a body, in bytes a second.
    #[arg(long, env = "SAPA_BODY_RATE", default_value_t = Bounds::default().body_rate)]
    body_rate: NonZeroU32,
    /// How many requests to the API are worked on at once; one more is answered 503.
    #[arg(long, env = "SAPA_REQUESTS", default_value_t = Bounds::default().requests)]
    requests: usize,
    /// How many of them work for one organisation; as many again wait, more are answered 429.
    #[arg(long, env = "SAPA_REQUESTS_PER_ORGANISATION", default_value_t = Bounds::default().requests_per_org)]
    requests_per_organisation: usize,
    /// Requests a second of one organisation, and of one key or session; more are answered 429.
    #[arg(long, env = "SAPA_RATE", default_value_t = Bounds::default().rate)]
    rate: NonZeroU32,
    /// How many of them may come at once.
    #[arg(long, env = "SAPA_BURST", default_value_t = Bounds::default().burst)]
    burst: NonZeroU32,
    /// Requests a second from one address without a valid sign-in or key; more are answered 429.
    #[arg(long, env = "SAPA_STRANGER_RATE", default_value_t = Bounds::default().stranger_rate)]
    stranger_rate: NonZeroU32,
    /// How many of them may come at once.
    #[arg(long, env = "SAPA_STRANGER_BURST", default_value_t = Bounds::default().stranger_burst)]
    stranger_burst: NonZeroU32,
    /// How many live connections are open at once.
    #[arg(long, env = "SAPA_LIVE", default_value_t = Bounds::default().live)]
    live: usize,
    /// How many of them one organisation may have.
    #[arg(long, env = "SAPA_LIVE_PER_ORGANISATION", default_value_t = Bounds::default().live_per_org)]
    live_per_organisation: usize,
    /// How many bytes of webhooks are held while the rest of them comes in.
    #[arg(long, env = "SAPA_WEBHOOK_BYTES", default_value_t = Bounds::default().webhook_bytes)]
    webhook_bytes: usize,
}

impl BoundsOptions {
    /// The limits.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            head: Duration::from_secs(self.head_seconds),
            idle: Duration::from_secs(self.idle_seconds),
            body: Duration::from_secs(self.body_seconds),
            body_rate: self.body_rate,
            requests: self.requests,
            requests_per_org: self.requests_per_organisation,
            rate: self.rate,
            burst: self.burst,
            stranger_rate: self.stranger_rate,
            stranger_burst: self.stranger_burst,
            live: self.live,
            live_per_org: self.live_per_organisation,
            webhook_bytes: self.webhook_bytes,
        }
    }
}
