//! Business records: what an organisation keeps of its business, by kind and by the id that it has elsewhere.
//!
//! The days in a record stand twice: in the record as it is read, and in `record_dates`, by which records are found.

mod together;

pub use together::{Put, WrittenRecord};

use std::collections::BTreeMap;

use rules::day::Day;
use rules::id::{ContactId, RecordId, RecordKindId};
use rules::record::Field;
use rules::time::Timestamp;
use serde_json::Value;
use sqlx::QueryBuilder;

use crate::contacts::like;
use crate::error::Result;
use crate::json::Json;
use crate::page::{Cursor, Page};
use crate::seam::OrgScope;

/// A kind of records.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RecordKind {
    /// Its id.
    pub id: RecordKindId,
    /// What programs call it; no two of an organisation have the same.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The fields that its records have.
    pub fields: Json<Vec<Field>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A business record.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind_id: RecordKindId,
    /// What it is called where it comes from; no two of a kind have the same.
    pub external_id: String,
    /// Whom it is about.
    pub contact_id: Option<ContactId>,
    /// The days in it, by the keys of its fields.
    pub dates: Json<BTreeMap<String, Day>>,
    /// Everything else, by the keys of its fields.
    pub data: Json<Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A macro because a statement's text must be a literal.
macro_rules! record_columns {
    () => {
        "r.id, r.kind_id, r.external_id, r.contact_id, r.dates, r.data, r.created_at, r.updated_at"
    };
}

use record_columns;

/// Which records a list holds: those that fit everything given.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter {
    /// Of this kind.
    pub kind: Option<RecordKindId>,
    /// About this contact.
    pub contact: Option<ContactId>,
    /// With this day in a field, from the first to the last of these.
    pub date: Option<(String, Option<Day>, Option<Day>)>,
    /// With this in the external id or in a value, in any case.
    pub text: Option<String>,
}

/// Which records are gone through, the oldest first.
#[derive(Clone, Copy, Debug)]
pub struct RecordWalk<'a> {
    /// Of this kind.
    pub kind: RecordKindId,
    /// With this very day in this field.
    pub on: Option<(&'a str, Day)>,
    /// After this one.
    pub after: Option<RecordId>,
}

