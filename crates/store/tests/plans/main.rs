//! What people look at is found by an index, however much there is beside it.
//!
//! SQLite is asked for the plan of every statement that was run; PostgreSQL counts for itself how often it read a whole
//! table, and how many entries of each index.

#![cfg(feature = "bulk")]

mod engine;
mod history;
mod knowledge;

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use rules::conversation::{AiState, ConversationStatus};
use rules::id::{ContactId, ConversationId, MemberId, MessageId, NumberId, OrgId};
use rules::time::{Clock as _, Timestamp};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use store::contacts::{Contact, ContactFilter};
use store::conversations::{Assignee, Conversation, ConversationFilter};
use store::messages::{Message, Thread, Towards};
use store::{Cursor, OrgScope, Store, StoreOptions};
use testkit::{Database, Seeded, TestClock, rows};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Conversations of an organisation, each with a message: so many that reading all of them is never cheapest.
const MANY: usize = 10_000;
/// How many organisations have as many.
const ORGS: usize = 2;
/// Entries of indexes that all that people look at may read together: a page is some fifty, and numbers are counted.
const LOOKED_AT: i64 = 12_000;
/// The tables that grow with what people write, and with what is to be done.
const LARGE: [&str; 9] = [
    "contacts",
    "contact_identities",
    "conversations",
    "messages",
    "message_words",
    "jobs",
    "job_lanes",
    "passages",
    "passage_stems",
];

/// One test at a time: statements are seen whoever runs them.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_nothing_that_people_look_at_reads_a_whole_table() {
    let _alone = ALONE.lock().await;
    listen();
    let db = Database::sqlite().await.unwrap();
    let filled = fill(&db.store).await;
    let run = run(look(&db.store, &filled)).await;
    let run: Vec<_> = run.iter().filter(|sql| sql.starts_with("SELECT")).collect();
    assert!(run.len() >= 15, "only {} statements were seen: {run:#?}", run.len());
    let mut connection = SqliteConnection::connect(&db.options.url).await.unwrap();
    let mut scans = String::new();
    for sql in run {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        for (.., step) in plan.iter().filter(|(.., step)| reads_all(step)) {
            let _ = writeln!(scans, "{step}: {sql}");
        }
    }
    assert!(scans.is_empty(), "{scans}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_nothing_that_people_look_at_reads_a_whole_table() {
    let _alone = ALONE.lock().await;
    let db = Database::postgres().await.unwrap();
    let filled = fill(&db.store).await;
    db.learn().await.unwrap();
    // What a connection counted is there at the latest when it ends.
    db.store.close().await;
    let before = Reads::of(&db).await;
    let store = Store::open(&StoreOptions { connections: 1, ..db.options.clone() }).await.unwrap();
    look(&store, &filled).await;
    store.close().await;
    Reads::of(&db).await.few_since(&before, LOOKED_AT, "looking");
    let before = whole_reads(&db).await;
    // The counters do count.
    let mut connection = PgConnection::connect(&db.options.url).await.unwrap();
    sqlx::query("SELECT count(*) FROM messages WHERE body LIKE '%x%'")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    assert_ne!(whole_reads(&db).await, before);
}

/// Whether a step of SQLite's plan goes through all of something that grows. Words of full text are looked up, whatever
/// the plan calls that.
fn reads_all(step: &str) -> bool {
    step.starts_with("SCAN")
        && !step.contains("VIRTUAL TABLE")
        && !step.contains("CONSTANT ROW")
        && !step.ends_with(" found")
}

/// How often PostgreSQL has read each of the tables that grow as a whole.
async fn whole_reads(db: &Database) -> Vec<(String, i64)> {
    // Whoever hung up a moment ago may still be counting.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut connection = PgConnection::connect(&db.options.url).await.unwrap();
    let counted =
        "SELECT relname::text, seq_scan FROM pg_stat_user_tables WHERE relname = ANY ($1) ORDER BY relname";
    sqlx::query_as(counted).bind(LARGE.as_slice()).fetch_all(&mut connection).await.unwrap()
}

/// How often PostgreSQL read whole tables, and how many entries of each index.
struct Reads {
    whole: Vec<(String, i64)>,
    entries: Vec<(String, i64)>,
}

impl Reads {
    async fn of(db: &Database) -> Self {
        let whole = whole_reads(db).await;
        let mut connection = PgConnection::connect(&db.options.url).await.unwrap();
        let counted =
            "SELECT indexrelname::text, idx_tup_read FROM pg_stat_user_indexes ORDER BY indexrelname";
        Self { whole, entries: sqlx::query_as(counted).fetch_all(&mut connection).await.unwrap() }
    }

    /// No whole table was read since, and no more than so many entries.
    fn few_since(&self, before: &Self, most: i64, when: &str) {
        assert_eq!(self.whole, before.whole, "{when}: whole tables were read");
        let each = self.entries.iter().zip(&before.entries);
        let each: Vec<_> = each.map(|((index, after), (_, before))| (index, after - before)).collect();
        let each: Vec<_> = each.into_iter().filter(|(_, read)| *read > 0).collect();
        let read: i64 = each.iter().map(|(_, read)| read).sum();
        assert!(read > 0 && read <= most, "{when}: {read} entries were read, of {most} at most: {each:?}");
    }
}

