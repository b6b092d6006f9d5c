//! What Meta lets us know of a contact when it does not deliver: each thing once, with when it was said last and how often in
//! a row. A newer fact, such as a message of theirs, takes it away.

use rules::id::{ContactId, ConversationId, MessageId, NumberId, OrgId};
use rules::signals::{Signal, SignalKind};
use rules::time::Timestamp;

use crate::batch::{Batch, each, many_each};
use crate::error::Result;
use crate::rows::Rows;
use crate::seam::OrgScope;

impl Batch<'_> {
    /// What is known of contacts.
    pub async fn signals(&mut self, keys: &[(OrgId, ContactId)]) -> Result<Vec<Vec<Signal>>> {
        let theirs = self.tx.join("signals", "s", "s.org_id = w.org_id AND s.contact_id = w.id");
        // Whoever has written since is there, on whatever number.
        let rows = each!(
            self.tx,
            keys,
            "SELECT w.n, s.kind, s.at, s.times FROM w",
            &theirs,
            " WHERE s.kind <> 'not_on_whatsapp' OR NOT EXISTS (SELECT 1 FROM conversations v \
             WHERE v.org_id = w.org_id AND v.contact_id = w.id AND v.last_inbound_at >= s.at)"
        );
        let rows = many_each(keys.len(), rows);
        Ok(rows.into_iter().map(|rows| rows.into_iter().map(Row::signal).collect()).collect())
    }

    /// Something of ours reached these contacts.
    pub(crate) async fn are_on_whatsapp(&mut self, arrived: &[(OrgId, ContactId)]) -> Result<()> {
        let mut arrived = arrived.to_vec();
        arrived.sort_unstable();
        arrived.dedup();
        for chunk in self.tx.sets(&arrived) {
            let rows =
                Rows::of(chunk).column("org_id", |(org, _)| *org).column("contact_id", |(_, one)| *one);
            let named = self.tx.named_by("contact_id", "org_id");
            on!(self.tx, c => rows.with()
                .push("DELETE FROM signals WHERE kind = 'not_on_whatsapp' AND ")
                .push(&named)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
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

    /// Notes what Meta let us know about a message; the same message counts once, and what was disproved by a message of
    /// theirs counts no more.
    pub async fn note_signal(
        &mut self,
        contact: ContactId,
        kind: SignalKind,
        message: MessageId,
        at: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        if kind == SignalKind::NotOnWhatsapp {
            on!(self.tx, c => sqlx::query(
                "DELETE FROM signals WHERE org_id = $1 AND contact_id = $2 AND kind = $3 AND EXISTS ( \
                 SELECT 1 FROM conversations v WHERE v.org_id = $1 AND v.contact_id = $2 \
                 AND v.last_inbound_at >= signals.at)",
            )
            .bind(org)
            .bind(contact)
            .bind(kind)
            .execute(c)
            .await
            .map(|_| ()))?;
        }
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

    /// Meta says that the window of a conversation is closed.
    pub async fn deny_window(&mut self, conversation: ConversationId, at: Timestamp) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("UPDATE conversations SET window_denied_at = $3 WHERE org_id = $1 AND id = $2")
            .bind(org).bind(conversation).bind(at).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Meta says that we have blocked the person of a conversation.
    pub async fn note_block(&mut self, conversation: ConversationId, at: Timestamp) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("UPDATE conversations SET blocked_at = $3 WHERE org_id = $1 AND id = $2")
            .bind(org).bind(conversation).bind(at).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Meta holds a number back because people blocked or reported it.
    pub async fn note_slowed(&mut self, number: NumberId, at: Timestamp) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("UPDATE numbers SET slowed_at = $3 WHERE org_id = $1 AND id = $2")
            .bind(org).bind(number).bind(at).execute(c).await.map(|_| ()))?;
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
