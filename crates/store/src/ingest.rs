//! Webhook bodies and the updates cut from them.
//!
//! A body is durable before it is acknowledged. A splitter cuts it, in sequence, into updates, each with the key that
//! tells a repetition; an applier applies the pending ones and deletes them. What cannot be applied stays here:
//! *parked* (a status that outran our own knowledge of its message) or *kept* (for a person to see and retry).

use std::collections::HashSet;
use std::sync::Arc;

use rules::id::{AppId, OrgId};
use rules::time::Timestamp;
use tokio::time::Instant;

use crate::error::Result;
use crate::rows::Rows;
use crate::seam::{Pools, Store, Tx};
use crate::servers::Cluster;

/// A signed webhook body as it came.
#[derive(Clone, Debug)]
pub struct NewBody {
    /// The app whose secret signed it.
    pub app: AppId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The bytes.
    pub body: Vec<u8>,
}

/// A stored body that has not been split yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Body {
    /// Its place in the sequence of arrival.
    pub seq: i64,
    /// The app whose secret signed it.
    pub app_id: AppId,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The bytes.
    pub body: Vec<u8>,
}

impl From<Body> for NewBody {
    fn from(Body { app_id: app, received_at, body, .. }: Body) -> Self {
        Self { app, received_at, body }
    }
}

/// One update cut from a body.
#[derive(Clone, Debug)]
pub struct NewUpdate {
    /// The body it comes from.
    pub body_seq: i64,
    /// The app whose secret signed it.
    pub app: AppId,
    /// Updates of one lane are applied in sequence.
    pub lane: i64,
    /// What sort of update it is, in a stable word.
    pub kind: &'static str,
    /// Tells repetitions of the same update.
    pub key: [u8; 16],
    /// The messaging account it speaks of.
    pub waba_id: Option<String>,
    /// The number it speaks of.
    pub phone_number_id: Option<String>,
    /// The update alone, as JSON that can be parsed again.
    pub raw: String,
    /// When its body arrived.
    pub received_at: Timestamp,
}

/// A stored update.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Update {
    /// Its place in the sequence.
    pub seq: i64,
    /// The body it was cut from.
    pub body_seq: i64,
    /// The app whose secret signed it.
    pub app_id: AppId,
    /// What sort of update it is.
    pub kind: String,
    /// The messaging account it speaks of.
    pub waba_id: Option<String>,
    /// The number it speaks of.
    pub phone_number_id: Option<String>,
    /// The update alone.
    pub raw: String,
    /// When its body arrived.
    pub received_at: Timestamp,
    /// How often applying it has failed.
    pub attempts: i64,
}

/// An update kept for a person.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct KeptUpdate {
    /// Its place in the sequence; names it when it is retried.
    pub seq: i64,
    /// The app whose secret signed it.
    pub app_id: AppId,
    /// The organisation it belongs to, where that is known.
    pub org_id: Option<OrgId>,
    /// What sort of update it is.
    pub kind: String,
    /// The messaging account it speaks of.
    pub waba_id: Option<String>,
    /// The number it speaks of.
    pub phone_number_id: Option<String>,
    /// Why it was kept.
    pub reason: Option<String>,
    /// The update alone.
    pub raw: String,
    /// When its body arrived.
    pub received_at: Timestamp,
}

/// Leave to store webhook bodies.
#[derive(Debug)]
pub struct IntakeTurn(Turn);

#[derive(Debug)]
enum Turn {
    Sqlite(Box<Tx>),
    /// One statement is a transaction of its own, and takes one way to the server and back.
    Postgres(Store, Arc<Cluster>),
}

impl Store {
    /// How many such turns there may be at once, so that bodies keep the order in which they came.
    pub fn intake_turns(&self) -> usize {
        // Differs because the next batch is written on SQLite while the disk takes the one before; PostgreSQL numbers
        // rows in whatever order statements of several connections reach it.
        match &self.pools {
            Pools::Sqlite { .. } => 2,
            Pools::Postgres { .. } => 1,
        }
    }

