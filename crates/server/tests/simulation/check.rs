//! The promises of `docs/send-protocol.md`, checked by Meta's records and the database.

use std::collections::BTreeMap;

use rules::id::MessageId;
use rules::message::MessageState;
use rules::time::Timestamp;
use server::Ctx;
use store::Cursor;
use store::events::EventId;
use store::messages::{Attempt, Message, Towards};
use testkit::app::callbacks;
use uuid::Uuid;

use super::world::{Wish, World};

/// Whether nothing is under way any more.
pub async fn is_at_rest(world: &World, ctx: &Ctx) -> bool {
    what_is_left(world, ctx).await.is_empty()
}

/// What is under way, in words.
pub async fn what_is_left(world: &World, ctx: &Ctx) -> String {
    let mut left = Vec::new();
    {
        let records = world.meta.records();
        left.extend(records.news.iter().filter(|news| !news.over).map(|_| "a webhook".to_owned()));
        let open = |wish: &&Wish| wish.acknowledged.is_none() && !wish.refused;
        left.extend(world.wishes().iter().filter(open).map(|wish| wish.text.clone()));
    }
    left.extend(world.meta.late().iter().map(|n| format!("request {n}")));
    let mut tx = world.store.read().await.expect("a transaction");
    for queue in server::queues::queues(ctx) {
        let jobs = tx.jobs_left(queue.name).await.expect("a count");
        left.extend((jobs > 0).then(|| format!("{jobs} of `{}`", queue.name)));
    }
    left.extend(tx.pending_updates(1).await.expect("a list").iter().map(|_| "an update".to_owned()));
    left.extend(tx.unsplit_bodies(1, i64::MAX).await.expect("a list").iter().map(|_| "a body".to_owned()));
    let unknown = tx.unknown_since(Timestamp(i64::MAX), 10).await.expect("a list");
    left.extend(unknown.iter().map(|(_, id)| format!("{id} is unknown")));
    left.join(", ")
}

/// A wish with everything that is known of it.
struct Known {
    wish: Wish,
    message: Message,
    attempts: Vec<Attempt>,
    /// Where its copies are among all arrivals.
    arrivals: Vec<usize>,
    /// How many copies Meta took.
    taken: usize,
    /// The strongest state that an acknowledged status told.
    told: Option<MessageState>,
}

/// Every promise. Returns how each wish ended.
pub async fn everything(world: &World) -> Result<Vec<String>, String> {
    if let Some(text) = world.meta.records().after_stop.first() {
        return Err(format!("{text} was handed over although the ledger said STOP"));
    }
    let mut tx = world.store.read().await.expect("a transaction");
    let dead = tx.dead_jobs(1).await.expect("a list");
    if let Some(job) = dead.first() {
        return Err(format!("a job was given up: {job:?}"));
    }
    if let Some(kept) = tx.kept_updates(None, i64::MAX, 1).await.expect("a list").first() {
        return Err(format!("a webhook was kept aside: {:?}", kept.reason));
    }
    drop(tx);
    copies(world).await?;
    forward(world).await?;
    inbound(world).await?;
    let wishes = known(world).await?;
    for wish in &wishes {
        settled(wish).map_err(|broken| format!("{broken}: {wish}"))?;
    }
    in_order(&wishes)?;
    Ok(wishes.iter().map(ToString::to_string).collect())
}

impl std::fmt::Display for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { wish, message, attempts, arrivals, taken, told } = self;
        let attempts: Vec<_> = attempts.iter().filter_map(|attempt| attempt.outcome.as_deref()).collect();
        let (text, state, arrived) = (&wish.text, message.state, arrivals.len());
        write!(f, "{text} is {state}, taken {taken}, arrived {arrived}, told {told:?}, attempts {attempts:?}")
    }
}

/// At most once, whoever wrote the message.
async fn copies(world: &World) -> Result<(), String> {
    let names = callbacks();
    let mut taken: BTreeMap<MessageId, (usize, String)> = BTreeMap::new();
    for request in world.meta.records().requests.iter().filter(|request| request.taken) {
        let Some(id) = names.read(world.org(), &request.callback) else {
            return Err(format!("{} was sent without its id", request.text));
        };
        let entry = taken.entry(id).or_insert_with(|| (0, request.text.clone()));
        entry.0 += 1;
    }
    let wishes = world.wishes().clone();
    for (id, (copies, text)) in taken {
        let again = wishes.iter().find(|wish| wish.text == text).map_or(0, |wish| wish.again);
        if copies > 1 + again as usize {
            return Err(format!("{text} ({id}) was taken {copies} times"));
        }
    }
    Ok(())
}

