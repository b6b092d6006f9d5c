//! One table of the world: rows by id, and the memory of which rows changed.
//!
//! Invariant: a row can only be changed through `edit`, `put` or `remove`, so every change reaches the journal.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Rows of one kind, keyed by their id.
#[derive(Debug)]
pub struct Table<T> {
    rows: BTreeMap<String, T>,
    touched: Vec<String>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), touched: Vec::new() }
    }
}

impl<T> Table<T> {
    /// The row with this id.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    /// The row with this id, for change; the change will be journalled.
    pub fn edit(&mut self, id: &str) -> Option<&mut T> {
        let row = self.rows.get_mut(id)?;
        self.touched.push(id.to_owned());
        Some(row)
    }

    /// Adds a row or replaces the one with the same id.
    pub fn put(&mut self, id: impl Into<String>, row: T) {
        let id = id.into();
        self.touched.push(id.clone());
        self.rows.insert(id, row);
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: &str) -> Option<T> {
        let row = self.rows.remove(id)?;
        self.touched.push(id.to_owned());
        Some(row)
    }

    /// Takes every row out.
    pub fn clear(&mut self) {
        self.touched.extend(std::mem::take(&mut self.rows).into_keys());
    }

    /// Whether there is a row with this id.
    pub fn contains(&self, id: &str) -> bool {
        self.rows.contains_key(id)
    }

    /// The ids of the rows changed since the last [`Table::drain`]; an id may be there twice.
    pub(super) fn touched(&self) -> &[String] {
        &self.touched
    }

    /// All rows in the order of their ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&String, &T)> {
        self.rows.iter()
    }

    /// All rows in the order of their ids, without the ids.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<T: Serialize + DeserializeOwned> Table<T> {
    /// Writes the rows changed since the last call to `out`, as journal changes, and forgets that they changed.
    pub(super) fn drain(&mut self, name: &str, out: &mut Vec<u8>) {
        if self.touched.is_empty() {
            return;
        }
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        for id in &touched {
            write_change(name, id, self.rows.get(id), out);
        }
    }

    /// Writes every row to `out`, as journal changes.
    pub(super) fn image(&self, name: &str, out: &mut Vec<u8>) {
        for (id, row) in &self.rows {
            write_change(name, id, Some(row), out);
        }
    }

    /// Applies a change read from the journal; it is not journalled again.
    pub(super) fn load(&mut self, id: String, row: Option<&RawValue>) -> Result<(), serde_json::Error> {
        match row {
            Some(row) => {
                let row = serde_json::from_str(row.get())?;
                self.rows.insert(id, row);
            }
            None => {
                self.rows.remove(&id);
            }
        }
        Ok(())
    }
}

/// Appends `["table","id",row or null]` to `out`, after a comma unless it is the first of the list.
fn write_change<T: Serialize>(name: &str, id: &str, row: Option<&T>, out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.push(b',');
    }
    serde_json::to_writer(&mut *out, &(name, id, row)).expect("rows of the world serialise to JSON");
}
