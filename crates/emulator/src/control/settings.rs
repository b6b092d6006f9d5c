//! Switches and the clock.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Outcome};
use crate::platform::Platform;
use crate::world::{Millis, Settings, World};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(show, change)).routes(routes!(clock, set_clock))
}

/// The switches in force.
#[utoipa::path(get, path = "/settings", tag = "settings", responses((status = 200, body = Settings)))]
async fn show(State(platform): State<Platform>) -> Json<Settings> {
    Json(platform.read(|world| world.rules().clone()))
}

/// Changes switches; what is absent stays. `{"ladder":{"read_ms":0}}` changes one.
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = Settings,
    responses((status = 200, body = Settings), (status = 400, body = ControlError)))]
async fn change(State(platform): State<Platform>, Json(change): Json<Value>) -> Outcome<Settings> {
    let act = |world: &mut World| -> Result<Settings, ControlError> {
        let mut merged = json!(world.rules());
        merge(&mut merged, &change);
        let settings: Settings = serde_json::from_value(merged)
            .map_err(|error| ControlError::wrong(format!("The settings are not understood: {error}.")))?;
        world.settings.put(Settings::ROW, settings.clone());
        Ok(settings)
    };
    Ok(Json(platform.write(act).await??))
}

/// Puts the keys of `change` into `target`, objects into objects.
fn merge(target: &mut Value, change: &Value) {
    match (target, change) {
        (Value::Object(target), Value::Object(change)) => {
            for (key, value) in change {
                merge(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (target, change) => *target = change.clone(),
    }
}

/// The emulator's time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Clock {
    /// Unix milliseconds.
    pub now: Millis,
    /// Ahead of the machine's clock by so much.
    pub offset_ms: Millis,
}

/// Where to move the clock; give one of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockMove {
    /// Forward by so many milliseconds (or back, if negative).
    #[serde(default)]
    advance_ms: Option<Millis>,
    /// To this time, Unix milliseconds.
    #[serde(default)]
    now: Option<Millis>,
    /// Back to the machine's clock.
    #[serde(default)]
    reset: bool,
}

fn told(world: &World) -> Clock {
    Clock { now: world.now(), offset_ms: world.rules().clock_offset_ms }
}

/// The emulator's time.
#[utoipa::path(get, path = "/clock", tag = "settings", responses((status = 200, body = Clock)))]
async fn clock(State(platform): State<Platform>) -> Json<Clock> {
    Json(platform.read(told))
}

/// Moves the clock; what falls due happens at once.
#[utoipa::path(post, path = "/clock", tag = "settings", request_body = ClockMove,
    responses((status = 200, body = Clock), (status = 400, body = ControlError)))]
async fn set_clock(State(platform): State<Platform>, Json(to): Json<ClockMove>) -> Outcome<Clock> {
    let act = |world: &mut World| -> Result<Clock, ControlError> {
        let shift = match (to.advance_ms, to.now, to.reset) {
            (Some(by), None, false) => by,
            (None, Some(at), false) => at - world.now(),
            (None, None, true) => -world.rules().clock_offset_ms,
            _ => return Err(ControlError::wrong("Give one of `advance_ms`, `now` and `reset`.")),
        };
        world.rules_mut().clock_offset_ms += shift;
        Ok(told(world))
    };
    Ok(Json(platform.write(act).await??))
}
