//! Multi-partner solutions: a Tech Provider's app and a Solution Partner's, joined (meta-onboarding 1.2).

use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::caller::{Caller, presented};
use super::error::{Answer, GraphError};
use super::gate::Version;
use super::nodes::{self, Node};
use super::params::Params;
use super::{oauth, paging};
use crate::platform::Platform;
use crate::webhooks::publish_to;
use crate::world::{Solution, TokenKind, World, graph_id};

/// What the partners of a solution may be allowed.
const PERMISSIONS: &[&str] = &[
    "MANAGE",
    "MESSAGING",
    "DEVELOP",
    "MANAGE_TEMPLATES",
    "MANAGE_PHONE",
    "VIEW_COST",
    "MANAGE_EXTENSIONS",
    "VIEW_PHONE_ASSETS",
    "MANAGE_PHONE_ASSETS",
    "VIEW_TEMPLATES",
    "VIEW_INSIGHTS",
    "MANAGE_USERS",
    "MANAGE_BILLING",
];

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/whatsapp_business_solution", post(create))
        .route("/{id}/whatsapp_business_solutions", get(of_app))
        .route("/{id}/solutions", get(of_account))
        .route("/{id}/partners", get(partners))
        .route("/{id}/access_token", get(access_token))
        .route("/{id}/accept", post(accept))
        .route("/{id}/reject", post(reject))
        .route("/{id}/send_deactivation_request", post(ask_to_end))
        .route("/{id}/accept_deactivation_request", post(end))
        .route("/{id}/reject_deactivation_request", post(keep))
}

/// The app whose token (its own, or one of a user of it) calls.
fn calling_app(world: &World, parts: &Parts) -> Answer<String> {
    let token = presented(parts).ok_or_else(GraphError::no_token)?;
    oauth::inspecting_app(world, &token)
}

/// `POST /{app}/whatsapp_business_solution`.
async fn create(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    parts: Parts,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<String> {
            if calling_app(world, &parts)? != id {
                return Err(GraphError::unknown_object(&parts.method, &id));
            }
            let name = params.required("solution_name")?;
            if !(2..=75).contains(&name.chars().count()) {
                return Err(GraphError::parameter("Param solution_name must be 2 to 75 characters long."));
            }
            let partner = params.required("partner_app_id")?;
            if partner == id || !world.apps.contains(&partner) {
                return Err(GraphError::parameter("Param partner_app_id is not the id of another app."));
            }
            let solution = Solution {
                id: graph_id(),
                name,
                app_id: id.clone(),
                partner_app_id: partner,
                owner_permissions: permissions(&params, "owner_permissions")?,
                partner_permissions: permissions(&params, "partner_permissions")?,
                status: "INITIATED".into(),
            };
            world.solutions.put(solution.id.clone(), solution.clone());
            tell(world, &solution, "SOLUTION_CREATED");
            Ok(solution.id)
        })
        .await?;
    done.map(|id| Json(json!({ "solution_id": id })))
}

fn permissions(params: &Params, name: &str) -> Answer<Vec<String>> {
    let listed = params.json(name).and_then(|list| serde_json::from_value::<Vec<String>>(list).ok());
    let listed = listed.ok_or_else(|| GraphError::parameter(format!("Param {name} must be an array.")))?;
    match listed.iter().find(|right| !PERMISSIONS.contains(&right.as_str())) {
        None => Ok(listed),
        Some(odd) => Err(GraphError::parameter(format!("Param {name} must not hold {odd:?}."))),
    }
}

/// Tells both partners.
fn tell(world: &mut World, solution: &Solution, event: &str) {
    let value = json!({ "event": event, "solution_id": solution.id, "solution_status": solution.status });
    for app_id in [&solution.app_id, &solution.partner_app_id] {
        let portfolio = world.apps.get(app_id).map(|app| app.portfolio_id.clone()).unwrap_or_default();
        publish_to(world, app_id, &portfolio, None, None, "partner_solutions", &value);
    }
}

async fn accept(state: State<Platform>, path: Path<String>, parts: Parts) -> Answer {
    advance(state, path, parts, "INITIATED", "ACTIVE").await
}

async fn reject(state: State<Platform>, path: Path<String>, parts: Parts) -> Answer {
    advance(state, path, parts, "INITIATED", "REJECTED").await
}

async fn ask_to_end(state: State<Platform>, path: Path<String>, parts: Parts) -> Answer {
    advance(state, path, parts, "ACTIVE", "PENDING_DEACTIVATION").await
}

async fn end(state: State<Platform>, path: Path<String>, parts: Parts) -> Answer {
    advance(state, path, parts, "PENDING_DEACTIVATION", "DEACTIVATED").await
}

async fn keep(state: State<Platform>, path: Path<String>, parts: Parts) -> Answer {
    advance(state, path, parts, "PENDING_DEACTIVATION", "ACTIVE").await
}

