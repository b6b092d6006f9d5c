//! Imports of contacts and of records: the file, its rows, and what became of each.
//!
//! Rows are numbered as the spreadsheet numbers them, and gone through in that order; how far that is stands in the
//! import, in the transaction that went there. So whoever takes one up again repeats nothing.

use std::collections::HashSet;

use rules::id::{ContactId, ImportId, RecordKindId};
use rules::import::{ImportOf, ImportState, RowVerdict};
use rules::time::Timestamp;
use serde_json::Value;
use sqlx::QueryBuilder;

use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::rows::Rows;
use crate::seam::{OrgScope, Tx};

/// A file that somebody brought in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The kind of the records in it; `None`: contacts are in it.
    pub kind_id: Option<RecordKindId>,
    /// The name of the file.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// The sheet that was read.
    pub sheet: Option<String>,
    /// A name for each column.
    pub headings: Json<Vec<String>>,
    /// Which column is what, and what was declared; `None`: nobody has said yet.
    pub plan: Option<Json<Value>>,
    /// How far it is.
    pub state: ImportState,
    /// How many rows it has.
    pub row_count: i64,
    /// The number of the last row that was gone through.
    pub done: i64,
    /// How many rows came to what.
    pub tally: Json<Value>,
    /// Who brought it in.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When anything here last changed.
    pub changed_at: Timestamp,
}

/// A row of an import.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ImportRow {
    /// Its number in the file.
    pub number: i64,
    /// What its cells hold, as text.
    pub cells: Json<Vec<String>>,
    /// What becomes of it.
    pub verdict: Option<RowVerdict>,
    /// What is wrong with it, or worth knowing.
    pub faults: Json<Vec<Value>>,
    /// The contact that it became or was found to be.
    pub contact_id: Option<ContactId>,
}

/// Which rows of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhichRows {
    /// All of them.
    #[default]
    All,
    /// Those that come to this.
    Of(RowVerdict),
    /// Those that are taken, with something worth knowing about them.
    Noted,
}

/// What became of a row.
#[derive(Clone, Debug)]
pub struct RowOutcome {
    /// Which row.
    pub number: i64,
    /// What became of it.
    pub verdict: RowVerdict,
    /// What is wrong with it, or worth knowing.
    pub faults: Vec<Value>,
    /// The contact that it is, or that its record is about.
    pub contact: Option<ContactId>,
    /// By what it is known, where no two rows may have the same.
    pub name: Option<String>,
}

/// What names a contact that something has happened to.
const WITH_A_CONTACT: [&str; 12] = [
    "contact_exports",
    "contact_references",
    "conversations",
    "erasures",
    "form_submissions",
    "link_entries",
    "notification_recipients",
    "outreach",
    "reaches",
    "records",
    "begun",
    "signals",
];

macro_rules! import_columns {
    () => {
        "id, kind_id, file_name, sha256, sheet, headings, plan, state, row_count, done, tally, created_by, created_at, changed_at"
    };
}

