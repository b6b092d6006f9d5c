//! Members who watch an organisation at every node, as browsers do: they connect again when a node has gone, and ask for what
//! they missed.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::facts::Org;
use crate::http::{Caller, until};

/// A member at a node; leaves when dropped.
pub struct Watch {
    /// Which node.
    pub node: String,
    seen: Arc<Mutex<Seen>>,
    watching: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    /// How often each message was told, and when first.
    messages: HashMap<String, (usize, Instant)>,
    places: HashSet<String>,
    last: Option<String>,
    /// How often the stream ended and was opened again.
    opened: usize,
    /// Told to load everything anew, which no member had reason to hear.
    resets: usize,
    /// The same event under the same place a second time.
    repeated: usize,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Watch {
    /// Begins to watch an organisation at a node.
    pub async fn open(node: &str, at: SocketAddr, org: &Org) -> Result<Self> {
        let api = Caller::new(format!("http://{at}"))?;
        let api = api.at(&format!("api/v1/orgs/{}", org.org_id)).with_key(&org.api_key);
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let watching = tokio::spawn(watch(api, seen.clone()));
        let watch = Self { node: node.to_owned(), seen, watching };
        until(20, async || {
            ensure!(watch.look().last.is_some(), "{node} does not greet those who watch");
            Ok(())
        })
        .await?;
        Ok(watch)
    }

    fn look(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When a message was told.
    pub fn told(&self, message: &str) -> Option<Instant> {
        self.look().messages.get(message).map(|(_, at)| *at)
    }

    /// Everything that is wrong with what was told, if these messages ought to have been.
    pub fn faults(&self, messages: &[String]) -> Vec<String> {
        let seen = self.look();
        let missed: Vec<&String> = messages.iter().filter(|id| !seen.messages.contains_key(*id)).collect();
        let twice = seen.messages.values().filter(|(times, _)| *times > 1).count();
        let mut faults = Vec::new();
        if !missed.is_empty() {
            faults.push(format!(
                "members at {} were not told of {} messages: {:?}",
                self.node,
                missed.len(),
                missed[0]
            ));
        }
        if twice + seen.repeated + seen.resets > 0 {
            faults.push(format!(
                "members at {} were told {twice} messages and {} events twice, and {} times to begin anew",
                self.node, seen.repeated, seen.resets
            ));
        }
        faults
    }

    /// How often the stream was opened.
    pub fn opened(&self) -> usize {
        self.look().opened
    }
}

async fn watch(api: Caller, seen: Arc<Mutex<Seen>>) {
    loop {
        let last = seen.lock().unwrap_or_else(PoisonError::into_inner).last.clone();
        let mut request = api.request(Method::GET, "live").header("Accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        if let Ok(mut response) = request.send().await
            && response.status() == 200
        {
            seen.lock().unwrap_or_else(PoisonError::into_inner).opened += 1;
            let mut buffer = Vec::new();
            while let Ok(Some(chunk)) = response.chunk().await {
                buffer.extend_from_slice(&chunk);
                while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                    let frame: Vec<u8> = buffer.drain(..end + 2).collect();
                    note(&seen, &String::from_utf8_lossy(&frame));
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn note(seen: &Mutex<Seen>, frame: &str) {
    let field = |name: &str| {
        frame.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start_matches([':', ' '])))
    };
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let (Some(kind), place) = (field("event"), field("id").unwrap_or_default()) else { return };
    match kind {
        "reset" => seen.resets += 1,
        "hello" | "time" => {}
        _ if !seen.places.insert(place.to_owned()) => seen.repeated += 1,
        "message.created" => {
            let data: Value = serde_json::from_str(field("data").unwrap_or_default()).unwrap_or_default();
            let id = data["message_id"].as_str().unwrap_or_default().to_owned();
            seen.messages.entry(id).or_insert((0, Instant::now())).0 += 1;
        }
        _ => {}
    }
    if !place.is_empty() {
        seen.last = Some(place.to_owned());
    }
}
