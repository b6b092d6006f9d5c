//! Field selection: `?fields=a,b{c}` on nodes and lists.

use serde_json::{Map, Value};

use super::error::Answer;
use super::refusals;

/// A field asked for, and what of it.
#[derive(Debug, Default)]
struct Wanted {
    name: String,
    inside: Vec<Wanted>,
}

/// Reads `a,b{c,d},e.limit(5)`. Modifiers after a point are taken and left aside.
fn parse(fields: &str) -> Vec<Wanted> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, character) in fields.char_indices() {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&fields[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&fields[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(one).collect()
}

fn one(part: &str) -> Wanted {
    let (head, inside) = match part.split_once('{') {
        Some((head, rest)) => (head, parse(rest.trim_end().strip_suffix('}').unwrap_or(rest))),
        None => (part, Vec::new()),
    };
    Wanted { name: head.split('.').next().unwrap_or(head).trim().to_owned(), inside }
}

/// Keeps what `b{c,d}` asks for inside a value; lists and edges are narrowed item by item.
fn narrowed(value: &Value, inside: &[Wanted]) -> Value {
    if inside.is_empty() {
        return value.clone();
    }
    match value {
        Value::Array(items) => items.iter().map(|item| narrowed(item, inside)).collect(),
        Value::Object(map) if map.get("data").is_some_and(Value::is_array) => {
            let mut edge = map.clone();
            edge.insert("data".into(), narrowed(&map["data"], inside));
            Value::Object(edge)
        }
        Value::Object(map) => {
            let mut kept = Map::new();
            for (name, value) in map {
                if let Some(wanted) = inside.iter().find(|wanted| wanted.name == *name) {
                    kept.insert(name.clone(), narrowed(value, &wanted.inside));
                } else if name == "id" {
                    kept.insert(name.clone(), value.clone());
                }
            }
            Value::Object(kept)
        }
        other => other.clone(),
    }
}

/// Picks the fields asked for, and the id; without `fields`, the default ones. A field that is known but unset
/// (`null`) is left out; one that is not known is an error, as Meta gives it.
pub fn select(
    node: &Map<String, Value>,
    kind: &str,
    fields: Option<&str>,
    default: &[&str],
) -> Answer<Value> {
    let plain = |name: &str| Wanted { name: name.to_owned(), inside: Vec::new() };
    let wanted = match fields.map(parse) {
        Some(wanted) if !wanted.is_empty() => wanted,
        _ => default.iter().map(|name| plain(name)).collect(),
    };
    let mut picked = Map::new();
    for Wanted { name, inside } in wanted.into_iter().chain([plain("id")]) {
        match node.get(&name) {
            None => return Err(refusals::nonexisting_field(&name, kind)),
            Some(Value::Null) => {}
            Some(value) => {
                picked.insert(name, narrowed(value, &inside));
            }
        }
    }
    Ok(Value::Object(picked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn picks_what_is_asked_for() {
        let node = json!({"id": "1", "name": "a", "owner": {"id": "2"}, "unset": null,
            "parts": {"data": [{"id": "3", "size": 4, "weight": 5}]}});
        let node = node.as_object().unwrap();
        let picked = select(node, "Thing", Some("owner{id,name},unset"), &[]).unwrap();
        assert_eq!(picked, json!({"id": "1", "owner": {"id": "2"}}));
        assert_eq!(select(node, "Thing", None, &["name"]).unwrap(), json!({"id": "1", "name": "a"}));
        let nested = select(node, "Thing", Some("owner{name}, parts.limit(3){size}"), &[]).unwrap();
        assert_eq!(
            nested,
            json!({"id": "1", "owner": {"id": "2"}, "parts": {"data": [{"id": "3", "size": 4}]}})
        );
        let error = select(node, "Thing", Some("colour"), &[]).unwrap_err();
        assert_eq!(error.message, "(#100) Tried accessing nonexisting field (colour) on node type (Thing)");
    }
}
