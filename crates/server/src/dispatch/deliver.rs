//! Sending messages that fell due together: ask the gate again, note the attempts, call Meta for each by itself, and
//! write down what came of them as the answers come in.
//!
//! A crash at any point leaves one of two traces of a message: no attempt, and it is sent later; or an attempt without an
//! end, and it is *unknown* and never sent again by itself.

use std::time::Duration;

use jobs::{Room, Verdict, Verdicts};
use meta::errors::of_send;
use rules::message::MessageState;
use rules::time::span;
use store::StoreError;
use store::queue::Job;
use tokio::sync::mpsc;

use super::prepare::{Due, File, Prepared, Ready, prepare};
use super::settle::{Sent, settle};
use super::writes::Writes;
use super::{LEASE, Payload, TRIES, problem};
use crate::ctx::Ctx;
use crate::media::NotSendable;

/// How long a busy database is left alone before it is asked again to take what Meta answered.
const SETTLE_AGAIN: [Duration; 4] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_millis(2_000),
];

/// Runs jobs of the delivery queue.
pub async fn deliver(ctx: Ctx, jobs: Vec<Job>, room: Room) -> store::Result<Verdicts> {
    let mut verdicts = Vec::new();
    let (mut due, mut ready) = (Vec::with_capacity(jobs.len()), Vec::new());
    for job in jobs {
        if let Some(ahead) = ctx.ahead.take(&job) {
            ready.push(ahead);
            continue;
        }
        match serde_json::from_str::<Payload>(&job.payload) {
            Ok(payload) => due.push(Due { job, payload, uploaded: None }),
            Err(error) => verdicts.push((job, Verdict::Dead(format!("the job does not read: {error}")))),
        }
    }
    match send_all(&ctx, &due, ready, room).await {
        Ok(()) => Ok(verdicts),
        Err(error) => match due.as_slice() {
            [only] if only.job.attempts >= TRIES && !matches!(error, StoreError::Busy(_)) => {
                give_up(&ctx, &only.payload).await?;
                verdicts.push((only.job.clone(), Verdict::Dead(error.to_string())));
                Ok(verdicts)
            }
            _ => Err(error),
        },
    }
}

/// A message that cannot even be prepared must not look as if it were still waiting for its turn.
async fn give_up(ctx: &Ctx, payload: &Payload) -> store::Result<()> {
    let now = ctx.now();
    let key = [(payload.org, payload.message)];
    let mut tx = ctx.store.begin().await?;
    let mut batch = tx.batch(&[payload.org]).await?;
    let tried = batch.open_attempts(&key).await?.into_iter().flatten().next().is_some();
    let place = batch.message_places(&key).await?.into_iter().flatten().next();
    if !tried && place.is_some_and(|place| place.state == MessageState::Queued) {
        let mut writes = Writes::default();
        writes.step(payload, MessageState::Failed, Some(problem::given_up()), now);
        writes.write(&mut tx, now).await?;
    }
    tx.commit().await
}

/// Prepares messages together, sends each by itself, and settles together those whose answers are there.
async fn send_all(ctx: &Ctx, due: &[Due], ready: Vec<Ready>, mut room: Room) -> store::Result<()> {
    let (answered, mut answers) = mpsc::channel((ready.len() + due.len()).max(1));
    // What was prepared as it was accepted leaves at once, whatever becomes of the others.
    let (ready, overdue) = in_time(ctx, ready).await?;
    room.give_back(overdue);
    let mut under_way = ready.len();
    for ready in ready {
        tokio::spawn(answer(answered.clone(), send(ctx.clone(), ready)));
    }
    let (Prepared { ready, files }, mut failure) = match prepare(ctx, due).await {
        Ok(prepared) => (prepared, None),
        Err(error) if under_way == 0 => return Err(error),
        Err(error) => (Prepared::default(), Some(error)),
    };
    room.give_back(due.len() - ready.len() - files.len());
    under_way += ready.len() + files.len();
    for ready in ready {
        tokio::spawn(answer(answered.clone(), send(ctx.clone(), ready)));
    }
    for file in files {
        tokio::spawn(answer(answered.clone(), upload_and_send(ctx.clone(), file)));
    }
    drop(answered);
    let mut sent: Vec<store::Result<Option<Sent>>> = Vec::with_capacity(under_way);
    while under_way > 0 {
        let ended = answers.recv_many(&mut sent, under_way).await;
        if ended == 0 {
            // One of them panicked. Where its attempt has no end, the next try sees that.
            return Err(StoreError::Corrupt { table: "messages", reason: "sending one panicked".to_owned() });
        }
        under_way -= ended;
        let mut settled = Vec::with_capacity(ended);
        for one in sent.drain(..) {
            match one {
                Ok(one) => settled.extend(one),
                Err(error) => failure = Some(error),
            }
        }
        if let Err(error) = settle_surely(ctx, &settled).await {
            failure = Some(error);
        }
        room.give_back(ended);
    }
    failure.map_or(Ok(()), Err)
}