/// No state falls in rank, but that of a message which is sent again.
async fn forward(world: &World) -> Result<(), String> {
    let mut tx = world.store.read().await.expect("a transaction");
    let mut scope = tx.org(world.org()).await.expect("a scope");
    let first = EventId::parse("0-0-0").expect("a place");
    let mut stands: BTreeMap<String, MessageState> = BTreeMap::new();
    for event in scope.events_after(first, 100_000).await.expect("events") {
        let payload: serde_json::Value = serde_json::from_str(&event.payload).expect("JSON");
        let (Some(id), Some(state)) = (payload["message_id"].as_str(), payload["state"].as_str()) else {
            continue;
        };
        let state: MessageState = state.parse().expect("a state");
        if let Some(before) = stands.insert(id.to_owned(), state)
            && state != MessageState::Queued
            && !before.may_become(state)
        {
            return Err(format!("{id} went from {before} to {state}"));
        }
    }
    Ok(())
}

/// What people wrote, and was acknowledged, is there once.
async fn inbound(world: &World) -> Result<(), String> {
    let written = {
        let records = world.meta.records();
        let acknowledged = records.news.iter().filter(|news| news.text.is_some() && news.acknowledged);
        acknowledged.count()
    };
    let prefix = world.meta.prefix();
    let theirs = |one: &Message| one.wamid.as_ref().is_some_and(|wamid| wamid.starts_with(&prefix));
    let stored = messages(world).await.into_iter().filter(theirs).count();
    if stored != written {
        return Err(format!("{written} messages of people were acknowledged, {stored} are there"));
    }
    Ok(())
}

async fn messages(world: &World) -> Vec<Message> {
    let mut tx = world.store.read().await.expect("a transaction");
    let mut scope = tx.org(world.org()).await.expect("a scope");
    let mut all = Vec::new();
    let first = Cursor { at: Timestamp(i64::MIN), id: Uuid::nil() };
    for contact in world.contacts() {
        let Some(conversation) = scope.conversation_of(*contact, world.number()).await.expect("a row") else {
            continue;
        };
        let thread = scope.thread(conversation.id, Towards::Newer(first), 10_000).await.expect("a list");
        all.extend(thread.items);
    }
    all
}

async fn known(world: &World) -> Result<Vec<Known>, String> {
    let mut known = Vec::new();
    let wishes = world.wishes().clone();
    let names = callbacks();
    for wish in wishes {
        let Some(id) = wish.acknowledged else { continue };
        let mut tx = world.store.read().await.expect("a transaction");
        let mut scope = tx.org(world.org()).await.expect("a scope");
        let Some(message) = scope.message(id).await.expect("a row") else {
            return Err(format!("{} was acknowledged and is not there", wish.text));
        };
        let attempts = scope.attempts(id).await.expect("a list");
        let records = world.meta.records();
        let arrivals = (0..records.phone.len()).filter(|n| records.phone[*n] == wish.text).collect();
        let taken = records.requests.iter().filter(|one| one.taken && one.text == wish.text).count();
        let callback = names.write(world.org(), id);
        let told = records
            .news
            .iter()
            .filter(|news| news.acknowledged)
            .filter_map(|news| news.status.as_ref())
            .filter(|(of, _, echo)| *of == callback && (*echo || message.wamid.is_some()))
            .filter_map(|(_, word, _)| MessageState::from_status(word))
            .max_by_key(|state| state.rank());
        known.push(Known { wish, message, attempts, arrivals, taken, told });
    }
    Ok(known)
}

/// Exactly once where Meta told, else visibly unresolved; never shown as what it is not.
fn settled(known: &Known) -> Result<(), &'static str> {
    use MessageState::{Accepted, Delivered, Failed, Played, Read, Refused, Sent, Unresolved};
    let Known { wish, message, taken, told, .. } = known;
    if !message.state.is_settled() {
        return Err("not settled");
    }
    if wish.again > 0 {
        return Ok(()); // statuses of two copies, and one way down
    }
    if told.is_some_and(|told| message.state.rank() < told.rank()) {
        return Err("not what its status says");
    }
    match message.state {
        Accepted | Sent | Delivered | Read | Played if *taken == 0 => {
            Err("shown as sent and was never taken")
        }
        Refused if *taken > 0 => Err("shown as refused and was taken"),
        Failed if *taken > 0 && *told != Some(Failed) => Err("shown as failed and was taken"),
        Accepted | Unresolved | Refused | Failed if told.is_none() => Ok(()),
        _ if told.is_none() => Err("shown as more than anybody told"),
        _ => Ok(()),
    }
}

/// Of two wishes of one person the earlier arrives first, unless its fate was unknown or a person sent one again.
fn in_order(wishes: &[Known]) -> Result<(), String> {
    for (n, earlier) in wishes.iter().enumerate() {
        for later in &wishes[n + 1..] {
            let plain = earlier.wish.again == 0 && later.wish.again == 0;
            let unknown = earlier.attempts.iter().any(|one| one.outcome.as_deref() == Some("unknown"));
            if let (Some(first), Some(second)) = (earlier.arrivals.first(), later.arrivals.first())
                && earlier.wish.person == later.wish.person
                && first > second
                && plain
                && !unknown
            {
                return Err(format!("{} overtook {}", later.wish.text, earlier.wish.text));
            }
        }
    }
    Ok(())
}
