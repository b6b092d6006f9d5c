//! How much of this process one connection, caller or organisation may have, and all of them together.

use std::num::NonZeroU32;
use std::time::Duration;

/// The limits that keep one who takes too much from harming the others. All of them are configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many connections are open at once. One more is answered 503 and closed.
    pub connections: usize,
    /// How many of them one address may have; trusted proxies are not counted.
    pub connections_per_address: usize,
    /// How long the head of a request may take from its first byte on.
    pub head: Duration,
    /// How long a connection may lie idle: nothing asked, nothing read by the other side.
    pub idle: Duration,
    /// How long a body may take, beyond what [`Bounds::body_rate`] grants it.
    pub body: Duration,
    /// Bytes a second that a body comes in at least.
    pub body_rate: NonZeroU32,
    /// How many requests to the API are worked on at once. One more is answered 503.
    pub requests: usize,
    /// How many of them work for one organisation. As many again wait a moment for their turn; more are answered 429.
    pub requests_per_org: usize,
    /// Requests a second of one organisation, and of one key or session.
    pub rate: NonZeroU32,
    /// How many of them may come at once.
    pub burst: NonZeroU32,
    /// Requests a second from one address that nothing known vouches for: no session, no key, or a wrong one.
    pub stranger_rate: NonZeroU32,
    /// How many of them may come at once.
    pub stranger_burst: NonZeroU32,
    /// How many live connections are open at once.
    pub live: usize,
    /// How many of them one organisation may have.
    pub live_per_org: usize,
    /// How many bytes of webhooks are held while their rest is still coming in. More are answered 503.
    pub webhook_bytes: usize,
}

/// A number that is not zero, known when this is compiled.
macro_rules! number {
    ($n:literal) => {
        const { NonZeroU32::new($n).unwrap() }
    };
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4_096,
            connections_per_address: 1_024,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(180),
            body: Duration::from_secs(10),
            body_rate: number!(16_384),
            requests: 512,
            requests_per_org: 32,
            rate: number!(1_000),
            burst: number!(2_000),
            stranger_rate: number!(30),
            stranger_burst: number!(300),
            live: 2_000,
            live_per_org: 500,
            webhook_bytes: 16 << 20,
        }
    }
}
