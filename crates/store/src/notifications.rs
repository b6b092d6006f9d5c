//! Notifications: what an organisation tells people of its own accord, when it does so, and whom it told.

mod recipients;

pub use recipients::{NewRecipient, Outcomes, Recipient, RecipientFilter};

use std::collections::BTreeMap;

use rules::day::Day;
use rules::id::{NotificationId, RunId};
use rules::notification::{Cause, NotificationState, RunState};
use rules::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::seam::OrgScope;

/// A notification that an organisation has defined.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// What people call it.
    pub name: String,
    /// Whether it goes out by itself.
    pub state: NotificationState,
    /// Template, variables, audience, trigger and the rest.
    pub definition: Json<Value>,
    /// What was due up to then has its run, or is past.
    pub seen_until: Timestamp,
    /// When it is due next.
    pub next_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One run of a notification.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Of which notification.
    pub notification_id: NotificationId,
    /// What tells it from the notification's other runs.
    pub run_key: String,
    /// What began it.
    pub cause: Cause,
    /// Where it stands.
    pub state: RunState,
    /// When it was due.
    pub due_at: Timestamp,
    /// The day on which that was, where people are.
    pub day: Day,
    /// The notification as it stood when the run began.
    pub definition: Json<Value>,
    /// The last one gone through.
    pub place: Option<Uuid>,
    /// How many there are to go through.
    pub people: i64,
    /// What was decided how often.
    pub counts: Json<BTreeMap<String, i64>>,
    /// Who began it.
    pub begun_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A macro because a statement's text must be a literal.
macro_rules! run_columns {
    () => {
        "id, notification_id, run_key, cause, state, due_at, day, definition, place, people, counts, begun_by, \
         created_at, ended_at"
    };
}

impl OrgScope<'_> {
    /// Keeps a notification, in place of what stood under its id.
    pub async fn put_notification(&mut self, one: &Notification) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO notifications (org_id, id, name, state, definition, seen_until, next_at, created_by, created_at, \
             updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (org_id, id) DO UPDATE SET \
             name = excluded.name, state = excluded.state, definition = excluded.definition, \
             seen_until = excluded.seen_until, next_at = excluded.next_at, updated_at = excluded.updated_at",
        )
        .bind(org)
        .bind(one.id)
        .bind(&one.name)
        .bind(one.state)
        .bind(&one.definition)
        .bind(one.seen_until)
        .bind(one.next_at)
        .bind(&one.created_by)
        .bind(one.created_at)
        .bind(one.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A notification.
    pub async fn notification(&mut self, id: NotificationId) -> Result<Option<Notification>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, name, state, definition, seen_until, next_at, created_by, created_at, updated_at \
             FROM notifications WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// A notification that nobody else changes until the transaction ends.
    pub async fn notification_for_change(&mut self, id: NotificationId) -> Result<Option<Notification>> {
        let org = self.org;
        // Writing the row to itself locks it on either database.
        on!(self.tx, c => sqlx::query("UPDATE notifications SET id = id WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        self.notification(id).await
    }

    /// All notifications, by name.
    pub async fn notifications(&mut self) -> Result<Vec<Notification>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, name, state, definition, seen_until, next_at, created_by, created_at, updated_at \
             FROM notifications WHERE org_id = $1 ORDER BY name, id",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// Removes a notification that no run is under way of, its runs and whom they told. `false`: there is none, or one is.
    pub async fn remove_notification(&mut self, id: NotificationId) -> Result<bool> {
        let org = self.org;
        let removed = on!(self.tx, c => sqlx::query(
            "DELETE FROM notifications WHERE org_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM notification_runs \
             WHERE org_id = $1 AND notification_id = $2 AND state IN ('running', 'paused'))",
        )
        .bind(org)
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        if removed == 1 {
            for of in [
                "DELETE FROM notification_recipients WHERE org_id = $1 AND notification_id = $2",
                "DELETE FROM notification_runs WHERE org_id = $1 AND notification_id = $2",
            ] {
                on!(self.tx, c => sqlx::query(of).bind(org).bind(id).execute(c).await.map(|_| ()))?;
            }
        }
        Ok(removed == 1)
    }

    /// Begins a run. `false`: the notification has one of this key.
    pub async fn begin_run(&mut self, run: &Run) -> Result<bool> {
        let org = self.org;
        let begun = on!(self.tx, c => sqlx::query(
            "INSERT INTO notification_runs (org_id, id, notification_id, run_key, cause, state, due_at, day, definition, place, \
             people, counts, begun_by, created_at, ended_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
             ON CONFLICT (org_id, notification_id, run_key) DO NOTHING",
        )
        .bind(org)
        .bind(run.id)
        .bind(run.notification_id)
        .bind(&run.run_key)
        .bind(run.cause)
        .bind(run.state)
        .bind(run.due_at)
        .bind(run.day)
        .bind(&run.definition)
        .bind(run.place)
        .bind(run.people)
        .bind(&run.counts)
        .bind(&run.begun_by)
        .bind(run.created_at)
        .bind(run.ended_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(begun == 1)
    }

    /// A run.
    pub async fn run(&mut self, id: RunId) -> Result<Option<Run>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", run_columns!(), " FROM notification_runs WHERE org_id = $1 AND id = $2"
        ))
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// A run that nobody else changes until the transaction ends.
    pub async fn run_for_change(&mut self, id: RunId) -> Result<Option<Run>> {
        let org = self.org;
        // Writing the row to itself locks it on either database.
        on!(self.tx, c => sqlx::query("UPDATE notification_runs SET id = id WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        self.run(id).await
    }

    /// The run of a notification that has this key.
    pub async fn run_of_key(&mut self, notification: NotificationId, key: &str) -> Result<Option<Run>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", run_columns!(), " FROM notification_runs \
             WHERE org_id = $1 AND notification_id = $2 AND run_key = $3"
        ))
        .bind(org)
        .bind(notification)
        .bind(key)
        .fetch_optional(c)
        .await)?)
    }

    /// A page of a notification's runs, the newest first.
    pub async fn runs(
        &mut self,
        notification: NotificationId,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Run>> {
        let org = self.org;
        let rows = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", run_columns!(), " FROM notification_runs WHERE org_id = $1 AND notification_id = $2 \
             AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5"
        ))
        .bind(org)
        .bind(notification)
        .bind(after.at)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |run: &Run| Cursor { at: run.created_at, id: run.id.0 }))
    }

    /// Writes down how far a run has come.
    pub async fn note_run(&mut self, run: &Run) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE notification_runs SET state = $3, place = $4, counts = $5, ended_at = $6 \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(run.id)
        .bind(run.state)
        .bind(run.place)
        .bind(&run.counts)
        .bind(run.ended_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
