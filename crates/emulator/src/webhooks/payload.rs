//! The POST body of webhooks: envelope, batching and Meta's escapes.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::world::Update;

#[derive(Serialize)]
struct Envelope<'a> {
    object: &'static str,
    entry: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    changes: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    value: &'a RawValue,
    field: &'a str,
}

/// One body for these updates; neighbours of one messaging account share an entry.
pub fn body<'a>(updates: impl IntoIterator<Item = &'a Update>, escaped: bool) -> String {
    let mut entry: Vec<Entry<'a>> = Vec::new();
    for update in updates {
        let change = Change { value: &update.value, field: &update.field };
        match entry.last_mut() {
            Some(last) if last.id == update.entry_id && last.time == update.time => last.changes.push(change),
            _ => entry.push(Entry { id: &update.entry_id, time: update.time, changes: vec![change] }),
        }
    }
    let json = serde_json::to_string(&Envelope { object: "whatsapp_business_account", entry })
        .expect("an envelope serialises to JSON");
    if escaped { escape(&json) } else { json }
}

/// JSON as Meta writes it: non-ASCII as `\uXXXX`, `/` as `\/`. Both occur inside strings alone.
pub fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 8);
    let mut units = [0_u16; 2];
    for character in json.chars() {
        match character {
            '/' => out.push_str("\\/"),
            ascii if ascii.is_ascii() => out.push(ascii),
            other => {
                for unit in other.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_survive_parsing() {
        let text = serde_json::json!({"a": "äöå / 👍 \"quoted\" \\ \n"}).to_string();
        let escaped = escape(&text);
        assert!(escaped.is_ascii());
        assert!(escaped.contains(r"\u00e4\u00f6\u00e5 \/ \ud83d\udc4d"));
        let (before, after): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(&text).unwrap(), serde_json::from_str(&escaped).unwrap());
        assert_eq!(before, after);
    }
}
