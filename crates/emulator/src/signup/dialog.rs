//! The dialog over HTTP: the popup, the full page that returns to an address, and the hosted page.
//!
//! The answers of earlier steps travel in the form itself, so an open dialog survives a restart. A scripted run
//! (`scenario` in the address, or one queued by a control) skips the steps.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Form, OriginalUri, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use url::Url;

use super::complete::{Choices, Finished, Replay, Request, complete};
use super::fields::{Fields, extras, field};
use super::pages::{self, Frame};
use super::steps::{self, Step};
use super::texts::Language;
use crate::control::ControlError;
use crate::platform::Platform;
use crate::world::scenario::{Channel, Outcome, Scenario};
use crate::world::{World, graph_id};

/// How long the last page of a popup stays, so that its messages arrive.
const CLOSE_MS: u64 = 400;

pub(crate) fn router() -> Router<Platform> {
    Router::new()
        .route("/{version}/dialog/oauth", get(open).post(answer))
        .route("/dialog/oauth", get(open).post(answer))
        .route("/hosted-signup", get(open_hosted).post(answer))
        .route("/dialog/stranger", get(stranger))
        .route("/{locale}/sdk.js", get(sdk))
}

/// `GET /{locale}/sdk.js`: pages load it with `crossorigin`, so any origin may read it.
async fn sdk() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/javascript; charset=utf-8"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, include_str!("sdk.js")).into_response()
}

/// `GET /dialog/stranger`: posts a forged message; opened under another host name it has another origin.
async fn stranger() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], axum::response::Html(include_str!("pages/stranger.html")))
        .into_response()
}

/// What a request to the dialog carries besides its fields.
struct Visitor {
    language: Language,
    host: String,
    path: String,
}

impl Visitor {
    fn of(uri: &OriginalUri, headers: &HeaderMap, fields: &Fields) -> Self {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            language: Language::of(field(fields, "lang"), headers),
            host: host.to_owned(),
            path: uri.0.path().to_owned(),
        }
    }
}

