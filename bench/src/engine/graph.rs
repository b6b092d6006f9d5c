//! Meta's end, as far as a load needs it: takes what is sent, notes when, and may tell what became of it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::courier::Sent;

/// What arrived, by the digits of whom it was for.
#[derive(Debug, Default)]
pub struct Arrivals {
    count: AtomicU64,
    marked: AtomicU64,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    at: HashMap<String, Vec<Instant>>,
    /// What a message has to say to be counted apart.
    mark: Option<&'static str>,
    /// Who tells what became of messages.
    courier: Option<mpsc::UnboundedSender<Sent>>,
}

impl Arrivals {
    /// How many messages have arrived.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// How many of them say the mark.
    pub fn marked(&self) -> u64 {
        self.marked.load(Ordering::Acquire)
    }

    /// Counts apart what says this, from now on.
    pub fn mark(&self, mark: &'static str) {
        self.known().mark = Some(mark);
        self.marked.store(0, Ordering::Release);
    }

    /// Lets somebody tell what becomes of what arrives from now on.
    pub fn employ(&self, courier: Option<mpsc::UnboundedSender<Sent>>) {
        self.known().courier = courier;
    }

    /// How many messages to these digits arrived.
    pub fn count_to(&self, digits: &str) -> usize {
        self.known().at.get(digits).map_or(0, Vec::len)
    }

    /// When the `n`th message to these digits arrived.
    pub fn at(&self, digits: &str, n: usize) -> Option<Instant> {
        self.known().at.get(digits)?.get(n).copied()
    }

    /// Takes away what is known, for another run.
    pub fn take(&self) -> HashMap<String, Vec<Instant>> {
        self.count.store(0, Ordering::Release);
        self.marked.store(0, Ordering::Release);
        std::mem::take(&mut self.known().at)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens on a thread of its own until the program ends.
pub fn listen() -> Result<(SocketAddr, Arc<Arrivals>)> {
    let arrivals = Arc::new(Arrivals::default());
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let app = Router::new().route("/{version}/{number}/messages", post(message)).with_state(arrivals.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            match TcpListener::from_std(listener) {
                Ok(listener) => axum::serve(listener.tap_io(prompt), app).await,
                Err(error) => Err(error),
            }
        })
    });
    Ok((address, arrivals))
}

/// Small answers go out at once; where the kernel refuses that, they go out a little later.
fn prompt(stream: &mut TcpStream) {
    let _ = stream.set_nodelay(true);
}

#[derive(Deserialize)]
struct Message {
    /// A phone number; absent in receipts.
    to: Option<String>,
    /// Or somebody's id, which is all that some programs send.
    recipient: Option<String>,
    biz_opaque_callback_data: Option<String>,
}

async fn message(
    State(arrivals): State<Arc<Arrivals>>,
    Path((_, number)): Path<(String, String)>,
    body: String,
) -> ([(&'static str, &'static str); 1], String) {
    const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
    let now = Instant::now();
    let read = serde_json::from_str::<Message>(&body).ok();
    let known = read.and_then(|read| Some((read.to.or(read.recipient)?, read.biz_opaque_callback_data)));
    let Some((to, callback)) = known else {
        return (JSON, r#"{"success":true}"#.to_owned());
    };
    let digits = to.trim_start_matches('+').to_owned();
    let id = WAMIDS.fetch_add(1, Ordering::Relaxed);
    let wamid = format!("wamid.OUT{id:032X}");
    let answer = format!(
        r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"{to}","wa_id":"{digits}"}}],"messages":[{{"id":"{wamid}"}}]}}"#
    );
    let mut known = arrivals.known();
    if known.mark.is_some_and(|mark| body.contains(mark)) {
        arrivals.marked.fetch_add(1, Ordering::AcqRel);
    }
    if let Some(courier) = &known.courier {
        // It may have been dismissed meanwhile.
        let _ = courier.send(Sent { number, to: digits.clone(), wamid, callback });
    }
    known.at.entry(digits).or_default().push(now);
    drop(known);
    arrivals.count.fetch_add(1, Ordering::AcqRel);
    (JSON, answer)
}

/// Ids are never given twice, whatever is measured.
static WAMIDS: AtomicU64 = AtomicU64::new(0);
