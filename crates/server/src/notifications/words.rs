//! Values as people write them, in their language: days, sums, numbers.

use rules::day::Day;
use rules::record::{Field, FieldKind};
use serde_json::Value;

const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const INDONESIAN: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// Currencies that are written without parts.
const WHOLE: &[&str] = &["IDR", "JPY", "KRW", "VND", "CLP"];

/// A day: `21 Desember 2026`, `21 December 2026`; in other languages as ISO 8601 writes it, which everybody reads alike.
pub(crate) fn day(day: Day, language: &str) -> String {
    let date = day.date();
    let month = usize::try_from(date.month()).unwrap_or(1).saturating_sub(1);
    let months = match base(language) {
        "id" => INDONESIAN,
        "en" => ENGLISH,
        _ => return day.to_string(),
    };
    format!("{} {} {}", date.day(), months[month], date.year())
}

/// A value of a record, by the kind of its field. Empty: there is nothing to say.
pub(super) fn value(field: Option<&Field>, value: &Value, language: &str) -> String {
    match (field.map(|field| field.kind), value) {
        (Some(FieldKind::Date), Value::String(text)) => {
            text.parse().map_or_else(|_| text.clone(), |day_| day(day_, language))
        }
        (Some(FieldKind::Money), Value::Number(sum)) => {
            money(sum, field.and_then(|field| field.currency.as_deref()), language)
        }
        (_, Value::Number(number)) => grouped(number, 2, language),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Bool(true)) => if base(language) == "id" { "ya" } else { "yes" }.to_owned(),
        (_, Value::Bool(false)) => if base(language) == "id" { "tidak" } else { "no" }.to_owned(),
        (_, Value::Null | Value::Array(_) | Value::Object(_)) => String::new(),
    }
}

fn money(sum: &serde_json::Number, currency: Option<&str>, language: &str) -> String {
    let currency = currency.unwrap_or("IDR");
    let amount = if WHOLE.contains(&currency) {
        grouped(sum, 0, language)
    } else {
        with_parts(sum.as_f64().unwrap_or_default(), 2, language)
    };
    match (currency, base(language)) {
        ("IDR", "id") => format!("Rp{amount}"),
        ("USD", "en") => format!("${amount}"),
        (currency, _) => format!("{currency} {amount}"),
    }
}

/// A number with its thousands apart, and at most so many digits behind the whole.
fn grouped(number: &serde_json::Number, parts: usize, language: &str) -> String {
    match number.as_i64() {
        Some(whole) => thousands(&whole.unsigned_abs().to_string(), whole < 0, language),
        None => {
            let text = with_parts(number.as_f64().unwrap_or_default(), parts, language);
            if parts == 0 { text } else { text.trim_end_matches('0').trim_end_matches([',', '.']).to_owned() }
        }
    }
}

fn with_parts(number: f64, parts: usize, language: &str) -> String {
    let text = format!("{:.parts$}", number.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let whole = thousands(whole, number < 0.0, language);
    if part.is_empty() { whole } else { format!("{whole}{}{part}", signs(language).1) }
}

fn thousands(digits: &str, negative: bool, language: &str) -> String {
    let mut text = String::from(if negative { "-" } else { "" });
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(signs(language).0);
        }
        text.push(digit);
    }
    text
}

/// Between thousands, and between whole and part.
fn signs(language: &str) -> (char, char) {
    match base(language) {
        "en" | "zh" | "ja" | "ko" | "th" => (',', '.'),
        _ => ('.', ','),
    }
}

/// The language without its country.
pub(super) fn base(language: &str) -> &str {
    language.split(['_', '-']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(kind: FieldKind, currency: Option<&str>) -> Field {
        Field { key: "x".into(), label: "X".into(), kind, currency: currency.map(Into::into) }
    }

    #[test]
    fn days_and_sums_are_written_as_people_write_them() {
        let date = field(FieldKind::Date, None);
        for (language, text) in
            [("id", "21 Desember 2026"), ("en_US", "21 December 2026"), ("ar", "2026-12-21")]
        {
            assert_eq!(value(Some(&date), &json!("2026-12-21"), language), text);
        }
        for (currency, sum, language, text) in [
            ("IDR", json!(1_250_000), "id", "Rp1.250.000"),
            ("IDR", json!(1_250_000.4), "id", "Rp1.250.000"),
            ("IDR", json!(1_250_000), "en", "IDR 1,250,000"),
            ("USD", json!(1_250.5), "en_GB", "$1,250.50"),
            ("USD", json!(-999), "id", "USD -999,00"),
        ] {
            assert_eq!(value(Some(&field(FieldKind::Money, Some(currency))), &sum, language), text);
        }
        assert_eq!(value(Some(&field(FieldKind::Number, None)), &json!(1_234.5), "id"), "1.234,5");
        assert_eq!(value(None, &json!(true), "id"), "ya");
        assert_eq!(value(None, &json!(null), "id"), "");
    }
}
