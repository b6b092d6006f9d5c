//! Whatever happens to a webhook body on its way, splitting it neither panics nor loses an update.

use std::path::Path;

use meta::webhook;
use proptest::prelude::*;
use serde_json::{Value, json};

fn bodies() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/webhooks");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn body() -> impl Strategy<Value = String> {
    prop::sample::select(bodies())
}

/// Anything JSON can be, a few layers deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Reads an arbitrary body to the end, as the product would.
fn read_all(body: &[u8]) {
    for update in webhook::split(body).unwrap_or_default() {
        let _ = update.event();
        let stored = update.alone();
        let again = webhook::one(&stored).expect("what is stored alone is one update");
        assert_eq!((again.kind, again.key), (update.kind, update.key));
    }
}

/// Every value in a body, by the pointer that leads to it.
fn pointers(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{i}"), into);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, format!("{at}/{name}"), into);
            }
        }
        _ => {}
    }
    into.push(at);
}

fn message(id: &str) -> Value {
    json!({"from": "491700000001", "id": id, "timestamp": "1795165200", "type": "text", "text": {"body": "x"}})
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        read_all(&bytes);
    }

    #[test]
    fn broken_bodies_never_panic(body in body(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = body.into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        read_all(&bytes);
    }

    #[test]
    fn one_changed_value_spoils_only_its_own_update(
        body in body(),
        at in any::<prop::sample::Index>(),
        other in any_json(),
    ) {
        let mut value: Value = serde_json::from_str(&body).unwrap();
        // A healthy neighbour in an entry of its own.
        let neighbour = json!({"id": "42", "changes": [{"field": "messages", "value": {
            "metadata": {"phone_number_id": "43"}, "messages": [message("wamid.neighbour")]}}]});
        let entries = value["entry"].as_array_mut().unwrap();
        let mut places = Vec::new();
        for (i, entry) in entries.iter().enumerate() {
            pointers(entry, format!("/entry/{i}"), &mut places);
        }
        entries.push(neighbour);
        if !places.is_empty() {
            *value.pointer_mut(&places[at.index(places.len())]).unwrap() = other;
        }
        let bytes = serde_json::to_vec(&value).unwrap();
        read_all(&bytes);
        let updates = webhook::split(&bytes).unwrap();
        prop_assert!(value["object"] == "page" || updates.iter().any(|u| u.message_id.as_deref() == Some("wamid.neighbour")));
    }

    #[test]
    fn no_message_of_a_batch_is_lost(
        sizes in prop::collection::vec(prop::collection::vec(0usize..6, 1..4), 1..4),
        junk in prop::collection::vec(any_json(), 0..3),
    ) {
        let mut count = 0;
        let entries: Vec<Value> = sizes.iter().enumerate().map(|(i, changes)| {
            let changes: Vec<Value> = changes.iter().map(|size| {
                let mut messages: Vec<Value> = (0..*size).map(|_| { count += 1; message(&format!("wamid.{count}")) }).collect();
                messages.extend(junk.iter().filter(|junk| !junk.is_object()).cloned());
                json!({"field": "messages", "value": {"metadata": {"phone_number_id": i.to_string()}, "messages": messages}})
            }).collect();
            json!({"id": i.to_string(), "changes": changes})
        }).collect();
        let body = serde_json::to_vec(&json!({"object": "whatsapp_business_account", "entry": entries})).unwrap();
        let updates = webhook::split(&body).unwrap();
        for id in 1..=count {
            let id = format!("wamid.{id}");
            prop_assert_eq!(updates.iter().filter(|u| u.message_id.as_deref() == Some(&id)).count(), 1);
        }
    }
}
