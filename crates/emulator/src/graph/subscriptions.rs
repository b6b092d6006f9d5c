//! Who gets webhooks: subscriptions of apps to messaging accounts, overrides, and the app's own callback
//! (meta-onboarding 3.6).
//!
//! Invariant: an address is stored only after it gave back the challenge.

use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::caller::{Caller, presented};
use super::error::{Answer, GraphError};
use super::params::Params;
use super::{nodes, oauth, refusals};
use crate::platform::Platform;
use crate::webhooks::handshake::handshake;
use crate::world::{Override, Subscription, World};

/// The longest override address.
const ADDRESS_MAX: usize = 200;

/// Webhook fields of the object `whatsapp_business_account` (meta-onboarding 4.13).
const FIELDS: &[&str] = &[
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "automatic_events",
    "business_capability_update",
    "business_username_updates",
    "calls",
    "consumer_profile",
    "flows",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "history",
    "message_echoes",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "messages",
    "messaging_handovers",
    "partner_solutions",
    "payment_configuration_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "smb_app_state_sync",
    "smb_message_echoes",
    "standby",
    "template_category_update",
    "tracking_events",
    "user_preferences",
];

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/subscribed_apps", get(list).post(subscribe).delete(unsubscribe))
        .route("/{id}/subscriptions", get(app_list).post(app_subscribe).delete(app_unsubscribe))
}

/// `GET /{messaging account}/subscribed_apps`: every subscribed app, not only the caller's.
async fn list(State(platform): State<Platform>, Path(id): Path<String>, caller: Caller) -> Answer {
    let rows: Vec<Value> = platform.read(|world| {
        let account = nodes::account_with_edge(world, &caller, &id, "subscribed_apps")?;
        let rows = account.subscriptions.iter().map(|(app, subscription)| row(world, app, subscription));
        Ok::<_, GraphError>(rows.collect())
    })?;
    Ok(Json(json!({ "data": rows })))
}

fn row(world: &World, app_id: &str, subscription: &Subscription) -> Value {
    let name = world.apps.get(app_id).map_or("", |app| app.name.as_str());
    let mut row = json!({
        "whatsapp_business_api_data": { "id": app_id, "link": nodes::app_link(app_id), "name": name }
    });
    if let Some(over) = &subscription.callback {
        row["override_callback_uri"] = json!(over.url);
    }
    row
}

