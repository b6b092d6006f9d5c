//! Forms in which people agree to be written to, and every version of what they say.

mod experiments;
mod submissions;

pub use experiments::{ArmCount, Experiment, ExperimentPlan, NewVisit};
pub use submissions::{NewSubmission, Submission, SubmissionFilter};

use rules::form::{DoubleOptIn, FormSettings, FormStatus, FormWording};
use rules::id::{FormId, FormVersionId, NumberId, OrgId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::json::Json;
use crate::seam::{OrgScope, Tx};

/// A form.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Form {
    /// Its id.
    pub id: FormId,
    /// Names it in public addresses; no secret.
    pub token: String,
    /// What members call it.
    pub name: String,
    /// The number that it is for.
    pub number_id: Option<NumberId>,
    /// Whether people can use it.
    pub status: FormStatus,
    /// How an agreement is confirmed.
    pub double_opt_in: DoubleOptIn,
    /// What it says now; nobody can use it before it says something.
    pub version_id: Option<FormVersionId>,
    /// How it looks and behaves.
    pub settings: Json<FormSettings>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// The exact words that were shown, in one language, hashed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ShownHash {
    /// The language.
    pub locale: rules::locale::Locale,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What a form says, as it was published once.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FormVersion {
    /// Its id.
    pub id: FormVersionId,
    /// The form.
    pub form_id: FormId,
    /// Counts the form's versions, from 1.
    pub ordinal: i64,
    /// What it says.
    pub wording: Json<FormWording>,
    /// The hash of what is shown, by language.
    pub hashes: Json<Vec<ShownHash>>,
    /// Who published it, as in the audit log.
    pub published_by: String,
    /// When.
    pub published_at: Timestamp,
}

/// A picture on a form.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FormLogo {
    /// What it is.
    pub mime: String,
    /// The picture.
    pub bytes: Vec<u8>,
}

/// How many people did what with a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct FormCounts {
    /// Looked at it.
    pub views: i64,
    /// Sent it.
    pub submitted: i64,
    /// Agreed, and confirmed it where that is asked for.
    pub confirmed: i64,
}

