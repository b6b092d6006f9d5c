//! What may be said of a contact, wherever it is said: by hand, by a program or in a file.

/// Whether this is an e-mail address that letters may go to.
pub(crate) fn is_email(email: &str) -> bool {
    email.len() <= 254 && garde::rules::email::parse_email(email).is_ok()
}

/// Whether this is the tag of a language (BCP 47).
pub(crate) fn is_language_tag(language: &str) -> bool {
    let mut parts = language.split(['-', '_']);
    let first = parts.next().is_some_and(|part| {
        (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    first && language.len() <= 20 && parts.all(|part| part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether there is such a time zone (IANA).
pub(crate) fn is_timezone(timezone: &str) -> bool {
    jiff::tz::TimeZone::get(timezone).is_ok()
}