    /// Waits for the turn to store webhook bodies: what has come until then is stored together.
    pub async fn intake_turn(&self) -> Result<IntakeTurn> {
        Ok(IntakeTurn(match &self.pools {
            Pools::Sqlite { spool, .. } => Turn::Sqlite(Box::new(self.begin_in(spool).await?)),
            Pools::Postgres { cluster, .. } => Turn::Postgres(self.clone(), cluster.clone()),
        }))
    }

    /// Deletes bodies that are done with and came before `before`.
    pub async fn drop_bodies_before(&self, before: Timestamp) -> Result<u64> {
        let mut tx = self.begin().await?;
        tx.others_need_not_wait();
        let dropped = tx.drop_aged("webhook_bodies", "split_at", before).await?;
        let Some(spool) = tx.spool.clone() else { return tx.commit().await.map(|()| dropped) };
        // The commit waits until what it has seen is on the disk: what is deleted below is never to be split again.
        let upto = tx.spooled().await?.upto;
        tx.commit().await?;
        Ok(dropped + spool.drop_before(upto, before).await?)
    }
}

impl IntakeTurn {
    /// Stores bodies. They are durable when this returns; when it fails, none of them may be taken for stored.
    pub async fn store(self, bodies: &[&NewBody]) -> Result<()> {
        match self.0 {
            Turn::Sqlite(mut tx) => {
                tx.append_bodies(bodies).await?;
                tx.commit().await
            }
            Turn::Postgres(store, cluster) => {
                let asked = Instant::now();
                cluster.run_ahead(|| rows_of(bodies).insert_into("webhook_bodies")).await?;
                store.waits().commit.note(asked.elapsed());
                Ok(())
            }
        }
    }
}

/// Where splitting stands on SQLite.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Spooled {
    /// Up to here what came in is split.
    pub upto: i64,
    /// Whether bodies wait in the database itself.
    pub here: bool,
}

/// The oldest bodies of which a condition holds, no more than `$1`: the first, and what follows it within `$2` bytes.
macro_rules! oldest_bodies {
    ($waits:literal) => {
        concat!(
            "SELECT b.seq, b.app_id, b.received_at, b.body FROM \
             (SELECT seq, sum(bytes) OVER (ORDER BY seq) - bytes AS before FROM \
              (SELECT seq, length(body) AS bytes FROM webhook_bodies WHERE ",
            $waits,
            " ORDER BY seq LIMIT $1) AS oldest) \
             AS summed JOIN webhook_bodies b ON b.seq = summed.seq WHERE summed.before < $2 ORDER BY b.seq"
        )
    };
}
pub(crate) use oldest_bodies;

fn rows_of<'r>(bodies: &'r [&NewBody]) -> Rows<'r, &'r NewBody> {
    Rows::of(bodies)
        .column("app_id", |body| body.app)
        .column("received_at", |body| body.received_at)
        .column("body", |body| body.body.as_slice())
}

