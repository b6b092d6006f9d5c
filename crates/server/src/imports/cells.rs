//! Cells as people fill them: phone numbers, days, yes and no.

use jiff::civil::Date;
use rules::identity::Phone;

/// A phone number, of this country where it names none.
pub(super) fn phone(text: &str, country: &str) -> Option<Phone> {
    // Spreadsheets mark text with an apostrophe, and take the plus sign or the zero off numbers.
    let text = text.trim_start_matches('\'');
    let own = Phone::from_human(text, Some(country)).ok();
    let bare = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') && text.len() >= 12;
    let abroad = bare.then(|| Phone::from_human(text, None).ok()).flatten();
    abroad.or(own)
}

/// A day: `31/1/2025`, `31-01-2025`, `31.1.2025`, or as ISO 8601 writes it, with or without a time behind it.
pub(super) fn day(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse::<Date>() {
        return Some(date);
    }
    let mut parts = text.split(['/', '-', '.']).map(|part| part.trim().parse::<i16>().ok());
    let (day, month, year) = (parts.next()??, parts.next()??, parts.next()??);
    let small = |part| i8::try_from(part).ok();
    if parts.next().is_some() || year < 1000 {
        return None;
    }
    Date::new(year, small(month)?, small(day)?).ok()
}

/// As people write it in tables, in English and Indonesian.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "ya" | "true" | "1" | "setuju" | "opt_in" | "opt-in" | "opted_in" | "✓" | "x" => {
            Some(true)
        }
        "no" | "n" | "tidak" | "tdk" | "false" | "0" | "tidak setuju" | "opt_out" | "opt-out"
        | "opted_out" | "stop" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_as_spreadsheets_and_people_write_it() {
        let expected = Date::new(2026, 12, 21).ok();
        for text in [
            "21/12/2026",
            "21-12-2026",
            "21.12.2026",
            "2026-12-21",
            "2026-12-21T00:00:00",
            "2026-12-21 00:00:00",
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
        for text in ["12/21/2026", "21/12/26", "soon", ""] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