impl OrgScope<'_> {
    /// Makes a form.
    pub async fn insert_form(&mut self, form: &Form) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO forms (org_id, id, token, name, number_id, status, double_opt_in, version_id, settings, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(org)
        .bind(form.id)
        .bind(&form.token)
        .bind(&form.name)
        .bind(form.number_id)
        .bind(form.status)
        .bind(form.double_opt_in)
        .bind(form.version_id)
        .bind(&form.settings)
        .bind(form.created_at)
        .bind(form.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Writes what can change of a form. What it says changes by [`publish_form_version`](Self::publish_form_version) alone.
    pub async fn change_form(&mut self, form: &Form) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE forms SET name = $3, number_id = $4, status = $5, double_opt_in = $6, settings = $7, updated_at = $8 \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(form.id)
        .bind(&form.name)
        .bind(form.number_id)
        .bind(form.status)
        .bind(form.double_opt_in)
        .bind(&form.settings)
        .bind(form.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A form.
    pub async fn form(&mut self, id: FormId) -> Result<Option<Form>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, token, name, number_id, status, double_opt_in, version_id, settings, created_at, updated_at \
             FROM forms WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// All forms, the newest first.
    pub async fn forms(&mut self) -> Result<Vec<Form>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, token, name, number_id, status, double_opt_in, version_id, settings, created_at, updated_at \
             FROM forms WHERE org_id = $1 ORDER BY id DESC",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// Keeps what a form says from now on where somebody chooses it. [`StoreError::Taken`](crate::StoreError::Taken):
    /// another version of this number was published at the same moment.
    pub async fn insert_form_version(&mut self, version: &FormVersion) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO form_versions (org_id, id, form_id, ordinal, wording, hashes, published_by, published_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(org)
        .bind(version.id)
        .bind(version.form_id)
        .bind(version.ordinal)
        .bind(&version.wording)
        .bind(&version.hashes)
        .bind(&version.published_by)
        .bind(version.published_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Has a form say what one of its versions does.
    pub async fn publish_form_version(
        &mut self,
        form: FormId,
        version: FormVersionId,
        now: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE forms SET version_id = $3, updated_at = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(form)
        .bind(version)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A version of what a form says.
    pub async fn form_version(&mut self, id: FormVersionId) -> Result<Option<FormVersion>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, form_id, ordinal, wording, hashes, published_by, published_at FROM form_versions \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Every version of what a form says, the newest first.
    pub async fn form_versions(&mut self, form: FormId) -> Result<Vec<FormVersion>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, form_id, ordinal, wording, hashes, published_by, published_at FROM form_versions \
             WHERE org_id = $1 AND form_id = $2 ORDER BY ordinal DESC",
        )
        .bind(org)
        .bind(form)
        .fetch_all(c)
        .await)?)
    }

    /// Puts a picture on a form, in place of another.
    pub async fn put_form_logo(&mut self, form: FormId, logo: &FormLogo) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO form_logos (org_id, form_id, mime, bytes) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (org_id, form_id) DO UPDATE SET mime = excluded.mime, bytes = excluded.bytes",
        )
        .bind(org)
        .bind(form)
        .bind(&logo.mime)
        .bind(&logo.bytes)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// The picture on a form.
    pub async fn form_logo(&mut self, form: FormId) -> Result<Option<FormLogo>> {
        let org = self.org;
        Ok(
            on!(self.tx, c => sqlx::query_as("SELECT mime, bytes FROM form_logos WHERE org_id = $1 AND form_id = $2")
            .bind(org)
            .bind(form)
            .fetch_optional(c)
            .await)?,
        )
    }

    /// Which forms have a picture.
    pub async fn forms_with_logo(&mut self) -> Result<Vec<FormId>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_scalar("SELECT form_id FROM form_logos WHERE org_id = $1")
            .bind(org)
            .fetch_all(c)
            .await)?)
    }

    /// Takes the picture off a form. `false`: there was none.
    pub async fn remove_form_logo(&mut self, form: FormId) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query("DELETE FROM form_logos WHERE org_id = $1 AND form_id = $2")
            .bind(org)
            .bind(form)
            .execute(c)
            .await
            .map(|done| done.rows_affected() == 1))?)
    }

    /// Counts what people did with a version of a form, on the day of `now`.
    pub async fn count_form(
        &mut self,
        form: FormId,
        version: FormVersionId,
        more: FormCounts,
        now: Timestamp,
    ) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO form_days (org_id, form_id, version_id, day, views, submitted, confirmed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org_id, form_id, version_id, day) DO UPDATE SET \
             views = form_days.views + excluded.views, submitted = form_days.submitted + excluded.submitted, \
             confirmed = form_days.confirmed + excluded.confirmed",
        )
        .bind(org)
        .bind(form)
        .bind(version)
        .bind(now.day())
        .bind(more.views)
        .bind(more.submitted)
        .bind(more.confirmed)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// What people have done with each form so far.
    pub async fn form_counts(&mut self) -> Result<Vec<(FormId, FormCounts)>> {
        /// A form and its figures.
        #[derive(sqlx::FromRow)]
        struct Counted {
            form_id: FormId,
            #[sqlx(flatten)]
            counts: FormCounts,
        }
        let org = self.org;
        let rows: Vec<Counted> = on!(self.tx, c => sqlx::query_as(
            "SELECT form_id, CAST(sum(views) AS BIGINT) AS views, CAST(sum(submitted) AS BIGINT) AS submitted, \
             CAST(sum(confirmed) AS BIGINT) AS confirmed FROM form_days WHERE org_id = $1 GROUP BY form_id",
        )
        .bind(org)
        .fetch_all(c)
        .await)?;
        Ok(rows.into_iter().map(|row| (row.form_id, row.counts)).collect())
    }
}

/// Of no organisation, because a public address names none; call it before [`Tx::org`] narrows what this transaction sees.
impl Tx {
    /// Whose form it is that a public address names.
    pub async fn form_place(&mut self, token: &str) -> Result<Option<(OrgId, FormId)>> {
        Ok(on!(self, c => sqlx::query_as("SELECT org_id, id FROM forms WHERE token = $1")
            .bind(token)
            .fetch_optional(c)
            .await)?)
    }
}
