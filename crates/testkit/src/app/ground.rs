//! What a server under test stands on.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use documents::ChildCommand;
use meta::graph::Graph;
use secrecy::SecretBox;
use server::alerts::InstallationKey;
use server::dispatch::Callbacks;
use server::fallback::Links;
use server::http::Bounds;
use server::ingest::Intake;
use server::mail::Mailer;
use server::media::blob::BlobStore;
use server::outbound::Outbound;
use server::{Ctx, Parts, Settings};
use store::Store;
use store::sealed::{MasterKey, Vault};
use url::Url;

use crate::{Seeded, TestClock};

/// What differs between servers under test. Those on one database open each other's secrets.
#[derive(Debug)]
pub struct Ground {
    /// The database.
    pub store: Store,
    /// Where people and Meta reach the server.
    pub url: String,
    /// The clock.
    pub clock: Arc<TestClock>,
    /// Chance.
    pub chance: Arc<Seeded>,
    /// The way to Meta.
    pub graph: Graph,
    /// The way to addresses that a tenant set.
    pub outbound: Outbound,
    /// Where files lie.
    pub blobs: Arc<dyn BlobStore>,
    /// How letters leave.
    pub mailer: Arc<dyn Mailer>,
}

impl Ground {
    /// What another process of the same installation stands on.
    pub fn beside(ctx: &Ctx, store: Store, url: String, clock: Arc<TestClock>) -> Self {
        Self {
            store,
            url,
            clock,
            chance: Arc::new(Seeded::new(8)),
            graph: ctx.graph.clone(),
            outbound: ctx.outbound.clone(),
            blobs: ctx.blobs.clone(),
            mailer: ctx.mailer.clone(),
        }
    }

    /// The parts of a server that stands on it.
    pub fn parts(self, intake: Intake) -> Parts {
        let master = MasterKey { id: "test".into(), key: SecretBox::new(Box::new([7; 32])) };
        Parts {
            store: self.store,
            vault: Vault::new(vec![master], self.chance.clone()).expect("a master key"),
            clock: self.clock,
            chance: self.chance,
            settings: Settings {
                node: "test".to_owned(),
                public_url: Url::parse(&self.url).expect("a URL"),
                // As a proxy in front of us, a test says who it is.
                trusted_proxies: vec![IpAddr::from([127, 0, 0, 1]).into()],
                ingest_queue: 1_000,
                bounds: Bounds { stranger_burst: Bounds::default().burst, ..Bounds::default() },
                drain: Duration::ZERO,
                stop_within: Duration::ZERO,
                organisations_mail: true,
                data: None,
                metrics_token: Some("metrics-token".into()),
            },
            intake,
            keyring: Default::default(),
            graph: self.graph,
            callbacks: callbacks(),
            links: Links::new(&SecretBox::new(Box::new([4; 32]))),
            installation_key: InstallationKey::new(&SecretBox::new(Box::new([5; 32]))).expect("a key"),
            limits: Default::default(),
            model: None,
            blobs: self.blobs,
            examiner: server::media::Examiner::default(),
            discovered: Default::default(),
            outbound: self.outbound,
            // A test that reads documents says which program does it.
            parse_document: ChildCommand { program: "/nonexistent".into(), arguments: Vec::new() },
            mailer: self.mailer,
        }
    }
}

/// How a server under test names its messages to Meta.
pub fn callbacks() -> Callbacks {
    Callbacks::new(&SecretBox::new(Box::new([3; 32])))
}
