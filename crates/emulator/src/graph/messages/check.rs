//! Small checks of JSON parameters, with Meta's texts.

use serde_json::Value;

use super::super::error::{Answer, GraphError};

/// A text of `min..=max` characters at `object[key]`; `place` is how the error names it.
pub fn text<'a>(object: &'a Value, key: &str, place: &str, min: usize, max: usize) -> Answer<&'a str> {
    match object.get(key) {
        None | Some(Value::Null) => Err(GraphError::missing(place)),
        Some(Value::String(text)) => {
            let length = text.chars().count();
            if length < min {
                return Err(GraphError::parameter(format!(
                    "Param {place} must be at least {min} characters long."
                )));
            }
            if length > max {
                return Err(GraphError::parameter(format!(
                    "Param {place} must be at most {max} characters long."
                )));
            }
            Ok(text)
        }
        Some(_) => Err(GraphError::parameter(format!("Param {place} must be a string."))),
    }
}

/// An optional text of at most `max` characters.
pub fn optional_text(object: &Value, key: &str, max: usize) -> Answer<Option<String>> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => text(object, key, key, 0, max).map(|text| Some(text.to_owned())),
    }
}

/// The object at `object[key]`.
pub fn object<'a>(object: &'a Value, key: &str, place: &str) -> Answer<&'a Value> {
    match object.get(key) {
        None | Some(Value::Null) => Err(GraphError::missing(place)),
        Some(found) if found.is_object() => Ok(found),
        Some(_) => Err(GraphError::parameter(format!("Param {place} must be a JSON object."))),
    }
}

/// The list at `object[key]`, of `min..=max` items; `what` names the items in the error.
pub fn list<'a>(object: &'a Value, key: &str, what: &str, min: usize, max: usize) -> Answer<&'a [Value]> {
    let list = object.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if (min..=max).contains(&list.len()) {
        return Ok(list);
    }
    Err(GraphError::value(format!(
        "Invalid {what} count. Min allowed {what}: {min}, Max allowed {what}: {max}"
    )))
}

/// A number, written as a number or as text.
pub fn number(object: &Value, key: &str, place: &str) -> Answer<f64> {
    let value = object.get(key).ok_or_else(|| GraphError::missing(place))?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number
        .filter(|number| number.is_finite())
        .ok_or_else(|| GraphError::parameter(format!("Param {place} must be a number.")))
}

/// Fails unless all texts differ.
pub fn unique<'a>(texts: impl Iterator<Item = &'a str>, what: &str) -> Answer<()> {
    let mut seen = std::collections::HashSet::new();
    for text in texts {
        if !seen.insert(text) {
            return Err(GraphError::value(format!("{what} must be unique.")));
        }
    }
    Ok(())
}
