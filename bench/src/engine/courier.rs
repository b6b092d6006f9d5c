//! Tells the gateway what became of each message that it sent: sent, delivered and read, a webhook each.
//!
//! Invariant: what is told of one message comes in order, each once the one before was acknowledged; what was answered 503
//! is told again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::sync::{Mutex, mpsc};

use super::tenants::{self, APP_SECRET, Size};
use super::traffic::{ask, connect};
use super::webhook::{Fate, STATUSES, told};
use crate::now;

/// A message that arrived.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Meta's id of the number that sent it.
    pub number: String,
    /// Whom it was for, in digits.
    pub to: String,
    /// Its id.
    pub wamid: String,
    /// What was sent along with it.
    pub callback: Option<String>,
}

/// Over how many connections it is told.
const CONNECTIONS: usize = 32;
/// How long it waits after a 503.
const AGAIN: Duration = Duration::from_millis(50);

/// Somebody who tells.
#[derive(Debug)]
pub struct Courier {
    /// Where messages are handed in.
    pub desk: mpsc::UnboundedSender<Sent>,
    told: Arc<AtomicU64>,
}

impl Courier {
    /// Tells this gateway, from a thread of its own, until the desk is closed.
    pub fn to(gateway: SocketAddr, size: Size) -> Result<Self> {
        let (desk, sent) = mpsc::unbounded_channel();
        let told = Arc::new(AtomicU64::new(0));
        let (sent, count) = (Arc::new(Mutex::new(sent)), told.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            let ways = (0..CONNECTIONS).map(|_| tell(gateway, size, &sent, &count));
            if let Err(error) = runtime.block_on(futures::future::try_join_all(ways)) {
                // Whoever waits for the statuses says that they did not come.
                eprintln!("statuses cannot be told: {error:#}");
            }
        });
        Ok(Self { desk, told })
    }

    /// How many statuses were acknowledged.
    pub fn told(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }
}

async fn tell(
    gateway: SocketAddr,
    size: Size,
    sent: &Mutex<mpsc::UnboundedReceiver<Sent>>,
    count: &AtomicU64,
) -> Result<()> {
    let (mut stream, mut buffer) = (connect(gateway).await?, Vec::with_capacity(1_024));
    loop {
        let next = sent.lock().await.recv().await;
        let Some(Sent { number, to, wamid, callback }) = next else { return Ok(()) };
        let line = number.parse::<usize>()? - tenants::FIRST_NUMBER;
        let waba = tenants::line(size, line).waba;
        let fate = Fate { waba, phone_number_id: number, to, wamid, callback };
        for status in STATUSES {
            let request = told(APP_SECRET.as_bytes(), &fate, status, now().seconds());
            loop {
                match ask(&mut stream, &mut buffer, &request).await?.status {
                    200 => break,
                    503 => tokio::time::sleep(AGAIN).await,
                    other => bail!("a status was answered {other}"),
                }
            }
            count.fetch_add(1, Ordering::AcqRel);
        }
    }
}
