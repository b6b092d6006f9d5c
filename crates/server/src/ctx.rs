//! What every room works with, passed in and never ambient: store, vault, clock, chance, settings.

use std::net::IpAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use documents::ChildCommand;
use ipnet::IpNet;
use meta::graph::Graph;
use rules::time::{Clock, Randomness, Timestamp};
use secrecy::SecretString;
use store::Store;
use store::sealed::Vault;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::alerts::InstallationKey;
use crate::bot::Model;
use crate::dispatch::{Ahead, Callbacks, Crowds, Limits};
use crate::fallback::Links;
use crate::health::{GraphMeter, Meters, Watch};
use crate::http::{Admission, Bounds};
use crate::identity::Discovered;
use crate::ingest::{Intake, Keyring};
use crate::mail::Mailer;
use crate::media::Examiner;
use crate::media::blob::BlobStore;
use crate::outbound::Outbound;

/// What the binary decides once, at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What people call this process among those that serve the installation.
    pub node: String,
    /// Where people and Meta reach this installation, without a trailing slash.
    pub public_url: Url,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How many webhook bodies may wait for their commit before more are answered 503.
    pub ingest_queue: usize,
    /// What one caller, one organisation and all together may take.
    pub bounds: Bounds,
    /// How long this process says that it is not ready before it takes no more requests.
    pub drain: Duration,
    /// How long requests, and then jobs, may take to end once the process stops.
    pub stop_within: Duration,
    /// Whether organisations may send mail to their contacts through the installation's mail server.
    pub organisations_mail: bool,
    /// The folder in which the installation keeps its files, whose disk is watched.
    pub data: Option<PathBuf>,
    /// What a monitoring system shows to read the metrics on the public address; without one they are not there.
    pub metrics_token: Option<SecretString>,
}

impl Settings {
    /// Whether the public address is https, so that cookies are sent over nothing else.
    pub fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Whether the installation has no other name than this machine's own, and so is for this machine alone.
    pub fn is_local(&self) -> bool {
        self.public_url.host_str().is_some_and(is_local)
    }
}

/// Whether a host, as it stands in an address, is this very machine.
pub(crate) fn is_local(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The parts a [`Ctx`] is made of.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Seals and opens secrets.
    pub vault: Vault,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Randomness>,
    /// Settings.
    pub settings: Settings,
    /// Where webhook bodies are made durable.
    pub intake: Intake,
    /// The secrets that webhooks are signed with.
    pub keyring: Keyring,
    /// The client of Meta's Graph API.
    pub graph: Graph,
    /// Our message ids on their way through Meta and back.
    pub callbacks: Callbacks,
    /// What alerts to browsers are signed with.
    pub installation_key: InstallationKey,
    /// How fast each number may send.
    pub limits: Limits,
    /// The endpoint of a language model, where one is configured.
    pub model: Option<Model>,
    /// Where files lie.
    pub blobs: Arc<dyn BlobStore>,
    /// Looks at files that come in.
    pub examiner: Examiner,
    /// The way to addresses that a tenant set.
    pub outbound: Outbound,
    /// What is known of the providers that people sign in through.
    pub discovered: Discovered,
    /// The program that reads documents.
    pub parse_document: ChildCommand,
    /// How letters leave.
    pub mailer: Arc<dyn Mailer>,
    /// Addresses that speak for somebody, such as the links in messages on other channels.
    pub links: Links,
}

/// Shared by every request and job. Cheap to clone: each request does several times.
#[derive(Clone, Debug)]
pub struct Ctx(Arc<Shared>);

/// The parts, and what is known and counted while they are at work.
#[derive(Debug)]
pub struct Shared {
    parts: Parts,
    /// Told when webhooks were stored or updates have become pending. Only a hint: ingest also looks by itself.
    pub ingest: Notify,
    /// Who is let in.
    pub admission: Admission,
    /// Messages that were prepared as they were accepted.
    pub ahead: Ahead,
    /// How many people were written to first lately.
    pub crowds: Crowds,
    /// What this process counts.
    pub meters: Meters,
    /// Looks at how things are.
    pub watch: Watch,
    /// The process is about to end and no longer ready.
    pub leaving: CancellationToken,
    /// The process takes no more requests, and what stays open is closed.
    pub closing: CancellationToken,
}

impl Deref for Ctx {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Ctx {
    /// A context of these parts.
    pub fn new(mut parts: Parts) -> Self {
        let meters = Meters::default();
        let observer = GraphMeter { meters: meters.clone(), clock: parts.clock.clone() };
        parts.graph = parts.graph.observed_by(Arc::new(observer));
        Self(Arc::new(Shared {
            watch: Watch::new(parts.clock.now()),
            ingest: Notify::new(),
            admission: Admission::new(&parts.settings.bounds),
            ahead: Ahead::default(),
            crowds: Crowds::default(),
            meters,
            leaving: CancellationToken::new(),
            closing: CancellationToken::new(),
            parts,
        }))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Chance, for ids and tokens.
    pub fn chance(&self) -> &dyn Randomness {
        &*self.chance
    }
}
