//! What every Graph call passes: the version, the faults that were asked for, and Meta's headers.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, OriginalUri, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;

use super::error::GraphError;
use super::{failures, usage};
use crate::line::Line;
use crate::platform::Platform;
use crate::world::{FaultEffect, World};

/// Versions that are answered: from v14 (issue of old SDKs) to well beyond the newest known, v26.
const VERSIONS: std::ops::RangeInclusive<u32> = 14..=60;

/// The Graph version of a call.
#[derive(Debug, Clone, Copy)]
pub struct Version(pub u32);

/// Puts `edges` behind the gate.
pub(super) fn guard(edges: Router) -> Router<Platform> {
    let edges = edges.layer(DefaultBodyLimit::max(101 << 20));
    Router::new().fallback(
        move |State(platform): State<Platform>, ConnectInfo(line): ConnectInfo<Line>, request: Request| {
            enter(platform, line, edges.clone(), request)
        },
    )
}

/// The version in front of a path, and the rest.
fn split_version(path: &str) -> Option<(u32, &str)> {
    let (first, rest) = path.trim_start_matches('/').split_once('/')?;
    let number = first.strip_prefix('v')?.strip_suffix(".0")?.parse().ok()?;
    VERSIONS.contains(&number).then_some((number, rest))
}

/// A path without what looks like a version in front.
fn without_version(path: &str) -> &str {
    let trimmed = path.trim_start_matches('/');
    match trimmed.split_once('/') {
        Some((first, rest)) if first.starts_with('v') && first.contains('.') => rest,
        _ => trimmed,
    }
}

async fn enter(platform: Platform, line: Line, edges: Router, mut request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Some((version, rest)) = split_version(&path) else {
        return GraphError::unknown_path(without_version(&path)).into_response();
    };
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let Ok(inner) = Uri::try_from(format!("/{rest}{query}")) else {
        return GraphError::unknown_path(rest).into_response();
    };
    let method = request.method().clone();
    let original = std::mem::replace(request.uri_mut(), inner);
    request.extensions_mut().insert(OriginalUri(original));
    request.extensions_mut().insert(Version(version));

    let mut lose_response = false;
    if let Some(effect) = next_fault(&platform, &method, rest).await {
        match effect {
            FaultEffect::DelayMs(delay) => tokio::time::sleep(Duration::from_millis(delay)).await,
            FaultEffect::DropRequest => {
                line.cut();
                return StatusCode::OK.into_response();
            }
            FaultEffect::DropResponse => lose_response = true,
            given => {
                if let Some(answer) = worded(&given, &method, rest) {
                    return stamped(answer, version);
                }
            }
        }
    }
    let (parts, body) = request.into_parts();
    if let Err(error) = usage::count(&platform, &parts) {
        return stamped(error.into_response(), version);
    }
    let request = Request::from_parts(parts, body);
    let send = method == Method::POST && rest.ends_with("/messages");
    let mut response = match edges.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if send && response.status() == StatusCode::OK {
        let (seed, chance) = platform.read(|world| (world.rules().seed, world.rules().drop_responses));
        lose_response |= platform.dice().falls(seed, chance);
    }
    if lose_response {
        line.cut();
    }
    usage::stamp(&platform, rest, response.headers_mut());
    stamped(response, version)
}

/// The answer of a fault, with the call's own verb and object where the text names them.
fn worded(effect: &FaultEffect, method: &Method, path: &str) -> Option<Response> {
    let error = match effect {
        FaultEffect::Failure(name) if name == "unknown_object" => {
            Some(GraphError::unknown_object(method, path.split('/').next().unwrap_or_default()))
        }
        other => failures::refusal_of(other),
    };
    match (error, effect) {
        (Some(error), _) => Some(error.into_response()),
        (None, FaultEffect::Failure(name)) => failures::hollow(name),
        (None, _) => None,
    }
}

/// Meta's headers: the version, and the character set of JSON.
fn stamped(mut response: Response<Body>, version: u32) -> Response {
    let json = HeaderValue::from_static("application/json");
    if response.headers().get(header::CONTENT_TYPE) == Some(&json) {
        let with_charset = HeaderValue::from_static("application/json; charset=UTF-8");
        response.headers_mut().insert(header::CONTENT_TYPE, with_charset);
    }
    if let Ok(value) = HeaderValue::from_str(&format!("v{version}.0")) {
        response.headers_mut().insert("facebook-api-version", value);
    }
    response
}

/// Takes the next fault that strikes this call; those of the `failed_status` kind are left to the send.
async fn next_fault(platform: &Platform, method: &Method, path: &str) -> Option<FaultEffect> {
    if platform.read(|world| world.faults.is_empty()) {
        return None;
    }
    let strike = |world: &mut World| {
        take_fault(world, method, path, |effect| !matches!(effect, FaultEffect::FailedStatus { .. }))
    };
    platform.write(strike).await.ok().flatten()
}

/// Takes the first fault that matches the call and `wanted`, counting it down.
pub(crate) fn take_fault(
    world: &mut World,
    method: &Method,
    path: &str,
    wanted: impl Fn(&FaultEffect) -> bool,
) -> Option<FaultEffect> {
    let path = path.trim_matches('/');
    let id = world.faults.iter().find_map(|(id, fault)| {
        let edge = fault.edge.trim_matches('/');
        let place = edge == "*" || path == edge || path.ends_with(&format!("/{edge}"));
        let method = fault.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()));
        (place && method && wanted(&fault.effect)).then(|| id.clone())
    })?;
    let fault = world.faults.edit(&id)?;
    if fault.after > 0 {
        fault.after -= 1;
        return None;
    }
    fault.times = fault.times.saturating_sub(1);
    let (spent, effect) = (fault.times == 0, fault.effect.clone());
    if spent {
        world.faults.remove(&id);
    }
    Some(effect)
}

/// A path under a version that names no edge.
pub(super) async fn no_such_edge(State(platform): State<Platform>, request: Request) -> GraphError {
    let (method, path) = (request.method().clone(), request.uri().path().trim_matches('/').to_owned());
    let (parts, _) = request.into_parts();
    let Some(token) = super::caller::presented(&parts) else { return GraphError::no_token() };
    match platform.read(|world| super::Caller::with_token(world, &token, method.clone())) {
        Err(error) => error,
        Ok(_) => match path.split_once('/') {
            Some((_, edge)) => GraphError::unknown_path(edge),
            None => GraphError::unknown_object(&method, &path),
        },
    }
}
