//! What people send with forms, until it is confirmed and after.

use rules::consent::Purpose;
use rules::form::{DoubleOptIn, SubmissionState, SubmissionWay};
use rules::id::{ContactId, ExperimentId, FormId, FormVersionId, MessageId, OrgId, SubmissionId};
use rules::locale::Locale;
use rules::time::Timestamp;
use sqlx::QueryBuilder;

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::seam::{OrgScope, Tx};

/// What somebody sent.
#[derive(Clone, Debug)]
pub struct NewSubmission {
    /// Its id.
    pub id: SubmissionId,
    /// With which form.
    pub form: FormId,
    /// What it said.
    pub version: FormVersionId,
    /// Within which experiment, and as which visitor.
    pub visit: Option<(ExperimentId, [u8; 16])>,
    /// By which way.
    pub way: SubmissionWay,
    /// In which language they read it.
    pub locale: Locale,
    /// What they ticked.
    pub purposes: Vec<Purpose>,
    /// What they are called; may be empty.
    pub name: String,
    /// Their phone number, as digits.
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// The address that it came from.
    pub ip: String,
    /// What their browser calls itself.
    pub user_agent: String,
    /// The page that it stood on.
    pub page: String,
    /// How it is confirmed.
    pub double_opt_in: DoubleOptIn,
    /// What they are to send for that.
    pub code: Option<String>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

/// What somebody sent, and what became of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// With which form.
    pub form_id: FormId,
    /// What it said.
    pub version_id: FormVersionId,
    /// Within which experiment.
    pub experiment_id: Option<ExperimentId>,
    /// As which visitor of that.
    pub visitor: Option<Vec<u8>>,
    /// By which way.
    pub way: SubmissionWay,
    /// In which language they read it.
    pub locale: Locale,
    /// What they ticked.
    pub purposes: Json<Vec<Purpose>>,
    /// What they are called; may be empty.
    pub name: String,
    /// Their phone number, as digits.
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// The address that it came from.
    pub ip: String,
    /// What their browser calls itself.
    pub user_agent: String,
    /// The page that it stood on.
    pub page: String,
    /// How it is confirmed.
    pub double_opt_in: DoubleOptIn,
    /// What they are to send for that.
    pub code: Option<String>,
    /// Where it stands.
    pub state: SubmissionState,
    /// Whose consent it became.
    pub contact_id: Option<ContactId>,
    /// The message that confirmed it.
    pub message_id: Option<MessageId>,
    /// Until when it may be confirmed.
    pub expires_at: Option<Timestamp>,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// When the person was sent a link to confirm at.
    pub asked_at: Option<Timestamp>,
    /// Why that link could not be sent, in the provider's words.
    pub problem: Option<String>,
    /// When it was sent.
    pub created_at: Timestamp,
}

/// The columns of [`Submission`].
macro_rules! columns {
    () => {
        "id, form_id, version_id, experiment_id, visitor, way, locale, purposes, name, phone, email, ip, user_agent, page, \
         double_opt_in, code, state, contact_id, message_id, expires_at, confirmed_at, asked_at, \
         problem, created_at"
    };
}

/// What was never confirmed and came under a name that a contact (`$2`) goes by.
macro_rules! under_their_name {
    () => {
        "contact_id IS NULL AND (phone IN (SELECT value FROM contact_identities \
         WHERE org_id = $1 AND contact_id = $2 AND kind = 'phone' AND until IS NULL) \
         OR phone IN (SELECT phone FROM contacts WHERE org_id = $1 AND id = $2) \
         OR lower(email) IN (SELECT lower(email) FROM contacts WHERE org_id = $1 AND id = $2))"
    };
}

/// Which submissions a list holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct SubmissionFilter {
    /// Of this form only.
    pub form: Option<FormId>,
    /// In this state only.
    pub state: Option<SubmissionState>,
    /// Of this person only.
    pub contact: Option<ContactId>,
}