/// Everything that an inbox asks for.
async fn look(store: &Store, filled: &Filled) {
    let mut tx = store.read().await.unwrap();
    let mut scope = tx.org(filled.org).await.unwrap();
    let open = ConversationFilter {
        status: Some(ConversationStatus::Open),
        snoozed: Some(false),
        ..ConversationFilter::default()
    };
    let views = [
        ConversationFilter::default(),
        open.clone(),
        ConversationFilter { status: Some(ConversationStatus::Closed), ..ConversationFilter::default() },
        ConversationFilter { assignee: Some(Assignee::Nobody), ..open.clone() },
        ConversationFilter { assignee: Some(Assignee::Member(filled.member)), ..open.clone() },
        ConversationFilter { ai: Some(AiState::HandedOff), ..open.clone() },
        ConversationFilter { unread: true, snoozed: Some(false), ..ConversationFilter::default() },
        ConversationFilter { snoozed: Some(true), ..open.clone() },
        ConversationFilter { number: Some(filled.thread.number_id), ..open.clone() },
        ConversationFilter { contact: Some(filled.thread.contact_id), ..ConversationFilter::default() },
    ];
    let somewhere = Cursor { at: filled.at, id: filled.thread.conversation_id.0 };
    for view in &views {
        for from in [Cursor::NEWEST, somewhere] {
            scope.conversations(view, from, 50).await.unwrap();
        }
    }
    scope.conversation_counts(Some(filled.member)).await.unwrap();
    one(&mut scope, filled).await;
    scope.contacts(&ContactFilter::default(), Cursor::NEWEST, 50).await.unwrap();
    scope.unresolved_messages(Cursor::NEWEST, 50).await.unwrap();
    for text in ["halo", "nomor77"] {
        scope.search_messages(text, None, Cursor::NEWEST, 30).await.unwrap();
    }
    drop(tx);
    let mut tx = store.read().await.unwrap();
    tx.unknown_since(filled.at, 50).await.unwrap();
}

/// What a single conversation asks for.
async fn one(scope: &mut OrgScope<'_>, filled: &Filled) {
    let Thread { conversation_id, contact_id, .. } = filled.thread;
    let from = Cursor { at: filled.at, id: filled.message.0 };
    scope.conversation_row(conversation_id).await.unwrap();
    for towards in [Towards::Older(Cursor::NEWEST), Towards::Older(from), Towards::Newer(from)] {
        scope.thread(conversation_id, towards, 50).await.unwrap();
    }
    scope.latest_inbound(conversation_id).await.unwrap();
    scope.message(filled.message).await.unwrap();
    scope.message_by_wamid("wamid.7").await.unwrap();
    scope.message_in_conversation(conversation_id, "wamid.7").await.unwrap();
    scope.contact(contact_id).await.unwrap();
    scope.contact_identities(contact_id).await.unwrap();
}

/// What is looked at.
struct Filled {
    org: OrgId,
    member: MemberId,
    thread: Thread,
    message: MessageId,
    at: Timestamp,
}

/// Organisations with many conversations of a message each. What is looked at lies in the middle.
async fn fill(store: &Store) -> Filled {
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let now = clock.now();
    let (number_id, member) = (NumberId::fresh(now, &chance), MemberId::fresh(now, &chance));
    let mut filled = None;
    for _ in 0..ORGS {
        let org = OrgId::fresh(now, &chance);
        let (mut contacts, mut conversations, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..MANY {
            let at = now - Duration::from_secs(n as u64);
            let thread = Thread {
                conversation_id: ConversationId::fresh(at, &chance),
                contact_id: ContactId::fresh(at, &chance),
                number_id,
            };
            let message = message(n, MessageId::fresh(at, &chance), thread, at);
            if n == MANY / 2 {
                filled = Some(Filled { org, member, thread, message: message.id, at });
            }
            contacts.push(contact(n, thread.contact_id, at));
            conversations.push(conversation(n, thread, message.id, member, at));
            messages.push(message);
        }
        let mut tx = store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.write_contacts(&contacts).await.unwrap();
        scope.write_conversations(&conversations).await.unwrap();
        scope.write_messages(&messages).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = store.begin().await.unwrap();
    while tx.index_messages(5_000).await.unwrap() == 5_000 {}
    tx.commit().await.unwrap();
    filled.unwrap()
}

fn contact(n: usize, id: ContactId, at: Timestamp) -> Contact {
    let profile_name = Some(format!("Rina {n}"));
    Contact { profile_name, ..rows::contact(id, &format!("62812{n:08}"), at) }
}

fn conversation(n: usize, thread: Thread, last: MessageId, member: MemberId, at: Timestamp) -> Conversation {
    let is_open = n % 10 < 7;
    Conversation {
        status: if is_open { ConversationStatus::Open } else { ConversationStatus::Closed },
        assignee_id: (n % 5 == 1).then_some(member),
        ai: if n % 20 == 3 { AiState::HandedOff } else { AiState::On },
        last_message_id: Some(last),
        unread: i64::from(n % 4 == 1),
        snoozed_until: (is_open && n % 25 == 4).then_some(at),
        ..rows::conversation(thread, at)
    }
}

fn message(n: usize, id: MessageId, thread: Thread, at: Timestamp) -> Message {
    rows::message(id, thread, format!("wamid.{n}"), &format!("Halo nomor{n}"), at)
}

/// Every statement that was run, as the driver tells it to the log.
static RUN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Has statements heard from now on.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing_subscriber::registry().with(Statements).init());
}

/// The statements that were run meanwhile.
async fn run(work: impl Future<Output = ()>) -> BTreeSet<String> {
    RUN.lock().unwrap_or_else(PoisonError::into_inner).clear();
    work.await;
    RUN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Listens for them.
struct Statements;

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("sqlite") {
            let mut sql = Sql::default();
            event.record(&mut sql);
            let whole = sql.0.split_whitespace().collect::<Vec<_>>().join(" ");
            RUN.lock().unwrap_or_else(PoisonError::into_inner).insert(whole);
        }
    }
}

#[derive(Default)]
struct Sql(String);

impl Visit for Sql {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
