//! Controls of the signup dialog: runs without a browser, runs to come, and what pages asked for.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Outcome};
use crate::platform::Platform;
use crate::signup::{Channel, Choices, Post, Replay, Request, Scenario, complete, return_address};
use crate::world::{SignupVisit, graph_id};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(run)).routes(routes!(visits)).routes(routes!(queue, unqueue))
}

/// A run of the dialog.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Run {
    /// The app that would open the dialog.
    app_id: String,
    /// Its login configuration.
    config_id: String,
    /// `extras` of `FB.login`: pre-fill, `featureType`, `features`, `setup.solutionID`.
    #[schema(value_type = Option<Object>)]
    extras: Value,
    /// For the full-page dialog: where it returns to.
    redirect_uri: Option<String>,
    /// For the full-page dialog: given back untouched.
    state: String,
    /// For the popup: origin of the page.
    origin: String,
    /// For the popup: the SDK's channel. With one, the posts hold the SDK's own message too.
    channel: String,
    /// What the client shares.
    choices: Choices,
    /// How the run ends.
    scenario: Scenario,
    /// Values to use in place of random ones.
    replay: Replay,
}

/// What a run came to.
#[derive(Debug, Serialize, ToSchema)]
struct RunResult {
    /// The code, where one reaches the page. It lives 30 seconds.
    code: Option<String>,
    /// What `FB.login` hands to its callback; absent when it is never called.
    #[schema(value_type = Option<Object>)]
    callback: Option<Value>,
    /// The messages the popup posts, in order.
    posts: Vec<Post>,
    /// Where the full-page dialog returns to.
    redirect_to: Option<String>,
    /// What was shared.
    shared: Option<Shared>,
}

/// What was shared.
#[derive(Debug, Serialize, ToSchema)]
struct Shared {
    /// Messaging account.
    waba_id: String,
    /// Number.
    phone_number_id: Option<String>,
    /// The client's portfolio.
    business_id: String,
}

/// Walks through the signup dialog without a browser: gives back what the page would be told.
#[utoipa::path(post, path = "/signup", tag = "signup", request_body = Run,
    responses((status = 200, description = "What the page is told.", body = RunResult), (status = 400, body = ControlError)))]
async fn run(State(platform): State<Platform>, Json(run): Json<Run>) -> Outcome<RunResult> {
    if !platform.read(|world| world.apps.contains(&run.app_id)) {
        return Err(ControlError::missing(format!(
            "There is no app {:?}; see GET /_emulator/world/apps.",
            run.app_id
        )));
    }
    let request = Request {
        app_id: run.app_id,
        config_id: run.config_id,
        extras: run.extras,
        redirect_uri: run.redirect_uri,
        visit_id: graph_id(),
        channel: Channel { id: run.channel, page_origin: run.origin },
        replay: run.replay,
    };
    let finished = platform
        .write(|world| {
            let at = world.now();
            world.visits.put(&request.visit_id, request.visit(at));
            complete(world, &request, &run.choices, &run.scenario)
        })
        .await?
        .map_err(ControlError::wrong)?;
    let redirect_to = request
        .redirect_uri
        .as_ref()
        .and_then(|uri| return_address(uri, &run.state, &run.scenario, &finished));
    Ok(Json(RunResult {
        redirect_to,
        code: finished.code,
        callback: finished.callback,
        posts: finished.posts,
        shared: finished.shared.map(|ids| Shared {
            waba_id: ids.waba_id,
            phone_number_id: ids.phone_number_id,
            business_id: ids.business_id,
        }),
    }))
}

/// The openings of the dialog, oldest first, with what each page asked for.
#[utoipa::path(get, path = "/signup/visits", tag = "signup",
    responses((status = 200, description = "The visits.", body = Vec<SignupVisit>)))]
async fn visits(State(platform): State<Platform>) -> Outcome<Vec<SignupVisit>> {
    let mut visits: Vec<SignupVisit> = platform.read(|world| world.visits.values().cloned().collect());
    visits.sort_by_key(|visit| visit.at);
    Ok(Json(visits))
}

/// How many scenarios wait.
#[derive(Debug, Serialize, ToSchema)]
struct Waiting {
    /// Scenarios that coming openings will play.
    waiting: usize,
}

/// Lets the next opening of the dialog play a scenario by itself. Several are played one after the other.
#[utoipa::path(post, path = "/signup/scenarios", tag = "signup", request_body = Scenario,
    responses((status = 200, description = "Queued.", body = Waiting)))]
async fn queue(State(platform): State<Platform>, Json(scenario): Json<Scenario>) -> Outcome<Waiting> {
    let waiting = platform
        .write(|world| {
            let last = world.scenarios.iter().next_back().and_then(|(id, _)| id.parse::<u64>().ok());
            world.scenarios.put(format!("{:012}", last.unwrap_or(0) + 1), scenario);
            world.scenarios.len()
        })
        .await?;
    Ok(Json(Waiting { waiting }))
}

/// Forgets the scenarios that wait.
#[utoipa::path(delete, path = "/signup/scenarios", tag = "signup",
    responses((status = 200, description = "Forgotten.", body = Waiting)))]
async fn unqueue(State(platform): State<Platform>) -> Outcome<Waiting> {
    platform.write(|world| world.scenarios.clear()).await?;
    Ok(Json(Waiting { waiting: 0 }))
}
