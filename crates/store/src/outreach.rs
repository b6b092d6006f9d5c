//! Business-initiated intentions: one row for each template to one contact, whether or not it went out, with what decided
//! and what became of it.
//!
//! A row goes with its message: whatever moves a message on moves its row as well.

use rules::consent::{Channel, Purpose};
use rules::gate::Reason;
use rules::id::{
    ContactId, ConversationId, MessageId, NotificationId, NumberId, OrgId, OutreachId, RecipientId,
};
use rules::message::Author;
use rules::outreach::{NextChannel, OutreachOutcome, OutreachVerdict};
use rules::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::batch::{Batch, Nth, each, many_each, one_each};
use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::OrgScope;

/// An intention to be recorded, or as it stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Outreach {
    /// Its id.
    pub id: OutreachId,
    /// Who is written to.
    pub contact_id: ContactId,
    /// From which number.
    pub number_id: NumberId,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// The message, unless it was refused before there was one.
    pub message_id: Option<MessageId>,
    /// The template's name.
    pub template_name: String,
    /// Its language.
    pub template_language: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Who sends.
    pub author: Author,
    /// The notification that it is part of.
    pub notification_id: Option<NotificationId>,
    /// The recipient of that notification's run.
    pub recipient_id: Option<RecipientId>,
    /// The channels that the sender allows besides WhatsApp, in order.
    pub fallback: Json<Vec<NextChannel>>,
    /// How the contact stood towards the purpose: `unknown`, `opted_in`, `opted_out`.
    pub standing: String,
    /// Whether the window was open.
    pub window_open: bool,
    /// What the gate said last.
    pub verdict: OutreachVerdict,
    /// Why it waits, falls back or is refused.
    pub reason: Option<Reason>,
    /// The channel that it is on.
    pub channel: Channel,
    /// What became of it.
    pub outcome: OutreachOutcome,
    /// The code of what went wrong: `meta_131026`, or the gate's reason.
    pub trouble: Option<String>,
    /// When that became known.
    pub outcome_at: Timestamp,
    /// When it was intended.
    pub at: Timestamp,
}

/// The columns of [`Outreach`], of the table alias `u`.
macro_rules! outreach_columns {
    () => {
        "u.id, u.contact_id, u.number_id, u.conversation_id, u.message_id, u.template_name, u.template_language, \
         u.purpose, u.author, u.notification_id, u.recipient_id, u.fallback, u.standing, u.window_open, u.verdict, \
         u.reason, u.channel, u.outcome, u.trouble, u.outcome_at, u.at"
    };
}

#[derive(sqlx::FromRow)]
struct Intended {
    at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Waiting {
    id: MessageId,
}

/// What the gate said of an intention when it was asked again.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// The organisation.
    pub org: OrgId,
    /// The message.
    pub message: MessageId,
    /// How the contact stood towards the purpose.
    pub standing: &'static str,
    /// Whether the window was open.
    pub window_open: bool,
    /// What it said.
    pub verdict: OutreachVerdict,
    /// Why.
    pub reason: Option<Reason>,
    /// The channel that it is on from now on.
    pub channel: Channel,
    /// What that makes of it.
    pub outcome: OutreachOutcome,
}

/// What becomes of an intention on whatever channel.
#[derive(Clone, Copy, Debug)]
pub struct OutreachStep<'a> {
    /// The channel that it is on from now on.
    pub channel: Channel,
    /// What became of it.
    pub outcome: OutreachOutcome,
    /// The code of what went wrong.
    pub trouble: Option<&'a str>,
}

/// Which earlier intentions count against a new one.
#[derive(Clone, Copy, Debug)]
pub struct Earlier {
    /// The organisation.
    pub org: OrgId,
    /// Who is written to.
    pub contact: ContactId,
    /// What for.
    pub purpose: Purpose,
    /// Later than this.
    pub since: Timestamp,
    /// Before this one, where it is recorded already.
    pub before: Option<OutreachId>,
}

/// Which intentions a list holds: those that fit everything given. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct OutreachFilter {
    /// What the gate said last.
    pub verdict: Option<OutreachVerdict>,
    /// What became of it.
    pub outcome: Option<OutreachOutcome>,
    /// Who is written to.
    pub contact: Option<ContactId>,
    /// From which number.
    pub number: Option<NumberId>,
    /// The template's name.
    pub template: Option<String>,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// Why it waits, falls back or is refused.
    pub reason: Option<Reason>,
    /// The channel that it is on.
    pub channel: Option<Channel>,
    /// The notification.
    pub notification: Option<NotificationId>,
    /// No earlier than this.
    pub from: Option<Timestamp>,
    /// Earlier than this.
    pub until: Option<Timestamp>,
}

