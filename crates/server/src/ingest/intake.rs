//! Group commit: bodies that wait are committed together and acknowledged together.
//!
//! A batch closes when it is the writer's turn; there is no timer. On the machines measured every fixed wait cost
//! both throughput and latency.

use std::sync::Arc;

use rules::id::AppId;
use rules::time::Timestamp;
use store::Store;
use store::ingest::{IntakeTurn, NewBody};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How many bodies one commit carries at most.
const BATCH: usize = 256;
/// So many bytes close a batch, whatever it holds: the database holds what is written with it several times over.
const BATCH_BYTES: usize = 4 << 20;
/// How many bytes of bodies may wait, however few bodies they are.
const WAITING_BYTES: usize = 16 << 20;

struct Waiting {
    body: NewBody,
    committed: oneshot::Sender<()>,
    /// The memory it takes, given back once it is stored or refused.
    _room: OwnedSemaphorePermit,
}

/// Where webhook bodies are handed in.
#[derive(Clone, Debug)]
pub struct Intake {
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

/// Why a body was not taken. It was not acknowledged, so Meta sends it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// More bodies, or more bytes of them, wait than may.
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

/// An intake where at most `capacity` bodies and 16 MB of them wait.
pub fn intake(capacity: usize) -> (Intake, IntakeWriter) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    let room = Arc::new(Semaphore::new(WAITING_BYTES));
    (Intake { queue: sender, room }, IntakeWriter { queue: receiver })
}

impl Intake {
    /// How many bodies wait, and how many may.
    pub fn waiting(&self) -> (usize, usize) {
        let most = self.queue.max_capacity();
        (most - self.queue.capacity(), most)
    }

    /// Hands in a body and returns once it is durable.
    pub async fn take(&self, app: AppId, body: Vec<u8>, received_at: Timestamp) -> Result<(), NotTaken> {
        let bytes = u32::try_from(body.len()).map_err(|_| NotTaken::Full)?;
        let room = self.room.clone().try_acquire_many_owned(bytes).map_err(|_| NotTaken::Full)?;
        let (committed, durable) = oneshot::channel();
        let body = NewBody { app, received_at, body };
        self.queue.try_send(Waiting { body, committed, _room: room }).map_err(|_| NotTaken::Full)?;
        durable.await.map_err(|_| NotTaken::NotStored)
    }
}

impl IntakeWriter {
    /// Commits batches until told to stop and nothing waits any more. `after` is told of how many each commit took.
    pub async fn run(mut self, store: Store, stop: CancellationToken, after: impl Fn(usize)) {
        // While the disk takes one batch, the next is written.
        let most = store.intake_turns();
        let mut commits: JoinSet<usize> = JoinSet::new();
        loop {
            let first = tokio::select! {
                biased;
                Some(taken) = commits.join_next() => {
                    after(taken.unwrap_or_default());
                    continue;
                }
                first = self.queue.recv(), if commits.len() < most => first,
                () = stop.cancelled(), if !self.queue.is_closed() => {
                    self.queue.close();
                    continue;
                }
            };
            let Some(first) = first else { break };
            let turn = store.intake_turn().await;
            let batch = self.all_that_waits(first);
            commits.spawn(commit(turn, batch));
        }
        while let Some(taken) = commits.join_next().await {
            after(taken.unwrap_or_default());
        }
    }

    fn all_that_waits(&mut self, first: Waiting) -> Vec<Waiting> {
        let mut bytes = first.body.body.len();
        let mut batch = vec![first];
        while batch.len() < BATCH
            && bytes < BATCH_BYTES
            && let Ok(next) = self.queue.try_recv()
        {
            bytes += next.body.body.len();
            batch.push(next);
        }
        batch
    }
}

/// Commits what waited, and says how many that were. On failure the senders are dropped, which tells each waiting request.
async fn commit(turn: store::Result<IntakeTurn>, batch: Vec<Waiting>) -> usize {
    let taken = batch.len();
    let bodies: Vec<_> = batch.iter().map(|waiting| &waiting.body).collect();
    let stored = async { turn?.store(&bodies).await };
    match stored.await {
        Ok(()) => {
            for waiting in batch {
                // A sender that has gone away was not answered; Meta repeats, and the repetition is dropped.
                let _ = waiting.committed.send(());
            }
        }
        Err(error) => tracing::error!(
            error = &error as &dyn std::error::Error,
            bodies = taken,
            "cannot store webhooks; they are not acknowledged and Meta will send them again"
        ),
    }
    taken
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn bodies_wait_up_to_so_many_and_so_many_bytes() {
        let (app, now) = (AppId(uuid::Uuid::nil()), Timestamp(0));
        let take = |intake: &Intake, bytes: usize| {
            let intake = intake.clone();
            async move { intake.take(app, vec![0; bytes], now).await }.boxed()
        };

        let (intake, writer) = super::intake(2);
        let mut waiting = [take(&intake, 1), take(&intake, 1)];
        assert!(waiting.iter_mut().all(|body| body.now_or_never().is_none()));
        assert_eq!(take(&intake, 1).now_or_never(), Some(Err(NotTaken::Full)));
        drop(writer);

        let (intake, mut writer) = super::intake(8);
        let mut large = take(&intake, WAITING_BYTES);
        assert!((&mut large).now_or_never().is_none());
        assert_eq!(take(&intake, 1).now_or_never(), Some(Err(NotTaken::Full)));
        // What is refused or stored gives its room back.
        drop(writer.queue.recv().await);
        assert_eq!(large.await, Err(NotTaken::NotStored));
        assert!(take(&intake, 1).now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_batch_is_closed_by_its_bytes_and_by_its_number() {
        for (bytes, bodies, first) in
            [(BATCH_BYTES / 2, 3, 2), (BATCH_BYTES + 1, 2, 1), (1, BATCH + 1, BATCH)]
        {
            let (intake, mut writer) = super::intake(bodies);
            let mut waiting: Vec<_> = (0..bodies)
                .map(|_| intake.take(AppId(uuid::Uuid::nil()), vec![0; bytes], Timestamp(0)).boxed())
                .collect();
            assert!(waiting.iter_mut().all(|body| body.now_or_never().is_none()));
            let oldest = writer.queue.recv().await.unwrap();
            assert_eq!(writer.all_that_waits(oldest).len(), first, "of {bytes} bytes each");
        }
    }
}
