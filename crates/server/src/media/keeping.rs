//! How long files are kept. Rows go in the transaction that decides it; bytes go afterwards, once nobody has them.
//!
//! Invariant: bytes are removed only when no row of any organisation names them and they did not come in lately: a row that
//! names them may be about to be written.

use std::time::Duration;

use futures::StreamExt as _;
use jobs::{Queue, Verdict, handler};
use rules::id::{ContactId, MediaId, MessageId, OrgId};
use rules::message::Direction;
use rules::settings::{OrgSettings, Retention};
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::media::{Aged, Bytes, Media};
use store::queue::{Job, NewJob, Unique};
use store::{Cursor, OrgScope, Tx};

use super::blob::{BlobError, BlobHash};
use crate::ctx::Ctx;
use crate::http::audit;

/// The queue of sweeps.
const SWEEP: &str = "media.sweep";
/// The queue of bytes that may go.
const LET_GO: &str = "media.let_go";
/// How many files one transaction gives up.
const BATCH: i64 = 200;
/// Bytes that arrived so lately may belong to a row that is about to be written.
const ARRIVING: Duration = span::minutes(10);
/// The same for bytes that nobody has named ever: an upload may take its time.
const UNCLAIMED: Duration = span::days(1);
/// How many messages are told of that one file changed.
const TOLD: i64 = 50;

#[derive(Debug, Serialize, Deserialize)]
struct Hashes {
    hashes: Vec<BlobName>,
}

/// A hash as hexadecimal digits.
type BlobName = String;

/// Has everything that has come of age, and all bytes that nobody has, removed soon.
pub fn sweep_later(tx: &mut Tx, now: Timestamp) -> store::Result<()> {
    let job = NewJob {
        unique: Some(Unique::KeepFirst("sweep".to_owned())),
        ..NewJob::new(SWEEP, "installation", &serde_json::Value::Null, now)?
    };
    tx.enqueue(&job, now);
    Ok(())
}