/// Moves a solution on. Only the partner answers the owner's invitation.
async fn advance(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    parts: Parts,
    from: &str,
    to: &str,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            let app = calling_app(world, &parts)?;
            let unknown = || GraphError::unknown_object(&parts.method, &id);
            let mut solution = world.solutions.get(&id).cloned().ok_or_else(unknown)?;
            let invited = from != "INITIATED" || app == solution.partner_app_id;
            if ![&solution.app_id, &solution.partner_app_id].contains(&&app) {
                return Err(unknown());
            }
            if !invited {
                return Err(GraphError::permission());
            }
            if solution.status != from {
                return Err(GraphError::parameter(format!(
                    "The solution is {}, not {from}.",
                    solution.status
                )));
            }
            solution.status = to.into();
            world.solutions.put(id.clone(), solution.clone());
            tell(world, &solution, "SOLUTION_UPDATED");
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

/// A solution, to those who are in it.
pub fn find(world: &World, caller: &Caller, id: &str) -> Option<Answer<Node>> {
    world.solutions.get(id).map(|solution| {
        if [&solution.app_id, &solution.partner_app_id].contains(&&caller.token.app_id) {
            Ok(node(world, solution))
        } else {
            Err(caller.unknown(id))
        }
    })
}

fn node(world: &World, solution: &Solution) -> Node {
    let fields = json!({
        "id": solution.id, "name": solution.name, "status": solution.status,
        "status_for_pending_request": pending(solution), "owner_permissions": solution.owner_permissions,
        "owner_app": app(world, &solution.app_id), "partners": { "data": [partner(world, solution)] },
    });
    Node::new("WhatsAppBusinessSolution", fields, &["name", "status", "status_for_pending_request"])
}

fn pending(solution: &Solution) -> &'static str {
    match solution.status.as_str() {
        "INITIATED" => "PENDING_ACTIVATION",
        "PENDING_DEACTIVATION" => "PENDING_DEACTIVATION",
        _ => "NONE",
    }
}

fn app(world: &World, id: &str) -> Value {
    json!({ "id": id, "name": world.apps.get(id).map_or("", |app| app.name.as_str()) })
}

fn partner(world: &World, solution: &Solution) -> Value {
    json!({
        "id": solution.partner_app_id, "partner_permissions": solution.partner_permissions,
        "partner_app": app(world, &solution.partner_app_id)
    })
}

/// `GET /{app}/whatsapp_business_solutions`.
async fn of_app(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    parts: Parts,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        if calling_app(world, &parts)? != id {
            return Err(GraphError::unknown_object(&parts.method, &id));
        }
        let own = world.solutions.values().filter(|it| it.app_id == id || it.partner_app_id == id);
        own.map(|it| node(world, it).select(params.text("fields").as_deref())).collect::<Answer<Vec<Value>>>()
    })?;
    paging::page(&platform, version.0, &format!("/{id}/whatsapp_business_solutions"), &params, rows).map(Json)
}

/// `GET /{messaging account}/solutions`: the solutions both of whose partners the account is shared with.
async fn of_account(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        let account = nodes::account_with_edge(world, &caller, &id, "solutions")?;
        let shared = |app_id: &String| {
            world.apps.get(app_id).is_some_and(|app| account.partners.contains(&app.portfolio_id))
        };
        let joined = world.solutions.values().filter(|it| shared(&it.app_id) && shared(&it.partner_app_id));
        joined
            .map(|it| node(world, it).select(params.text("fields").as_deref()))
            .collect::<Answer<Vec<Value>>>()
    })?;
    paging::page(&platform, version.0, &format!("/{id}/solutions"), &params, rows).map(Json)
}

/// `GET /{solution}/partners`.
async fn partners(State(platform): State<Platform>, Path(id): Path<String>, caller: Caller) -> Answer {
    let row = platform.read(|world| {
        find(world, &caller, &id).unwrap_or_else(|| Err(caller.unknown(&id)))?;
        let solution = world.solutions.get(&id).ok_or_else(|| caller.unknown(&id))?;
        Ok::<_, GraphError>(partner(world, solution))
    })?;
    Ok(Json(json!({ "data": [row] })))
}

/// `GET /{solution}/access_token?business_id=…`: the client's token of the calling partner.
async fn access_token(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let token = platform.read(|world| {
        find(world, &caller, &id).unwrap_or_else(|| Err(caller.unknown(&id)))?;
        let business = params.required("business_id")?;
        let mut grants: Vec<_> = world
            .tokens
            .values()
            .filter(|it| it.kind == TokenKind::Business && it.app_id == caller.token.app_id)
            .filter(|it| it.portfolio_id == business && super::caller::flaw(it, world.now()).is_none())
            .collect();
        grants.sort_by_key(|token| token.issued_at);
        grants.last().map(|token| token.value.clone()).ok_or_else(|| caller.unknown(&business))
    })?;
    Ok(Json(json!({ "access_token": token })))
}
