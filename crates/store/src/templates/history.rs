//! What happened to templates.

use rules::id::{AccountId, TemplateEventId};
use rules::template::TemplateEventKind;
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::seam::OrgScope;

/// Something that happened to a template.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct TemplateEvent {
    /// Its id.
    pub id: TemplateEventId,
    /// The template's account.
    pub account_id: AccountId,
    /// The template's name.
    pub name: String,
    /// Its language; empty where it concerns all of them.
    pub language: String,
    /// What happened.
    pub kind: TemplateEventKind,
    /// What was.
    pub before: Option<String>,
    /// What is.
    pub after: Option<String>,
    /// What belongs to it: reason, recommendation …
    pub details: Json<Value>,
    /// Who did it; nobody here where Meta did.
    pub author: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl OrgScope<'_> {
    /// Writes down what happened.
    pub async fn add_template_event(&mut self, event: &TemplateEvent) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "INSERT INTO template_events (org_id, id, account_id, name, language, kind, before, after, details, author, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.org)
        .bind(event.id)
        .bind(event.account_id)
        .bind(&event.name)
        .bind(&event.language)
        .bind(event.kind)
        .bind(&event.before)
        .bind(&event.after)
        .bind(&event.details)
        .bind(&event.author)
        .bind(event.at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Something that happened.
    pub async fn template_event(&mut self, id: TemplateEventId) -> Result<Option<TemplateEvent>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, account_id, name, language, kind, before, after, details, author, at FROM template_events \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// What happened to a template, the latest first.
    pub async fn template_events(
        &mut self,
        account: AccountId,
        name: &str,
        language: &str,
        limit: i64,
    ) -> Result<Vec<TemplateEvent>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, account_id, name, language, kind, before, after, details, author, at FROM template_events \
             WHERE org_id = $1 AND account_id = $2 AND name = $3 AND language IN ($4, '') ORDER BY at DESC, id DESC LIMIT $5",
        )
        .bind(self.org)
        .bind(account)
        .bind(name)
        .bind(language)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// When something of a kind happened in an account since a time, the latest first: to one template, or to any.
    pub async fn template_event_times(
        &mut self,
        account: AccountId,
        kind: TemplateEventKind,
        of: Option<(&str, &str)>,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>> {
        let (name, language) = of.unzip();
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT at FROM template_events WHERE org_id = $1 AND account_id = $2 AND kind = $3 AND at > $4 \
             AND ($5 IS NULL OR name = $5) AND ($6 IS NULL OR language = $6) ORDER BY at DESC",
        )
        .bind(self.org)
        .bind(account)
        .bind(kind)
        .bind(since)
        .bind(name)
        .bind(language)
        .fetch_all(c)
        .await)?)
    }

    /// When the name of an account's template was given up, if that blocks it: `None` unless it was since a time.
    pub async fn template_name_given_up(
        &mut self,
        account: AccountId,
        name: &str,
        since: Timestamp,
    ) -> Result<Option<Timestamp>> {
        Ok(on!(self.tx, c => sqlx::query_scalar(
            "SELECT max(at) FROM template_events WHERE org_id = $1 AND account_id = $2 AND kind = $3 AND name = $4 \
             AND before = 'APPROVED' AND at > $5",
        )
        .bind(self.org)
        .bind(account)
        .bind(TemplateEventKind::Deleted)
        .bind(name)
        .bind(since)
        .fetch_one(c)
        .await)?)
    }
}
