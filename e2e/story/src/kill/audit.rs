//! Everything settles; then the emulator's records and the inbox are compared.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use super::load::Done;
use crate::facts::{Facts, Org};
use crate::http::{Caller, text};

/// How long everything may take to settle.
const LONGEST: Duration = Duration::from_secs(150);
/// How far the clock is moved: past the ten minutes after which a message counts as unresolved, and past every lease.
const AHEAD_MS: u64 = 11 * 60 * 1_000;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    written: usize,
    arrived: usize,
    unresolved: usize,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { written, arrived, unresolved } = self;
        write!(
            f,
            "{written} written and kept once, {arrived} sent and arrived once in order, {unresolved} never left and are shown as unresolved"
        )
    }
}

/// Compares; the error lists everything that does not hold.
pub async fn audit(facts: &Facts, done: &Done) -> Result<Found> {
    let emulator = Caller::new(&facts.emulator_url)?.at("_emulator");
    emulator.patch("settings", &json!({ "drop_responses": 0.0 })).await?.expect(200)?;
    let mut inboxes = settle(&emulator, facts, done).await?;
    let (mut found, mut faults) = (Found::default(), Vec::new());
    let all = emulator.get("messages?limit=1000000").await?.expect(200)?;
    if all["repeated"] != json!({}) {
        faults.push(format!("arrived more than once: {}", all["repeated"]));
    }
    // Oldest first: words, person.
    let mut phones: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in all["messages"].as_array().into_iter().flatten().rev() {
        let words = message["text"].as_str().unwrap_or_default();
        if words.starts_with("sent ") {
            phones.entry(text(&message["person_id"])?).or_default().push(words.to_owned());
        }
    }
    for (person, words) in &phones {
        if !words.is_sorted() {
            faults.push(format!("out of order at {person}: {words:?}"));
        }
    }
    let mut times: HashMap<&str, usize> = HashMap::new();
    for words in phones.values().flatten() {
        *times.entry(words).or_default() += 1;
    }
    for written in &done.written {
        match inboxes[written.org].wamids.remove(&written.wamid).unwrap_or(0) {
            1 => found.written += 1,
            other => faults.push(format!("{} is in the inbox {other} times", written.wamid)),
        }
    }
    for sent in &done.accepted {
        let state = inboxes[sent.org].states.get(&sent.id).map_or("missing", String::as_str);
        match (times.remove(sent.words.as_str()).unwrap_or(0), state) {
            (1, "read") => found.arrived += 1,
            (0, "unresolved") => found.unresolved += 1,
            (count, state) => faults.push(format!(
                "{} ({}) is on the phone {count} times and {state} in the inbox",
                sent.words, sent.id
            )),
        }
    }
    for (words, count) in times {
        faults.push(format!("{words} arrived {count} times and was never accepted"));
    }
    let more = faults.len().saturating_sub(20);
    ensure!(
        faults.is_empty(),
        "{} things do not hold:\n  {}{}",
        faults.len(),
        faults[..faults.len() - more].join("\n  "),
        if more > 0 { format!("\n  and {more} more") } else { String::new() }
    );
    ensure!(found.arrived > 0 && found.written > 0, "nothing was sent or written: {found}");
    Ok(found)
}

/// What an organisation's inbox holds.
#[derive(Debug, Default)]
pub struct Inbox {
    /// How often each inbound message is there.
    pub wamids: HashMap<String, usize>,
    /// The state of each outbound message.
    pub states: HashMap<String, String>,
    /// The ids of all messages.
    pub ids: Vec<String>,
}

/// Lets time pass until nothing is under way any more, and reads the inboxes.
async fn settle(emulator: &Caller, facts: &Facts, done: &Done) -> Result<Vec<Inbox>> {
    let began = Instant::now();
    let mut moved = began;
    loop {
        let mut inboxes = Vec::new();
        for org in &facts.orgs {
            inboxes.push(read(facts, org).await?);
        }
        let pending = emulator.get("webhooks").await?.expect(200)?;
        let open =
            |state: &str| ["queued", "unknown", "accepted", "sent", "delivered", "missing"].contains(&state);
        let open = done
            .accepted
            .iter()
            .filter(|sent| open(inboxes[sent.org].states.get(&sent.id).map_or("missing", String::as_str)))
            .count();
        if open == 0 && pending["total"] == 0 && pending["steps"] == 0 {
            return Ok(inboxes);
        }
        if began.elapsed() > LONGEST {
            let mut states: BTreeMap<&str, usize> = BTreeMap::new();
            for sent in &done.accepted {
                *states
                    .entry(inboxes[sent.org].states.get(&sent.id).map_or("missing", String::as_str))
                    .or_default() += 1;
            }
            bail!(
                "not settled after {} s: {states:?}; {} updates wait at the emulator",
                LONGEST.as_secs(),
                pending["total"]
            );
        }
        if moved.elapsed() > Duration::from_secs(10) {
            emulator.post("clock", &json!({ "advance_ms": AHEAD_MS })).await?.expect(200)?;
            moved = Instant::now();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Reads an inbox whole.
pub async fn read(facts: &Facts, org: &Org) -> Result<Inbox> {
    let api =
        Caller::new(&facts.gateway_url)?.at(&format!("api/v1/orgs/{}", org.org_id)).with_key(&org.api_key);
    let mut inbox = Inbox::default();
    for conversation in api.list("conversations").await? {
        let path = format!("conversations/{}/messages?limit=200", text(&conversation["id"])?);
        let mut older: Option<String> = None;
        loop {
            let page = older.map_or_else(|| path.clone(), |older| format!("{path}&older_than={older}"));
            let thread = api.get(&page).await?.expect(200)?;
            for message in thread["items"].as_array().into_iter().flatten() {
                note(&mut inbox, message)?;
            }
            match thread["older"].as_str() {
                Some(cursor) => older = Some(cursor.to_owned()),
                None => break,
            }
        }
    }
    Ok(inbox)
}

fn note(inbox: &mut Inbox, message: &Value) -> Result<()> {
    inbox.ids.push(text(&message["id"])?);
    if message["direction"] == "inbound" {
        *inbox.wamids.entry(text(&message["wamid"])?).or_default() += 1;
    } else {
        inbox.states.insert(text(&message["id"])?, text(&message["state"])?);
    }
    Ok(())
}
