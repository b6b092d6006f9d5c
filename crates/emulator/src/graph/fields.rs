//! Field selection: `?fields=a,b{c}` on nodes and lists.

use serde_json::{Map, Value};

use super::error::{Answer, GraphError};

/// The names asked for, at the top level: `a,b{c,d}` is `a` and `b`.
fn names(fields: &str) -> Vec<String> {
    let (mut names, mut depth, mut name) = (Vec::new(), 0_u32, String::new());
    for character in fields.chars() {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            other if depth == 0 => name.push(other),
            _ => {}
        }
    }
    names.push(name);
    // `edge.limit(5)` asks for `edge`.
    names
        .iter()
        .map(|name| name.trim().split('.').next().unwrap_or_default().to_owned())
        .filter(|n| !n.is_empty())
        .collect()
}

/// Picks the fields asked for, and the id; without `fields`, the default ones. A field that is known but unset
/// (`null`) is left out; one that is not known is an error, as Meta gives it.
pub fn select(
    node: &Map<String, Value>,
    kind: &str,
    fields: Option<&str>,
    default: &[&str],
) -> Answer<Value> {
    let wanted = fields.map_or_else(|| default.iter().map(|name| (*name).to_owned()).collect(), names);
    let mut picked = Map::new();
    for name in wanted.into_iter().chain(["id".to_owned()]) {
        match node.get(&name) {
            None => {
                return Err(GraphError::parameter(format!(
                    "Tried accessing nonexisting field ({name}) on node type ({kind})"
                )));
            }
            Some(Value::Null) => {}
            Some(value) => {
                picked.insert(name, value.clone());
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
        let node = json!({"id": "1", "name": "a", "owner": {"id": "2"}, "unset": null});
        let node = node.as_object().unwrap();
        let picked = select(node, "Thing", Some("owner{id,name},unset"), &[]).unwrap();
        assert_eq!(picked, json!({"id": "1", "owner": {"id": "2"}}));
        assert_eq!(select(node, "Thing", None, &["name"]).unwrap(), json!({"id": "1", "name": "a"}));
        let error = select(node, "Thing", Some("colour"), &[]).unwrap_err();
        assert_eq!(error.message, "(#100) Tried accessing nonexisting field (colour) on node type (Thing)");
    }
}