impl OrgScope<'_> {
    /// Notes an import whose rows are about to come.
    pub async fn insert_import(&mut self, import: &Import) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "INSERT INTO imports (org_id, id, kind_id, file_name, sha256, sheet, headings, plan, state, row_count, done, tally, \
             created_by, created_at, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(self.org)
        .bind(import.id)
        .bind(import.kind_id)
        .bind(&import.file_name)
        .bind(&import.sha256)
        .bind(&import.sheet)
        .bind(&import.headings)
        .bind(&import.plan)
        .bind(import.state)
        .bind(import.row_count)
        .bind(import.done)
        .bind(&import.tally)
        .bind(&import.created_by)
        .bind(import.created_at)
        .bind(import.changed_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Adds rows as they were read.
    pub async fn insert_import_rows(&mut self, import: ImportId, rows: &[(i64, Vec<String>)]) -> Result<()> {
        let org = self.org;
        for set in self.tx.sets(rows) {
            let rows = Rows::of(set)
                .column("org_id", |_| org)
                .column("import_id", |_| import)
                .column("number", |(number, _)| *number)
                .column("cells", |(_, cells)| Value::from(cells.as_slice()).to_string())
                .column("faults", |_| "[]");
            on!(self.tx, c => rows.insert_into("import_rows").build().execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// One import.
    pub async fn import(&mut self, id: ImportId) -> Result<Option<Import>> {
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", import_columns!(), " FROM imports WHERE org_id = $1 AND id = $2"
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// One import that nobody else changes until the transaction ends.
    pub async fn import_for_change(&mut self, id: ImportId) -> Result<Option<Import>> {
        // Writing the row to itself locks it on either database.
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "UPDATE imports SET id = id WHERE org_id = $1 AND id = $2 RETURNING ", import_columns!()
        ))
        .bind(self.org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// Imports of one sort, newest first.
    pub async fn imports(&mut self, of: ImportOf, before: Cursor, limit: usize) -> Result<Page<Import>> {
        let rows: Vec<Import> = on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", import_columns!(), " FROM imports WHERE org_id = $1 AND id < $2 AND (kind_id IS NOT NULL) = $3 \
             ORDER BY id DESC LIMIT $4"
        ))
        .bind(self.org)
        .bind(before.id)
        .bind(of == ImportOf::Records)
        .bind(Page::<()>::fetch(limit))
        .fetch_all(c)
        .await)?;
        Ok(Page::cut(rows, limit, |import| Cursor { at: import.created_at, id: import.id.0 }))
    }

    /// Stores what may change of an import.
    pub async fn update_import(&mut self, import: &Import) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "UPDATE imports SET plan = $3, state = $4, row_count = $5, done = $6, tally = $7, changed_at = $8 \
             WHERE org_id = $1 AND id = $2",
        )
        .bind(self.org)
        .bind(import.id)
        .bind(&import.plan)
        .bind(import.state)
        .bind(import.row_count)
        .bind(import.done)
        .bind(&import.tally)
        .bind(import.changed_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Rows of an import in their order, after one of them.
    pub async fn import_rows(
        &mut self,
        import: ImportId,
        which: WhichRows,
        after: i64,
        limit: usize,
    ) -> Result<Vec<ImportRow>> {
        let org = self.org;
        Ok(on!(self.tx, c => {
            let mut query = QueryBuilder::new(
                "SELECT number, cells, verdict, faults, contact_id FROM import_rows WHERE org_id = ",
            );
            query.push_bind(org).push(" AND import_id = ").push_bind(import).push(" AND number > ").push_bind(after);
            match which {
                WhichRows::All => {}
                WhichRows::Of(verdict) => {
                    query.push(" AND verdict = ").push_bind(verdict);
                }
                WhichRows::Noted => {
                    query.push(" AND faults <> '[]' AND verdict <> ").push_bind(RowVerdict::Faulty);
                }
            }
            query.push(" ORDER BY number LIMIT ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
            query.build_query_as().fetch_all(c).await
        })?)
    }

    /// Writes down what became of rows.
    pub async fn settle_import_rows(&mut self, import: ImportId, outcomes: &[RowOutcome]) -> Result<()> {
        let org = self.org;
        for set in self.tx.sets(outcomes) {
            let rows = Rows::of(set)
                .column("number", |one| one.number)
                .column("verdict", |one| one.verdict.as_str())
                .column("faults", |one| Value::from(one.faults.as_slice()).to_string())
                .column("contact_id", |one| one.contact)
                .column("name", |one| one.name.as_deref());
            on!(self.tx, c => rows.with()
                .push("UPDATE import_rows SET verdict = w.verdict, faults = w.faults, contact_id = w.contact_id, \
                       name = w.name FROM w WHERE import_rows.number = w.number AND import_rows.org_id = ")
                .push_bind(org)
                .push(" AND import_rows.import_id = ")
                .push_bind(import)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Whether a contact came with this import alone, and nobody and nothing has touched it since.
    pub async fn is_untouched(&mut self, contact: ContactId, import: ImportId) -> Result<bool> {
        let org = self.org;
        let same: bool = on!(self.tx, c => sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM contacts k WHERE k.org_id = $1 AND k.id = $2 AND k.updated_at = k.created_at \
             AND k.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM contacts o WHERE o.org_id = $1 AND o.merged_into = $2) \
             AND NOT EXISTS (SELECT 1 FROM import_rows r WHERE r.org_id = $1 AND r.contact_id = $2 AND r.import_id <> $3) \
             AND NOT EXISTS (SELECT 1 FROM consent_events e WHERE e.org_id = $1 AND e.contact_id = $2 AND e.evidence NOT LIKE $4))",
        )
        .bind(org)
        .bind(contact)
        .bind(import)
        .bind(format!("%\"import_id\":\"{import}\"%"))
        .fetch_one(c)
        .await)?;
        if !same {
            return Ok(false);
        }
        for table in WITH_A_CONTACT {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE org_id = $1 AND contact_id = $2)");
            let touched: bool = on!(self.tx, c => sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
                .bind(org)
                .bind(contact)
                .fetch_one(c)
                .await)?;
            if touched {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Which of these names rows before this one are known by.
    pub async fn import_names_before(
        &mut self,
        import: ImportId,
        row: i64,
        names: &[&str],
    ) -> Result<HashSet<String>> {
        let org = self.org;
        let mut known = HashSet::new();
        for set in self.tx.sets(names) {
            let asked = Rows::of(set).column("name", |name| *name);
            let found: Vec<String> = on!(self.tx, c => asked.with()
                .push("SELECT r.name FROM w JOIN import_rows r ON r.name = w.name AND r.org_id = ")
                .push_bind(org)
                .push(" AND r.import_id = ")
                .push_bind(import)
                .push(" AND r.number < ")
                .push_bind(row)
                .build_query_scalar()
                .fetch_all(c)
                .await)?;
            known.extend(found);
        }
        Ok(known)
    }

    /// The plan of the latest import of the same sort whose file had the same headings.
    pub async fn plan_for_headings(
        &mut self,
        kind: Option<RecordKindId>,
        headings: &[String],
    ) -> Result<Option<Value>> {
        let plan: Option<Json<Value>> = on!(self.tx, c => sqlx::query_scalar(
            "SELECT plan FROM imports WHERE org_id = $1 AND headings = $2 AND kind_id IS NOT DISTINCT FROM $3 \
             AND plan IS NOT NULL ORDER BY id DESC LIMIT 1",
        )
        .bind(self.org)
        .bind(Json(headings))
        .bind(kind)
        .fetch_optional(c)
        .await)?;
        Ok(plan.map(|plan| plan.0))
    }
}

/// Retention is the installation's, not an organisation's.
impl Tx {
    /// Forgets rows of imports to which nothing has happened since `before`, some at a time. Returns how many.
    pub async fn drop_import_rows_before(&mut self, before: Timestamp, limit: i64) -> Result<u64> {
        Ok(on!(self, c => sqlx::query(
            "DELETE FROM import_rows WHERE (org_id, import_id, number) IN (SELECT r.org_id, r.import_id, r.number \
             FROM import_rows r JOIN imports i ON i.org_id = r.org_id AND i.id = r.import_id \
             WHERE i.changed_at < $1 LIMIT $2)",
        )
        .bind(before)
        .bind(limit)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }
}
