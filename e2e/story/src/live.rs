//! Watching an organisation's live events.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::Value;

use crate::http::{Caller, until};

/// What happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its kind, such as `message.created`.
    pub kind: String,
    /// What it says.
    pub data: Value,
}

/// An open stream; what it brings is kept. Closed when dropped.
pub struct Live {
    seen: Arc<Mutex<Vec<Event>>>,
    reading: tokio::task::JoinHandle<()>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Live {
    /// Opens the stream and waits for its greeting.
    pub async fn open(org: &Caller) -> Result<Self> {
        let request = org.request(Method::GET, "live").header("Accept", "text/event-stream");
        let mut response = request.send().await.context("cannot open the live events")?;
        ensure!(response.status() == 200, "live events: expected 200, got {}", response.status());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        let reading = tokio::spawn(async move {
            let mut buffer = Vec::new();
            while let Ok(Some(chunk)) = response.chunk().await {
                buffer.extend_from_slice(&chunk);
                while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                    let frame: Vec<u8> = buffer.drain(..end + 2).collect();
                    let event = read(&String::from_utf8_lossy(&frame));
                    kept.lock().unwrap_or_else(PoisonError::into_inner).extend(event);
                }
            }
        });
        let live = Self { seen, reading };
        live.wait(5, |event| event.kind == "hello").await?;
        Ok(live)
    }

    /// Everything so far.
    pub fn events(&self) -> Vec<Event> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a fitting event.
    pub async fn wait(&self, seconds: u64, fits: impl Fn(&Event) -> bool) -> Result<Event> {
        until(seconds, async || {
            let events = self.events();
            let kinds = || events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>().join(", ");
            events
                .iter()
                .find(|event| fits(event))
                .cloned()
                .with_context(|| format!("no fitting live event among: {}", kinds()))
        })
        .await
    }
}

/// Reads one frame; comments are none.
fn read(frame: &str) -> Option<Event> {
    let field = |name: &str| {
        let lines = frame.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    };
    let kind = field("event");
    (!kind.is_empty())
        .then(|| Event { kind, data: serde_json::from_str(&field("data")).unwrap_or(Value::Null) })
}