impl Tx {
    /// Stores bodies in the order given, in as few statements as their number allows.
    pub(crate) async fn append_bodies(&mut self, bodies: &[&NewBody]) -> Result<()> {
        for chunk in self.sets(bodies) {
            let rows = rows_of(chunk);
            on!(self, c => rows.insert_into("webhook_bodies")
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// The oldest bodies that have not been split: the first, and what follows it within so many bytes.
    pub async fn unsplit_bodies(&mut self, limit: i64, bytes: i64) -> Result<Vec<Body>> {
        let Some(spool) = self.spool.clone() else { return self.unsplit_here(limit, bytes).await };
        match self.spooled().await? {
            // They were brought along from elsewhere, before anything came in here.
            Spooled { here: true, .. } => self.unsplit_here(limit, bytes).await,
            Spooled { upto, .. } => spool.after(upto, limit, bytes).await,
        }
    }

    async fn unsplit_here(&mut self, limit: i64, bytes: i64) -> Result<Vec<Body>> {
        Ok(on!(self, c => sqlx::query_as(oldest_bodies!("split_at IS NULL"))
            .bind(limit)
            .bind(bytes)
            .fetch_all(c)
            .await)?)
    }

    /// Where splitting stands on SQLite.
    pub(crate) async fn spooled(&mut self) -> Result<Spooled> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT upto, EXISTS (SELECT 1 FROM webhook_bodies WHERE split_at IS NULL) AS here FROM spooled",
        )
        .fetch_one(c)
        .await)?)
    }

    /// Whether an update waits to be applied.
    pub async fn has_pending(&mut self) -> Result<bool> {
        let first: Option<i64> = on!(self, c => sqlx::query_scalar(
            "SELECT seq FROM updates WHERE state = 'pending' LIMIT 1",
        )
        .fetch_optional(c)
        .await)?;
        Ok(first.is_some())
    }

    /// How many bodies are stored, split or not.
    pub async fn count_bodies(&mut self) -> Result<i64> {
        let here: i64 =
            on!(self, c => sqlx::query_scalar("SELECT count(*) FROM webhook_bodies").fetch_one(c).await)?;
        let Some(spool) = &self.spool else { return Ok(here) };
        Ok(here + spool.count().await?)
    }

    /// Marks bodies as split.
    pub async fn mark_split(&mut self, seqs: &[i64], now: Timestamp) -> Result<()> {
        if self.spool.is_some() {
            let came_in = on!(self, c => sqlx::query(
                "UPDATE spooled SET upto = max(upto, $1) \
                 WHERE NOT EXISTS (SELECT 1 FROM webhook_bodies WHERE split_at IS NULL)",
            )
            .bind(seqs.iter().max())
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
            if came_in == 1 {
                return Ok(());
            }
        }
        // In one order everywhere, so that two nodes do not wait for each other in a circle.
        let mut seqs = seqs.to_vec();
        seqs.sort_unstable();
        let these = self.named("seq");
        for chunk in self.sets(&seqs) {
            let split = Rows::of(chunk).column("seq", |seq| *seq);
            on!(self, c => {
                let mut query = split.with();
                query.push("UPDATE webhook_bodies SET split_at = ").push_bind(now);
                query.push(" WHERE ").push(&these);
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Of these updates those that were not seen before; they are seen now.
    pub async fn unseen_updates(
        &mut self,
        updates: Vec<NewUpdate>,
        now: Timestamp,
    ) -> Result<Vec<NewUpdate>> {
        // Sorted, so that neighbours in the index are written together and two nodes cannot deadlock.
        let mut keys: Vec<[u8; 16]> = updates.iter().map(|update| update.key).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut fresh = HashSet::with_capacity(keys.len());
        for set in self.sets(&keys) {
            fresh.extend(self.remember_keys(set, now).await?);
        }
        Ok(updates.into_iter().filter(|update| fresh.remove(&update.key)).collect())
    }

    /// Stores updates that wait to be applied.
    pub async fn insert_updates(&mut self, updates: &[NewUpdate], now: Timestamp) -> Result<()> {
        for chunk in self.sets(updates) {
            let rows = Rows::of(chunk)
                .column("body_seq", |update| update.body_seq)
                .column("app_id", |update| update.app)
                .column("lane", |update| update.lane)
                .column("kind", |update| update.kind)
                .column("waba_id", |update| update.waba_id.as_deref())
                .column("phone_number_id", |update| update.phone_number_id.as_deref())
                .column("raw", |update| update.raw.as_str())
                .column("state", |_| "pending")
                .column("attempts", |_| 0_i64)
                .column("received_at", |update| update.received_at)
                .column("changed_at", |_| now);
            on!(self, c => rows.insert_into("updates")
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }

    /// Stores one update that waits to be applied. Returns its place in the sequence.
    pub async fn insert_update(&mut self, update: &NewUpdate, now: Timestamp) -> Result<i64> {
        Ok(on!(self, c => sqlx::query_scalar(
            "INSERT INTO updates (body_seq, app_id, lane, kind, waba_id, phone_number_id, raw, state, attempts, received_at, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', 0, $8, $9) RETURNING seq",
        )
        .bind(update.body_seq)
        .bind(update.app)
        .bind(update.lane)
        .bind(update.kind)
        .bind(update.waba_id.as_deref())
        .bind(update.phone_number_id.as_deref())
        .bind(update.raw.as_str())
        .bind(update.received_at)
        .bind(now)
        .fetch_one(c)
        .await)?)
    }

    /// Stores keys of updates and returns those that were not there.
    async fn remember_keys(&mut self, keys: &[[u8; 16]], now: Timestamp) -> Result<HashSet<[u8; 16]>> {
        let rows = Rows::of(keys).column("key", |key| key.as_slice()).column("day", |_| now.day());
        let fresh: Vec<Vec<u8>> = on!(self, c => rows.insert_into("update_keys")
            .push(" ON CONFLICT (key) DO NOTHING RETURNING key")
            .build_query_scalar()
            .fetch_all(c)
            .await)?;
        Ok(fresh.into_iter().filter_map(|key| key.try_into().ok()).collect())
    }

    /// Forgets the keys of days before `day`.
    pub async fn forget_update_keys_before(&mut self, day: i64) -> Result<u64> {
        self.others_need_not_wait();
        Ok(on!(self, c => sqlx::query("DELETE FROM update_keys WHERE day < $1")
            .bind(day)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// The oldest pending updates, in sequence.
    pub async fn pending_updates(&mut self, limit: i64) -> Result<Vec<Update>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT seq, body_seq, app_id, kind, waba_id, phone_number_id, raw, received_at, attempts FROM updates \
             WHERE state = 'pending' ORDER BY seq LIMIT $1",
        )
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Those of these updates that still wait, held until the transaction ends: another node may be applying them, and
    /// may have applied them since they were read. Before the first [`Tx::org`].
    pub async fn hold_updates(&mut self, seqs: &[i64]) -> Result<HashSet<i64>> {
        let pending = self.join("updates", "u", "u.seq = w.seq AND u.state = 'pending'");
        let lock = self.hold("u");
        // In one order everywhere, so that two nodes do not wait for each other in a circle.
        let mut seqs = seqs.to_vec();
        seqs.sort_unstable();
        let mut held = HashSet::with_capacity(seqs.len());
        for chunk in self.sets(&seqs) {
            let asked = Rows::of(chunk).column("seq", |seq| *seq);
            let waiting: Vec<i64> = on!(self, c => {
                let mut query = asked.with();
                query.push("SELECT u.seq FROM w").push(&pending).push(&lock);
                query.build_query_scalar().fetch_all(c).await
            })?;
            held.extend(waiting);
        }
        Ok(held)
    }

    /// Removes updates that have been applied.
    pub async fn drop_updates(&mut self, seqs: &[i64]) -> Result<()> {
        let these = self.named("seq");
        for chunk in self.sets(seqs) {
            let applied = Rows::of(chunk).column("seq", |seq| *seq);
            on!(self, c => {
                let mut query = applied.with();
                query.push("DELETE FROM updates WHERE ").push(&these);
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Keeps an update for a person, with the reason.
    pub async fn keep_update(
        &mut self,
        seq: i64,
        org: Option<OrgId>,
        reason: &str,
        now: Timestamp,
    ) -> Result<()> {
        on!(self, c => sqlx::query(
            "UPDATE updates SET state = 'kept', org_id = $2, reason = $3, attempts = attempts + 1, changed_at = $4 WHERE seq = $1",
        )
        .bind(seq)
        .bind(org)
        .bind(reason)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Parks statuses whose message is not known yet, each under the hash of that message's id.
    pub async fn park_updates(&mut self, parked: &[(i64, OrgId, [u8; 16])], now: Timestamp) -> Result<()> {
        let only = self.only_those("updates", "seq");
        for chunk in self.sets(parked) {
            let rows = Rows::of(chunk)
                .column("seq", |(seq, _, _)| *seq)
                .column("org_id", |(_, org, _)| *org)
                .column("key", |(_, _, key)| key.as_slice());
            on!(self, c => {
                let mut query = rows.with();
                query.push("UPDATE updates SET state = 'parked', org_id = w.org_id, park_key = w.key, changed_at = ");
                query.push_bind(now).push(" FROM w WHERE updates.seq = w.seq").push(&only);
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Lets parked statuses of messages go on, each message named by the hash of its wamid. Returns how many they are.
    pub async fn release_parked(&mut self, keys: &[(OrgId, [u8; 16])], now: Timestamp) -> Result<u64> {
        let theirs = "u.park_key = w.key AND u.state = 'parked' AND u.org_id = w.org_id";
        let (theirs, (among, those)) = (self.join("updates", "u", theirs), self.among());
        let mut released = 0;
        for chunk in self.sets(keys) {
            let rows =
                Rows::of(chunk).column("org_id", |(org, _)| *org).column("key", |(_, key)| key.as_slice());
            released += on!(self, c => {
                let mut query = rows.with();
                query.push("UPDATE updates SET state = 'pending', park_key = NULL, changed_at = ").push_bind(now);
                query.push(" WHERE seq ").push(among).push("SELECT u.seq FROM w").push(&theirs).push(those);
                query.build().execute(c).await.map(|done| done.rows_affected())
            })?;
        }
        Ok(released)
    }

    /// Drops parked statuses that nobody has claimed since `before`: other software sends on the same number.
    pub async fn drop_parked_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query("DELETE FROM updates WHERE state = 'parked' AND changed_at < $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Updates kept aside, newest first, below `before`; of one organisation or of all.
    pub async fn kept_updates(
        &mut self,
        org: Option<OrgId>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<KeptUpdate>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT seq, app_id, org_id, kind, waba_id, phone_number_id, reason, raw, received_at FROM updates \
             WHERE state = 'kept' AND ($1 IS NULL OR org_id = $1) AND seq < $2 ORDER BY seq DESC LIMIT $3",
        )
        .bind(org)
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Makes a kept update pending again. `false`: there is none of this number (or it is another organisation's).
    pub async fn retry_update(&mut self, org: Option<OrgId>, seq: i64, now: Timestamp) -> Result<bool> {
        let touched = on!(self, c => sqlx::query(
            "UPDATE updates SET state = 'pending', changed_at = $3 \
             WHERE seq = $1 AND state = 'kept' AND ($2 IS NULL OR org_id = $2)",
        )
        .bind(seq)
        .bind(org)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }

    /// Makes every kept update of a messaging account pending again: it has just been connected.
    pub async fn retry_updates_of(&mut self, app: AppId, waba_id: &str, now: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "UPDATE updates SET state = 'pending', changed_at = $3 WHERE state = 'kept' AND app_id = $1 AND waba_id = $2",
        )
        .bind(app)
        .bind(waba_id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }

    /// The newest kept updates of a kind that an app signed: news of an account may come before it is connected.
    pub async fn kept_of_kind(
        &mut self,
        app: AppId,
        kind: &str,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<Update>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT seq, body_seq, app_id, kind, waba_id, phone_number_id, raw, received_at, attempts FROM updates \
             WHERE state = 'kept' AND app_id = $1 AND kind = $2 AND received_at >= $3 ORDER BY seq DESC LIMIT $4",
        )
        .bind(app)
        .bind(kind)
        .bind(since)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
