//! Group commit: bodies that wait are committed together and acknowledged together.
//!
//! A batch closes as soon as the writer is free; there is no timer. On the machines measured every fixed wait cost
//! both throughput and latency.

use rules::id::AppId;
use rules::time::Timestamp;
use store::Store;
use store::ingest::NewBody;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// How many bodies one commit carries at most.
const BATCH: usize = 256;

struct Waiting {
    body: NewBody,
    committed: oneshot::Sender<()>,
}

/// Where webhook bodies are handed in.
#[derive(Clone, Debug)]
pub struct Intake {
    queue: mpsc::Sender<Waiting>,
}

/// Why a body was not taken. It was not acknowledged, so Meta sends it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// More bodies wait than may.
    #[error("too many webhooks wait to be stored")]
    Full,
    /// The commit failed.
    #[error("the webhook could not be stored")]
    NotStored,
}

/// The other end of an [`Intake`]: commits what was handed in.
#[derive(Debug)]
pub struct IntakeWriter {
    queue: mpsc::Receiver<Waiting>,
}

/// An intake where at most `capacity` bodies wait.
pub fn intake(capacity: usize) -> (Intake, IntakeWriter) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    (Intake { queue: sender }, IntakeWriter { queue: receiver })
}

impl Intake {
    /// Hands in a body and returns once it is durable.
    pub async fn take(&self, app: AppId, body: Vec<u8>, received_at: Timestamp) -> Result<(), NotTaken> {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &body);
        let hash = hash.as_ref().try_into().map_err(|_| NotTaken::NotStored)?;
        let (committed, durable) = oneshot::channel();
        let body = NewBody { app, received_at, hash, body };
        self.queue.try_send(Waiting { body, committed }).map_err(|_| NotTaken::Full)?;
        durable.await.map_err(|_| NotTaken::NotStored)
    }
}

impl IntakeWriter {
    /// Commits batches until told to stop and nothing waits any more. `after` is called after each commit.
    pub async fn run(mut self, store: Store, stop: CancellationToken, after: impl Fn()) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                taken = self.queue.recv_many(&mut batch, BATCH) => if taken == 0 { return },
                () = stop.cancelled() => {
                    self.queue.close();
                    if self.queue.recv_many(&mut batch, BATCH).await == 0 { return }
                }
            }
            self.commit(&store, &mut batch).await;
            after();
        }
    }

    /// Commits a batch. On failure the senders are dropped, which tells each waiting request.
    async fn commit(&mut self, store: &Store, batch: &mut Vec<Waiting>) {
        let (bodies, waiting): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|waiting| (waiting.body, waiting.committed)).unzip();
        let stored = async {
            let mut tx = store.begin().await?;
            tx.append_bodies(&bodies).await?;
            tx.commit().await
        };
        match stored.await {
            Ok(()) => {
                for committed in waiting {
                    // A sender that has gone away was not answered; Meta repeats, and the repetition is dropped.
                    let _ = committed.send(());
                }
            }
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                bodies = bodies.len(),
                "cannot store webhooks; they are not acknowledged and Meta will send them again"
            ),
        }
    }
}
