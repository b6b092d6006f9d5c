//! Takes secrets out of what is told.

use serde_json::Value;

/// Names whose values are never kept.
const SECRET: &[&str] = &[
    "access_token",
    "input_token",
    "client_secret",
    "appsecret_proof",
    "fb_exchange_token",
    "revoke_token",
    "code",
    "pin",
    "verify_token",
    "secret",
];

/// Takes the values of secret names out, at every depth. Error codes are numbers, secrets are texts.
pub(super) fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if field.is_string() && SECRET.contains(&name.as_str()) {
                    *field = "…".into()
                } else {
                    redact(field)
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

/// The query without the values of secret names.
pub(super) fn redacted_query(query: &str) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        out.append_pair(&name, if SECRET.contains(&name.as_ref()) { "…" } else { &value });
    }
    out.finish()
}
