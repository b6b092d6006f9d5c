//! Whom a run has gone through, what was decided about each, and what became of it.

use rules::id::{ContactId, MessageId, NotificationId, RecipientId, RecordId, RunId};
use rules::outreach::NextChannel;
use rules::time::Timestamp;
use sqlx::QueryBuilder;

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::OrgScope;

/// Somebody whom a run has gone through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecipient<'a> {
    /// Its id.
    pub id: RecipientId,
    /// Who.
    pub contact: Option<ContactId>,
    /// Because of which record.
    pub record: Option<RecordId>,
    /// The reason for which the notification reaches somebody: never twice for the same. One that is somebody's own begins
    /// with their id and a `#`.
    pub once_key: &'a str,
    /// What was decided.
    pub verdict: &'a str,
    /// Why not, or why later.
    pub reason: Option<&'a str>,
    /// What was sent.
    pub message: Option<MessageId>,
}

/// Somebody whom a run has gone through, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Recipient {
    /// Its id.
    pub id: RecipientId,
    /// Who.
    pub contact_id: Option<ContactId>,
    /// What to call them.
    pub name: Option<String>,
    /// Their phone number.
    pub phone: Option<String>,
    /// Because of which record.
    pub record_id: Option<RecordId>,
    /// What that record is called where it comes from.
    pub external_id: Option<String>,
    /// What was decided.
    pub verdict: String,
    /// Why not, or why later.
    pub reason: Option<String>,
    /// What was sent.
    pub message_id: Option<MessageId>,
    /// How they stood towards the purpose.
    pub standing: Option<String>,
    /// Whether the window was open.
    pub window_open: Option<bool>,
    /// The channels that are allowed besides WhatsApp.
    pub fallback: Option<Json<Vec<NextChannel>>>,
    /// The channel on which it is.
    pub channel: Option<String>,
    /// What became of it.
    pub outcome: Option<String>,
    /// The code of what went wrong.
    pub trouble: Option<String>,
    /// When it was decided.
    pub at: Timestamp,
}

/// Which recipients of a run a list holds: those that fit everything given.
#[derive(Clone, Debug, Default)]
pub struct RecipientFilter {
    /// With this verdict.
    pub verdict: Option<String>,
    /// For this reason, whatever is said of it behind a colon.
    pub reason: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
}

/// How often something became of a run's messages.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Outcomes {
    /// On which channel.
    pub channel: String,
    /// What.
    pub outcome: String,
    /// How often.
    pub count: i64,
}

