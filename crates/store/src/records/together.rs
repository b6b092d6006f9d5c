//! Many records written with few statements.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rules::day::Day;
use rules::id::{ContactId, RecordId, RecordKindId};
use rules::time::{Randomness, Timestamp};
use serde_json::Value;

use super::{Record, record_columns};
use crate::error::Result;
use crate::json::Json;
use crate::rows::Rows;
use crate::seam::OrgScope;

/// A record as it is to stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// What it is called where it comes from.
    pub external_id: String,
    /// Whom it is about.
    pub contact: Option<ContactId>,
    /// The days in it.
    pub dates: BTreeMap<String, Day>,
    /// Everything else.
    pub data: Value,
}

/// What became of a record that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenRecord {
    /// It was not there.
    Created(RecordId),
    /// It stood otherwise.
    Changed(RecordId),
    /// It stood like that.
    Same(RecordId),
}

impl WrittenRecord {
    /// Its id.
    pub fn id(self) -> RecordId {
        match self {
            Self::Created(id) | Self::Changed(id) | Self::Same(id) => id,
        }
    }
}

impl Put {
    fn is(&self, stored: &Record) -> bool {
        self.contact == stored.contact_id && self.dates == stored.dates.0 && self.data == stored.data.0
    }

    /// What a search looks at: the external id and every value, in lower case.
    fn find_text(&self) -> String {
        let mut texts = vec![self.external_id.clone()];
        texts.extend(self.dates.values().map(Day::to_string));
        if let Value::Object(fields) = &self.data {
            texts.extend(fields.values().filter_map(|value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }));
        }
        texts.join("\n").to_lowercase()
    }
}

impl OrgScope<'_> {
    /// Has records of a kind stand like this, those that are there and those that are not. No two of `puts` have one
    /// external id.
    pub async fn put_records(
        &mut self,
        kind: RecordKindId,
        puts: &[Put],
        now: Timestamp,
        chance: &dyn Randomness,
    ) -> Result<Vec<WrittenRecord>> {
        let ids: Vec<&str> = puts.iter().map(|put| put.external_id.as_str()).collect();
        let known: HashMap<String, Record> = self.records_named(kind, &ids).await?;
        let mut written = Vec::with_capacity(puts.len());
        let mut changes: Vec<(RecordId, &Put)> = Vec::new();
        for put in puts {
            let done = match known.get(&put.external_id) {
                Some(record) if put.is(record) => WrittenRecord::Same(record.id),
                Some(record) => WrittenRecord::Changed(record.id),
                None => WrittenRecord::Created(RecordId::fresh(now, chance)),
            };
            if !matches!(done, WrittenRecord::Same(_)) {
                changes.push((done.id(), put));
            }
            written.push(done);
        }
        let stored = self.write_records(kind, &changes, now).await?;
        for (done, put) in written.iter_mut().zip(puts) {
            // Somebody else may have made it meanwhile: theirs is the one that changed.
            if let (WrittenRecord::Created(id), Some(kept)) = (*done, stored.get(&put.external_id))
                && id != *kept
            {
                *done = WrittenRecord::Changed(*kept);
            }
        }
        Ok(written)
    }

    /// Records of a kind by their external ids.
    pub async fn records_named(
        &mut self,
        kind: RecordKindId,
        external: &[&str],
    ) -> Result<HashMap<String, Record>> {
        let org = self.org;
        let mut found = HashMap::new();
        for set in self.tx.sets(external) {
            let asked = Rows::of(set).column("external_id", |id| *id);
            let rows: Vec<Record> = on!(self.tx, c => asked.with()
                .push(concat!(
                    "SELECT ", record_columns!(), " FROM w JOIN records r ON r.external_id = w.external_id AND r.org_id = "
                ))
                .push_bind(org)
                .push(" AND r.kind_id = ")
                .push_bind(kind)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            found.extend(rows.into_iter().map(|record| (record.external_id.clone(), record)));
        }
        Ok(found)
    }

    /// Records by their ids, in no order.
    pub async fn records_by_id(&mut self, ids: &[RecordId]) -> Result<Vec<Record>> {
        let org = self.org;
        let mut found = Vec::new();
        for set in self.tx.sets(ids) {
            let asked = Rows::of(set).column("id", |id| *id);
            let rows: Vec<Record> = on!(self.tx, c => asked.with()
                .push(concat!("SELECT ", record_columns!(), " FROM w JOIN records r ON r.id = w.id AND r.org_id = "))
                .push_bind(org)
                .build_query_as()
                .fetch_all(c)
                .await)?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// Writes records and the days in them. Returns the ids under which they stand.
    async fn write_records(
        &mut self,
        kind: RecordKindId,
        changes: &[(RecordId, &Put)],
        now: Timestamp,
    ) -> Result<HashMap<String, RecordId>> {
        let org = self.org;
        let mut stored: HashMap<String, RecordId> = HashMap::new();
        for set in self.tx.sets(changes) {
            let rows = Rows::of(set)
                .column("org_id", |_| org)
                .column("id", |(id, _)| *id)
                .column("kind_id", |_| kind)
                .column("external_id", |(_, put)| put.external_id.as_str())
                .column("contact_id", |(_, put)| put.contact)
                .column("dates", |(_, put)| serde_json::to_string(&put.dates).unwrap_or_default())
                .column("data", |(_, put)| Json(&put.data))
                .column("find_text", |(_, put)| put.find_text())
                .column("created_at", |_| now)
                .column("updated_at", |_| now);
            let written: Vec<(String, RecordId)> = on!(self.tx, c => rows.insert_into("records")
                .push(
                    " ON CONFLICT (org_id, kind_id, external_id) DO UPDATE SET contact_id = excluded.contact_id, \
                     dates = excluded.dates, data = excluded.data, find_text = excluded.find_text, \
                     updated_at = excluded.updated_at RETURNING external_id, id",
                )
                .build_query_as()
                .fetch_all(c)
                .await)?;
            stored.extend(written);
        }
        let ids: Vec<RecordId> = stored.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
        for set in self.tx.sets(&ids) {
            let gone = Rows::of(set).column("record_id", |id| *id);
            on!(self.tx, c => gone.with()
                .push("DELETE FROM record_dates WHERE record_id IN (SELECT record_id FROM w) AND org_id = ")
                .push_bind(org)
                .build()
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        let days: Vec<(RecordId, &str, Day)> = changes
            .iter()
            .filter_map(|(_, put)| Some((*stored.get(&put.external_id)?, put)))
            .flat_map(|(id, put)| put.dates.iter().map(move |(field, day)| (id, field.as_str(), *day)))
            .collect();
        for set in self.tx.sets(&days) {
            let rows = Rows::of(set)
                .column("org_id", |_| org)
                .column("record_id", |(id, ..)| *id)
                .column("field", |(_, field, _)| *field)
                .column("kind_id", |_| kind)
                .column("day", |(_, _, day)| day.0);
            on!(self.tx, c => rows.insert_into("record_dates").build().execute(c).await.map(|_| ()))?;
        }
        Ok(stored)
    }
}
