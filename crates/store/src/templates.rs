//! Message templates as Meta holds them.

use rules::id::{AccountId, TemplateId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::json::Json;
use crate::rows::Rows;
use crate::seam::OrgScope;

/// A template in one language.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Template {
    /// Our id.
    pub id: TemplateId,
    /// Its account.
    pub account_id: AccountId,
    /// Meta's id.
    pub meta_template_id: String,
    /// Its name, shared by its languages.
    pub name: String,
    /// `en_US`.
    pub language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`, as Meta writes it.
    pub category: String,
    /// `APPROVED` …, as Meta writes it.
    pub status: String,
    /// `GREEN` …
    pub quality: Option<String>,
    /// `NAMED` or `POSITIONAL`.
    pub parameter_format: String,
    /// Its parts, as Meta writes them.
    pub components: Json<serde_json::Value>,
    /// Why it was rejected.
    pub rejected_reason: Option<String>,
    /// When it was last read from Meta.
    pub synced_at: Timestamp,
    /// When it was last missing.
    pub removed_at: Option<Timestamp>,
}

/// What Meta says of a template.
#[derive(Clone, Debug)]
pub struct TemplateReading {
    /// The id it gets if it is new.
    pub id: TemplateId,
    /// Meta's id.
    pub meta_template_id: String,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Its category.
    pub category: String,
    /// Its status.
    pub status: String,
    /// Its quality.
    pub quality: Option<String>,
    /// `NAMED` or `POSITIONAL`.
    pub parameter_format: String,
    /// Its parts.
    pub components: serde_json::Value,
    /// Why it was rejected.
    pub rejected_reason: Option<String>,
}

/// A macro because a statement's text must be a literal.
macro_rules! columns {
    () => {
        "id, account_id, meta_template_id, name, language, category, status, quality, parameter_format, components, \
         rejected_reason, synced_at, removed_at"
    };
}

/// What a webhook says of a template; `None` leaves what stands there.
#[derive(Clone, Copy, Debug, Default)]
pub struct TemplateNews<'a> {
    /// Its state, in Meta's words.
    pub status: Option<&'a str>,
    /// Its category.
    pub category: Option<&'a str>,
    /// Its quality.
    pub quality: Option<&'a str>,
    /// Why it was rejected; goes with the state.
    pub reason: Option<&'a str>,
}

impl OrgScope<'_> {
    /// Records what Meta says of an account's templates; known ones keep their ids.
    pub async fn record_templates(
        &mut self,
        account: AccountId,
        templates: &[TemplateReading],
        now: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        for chunk in self.tx.sets(templates) {
            let rows = Rows::of(chunk)
                .column("org_id", |_| org)
                .column("id", |template| template.id)
                .column("account_id", |_| account)
                .column("meta_template_id", |template| template.meta_template_id.as_str())
                .column("name", |template| template.name.as_str())
                .column("language", |template| template.language.as_str())
                .column("category", |template| template.category.as_str())
                .column("status", |template| template.status.as_str())
                .column("quality", |template| template.quality.as_deref())
                .column("parameter_format", |template| template.parameter_format.as_str())
                .column("components", |template| Json(&template.components))
                .column("rejected_reason", |template| template.rejected_reason.as_deref())
                .column("synced_at", |_| now);
            on!(self.tx, c => rows.insert_into("templates")
            .push(
                " ON CONFLICT (org_id, account_id, name, language) DO UPDATE SET \
                 meta_template_id = excluded.meta_template_id, category = excluded.category, status = excluded.status, \
                 quality = excluded.quality, parameter_format = excluded.parameter_format, \
                 components = excluded.components, rejected_reason = excluded.rejected_reason, \
                 synced_at = excluded.synced_at, removed_at = NULL",
            )
            .build()
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }

    /// Marks as gone what was not seen at the look that began at `seen_since`.
    pub async fn remove_unseen_templates(
        &mut self,
        account: AccountId,
        seen_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE templates SET removed_at = $4 WHERE org_id = $1 AND account_id = $2 AND synced_at < $3 \
             AND removed_at IS NULL",
        )
        .bind(self.org)
        .bind(account)
        .bind(seen_since)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }

    /// One template.
    pub async fn template(&mut self, id: TemplateId) -> Result<Option<Template>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM templates WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// A template by name and language.
    pub async fn template_named(
        &mut self,
        account: AccountId,
        name: &str,
        language: &str,
    ) -> Result<Option<Template>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM templates WHERE org_id = $1 AND account_id = $2 AND name = $3 AND language = $4"
        ))
        .bind(self.org)
        .bind(account)
        .bind(name)
        .bind(language)
        .fetch_optional(c)
        .await)?)
    }

    /// An account's templates after one in the order of name and language, without those that are gone.
    pub async fn templates(
        &mut self,
        account: AccountId,
        after: Option<(&str, &str)>,
        limit: i64,
    ) -> Result<Vec<Template>> {
        let (name, language) = after.unwrap_or_default();
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM templates WHERE org_id = $1 AND account_id = $2 AND removed_at IS NULL \
             AND (name, language) > ($3, $4) ORDER BY name, language LIMIT $5"
        ))
        .bind(self.org)
        .bind(account)
        .bind(name)
        .bind(language)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Records what a webhook says of a template: only what it names. `false`: it is not known here yet.
    pub async fn record_template_news(
        &mut self,
        account: AccountId,
        meta_template_id: &str,
        news: TemplateNews<'_>,
    ) -> Result<bool> {
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE templates SET status = coalesce($4, status), category = coalesce($5, category), \
             quality = coalesce($6, quality), \
             rejected_reason = CASE WHEN $4 IS NULL THEN rejected_reason ELSE $7 END \
             WHERE org_id = $1 AND account_id = $2 AND meta_template_id = $3",
        )
        .bind(self.org)
        .bind(account)
        .bind(meta_template_id)
        .bind(news.status)
        .bind(news.category)
        .bind(news.quality)
        .bind(news.reason)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }
}
