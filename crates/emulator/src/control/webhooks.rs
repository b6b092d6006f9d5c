//! Webhooks on their way.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Done, Outcome, find};
use crate::platform::Platform;
use crate::webhooks;
use crate::world::{Millis, Task, World};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new().routes(routes!(pending, publish)).routes(routes!(hurry))
}

/// Updates that are not delivered yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pending {
    /// How many.
    pub total: usize,
    /// Steps of messages that are still to come.
    pub steps: usize,
    /// The first hundred.
    pub updates: Vec<Waiting>,
}

/// An update that is not delivered yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Waiting {
    /// The app it goes to.
    pub app_id: String,
    /// Webhook field.
    pub field: String,
    /// When it is tried next, on the emulator's clock.
    pub due: Millis,
    /// Deliveries tried so far.
    pub attempts: u32,
}

/// What waits to be delivered. Everything settled means: `total` and `steps` are 0.
#[utoipa::path(get, path = "/webhooks", tag = "webhooks", responses((status = 200, body = Pending)))]
async fn pending(State(platform): State<Platform>) -> Json<Pending> {
    Json(platform.read(|world| {
        let mut pending = Pending { total: 0, steps: 0, updates: Vec::new() };
        for job in world.agenda.jobs().values() {
            let update = match &job.task {
                Task::Deliver(update) => update,
                // Of a template that is paused for hours nothing is under way.
                Task::Template { .. } => continue,
                Task::Step { .. } | Task::Fetch { .. } => {
                    pending.steps += 1;
                    continue;
                }
            };
            pending.total += 1;
            if pending.updates.len() < 100 {
                pending.updates.push(Waiting {
                    app_id: update.app_id.clone(),
                    field: update.field.clone(),
                    due: job.due,
                    attempts: update.attempts,
                });
            }
        }
        pending
    }))
}

/// An update of any field, as Meta would publish it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The messaging account it is about; its subscribed apps hear of it.
    account: String,
    /// The number whose webhook override may apply: id or phone number.
    #[serde(default)]
    number: Option<String>,
    /// Webhook field, e.g. `messages`, `history`, `smb_message_echoes`.
    field: String,
    /// `change.value`, as it is.
    #[schema(value_type = Object)]
    value: Value,
}

/// Publishes an update as it is given: for shapes that nothing here brings about by itself.
#[utoipa::path(post, path = "/webhooks", tag = "webhooks", request_body = Published,
    responses((status = 200, body = Done), (status = 404, body = ControlError)))]
async fn publish(State(platform): State<Platform>, Json(update): Json<Published>) -> Outcome<Done> {
    let act = |world: &mut World| -> Result<(), ControlError> {
        if !world.accounts.contains(&update.account) {
            return Err(ControlError::missing(format!(
                "There is no messaging account {:?}.",
                update.account
            )));
        }
        let number = update.number.as_deref().map(|name| find::number(world, name)).transpose()?;
        webhooks::publish(world, &update.account, number.as_deref(), &update.field, &update.value);
        Ok(())
    };
    platform.write(act).await??;
    Ok(Json(Done::yes()))
}

/// Tries everything that waits at once, instead of at its time.
#[utoipa::path(post, path = "/webhooks/hurry", tag = "webhooks", responses((status = 200, body = Done)))]
async fn hurry(State(platform): State<Platform>) -> Outcome<Done> {
    platform
        .write(|world| {
            let now = world.now();
            world.agenda.hurry(now);
        })
        .await?;
    Ok(Json(Done::yes()))
}
