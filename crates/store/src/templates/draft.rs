//! Templates while they are written, and changes to those that Meta has.

use rules::id::{AccountId, TemplateDraftId, TemplateId};
use rules::template::DraftState;
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::seam::OrgScope;

/// A template that Meta does not have in this form.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct TemplateDraft {
    /// Its id.
    pub id: TemplateDraftId,
    /// The account that it is written for.
    pub account_id: AccountId,
    /// The template that it changes; none for a new one.
    pub template_id: Option<TemplateId>,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What it consists of.
    pub definition: Json<Value>,
    /// How far it has come.
    pub state: DraftState,
    /// Why it was not taken.
    pub problem: Option<Json<Value>>,
    /// When it was handed to Meta without an answer that we know.
    pub attempted_at: Option<Timestamp>,
    /// Who writes it.
    pub author: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A macro because a statement's text must be a literal.
macro_rules! columns {
    () => {
        "id, account_id, template_id, name, language, definition, state, problem, attempted_at, author, created_at, \
         updated_at"
    };
}

impl OrgScope<'_> {
    /// Keeps a draft, in place of what stood under its id.
    pub async fn put_template_draft(&mut self, draft: &TemplateDraft) -> Result<()> {
        on!(self.tx, c => sqlx::query(concat!(
            "INSERT INTO template_drafts (org_id, ", columns!(), ") \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (org_id, id) DO UPDATE SET account_id = excluded.account_id, template_id = excluded.template_id, \
             name = excluded.name, language = excluded.language, definition = excluded.definition, \
             state = excluded.state, problem = excluded.problem, attempted_at = excluded.attempted_at, \
             updated_at = excluded.updated_at"
        ))
        .bind(self.org)
        .bind(draft.id)
        .bind(draft.account_id)
        .bind(draft.template_id)
        .bind(&draft.name)
        .bind(&draft.language)
        .bind(&draft.definition)
        .bind(draft.state)
        .bind(&draft.problem)
        .bind(draft.attempted_at)
        .bind(&draft.author)
        .bind(draft.created_at)
        .bind(draft.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A draft.
    pub async fn template_draft(&mut self, id: TemplateDraftId) -> Result<Option<TemplateDraft>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM template_drafts WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// The drafts, the latest first.
    pub async fn template_drafts(&mut self, limit: i64) -> Result<Vec<TemplateDraft>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM template_drafts WHERE org_id = $1 ORDER BY updated_at DESC, id DESC LIMIT $2"
        ))
        .bind(self.org)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Removes a draft. `false`: there is none.
    pub async fn remove_template_draft(&mut self, id: TemplateDraftId) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query("DELETE FROM template_drafts WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }
}
