//! Faults: what goes wrong on coming calls.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Done, Outcome};
use crate::graph::failures;
use crate::platform::Platform;
use crate::world::{Fault, FaultEffect, World};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(list, add, clear)).routes(routes!(remove)).routes(routes!(known))
}

/// The faults that still strike.
#[utoipa::path(get, path = "/faults", tag = "faults", responses((status = 200, body = Vec<Fault>)))]
async fn list(State(platform): State<Platform>) -> Json<Vec<Fault>> {
    Json(platform.read(|world| world.faults.values().cloned().collect()))
}

/// Adds a fault; the answer has its id.
#[utoipa::path(post, path = "/faults", tag = "faults", request_body = Fault,
    responses((status = 200, body = Fault), (status = 400, body = ControlError)))]
async fn add(State(platform): State<Platform>, Json(fault): Json<Fault>) -> Outcome<Fault> {
    if let FaultEffect::Failure(name) = &fault.effect
        && !failures::is_known(name)
    {
        return Err(ControlError::wrong(format!(
            "There is no failure {name:?}; GET /_emulator/failures lists them."
        )));
    }
    if fault.times == 0 {
        return Err(ControlError::wrong("`times` must be at least 1."));
    }
    Ok(Json(platform.write(|world| lay(world, fault)).await?))
}

/// Lays a fault behind those that wait; it gets its id here.
pub(super) fn lay(world: &mut World, mut fault: Fault) -> Fault {
    let last = world.faults.iter().next_back().and_then(|(id, _)| id.parse::<u64>().ok());
    fault.id = format!("{:06}", last.unwrap_or(0) + 1);
    world.faults.put(fault.id.clone(), fault.clone());
    fault
}

/// Takes every fault away.
#[utoipa::path(delete, path = "/faults", tag = "faults", responses((status = 200, body = Done)))]
async fn clear(State(platform): State<Platform>) -> Outcome<Done> {
    platform.write(|world| world.faults.clear()).await?;
    Ok(Json(Done::yes()))
}

/// Takes one fault away.
#[utoipa::path(delete, path = "/faults/{fault}", tag = "faults", params(("fault" = String, Path)),
    responses((status = 200, body = Done), (status = 404, body = ControlError)))]
async fn remove(State(platform): State<Platform>, Path(id): Path<String>) -> Outcome<Done> {
    let removed = platform.write(|world| world.faults.remove(&id)).await?;
    removed
        .map(|_| Json(Done::yes()))
        .ok_or_else(|| ControlError::missing(format!("There is no fault {id}.")))
}

/// A failure that can be asked for by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnownFailure {
    /// Its name.
    pub name: String,
    /// When Meta gives it.
    pub about: String,
    /// HTTP status.
    pub status: u16,
    /// `error.code`; absent where the answer is no error.
    pub code: Option<i64>,
    /// `error.error_subcode`.
    pub subcode: Option<i64>,
    /// `error.message`.
    pub message: Option<String>,
}

/// The failures that can be asked for by name.
#[utoipa::path(get, path = "/failures", tag = "faults", responses((status = 200, body = Vec<KnownFailure>)))]
async fn known() -> Json<Vec<KnownFailure>> {
    let known = failures::list().map(|(name, about, error)| KnownFailure {
        name: name.to_owned(),
        about: about.to_owned(),
        status: error.as_ref().map_or(200, |error| error.status.as_u16()),
        code: error.as_ref().map(|error| error.code),
        subcode: error.as_ref().and_then(|error| error.subcode),
        message: error.as_ref().map(|error| error.message.clone()),
    });
    Json(known.collect())
}
