//! The fields of the dialog: its address and what was typed and chosen so far.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The fields of a dialog: what the page asked for and what the person answered.
pub type Fields = BTreeMap<String, String>;

/// A field, empty when absent.
pub fn field<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map_or("", String::as_str)
}

/// `extras` as JSON; what is not JSON is kept as text, for the tests to see.
pub fn extras(fields: &Fields) -> Value {
    let text = field(fields, "extras");
    serde_json::from_str(text).unwrap_or_else(|_| if text.is_empty() { Value::Null } else { json!(text) })
}
