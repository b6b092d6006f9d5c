//! Two contacts turn out to be one person.
//!
//! Nothing is lost: every message, every ledger entry and every name moves to the contact that stays, conversations
//! with the same number become one, and where only one of the two had said no, the no is kept.

use std::time::Duration;

use rules::consent::{ConsentAction, ConsentSource, LedgerEntry, refusals_to_keep};
use rules::id::{ConsentEventId, ContactId, ConversationId, NumberId};
use rules::time::{Randomness, Timestamp};

use super::Contact;
use crate::consent::{ConsentEvent, NewConsentEvent};
use crate::error::Result;
use crate::json::Json;
use crate::seam::OrgScope;

/// A conversation of the contact that goes, and the one with the same number of the contact that stays.
#[derive(sqlx::FromRow)]
struct Pair {
    going: ConversationId,
    number_id: NumberId,
    staying: Option<ConversationId>,
}

impl OrgScope<'_> {
    /// Merges `going` into `staying`. `false`: one of them does not exist, or they are one already.
    pub async fn merge_contacts(
        &mut self,
        staying: ContactId,
        going: ContactId,
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<bool> {
        // Held in the order of their ids, so that two who merge the same two do not wait for each other in a circle.
        for id in [staying.min(going), staying.max(going)] {
            self.contact_for_change(id).await?;
        }
        let (Some(staying), Some(going)) = (self.contact(staying).await?, self.contact(going).await?) else {
            return Ok(false);
        };
        if staying.id == going.id {
            return Ok(false);
        }
        self.merge_consent(staying.id, going.id, now, chance).await?;
        self.merge_conversations(staying.id, going.id).await?;
        self.move_collected(going.id, staying.id).await?;
        self.move_records(staying.id, going.id).await?;
        self.move_recipients(staying.id, going.id).await?;
        let org = self.org;
        for follow in [
            "UPDATE contact_identities SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2",
            "UPDATE outreach SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2",
            "UPDATE reaches SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2",
            "UPDATE import_rows SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2",
            "UPDATE contact_exports SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2",
            // Whoever asked to be erased is to be erased as the person they turned out to be, from the beginning.
            "UPDATE erasures SET contact_id = $3, step = 'conversations' WHERE org_id = $1 AND contact_id = $2 \
             AND state <> 'done' AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.org_id = $1 AND e.contact_id = $3)",
        ] {
            on!(self.tx, c => sqlx::query(follow)
                .bind(org).bind(going.id).bind(staying.id).execute(c).await.map(|_| ()))?;
        }
        self.merge_signals(staying.id, going.id).await?;
        self.merge_begun(staying.id, going.id).await?;
        on!(self.tx, c => sqlx::query(
            "UPDATE contacts SET merged_into = $3, updated_at = $4 WHERE org_id = $1 AND (id = $2 OR merged_into = $2)",
        )
        .bind(org).bind(going.id).bind(staying.id).bind(now).execute(c).await.map(|_| ()))?;
        self.write_contact(&both(staying, going, now)).await?;
        Ok(true)
    }

    async fn merge_consent(
        &mut self,
        staying: ContactId,
        going: ContactId,
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<()> {
        let org = self.org;
        let (one, other) = (self.entries(staying).await?, self.entries(going).await?);
        on!(self.tx, c => sqlx::query("UPDATE consent_events SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2")
            .bind(org).bind(going).bind(staying).execute(c).await.map(|_| ()))?;
        let joint = self.entries(staying).await?;
        // Other clocks may be ahead of ours: what is kept must come after everything it overrules.
        let last = joint.last().map_or(now, |entry| entry.at + Duration::from_micros(1));
        let at = now.max(last);
        for (channel, purpose) in refusals_to_keep(&one, &other, &joint) {
            self.append_consent(&NewConsentEvent {
                id: ConsentEventId::fresh(now, chance),
                contact: staying,
                channel,
                purpose,
                action: ConsentAction::OptOut,
                source: ConsentSource::Merge,
                evidence: serde_json::json!({ "merged_contact": going }),
                at,
            })
            .await?;
        }
        Ok(())
    }

    async fn entries(&mut self, contact: ContactId) -> Result<Vec<LedgerEntry>> {
        Ok(self.consent_ledger(contact).await?.iter().map(ConsentEvent::entry).collect())
    }

    async fn merge_conversations(&mut self, staying: ContactId, going: ContactId) -> Result<()> {
        let org = self.org;
        let pairs: Vec<Pair> = on!(self.tx, c => sqlx::query_as(
            "SELECT g.id AS going, g.number_id, s.id AS staying FROM conversations g \
             LEFT JOIN conversations s ON s.org_id = g.org_id AND s.contact_id = $3 AND s.number_id = g.number_id \
             WHERE g.org_id = $1 AND g.contact_id = $2 AND g.merged_into IS NULL",
        )
        .bind(org).bind(going).bind(staying).fetch_all(c).await)?;
        for pair in pairs {
            // Whoever writes in either waits, and finds the one that stays.
            let mut both: Vec<_> = [Some(pair.going), pair.staying].into_iter().flatten().collect();
            both.sort_unstable();
            for one in both {
                self.conversation_for_change(one).await?;
            }
            on!(self.tx, c => sqlx::query(
                "UPDATE messages SET contact_id = $3, conversation_id = $4 WHERE org_id = $1 AND conversation_id = $2",
            )
            .bind(org).bind(pair.going).bind(staying).bind(pair.staying.unwrap_or(pair.going))
            .execute(c).await.map(|_| ()))?;
            match pair.staying {
                Some(kept) => self.join_conversations(kept, pair.going).await?,
                None => on!(self.tx, c => sqlx::query(
                    "UPDATE conversations SET contact_id = $4 WHERE org_id = $1 AND id = $2 AND number_id = $3",
                )
                .bind(org).bind(pair.going).bind(pair.number_id).bind(staying).execute(c).await.map(|_| ()))?,
            }
        }
        Ok(())
    }

    /// What Meta denied in either conversation it denies in both.
    async fn join_denials(&mut self, kept: ConversationId, going: ConversationId) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET \
             window_denied_at = COALESCE((SELECT g.window_denied_at FROM conversations g WHERE g.org_id = $1 AND g.id = $3 \
               AND (conversations.window_denied_at IS NULL OR g.window_denied_at > conversations.window_denied_at)), window_denied_at), \
             blocked_at = COALESCE((SELECT g.blocked_at FROM conversations g WHERE g.org_id = $1 AND g.id = $3 \
               AND (conversations.blocked_at IS NULL OR g.blocked_at > conversations.blocked_at)), blocked_at) \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(org).bind(kept).bind(going).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Makes one conversation of two: what happened last, what is unread, who is in charge.
    async fn join_conversations(&mut self, kept: ConversationId, going: ConversationId) -> Result<()> {
        let org = self.org;
        let (Some(mut one), Some(other)) = (self.conversation(kept).await?, self.conversation(going).await?)
        else {
            return Ok(());
        };
        one.last_inbound_at = one.last_inbound_at.max(other.last_inbound_at);
        self.join_denials(kept, going).await?;
        one.unread += other.unread;
        one.snoozed_until = one.snoozed_until.min(other.snoozed_until);
        one.status = one.status.min(other.status);
        one.assignee_id = one.assignee_id.or(other.assignee_id);
        one.attribution = one.attribution.or(other.attribution);
        one.labels.0 = joined(one.labels.0, other.labels.0);
        if other.ai.stricter(one.ai) != one.ai {
            (one.ai, one.ai_reason, one.ai_changed_at) = (other.ai, other.ai_reason, other.ai_changed_at);
        }
        if other.last_message_id.is_some()
            && (one.last_message_id.is_none() || other.last_message_at > one.last_message_at)
        {
            (one.last_message_at, one.last_message_id, one.preview) =
                (other.last_message_at, other.last_message_id, other.preview);
        }
        self.write_conversation(&one).await?;
        for follow in [
            "UPDATE answers SET conversation_id = $3 WHERE org_id = $1 AND conversation_id = $2",
            "UPDATE notes SET conversation_id = $3 WHERE org_id = $1 AND conversation_id = $2",
            "UPDATE outreach SET conversation_id = $3 WHERE org_id = $1 AND conversation_id = $2",
        ] {
            on!(self.tx, c => sqlx::query(follow)
                .bind(org).bind(going).bind(kept).execute(c).await.map(|_| ()))?;
        }
        on!(self.tx, c => sqlx::query(
            "UPDATE conversations SET merged_into = $3 WHERE org_id = $1 AND (id = $2 OR merged_into = $2)",
        )
        .bind(org).bind(going).bind(kept).execute(c).await.map(|_| ()))?;
        self.tx.join_serial_keys(org, &going.to_string(), &kept.to_string()).await
    }
}

/// What is known of the one person.
fn both(staying: Contact, going: Contact, now: Timestamp) -> Contact {
    Contact {
        name: if staying.name.is_empty() { going.name } else { staying.name },
        profile_name: staying.profile_name.or(going.profile_name),
        username: staying.username.or(going.username),
        phone: staying.phone.or(going.phone),
        bsuid: staying.bsuid.or(going.bsuid),
        email: staying.email.or(going.email),
        language: staying.language.or(going.language),
        timezone: staying.timezone.or(going.timezone),
        labels: Json(joined(staying.labels.0, going.labels.0)),
        updated_at: now,
        ..staying
    }
}

/// The labels of both, each once.
fn joined(mut labels: Vec<String>, others: Vec<String>) -> Vec<String> {
    for label in others {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}