/// Has bytes removed, unless somebody else has them.
pub fn let_go_later(
    scope: &mut OrgScope<'_>,
    hashes: impl IntoIterator<Item = Vec<u8>>,
    now: Timestamp,
) -> store::Result<()> {
    let hashes: Vec<BlobName> = hashes.into_iter().map(hex::encode).collect();
    if hashes.is_empty() {
        return Ok(());
    }
    let org = scope.id();
    let job = NewJob { org: Some(org), ..NewJob::new(LET_GO, org, &Hashes { hashes }, now)? };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Forgets the files of a message: what came with it, and what went with it and with no other. To be called before the
/// message itself is forgotten. Says how many those were.
pub async fn forget_message(
    scope: &mut OrgScope<'_>,
    message: MessageId,
    now: Timestamp,
) -> store::Result<usize> {
    let gone = scope.forget_media_of(message).await?;
    let count = gone.len();
    let_go_later(scope, gone.into_iter().flat_map(Bytes::hashes), now)?;
    Ok(count)
}

/// Forgets a file, and says which bytes nobody may need any more. A job lets them go; who wants to be sure at once calls
/// [`let_go_now`] besides, once this transaction is committed.
pub async fn forget_file(
    scope: &mut OrgScope<'_>,
    id: MediaId,
    now: Timestamp,
) -> store::Result<Vec<Vec<u8>>> {
    let Some(media) = scope.media(id).await? else { return Ok(Vec::new()) };
    let hashes: Vec<Vec<u8>> = [media.sha256, media.thumbnail_sha256].into_iter().flatten().collect();
    scope.forget_file(id).await?;
    let_go_later(scope, hashes.clone(), now)?;
    Ok(hashes)
}

/// Lets bytes go at once that nobody has, however lately they came.
///
/// # Errors
/// If the store or the place where files lie fails.
pub async fn let_go_now(
    ctx: &Ctx,
    hashes: &[Vec<u8>],
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Ok(let_go(ctx, hashes, Duration::ZERO).await?)
}

/// Forgets the files of every message with a contact. To be called before the messages are forgotten. Says how many those
/// were.
pub async fn forget(scope: &mut OrgScope<'_>, contact: ContactId, now: Timestamp) -> store::Result<usize> {
    let mut count = 0;
    loop {
        let messages = scope.messages_with_media(contact, BATCH).await?;
        if messages.is_empty() {
            return Ok(count);
        }
        for message in messages {
            count += forget_message(scope, message, now).await?;
        }
    }
}

/// A message shows that its file has changed.
pub(super) async fn tell(
    scope: &mut OrgScope<'_>,
    message: MessageId,
    media: MediaId,
    now: Timestamp,
) -> store::Result<()> {
    let Some(place) = scope.message_place(message).await? else { return Ok(()) };
    let ids =
        json!({ "message_id": message, "conversation_id": place.thread.conversation_id, "media_id": media });
    scope.publish("message.updated", &ids, now)
}

/// Every message that shows this file shows that it has changed.
pub(super) async fn tell_all(scope: &mut OrgScope<'_>, media: &Media, now: Timestamp) -> store::Result<()> {
    let mut messages = scope.media_uses(media.id, TOLD).await?;
    messages.extend(media.message_id);
    for message in messages {
        tell(scope, message, media.id, now).await?;
    }
    Ok(())
}

/// The queue of sweeps.
pub(super) fn sweeps(ctx: &Ctx) -> Queue {
    let ctx = ctx.clone();
    let run = move |_: Job| {
        let ctx = ctx.clone();
        async move { ended(sweep(&ctx).await) }
    };
    Queue { concurrency: 1, ..Queue::new(SWEEP, handler(run)) }
}

/// The queue of bytes that may go.
pub(super) fn removals(ctx: &Ctx) -> Queue {
    let ctx = ctx.clone();
    let run = move |job: Job| {
        let ctx = ctx.clone();
        async move {
            match serde_json::from_str::<Hashes>(&job.payload) {
                Ok(payload) => {
                    let hashes: Vec<_> =
                        payload.hashes.iter().filter_map(|name| hex::decode(name).ok()).collect();
                    ended(let_go(&ctx, &hashes, ARRIVING).await)
                }
                Err(error) => Verdict::Dead(format!("the job does not read: {error}")),
            }
        }
    };
    Queue::new(LET_GO, handler(run))
}

/// Why a sweep did not come to its end.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error(transparent)]
    Blobs(#[from] BlobError),
}

fn ended(result: Result<(), Trouble>) -> Verdict {
    match result {
        Ok(()) => Verdict::Done,
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

/// Begun again after a crash it goes on where it stopped: what is done is no longer found.
async fn sweep(ctx: &Ctx) -> Result<(), Trouble> {
    let mut from = Cursor::NEWEST;
    loop {
        let page = ctx.store.read().await?.orgs(from, 100).await?;
        for org in &page.items {
            expire(ctx, org.id, OrgSettings::read(&org.settings).retention).await?;
        }
        match page.next {
            Some(next) => from = next,
            None => break,
        }
    }
    remove_unclaimed(ctx).await
}

/// Gives up the files of an organisation that have come of age.
async fn expire(ctx: &Ctx, org: OrgId, retention: Retention) -> Result<(), Trouble> {
    let now = ctx.now();
    let mut count = 0;
    for aged in rules_of(retention, now) {
        loop {
            let mut tx = ctx.store.begin().await?;
            let mut scope = tx.org(org).await?;
            let due = scope.expire_media(aged, BATCH, now).await?;
            for one in &due {
                if let Some(message) = one.message_id {
                    tell(&mut scope, message, one.id, now).await?;
                }
            }
            let found = due.len();
            let_go_later(&mut scope, due.into_iter().flat_map(Bytes::hashes), now)?;
            tx.commit().await?;
            count += found;
            if found == 0 {
                break;
            }
        }
    }
    if count > 0 {
        let mut tx = ctx.store.begin().await?;
        let mut scope = tx.org(org).await?;
        audit(ctx, &mut scope, "system", "media.expired", "", json!({ "count": count }), "").await?;
        tx.commit().await?;
    }
    Ok(())
}

/// What an organisation's settings say has come of age by now.
fn rules_of(retention: Retention, now: Timestamp) -> impl Iterator<Item = Aged> {
    let rules = [
        (Direction::Inbound, Some(false), retention.media_inbound_days),
        (Direction::Inbound, Some(true), retention.media_documents_days),
        (Direction::Outbound, None, retention.media_outbound_days),
    ];
    rules.into_iter().filter_map(move |(direction, documents, days)| {
        let before = now - span::days(days?.into());
        Some(Aged { direction, documents, before })
    })
}

/// Removes bytes that no row names, such as those of an upload that broke off before it was noted.
async fn remove_unclaimed(ctx: &Ctx) -> Result<(), Trouble> {
    let mut found = ctx.blobs.list().chunks(BATCH as usize);
    while let Some(batch) = found.next().await {
        let stored = batch.into_iter().collect::<Result<Vec<_>, _>>()?;
        let hashes: Vec<_> = stored.iter().map(|one| one.hash.as_bytes().to_vec()).collect();
        let_go(ctx, &hashes, UNCLAIMED).await?;
    }
    Ok(())
}

/// Removes bytes that nobody has and that are older than this.
async fn let_go(ctx: &Ctx, hashes: &[Vec<u8>], age: Duration) -> Result<(), Trouble> {
    let in_use = ctx.store.read().await?.bytes_in_use(hashes).await?;
    for hash in hashes.iter().filter(|hash| !in_use.contains(*hash)) {
        if let Ok(bytes) = hash.as_slice().try_into() {
            ctx.blobs.remove_older(BlobHash::from_bytes(bytes), age).await?;
        }
    }
    Ok(())
}
