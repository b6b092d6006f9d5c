//! Customers who ask one question each, whatever happens, and are to be answered once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::facts::{Facts, Org};
use crate::http::{Caller, text, until};

/// Between two customers.
const EVERY: Duration = Duration::from_millis(700);
/// What they ask, and a part of the answer.
const QUESTION: (&str, &str) = ("Berapa harga kopi Gayo 250 gram?", "85.000");

/// Customers who come one after the other.
pub struct Asking {
    stop: Arc<AtomicBool>,
    coming: JoinHandle<Result<Vec<String>>>,
}

impl Asking {
    /// They begin to come.
    pub fn start(facts: &Facts) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let emulator = Caller::new(&facts.emulator_url)?.at("_emulator");
        let coming = tokio::spawn(come(emulator, facts.orgs[0].phone_number_id.clone(), stop.clone()));
        Ok(Self { stop, coming })
    }

    /// Nobody comes any more; gives who did.
    pub async fn stop(self) -> Result<Vec<String>> {
        self.stop.store(true, Ordering::Relaxed);
        self.coming.await?
    }
}

async fn come(emulator: Caller, number: String, stop: Arc<AtomicBool>) -> Result<Vec<String>> {
    let mut came = Vec::new();
    let mut tick = tokio::time::interval(EVERY);
    while !stop.load(Ordering::Relaxed) {
        tick.tick().await;
        let person = format!("62812{:07}", 5_000 + came.len());
        let question = json!({ "from": person, "to": number, "text": { "body": QUESTION.0 } });
        emulator.post("inbound", &question).await?.expect(200)?;
        came.push(person);
    }
    Ok(came)
}

/// Waits until everybody has been answered. Gives how many answers arrived, and how many were not sent a second time although
/// nobody can know whether they did, and says so: no more than `most`.
pub async fn answered(facts: &Facts, came: &[String], most: usize) -> Result<(usize, usize)> {
    let (mut arrived, mut unresolved) = (0, 0);
    for person in came {
        match until(60, async || once(facts, &facts.orgs[0], person).await).await? {
            true => arrived += 1,
            false => unresolved += 1,
        }
    }
    ensure!(arrived > 0, "nobody was answered");
    ensure!(unresolved <= most, "{unresolved} of {} answers never left, where {most} may", came.len());
    Ok((arrived, unresolved))
}

/// Whether the one answer to somebody arrived; fails where there is none, or more than one.
async fn once(facts: &Facts, org: &Org, person: &str) -> Result<bool> {
    let emulator = Caller::new(&facts.emulator_url)?.at("_emulator");
    let chat = emulator.get(&format!("phones/{person}?number={}", org.phone_number_id)).await?.expect(200)?;
    let lines = chat["messages"].as_array().cloned().unwrap_or_default();
    let got: Vec<&Value> = lines.iter().filter(|line| line["direction"] == "outbound").collect();
    let api =
        Caller::new(&facts.gateway_url)?.at(&format!("api/v1/orgs/{}", org.org_id)).with_key(&org.api_key);
    let found = api.list(&format!("conversations?q={person}")).await?;
    ensure!(found.len() == 1, "{person} has {} conversations", found.len());
    let thread = api
        .get(&format!("conversations/{}/messages?limit=100", text(&found[0]["id"])?))
        .await?
        .expect(200)?;
    let items = thread["items"].as_array().cloned().unwrap_or_default();
    let sent: Vec<&Value> =
        items.iter().filter(|message| message["direction"] == "outbound").map(|it| &it["state"]).collect();
    match (got.as_slice(), sent.as_slice()) {
        ([answer], [_]) => {
            ensure!(text(&answer["text"])?.contains(QUESTION.1), "{person} was told {}", answer["text"]);
            Ok(true)
        }
        ([], [state]) if **state == "unresolved" => Ok(false),
        _ => anyhow::bail!("{person} has {} answers on the phone, and in the inbox {sent:?}", got.len()),
    }
}
