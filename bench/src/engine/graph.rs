//! The other end: takes what is sent as Meta would, and notes when.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde::Deserialize;
use tokio::net::TcpListener;

/// What arrived, by the digits of whom it was for.
#[derive(Debug, Default)]
pub struct Arrivals {
    count: AtomicU64,
    at: Mutex<HashMap<String, Vec<Instant>>>,
}

impl Arrivals {
    /// How many messages have arrived.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Takes away what is known, for another run.
    pub fn take(&self) -> HashMap<String, Vec<Instant>> {
        self.count.store(0, Ordering::Release);
        std::mem::take(&mut *self.at.lock().unwrap_or_else(PoisonError::into_inner))
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
                Ok(listener) => axum::serve(listener, app).await,
                Err(error) => Err(error),
            }
        })
    });
    Ok((address, arrivals))
}

#[derive(Deserialize)]
struct Message {
    /// Absent in receipts.
    to: Option<String>,
}

async fn message(
    State(arrivals): State<Arc<Arrivals>>,
    body: String,
) -> ([(&'static str, &'static str); 1], String) {
    let now = Instant::now();
    let to = serde_json::from_str::<Message>(&body).ok().and_then(|message| message.to);
    let answer = match to {
        Some(to) => {
            let digits = to.trim_start_matches('+').to_owned();
            let id = arrivals.count.fetch_add(1, Ordering::AcqRel);
            let answer = format!(
                r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"{to}","wa_id":"{digits}"}}],"messages":[{{"id":"wamid.OUT{id:032X}"}}]}}"#
            );
            arrivals.at.lock().unwrap_or_else(PoisonError::into_inner).entry(digits).or_default().push(now);
            answer
        }
        None => r#"{"success":true}"#.to_owned(),
    };
    ([("content-type", "application/json")], answer)
}
