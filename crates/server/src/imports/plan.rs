//! What a member says of a file before it is looked at: which column is what, and what holds for all of it.

use rules::consent::Purpose;
use rules::import::ImportField;
use rules::record_file::RecordColumn;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::contacts::are_labels;

/// Which column is what, and what holds for the whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// For each column what it holds; `null` leaves it out. The phone number has to be among them.
    #[garde(custom(tells_people_apart))]
    pub columns: Vec<Option<ImportField>>,
    /// Labels for everybody in the file.
    #[serde(default)]
    #[garde(custom(are_labels))]
    pub labels: Vec<String>,
    /// What the member who brings the file in declares of everybody in it.
    #[garde(dive)]
    pub declared: Option<Declared>,
}

/// A declaration that everybody in a file has agreed. Whose row says otherwise is not meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct Declared {
    /// To what they agreed.
    #[garde(length(min = 1, max = 3))]
    pub purposes: Vec<Purpose>,
    /// How and where they did.
    #[garde(length(chars, min = 3, max = 1000))]
    #[schema(min_length = 3, max_length = 1000, example = "Formulir di toko, 2025")]
    pub how: String,
    /// The words that they agreed to.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    pub wording: Option<String>,
    /// When they did, if it was on one day.
    #[garde(skip)]
    pub at: Option<Timestamp>,
}

impl Plan {
    /// The column that holds this.
    pub fn column(&self, field: ImportField) -> Option<usize> {
        self.columns.iter().position(|column| *column == Some(field))
    }
}

/// Which column of a file of records is what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct RecordPlan {
    /// For each column what it holds: `external_id`, `contact.phone`, `contact.email`, `contact.reference`, `contact.name`,
    /// `contact.language` or `data.` and the key of a field; `null` leaves it out. The external id has to be among them.
    #[schema(value_type = Vec<Option<String>>, example = json!(["external_id", "contact.phone", "data.expires_on"]))]
    pub columns: Vec<Option<RecordColumn>>,
}

impl RecordPlan {
    /// The column that holds this.
    pub fn column(&self, wanted: &RecordColumn) -> Option<usize> {
        self.columns.iter().position(|column| column.as_ref() == Some(wanted))
    }
}

#[allow(clippy::ptr_arg, reason = "the signature that garde calls")]
fn tells_people_apart(columns: &Vec<Option<ImportField>>, _: &()) -> garde::Result {
    let times = |field| columns.iter().filter(|column| **column == Some(field)).count();
    if columns.len() > 200 {
        return Err(garde::Error::new("has more columns than any file may have"));
    }
    if times(ImportField::Phone) != 1 {
        return Err(garde::Error::new("must name one column with phone numbers: they tell people apart"));
    }
    if ImportField::ALL.iter().any(|field| times(*field) > 1) {
        return Err(garde::Error::new("names the same sort of column twice"));
    }
    Ok(())
}
