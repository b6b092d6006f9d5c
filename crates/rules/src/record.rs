//! Business records: what an organisation keeps of its business (a permit, an order, a policy), in words of its own.

use serde::{Deserialize, Serialize};

text_enum! {
    /// What stands in a field of a record.
    pub enum FieldKind {
        /// Words.
        Text = "text",
        /// A number.
        Number = "number",
        /// A sum of money.
        Money = "money",
        /// A day; records are found and notifications run by it.
        Date = "date",
        /// Yes or no.
        Flag = "flag",
    }
}

/// A field that records of a kind have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecordField)]
pub struct Field {
    /// What it is called in data: small letters, digits and `_`.
    #[schema(example = "expires_on", max_length = 40)]
    pub key: String,
    /// What people call it.
    #[schema(example = "Expires on", max_length = 80)]
    pub label: String,
    /// What stands in it.
    pub kind: FieldKind,
    /// The currency of a sum, in three letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "IDR")]
    pub currency: Option<String>,
}

/// Whether a text may be a field's key, or the name of a kind: a small letter, then small letters, digits and `_`.
pub fn is_key(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && text.len() <= 40
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_a_program_can_write() {
        for key in ["permit", "expires_on", "a1"] {
            assert!(is_key(key), "{key}");
        }
        for text in ["", "1a", "Permit", "expires on", "_x", "a-b", &"a".repeat(41)] {
            assert!(!is_key(text), "{text}");
        }
    }
}
