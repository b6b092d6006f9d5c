//! Which parameters an operation takes in its query: those that the API document names, and no others.
//!
//! A filter that is misspelt and ignored answers with everything, which looks like an answer. So it is refused, here and
//! for every operation alike.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;
use url::form_urlencoded;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, PathItem, RefOr};

use super::problem::Problem;

/// Where others than our callers write the query. OpenID providers add parameters of their own, which a client must
/// ignore (RFC 6749, 4.1.2).
const OPEN: &[&str] = &["/api/v1/openid/callback"];

/// The parameters of every operation, by its path and method.
#[derive(Debug)]
pub struct Known(HashMap<(String, Method), Vec<String>>);

impl Known {
    /// As the document has them.
    pub fn of(document: &OpenApi) -> Arc<Self> {
        let paths = document.paths.paths.iter().filter(|(path, _)| !OPEN.contains(&path.as_str()));
        Arc::new(Self(
            paths
                .flat_map(|(path, item)| {
                    operations(item).map(|(method, operation)| ((path.clone(), method), names(operation)))
                })
                .collect(),
        ))
    }

    /// The first parameter of a query that an operation does not take, with those that it takes.
    fn stranger(&self, path: &str, method: &Method, query: &str) -> Option<(String, &[String])> {
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        let known = self.0.get(&(path.to_owned(), method))?;
        let given = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
        let stranger = given.into_iter().find(|name| !known.iter().any(|one| one == name))?;
        Some((stranger.chars().take(100).collect(), known))
    }
}

fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
        (Method::PATCH, &item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn names(operation: &Operation) -> Vec<String> {
    let all = operation.parameters.iter().flatten();
    all.filter_map(|one| match one {
        RefOr::T(one) if matches!(one.parameter_in, ParameterIn::Query) => Some(one.name.clone()),
        _ => None,
    })
    .collect()
}

/// Refuses a request with a parameter that its operation does not take.
pub async fn known_only(
    State(known): State<Arc<Known>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let query = request.uri().query().unwrap_or("");
    match known.stranger(path.as_str(), request.method(), query) {
        None => Ok(next.run(request).await),
        Some((stranger, known)) => Err(unknown(&stranger, known)),
    }
}

fn unknown(stranger: &str, known: &[String]) -> Problem {
    let takes = match known {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    };
    Problem::bad_request(
        "unknown_parameter",
        format!("The query names `{stranger}`, which this address does not take. It takes: {takes}."),
    )
    .with("parameter", stranger)
    .with("known", json!(known))
}
