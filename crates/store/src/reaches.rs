//! Messages to contacts on other channels than WhatsApp: at most one for each intention and channel.

use rules::consent::{Channel, Purpose};
use rules::fallback::{ReachKind, ReachState};
use rules::id::{ContactId, MessageId, OutreachId, ReachId};
use rules::locale::Locale;
use rules::time::Timestamp;

use crate::error::Result;
use crate::page::{Cursor, Page};
use crate::seam::OrgScope;

/// A message to a contact on another channel. Not `Debug`: its text may hold a link that speaks for the contact.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Reach {
    /// Its id.
    pub id: ReachId,
    /// The intention that it serves.
    pub outreach_id: OutreachId,
    /// The message that WhatsApp did not carry.
    pub message_id: MessageId,
    /// Who is reached.
    pub contact_id: ContactId,
    /// Where.
    pub channel: Channel,
    /// With what.
    pub kind: ReachKind,
    /// What for.
    pub purpose: Purpose,
    /// In which language.
    pub locale: Locale,
    /// The contact's address on the channel.
    pub address: String,
    /// A mail's subject.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// What became of it.
    pub state: ReachState,
    /// Why it failed, or waits.
    pub problem: Option<String>,
    /// How often it was handed over in vain.
    pub attempts: i64,
    /// Not before.
    pub due_at: Timestamp,
    /// The provider's name for it.
    pub provider_ref: Option<String>,
    /// Until when its link works.
    pub expires_at: Timestamp,
    /// When the contact agreed at the link.
    pub agreed_at: Option<Timestamp>,
    /// When it was intended.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What became of a message, as it is written down.
#[derive(Clone, Copy, Debug)]
pub struct ReachStep<'a> {
    /// What became of it.
    pub state: ReachState,
    /// Why.
    pub problem: Option<&'a str>,
    /// The provider's name for it, where it is new.
    pub provider_ref: Option<&'a str>,
    /// When it is handed over again.
    pub due_at: Timestamp,
}

/// A macro because a statement's text must be a literal.
macro_rules! columns {
    () => {
        "id, outreach_id, message_id, contact_id, channel, kind, purpose, locale, address, subject, body, state, problem, \
         attempts, due_at, provider_ref, expires_at, agreed_at, created_at, updated_at"
    };
}

