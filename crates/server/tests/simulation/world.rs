//! Everything of one seed that outlives a crash: the database, the clock, Meta, and the people's wishes.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use meta::graph::Graph;
use rules::id::{ContactId, MessageId, NumberId, OrgId};
use rules::identity::Phone;
use rules::time::span;
use server::media::blob::{BlobStore, DiskBlobs};
use server::outbound::{Allowed, Outbound, SystemNames};
use store::{Store, StoreOptions};
use tempfile::TempDir;
use testkit::app::line::connect;
use testkit::app::{TestApp, graph};
use testkit::{Database, Seeded, TestClock};

use super::meta::Meta;
use super::turns::{Life, Paced, Turns};

/// The people, by their numbers.
pub const PEOPLE: [&str; 3] = ["491700000001", "491700000002", "491700000003"];

/// What every seed begins with.
pub struct Kit {
    folder: TempDir,
    /// The database that every seed gets a copy of.
    first: PathBuf,
    org: OrgId,
    number: NumberId,
    pub authorization: String,
    contacts: Vec<ContactId>,
    pub graph: Graph,
    pub outbound: Outbound,
    pub blobs: Arc<dyn BlobStore>,
    /// How many messages left as they were prepared when they were accepted, in all that was told.
    pub ahead: AtomicU64,
}

/// Where the databases of seeds lie: in memory where the system has a place for that. What a loss of power leaves behind
/// is not for seeds to tell.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    folder.expect("a folder")
}

impl Kit {
    /// A database with an organisation, a key, a number and the people.
    pub async fn new() -> Self {
        let folder = folder();
        let database = Database::sqlite().await.expect("a database");
        let file = database.options.url.trim_start_matches("sqlite://").to_owned();
        let app = TestApp::start(database).await;
        let org = app.org("Kopi Senja").await;
        let number = connect(&app.ctx, org.id).await;
        let mut contacts = Vec::new();
        let mut tx = app.ctx.store.begin().await.expect("a transaction");
        let mut scope = tx.org(org.id).await.expect("a scope");
        for phone in PEOPLE {
            let phone = Phone::from_wire(phone).expect("a phone number");
            let found = scope.contact_by_phone(&phone, app.now(), app.ctx.chance()).await;
            contacts.push(found.expect("a contact").contact);
        }
        tx.commit().await.expect("a commit");
        app.ctx.store.close().await;
        let first = folder.path().join("first.db");
        std::fs::copy(file, &first).expect("a copy");
        let authorization = org.key.authorization().expect("a key").to_owned();
        Self {
            blobs: Arc::new(DiskBlobs::open(folder.path()).await.expect("a folder")),
            folder,
            first,
            org: org.id,
            number,
            authorization,
            contacts,
            graph: graph("http://meta.test"),
            outbound: Outbound::new(Allowed::default(), SystemNames).expect("a client"),
            ahead: AtomicU64::new(0),
        }
    }
}

impl Kit {
    /// Lets every seed begin where this world has come to. Its database is closed.
    pub fn continues(&self, world: &World) {
        std::fs::copy(&world.file, &self.first).expect("a copy");
    }
}

/// A wish to send a text.
#[derive(Clone, Debug)]
pub struct Wish {
    pub person: usize,
    pub text: String,
    /// Who is being asked now.
    pub asked: Option<Life>,
    pub acknowledged: Option<MessageId>,
    pub refused: bool,
    /// How many times it was asked to be sent again.
    pub again: u32,
}

/// Everything of one seed.
pub struct World {
    pub kit: Arc<Kit>,
    pub turns: Arc<Turns>,
    pub clock: Arc<TestClock>,
    pub chance: Arc<Seeded>,
    pub meta: Meta,
    /// For looking at the database beside the nodes.
    pub store: Store,
    wishes: Mutex<Vec<Wish>>,
    troubles: Mutex<Vec<String>>,
    file: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        for file in ["", "-webhooks"] {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{file}{end}", self.file.display()));
            }
        }
    }
}

impl World {
    pub async fn new(kit: Arc<Kit>, seed: u64) -> Arc<Self> {
        let file = kit.folder.path().join(format!("{seed}.db"));
        std::fs::copy(&kit.first, &file).expect("a copy");
        let options = StoreOptions { url: format!("sqlite://{}", file.display()), connections: 2 };
        let store = Store::connect(&options).await.expect("a database");
        let clock = Arc::new(TestClock::default());
        // The beginning, which has seed 0, takes less than an hour.
        clock.advance(if seed == 0 { span::minutes(1) } else { span::hours(1) });
        Arc::new(Self {
            kit,
            turns: Arc::default(),
            clock,
            chance: Arc::new(Seeded::new(seed)),
            meta: Meta::new(seed),
            store,
            wishes: Mutex::default(),
            troubles: Mutex::default(),
            file,
        })
    }

    pub fn org(&self) -> OrgId {
        self.kit.org
    }

    pub fn number(&self) -> NumberId {
        self.kit.number
    }

    pub fn contacts(&self) -> &[ContactId] {
        &self.kit.contacts
    }

    pub fn wishes(&self) -> MutexGuard<'_, Vec<Wish>> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn troubles(&self) -> MutexGuard<'_, Vec<String>> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a text is one of the wishes, and not the AI's or the system's.
    pub fn is_ours(text: &str) -> bool {
        text.starts_with("wish ")
    }

    /// Whether STOP stands in a person's ledger.
    pub async fn is_stopped(&self, person: usize) -> bool {
        let pace = Paced { turns: self.turns.clone(), life: 0 };
        let mut tx = self.store.clone().paced(Arc::new(pace)).read().await.expect("a transaction");
        let mut scope = tx.org(self.org()).await.expect("a scope");
        let consent = scope.consent_of(self.kit.contacts[person], false).await.expect("a ledger");
        consent.stopped.is_some()
    }
}
