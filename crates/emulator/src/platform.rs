//! The running platform: the world behind its lock, the journal, and what is not worth keeping.
//!
//! Invariant: the lock is never held over I/O; a change is answered only after its journal record is on disk.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::blobs::Blobs;
use crate::buckets::Buckets;
use crate::dice::Dice;
use crate::journal::{Journal, JournalError, Ticket};
use crate::news::{self, News};
use crate::recent::{HeardCall, Made, Recent};
use crate::world::World;
use crate::world::seed::AppSeed;

/// A handle on the platform; cheap to clone.
#[derive(Clone, Debug)]
pub struct Platform(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: Mutex<World>,
    journal: Journal,
    blobs: Blobs,
    bell: Notify,
    changes: watch::Sender<u64>,
    news: broadcast::Sender<News>,
    calls: Recent<HeardCall>,
    deliveries: Recent<Made>,
    buckets: Buckets,
    dice: Dice,
    http: reqwest::Client,
    public_url: String,
    app_seed: AppSeed,
    stopping: CancellationToken,
}

/// News kept for who is slow to hear; beyond that they look at everything anew.
const NEWS_KEPT: usize = 4_096;
/// Calls kept for inspection.
const CALLS_KEPT: usize = 1_000;
/// Deliveries of webhooks kept for inspection.
const DELIVERIES_KEPT: usize = 500;

impl Platform {
    pub(crate) fn new(
        world: World,
        journal: Journal,
        blobs: Blobs,
        public_url: String,
        app_seed: AppSeed,
        stopping: CancellationToken,
    ) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(10))
            .tcp_nodelay(true)
            .user_agent("facebookexternalua")
            .build()?;
        Ok(Self(Arc::new(Inner {
            world: Mutex::new(world),
            journal,
            blobs,
            bell: Notify::new(),
            changes: watch::Sender::new(0),
            news: broadcast::Sender::new(NEWS_KEPT),
            calls: Recent::new(CALLS_KEPT),
            deliveries: Recent::new(DELIVERIES_KEPT),
            buckets: Buckets::default(),
            dice: Dice::default(),
            http,
            public_url,
            app_seed,
            stopping,
        })))
    }

    /// Looks at the world.
    pub fn read<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the world and waits until the change is on disk. What `change` did before it returned an error
    /// of its own stays done, so it checks first and changes last.
    pub async fn write<R>(&self, change: impl FnOnce(&mut World) -> R) -> Result<R, JournalError> {
        let (result, ticket) = self.change(change);
        ticket.settled().await?;
        Ok(result)
    }

    /// Changes the world; the ticket tells when the change is on disk.
    pub fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> (R, Ticket) {
        let (result, ticket) = {
            let mut world = self.lock();
            let result = change(&mut world);
            if self.0.news.receiver_count() > 0 {
                news::of(&world).into_iter().for_each(|news| self.tell(news));
            }
            (result, self.0.journal.record(&mut world))
        };
        self.0.bell.notify_one();
        self.0.changes.send_modify(|count| *count += 1);
        (result, ticket)
    }

    /// Writes what waits to the journal and lets the data folder go.
    pub(crate) fn close(&self) {
        self.0.journal.close();
    }

    /// Rings whenever the world changed: there may be something due.
    pub(crate) fn bell(&self) -> &Notify {
        &self.0.bell
    }

    /// Tells of every change of the world, for those who wait for one.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Tells those who watch.
    pub(crate) fn tell(&self, news: News) {
        // Nobody may be watching.
        let _ = self.0.news.send(news);
    }

    /// Everything that is told from now on.
    pub(crate) fn news(&self) -> broadcast::Receiver<News> {
        self.0.news.subscribe()
    }

    /// Ends when the emulator does.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.0.stopping.clone()
    }

    /// The bytes of media.
    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// The recent calls.
    pub fn calls(&self) -> &Recent<HeardCall> {
        &self.0.calls
    }

    /// The recent deliveries of webhooks.
    pub fn deliveries(&self) -> &Recent<Made> {
        &self.0.deliveries
    }

    /// The rate limits' buckets.
    pub fn buckets(&self) -> &Buckets {
        &self.0.buckets
    }

    /// Chance for the faults.
    pub(crate) fn dice(&self) -> &Dice {
        &self.0.dice
    }

    /// The client for webhooks, handshakes and linked media. It follows no redirects.
    pub fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// The emulator's own address, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// The app of the standard world.
    pub(crate) fn app_seed(&self) -> &AppSeed {
        &self.0.app_seed
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A panic while changing the world is a bug; the tables stay usable, so others are still served.
        self.0.world.lock().unwrap_or_else(|broken| broken.into_inner())
    }
}
