//! All that is held about a contact, put together in a file that goes away again.

use rules::erasure::ContactExportState;
use rules::id::{ContactExportId, ContactId, OrgId};
use rules::time::Timestamp;

use crate::error::Result;
use crate::seam::{OrgScope, Tx};

/// A file with all that is held about a contact.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ContactExport {
    /// Its id.
    pub id: ContactExportId,
    /// About whom.
    pub contact_id: ContactId,
    /// Whether it is there.
    pub state: ContactExportState,
    /// The language of what people read in it.
    pub language: String,
    /// SHA-256 of its bytes, under which they are stored.
    pub sha256: Option<Vec<u8>>,
    /// Its length in bytes.
    pub size: Option<i64>,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it goes away.
    pub expires_at: Timestamp,
}

macro_rules! export_columns {
    () => {
        "id, contact_id, state, language, sha256, size, created_by, created_at, expires_at"
    };
}

impl OrgScope<'_> {
    /// Notes that one is asked for.
    pub async fn insert_contact_export(&mut self, export: &ContactExport) -> Result<()> {
        on!(self.tx, c => sqlx::query(concat!(
            "INSERT INTO contact_exports (org_id, ", export_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ))
        .bind(self.org)
        .bind(export.id)
        .bind(export.contact_id)
        .bind(export.state)
        .bind(&export.language)
        .bind(&export.sha256)
        .bind(export.size)
        .bind(&export.created_by)
        .bind(export.created_at)
        .bind(export.expires_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// One of them.
    pub async fn contact_export(&mut self, id: ContactExportId) -> Result<Option<ContactExport>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", export_columns!(), " FROM contact_exports WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Those about a contact, newest first.
    pub async fn contact_exports(&mut self, contact: ContactId) -> Result<Vec<ContactExport>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", export_columns!(), " FROM contact_exports WHERE org_id = $1 AND contact_id = $2 ORDER BY id DESC"
        ))
        .bind(self.org)
        .bind(contact)
        .fetch_all(c)
        .await)?)
    }

    /// It is there. `false`: nobody wants it any more.
    pub async fn contact_export_ready(
        &mut self,
        id: ContactExportId,
        sha256: &[u8],
        size: i64,
    ) -> Result<bool> {
        let changed = on!(self.tx, c => sqlx::query(
            "UPDATE contact_exports SET state = 'ready', sha256 = $3, size = $4 WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(id)
        .bind(sha256)
        .bind(size)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(changed == 1)
    }

    /// Forgets one.
    pub async fn forget_contact_export(&mut self, id: ContactExportId) -> Result<()> {
        on!(self.tx, c => sqlx::query("DELETE FROM contact_exports WHERE org_id = $1 AND id = $2")
            .bind(self.org)
            .bind(id)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}

/// When they go away is the same for all organisations.
impl Tx {
    /// Those whose time is over.
    pub async fn expired_contact_exports(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(OrgId, ContactExportId)>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT org_id, id FROM contact_exports WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }
}
