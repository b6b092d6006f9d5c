//! Customers who write and a business that sends, about fifty messages a second, whatever happens to the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::facts::Facts;
use crate::http::{Answer, Caller, text};

/// Customers of each organisation. Enough that Meta's limit of one person is not met.
const PEOPLE: usize = 40;
/// Senders of each organisation; each serves the same customers all along, one after the other.
const SENDERS: usize = 4;
/// Between two messages of a sender.
const PACE: Duration = Duration::from_millis(300);
/// Between two messages that customers write.
const WRITES_EVERY: Duration = Duration::from_millis(40);

/// A message that a customer wrote.
#[derive(Clone, Debug)]
pub struct Written {
    /// Which organisation.
    pub org: usize,
    /// Meta's id.
    pub wamid: String,
}

/// A message that the gateway accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Which organisation.
    pub org: usize,
    /// The gateway's id.
    pub id: String,
    /// What it says; no two say the same. In the order of acceptance within a conversation.
    pub words: String,
}

/// What the load came to.
#[derive(Debug, Default)]
pub struct Done {
    /// What customers wrote.
    pub written: Vec<Written>,
    /// What the gateway accepted.
    pub accepted: Vec<Accepted>,
}

/// The running load.
pub struct Load {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Result<Done>>,
}

impl Load {
    /// Begins.
    pub fn start(facts: &Facts) -> Result<Self> {
        Self::start_at(facts, 0)
    }

    /// Begins with messages of this number: no two loads on the same data may say the same.
    pub fn start_at(facts: &Facts, first: usize) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        let emulator = Caller::new(&facts.emulator_url)?.at("_emulator");
        let gateway = Caller::new(&facts.gateway_url)?;
        let numbers: Vec<String> = facts.orgs.iter().map(|org| org.phone_number_id.clone()).collect();
        tasks.spawn(write(emulator, numbers, stop.clone()));
        for (at, org) in facts.orgs.iter().enumerate() {
            let api = gateway.at(&format!("api/v1/orgs/{}", org.org_id)).with_key(&org.api_key);
            for sender in 0..SENDERS {
                let people: Vec<String> = (sender..PEOPLE).step_by(SENDERS).map(|n| person(at, n)).collect();
                tasks.spawn(send(api.clone(), at, people, first, stop.clone()));
            }
        }
        Ok(Self { stop, tasks })
    }

    /// Lets everybody finish what they are at.
    pub async fn stop(mut self) -> Result<Done> {
        self.stop.store(true, Ordering::Relaxed);
        let mut done = Done::default();
        while let Some(part) = self.tasks.join_next().await {
            let part = part??;
            done.written.extend(part.written);
            done.accepted.extend(part.accepted);
        }
        Ok(done)
    }
}

/// The nth customer of an organisation.
fn person(org: usize, n: usize) -> String {
    if org == 0 { format!("62813{:07}", 1_000 + n) } else { format!("447401{:06}", 1_000 + n) }
}

/// Customers write in turn.
async fn write(emulator: Caller, numbers: Vec<String>, stop: Arc<AtomicBool>) -> Result<Done> {
    let mut done = Done::default();
    let mut tick = tokio::time::interval(WRITES_EVERY);
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        tick.tick().await;
        let (org, who) = (n % numbers.len(), n / numbers.len() % PEOPLE);
        let message = json!({ "from": person(org, who), "to": numbers[org], "text": { "body": format!("written {n}") } });
        let written = emulator.post("inbound", &message).await?.expect(200)?;
        done.written.push(Written { org, wamid: text(&written["id"])? });
    }
    Ok(done)
}

/// Sends to some customers in turn. A request whose answer is lost is repeated with its key until there is one.
async fn send(
    api: Caller,
    org: usize,
    people: Vec<String>,
    first: usize,
    stop: Arc<AtomicBool>,
) -> Result<Done> {
    let mut done = Done::default();
    for n in first.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        tokio::time::sleep(PACE).await;
        let person = &people[n % people.len()];
        let words = format!("sent {person} {n:05}");
        let body =
            json!({ "to": { "phone": format!("+{person}") }, "content": { "type": "text", "body": words } });
        let answer = insist(&api, &words, &body).await?;
        // Nobody has written yet: the window is closed.
        if answer.status == 422 && answer.json["code"] == "window_closed" {
            continue;
        }
        let id = text(&answer.expect(202)?["message_id"])?;
        done.accepted.push(Accepted { org, id, words });
    }
    Ok(done)
}

/// How long a request is repeated: many kills in a row leave little time between them.
const INSISTENCE: Duration = Duration::from_secs(180);

/// Makes a request under one key until it is answered.
async fn insist(api: &Caller, key: &str, body: &Value) -> Result<Answer> {
    let end = Instant::now() + INSISTENCE;
    loop {
        let request = api.request(Method::POST, "messages").header("Idempotency-Key", key).json(body);
        match api.send(request).await {
            Ok(answer) if answer.status < 500 => return Ok(answer),
            Ok(answer) if Instant::now() > end => {
                bail!("{}: still {} {}", answer.call, answer.status, answer.text)
            }
            Err(error) if Instant::now() > end => return Err(error),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