impl OrgScope<'_> {
    /// Which of these reasons a notification has reached somebody for already.
    pub async fn reached(&mut self, notification: NotificationId, keys: &[&str]) -> Result<Vec<String>> {
        let org = self.org;
        let mut reached = Vec::new();
        for set in self.tx.sets(keys) {
            let asked = Rows::of(set).column("once_key", |key| *key);
            let found: Vec<String> = on!(self.tx, c => asked.with()
                .push(
                    "SELECT r.once_key FROM w JOIN notification_recipients r ON r.once_key = w.once_key AND r.org_id = ",
                )
                .push_bind(org)
                .push(" AND r.notification_id = ")
                .push_bind(notification)
                .build_query_scalar()
                .fetch_all(c)
                .await)?;
            reached.extend(found);
        }
        Ok(reached)
    }

    /// Where a notification was to reach somebody for one of these reasons and was refused when it was about to be sent, it
    /// has not reached them: what is written down of it stands for no reason any more.
    pub async fn release_refused(&mut self, notification: NotificationId, keys: &[&str]) -> Result<()> {
        let org = self.org;
        let theirs =
            "r.org_id = w.org_id AND r.notification_id = w.notification_id AND r.once_key = w.once_key";
        let theirs = self.tx.join("notification_recipients", "r", theirs);
        let intended = "u.org_id = r.org_id AND u.message_id = r.message_id AND u.outcome = 'refused'";
        let intended = self.tx.join("outreach", "u", intended);
        let mut refused: Vec<RecipientId> = Vec::new();
        for set in self.tx.sets(keys) {
            let asked = Rows::of(set)
                .column("org_id", |_| org)
                .column("notification_id", |_| notification)
                .column("once_key", |key| *key);
            let found: Vec<RecipientId> = on!(self.tx, c => asked.with()
                .push("SELECT r.id FROM w")
                .push(&theirs)
                .push(&intended)
                .build_query_scalar()
                .fetch_all(c)
                .await)?;
            refused.extend(found);
        }
        for set in self.tx.sets(&refused) {
            let renamed =
                Rows::of(set).column("id", |id| *id).column("once_key", |id| format!("refused#{id}"));
            on!(self.tx, c => renamed.with()
                .push(
                    "UPDATE notification_recipients SET once_key = w.once_key FROM w \
                     WHERE notification_recipients.id = w.id AND notification_recipients.org_id = ",
                )
                .push_bind(org)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Writes down whom a run has gone through. [`StoreError::Taken`](crate::StoreError::Taken): the notification has
    /// reached one of them for the same reason.
    pub async fn insert_recipients(
        &mut self,
        notification: NotificationId,
        run: RunId,
        recipients: &[NewRecipient<'_>],
        now: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        for set in self.tx.sets(recipients) {
            let rows = Rows::of(set)
                .column("org_id", |_| org)
                .column("id", |one| one.id)
                .column("run_id", |_| run)
                .column("notification_id", |_| notification)
                .column("contact_id", |one| one.contact)
                .column("record_id", |one| one.record)
                .column("once_key", |one| one.once_key)
                .column("verdict", |one| one.verdict)
                .column("reason", |one| one.reason)
                .column("message_id", |one| one.message)
                .column("at", |_| now);
            on!(self.tx, c => rows.insert_into("notification_recipients").build().execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// What one contact was told the other was told too, once they are one person.
    pub(crate) async fn move_recipients(&mut self, staying: ContactId, going: ContactId) -> Result<()> {
        let org = self.org;
        let (from, to) = (going.to_string(), staying.to_string());
        on!(self.tx, c => sqlx::query(
            "UPDATE notification_recipients SET once_key = $4 || substr(once_key, length($3) + 1) \
             WHERE org_id = $1 AND contact_id = $2 AND message_id IS NOT NULL AND once_key LIKE $3 || '#%' \
             AND NOT EXISTS (SELECT 1 FROM notification_recipients o WHERE o.org_id = $1 \
               AND o.notification_id = notification_recipients.notification_id \
               AND o.once_key = $4 || substr(notification_recipients.once_key, length($3) + 1))",
        )
        .bind(org)
        .bind(going)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|_| ()))?;
        on!(self.tx, c => sqlx::query(
            "UPDATE notification_recipients SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2",
        )
        .bind(org)
        .bind(going)
        .bind(staying)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A page of whom a run has gone through, the last first.
    pub async fn recipients(
        &mut self,
        run: RunId,
        filter: &RecipientFilter,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Recipient>> {
        let org = self.org;
        let rows = on!(self.tx, c => {
            let mut query = QueryBuilder::new(
                "SELECT r.id, r.contact_id, CASE WHEN k.name <> '' THEN k.name ELSE k.profile_name END AS name, k.phone, \
                 r.record_id, d.external_id, r.verdict, r.reason, r.message_id, u.standing, u.window_open, u.fallback, u.channel, \
                 u.outcome, u.trouble, r.at FROM notification_recipients r \
                 LEFT JOIN contacts k ON k.org_id = r.org_id AND k.id = r.contact_id \
                 LEFT JOIN records d ON d.org_id = r.org_id AND d.id = r.record_id \
                 LEFT JOIN outreach u ON u.org_id = r.org_id AND u.contact_id = r.contact_id AND u.recipient_id = r.id \
                 WHERE r.org_id = ",
            );
            query.push_bind(org).push(" AND r.run_id = ").push_bind(run);
            if let Some(verdict) = &filter.verdict {
                query.push(" AND r.verdict = ").push_bind(verdict);
            }
            if let Some(reason) = &filter.reason {
                let gap_named = format!("{reason}:%");
                query.push(" AND (r.reason = ").push_bind(reason);
                query.push(" OR r.reason LIKE ").push_bind(gap_named).push(")");
            }
            if let Some(outcome) = &filter.outcome {
                query.push(" AND u.outcome = ").push_bind(outcome);
            }
            query.push(" AND r.id < ").push_bind(after.id).push(" ORDER BY r.id DESC LIMIT ");
            query.push_bind(Page::<()>::fetch(limit)).build_query_as().fetch_all(c).await
        })?;
        Ok(Page::cut(rows, limit, |one: &Recipient| Cursor { at: one.at, id: one.id.0 }))
    }

    /// What became of a run's messages.
    pub async fn outcomes(&mut self, run: RunId) -> Result<Vec<Outcomes>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT u.channel, u.outcome, count(*) AS count FROM notification_recipients r \
             JOIN outreach u ON u.org_id = r.org_id AND u.message_id = r.message_id \
             WHERE r.org_id = $1 AND r.run_id = $2 GROUP BY u.channel, u.outcome ORDER BY u.channel, u.outcome",
        )
        .bind(org)
        .bind(run)
        .fetch_all(c)
        .await)?)
    }
}
