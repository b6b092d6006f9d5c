//! A file of business records: what its columns may hold.
//!
//! A column is named as the same thing is in a record sent by API: `external_id`, `contact.phone`, `data.expires_on`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::import::{ImportField, guess_among, plain};
use crate::record::Field;

/// What a column of a file of records holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RecordColumn {
    /// What the record is called where it comes from.
    ExternalId,
    /// What your own system calls whom it is about.
    Reference,
    /// Their phone number.
    Phone,
    /// Their e-mail address.
    Email,
    /// Their name.
    Name,
    /// The language to write to them in.
    Language,
    /// The field of this key.
    Field(String),
}

/// What is no column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is none of `external_id`, `contact.…` and `data.…`")]
pub struct NoColumn;

impl RecordColumn {
    const PLAIN: [(Self, &str); 6] = [
        (Self::ExternalId, "external_id"),
        (Self::Reference, "contact.reference"),
        (Self::Phone, "contact.phone"),
        (Self::Email, "contact.email"),
        (Self::Name, "contact.name"),
        (Self::Language, "contact.language"),
    ];

    /// Whether it says whom a record is about.
    pub fn is_contact(&self) -> bool {
        !matches!(self, Self::ExternalId | Self::Field(_))
    }
}

impl TryFrom<String> for RecordColumn {
    type Error = NoColumn;

    fn try_from(text: String) -> Result<Self, NoColumn> {
        let known = Self::PLAIN.into_iter().find(|(_, name)| *name == text).map(|(column, _)| column);
        known.or_else(|| text.strip_prefix("data.").map(|key| Self::Field(key.to_owned()))).ok_or(NoColumn)
    }
}

impl From<RecordColumn> for String {
    fn from(column: RecordColumn) -> Self {
        let known = RecordColumn::PLAIN.into_iter().find(|(one, _)| *one == column).map(|(_, name)| name);
        match (known, column) {
            (None, RecordColumn::Field(key)) => format!("data.{key}"),
            (known, _) => known.unwrap_or_default().to_owned(),
        }
    }
}

/// Whether columns may be those of a file.
///
/// # Errors
/// What is wrong with them.
pub fn check(columns: &[Option<RecordColumn>], fields: &[Field]) -> Result<(), &'static str> {
    let mut seen = BTreeSet::new();
    if !columns.iter().flatten().all(|column| seen.insert(column)) {
        return Err("names the same sort of column twice");
    }
    if !seen.contains(&RecordColumn::ExternalId) {
        return Err("must name one column with what each record is called: it tells them apart");
    }
    let known = |column: &RecordColumn| match column {
        RecordColumn::Field(key) => fields.iter().any(|field| field.key == *key),
        _ => true,
    };
    if seen.into_iter().all(known) {
        Ok(())
    } else {
        Err("names a field that records of this kind do not have")
    }
}

/// Which column is what, guessed by the headings.
pub fn guess(headings: &[String], fields: &[Field]) -> Vec<Option<RecordColumn>> {
    let words = |of: &[&str]| of.iter().map(ToString::to_string).collect::<Vec<_>>();
    // In a file of records a bare number is the record's.
    let phone = || ImportField::Phone.words().iter().filter(|word| !["nomor", "number"].contains(word));
    let of_fields = fields
        .iter()
        .map(|field| (RecordColumn::Field(field.key.clone()), vec![plain(&field.label), plain(&field.key)]));
    let others = [
        (
            RecordColumn::Reference,
            words(&[
                "reference",
                "referensi",
                "customer id",
                "customer number",
                "id pelanggan",
                "nomor pelanggan",
            ]),
        ),
        (RecordColumn::Phone, phone().map(ToString::to_string).collect()),
        (RecordColumn::Email, words(ImportField::Email.words())),
        (RecordColumn::Language, words(ImportField::Language.words())),
        (RecordColumn::Name, words(ImportField::Name.words())),
        (RecordColumn::ExternalId, words(&["external id", "id", "nomor", "number", "no", "kode", "code"])),
    ];
    guess_among(headings, &of_fields.chain(others).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::FieldKind;

    fn field(key: &str, label: &str) -> Field {
        Field { key: key.into(), label: label.into(), kind: FieldKind::Text, currency: None }
    }

    fn guessed(headings: &[&str]) -> Vec<String> {
        let headings: Vec<String> = headings.iter().map(ToString::to_string).collect();
        let fields = [field("title", "Nama izin"), field("expires_on", "Berlaku sampai")];
        guess(&headings, &fields)
            .into_iter()
            .map(|column| column.map(String::from).unwrap_or_default())
            .collect()
    }

    #[test]
    fn headings_are_understood_by_the_fields_of_the_kind_and_in_both_languages() {
        assert_eq!(
            guessed(&["Nomor izin", "Nama izin", "Pemilik", "Nama pelanggan", "No. HP", "Berlaku sampai"]),
            ["external_id", "data.title", "", "contact.name", "contact.phone", "data.expires_on"]
        );
        assert_eq!(
            guessed(&["Permit number", "expires_on", "Customer ID", "Phone number", "E-mail"]),
            ["external_id", "data.expires_on", "contact.reference", "contact.phone", "contact.email"]
        );
    }

    #[test]
    fn a_column_reads_as_it_is_written() {
        for text in ["external_id", "contact.phone", "data.expires_on"] {
            assert_eq!(String::from(RecordColumn::try_from(text.to_owned()).unwrap()), text);
        }
        assert_eq!(RecordColumn::try_from("phone".to_owned()), Err(NoColumn));
    }

    #[test]
    fn columns_tell_records_apart_and_name_fields_that_there_are() {
        let fields = [field("title", "Title")];
        let read = |texts: &[&str]| -> Vec<Option<RecordColumn>> {
            texts.iter().map(|text| RecordColumn::try_from(text.to_string()).ok()).collect()
        };
        assert_eq!(check(&read(&["external_id", "", "data.title"]), &fields), Ok(()));
        assert!(check(&read(&["data.title"]), &fields).is_err());
        assert!(check(&read(&["external_id", "external_id"]), &fields).is_err());
        assert!(check(&read(&["external_id", "data.other"]), &fields).is_err());
    }
}
