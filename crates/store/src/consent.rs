//! The consent ledger: append-only, one entry per yes or no, each with its evidence.

mod together;

use rules::consent::{Channel, Consent, ConsentAction, ConsentSource, LedgerEntry, Purpose};
use rules::id::{ConsentEventId, ContactId};
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::seam::OrgScope;

/// A yes or no to be recorded.
#[derive(Clone, Debug)]
pub struct NewConsentEvent {
    /// Its id.
    pub id: ConsentEventId,
    /// Whose.
    pub contact: ContactId,
    /// On which channel.
    pub channel: Channel,
    /// What it speaks of; `None` speaks of everything (STOP and START).
    pub purpose: Option<Purpose>,
    /// Yes or no.
    pub action: ConsentAction,
    /// Where it comes from.
    pub source: ConsentSource,
    /// What proves it: wording, form, address, message, member, note. A JSON object.
    pub evidence: Value,
    /// When it took effect.
    pub at: Timestamp,
}

/// An entry of the ledger.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ConsentEvent {
    /// Its id.
    pub id: ConsentEventId,
    /// Whose.
    pub contact_id: ContactId,
    /// On which channel.
    pub channel: Channel,
    /// What it speaks of; `None` speaks of everything.
    pub purpose: Option<Purpose>,
    /// Yes or no.
    pub action: ConsentAction,
    /// Where it comes from.
    pub source: ConsentSource,
    /// What proves it.
    pub evidence: Json<Value>,
    /// When it took effect.
    pub at: Timestamp,
}

impl ConsentEvent {
    /// The entry as far as deciding needs it.
    pub fn entry(&self) -> LedgerEntry {
        LedgerEntry {
            id: self.id,
            channel: self.channel,
            purpose: self.purpose,
            action: self.action,
            source: self.source,
            at: self.at,
        }
    }
}

/// An entry of the ledger with the names that its contact goes by, for an export.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ConsentRecord {
    /// The entry.
    #[sqlx(flatten)]
    pub event: ConsentEvent,
    /// The contact's name as the organisation wrote it; may be empty.
    pub name: String,
    /// The contact's phone number.
    pub phone: Option<String>,
    /// The contact's BSUID.
    pub bsuid: Option<String>,
}

impl OrgScope<'_> {
    /// Adds an entry to the ledger.
    pub async fn append_consent(&mut self, event: &NewConsentEvent) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO consent_events (org_id, id, contact_id, channel, purpose, action, source, evidence, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(org)
        .bind(event.id)
        .bind(event.contact)
        .bind(event.channel)
        .bind(event.purpose)
        .bind(event.action)
        .bind(event.source)
        .bind(Json(&event.evidence))
        .bind(event.at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Adds an entry unless the contact's latest word on its purpose already is the same. Returns whether it was
    /// added. For what is implied again and again, such as the consent in every inbound message.
    pub async fn append_consent_once(&mut self, event: &NewConsentEvent) -> Result<bool> {
        let org = self.org;
        let added = on!(self.tx, c => sqlx::query(
            "INSERT INTO consent_events (org_id, id, contact_id, channel, purpose, action, source, evidence, at) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE NOT EXISTS (SELECT 1 FROM ( \
               SELECT action FROM consent_events WHERE org_id = $1 AND contact_id = $3 AND channel = $4 \
               AND (purpose IS NULL OR purpose = $5) ORDER BY at DESC, id DESC LIMIT 1) latest \
             WHERE latest.action = $6)",
        )
        .bind(org)
        .bind(event.id)
        .bind(event.contact)
        .bind(event.channel)
        .bind(event.purpose)
        .bind(event.action)
        .bind(event.source)
        .bind(Json(&event.evidence))
        .bind(event.at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(added == 1)
    }

    /// A contact's ledger on all channels, oldest entry first.
    pub async fn consent_ledger(&mut self, contact: ContactId) -> Result<Vec<ConsentEvent>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, contact_id, channel, purpose, action, source, evidence, at FROM consent_events \
             WHERE org_id = $1 AND contact_id = $2 ORDER BY at, id",
        )
        .bind(org)
        .bind(contact)
        .fetch_all(c)
        .await)?)
    }

    /// How a contact stands on WhatsApp, from its whole ledger.
    pub async fn consent_of(&mut self, contact: ContactId, inbound_lifts_opt_out: bool) -> Result<Consent> {
        self.consent_on(Channel::Whatsapp, contact, inbound_lifts_opt_out).await
    }

    /// How a contact stands on a channel.
    pub async fn consent_on(
        &mut self,
        channel: Channel,
        contact: ContactId,
        inbound_lifts_opt_out: bool,
    ) -> Result<Consent> {
        let ledger = self.consent_ledger(contact).await?;
        let entries: Vec<_> = ledger.iter().map(ConsentEvent::entry).collect();
        Ok(Consent::on(channel, &entries, inbound_lifts_opt_out))
    }

    /// The whole organisation's ledger, newest entry first.
    pub async fn consent_records(&mut self, after: Cursor, limit: usize) -> Result<Page<ConsentRecord>> {
        let org = self.org;
        let rows = on!(self.tx, c => sqlx::query_as(
            "SELECT e.id, e.contact_id, e.channel, e.purpose, e.action, e.source, e.evidence, e.at, \
                    k.name, k.phone, k.bsuid \
             FROM consent_events e JOIN contacts k ON k.org_id = e.org_id AND k.id = e.contact_id \
             WHERE e.org_id = $1 AND e.id < $2 ORDER BY e.id DESC LIMIT $3",
        )
        .bind(org)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row: &ConsentRecord| Cursor { at: row.event.at, id: row.event.id.0 }))
    }
}
