//! What clients and Meta do to accounts behind our back, and failures of single onboarding steps.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ControlError, Outcome, faults};
use crate::clients::{Action, act};
use crate::graph::failures;
use crate::platform::Platform;
use crate::webhooks::account_events::{CATALOGUE, EnvelopeForm, build, overlay};
use crate::webhooks::partners;
use crate::world::{Fault, FaultEffect};

pub(super) fn router() -> OpenApiRouter<Platform> {
    OpenApiRouter::new()
        .routes(routes!(events, emit))
        .routes(routes!(client_action))
        .routes(routes!(steps, fail))
}

/// The names of all account events.
#[utoipa::path(get, path = "/account-events", tag = "clients",
    responses((status = 200, description = "Names that POST takes.", body = Vec<String>)))]
async fn events() -> Json<Vec<&'static str>> {
    Json(CATALOGUE.to_vec())
}

/// An account event to send.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Event {
    /// Name of the event, as `GET /account-events` lists them.
    event: String,
    /// Messaging account it is about.
    waba_id: String,
    /// Number it is about; the account's first unless given.
    phone_number_id: Option<String>,
    /// App that partner events name and go to; the only app unless given.
    app_id: Option<String>,
    /// Multi-partner solution that partner events name.
    solution_id: Option<String>,
    /// Keys to put over the event's usual value.
    #[schema(value_type = Option<Object>)]
    value: Value,
    /// How the envelope is written.
    form: EnvelopeForm,
    /// Send it to the app's callback even where the app is not subscribed to the account.
    unsubscribed: bool,
}

/// The event that was sent.
#[derive(Debug, Serialize, ToSchema)]
struct Sent {
    /// Webhook field.
    field: String,
    /// Value.
    #[schema(value_type = Object)]
    value: Value,
}

/// Sends one account webhook. Nothing else changes; see `/client-actions` for events with their effects.
#[utoipa::path(post, path = "/account-events", tag = "clients", request_body = Event,
    responses((status = 200, description = "What was sent.", body = Sent), (status = 400, body = ControlError)))]
async fn emit(State(platform): State<Platform>, Json(wanted): Json<Event>) -> Outcome<Sent> {
    let sent = platform
        .write(|world| {
            let app_id = match &wanted.app_id {
                Some(id) => id.clone(),
                None => world.apps.values().next().map(|app| app.id.clone()).unwrap_or_default(),
            };
            let number = wanted.phone_number_id.as_deref();
            let solution = wanted.solution_id.as_deref();
            let subject = partners::subject(world, &wanted.waba_id, &app_id, number, solution);
            let mut event = build(&wanted.event, &subject)?;
            overlay(&mut event.value, &wanted.value);
            if wanted.unsubscribed {
                partners::send_to_app(world, &event, &subject, wanted.form);
            } else {
                partners::send(world, &event, &subject, wanted.form);
            }
            Some(Sent { field: event.field.to_owned(), value: event.value })
        })
        .await?;
    let unknown = || {
        ControlError::wrong(format!(
            "There is no event {:?}; see GET /_emulator/account-events.",
            wanted.event
        ))
    };
    sent.map(Json).ok_or_else(unknown)
}

/// An action of a client, or of Meta on a client.
#[derive(Debug, Deserialize, ToSchema)]
struct ClientAction {
    /// What is done.
    #[serde(flatten)]
    action: Action,
    /// Leave the webhook out: it was lost.
    #[serde(default)]
    silent: bool,
}

/// Does what a client does in its own settings, or Meta to a client, with the effects and the webhook.
#[utoipa::path(post, path = "/client-actions", tag = "clients", request_body = ClientAction,
    responses((status = 200, description = "Done.", body = Object), (status = 400, body = ControlError)))]
async fn client_action(State(platform): State<Platform>, Json(wanted): Json<ClientAction>) -> Outcome<Value> {
    let done = platform.write(|world| act(world, &wanted.action, wanted.silent)).await?;
    done.map(|()| Json(json!({ "done": true }))).map_err(ControlError::wrong)
}

/// A step of onboarding and the call it consists of.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct Step {
    /// Name.
    step: &'static str,
    /// HTTP method.
    method: &'static str,
    /// Path of the call after the version, as faults take it.
    edge: &'static str,
}