impl OrgScope<'_> {
    /// Stores a message to be handed over. `false`: this intention has one on this channel already.
    pub async fn insert_reach(&mut self, reach: &Reach) -> Result<bool> {
        let org = self.org;
        let added = on!(self.tx, c => sqlx::query(concat!(
            "INSERT INTO reaches (org_id, ", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
             $13, $14, $15, $16, $17, $18, $19, $20, $21) ON CONFLICT (org_id, outreach_id, channel) DO NOTHING"
        ))
        .bind(org)
        .bind(reach.id)
        .bind(reach.outreach_id)
        .bind(reach.message_id)
        .bind(reach.contact_id)
        .bind(reach.channel)
        .bind(reach.kind)
        .bind(reach.purpose)
        .bind(reach.locale)
        .bind(&reach.address)
        .bind(&reach.subject)
        .bind(&reach.body)
        .bind(reach.state)
        .bind(&reach.problem)
        .bind(reach.attempts)
        .bind(reach.due_at)
        .bind(&reach.provider_ref)
        .bind(reach.expires_at)
        .bind(reach.agreed_at)
        .bind(reach.created_at)
        .bind(reach.updated_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(added == 1)
    }

    /// One message.
    pub async fn reach(&mut self, id: ReachId) -> Result<Option<Reach>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM reaches WHERE org_id = $1 AND id = $2"
        ))
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// The messages of an intention, oldest first.
    pub async fn reaches_of(&mut self, outreach: OutreachId) -> Result<Vec<Reach>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM reaches WHERE org_id = $1 AND outreach_id = $2 ORDER BY id"
        ))
        .bind(org)
        .bind(outreach)
        .fetch_all(c)
        .await)?)
    }

    /// The messages of the organisation, or those in place of one WhatsApp message, newest first.
    pub async fn reaches(
        &mut self,
        message: Option<MessageId>,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Reach>> {
        let org = self.org;
        let rows = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM reaches WHERE org_id = $1 AND id < $2 AND ($3 IS NULL OR message_id = $3) \
             ORDER BY id DESC LIMIT $4"
        ))
        .bind(org)
        .bind(after.id)
        .bind(message)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row: &Reach| Cursor { at: row.created_at, id: row.id.0 }))
    }

    /// The messages to a contact, newest first.
    pub async fn reaches_to(
        &mut self,
        contact: ContactId,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Reach>> {
        let org = self.org;
        let rows = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM reaches WHERE org_id = $1 AND contact_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
        ))
        .bind(org)
        .bind(contact)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row: &Reach| Cursor { at: row.created_at, id: row.id.0 }))
    }

    /// Takes messages that are due on a channel to be handed over, oldest first: they count as handed over from now on.
    pub async fn take_reaches(&mut self, channel: Channel, now: Timestamp, limit: i64) -> Result<Vec<Reach>> {
        let org = self.org;
        let mut taken: Vec<Reach> = on!(self.tx, c => sqlx::query_as(concat!(
            // Asked twice: whoever waited here for another worker is not to take what that one took.
            "UPDATE reaches SET state = 'sending', attempts = attempts + 1, updated_at = $3 WHERE org_id = $1 \
             AND state = 'queued' AND id IN (SELECT id FROM reaches WHERE org_id = $1 AND channel = $2 AND state = 'queued' AND due_at <= $3 \
             ORDER BY due_at, id LIMIT $4) RETURNING ", columns!()
        ))
        .bind(org)
        .bind(channel)
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await)?;
        taken.sort_unstable_by_key(|reach| (reach.due_at, reach.id));
        Ok(taken)
    }

    /// Whether something is being handed over on a channel.
    pub async fn is_handing_over(&mut self, channel: Channel) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM reaches WHERE org_id = $1 AND channel = $2 AND state = 'sending')",
        )
        .bind(org)
        .bind(channel)
        .fetch_one(c)
        .await)?)
    }

    /// What was being handed over on a channel when whoever did it ended.
    pub async fn abandoned_reaches(&mut self, channel: Channel) -> Result<Vec<Reach>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM reaches WHERE org_id = $1 AND channel = $2 AND state = 'sending'"
        ))
        .bind(org)
        .bind(channel)
        .fetch_all(c)
        .await)?)
    }

    /// When the next message on a channel is due.
    pub async fn next_reach_due(&mut self, channel: Channel) -> Result<Option<Timestamp>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT min(due_at) FROM reaches WHERE org_id = $1 AND channel = $2 AND state = 'queued'",
        )
        .bind(org)
        .bind(channel)
        .fetch_one(c)
        .await)?)
    }

    /// When a message was last handed over on a channel.
    pub async fn last_reach_at(&mut self, channel: Channel) -> Result<Option<Timestamp>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT max(created_at) FROM reaches WHERE org_id = $1 AND channel = $2 AND provider_ref IS NOT NULL",
        )
        .bind(org)
        .bind(channel)
        .fetch_one(c)
        .await)?)
    }

    /// A message by its provider's name.
    pub async fn reach_by_ref(&mut self, channel: Channel, provider_ref: &str) -> Result<Option<Reach>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM reaches WHERE org_id = $1 AND channel = $2 AND provider_ref = $3 \
             ORDER BY id DESC LIMIT 1"
        ))
        .bind(org)
        .bind(channel)
        .bind(provider_ref)
        .fetch_optional(c)
        .await)?)
    }

    /// Whom a message to this address was for, last.
    pub async fn contact_reached_at(&mut self, channel: Channel, address: &str) -> Result<Option<ContactId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT contact_id FROM reaches WHERE org_id = $1 AND channel = $2 AND address = $3 ORDER BY id DESC LIMIT 1",
        )
        .bind(org)
        .bind(channel)
        .bind(address)
        .fetch_optional(c)
        .await)?)
    }

    /// Writes down what became of a message that stood at `from`. `false`: somebody else knew more meanwhile, and nothing was
    /// changed but the provider's name for it.
    pub async fn step_reach(
        &mut self,
        id: ReachId,
        from: ReachState,
        step: &ReachStep<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        let moved = on!(self.tx, c => sqlx::query(
            "UPDATE reaches SET state = $3, problem = $4, provider_ref = coalesce($5, provider_ref), due_at = $6, \
             updated_at = $7 WHERE org_id = $1 AND id = $2 AND state = $8",
        )
        .bind(org)
        .bind(id)
        .bind(step.state)
        .bind(step.problem)
        .bind(step.provider_ref)
        .bind(step.due_at)
        .bind(now)
        .bind(from)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if moved == 0 && step.provider_ref.is_some() {
            on!(self.tx, c => sqlx::query("UPDATE reaches SET provider_ref = $3 WHERE org_id = $1 AND id = $2")
                .bind(org)
                .bind(id)
                .bind(step.provider_ref)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(moved == 1)
    }

    /// The contact agreed at a message's link. `false`: they had already.
    pub async fn agree_at_reach(&mut self, id: ReachId, now: Timestamp) -> Result<bool> {
        let org = self.org;
        let touched = on!(self.tx, c => sqlx::query(
            "UPDATE reaches SET agreed_at = $3, updated_at = $3 WHERE org_id = $1 AND id = $2 AND agreed_at IS NULL",
        )
        .bind(org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }
}
