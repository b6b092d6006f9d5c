//! What a batch of messages says about consent.

use std::collections::HashSet;

use rules::consent::ConsentAction;
use rules::id::OrgId;
use sqlx::QueryBuilder;

use super::{Json, NewConsentEvent, WHATSAPP};
use crate::batch::{Batch, sets};
use crate::error::Result;

impl Batch<'_> {
    /// Adds entries, each unless the contact's latest word on its purpose already is the same. Of several that
    /// say the first thing at all, the first is added.
    pub async fn append_consents_once(&mut self, events: &[(OrgId, NewConsentEvent)]) -> Result<()> {
        for chunk in sets(events) {
            let said = self.latest_words(chunk).await?;
            let mut seen = HashSet::new();
            let new: Vec<_> = chunk
                .iter()
                .zip(said)
                .filter(|((org, event), said)| {
                    // After another word each counts, because which is the latest goes by their times.
                    let first = seen.insert((*org, event.contact, event.purpose));
                    *said != Some(event.action) && (said.is_some() || first)
                })
                .map(|(one, _)| one)
                .collect();
            for new in sets(&new) {
                on!(self.tx, c => QueryBuilder::new(
                "INSERT INTO consent_events (org_id, id, contact_id, channel, purpose, action, source, evidence, at) ",
            )
            .push_values(new, |mut row, (org, event)| {
                row.push_bind(*org)
                    .push_bind(event.id)
                    .push_bind(event.contact)
                    .push_bind(WHATSAPP)
                    .push_bind(event.purpose)
                    .push_bind(event.action)
                    .push_bind(event.source)
                    .push_bind(Json(&event.evidence))
                    .push_bind(event.at);
            })
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
            }
        }
        Ok(())
    }

    /// The latest word of each contact on each purpose.
    async fn latest_words(
        &mut self,
        events: &[(OrgId, NewConsentEvent)],
    ) -> Result<Vec<Option<ConsentAction>>> {
        let found: Vec<(i64, Option<ConsentAction>)> = on!(self.tx, c => QueryBuilder::new(
            "WITH w (n, org_id, contact_id, purpose) AS (",
        )
        .push_values(events.iter().enumerate(), |mut row, (n, (org, event))| {
            row.push_bind(i64::try_from(n).unwrap_or(i64::MAX))
                .push_bind(*org)
                .push_bind(event.contact)
                .push_bind(event.purpose);
        })
        .push(
            ") SELECT w.n, (SELECT e.action FROM consent_events e WHERE e.org_id = w.org_id \
             AND e.contact_id = w.contact_id AND e.channel = ",
        )
        .push_bind(WHATSAPP)
        .push(" AND (e.purpose IS NULL OR e.purpose = w.purpose) ORDER BY e.at DESC, e.id DESC LIMIT 1) FROM w ORDER BY w.n")
        .build_query_as()
        .fetch_all(c)
        .await)?;
        Ok(found.into_iter().map(|(_, action)| action).collect())
    }
}
