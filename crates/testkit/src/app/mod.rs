//! The whole server in the test's own process, spoken to over real HTTP.
//!
//! ```ignore
//! testkit::app::both(async |app| {
//!     let org = app.org("Kopi Senja").await;
//!     let answer = org.owner.get("members").await;
//!     assert_eq!(answer.status, 200);
//! })
//! .await;
//! ```
//!
//! The clock stands still until the test moves it, chance repeats, and nothing runs behind the test's back: webhooks
//! are applied and jobs are run when it calls [`TestApp::run_jobs`]. A job left undone fails the test.

mod actor;
mod furnish;
mod ground;
mod idp;
mod judge;
pub mod line;
mod mail_server;
mod mailbox;
mod push;
mod seed;
mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use meta::graph::{Graph, GraphConfig};
use rules::time::{Clock as _, Timestamp};
use server::ingest::intake;
use server::media::blob::DiskBlobs;
use server::outbound::{Allowed, Outbound, SystemNames};
use server::{Ctx, Parts};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use actor::{Actor, Answer};
pub use furnish::Samples;
pub use ground::{Ground, callbacks};
pub use idp::{CLIENT_ID, CLIENT_SECRET, Idp, Misdeed};
pub use judge::{Judge, VIRUS};
pub use mail_server::MailServer;
pub use mailbox::Mailbox;
pub use push::{Browser, Push, PushService};
pub use seed::TestOrg;

use crate::{Database, Seeded, TestClock};

/// A running server.
pub struct TestApp {
    /// What the server works with; for setting up what the API cannot.
    pub ctx: Ctx,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Where it listens, without a trailing slash.
    pub url: String,
    /// The letters that have left.
    pub mailbox: Arc<Mailbox>,
    /// Nobody.
    pub anonymous: Actor,
    /// Whoever runs the installation, through an operator key.
    pub operator: Actor,
    /// The database under it.
    pub database: Database,
    _files: TempDir,
    stop: CancellationToken,
    jobs_may_remain: AtomicBool,
    events_are_made_up: AtomicBool,
}

impl std::fmt::Debug for TestApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestApp").field("url", &self.url).finish_non_exhaustive()
    }
}

/// A client of a Graph API at this address, such as an emulator's.
pub fn graph(url: &str) -> Graph {
    let url = Url::parse(url).expect("a URL");
    Graph::new(GraphConfig::new(url, "v25.0")).expect("a client")
}

/// Runs a test once on each kind of database. Afterwards no job may be left.
pub async fn both(test: impl AsyncFn(&TestApp)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let app = TestApp::start(database.expect("a database")).await;
        test(&app).await;
        app.finish().await;
    }
}

impl TestApp {
    /// Starts a server on this database.
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, |_| {}).await
    }

    /// Starts a server with some of its parts changed.
    pub async fn start_with(database: Database, change: impl FnOnce(&mut Parts)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (clock, mailbox) = (Arc::new(TestClock::default()), Arc::new(Mailbox::default()));
        let files = TempDir::new().expect("a folder");
        let (intake, writer) = intake(1_000);
        let mut parts = Ground {
            store: database.store.clone(),
            url: url.clone(),
            clock: clock.clone(),
            chance: Arc::new(Seeded::default()),
            // Nothing listens there: a test that sends says where to.
            graph: graph("http://127.0.0.1:9"),
            outbound: Outbound::new(Allowed::default(), SystemNames).expect("a client"),
            blobs: Arc::new(DiskBlobs::open(files.path()).await.expect("a folder")),
            mailer: mailbox.clone(),
        }
        .parts(intake);
        parts.settings.data = Some(files.path().to_owned());
        change(&mut parts);
        let ctx = Ctx::new(parts);
        let stop = CancellationToken::new();
        let (store, stopped) = (database.store.clone(), stop.clone());
        let applied = ctx.clone();
        tokio::spawn(async move { writer.run(store, stopped, move |_| applied.ingest.notify_one()).await });
        let (served, stopped) = (ctx.clone(), stop.clone());
        tokio::spawn(async move { server::http::serve(&served, listener, &stopped, Duration::ZERO).await });
        let anonymous = Actor::anonymous(&url);
        let operator = seed::operator(&ctx, &anonymous).await;
        Self {
            ctx,
            clock,
            url,
            mailbox,
            anonymous,
            operator,
            database,
            _files: files,
            stop,
            jobs_may_remain: AtomicBool::new(false),
            events_are_made_up: AtomicBool::new(false),
        }
    }

    /// The present moment of the server's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Applies webhooks and runs jobs until nothing is due. Returns how many jobs ran.
    pub async fn run_jobs(&self) -> usize {
        let runner = jobs::Runner::new(
            self.ctx.store.clone(),
            self.ctx.clock.clone(),
            self.ctx.chance.clone(),
            server::queues::queues(&self.ctx),
        );
        let mut ran = 0;
        loop {
            let worked = server::ingest::work(&self.ctx).await.expect("webhooks are applied");
            if worked {
                // Answering takes a moment; at one and the same, chance would say what came first.
                self.clock.advance(std::time::Duration::from_millis(1));
            }
            let due = runner.run_due().await.expect("jobs run");
            while server::inbox::index_step(&self.ctx).await.expect("words are indexed") {}
            ran += due;
            if !worked && due == 0 {
                return ran;
            }
        }
    }

    /// The files of conversations and the like that hold a text.
    pub fn files_holding(&self, text: &str) -> Vec<std::path::PathBuf> {
        let (mut holding, mut folders) = (Vec::new(), vec![self._files.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in
                std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path())
            {
                if entry.is_dir() {
                    folders.push(entry);
                } else if std::fs::read(&entry)
                    .expect("a file")
                    .windows(text.len())
                    .any(|part| part == text.as_bytes())
                {
                    holding.push(entry);
                }
            }
        }
        holding
    }

    /// Says that this test leaves jobs undone on purpose.
    pub fn leave_jobs(&self) {
        self.jobs_may_remain.store(true, Ordering::Relaxed);
    }

    /// Says that this test publishes events of its own making.
    pub fn make_up_events(&self) {
        self.events_are_made_up.store(true, Ordering::Relaxed);
    }

    /// Stops the server, and fails if a job was left undone or an event published that nothing tells of.
    pub async fn finish(self) {
        self.stop.cancel();
        if !self.events_are_made_up.load(Ordering::Relaxed) {
            self.events_are_told().await;
        }
        if self.jobs_may_remain.load(Ordering::Relaxed) {
            return;
        }
        let mut tx = self.ctx.store.read().await.expect("a transaction");
        let mut left = Vec::new();
        for queue in server::queues::queues(&self.ctx) {
            let jobs = tx.jobs_left(queue.name).await.expect("a count");
            if jobs > 0 {
                left.push(format!("{jobs} of `{}`", queue.name));
            }
        }
        assert!(left.is_empty(), "jobs left undone: {}; call run_jobs() or leave_jobs()", left.join(", "));
        let dead = tx.dead_jobs(10).await.expect("a list");
        assert!(dead.is_empty(), "jobs given up: {dead:?}; call leave_jobs() if that is meant");
    }
}
