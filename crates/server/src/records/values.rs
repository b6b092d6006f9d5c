//! What stands in a record, read by the fields of its kind.

use std::collections::BTreeMap;

use rules::day::Day;
use rules::record::{Field, FieldKind};
use serde_json::{Map, Value};

use crate::http::problem::FieldError;

/// The most bytes of a record's data, as JSON.
const MOST_BYTES: usize = 16 << 10;
/// The most fields of a record.
const MOST_FIELDS: usize = 100;

/// The days in a record, and everything else.
pub(super) type Values = (BTreeMap<String, Day>, Value);

/// Reads what was given for a record. Fields that the kind does not name are kept as they are.
pub(super) fn read(fields: &[Field], given: Map<String, Value>) -> Result<Values, Vec<FieldError>> {
    let wrong = |field: &str, message: String| FieldError::new(format!("data.{field}"), message);
    let mut errors = Vec::new();
    if given.len() > MOST_FIELDS {
        errors.push(wrong("", format!("has more than {MOST_FIELDS} fields")));
    }
    let (mut dates, mut data) = (BTreeMap::new(), Map::new());
    for (key, value) in given {
        if value.is_null() {
            continue;
        }
        let Some(field) = fields.iter().find(|field| field.key == key) else {
            data.insert(key, value);
            continue;
        };
        match field.kind {
            FieldKind::Date => match value.as_str().unwrap_or_default().trim().parse::<Day>() {
                Ok(day) => {
                    dates.insert(key, day);
                }
                Err(error) => {
                    errors.push(wrong(&key, error.to_string()).indonesian(expected(FieldKind::Date).1))
                }
            },
            kind if fits(kind, &value) => {
                data.insert(key, value);
            }
            kind => {
                let (message, indonesian) = expected(kind);
                errors.push(wrong(&key, message.to_owned()).indonesian(indonesian));
            }
        }
    }
    let data = Value::Object(data);
    if data.to_string().len() > MOST_BYTES {
        errors.push(FieldError::new("data", format!("is larger than {} kB", MOST_BYTES >> 10)));
    }
    if errors.is_empty() { Ok((dates, data)) } else { Err(errors) }
}

fn fits(kind: FieldKind, value: &Value) -> bool {
    match kind {
        FieldKind::Text | FieldKind::Date => value.is_string(),
        FieldKind::Number | FieldKind::Money => value.is_number(),
        FieldKind::Flag => value.is_boolean(),
    }
}

/// What is wrong with a value that is none of its kind, in English and Indonesian.
fn expected(kind: FieldKind) -> (&'static str, &'static str) {
    match kind {
        FieldKind::Text => ("is not text", "bukan teks"),
        FieldKind::Number | FieldKind::Money => ("is not a number", "bukan angka"),
        FieldKind::Date => ("is not a day such as 2026-12-21", "bukan tanggal seperti 2026-12-21"),
        FieldKind::Flag => ("is neither true nor false", "bukan ya atau tidak"),
    }
}

/// Text of a table or of another system as a value of this kind; empty text is none. `None`: it does not read as one.
pub(crate) fn of_text(kind: FieldKind, text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Value::Null);
    }
    match kind {
        FieldKind::Text => Some(text.into()),
        FieldKind::Number | FieldKind::Money => number(text),
        // Spreadsheets and other systems put a time behind a day.
        FieldKind::Date => text.get(..10).filter(|day| day.parse::<Day>().is_ok()).map(Value::from),
        FieldKind::Flag => match text.to_lowercase().as_str() {
            "true" | "yes" | "ya" | "1" => Some(true.into()),
            "false" | "no" | "tidak" | "0" => Some(false.into()),
            _ => None,
        },
    }
}

/// A number with the signs of whichever country: what stands last and has other than three digits behind it parts whole
/// and part.
fn number(text: &str) -> Option<Value> {
    let bare: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    let bare = bare.strip_prefix("Rp").unwrap_or(&bare);
    let signs = bare.matches(['.', ',']).count();
    let (whole, part) = match bare.rfind(['.', ',']) {
        Some(at) if bare.len() - at - 1 != 3 || (signs == 1 && bare.starts_with("0")) => {
            (&bare[..at], &bare[at + 1..])
        }
        _ => (bare, ""),
    };
    let whole = whole.replace(['.', ','], "");
    if part.is_empty() {
        return whole.parse::<i64>().ok().map(Value::from);
    }
    let number: f64 = format!("{whole}.{part}").parse().ok()?;
    serde_json::Number::from_f64(number).map(Value::from)
}

/// The days and the rest of a record, together again.
pub(crate) fn together(dates: &BTreeMap<String, Day>, data: &Value) -> Map<String, Value> {
    let mut whole = data.as_object().cloned().unwrap_or_default();
    whole.extend(dates.iter().map(|(field, day)| (field.clone(), day.to_string().into())));
    whole
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(key: &str, kind: FieldKind) -> Field {
        Field { key: key.into(), label: key.into(), kind, currency: None }
    }

    #[test]
    fn days_part_from_the_rest_and_come_together_again() {
        let fields = [field("expires_on", FieldKind::Date), field("fee", FieldKind::Money)];
        let given = json!({ "expires_on": "2026-12-21", "fee": 250_000, "note": ["as it is"], "gone": null });
        let (dates, data) = read(&fields, given.as_object().unwrap().clone()).unwrap();
        assert_eq!(dates["expires_on"].to_string(), "2026-12-21");
        assert_eq!(data, json!({ "fee": 250_000, "note": ["as it is"] }));
        assert_eq!(together(&dates, &data)["expires_on"], "2026-12-21");
    }

    #[test]
    fn every_wrong_field_is_named() {
        let fields = [field("expires_on", FieldKind::Date), field("fee", FieldKind::Money)];
        let given = json!({ "expires_on": "21/12/2026", "fee": "much", "long": "x".repeat(MOST_BYTES) });
        let errors = read(&fields, given.as_object().unwrap().clone()).unwrap_err();
        let named: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(named, ["data.expires_on", "data.fee", "data"]);
    }

    #[test]
    fn text_of_a_table_is_read_by_the_kind_of_its_field() {
        for (text, number) in [
            ("1250000", json!(1_250_000)),
            ("Rp 1.250.000", json!(1_250_000)),
            ("1,250,000.50", json!(1_250_000.5)),
            ("1.250.000,50", json!(1_250_000.5)),
            ("12,5", json!(12.5)),
            ("0.125", json!(0.125)),
            ("-3", json!(-3)),
            ("", Value::Null),
        ] {
            assert_eq!(of_text(FieldKind::Money, text), Some(number), "{text}");
        }
        assert_eq!(of_text(FieldKind::Number, "twelve"), None);
        assert_eq!(of_text(FieldKind::Date, "2026-12-21 00:00:00"), Some(json!("2026-12-21")));
        assert_eq!(of_text(FieldKind::Date, "21/12/2026"), None);
        assert_eq!(of_text(FieldKind::Flag, "Ya"), Some(json!(true)));
    }
}
