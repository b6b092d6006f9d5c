//! Message templates as Meta holds them; beside them those that are being written, and what happened to them.

mod draft;
mod history;
mod waiting;

use rules::id::{AccountId, TemplateId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::json::Json;
use crate::rows::Rows;
use crate::seam::OrgScope;

pub use draft::TemplateDraft;
pub use history::TemplateEvent;
pub use waiting::WaitingMessage;

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
    /// How long Meta tries to deliver it.
    pub ttl_seconds: Option<i64>,
    /// As it was submitted from here; samples are files of ours there.
    pub source: Option<Json<serde_json::Value>>,
    /// The category that Meta will give it …
    pub coming_category: Option<String>,
    /// … and when.
    pub category_changes_at: Option<Timestamp>,
    /// What Meta said with its state.
    pub notice: Option<Json<TemplateNotice>>,
}

/// What Meta said with a template's state, in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TemplateNotice {
    /// `FIRST_PAUSE` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<String>,
}

/// Which templates; what is absent does not matter.
#[derive(Clone, Debug, Default)]
pub struct TemplateFilter<'a> {
    /// Of this account.
    pub account: Option<AccountId>,
    /// In this state.
    pub status: Option<&'a str>,
    /// Of this category.
    pub category: Option<&'a str>,
    /// In this language.
    pub language: Option<&'a str>,
    /// Of this quality.
    pub quality: Option<&'a str>,
    /// With this in the name, in small letters.
    pub words: Option<&'a str>,
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
    /// How long Meta tries to deliver it.
    pub ttl_seconds: Option<i64>,
    /// The category that Meta will give it.
    pub coming_category: Option<String>,
}

/// A macro because a statement's text must be a literal.
macro_rules! columns {
    () => {
        "id, account_id, meta_template_id, name, language, category, status, quality, parameter_format, components, \
         rejected_reason, synced_at, removed_at, ttl_seconds, source, coming_category, category_changes_at, notice"
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
                .column("ttl_seconds", |template| template.ttl_seconds)
                .column("coming_category", |template| template.coming_category.as_deref())
                .column("synced_at", |_| now);
            on!(self.tx, c => rows.insert_into("templates")
            .push(
                " ON CONFLICT (org_id, account_id, name, language) DO UPDATE SET \
                 meta_template_id = excluded.meta_template_id, category = excluded.category, status = excluded.status, \
                 quality = excluded.quality, parameter_format = excluded.parameter_format, \
                 components = excluded.components, rejected_reason = excluded.rejected_reason, \
                 ttl_seconds = excluded.ttl_seconds, coming_category = excluded.coming_category, synced_at = excluded.synced_at, removed_at = NULL",
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

    /// The organisation's templates after one in the order of name, language and id, without those that are gone.
    pub async fn templates_like(
        &mut self,
        filter: &TemplateFilter<'_>,
        after: Option<(&str, &str, TemplateId)>,
        limit: i64,
    ) -> Result<Vec<Template>> {
        let words = filter.words.map(|words| format!("%{}%", words.replace(['%', '\\'], "")));
        let (name, language, id) = match after {
            Some((name, language, id)) => (name, language, Some(id)),
            None => ("", "", None),
        };
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM templates WHERE org_id = $1 AND removed_at IS NULL \
             AND ($2 IS NULL OR account_id = $2) AND ($3 IS NULL OR status = $3) AND ($4 IS NULL OR category = $4) \
             AND ($5 IS NULL OR language = $5) AND ($6 IS NULL OR quality = $6) AND ($7 IS NULL OR name LIKE $7) \
             AND (name > $8 OR (name = $8 AND (language > $9 OR (language = $9 AND ($10 IS NULL OR id > $10))))) \
             ORDER BY name, language, id LIMIT $11"
        ))
        .bind(self.org)
        .bind(filter.account)
        .bind(filter.status)
        .bind(filter.category)
        .bind(filter.language)
        .bind(filter.quality)
        .bind(words)
        .bind(name)
        .bind(language)
        .bind(id)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// A template by Meta's id.
    pub async fn template_of_meta(
        &mut self,
        account: AccountId,
        meta_template_id: &str,
    ) -> Result<Option<Template>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM templates WHERE org_id = $1 AND account_id = $2 AND meta_template_id = $3"
        ))
        .bind(self.org)
        .bind(account)
        .bind(meta_template_id)
        .fetch_optional(c)
        .await)?)
    }

    /// Keeps how a template was submitted from here.
    pub async fn set_template_source(&mut self, id: TemplateId, source: &serde_json::Value) -> Result<()> {
        on!(self.tx, c => sqlx::query("UPDATE templates SET source = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(Json(source))
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Keeps what Meta said with a template's state; nothing takes away what it said before.
    pub async fn set_template_notice(
        &mut self,
        id: TemplateId,
        notice: Option<&TemplateNotice>,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query("UPDATE templates SET notice = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(notice.map(Json))
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Keeps the category that Meta will give a template, and when; or that no change is to come.
    pub async fn set_coming_category(
        &mut self,
        id: TemplateId,
        coming: Option<(&str, Option<Timestamp>)>,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "UPDATE templates SET coming_category = $3, category_changes_at = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(coming.map(|(category, _)| category))
        .bind(coming.and_then(|(_, at)| at))
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Marks a template as gone.
    pub async fn remove_template(&mut self, id: TemplateId, now: Timestamp) -> Result<()> {
        on!(self.tx, c => sqlx::query("UPDATE templates SET removed_at = $3 WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
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
