//! What Meta lets us know of a contact when it does not deliver: each thing once, with when it was said last and how often in
//! a row. A newer fact, such as a message of theirs, takes it away.

use rules::id::{ContactId, MessageId, OrgId};
use rules::signals::{Signal, SignalKind};
use rules::time::Timestamp;

use crate::batch::{Batch, each, many_each};
use crate::error::Result;
use crate::seam::OrgScope;

impl Batch<'_> {
    /// What is known of contacts.
    pub async fn signals(&mut self, keys: &[(OrgId, ContactId)]) -> Result<Vec<Vec<Signal>>> {
        let theirs = self.tx.join("signals", "s", "s.org_id = w.org_id AND s.contact_id = w.id");
        let rows = each!(self.tx, keys, "SELECT w.n, s.kind, s.at, s.times FROM w", &theirs);
        let rows = many_each(keys.len(), rows);
        Ok(rows.into_iter().map(|rows| rows.into_iter().map(Row::signal).collect()).collect())
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: SignalKind,
    at: Timestamp,
    times: i64,
}

impl Row {
    fn signal(self) -> Signal {
        Signal { kind: self.kind, at: self.at, times: u32::try_from(self.times).unwrap_or(u32::MAX) }
    }
}

impl OrgScope<'_> {
    /// What is known of a contact.
    pub async fn signals(&mut self, contact: ContactId) -> Result<Vec<Signal>> {
        let key = [(self.org, contact)];
        Ok(self.tx.batch(&[self.org]).await?.signals(&key).await?.pop().unwrap_or_default())
    }

    /// Notes what Meta let us know about a message; the same message counts once.
    pub async fn note_signal(
        &mut self,
        contact: ContactId,
        kind: SignalKind,
        message: MessageId,
        at: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO signals (org_id, contact_id, kind, at, times, message_id) VALUES ($1, $2, $3, $4, 1, $5) \
             ON CONFLICT (org_id, contact_id, kind) DO UPDATE SET \
             times = signals.times + CASE WHEN signals.message_id = excluded.message_id THEN 0 ELSE 1 END, \
             at = CASE WHEN signals.at > excluded.at THEN signals.at ELSE excluded.at END, \
             message_id = excluded.message_id",
        )
        .bind(org)
        .bind(contact)
        .bind(kind)
        .bind(at)
        .bind(message)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Takes away what was said no later than a newer fact that disproves it.
    pub async fn clear_signal(
        &mut self,
        contact: ContactId,
        kind: SignalKind,
        disproved_at: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "DELETE FROM signals WHERE org_id = $1 AND contact_id = $2 AND kind = $3 AND at <= $4",
        )
        .bind(org)
        .bind(contact)
        .bind(kind)
        .bind(disproved_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Two contacts are one: what was said of the one that goes is said of the one that stays.
    pub(crate) async fn merge_signals(&mut self, staying: ContactId, going: ContactId) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO signals (org_id, contact_id, kind, at, times, message_id) \
             SELECT org_id, $3, kind, at, times, message_id FROM signals WHERE org_id = $1 AND contact_id = $2 \
             ON CONFLICT (org_id, contact_id, kind) DO UPDATE SET times = signals.times + excluded.times, \
             at = CASE WHEN signals.at > excluded.at THEN signals.at ELSE excluded.at END",
        )
        .bind(org).bind(going).bind(staying).execute(c).await.map(|_| ()))?;
        on!(self.tx, c => sqlx::query("DELETE FROM signals WHERE org_id = $1 AND contact_id = $2")
            .bind(org).bind(going).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
