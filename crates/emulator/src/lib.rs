//! The emulator: a local Meta with Graph API, signup dialog, webhooks and faults on demand.
//!
//! [`Emulator::start`] runs it; everything after that goes over HTTP: the Graph API under `/vNN.0/…`, the
//! controls under `/_emulator/…` (loopback only, described at `/_emulator/openapi.json`).
//!
//! Invariant: it depends on no other crate of this workspace and follows Meta's documents, not our client, so
//! that the two check each other. What a call changed is on disk before the call is answered.

mod blobs;
mod buckets;
mod clients;
pub mod control;
mod dice;
pub mod graph;
mod journal;
mod line;
pub mod messaging;
mod news;
mod pages;
mod platform;
mod recent;
mod server;
pub mod signup;
pub mod templates;
pub mod webhooks;
pub mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

pub use platform::Platform;
pub use server::Running;
pub use world::seed::AppSeed;

/// How an emulator is started.
#[derive(Debug, Clone)]
pub struct EmulatorConfig {
    /// Where it listens. Port 0 takes a free one. The controls answer loopback peers alone.
    pub listen: SocketAddr,
    /// The data folder; `None` keeps everything in memory.
    pub data: Option<PathBuf>,
    /// The address people and software reach it at, without a slash at the end, when that differs from
    /// `listen`. Media addresses and paging links start with it.
    pub public_url: Option<String>,
    /// The Meta app of a new world. In a kept world its callback address, if given here, replaces the old one.
    pub app: AppSeed,
}

impl Default for EmulatorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: None,
            public_url: None,
            app: AppSeed::default(),
        }
    }
}

/// The emulator.
#[derive(Debug)]
pub struct Emulator;

impl Emulator {
    /// Starts the emulator and returns once it listens. Fails with a sentence when the data folder or the
    /// address cannot be used.
    pub async fn start(config: EmulatorConfig) -> anyhow::Result<Running> {
        server::start(config).await
    }
}
