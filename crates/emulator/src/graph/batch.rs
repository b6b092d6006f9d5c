//! Several calls in one: `POST /` with `batch`, and `GET /?ids=…` (meta-onboarding 6.2).
//!
//! Every part is a call of its own over HTTP, so it passes the gate, its faults and its limits like any other.

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::caller::presented;
use super::error::{Answer, GraphError};
use super::gate::Version;
use super::params::Params;
use crate::platform::Platform;

/// The most parts of a batch.
const MOST: usize = 50;

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/", post(batch).get(nodes))
}

#[derive(Deserialize)]
struct Part {
    method: String,
    relative_url: String,
    #[serde(default)]
    body: Option<String>,
}

/// `POST /` with `batch=[{"method","relative_url","body"}]`: a list of `{"code","headers","body"}`.
async fn batch(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    parts: Parts,
    params: Params,
) -> Answer {
    let token = presented(&parts).ok_or_else(GraphError::no_token)?;
    let listed = params.json("batch").and_then(|list| serde_json::from_value::<Vec<Part>>(list).ok());
    let listed = listed.ok_or_else(|| GraphError::parameter("Param batch must be an array."))?;
    if listed.len() > MOST {
        return Err(GraphError::parameter(format!(
            "Too many requests in batch message. Maximum batch size is {MOST}"
        )));
    }
    let headers = params.text("include_headers").as_deref() != Some("false");
    let mut answers = Vec::new();
    for part in listed {
        let method = Method::from_bytes(part.method.as_bytes())
            .map_err(|_| GraphError::parameter("Param batch names a method that does not exist."))?;
        let (status, given, body) =
            call(&platform, version, method, &part.relative_url, &token, part.body).await?;
        let mut answer = json!({ "code": status.as_u16(), "body": body });
        if headers {
            answer["headers"] = given;
        }
        answers.push(answer);
    }
    Ok(Json(Value::Array(answers)))
}

/// `GET /?ids=1,2,3&fields=…`: nodes by their ids. The first that fails fails the whole.
async fn nodes(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    parts: Parts,
    params: Params,
) -> Answer {
    let token = presented(&parts).ok_or_else(GraphError::no_token)?;
    let ids = params.required("ids")?;
    // Not held over the calls: the serialiser cannot change threads.
    let fields = params.text("fields").map(|fields| {
        url::form_urlencoded::Serializer::new(String::new()).append_pair("fields", &fields).finish()
    });
    let mut found = Map::new();
    for id in ids.split(',').map(str::trim) {
        let path = format!("{id}?{}", fields.as_deref().unwrap_or_default());
        let (status, _, body) = call(&platform, version, Method::GET, &path, &token, None).await?;
        let node: Value = serde_json::from_str(&body).unwrap_or_default();
        if status != StatusCode::OK {
            let text = node["error"]["message"].as_str().unwrap_or_default();
            let mut error =
                GraphError::core(status.as_u16(), node["error"]["code"].as_i64().unwrap_or(1), text);
            error.subcode = node["error"]["error_subcode"].as_i64();
            return Err(error);
        }
        found.insert(id.to_owned(), node);
    }
    Ok(Json(Value::Object(found)))
}

/// One part, called over HTTP. A path without a version gets the batch's own.
async fn call(
    platform: &Platform,
    version: Version,
    method: Method,
    path: &str,
    token: &str,
    body: Option<String>,
) -> Answer<(StatusCode, Value, String)> {
    let path = path.trim_start_matches('/');
    let versioned = path.split('/').next().is_some_and(|head| head.starts_with('v') && head.ends_with(".0"));
    let prefix = if versioned { String::new() } else { format!("v{}.0/", version.0) };
    let mut call = platform.http().request(method, format!("{}/{prefix}{path}", platform.public_url()));
    call = call.bearer_auth(token);
    if let Some(body) = body {
        call = call.header("content-type", "application/x-www-form-urlencoded").body(body);
    }
    let lost = |_| GraphError::core(503, 2, "Service temporarily unavailable");
    let answer = call.send().await.map_err(lost)?;
    let status = answer.status();
    let headers = answer
        .headers()
        .iter()
        .filter_map(|(name, value)| Some(json!({ "name": name.as_str(), "value": value.to_str().ok()? })))
        .collect();
    Ok((status, headers, answer.text().await.map_err(lost)?))
}