impl OrgScope<'_> {
    /// Keeps what somebody sent, to be confirmed. [`StoreError::Taken`](crate::StoreError::Taken): the code is in use.
    pub async fn insert_submission(&mut self, new: &NewSubmission, now: Timestamp) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO form_submissions (org_id, id, form_id, version_id, experiment_id, visitor, way, locale, purposes, \
             name, phone, email, ip, user_agent, page, double_opt_in, code, state, expires_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        )
        .bind(org)
        .bind(new.id)
        .bind(new.form)
        .bind(new.version)
        .bind(new.visit.map(|(experiment, _)| experiment))
        .bind(new.visit.as_ref().map(|(_, visitor)| visitor.as_slice()))
        .bind(new.way)
        .bind(new.locale)
        .bind(Json(&new.purposes))
        .bind(&new.name)
        .bind(&new.phone)
        .bind(&new.email)
        .bind(&new.ip)
        .bind(&new.user_agent)
        .bind(&new.page)
        .bind(new.double_opt_in)
        .bind(&new.code)
        .bind(SubmissionState::Pending)
        .bind(new.expires_at)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// What somebody sent.
    pub async fn submission(&mut self, id: SubmissionId) -> Result<Option<Submission>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            concat!("SELECT ", columns!(), " FROM form_submissions WHERE org_id = $1 AND id = $2"),
        )
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// What waits for this code, if it still may be confirmed.
    pub async fn pending_submission(&mut self, code: &str, now: Timestamp) -> Result<Option<Submission>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM form_submissions WHERE org_id = $1 AND code = $2 AND state = 'pending' \
             AND expires_at > $3"
        ))
        .bind(org)
        .bind(code)
        .bind(now)
        .fetch_optional(c)
        .await)?)
    }

    /// A page of what people sent, newest first.
    pub async fn submissions(
        &mut self,
        filter: &SubmissionFilter,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Submission>> {
        let org = self.org;
        let rows = on!(self.tx, c => {
            let mut query = QueryBuilder::new(concat!("SELECT ", columns!(), " FROM form_submissions WHERE org_id = "));
            query.push_bind(org);
            if let Some(form) = filter.form {
                query.push(" AND form_id = ").push_bind(form);
            }
            if let Some(state) = filter.state {
                query.push(" AND state = ").push_bind(state);
            }
            if let Some(contact) = filter.contact {
                query.push(" AND contact_id = ").push_bind(contact);
            }
            query.push(" AND id < ").push_bind(after.id);
            query.push(" ORDER BY id DESC LIMIT ").push_bind(Page::<()>::fetch(limit));
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(Page::cut(rows, limit, |row: &Submission| Cursor { at: row.created_at, id: row.id.0 }))
    }

    /// The person is about to be sent a link to confirm at. `false`: they were before, or it needs no confirmation any more.
    pub async fn ask_submission(&mut self, id: SubmissionId, now: Timestamp) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE form_submissions SET asked_at = $3, problem = NULL \
             WHERE org_id = $1 AND id = $2 AND state = 'pending' AND asked_at IS NULL AND expires_at > $3",
        )
        .bind(org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Why that link could not be sent. With `again` it surely was not, and may be.
    pub async fn note_submission_problem(&mut self, id: SubmissionId, why: &str, again: bool) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "UPDATE form_submissions SET problem = $3, asked_at = CASE WHEN $4 THEN NULL ELSE asked_at END \
             WHERE org_id = $1 AND id = $2 AND state = 'pending'",
        )
        .bind(org)
        .bind(id)
        .bind(why)
        .bind(again)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// What a person sent, newest first; with what was never confirmed and came under a name of theirs.
    pub async fn submissions_of(
        &mut self,
        contact: ContactId,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Submission>> {
        let rows = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", columns!(), " FROM form_submissions WHERE org_id = $1 AND id < $3 AND (contact_id = $2 OR ",
            under_their_name!(), ") ORDER BY id DESC LIMIT $4"
        ))
        .bind(self.org)
        .bind(contact)
        .bind(after.id)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |row: &Submission| Cursor { at: row.created_at, id: row.id.0 }))
    }

    /// What came under a name of theirs and was never confirmed is theirs.
    pub(crate) async fn claim_submissions(&mut self, contact: ContactId) -> Result<()> {
        on!(self.tx, c => sqlx::query(concat!(
            "UPDATE form_submissions SET contact_id = $2 WHERE org_id = $1 AND ", under_their_name!()
        ))
        .bind(self.org)
        .bind(contact)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// It counts now, for this person. `false`: it was confirmed before, or its time is over.
    pub async fn confirm_submission(
        &mut self,
        id: SubmissionId,
        contact: ContactId,
        message: Option<MessageId>,
        now: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE form_submissions SET state = 'confirmed', contact_id = $3, message_id = $4, confirmed_at = $5 \
             WHERE org_id = $1 AND id = $2 AND state = 'pending' AND (expires_at IS NULL OR expires_at > $5)",
        )
        .bind(org)
        .bind(id)
        .bind(contact)
        .bind(message)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }

    /// Its time is over: what the person said of themselves is forgotten. `false`: it was confirmed after all.
    pub async fn expire_submission(&mut self, id: SubmissionId, now: Timestamp) -> Result<bool> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query(
            "UPDATE form_submissions SET state = 'expired', name = '', phone = NULL, email = NULL, ip = '', user_agent = '', \
             page = '', code = NULL WHERE org_id = $1 AND id = $2 AND state = 'pending' AND expires_at <= $3",
        )
        .bind(org)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() == 1))?)
    }
}

impl Tx {
    /// What may no longer be confirmed, of any organisation. Call it before [`Tx::org`] narrows what this transaction
    /// sees.
    pub async fn submissions_over(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(OrgId, FormId, SubmissionId)>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, form_id, id FROM form_submissions WHERE state = 'pending' AND expires_at <= $1 \
             ORDER BY expires_at LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