/// `POST /{messaging account}/subscribed_apps`: subscribes the token's app. Without an override it also clears one.
async fn subscribe(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let callback = platform.read(|world| {
        let account = nodes::readable_account(world, &caller, &id)?;
        nodes::not_locked(account)?;
        let wanted = wanted_override(&params)?;
        if wanted.is_some() {
            subscribed_to_messages(world, &caller, &id)?;
        }
        Ok::<_, GraphError>(wanted)
    })?;
    if let Some(over) = &callback {
        answers(&platform, over).await?;
    }
    platform
        .write(|world| {
            if let Some(account) = world.accounts.edit(&id) {
                account.subscriptions.insert(caller.token.app_id.clone(), Subscription { callback });
            }
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

/// The override that a body asks for.
fn wanted_override(params: &Params) -> Answer<Option<Override>> {
    let Some(url) = params.text("override_callback_uri").filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    if url.len() > ADDRESS_MAX {
        return Err(GraphError::parameter(
            "Param override_callback_uri must be at most 200 characters long.",
        ));
    }
    Ok(Some(Override { url, verify_token: params.required("verify_token")? }))
}

/// An override needs a bare subscription first, and an app that takes the field `messages`.
fn subscribed_to_messages(world: &World, caller: &Caller, account_id: &str) -> Answer<()> {
    let app_id = &caller.token.app_id;
    let subscribed = world.accounts.get(account_id).is_some_and(|it| it.subscriptions.contains_key(app_id));
    if subscribed && world.apps.get(app_id).is_some_and(|app| app.wants("messages")) {
        return Ok(());
    }
    Err(refusals::override_before_subscription())
}

async fn answers(platform: &Platform, over: &Override) -> Answer<()> {
    handshake(platform.http(), &over.url, &over.verify_token)
        .await
        .map_err(|why| refusals::handshake_failed(&why))
}

/// `DELETE /{messaging account}/subscribed_apps`: also for an app that is not subscribed (uncertain; success here).
async fn unsubscribe(State(platform): State<Platform>, Path(id): Path<String>, caller: Caller) -> Answer {
    platform.read(|world| nodes::readable_account(world, &caller, &id).map(|_| ()))?;
    platform
        .write(|world| {
            if let Some(account) = world.accounts.edit(&id) {
                account.subscriptions.remove(&caller.token.app_id);
            }
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

/// Sets or clears the override of a number: `webhook_configuration` of `POST /{number}`.
pub async fn override_number(platform: &Platform, caller: &Caller, id: &str, wanted: &Value) -> Answer<()> {
    let url = wanted["override_callback_uri"].as_str().unwrap_or_default().to_owned();
    let app_id = caller.token.app_id.clone();
    if url.is_empty() {
        platform
            .write(|world| {
                if let Some(number) = world.numbers.edit(id) {
                    number.overrides.remove(&app_id);
                }
            })
            .await?;
        return Ok(());
    }
    if url.len() > ADDRESS_MAX {
        return Err(GraphError::parameter(
            "Param override_callback_uri must be at most 200 characters long.",
        ));
    }
    let verify_token = wanted["verify_token"].as_str().ok_or_else(|| GraphError::missing("verify_token"))?;
    let over = Override { url, verify_token: verify_token.to_owned() };
    platform.read(|world| {
        let number = caller.number(world, id)?;
        subscribed_to_messages(world, caller, &number.account_id)
    })?;
    answers(platform, &over).await?;
    platform
        .write(|world| {
            if let Some(number) = world.numbers.edit(id) {
                number.overrides.insert(app_id, over);
            }
        })
        .await?;
    Ok(())
}

/// The app an app token proves, when it is the one in the path.
fn own_app(platform: &Platform, parts: &Parts, id: &str) -> Answer<()> {
    let token = presented(parts).ok_or_else(GraphError::no_token)?;
    let app = platform.read(|world| oauth::inspecting_app(world, &token))?;
    if app == id { Ok(()) } else { Err(GraphError::unknown_object(&parts.method, id)) }
}

/// `GET /{app}/subscriptions`. `active` is whether the callback once answered the handshake.
async fn app_list(State(platform): State<Platform>, Path(id): Path<String>, parts: Parts) -> Answer {
    own_app(&platform, &parts, &id)?;
    let rows: Vec<Value> = platform.read(|world| {
        let Some(app) = world.apps.get(&id) else { return Vec::new() };
        let Some(url) = &app.callback_url else { return Vec::new() };
        let fields = FIELDS.iter().filter(|field| app.wants(field));
        let fields: Vec<Value> = fields.map(|field| json!({ "name": field, "version": "v25.0" })).collect();
        vec![json!({
            "object": "whatsapp_business_account", "callback_url": url, "active": true, "fields": fields
        })]
    });
    Ok(Json(json!({ "data": rows })))
}

/// `POST /{app}/subscriptions`: the callback and its fields.
async fn app_subscribe(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    parts: Parts,
    params: Params,
) -> Answer {
    own_app(&platform, &parts, &id)?;
    if params.required("object")? != "whatsapp_business_account" {
        return Err(GraphError::parameter("Param object must be one of {whatsapp_business_account}."));
    }
    let over =
        Override { url: params.required("callback_url")?, verify_token: params.required("verify_token")? };
    let fields = wanted_fields(&params)?;
    answers(&platform, &over).await?;
    platform
        .write(|world| {
            if let Some(app) = world.apps.edit(&id) {
                app.callback_url = Some(over.url);
                app.verify_token = Some(over.verify_token);
                app.fields = fields.into_iter().collect();
            }
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}

/// `fields` as a comma list or a JSON list of names or of `{"name"}`.
fn wanted_fields(params: &Params) -> Answer<Vec<String>> {
    let names: Vec<String> = match params.json("fields") {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().or_else(|| item["name"].as_str()).map(str::to_owned))
            .collect(),
        _ => params.required("fields")?.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    match names.iter().find(|name| !FIELDS.contains(&name.as_str())) {
        None => Ok(names),
        Some(odd) => Err(GraphError::parameter(format!(
            "Param fields[0] must be one of {{{}}}; got {odd:?}",
            FIELDS.join(", ")
        ))),
    }
}

/// `DELETE /{app}/subscriptions`: removes the callback.
async fn app_unsubscribe(State(platform): State<Platform>, Path(id): Path<String>, parts: Parts) -> Answer {
    own_app(&platform, &parts, &id)?;
    platform
        .write(|world| {
            if let Some(app) = world.apps.edit(&id) {
                app.callback_url = None;
                app.verify_token = None;
            }
        })
        .await?;
    Ok(Json(json!({ "success": true })))
}
