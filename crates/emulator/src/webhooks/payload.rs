//! The POST body of webhooks: envelope, batching and Meta's escapes.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::value::RawValue;

use super::account_events::EnvelopeForm;
use crate::world::Update;

const OBJECT: &str = "whatsapp_business_account";

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'static str>,
    entry: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: Id<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<i64>,
    changes: Vec<Change<'a>>,
    /// Only in the misplaced form.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// Only in the misplaced form.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'static str>,
}

#[derive(Serialize, PartialEq)]
#[serde(untagged)]
enum Id<'a> {
    Text(&'a str),
    Number(u64),
}

#[derive(Serialize)]
struct Change<'a> {
    value: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// One body for these updates; neighbours of one messaging account share an entry. Odd forms have entries of
/// their own.
pub fn body<'a>(updates: impl IntoIterator<Item = &'a Update>, escaped: bool) -> String {
    let mut entry: Vec<Entry<'a>> = Vec::new();
    let mut object = None;
    for update in updates {
        let form = update.form;
        let displaced = matches!(form, EnvelopeForm::Misplaced | EnvelopeForm::MisplacedInValue);
        let change = || Change { value: &update.value, field: (!displaced).then_some(update.field.as_str()) };
        let id = match update.entry_id.parse() {
            Ok(number) if form == EnvelopeForm::NumericIds => Id::Number(number),
            _ => Id::Text(&update.entry_id),
        };
        if !displaced {
            object = Some(OBJECT);
        }
        match entry.last_mut() {
            Some(last) if form == EnvelopeForm::Regular && last.id == id && last.time == update.time => {
                last.changes.push(change());
            }
            _ => {
                let outside = (form == EnvelopeForm::Misplaced).then_some(update.field.as_str());
                for _ in 0..if form == EnvelopeForm::TwoEntries { 2 } else { 1 } {
                    entry.push(Entry {
                        id: Id::Text(&update.entry_id),
                        time: update.time,
                        changes: vec![change()],
                        field: outside,
                        object: outside.map(|_| OBJECT),
                    });
                }
                if let Some(last) = entry.last_mut() {
                    last.id = id;
                }
            }
        }
    }
    let json = serde_json::to_string(&Envelope { object, entry }).expect("an envelope serialises to JSON");
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
    use serde_json::{Value, json, value::to_raw_value};

    fn written(form: EnvelopeForm) -> Value {
        let update = Update {
            app_id: "1".into(),
            entry_id: "900".into(),
            account_id: None,
            number_id: None,
            time: Some(5),
            field: "account_update".into(),
            value: to_raw_value(&json!({"event": "X"})).unwrap(),
            form,
            attempts: 0,
            since: 0,
        };
        serde_json::from_str(&body([&update], true)).unwrap()
    }

    #[test]
    fn odd_envelopes_are_odd_in_the_documented_way() {
        let change = json!({"field": "account_update", "value": {"event": "X"}});
        let entry = json!({"id": "900", "time": 5, "changes": [change]});
        assert_eq!(
            written(EnvelopeForm::Regular),
            json!({"object": "whatsapp_business_account", "entry": [entry]})
        );
        assert_eq!(written(EnvelopeForm::TwoEntries)["entry"], json!([entry, entry]));
        assert_eq!(written(EnvelopeForm::NumericIds)["entry"][0]["id"], 900);
        assert_eq!(
            written(EnvelopeForm::Misplaced),
            json!({"entry": [{"id": "900", "time": 5, "changes": [{"value": {"event": "X"}}],
                              "field": "account_update", "object": "whatsapp_business_account"}]})
        );
        assert_eq!(
            written(EnvelopeForm::MisplacedInValue),
            json!({"entry": [{"id": "900", "time": 5, "changes": [{"value": {"event": "X"}}]}]})
        );
    }

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
