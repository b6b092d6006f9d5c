//! Numbers that stay in the WhatsApp Business app: the two syncs, once each, within a day (meta-onboarding 3.13).
//!
//! What is synced is made up of the people who wrote with the number, or of one invented contact.

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::caller::Caller;
use super::error::{Answer, GraphError};
use super::params::Params;
use super::{nodes, refusals};
use crate::platform::Platform;
use crate::webhooks::account_events::{EnvelopeForm, build};
use crate::webhooks::partners;
use crate::world::{Millis, World, graph_id};

/// Syncs are allowed so long after onboarding.
const WINDOW: Millis = 24 * 3_600_000;

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}/smb_app_data", post(sync))
}

/// `POST /{number}/smb_app_data`.
async fn sync(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform.write(|world| synced(world, &caller, &id, &params)).await?;
    done.map(|request| Json(json!({ "messaging_product": "whatsapp", "request_id": request })))
}

fn synced(world: &mut World, caller: &Caller, id: &str, params: &Params) -> Answer<String> {
    let number = caller.number(world, id)?.clone();
    caller.require("whatsapp_business_messaging")?;
    if !number.on_business_app {
        return Err(GraphError::parameter("The phone number is not used with the WhatsApp Business app."));
    }
    nodes::whatsapp_product(params)?;
    let kind = params.required("sync_type")?;
    if !["smb_app_state_sync", "history"].contains(&kind.as_str()) {
        return Err(GraphError::parameter("Param sync_type must be one of {smb_app_state_sync, history}."));
    }
    let now = world.now();
    if now - number.onboarded_at > WINDOW {
        return Err(refusals::sync_window());
    }
    if world.number_files.get(id).is_some_and(|file| file.syncs.contains_key(&kind)) {
        return Err(refusals::sync_limit());
    }
    world.edit_number_file(id, |file| {
        file.syncs.insert(kind.clone(), now);
    });
    if kind == "history" {
        send_history(world, &number.account_id, id);
    } else {
        send(world, &number.account_id, id, "smb_app_state_sync", contacts(world, id));
    }
    Ok(format!("req-{}", graph_id()))
}

/// Sends one event about the number; `value` is put over the usual one.
fn send(world: &mut World, account_id: &str, number_id: &str, name: &str, value: Value) {
    let subject = partners::subject(world, account_id, "", Some(number_id), None);
    if let Some(mut event) = build(name, &subject) {
        crate::webhooks::account_events::overlay(&mut event.value, &value);
        partners::send(world, &event, &subject, EnvelopeForm::Regular);
    }
}

/// The contacts of the phone: the people the number wrote with. `null` where there is nobody.
fn contacts(world: &World, number_id: &str) -> Value {
    let stamp = (world.now() / 1000).to_string();
    let people = world.threads.values().filter(|thread| thread.number_id == number_id);
    let people = people.filter_map(|thread| world.people.get(&thread.person_id));
    let contacts: Vec<Value> = people
        .map(|person| {
            let first = person.name.split(' ').next().unwrap_or_default();
            json!({
                "type": "contact", "action": "add", "metadata": { "timestamp": stamp },
                "contact": { "full_name": person.name, "first_name": first, "phone_number": person.phone }
            })
        })
        .collect();
    if contacts.is_empty() { Value::Null } else { json!({ "state_sync": contacts }) }
}

/// The history in three phases, its chunks out of order, the last one complete; then the media of the last days. An
/// owner who declines sends one refusal.
fn send_history(world: &mut World, account_id: &str, number_id: &str) {
    if world.number_files.get(number_id).is_some_and(|file| file.declines_history) {
        return send(world, account_id, number_id, "history_declined", Value::Null);
    }
    let subject = partners::subject(world, account_id, "", Some(number_id), None);
    let Some(event) = build("history", &subject) else { return };
    let threads = event.value["history"][0]["threads"].clone();
    // Phase, chunk, progress: the second chunk of today overtakes the first.
    for (phase, chunk, progress) in [(0, 2, 40), (0, 1, 20), (1, 1, 70), (2, 1, 100)] {
        // Only the first phase's first chunk holds messages; the others say how far it has come.
        let threads = if (phase, chunk) == (0, 1) { threads.clone() } else { json!([]) };
        let part = json!({
            "metadata": { "phase": phase, "chunk_order": chunk, "progress": progress }, "threads": threads
        });
        send(world, account_id, number_id, "history", json!({ "history": [part] }));
    }
    send(world, account_id, number_id, "history_media", Value::Null);
}