const fn step(step: &'static str, method: &'static str, edge: &'static str) -> Step {
    Step { step, method, edge }
}

/// The steps that [`fail`] knows. For reads of one node, give the node's id as the step.
const STEPS: &[Step] = &[
    step("exchange", "GET", "oauth/access_token"),
    step("inspect", "GET", "debug_token"),
    step("app_subscription", "GET", "subscriptions"),
    step("whoami", "GET", "me"),
    step("numbers", "GET", "phone_numbers"),
    step("subscribe", "POST", "subscribed_apps"),
    step("subscriptions", "GET", "subscribed_apps"),
    step("unsubscribe", "DELETE", "subscribed_apps"),
    step("register", "POST", "register"),
    step("deregister", "POST", "deregister"),
    step("request_code", "POST", "request_code"),
    step("verify_code", "POST", "verify_code"),
    step("assign_user", "POST", "assigned_users"),
    step("share_credit", "POST", "whatsapp_credit_sharing_and_attach"),
    step("recover_token", "POST", "system_user_access_tokens"),
    step("sync", "POST", "smb_app_data"),
    step("profile", "GET", "whatsapp_business_profile"),
    step("templates", "GET", "message_templates"),
    step("send", "POST", "messages"),
];

/// The steps by name.
#[utoipa::path(get, path = "/step-failures", tag = "clients",
    responses((status = 200, description = "Steps and their calls.", body = Vec<Object>)))]
async fn steps() -> Json<&'static [Step]> {
    Json(STEPS)
}

/// A failure to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepFailure {
    /// A step of `GET /step-failures`, or the path of a call after the version.
    step: String,
    /// Number 1 to 20 of the common failures, or a name of `GET /failures`.
    #[schema(value_type = String)]
    failure: Value,
    /// How many calls fail.
    #[serde(default = "once")]
    times: u32,
    /// How many calls pass first.
    #[serde(default)]
    after: u32,
}

fn once() -> u32 {
    1
}

/// The twenty common failures by their numbers (meta-onboarding 11.2).
const NUMBERED: [&str; 20] = [
    "code_expired",
    "code_used",
    "redirect_mismatch",
    "wrong_secret",
    "app_mismatch",
    "bad_token",
    "token_expired",
    "app_removed",
    "unknown_object",
    "portfolio_id",
    "permission",
    "send_permission",
    "override_before_subscription",
    "handshake_failed",
    "not_verified",
    "pin_mismatch",
    "register_limit",
    "not_registered",
    "unfunded",
    "sync_limit",
];

/// Lets the next calls of a step fail.
#[utoipa::path(post, path = "/step-failures", tag = "clients", request_body = StepFailure,
    responses((status = 200, description = "The fault that was laid.", body = Fault), (status = 400, body = ControlError)))]
async fn fail(State(platform): State<Platform>, Json(wanted): Json<StepFailure>) -> Outcome<Fault> {
    let key = wanted.failure.as_str().map_or_else(|| wanted.failure.to_string(), str::to_owned);
    let numbered = key.parse::<usize>().ok().and_then(|number| NUMBERED.get(number.checked_sub(1)?));
    let name = numbered.map_or(key.as_str(), |name| name);
    if !failures::is_known(name) {
        return Err(ControlError::wrong(format!(
            "There is no failure {key:?}; give a number from 1 to 20 or a name."
        )));
    }
    if wanted.times == 0 {
        return Err(ControlError::wrong("`times` must be at least 1."));
    }
    let step = STEPS.iter().find(|step| step.step == wanted.step);
    let fault = Fault {
        id: String::new(),
        // An exchange may come as GET or as POST.
        method: step.filter(|step| step.step != "exchange").map(|step| step.method.to_owned()),
        edge: step.map_or(wanted.step.clone(), |step| step.edge.to_owned()),
        times: wanted.times,
        after: wanted.after,
        effect: FaultEffect::Failure(name.to_owned()),
    };
    Ok(Json(platform.write(|world| faults::lay(world, fault)).await?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_numbered_failure_exists() {
        for name in super::NUMBERED {
            assert!(super::failures::is_known(name), "{name}");
        }
    }
}