impl Batch<'_> {
    /// Records intentions.
    pub async fn insert_outreach(&mut self, rows: &[(OrgId, Outreach)]) -> Result<()> {
        for chunk in self.tx.sets(rows) {
            let rows = Rows::of(chunk)
                .column("org_id", |(org, _)| *org)
                .column("id", |(_, one)| one.id)
                .column("contact_id", |(_, one)| one.contact_id)
                .column("number_id", |(_, one)| one.number_id)
                .column("conversation_id", |(_, one)| one.conversation_id)
                .column("message_id", |(_, one)| one.message_id)
                .column("template_name", |(_, one)| &one.template_name)
                .column("template_language", |(_, one)| &one.template_language)
                .column("purpose", |(_, one)| one.purpose)
                .column("author", |(_, one)| one.author)
                .column("notification_id", |(_, one)| one.notification_id)
                .column("recipient_id", |(_, one)| one.recipient_id)
                .column("fallback", |(_, one)| channels(&one.fallback.0))
                .column("standing", |(_, one)| &one.standing)
                .column("window_open", |(_, one)| one.window_open)
                .column("verdict", |(_, one)| one.verdict)
                .column("reason", |(_, one)| one.reason)
                .column("channel", |(_, one)| one.channel)
                .column("outcome", |(_, one)| one.outcome)
                .column("trouble", |(_, one)| one.trouble.as_deref())
                .column("outcome_at", |(_, one)| one.outcome_at)
                .column("at", |(_, one)| one.at);
            on!(self.tx, c => rows.insert_into("outreach").build().execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// The intentions that messages come of, where they come of one.
    pub async fn outreach_of(&mut self, keys: &[(OrgId, MessageId)]) -> Result<Vec<Option<Outreach>>> {
        let theirs = self.tx.join("outreach", "u", "u.org_id = w.org_id AND u.message_id = w.id");
        let rows = each!(self.tx, keys, concat!("SELECT w.n, ", outreach_columns!(), " FROM w"), &theirs);
        Ok(one_each(keys.len(), rows))
    }

    /// For each contact the messages that wait for its opt-in.
    pub async fn awaiting_opt_in(&mut self, keys: &[(OrgId, ContactId)]) -> Result<Vec<Vec<MessageId>>> {
        let fallen = "u.org_id = w.org_id AND u.contact_id = w.id AND u.verdict = 'fall_back'";
        let fallen = self.tx.join("outreach", "u", fallen);
        let waiting = "m.org_id = u.org_id AND m.id = u.message_id AND m.state = 'awaiting_opt_in'";
        let waiting = self.tx.join("messages", "m", waiting);
        let rows: Vec<Nth<Waiting>> = each!(self.tx, keys, "SELECT w.n, m.id FROM w", &fallen, &waiting);
        let rows = many_each(keys.len(), rows);
        Ok(rows.into_iter().map(|rows| rows.into_iter().map(|one| one.id).collect()).collect())
    }

    /// When earlier ones were intended that were neither refused nor failed.
    pub async fn intended_earlier(&mut self, asked: &[Earlier]) -> Result<Vec<Vec<Timestamp>>> {
        let theirs = self.tx.join(
            "outreach",
            "u",
            "u.org_id = w.org_id AND u.contact_id = w.contact_id AND u.at > w.since",
        );
        let mut rows: Vec<Nth<Intended>> = Vec::new();
        for (from, chunk) in self.tx.numbered_sets(asked) {
            let keys = Rows::numbered(chunk, from)
                .column("org_id", |one| one.org)
                .column("contact_id", |one| one.contact)
                .column("purpose", |one| one.purpose)
                .column("since", |one| one.since)
                .column("before_id", |one| one.before.unwrap_or(OutreachId(Uuid::max())));
            let found: Vec<Nth<Intended>> = on!(self.tx, c => keys.with()
                .push("SELECT w.n, u.at FROM w")
                .push(&theirs)
                .push(
                    " WHERE u.purpose = w.purpose AND u.id < w.before_id \
                     AND u.outcome NOT IN ('refused', 'failed', 'fallback_failed', 'expired')",
                )
                .build_query_as()
                .fetch_all(c)
                .await)?;
            rows.extend(found);
        }
        let rows = many_each(asked.len(), rows);
        Ok(rows.into_iter().map(|rows| rows.into_iter().map(|one| one.at).collect()).collect())
    }

    /// What the gate said when it was asked again, each message named once.
    pub async fn judge_outreach(&mut self, judged: &[Judged], now: Timestamp) -> Result<()> {
        // In one order everywhere, so that two nodes do not wait for each other in a circle.
        let mut judged: Vec<&Judged> = judged.iter().collect();
        judged.sort_unstable_by_key(|one| (one.org, one.message));
        for chunk in self.tx.sets(&judged) {
            let rows = Rows::of(chunk)
                .column("org_id", |one| one.org)
                .column("message_id", |one| one.message)
                .column("standing", |one| one.standing)
                .column("window_open", |one| one.window_open)
                .column("verdict", |one| one.verdict)
                .column("reason", |one| one.reason)
                .column("channel", |one| one.channel)
                .column("outcome", |one| one.outcome);
            on!(self.tx, c => {
                let mut query = rows.with();
                query.push("UPDATE outreach SET outcome_at = ").push_bind(now);
                query.push(
                    ", standing = w.standing, window_open = w.window_open, verdict = w.verdict, reason = w.reason, \
                     channel = w.channel, outcome = w.outcome, trouble = w.reason FROM w \
                     WHERE outreach.org_id = w.org_id AND outreach.message_id = w.message_id",
                );
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Messages have moved on, and their intentions with them.
    pub(crate) async fn outreach_follows(
        &mut self,
        moved: &[(OrgId, MessageId, OutreachOutcome)],
        now: Timestamp,
    ) -> Result<()> {
        let mut moved: Vec<_> = moved.to_vec();
        moved.sort_unstable_by_key(|(org, message, _)| (*org, *message));
        for chunk in self.tx.sets(&moved) {
            let rows = Rows::of(chunk)
                .column("org_id", |(org, ..)| *org)
                .column("message_id", |(_, message, _)| *message)
                .column("outcome", |(.., outcome)| *outcome);
            on!(self.tx, c => {
                let mut query = rows.with();
                query.push("UPDATE outreach SET outcome_at = ").push_bind(now);
                query.push(
                    ", outcome = w.outcome FROM w \
                     WHERE outreach.org_id = w.org_id AND outreach.message_id = w.message_id \
                     AND (outreach.channel = 'whatsapp' OR w.outcome IN ('queued', 'sent', 'awaiting_opt_in'))",
                );
                query.build().execute(c).await.map(|_| ())
            })?;
        }
        Ok(())
    }
}

fn channels(allowed: &[NextChannel]) -> String {
    serde_json::to_value(allowed).unwrap_or(Value::Array(Vec::new())).to_string()
}

impl OrgScope<'_> {
    /// An intention.
    pub async fn outreach(&mut self, id: OutreachId) -> Result<Option<Outreach>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", outreach_columns!(), " FROM outreach u WHERE u.org_id = $1 AND u.id = $2"
        ))
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Moves an intention on, on whatever channel. `None`: there is no such intention.
    pub async fn advance_outreach(
        &mut self,
        id: OutreachId,
        step: &OutreachStep<'_>,
        now: Timestamp,
    ) -> Result<Option<ContactId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "UPDATE outreach SET channel = $3, outcome = $4, trouble = $5, outcome_at = $6 \
             WHERE org_id = $1 AND id = $2 RETURNING contact_id",
        )
        .bind(org)
        .bind(id)
        .bind(step.channel)
        .bind(step.outcome)
        .bind(step.trouble)
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// Messages that wait for this contact's opt-in, the oldest first.
    pub async fn awaiting_opt_in(
        &mut self,
        contact: ContactId,
        purpose: Option<Purpose>,
    ) -> Result<Vec<MessageId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT m.id FROM outreach u JOIN messages m ON m.org_id = u.org_id AND m.id = u.message_id \
             WHERE u.org_id = $1 AND u.contact_id = $2 AND u.verdict = 'fall_back' AND m.state = 'awaiting_opt_in' \
             AND ($3 IS NULL OR u.purpose = $3) ORDER BY u.at, u.id",
        )
        .bind(org)
        .bind(contact)
        .bind(purpose)
        .fetch_all(c)
        .await)?)
    }

    /// A page of intentions, the newest first.
    pub async fn outreach_page(
        &mut self,
        filter: &OutreachFilter,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Outreach>> {
        let org = self.org;
        let rows = on!(self.tx, c => {
            let mut query = sqlx::QueryBuilder::new(concat!(
                "SELECT ", outreach_columns!(), " FROM outreach u WHERE u.org_id = "
            ));
            query.push_bind(org);
            if let Some(verdict) = filter.verdict {
                query.push(" AND u.verdict = ").push_bind(verdict);
            }
            if let Some(outcome) = filter.outcome {
                query.push(" AND u.outcome = ").push_bind(outcome);
            }
            if let Some(contact) = filter.contact {
                query.push(" AND u.contact_id = ").push_bind(contact);
            }
            if let Some(number) = filter.number {
                query.push(" AND u.number_id = ").push_bind(number);
            }
            if let Some(template) = &filter.template {
                query.push(" AND u.template_name = ").push_bind(template);
            }
            if let Some(purpose) = filter.purpose {
                query.push(" AND u.purpose = ").push_bind(purpose);
            }
            if let Some(reason) = filter.reason {
                query.push(" AND u.reason = ").push_bind(reason);
            }
            if let Some(channel) = filter.channel {
                query.push(" AND u.channel = ").push_bind(channel);
            }
            if let Some(notification) = filter.notification {
                query.push(" AND u.notification_id = ").push_bind(notification);
            }
            if let Some(from) = filter.from {
                query.push(" AND u.at >= ").push_bind(from);
            }
            if let Some(until) = filter.until {
                query.push(" AND u.at < ").push_bind(until);
            }
            query.push(" AND (u.at, u.id) < (").push_bind(after.at).push(", ").push_bind(after.id);
            query.push(") ORDER BY u.at DESC, u.id DESC LIMIT ").push_bind(Page::<()>::fetch(limit));
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(Page::cut(rows, limit, |row: &Outreach| Cursor { at: row.at, id: row.id.0 }))
    }
}