impl OrgScope<'_> {
    /// Keeps a kind, in place of what stood under its id. [`StoreError::Taken`](crate::StoreError::Taken): another one has
    /// this name.
    pub async fn put_record_kind(&mut self, kind: &RecordKind) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO record_kinds (org_id, id, name, title, fields, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org_id, id) DO UPDATE SET name = excluded.name, \
             title = excluded.title, fields = excluded.fields, updated_at = excluded.updated_at",
        )
        .bind(org)
        .bind(kind.id)
        .bind(&kind.name)
        .bind(&kind.title)
        .bind(&kind.fields)
        .bind(kind.created_at)
        .bind(kind.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A kind.
    pub async fn record_kind(&mut self, id: RecordKindId) -> Result<Option<RecordKind>> {
        Ok(self.record_kinds().await?.into_iter().find(|kind| kind.id == id))
    }

    /// All kinds, by title.
    pub async fn record_kinds(&mut self) -> Result<Vec<RecordKind>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, name, title, fields, created_at, updated_at FROM record_kinds WHERE org_id = $1 \
             ORDER BY title, id",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// Removes a kind that has no records. `false`: there is none, or it has some.
    pub async fn remove_record_kind(&mut self, id: RecordKindId) -> Result<bool> {
        let org = self.org;
        let removed = on!(self.tx, c => sqlx::query(
            "DELETE FROM record_kinds WHERE org_id = $1 AND id = $2 \
             AND NOT EXISTS (SELECT 1 FROM records WHERE org_id = $1 AND kind_id = $2)",
        )
        .bind(org)
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(removed == 1)
    }

    /// How many records each kind has.
    pub async fn count_records(&mut self) -> Result<BTreeMap<RecordKindId, i64>> {
        let org = self.org;
        let rows: Vec<(RecordKindId, i64)> = on!(self.tx, c => sqlx::query_as(
            "SELECT kind_id, count(*) FROM records WHERE org_id = $1 GROUP BY kind_id",
        )
        .bind(org)
        .fetch_all(c)
        .await)?;
        Ok(rows.into_iter().collect())
    }

    /// A record.
    pub async fn record(&mut self, id: RecordId) -> Result<Option<Record>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(concat!(
            "SELECT ", record_columns!(), " FROM records r WHERE r.org_id = $1 AND r.id = $2"
        ))
        .bind(org)
        .bind(id)
        .fetch_optional(c)
        .await)?)
    }

    /// A page of records, the newest first.
    pub async fn records(
        &mut self,
        filter: &RecordFilter,
        after: Cursor,
        limit: usize,
    ) -> Result<Page<Record>> {
        let org = self.org;
        let rows = on!(self.tx, c => {
            let mut query =
                QueryBuilder::new(concat!("SELECT ", record_columns!(), " FROM records r WHERE r.org_id = "));
            query.push_bind(org);
            if let Some(kind) = filter.kind {
                query.push(" AND r.kind_id = ").push_bind(kind);
            }
            if let Some(contact) = filter.contact {
                query.push(" AND r.contact_id = ").push_bind(contact);
            }
            if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                query.push(" AND r.find_text LIKE ").push_bind(like(&text.to_lowercase())).push(" ESCAPE '!'");
            }
            if let Some((field, from, to)) = &filter.date {
                query
                    .push(" AND EXISTS (SELECT 1 FROM record_dates d WHERE d.org_id = r.org_id \
                           AND d.record_id = r.id AND d.field = ")
                    .push_bind(field)
                    .push(" AND d.day >= ")
                    .push_bind(from.map_or(i64::MIN, |day| day.0))
                    .push(" AND d.day <= ")
                    .push_bind(to.map_or(i64::MAX, |day| day.0))
                    .push(")");
            }
            query.push(" AND (r.created_at, r.id) < (").push_bind(after.at).push(", ").push_bind(after.id);
            query.push(") ORDER BY r.created_at DESC, r.id DESC LIMIT ").push_bind(Page::<()>::fetch(limit));
            query.build_query_as().fetch_all(c).await
        })?;
        Ok(Page::cut(rows, limit, |row: &Record| Cursor { at: row.created_at, id: row.id.0 }))
    }

    /// The next records on a walk, in the order of their ids.
    pub async fn walk_records(&mut self, walk: RecordWalk<'_>, limit: i64) -> Result<Vec<Record>> {
        let org = self.org;
        let after = walk.after.map_or(uuid::Uuid::nil(), |id| id.0);
        Ok(match walk.on {
            None => on!(self.tx, c => sqlx::query_as(concat!(
                "SELECT ", record_columns!(), " FROM records r WHERE r.org_id = $1 AND r.kind_id = $2 AND r.id > $3 \
                 ORDER BY r.id LIMIT $4"
            ))
            .bind(org)
            .bind(walk.kind)
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await)?,
            Some((field, day)) => on!(self.tx, c => sqlx::query_as(concat!(
                "SELECT ", record_columns!(), " FROM record_dates d \
                 JOIN records r ON r.org_id = d.org_id AND r.id = d.record_id \
                 WHERE d.org_id = $1 AND d.kind_id = $2 AND d.field = $3 AND d.day = $4 AND d.record_id > $5 \
                 ORDER BY d.record_id LIMIT $6"
            ))
            .bind(org)
            .bind(walk.kind)
            .bind(field)
            .bind(day)
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await)?,
        })
    }

    /// How many records a walk goes through from its beginning.
    pub async fn count_walk(&mut self, walk: RecordWalk<'_>) -> Result<i64> {
        let org = self.org;
        Ok(match walk.on {
            None => on!(self.tx, c => sqlx::query_scalar(
                "SELECT count(*) FROM records WHERE org_id = $1 AND kind_id = $2",
            )
            .bind(org)
            .bind(walk.kind)
            .fetch_one(c)
            .await)?,
            Some((field, day)) => on!(self.tx, c => sqlx::query_scalar(
                "SELECT count(*) FROM record_dates WHERE org_id = $1 AND kind_id = $2 AND field = $3 AND day = $4",
            )
            .bind(org)
            .bind(walk.kind)
            .bind(field)
            .bind(day)
            .fetch_one(c)
            .await)?,
        })
    }

    /// Removes a record. `false`: there is none.
    pub async fn remove_record(&mut self, id: RecordId) -> Result<bool> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("DELETE FROM record_dates WHERE org_id = $1 AND record_id = $2")
            .bind(org).bind(id).execute(c).await.map(|_| ()))?;
        let removed = on!(self.tx, c => sqlx::query("DELETE FROM records WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(removed == 1)
    }

    /// Whom records are about follows a contact that became part of another.
    pub(crate) async fn move_records(&mut self, staying: ContactId, going: ContactId) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("UPDATE records SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2")
            .bind(org).bind(going).bind(staying).execute(c).await.map(|_| ()))?;
        on!(self.tx, c => sqlx::query("UPDATE contact_references SET contact_id = $3 WHERE org_id = $1 AND contact_id = $2")
            .bind(org).bind(going).bind(staying).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