/// `GET …/dialog/oauth`.
async fn open(
    State(platform): State<Platform>,
    uri: OriginalUri,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, ControlError> {
    begin(&platform, uri, &headers, query.into_iter().collect()).await
}

/// `GET /hosted-signup`: ends without code and without message; only the webhooks tell.
async fn open_hosted(
    State(platform): State<Platform>,
    uri: OriginalUri,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, ControlError> {
    let mut fields: Fields = query.into_iter().collect();
    fields.insert("surface".into(), "hosted".into());
    fields.entry("response_type".into()).or_insert_with(|| "code".into());
    begin(&platform, uri, &headers, fields).await
}

async fn begin(
    platform: &Platform,
    uri: OriginalUri,
    headers: &HeaderMap,
    mut fields: Fields,
) -> Result<Response, ControlError> {
    let visitor = Visitor::of(&uri, headers, &fields);
    let refusal = platform.read(|world| refusal(world, &fields));
    fields.insert("visit".into(), graph_id());
    let request = request(&fields);
    let queued = platform
        .write(|world| {
            let mut visit = request.visit(world.now());
            if refusal.is_some() {
                visit.ended = "refused".into();
                world.visits.put(&request.visit_id, visit);
                return None;
            }
            world.visits.put(&request.visit_id, visit);
            let next = world.scenarios.iter().next().map(|(id, _)| id.clone())?;
            world.scenarios.remove(&next)
        })
        .await?;
    if let Some((key, parts)) = refusal {
        return Ok(refused(&visitor, key, &parts));
    }
    match scripted(&fields)?.or(queued) {
        Some(scenario) => finish(platform, &visitor, &fields, &Choices::default(), &scenario).await,
        None => Ok(platform.read(|world| show(world, &visitor, &fields, Step::Business, None))),
    }
}

/// The scenario in the address, if there is one.
fn scripted(fields: &Fields) -> Result<Option<Scenario>, ControlError> {
    let text = field(fields, "scenario");
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = if text.starts_with('{') {
        serde_json::from_str(text)
    } else {
        serde_json::from_value(json!({ "outcome": text }))
    };
    parsed.map(Some).map_err(|error| ControlError::wrong(format!("The scenario is not understood: {error}.")))
}

/// What the fields ask for.
fn request(fields: &Fields) -> Request {
    let text = |name: &str| field(fields, name).to_owned();
    Request {
        app_id: text("client_id"),
        config_id: text("config_id"),
        extras: extras(fields),
        redirect_uri: redirect_uri(fields),
        visit_id: text("visit"),
        channel: Channel { id: text("channel"), page_origin: text("origin") },
        replay: Replay::default(),
    }
}

fn redirect_uri(fields: &Fields) -> Option<String> {
    Some(field(fields, "redirect_uri")).filter(|uri| !uri.is_empty()).map(str::to_owned)
}

/// Why the dialog does not open, as a text and its parts.
type Refusal = (&'static str, Vec<(&'static str, String)>);

fn refusal(world: &World, fields: &Fields) -> Option<Refusal> {
    let part = |name: &'static str, field_name: &str| vec![(name, field(fields, field_name).to_owned())];
    let Some(app) = world.apps.get(field(fields, "client_id")) else {
        return Some(("refused_app", part("app", "client_id")));
    };
    if !app.configurations.is_empty() && !app.configurations.contains_key(field(fields, "config_id")) {
        return Some(("refused_config", part("config", "config_id")));
    }
    let version = extras(fields)["version"].as_str().unwrap_or_default().to_owned();
    if world.rules().onboarding.refuse_old_dialogs && (version.starts_with("v2") || version.starts_with("v3"))
    {
        return Some(("refused_version", Vec::new()));
    }
    match redirect_uri(fields) {
        Some(uri) => {
            let known = app.redirect_uris.is_empty() || app.redirect_uris.contains(&uri);
            if !known || Url::parse(&uri).is_err() {
                return Some(("refused_redirect", part("redirect", "redirect_uri")));
            }
            (field(fields, "response_type") != "code").then(|| ("refused_code", Vec::new()))
        }
        None => {
            let origin = field(fields, "origin");
            let known = app.allowed_origins.is_empty() || app.allowed_origins.contains(origin);
            (!known && field(fields, "surface").is_empty())
                .then(|| ("refused_origin", part("origin", "origin")))
        }
    }
}

fn refused(visitor: &Visitor, key: &str, parts: &[(&'static str, String)]) -> Response {
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let language = visitor.language;
    let frame = Frame {
        title: language.say("refused_title", &[]),
        lead: language.say(key, &parts),
        ..Frame::default()
    };
    pages::notice(StatusCode::BAD_REQUEST, language, &frame)
}

/// `POST …/dialog/oauth`: the answer to a step.
async fn answer(
    State(platform): State<Platform>,
    uri: OriginalUri,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Response, ControlError> {
    let fields: Fields = form.into_iter().collect();
    let visitor = Visitor::of(&uri, &headers, &fields);
    if let Some((key, parts)) = platform.read(|world| refusal(world, &fields)) {
        return Ok(refused(&visitor, key, &parts));
    }
    let step = Step::named(field(&fields, "step"));
    let abandon =
        |outcome| Scenario { outcome, step: Some(step.current_step().into()), ..Scenario::default() };
    match field(&fields, "go") {
        "cancel" => {
            finish(&platform, &visitor, &fields, &Choices::default(), &abandon(Outcome::Cancel)).await
        }
        "report" => finish(&platform, &visitor, &fields, &Choices::default(), &abandon(Outcome::Error)).await,
        "back" => Ok(platform.read(|world| show(world, &visitor, &fields, step.before(&fields), None))),
        _ => {
            let next = platform.read(|world| {
                let problem = steps::problem(world, step, &fields);
                match (problem, step.after(&fields)) {
                    (Some(key), _) => Some(show(world, &visitor, &fields, step, Some(key))),
                    (None, Some(next)) => Some(show(world, &visitor, &fields, next, None)),
                    (None, None) => None,
                }
            });
            match next {
                Some(page) => Ok(page),
                None => {
                    let scenario = Scenario { outcome: steps::outcome(&fields), ..Scenario::default() };
                    finish(&platform, &visitor, &fields, &steps::choices(&fields), &scenario).await
                }
            }
        }
    }
}

fn show(world: &World, visitor: &Visitor, fields: &Fields, step: Step, problem: Option<&str>) -> Response {
    let language = visitor.language;
    let (frame, view) = steps::view(world, language, fields, step, problem, &visitor.path);
    pages::step(language, &frame, &view, &steps::typed(fields))
}

/// Ends the run: a popup plays its messages, a full page returns, a hosted page says goodbye.
async fn finish(
    platform: &Platform,
    visitor: &Visitor,
    fields: &Fields,
    choices: &Choices,
    scenario: &Scenario,
) -> Result<Response, ControlError> {
    let request = request(fields);
    let finished = platform
        .write(|world| complete(world, &request, choices, scenario))
        .await?
        .map_err(ControlError::wrong)?;
    if let Some(uri) = &request.redirect_uri {
        return Ok(returned(visitor, uri, field(fields, "state"), scenario, &finished));
    }
    let language = visitor.language;
    let words = if finished.shared.is_some() { "done" } else { "cancelled" };
    let frame = Frame {
        title: language.say(&format!("{words}_title"), &[]),
        lead: language.say(&format!("{words}_lead"), &[]),
        ..Frame::default()
    };
    if field(fields, "surface") == "hosted" {
        return Ok(pages::notice(StatusCode::OK, language, &frame));
    }
    Ok(pages::done(language, &frame, &plan(visitor, &request.channel, &finished)))
}

/// What the last page of a popup does.
fn plan(visitor: &Visitor, channel: &Channel, finished: &Finished) -> Value {
    let target = if channel.page_origin.is_empty() { "*" } else { &channel.page_origin };
    json!({
        "posts": finished.posts, "target": target, "close_ms": CLOSE_MS,
        "stranger": format!("http://{}/dialog/stranger", other_name(&visitor.host)),
    })
}

/// The same server under another name of this machine, which to a browser is another origin.
fn other_name(host: &str) -> String {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, format!(":{port}")),
        _ => (host, String::new()),
    };
    format!("{}{port}", if name == "127.0.0.1" { "localhost" } else { "127.0.0.1" })
}

/// The way back from the full-page dialog. Someone who just closes the page never returns.
fn returned(visitor: &Visitor, uri: &str, state: &str, scenario: &Scenario, finished: &Finished) -> Response {
    match return_address(uri, state, scenario, finished) {
        Some(address) => (StatusCode::FOUND, [(header::LOCATION, address)]).into_response(),
        None => {
            let language = visitor.language;
            let frame = Frame {
                title: language.say("cancelled_title", &[]),
                lead: language.say("cancelled_lead", &[]),
                ..Frame::default()
            };
            pages::notice(StatusCode::OK, language, &frame)
        }
    }
}

/// Where the full-page dialog returns to: the page's address with code or refusal, and its `state`. `None` when the
/// person closed the page, or the address is none.
pub fn return_address(uri: &str, state: &str, scenario: &Scenario, finished: &Finished) -> Option<String> {
    let mut address = Url::parse(uri).ok().filter(|_| scenario.outcome != Outcome::Close)?;
    {
        let mut query = address.query_pairs_mut();
        match &finished.code {
            Some(code) => {
                query.append_pair("code", code);
            }
            None => {
                query
                    .append_pair("error", "access_denied")
                    .append_pair("error_code", "200")
                    .append_pair("error_description", "Permissions error")
                    .append_pair("error_reason", "user_denied");
            }
        }
        if !state.is_empty() {
            query.append_pair("state", state);
        }
    }
    Some(address.into())
}
