//! Registering a number for the Cloud API, taking it off again, and its PIN (meta-onboarding 3.7).
//!
//! Ten registrations and deregistrations are allowed per number and 72 hours of the emulator's clock; the next one
//! locks the number for 72 hours.

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;

use super::caller::Caller;
use super::error::{Answer, GraphError};
use super::params::Params;
use super::{nodes, refusals};
use crate::platform::Platform;
use crate::world::{Millis, Number, World};

/// Attempts allowed in [`SPAN`].
const ATTEMPTS: usize = 10;
/// 72 hours.
const SPAN: Millis = 72 * 3_600_000;

/// Countries a number's data may be kept in.
const REGIONS: &[&str] =
    &["AU", "ID", "IN", "JP", "SG", "KR", "DE", "CH", "GB", "BR", "BH", "ZA", "AE", "CA"];

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}/register", post(register)).route("/{id}/deregister", post(deregister))
}

/// `POST /{number}/register`.
async fn register(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform.write(|world| registered(world, &caller, &id, &params)).await?;
    done.map(|()| Json(json!({ "success": true })))
}

fn registered(world: &mut World, caller: &Caller, id: &str, params: &Params) -> Answer<()> {
    let number = usable(world, caller, id)?.clone();
    if number.on_business_app {
        return Err(GraphError::parameter("A number of the WhatsApp Business app is not registered by API."));
    }
    nodes::whatsapp_product(params)?;
    let pin = params.required("pin")?;
    six_digits(&pin)?;
    let region = params.text("data_localization_region");
    if region.as_ref().is_some_and(|region| !REGIONS.contains(&region.as_str())) {
        return Err(GraphError::parameter(format!(
            "Param data_localization_region must be one of {{{}}}.",
            REGIONS.join(", ")
        )));
    }
    count(world, id)?;
    let already = number.registered();
    if number.code_verification_status != "VERIFIED" && !already {
        return Err(refusals::not_verified());
    }
    let keeps_pin = already && world.rules().onboarding.account_model_evolution;
    if !keeps_pin && number.pin.as_ref().is_some_and(|set| *set != pin) {
        return Err(refusals::pin_mismatch());
    }
    let new_name = approved_name(world, id);
    if let Some(row) = world.numbers.edit(id) {
        row.status = "CONNECTED".into();
        row.platform_type = "CLOUD_API".into();
        row.pin.get_or_insert(pin);
        if let Some(name) = new_name {
            row.verified_name = name;
            row.name_status = "APPROVED".into();
        }
    }
    world.edit_number_file(id, |file| {
        file.data_localization_region = region.or(file.data_localization_region.take())
    });
    Ok(())
}

/// An approved display name shows only after registering again.
fn approved_name(world: &mut World, id: &str) -> Option<String> {
    let approved = world.number_files.get(id)?.new_name_status.as_deref() == Some("APPROVED");
    let file = world.number_files.edit(id).filter(|_| approved)?;
    file.new_name_status = None;
    file.new_display_name.take()
}

/// `POST /{number}/deregister`. The PIN stays set.
async fn deregister(State(platform): State<Platform>, Path(id): Path<String>, caller: Caller) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            let number = usable(world, &caller, &id)?.clone();
            if number.on_business_app {
                return Err(GraphError::parameter(
                    "A number of the WhatsApp Business app is disconnected in the app.",
                ));
            }
            if !number.registered() {
                return Err(refusals::not_registered());
            }
            count(world, &id)?;
            if let Some(row) = world.numbers.edit(&id) {
                row.status = "DISCONNECTED".into();
                row.platform_type = "NOT_APPLICABLE".into();
            }
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

/// A number the caller may register.
fn usable<'w>(world: &'w World, caller: &Caller, id: &str) -> Answer<&'w Number> {
    let number = caller.number(world, id)?;
    caller.require("whatsapp_business_messaging")?;
    world.accounts.get(&number.account_id).map_or(Ok(()), nodes::not_locked)?;
    Ok(number)
}

/// Counts an attempt, whether it will succeed or not.
fn count(world: &mut World, id: &str) -> Answer<()> {
    let now = world.now();
    let mut allowed = true;
    world.edit_number_file(id, |file| {
        if file.locked_until.is_some_and(|until| now < until) {
            allowed = false;
            return;
        }
        file.locked_until = None;
        file.attempts.retain(|at| now - at < SPAN);
        if file.attempts.len() >= ATTEMPTS {
            file.locked_until = Some(now + SPAN);
            file.attempts.clear();
            allowed = false;
            return;
        }
        file.attempts.push(now);
    });
    if allowed { Ok(()) } else { Err(refusals::register_limit()) }
}

/// Sets a PIN without knowing the old one: `pin` of `POST /{number}`.
pub fn set_pin(world: &mut World, caller: &Caller, id: &str, pin: &str) -> Answer<()> {
    caller.require("whatsapp_business_messaging")?;
    let allowed = world.rules().onboarding.pin_on_unregistered;
    let number = caller.number(world, id)?;
    if !number.registered() && !allowed {
        return Err(refusals::not_registered());
    }
    six_digits(pin)?;
    if let Some(row) = world.numbers.edit(id) {
        row.pin = Some(pin.to_owned());
    }
    Ok(())
}

fn six_digits(pin: &str) -> Answer<()> {
    if pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(GraphError::parameter("Param pin must be 6 characters long."))
}
