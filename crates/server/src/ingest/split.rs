//! Bodies into updates, in the order they came.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use meta::webhook::{self, Update};
use store::StoreError;
use store::ingest::{Body, NewUpdate};

use super::person::clean;
use crate::ctx::Ctx;

/// How many bodies one transaction splits.
const BODIES: i64 = 64;
/// How many bytes of bodies are read at once, but for a first that is longer.
pub(super) const BYTES: i64 = 2 << 20;
/// How many lanes updates are spread over; those of one number share one.
const LANES: u64 = 64;
/// The kind of a whole body that could not be split.
pub(super) const WHOLE_BODY: &str = "body";

/// Splits the oldest bodies. `false`: there were none.
pub async fn split_step(ctx: &Ctx) -> store::Result<bool> {
    let bodies = ctx.store.read().await?.unsplit_bodies(BODIES, BYTES).await?;
    if bodies.is_empty() {
        return Ok(false);
    }
    match store(ctx, &bodies, split).await {
        Err(error) if !matches!(error, StoreError::Busy(_)) => one_by_one(ctx, &bodies).await?,
        stored => stored?,
    }
    Ok(true)
}

/// Something in one of these bodies is too much for the database: it must not hold up what came with it.
async fn one_by_one(ctx: &Ctx, bodies: &[Body]) -> store::Result<()> {
    for body in bodies {
        let body = std::slice::from_ref(body);
        match store(ctx, body, split).await {
            Err(error) if !matches!(error, StoreError::Busy(_)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "kept a body whole: its updates cannot be stored"
                );
                store(ctx, body, |body| vec![whole(body)]).await?;
            }
            stored => stored?,
        }
    }
    Ok(())
}

/// Bodies are cut before the transaction begins, so that others need not wait for the cutting. Another node may be at
/// the same bodies: the keys let one of both through.
async fn store(ctx: &Ctx, bodies: &[Body], cut: impl Fn(&Body) -> Vec<NewUpdate>) -> store::Result<()> {
    let updates = bodies.iter().flat_map(cut).collect();
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let unseen = tx.unseen_updates(updates, now).await?;
    tx.insert_updates(&unseen, now).await?;
    tx.mark_split(&bodies.iter().map(|body| body.seq).collect::<Vec<_>>(), now).await?;
    tx.commit().await
}

pub(super) fn split(body: &Body) -> Vec<NewUpdate> {
    match webhook::split(&body.body) {
        Ok(updates) => updates.iter().map(|update| row(body, update)).collect(),
        Err(_) => vec![whole(body)],
    }
}

/// A body that was not understood. It is signed, so it is Meta's (or an app owner's) word: kept whole.
fn whole(body: &Body) -> NewUpdate {
    NewUpdate {
        body_seq: body.seq,
        app: body.app_id,
        lane: 0,
        kind: WHOLE_BODY,
        key: app_key(body, whole_body_key(&body.body)),
        waba_id: None,
        phone_number_id: None,
        // PostgreSQL stores no NUL in text.
        raw: String::from_utf8_lossy(&body.body).replace('\0', "\u{fffd}"),
        received_at: body.received_at,
    }
}

fn row(body: &Body, update: &Update<'_>) -> NewUpdate {
    let waba_id = update.waba_id.as_deref().or(update.entry_id.as_deref());
    let lane = update.phone_number_id.as_deref().or(waba_id);
    NewUpdate {
        body_seq: body.seq,
        app: body.app_id,
        lane: lane.map_or(0, lane_of),
        kind: update.kind.name(),
        key: app_key(body, update.key),
        waba_id: waba_id.map(clean),
        phone_number_id: update.phone_number_id.as_deref().map(clean),
        raw: update.alone(),
        received_at: body.received_at,
    }
}

/// The same update through two apps is two updates: one app must not be able to swallow another's.
fn app_key(body: &Body, key: [u8; 16]) -> [u8; 16] {
    let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    digest.update(body.app_id.0.as_bytes());
    digest.update(&key);
    first_half(digest.finish().as_ref())
}

fn whole_body_key(body: &[u8]) -> [u8; 16] {
    first_half(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body).as_ref())
}

fn first_half(digest: &[u8]) -> [u8; 16] {
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

fn lane_of(name: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    i64::try_from(hasher.finish() % LANES).unwrap_or(0)
}
