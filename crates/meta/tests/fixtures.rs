//! Every shape of webhook that Meta documents, or that others have seen, is accepted and represented.

use std::collections::BTreeMap;
use std::path::Path;

use meta::webhook::{self, Event, Kind, Update};
use serde::Serialize;

/// The fixtures by name.
fn fixtures() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/webhooks");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// What a snapshot shows of an update.
#[derive(Serialize)]
struct Seen<'u> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'u str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry_id: Option<&'u str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waba_id: Option<&'u str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number_id: Option<&'u str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_digits: Option<&'u str>,
    #[serde(flatten)]
    event: Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl<'u> Seen<'u> {
    fn of(update: &'u Update<'_>) -> Self {
        let event = update.event();
        Self {
            kind: update.kind.name(),
            field: update.field.as_deref(),
            entry_id: update.entry_id.as_deref(),
            entry_time: update.entry_time,
            waba_id: update.waba_id.as_deref(),
            phone_number_id: update.phone_number_id.as_deref(),
            number_digits: update.number_digits.as_deref(),
            text: match &event {
                Event::Message(message) => message.text().map(Into::into),
                _ => None,
            },
            event,
        }
    }
}

#[test]
fn every_fixture_is_represented() {
    let fixtures = fixtures();
    let seen: BTreeMap<_, Vec<_>> = fixtures
        .iter()
        .map(|(name, body)| {
            let updates = webhook::split(body.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, updates.iter().map(|update| serde_json::to_value(Seen::of(update)).unwrap()).collect())
        })
        .collect();
    insta::with_settings!({sort_maps => true}, { insta::assert_json_snapshot!(seen) });
}

#[test]
fn every_kind_has_a_fixture() {
    let mut kinds = std::collections::HashSet::new();
    for body in fixtures().values() {
        kinds.extend(webhook::split(body.as_bytes()).unwrap().iter().map(|update| update.kind));
    }
    for kind in Kind::ALL {
        assert!(kinds.contains(kind), "no fixture shows {kind}");
    }
}

#[test]
fn an_update_stored_alone_reads_the_same() {
    for (name, body) in fixtures() {
        for update in webhook::split(body.as_bytes()).unwrap() {
            let stored = update.alone();
            let again = webhook::one(&stored).unwrap_or_else(|| panic!("{name}: {stored}"));
            assert_eq!(again.kind, update.kind, "{name}");
            assert_eq!(again.key, update.key, "{name}");
            assert_eq!(again.entry_id, update.entry_id, "{name}");
            assert_eq!(again.phone_number_id, update.phone_number_id, "{name}");
            assert_eq!(again.waba_id, update.waba_id, "{name}");
            assert_eq!(
                serde_json::to_value(again.event()).unwrap(),
                serde_json::to_value(update.event()).unwrap()
            );
            assert_eq!(again.alone(), stored, "{name}");
        }
    }
}

#[test]
fn escaping_changes_nothing() {
    for (name, body) in fixtures() {
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        let escaped = escape(&serde_json::to_string(&value).unwrap());
        let (plain, escaped) =
            (webhook::split(body.as_bytes()).unwrap(), webhook::split(escaped.as_bytes()).unwrap());
        assert_eq!(plain.len(), escaped.len(), "{name}");
        for (plain, escaped) in plain.iter().zip(&escaped) {
            assert_eq!(plain.event(), escaped.event(), "{name}");
        }
    }
}

/// The form in which Meta sends a body: slashes and everything beyond ASCII escaped.
fn escape(json: &str) -> String {
    let mut units = [0; 2];
    json.chars()
        .map(|c| match c {
            '/' => r"\/".to_owned(),
            c if c.is_ascii() => c.to_string(),
            c => c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        })
        .collect()
}

#[test]
fn keys_tell_updates_apart() {
    let mut keys = BTreeMap::new();
    for (name, body) in fixtures() {
        for update in webhook::split(body.as_bytes()).unwrap() {
            let json: serde_json::Value = serde_json::from_str(update.json()).unwrap();
            let place = (update.entry_id.clone().map(|id| id.into_owned()), update.entry_time);
            keys.entry(update.key).or_insert_with(Vec::new).push((name.clone(), place, json));
        }
    }
    for same in keys.values().filter(|same| same.len() > 1) {
        let (name, ..) = &same[0];
        // The one message whose fate many fixtures tell has one key per state.
        assert!(
            name.starts_with("status_") || name.starts_with("batch_"),
            "different updates share a key: {:?}",
            same.iter().map(|(name, ..)| name).collect::<Vec<_>>()
        );
    }
}
