//! Cursor paging of lists.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::error::{Answer, GraphError};
use super::params::Params;
use crate::platform::Platform;

const DEFAULT_LIMIT: usize = 25;
const PREFIX: &str = "QVFI";

fn cursor(position: usize) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(position.to_string()))
}

fn position(cursor: &str) -> Answer<usize> {
    let decoded = cursor.strip_prefix(PREFIX).and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok());
    let number = decoded.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
    number.ok_or_else(|| GraphError::cloud(131059, "Invalid cursor", "The cursor is not valid."))
}

/// One page of `rows` by `limit`, `after` and `before`. `path` is the list's own path after the version, e.g.
/// `/123/message_templates`; Meta's `next` link carries version and path.
pub fn page(
    platform: &Platform,
    version: u32,
    path: &str,
    params: &Params,
    rows: Vec<Value>,
) -> Answer<Value> {
    let limit = params.text("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_LIMIT).max(1);
    let start = match (params.text("after"), params.text("before")) {
        (Some(after), _) if !after.is_empty() => position(&after)? + 1,
        (_, Some(before)) if !before.is_empty() => position(&before)?.saturating_sub(limit),
        _ => 0,
    };
    let total = rows.len();
    let data: Vec<Value> = rows.into_iter().skip(start).take(limit).collect();
    if data.is_empty() {
        return Ok(json!({"data": data}));
    }
    let last = start + data.len() - 1;
    let mut paging = json!({"cursors": {"before": cursor(start), "after": cursor(last)}});
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string());
    for name in params.0.keys().filter(|name| !["limit", "after", "before"].contains(&name.as_str())) {
        query.append_pair(name, &params.text(name).unwrap_or_default());
    }
    let base = format!("{}/v{version}.0{path}?{}", platform.public_url(), query.finish());
    if last + 1 < total {
        paging["next"] = format!("{base}&after={}", cursor(last)).into();
    }
    if start > 0 {
        paging["previous"] = format!("{base}&before={}", cursor(start)).into();
    }
    Ok(json!({"data": data, "paging": paging}))
}
