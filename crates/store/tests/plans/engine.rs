//! What the engine asks for many conversations at once is found by index as well: beside an organisation that is larger
//! than all others together, and by connections that learned their statements while there was nothing to find.
//!
//! Only on PostgreSQL, which decides from its statistics; it counts how many entries of indexes it read.

use std::time::Duration;

use rules::consent::{Channel, ConsentAction, ConsentSource};
use rules::conversation::AiState;
use rules::id::{ConsentEventId, ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::identity::{Phone, Sender};
use rules::message::{Kind, MessageState};
use rules::time::{Clock as _, Timestamp};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use store::consent::NewConsentEvent;
use store::conversations::{Heard, Pair};
use store::messages::{Asked, Decided, Ended, Move, NewMessage, Step, Thread};
use store::queue::{NewJob, PutBack};
use store::{Store, StoreOptions};
use testkit::{Database, Seeded, TestClock, number};

use super::{ALONE, Reads, contact, conversation, message};

/// How many small organisations there are.
const SMALL: usize = 100;
/// Conversations of the large organisation, and of each of the others.
const SIZES: [usize; 2] = [20_000, 20];
/// Conversations that are asked for at once.
const AT_ONCE: usize = 16;
/// Jobs that wait.
const BACKLOG: usize = 5_000;
/// Entries of indexes that all statements together may read for one conversation.
const READ: i64 = 120;

/// A conversation to ask about.
#[derive(Clone)]
struct Line {
    org: OrgId,
    thread: Thread,
    message: MessageId,
    phone: Phone,
    wamid: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_sets_are_found_by_index_beside_a_large_organisation() {
    let _alone = ALONE.lock().await;
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let db = Database::postgres().await.unwrap();
    let most = READ * i64::try_from(AT_ONCE).unwrap();
    let one = StoreOptions { connections: 1, ..db.options.clone() };
    // This one learns its statements while there is nothing.
    let early = Store::open(&one).await.unwrap();
    let nowhere = [nowhere(clock.now(), &chance)];
    for _ in 0..6 {
        work(&early, &nowhere, clock.now(), &chance).await;
    }
    let lines = fill(&db.store, clock.now(), &chance).await;
    db.store.close().await;
    learned(&db).await;
    let before = Reads::of(&db).await;
    work(&early, &lines, clock.now(), &chance).await;
    early.close().await;
    Reads::of(&db).await.few_since(&before, most, "planned while there was nothing");

    db.learn().await.unwrap();
    let before = Reads::of(&db).await;
    let late = Store::open(&one).await.unwrap();
    clock.advance(Duration::from_secs(10));
    work(&late, &lines, clock.now(), &chance).await;
    late.close().await;
    Reads::of(&db).await.few_since(&before, most, "planned when all was there");
}

/// A queue is empty now and holds thousands a moment later: PostgreSQL is asked while it still takes the one for the
/// other. Jobs and lanes are looked up all the same.
#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_jobs_are_looked_up_where_the_queue_is_believed_empty() {
    let _alone = ALONE.lock().await;
    let (clock, chance) = (TestClock::default(), Seeded::default());
    let db = Database::postgres().await.unwrap();
    let lines = fill(&db.store, clock.now(), &chance).await;
    let later = clock.now() + Duration::from_secs(3_600);
    let mut tx = db.store.begin().await.unwrap();
    for n in 0..BACKLOG {
        let key = Some(format!("somebody {n}"));
        let job = NewJob { serial_key: key, ..NewJob::new("answer", n, &(), later).unwrap() };
        tx.enqueue(&job, clock.now());
    }
    tx.commit().await.unwrap();
    db.store.close().await;
    // Whoever hung up a moment ago may still be counting.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut connection = PgConnection::connect(&db.options.url).await.unwrap();
    for lie in [
        "UPDATE pg_class SET reltuples = 0, relpages = 1 WHERE relnamespace = current_schema()::regnamespace \
         AND (relname IN ('jobs', 'job_lanes') OR relname LIKE 'jobs!_%' ESCAPE '!' OR relname LIKE 'job!_lanes!_%' ESCAPE '!')",
        // Nothing has grown, then, and nothing is looked at anew.
        "SELECT pg_stat_reset()",
    ] {
        sqlx::query(lie).execute(&mut connection).await.unwrap();
    }
    let before = Reads::of(&db).await;
    let misled = Store::open(&StoreOptions { connections: 1, ..db.options.clone() }).await.unwrap();
    let orgs: Vec<OrgId> = lines.iter().map(|line| line.org).collect();
    let mut tx = misled.begin().await.unwrap();
    ask(&mut tx.batch(&orgs).await.unwrap(), &lines, clock.now()).await;
    tx.commit().await.unwrap();
    jobs(&misled, &lines, clock.now(), &chance).await;
    unfinished(&misled, &lines, clock.now(), &chance).await;
    misled.close().await;
    let most = READ * i64::try_from(AT_ONCE).unwrap();
    Reads::of(&db).await.few_since(&before, most, "believed empty");
    let believed: f32 = sqlx::query_scalar("SELECT reltuples FROM pg_class WHERE oid = 'jobs'::regclass")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(believed, 0.0, "it was told better meanwhile, and nothing was shown");
}

/// Waits until the open store has let the database look at what has grown.
async fn learned(db: &Database) {
    let mut connection = PgConnection::connect(&db.options.url).await.unwrap();
    let unknown = "SELECT count(*) FROM pg_class WHERE relname = ANY ($1) AND reltuples < $2";
    for _ in 0..60 {
        let left: i64 = sqlx::query_scalar(unknown)
            .bind(["contacts", "contact_identities", "conversations", "messages"].as_slice())
            .bind(i32::try_from(SIZES[0]).unwrap())
            .fetch_one(&mut connection)
            .await
            .unwrap();
        if left == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("the database was not let look at its tables");
}

/// Everything that the engine asks for a set of messages.
async fn ask(batch: &mut store::Batch<'_>, lines: &[Line], now: Timestamp) {
    let messages: Vec<_> = lines.iter().map(|line| (line.org, line.message)).collect();
    let conversations: Vec<_> = lines.iter().map(|line| (line.org, line.thread.conversation_id)).collect();
    let contacts: Vec<_> = lines.iter().map(|line| (line.org, line.thread.contact_id)).collect();
    let wamids: Vec<_> = lines.iter().map(|line| (line.org, line.wamid.as_str())).collect();
    let asked: Vec<_> = lines
        .iter()
        .map(|line| Asked {
            org: line.org,
            conversation: line.thread.conversation_id,
            template: Some(("order_ready", "en")),
        })
        .collect();
    batch.gate_facts(&asked).await.unwrap();
    batch.contacts(&contacts).await.unwrap();
    batch.conversations_for_change(&conversations).await.unwrap();
    batch.outgoing(&messages).await.unwrap();
    batch.message_places(&messages).await.unwrap();
    batch.message_places_by_wamid(&wamids).await.unwrap();
    batch.newest_messages(&conversations, 20).await.unwrap();
    batch.answers_since(&conversations, now).await.unwrap();
    batch.answered_in(&conversations, 5).await.unwrap();
}

/// Everything that the engine asks and writes for a set of messages.
async fn work(store: &Store, lines: &[Line], now: Timestamp, chance: &Seeded) {
    let orgs: Vec<OrgId> = lines.iter().map(|line| line.org).collect();
    let mut tx = store.begin().await.unwrap();
    let messages: Vec<_> = lines.iter().map(|line| (line.org, line.message)).collect();
    let mut batch = tx.batch(&orgs).await.unwrap();
    ask(&mut batch, lines, now).await;
    let pair = |line: &Line| Pair {
        org: line.org,
        contact: line.thread.contact_id,
        number: line.thread.number_id,
        ai: AiState::On,
        now,
    };
    batch.open_conversations(&lines.iter().map(pair).collect::<Vec<_>>(), chance).await.unwrap();
    let senders: Vec<_> =
        lines.iter().map(|line| Sender { phone: Some(line.phone.clone()), ..Sender::default() }).collect();
    let wrote: Vec<_> = lines
        .iter()
        .zip(&senders)
        .map(|(line, sender)| store::contacts::Wrote { org: line.org, portfolio: "1", sender, now })
        .collect();
    batch.recognise(&wrote, chance).await.unwrap();
    write(&mut batch, lines, now, chance).await;
    let attempts = batch.start_attempts(&messages, now).await.unwrap();
    batch.open_attempts(&messages).await.unwrap();
    let ended: Vec<_> = messages
        .iter()
        .zip(attempts)
        .map(|((org, message), n)| Ended { org: *org, message: *message, n, outcome: "sent", problem: None })
        .collect();
    batch.finish_attempts(&ended, now).await.unwrap();
    tx.commit().await.unwrap();
    jobs(store, lines, now, chance).await;
}

async fn write(batch: &mut store::Batch<'_>, lines: &[Line], now: Timestamp, chance: &Seeded) {
    let content = json!({ "type": "text", "body": "Halo" });
    let wamids: Vec<_> = lines.iter().map(|line| format!("{}.{}", line.wamid, now.0)).collect();
    let new: Vec<_> = lines
        .iter()
        .zip(&wamids)
        .map(|(line, wamid)| {
            let id = MessageId::fresh(now, chance);
            let message = NewMessage::inbound(id, line.thread, Kind::Text, &content, wamid);
            (line.org, NewMessage { at: now, created_at: now, reply_to: Some(&line.wamid), ..message })
        })
        .collect();
    batch.insert_messages(&new).await.unwrap();
    let heard = |line: &Line| Heard {
        org: line.org,
        conversation: line.thread.conversation_id,
        message: line.message,
        at: now,
        meta_at: Some(now),
        preview: "Halo",
    };
    let heard: Vec<_> = lines.iter().map(heard).collect();
    batch.show_messages(&heard).await.unwrap();
    for state in [MessageState::Sent, MessageState::Delivered, MessageState::Sent] {
        let step = |line: &Line| Move { org: line.org, message: line.message, step: Step::to(state, now) };
        batch.advance_messages(&lines.iter().map(step).collect::<Vec<_>>(), now).await.unwrap();
    }
    let said = json!({ "verdict": "allow" });
    let decided = |line: &Line| Decided {
        org: line.org,
        message: line.message,
        decision: &said,
        consent_event: None,
        problem: None,
    };
    let decided: Vec<_> = lines.iter().map(decided).collect();
    batch.set_decisions(&decided).await.unwrap();
    let consents: Vec<_> = lines
        .iter()
        .map(|line| {
            let event = NewConsentEvent {
                id: ConsentEventId::fresh(now, chance),
                contact: line.thread.contact_id,
                channel: Channel::Whatsapp,
                purpose: None,
                action: ConsentAction::OptIn,
                source: ConsentSource::Api,
                evidence: json!({}),
                at: now,
            };
            (line.org, event)
        })
        .collect();
    batch.append_consents_once(&consents).await.unwrap();
}

/// Jobs, from the first to the last that becomes of them.
async fn jobs(store: &Store, lines: &[Line], now: Timestamp, chance: &Seeded) {
    let mut tx = store.begin().await.unwrap();
    for line in lines {
        let key = line.thread.conversation_id.to_string();
        tx.enqueue(
            &NewJob { serial_key: Some(key), ..NewJob::new("answer", line.org, &(), now).unwrap() },
            now,
        );
    }
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let lease = Duration::from_secs(60);
    let claimed = tx.claim("answer", now, lease, 8, 64, chance).await.unwrap();
    assert_eq!(claimed.len(), lines.len());
    assert_eq!(tx.hold_jobs(&claimed, now + lease * 2).await.unwrap().len(), lines.len());
    assert_eq!(tx.finish_jobs(&claimed, now).await.unwrap(), lines.len());
    tx.commit().await.unwrap();
}

/// Jobs of which some end and others run again.
async fn unfinished(store: &Store, lines: &[Line], now: Timestamp, chance: &Seeded) {
    let mut tx = store.begin().await.unwrap();
    for line in lines.iter().flat_map(|line| [line, line]) {
        tx.enqueue(&NewJob::new("answer", line.thread.conversation_id, &(), now).unwrap(), now);
    }
    tx.commit().await.unwrap();
    let lease = Duration::from_secs(60);
    let mut tx = store.begin().await.unwrap();
    let claimed = tx.claim("answer", now, lease, 8, 64, chance).await.unwrap();
    assert_eq!(claimed.len(), 2 * lines.len());
    let (ended, again): (Vec<_>, Vec<_>) =
        claimed.chunks(2).map(|two| (two[0].clone(), two[1].clone())).unzip();
    assert_eq!(tx.finish_jobs(&ended, now).await.unwrap(), ended.len());
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let run_at = now + lease;
    let again: Vec<_> =
        again.iter().map(|job| PutBack { job, run_at, counted: false, why: "later" }).collect();
    assert_eq!(tx.put_back_jobs(&again).await.unwrap(), again.len());
    for one in &again {
        tx.rest_lane("answer", &one.job.lane, run_at);
    }
    tx.commit().await.unwrap();
}

/// A conversation that there is not.
fn nowhere(now: Timestamp, chance: &Seeded) -> Line {
    Line {
        org: OrgId::fresh(now, chance),
        thread: Thread {
            conversation_id: ConversationId::fresh(now, chance),
            contact_id: ContactId::fresh(now, chance),
            number_id: NumberId::fresh(now, chance),
        },
        message: MessageId::fresh(now, chance),
        phone: Phone::from_wire("6281100000000").unwrap(),
        wamid: "wamid.nowhere".into(),
    }
}

/// One large organisation and many small ones. What is asked for lies in the large one and in some of the others.
async fn fill(store: &Store, now: Timestamp, chance: &Seeded) -> Vec<Line> {
    let mut asked = Vec::new();
    for n in 0..=SMALL {
        let (org, number_id) = (OrgId::fresh(now, chance), NumberId::fresh(now, chance));
        let (mut contacts, mut conversations, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for k in 0..SIZES[usize::from(n > 0)] {
            let at = now - Duration::from_secs(k as u64);
            let thread = Thread {
                conversation_id: ConversationId::fresh(at, chance),
                contact_id: ContactId::fresh(at, chance),
                number_id,
            };
            let contact = contact(k, thread.contact_id, at);
            let message = message(k, MessageId::fresh(at, chance), thread, at);
            if k == 7 && n < AT_ONCE / 2 || n == 0 && k % 1_000 == 7 && k < 1_000 * (AT_ONCE / 2) + 7 {
                let wamid = message.wamid.clone().unwrap();
                let phone = contact.phone.clone().unwrap();
                asked.push(Line { org, thread, message: message.id, phone, wamid });
            }
            conversations.push(conversation(
                k,
                thread,
                message.id,
                rules::id::MemberId::fresh(at, chance),
                at,
            ));
            contacts.push(contact);
            messages.push(message);
        }
        let mut tx = store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let number = number::connected(number_id, &format!("6000{n}"), &format!("4930{n:06}"));
        number::connect(&mut scope, &format!("7000{n}"), number, now, chance).await.unwrap();
        scope.write_contacts(&contacts).await.unwrap();
        scope.write_conversations(&conversations).await.unwrap();
        scope.write_messages(&messages).await.unwrap();
        tx.commit().await.unwrap();
    }
    asked
}