/// Those whose leases are fresh, or still held; and how many somebody else looks after by now. Their attempts were noted
/// when they were accepted, so whoever finds one without an end takes it for sent.
async fn in_time(ctx: &Ctx, ready: Vec<Ready>) -> store::Result<(Vec<Ready>, usize)> {
    let now = ctx.now();
    let (fresh, stale): (Vec<_>, Vec<_>) =
        ready.into_iter().partition(|ready| now + LEASE / 2 < ready.job.lease_until);
    if stale.is_empty() {
        return Ok((fresh, 0));
    }
    let jobs: Vec<Job> = stale.iter().map(|ready| ready.job.clone()).collect();
    let mut tx = ctx.store.begin().await?;
    let held = tx.hold_jobs(&jobs, now + LEASE).await?;
    tx.commit().await?;
    let (held, lost): (Vec<_>, Vec<_>) = stale.into_iter().partition(|ready| held.contains(&ready.job.id));
    Ok((fresh.into_iter().chain(held).collect(), lost.len()))
}

/// What Meta answered is a fact that nobody can ask for again: it is written down as far as that can be done at all, and an
/// answer that the database does not take spoils no others.
async fn settle_surely(ctx: &Ctx, sent: &[Sent]) -> store::Result<()> {
    let mut settled = settle(ctx, sent).await;
    for wait in SETTLE_AGAIN {
        if !matches!(settled, Err(StoreError::Busy(_))) {
            break;
        }
        tokio::time::sleep(wait).await;
        settled = settle(ctx, sent).await;
    }
    if settled.is_ok() || sent.len() < 2 {
        return settled;
    }
    let (first, second) = sent.split_at(sent.len() / 2);
    let first = Box::pin(settle_surely(ctx, first)).await;
    let second = Box::pin(settle_surely(ctx, second)).await;
    first.and(second)
}

async fn answer<T>(to: mpsc::Sender<T>, work: impl Future<Output = T>) {
    // Nobody waits for it when the worker has lost its leases.
    let _ = to.send(work.await).await;
}

/// Calls Meta, outside any transaction.
async fn send(ctx: Ctx, ready: Ready) -> store::Result<Option<Sent>> {
    let result = ctx.graph.send(&ready.line.access(), &ready.phone_number_id, &ready.message).await;
    Ok(Some(Sent { outcome: of_send(&result), wamid: result.ok().map(|sent| sent.message_id), ready }))
}

/// Makes a message's file known to Meta first: a call of its own, during which anything may change, so that everything is
/// asked again afterwards.
async fn upload_and_send(ctx: Ctx, file: File) -> store::Result<Option<Sent>> {
    let Some(due) = upload(&ctx, file).await? else { return Ok(None) };
    match prepare(&ctx, &[due]).await?.ready.pop() {
        Some(ready) => send(ctx, ready).await,
        None => Ok(None),
    }
}

/// `None`: the message is not sent now, and that is written down.
async fn upload(ctx: &Ctx, file: File) -> store::Result<Option<Due>> {
    let File { due, media, number, phone_number_id, line } = file;
    let org = due.payload.org;
    let uploaded = crate::media::for_sending(ctx, org, media, number, &line, &phone_number_id).await?;
    let now = ctx.now();
    let mut writes = Writes::default();
    match uploaded {
        Ok(meta_id) => return Ok(Some(Due { uploaded: Some(meta_id), ..due })),
        Err(NotSendable::Later(why)) => writes.later(due.job, now + span::minutes(1), why),
        Err(NotSendable::Never(problem)) => {
            writes.step(&due.payload, MessageState::Failed, Some(problem), now);
            writes.done(due.job);
        }
    }
    let mut tx = ctx.store.begin().await?;
    writes.write(&mut tx, now).await?;
    tx.commit().await?;
    Ok(None)
}
