//! The audit log: who changed what, when, from where. Rows are only ever added.
//!
//! What concerns a person or the installation, and no organisation, is kept under [`crate::sealed::OPERATOR`].

use rules::id::AuditId;
use rules::time::Timestamp;
use sqlx::QueryBuilder;

use crate::error::Result;
use crate::page::{Cursor, Page};
use crate::seam::OrgScope;

/// An entry to be stored.
#[derive(Clone, Debug)]
pub struct NewAudit<'a> {
    /// Made by the caller.
    pub id: AuditId,
    /// Who did it: `member:…`, `key:…`, `person:…`, `operator:…`, `system`.
    pub actor: &'a str,
    /// What was done, in a stable word such as `member.invite`.
    pub action: &'a str,
    /// What it was done to, such as an id; empty for the organisation itself.
    pub target: &'a str,
    /// Facts that explain it, as JSON. Never secrets or message bodies.
    pub details: &'a serde_json::Value,
    /// The address it came from; empty for the system's own doing.
    pub address: &'a str,
}

/// A stored entry.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// Facts that explain it, as JSON.
    pub details: String,
    /// The address it came from.
    pub address: String,
    /// When.
    pub at: Timestamp,
}

/// Which entries. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Who did it, as stored.
    pub actor: Option<String>,
    /// What was done: a word, or the noun before its dot.
    pub action: Option<String>,
    /// What it was done to.
    pub target: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

impl OrgScope<'_> {
    /// Adds an entry.
    pub async fn audit(&mut self, entry: &NewAudit<'_>, now: Timestamp) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "INSERT INTO audit (org_id, id, actor, action, target, details, address, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.org)
        .bind(entry.id)
        .bind(entry.actor)
        .bind(entry.action)
        .bind(entry.target)
        .bind(entry.details.to_string())
        .bind(entry.address)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// What was done to one thing in one of these ways, newest first.
    pub async fn audit_of(
        &mut self,
        target: &str,
        actions: &[&str],
        before: Cursor,
        limit: usize,
    ) -> Result<Page<AuditEntry>> {
        let rows: Vec<AuditEntry> = on!(self.tx, c => {
            let mut query = QueryBuilder::new(
                "SELECT id, actor, action, target, details, address, at FROM audit WHERE org_id = ",
            );
            query.push_bind(self.org).push(" AND target = ").push_bind(target);
            query.push(" AND id < ").push_bind(before.id).push(" AND action IN (");
            let mut list = query.separated(", ");
            for action in actions {
                list.push_bind(*action);
            }
            query.push(") ORDER BY id DESC LIMIT ").push_bind(Page::<()>::fetch(limit));
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(Page::cut(rows, limit, |entry| Cursor { at: entry.at, id: entry.id.0 }))
    }

    /// Entries that a filter lets through, newest first.
    pub async fn audit_entries(
        &mut self,
        filter: &AuditFilter,
        before: Cursor,
        limit: usize,
    ) -> Result<Page<AuditEntry>> {
        // Ids are made at the time of the entry, so their order is that of time.
        let rows: Vec<AuditEntry> = on!(self.tx, c => {
            let mut query = QueryBuilder::new(
                "SELECT id, actor, action, target, details, address, at FROM audit WHERE org_id = ",
            );
            query.push_bind(self.org).push(" AND id < ").push_bind(before.id);
            if let Some(actor) = &filter.actor {
                query.push(" AND actor = ").push_bind(actor.as_str());
            }
            if let Some(action) = &filter.action {
                // A noun stands for everything that was done with its things.
                query.push(" AND (action = ").push_bind(action.as_str());
                query.push(" OR substr(action, 1, ").push(action.len() + 1);
                query.push(") = ").push_bind(format!("{action}.")).push(")");
            }
            if let Some(target) = &filter.target {
                query.push(" AND target = ").push_bind(target.as_str());
            }
            if let Some(since) = filter.since {
                query.push(" AND at >= ").push_bind(since);
            }
            if let Some(until) = filter.until {
                query.push(" AND at < ").push_bind(until);
            }
            query.push(" ORDER BY id DESC LIMIT ").push_bind(Page::<()>::fetch(limit));
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(Page::cut(rows, limit, |entry| Cursor { at: entry.at, id: entry.id.0 }))
    }
}
