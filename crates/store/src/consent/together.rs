//! Consent of many contacts: what a batch of messages says about it, and their ledgers.

use std::collections::HashSet;

use rules::consent::{Channel, ConsentAction, ConsentSource, LedgerEntry, Purpose};
use rules::id::{ConsentEventId, ContactId, OrgId};
use rules::time::Timestamp;

use super::{Json, NewConsentEvent};
use crate::batch::{Batch, Nth, each, many_each};
use crate::error::Result;
use crate::rows::Rows;

/// An entry without what proves it.
#[derive(sqlx::FromRow)]
struct Entry {
    id: ConsentEventId,
    channel: Channel,
    purpose: Option<Purpose>,
    action: ConsentAction,
    source: ConsentSource,
    at: Timestamp,
}

impl Entry {
    fn read(self) -> LedgerEntry {
        let Self { id, channel, purpose, action, source, at } = self;
        LedgerEntry { id, channel, purpose, action, source, at }
    }
}

impl Batch<'_> {
    /// Contacts' ledgers on all channels as far as deciding needs them, oldest entries first.
    pub async fn consent_ledgers(&mut self, keys: &[(OrgId, ContactId)]) -> Result<Vec<Vec<LedgerEntry>>> {
        let theirs = self.tx.join("consent_events", "e", "e.org_id = w.org_id AND e.contact_id = w.id");
        let rows: Vec<Nth<Entry>> = each!(
            self.tx,
            keys,
            "SELECT w.n, e.id, e.channel, e.purpose, e.action, e.source, e.at FROM w",
            &theirs,
            " ORDER BY w.n, e.at, e.id"
        );
        let ledgers = many_each(keys.len(), rows).into_iter();
        Ok(ledgers.map(|entries| entries.into_iter().map(Entry::read).collect()).collect())
    }

    /// Adds entries, each unless the contact's latest word on its purpose already is the same, from the same source. Of several that
    /// say the first thing at all, the first is added.
    pub async fn append_consents_once(&mut self, events: &[(OrgId, NewConsentEvent)]) -> Result<()> {
        for chunk in self.tx.sets(events) {
            let said = self.latest_words(chunk).await?;
            let mut seen = HashSet::new();
            let new: Vec<_> = chunk
                .iter()
                .zip(said)
                .filter(|((org, event), said)| {
                    // After another word each counts, because which is the latest goes by their times.
                    let first = seen.insert((*org, event.contact, event.channel, event.purpose));
                    *said != Some(format!("{}:{}", event.action, event.source)) && (said.is_some() || first)
                })
                .map(|(one, _)| one)
                .collect();
            for new in self.tx.sets(&new) {
                let rows = Rows::of(new)
                    .column("org_id", |(org, _)| *org)
                    .column("id", |(_, event)| event.id)
                    .column("contact_id", |(_, event)| event.contact)
                    .column("channel", |(_, event)| event.channel)
                    .column("purpose", |(_, event)| event.purpose)
                    .column("action", |(_, event)| event.action)
                    .column("source", |(_, event)| event.source)
                    .column("evidence", |(_, event)| Json(&event.evidence))
                    .column("at", |(_, event)| event.at);
                on!(self.tx, c => rows.insert_into("consent_events")
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
            }
        }
        Ok(())
    }

    /// The latest word of each contact on each purpose, with its source.
    async fn latest_words(&mut self, events: &[(OrgId, NewConsentEvent)]) -> Result<Vec<Option<String>>> {
        let rows = Rows::numbered(events, 0)
            .column("org_id", |(org, _)| *org)
            .column("contact_id", |(_, event)| event.contact)
            .column("channel", |(_, event)| event.channel)
            .column("purpose", |(_, event)| event.purpose);
        let found: Vec<(i64, Option<String>)> = on!(self.tx, c => rows.with()
        .push(
            "SELECT w.n, (SELECT e.action || ':' || e.source FROM consent_events e WHERE e.org_id = w.org_id \
             AND e.contact_id = w.contact_id AND e.channel = w.channel AND (e.purpose IS NULL OR e.purpose = w.purpose) ORDER BY e.at DESC, e.id DESC LIMIT 1) FROM w ORDER BY w.n",
        )
        .build_query_as()
        .fetch_all(c)
        .await)?;
        Ok(found.into_iter().map(|(_, said)| said).collect())
    }
}
