//! What happened, to be told to whoever watches an organisation: published in the transaction that made it happen,
//! replayed in order, none skipped, until retention ends.

use std::time::Duration;

use rules::id::OrgId;
use rules::time::{Timestamp, span};
use serde::Serialize;

use crate::error::Result;
use crate::seam::{OrgScope, Tx};

/// An event can be replayed for so long.
pub const RETENTION: Duration = span::hours(24);

/// A place in an organisation's events: that of an event, or of the moment when somebody began to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventId {
    /// The transaction that published it (PostgreSQL), which orders events before their sequence does; 0 on SQLite.
    pub txid: i64,
    /// Its place in the sequence.
    pub seq: i64,
    /// When it was published; tells whether everything after it is still there.
    pub at: Timestamp,
}

impl EventId {
    /// Reads what [`Display`](std::fmt::Display) wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(|part| part.parse::<i64>().ok().filter(|n| *n >= 0));
        let id = Self { txid: parts.next()??, seq: parts.next()??, at: Timestamp(parts.next()??) };
        parts.next().is_none().then_some(id)
    }
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.txid, self.seq, self.at.0)
    }
}

/// A stored event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place.
    pub id: EventId,
    /// What happened, in a stable word such as `message.created`.
    pub kind: String,
    /// What a page needs to bring itself up to date, as JSON: ids rather than contents.
    pub payload: String,
    /// Of no interest from then on.
    pub passes_at: Option<Timestamp>,
}

impl OrgScope<'_> {
    /// Publishes an event of this organisation. Whoever waits in [`Store::events`](crate::Store::events) is woken by
    /// the commit.
    pub fn publish(&mut self, kind: &str, payload: &impl Serialize, now: Timestamp) -> Result<()> {
        self.tell_later(kind, payload, now, None)
    }

    /// Publishes what is of interest for a while only, such as that somebody types: it is neither replayed nor kept after.
    pub fn publish_passing(
        &mut self,
        kind: &str,
        payload: &impl Serialize,
        now: Timestamp,
        passes_at: Timestamp,
    ) -> Result<()> {
        self.tell_later(kind, payload, now, Some(passes_at))
    }

    fn tell_later(
        &mut self,
        kind: &str,
        payload: &impl Serialize,
        now: Timestamp,
        passes_at: Option<Timestamp>,
    ) -> Result<()> {
        let org = self.org;
        self.tx.later.event(org, kind, serde_json::to_string(payload)?, now, passes_at);
        self.tx.tell(org);
        Ok(())
    }

    /// Events after a place, oldest first.
    pub async fn events_after(&mut self, after: EventId, limit: i64) -> Result<Vec<Event>> {
        self.tx.write_later().await?;
        let sql = if self.tx.is_postgres() {
            concat!(
                "SELECT txid, seq, at, kind, payload, passes_at FROM events WHERE org_id = $1 AND (txid, seq) > ($2, $3) AND ",
                settled!(),
                " ORDER BY txid, seq LIMIT $4"
            )
        } else {
            "SELECT txid, seq, at, kind, payload, passes_at FROM events WHERE org_id = $1 AND (txid, seq) > ($2, $3) \
             ORDER BY txid, seq LIMIT $4"
        };
        let rows: Vec<(i64, i64, Timestamp, String, String, Option<Timestamp>)> = on!(self.tx, c => sqlx::query_as(sql)
            .bind(self.org)
            .bind(after.txid)
            .bind(after.seq)
            .bind(limit)
            .fetch_all(c)
            .await)?;
        Ok(rows
            .into_iter()
            .map(|(txid, seq, at, kind, payload, passes_at)| Event {
                id: EventId { txid, seq, at },
                kind,
                payload,
                passes_at,
            })
            .collect())
    }

    /// The place of the newest event that a reader may see: where somebody begins who wants no past.
    pub async fn newest_event(&mut self, now: Timestamp) -> Result<EventId> {
        self.tx.write_later().await?;
        let sql = if self.tx.is_postgres() {
            concat!(
                "SELECT txid, seq FROM events WHERE org_id = $1 AND ",
                settled!(),
                " ORDER BY txid DESC, seq DESC LIMIT 1"
            )
        } else {
            "SELECT txid, seq FROM events WHERE org_id = $1 ORDER BY txid DESC, seq DESC LIMIT 1"
        };
        let newest: Option<(i64, i64)> =
            on!(self.tx, c => sqlx::query_as(sql).bind(self.org).fetch_optional(c).await)?;
        let (txid, seq) = newest.unwrap_or_default();
        Ok(EventId { txid, seq, at: now })
    }
}

/// Retention is the installation's, not an organisation's.
impl Tx {
    /// The latest moment that the database knows to have passed: when a webhook came in or something happened last. `None`
    /// where nothing has within the days that both are kept. Of no organisation because the clock is everybody's.
    pub async fn latest_moment(&mut self) -> Result<Option<Timestamp>> {
        let here: Option<Timestamp> = on!(self, c => sqlx::query_scalar(
            "SELECT max(at) FROM (SELECT at FROM events WHERE seq = (SELECT max(seq) FROM events) UNION ALL \
             SELECT received_at FROM webhook_bodies WHERE seq = (SELECT max(seq) FROM webhook_bodies)) latest",
        )
        .fetch_one(c)
        .await)?;
        let Some(spool) = &self.spool else { return Ok(here) };
        Ok(here.max(spool.latest().await?))
    }

    /// Forgets events published before `before`, which lies at least [`RETENTION`] back.
    pub async fn drop_events_before(&mut self, before: Timestamp) -> Result<u64> {
        self.drop_aged("events", "at", before).await
    }

    /// Forgets what was of interest for a while and is no more.
    pub async fn drop_passed_events(&mut self, now: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query("DELETE FROM events WHERE passes_at <= $1")
            .bind(now)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Remembers that watchers of an organisation are to be woken when this transaction commits.
    pub(crate) fn tell(&mut self, org: OrgId) {
        if !self.told.contains(&org) {
            self.told.push(org);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_trip() {
        let id = EventId { txid: 7, seq: 9, at: Timestamp(11) };
        assert_eq!(EventId::parse(&id.to_string()), Some(id));
        for rubbish in ["", "7", "7-9", "7-9-x", "7-9-11-13", "-7-9-11"] {
            assert_eq!(EventId::parse(rubbish), None, "{rubbish}");
        }
    }
}
