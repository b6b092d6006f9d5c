//! Numbers: listing, adding, verifying, display name, profile (meta-onboarding 3.5, 3.8, 3.9).

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::error::{Answer, GraphError};
use super::gate::Version;
use super::params::Params;
use super::{fields, nodes, paging, preverified, subscriptions};
use crate::platform::Platform;
use crate::world::{Number, NumberFile, VERIFICATION_CODE, World, graph_id};

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/phone_numbers", get(list).post(add))
        .route("/{id}/request_code", post(request_code))
        .route("/{id}/verify_code", post(verify_code))
        .route("/{id}/whatsapp_business_profile", get(profile).post(change_profile))
}

/// `GET /{messaging account}/phone_numbers`, newest onboarded first.
async fn list(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        let account = nodes::account_with_edge(world, &caller, &id, "phone_numbers")?;
        let mut numbers = nodes::numbers_of(world, &account.id);
        if params.text("sort").is_some_and(|sort| sort.contains("last_onboarded_time_ascending")) {
            numbers.reverse();
        }
        let wanted = params.text("fields");
        let filter = mode_filter(&params);
        numbers
            .into_iter()
            .filter(|number| filter.as_ref().is_none_or(|mode| *mode == number.account_mode))
            .map(|number| nodes::number_node(world, &caller, number).select(wanted.as_deref()))
            .collect::<Answer<Vec<Value>>>()
    })?;
    paging::page(&platform, version.0, &format!("/{id}/phone_numbers"), &params, rows).map(Json)
}

/// `filtering=[{"field":"account_mode","operator":"EQUAL","value":"LIVE"}]`.
fn mode_filter(params: &Params) -> Option<String> {
    let Value::Array(filters) = params.json("filtering")? else { return None };
    let filter = filters.iter().find(|filter| filter["field"] == "account_mode")?;
    filter["value"].as_str().map(str::to_owned)
}

/// `POST /{messaging account}/phone_numbers`: adds a number, or begins to move one here.
async fn add(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform.write(|world| added(world, &caller, &id, &params)).await?;
    done.map(|id| Json(json!({ "id": id })))
}

fn added(world: &mut World, caller: &Caller, account_id: &str, params: &Params) -> Answer<String> {
    let account = nodes::readable_account(world, caller, account_id)?;
    nodes::not_locked(account)?;
    let preverified = params.text("preverified_id").map(|id| {
        let row = world.preverified.get(&id).filter(|row| preverified::verified(row, world.now()));
        row.map(|row| row.phone.clone()).ok_or_else(|| caller.unknown(&id))
    });
    let preverified = preverified.transpose()?;
    let (dial, phone) = match &preverified {
        Some(phone) => (String::new(), phone.clone()),
        None => dialled(params)?,
    };
    let migrate = params.text("migrate_phone_number").as_deref() == Some("true");
    if let Some(other) =
        world.numbers.values().find(|number| number.phone == phone && number.status != "MIGRATED")
    {
        may_move(other, account_id, migrate)?;
    }
    let now = world.now();
    let id = graph_id();
    let number = Number {
        id: id.clone(),
        account_id: account_id.to_owned(),
        display: written(&dial, &phone),
        phone,
        verified_name: params.text("verified_name").unwrap_or_default(),
        code_verification_status: if preverified.is_some() { "VERIFIED" } else { "NOT_VERIFIED" }.into(),
        name_status: "PENDING_REVIEW".into(),
        country_dial_code: dial,
        onboarded_at: now,
        ..Number::default()
    };
    world.numbers.put(id.clone(), number);
    let file = NumberFile { preverified: preverified.is_some(), ..NumberFile::default() };
    world.number_files.put(id.clone(), file);
    Ok(id)
}

/// Country code and whole number, digits only. The documented name is `cc`; some libraries send `country_code`.
fn dialled(params: &Params) -> Answer<(String, String)> {
    let digits = |text: String| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let dial =
        params.text("cc").or_else(|| params.text("country_code")).ok_or_else(|| GraphError::missing("cc"))?;
    let dial = digits(dial);
    let rest = digits(params.required("phone_number")?);
    params.required("verified_name")?;
    let whole = format!("{dial}{rest}");
    if dial.is_empty() || !(7..=15).contains(&whole.len()) {
        return Err(GraphError::parameter("Param phone_number must be a valid phone number."));
    }
    Ok((dial, whole))
}

/// A number that exists elsewhere may only be moved, and only with two-step verification off.
fn may_move(other: &Number, account_id: &str, migrate: bool) -> Answer<()> {
    let refusal = |subcode: i64, text: &str| Err(GraphError::parameter(text).with_subcode(subcode));
    if other.account_id == account_id {
        return refusal(2388012, "The phone number is already registered in this WhatsApp Business Account.");
    }
    if !migrate || other.pin.is_some() {
        return refusal(
            2388001,
            "The phone number is in use by another WhatsApp Business Account, or its two-step verification is on.",
        );
    }
    Ok(())
}

/// `+49 301234567`; numbers that came with their own spelling keep it.
pub fn written(dial: &str, phone: &str) -> String {
    match phone.strip_prefix(dial).filter(|_| !dial.is_empty()) {
        Some(rest) => format!("+{dial} {rest}"),
        None => format!("+{phone}"),
    }
}

/// `POST /{number}/request_code`. Also for numbers being verified ahead of any client.
async fn request_code(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            let verified = if let Some(row) = own_preverified(world, &caller, &id) {
                !preverified::renewable(row, world.now())
            } else {
                let number = caller.number(world, &id)?;
                caller.require("whatsapp_business_management")?;
                number.code_verification_status == "VERIFIED"
            };
            if !["SMS", "VOICE"].contains(&params.required("code_method")?.as_str()) {
                return Err(GraphError::parameter("Param code_method must be one of {SMS, VOICE}."));
            }
            params.required("language")?;
            if verified {
                return Err(GraphError::cloud(
                    136024,
                    "Request code error",
                    "The phone number is already verified.",
                ));
            }
            match world.preverified.edit(&id) {
                Some(row) => row.code_requested = true,
                None => world.edit_number_file(&id, |file| file.code_requested = true),
            }
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

/// `POST /{number}/verify_code`.
async fn verify_code(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            let requested = if let Some(row) = own_preverified(world, &caller, &id) {
                row.code_requested
            } else {
                caller.number(world, &id)?;
                caller.require("whatsapp_business_management")?;
                world.number_files.get(&id).is_some_and(|file| file.code_requested)
            };
            let code = params.required("code")?.replace('-', "");
            if !requested || code != VERIFICATION_CODE {
                return Err(GraphError::cloud(
                    136025,
                    "Verify code error",
                    "The code does not match the one sent.",
                ));
            }
            verified(world, &id);
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

fn own_preverified<'w>(world: &'w World, caller: &Caller, id: &str) -> Option<&'w crate::world::Preverified> {
    world.preverified.get(id).filter(|row| row.portfolio_id == caller.token.portfolio_id)
}

/// Marks a number verified. One that was being moved here leaves its old place.
fn verified(world: &mut World, id: &str) {
    let now = world.now();
    if let Some(row) = world.preverified.edit(id) {
        row.verified_at = Some(now);
        row.code_requested = false;
        return;
    }
    world.edit_number_file(id, |file| file.code_requested = false);
    let Some(number) = world.numbers.edit(id) else { return };
    number.code_verification_status = "VERIFIED".into();
    let phone = number.phone.clone();
    let former: Vec<String> = world
        .numbers
        .iter()
        .filter(|(other, number)| *other != id && number.phone == phone && number.status != "MIGRATED")
        .map(|(other, _)| other.clone())
        .collect();
    for other in former {
        if let Some(number) = world.numbers.edit(&other) {
            number.status = "MIGRATED".into();
            number.platform_type = "NOT_APPLICABLE".into();
        }
    }
}

/// `POST /{number}`: PIN, webhook override, display name.
pub async fn change(platform: &Platform, caller: &Caller, id: &str, params: &Params) -> Answer {
    platform.read(|world| {
        let number = caller.number(world, id)?;
        caller.require("whatsapp_business_management")?;
        world.accounts.get(&number.account_id).map_or(Ok(()), nodes::not_locked)
    })?;
    if let Some(wanted) = params.json("webhook_configuration") {
        subscriptions::override_number(platform, caller, id, &wanted).await?;
    } else if let Some(pin) = params.text("pin") {
        platform.write(|world| super::registration::set_pin(world, caller, id, &pin)).await??;
    } else if let Some(name) = params.text("new_display_name") {
        platform
            .write(|world| {
                world.edit_number_file(id, |file| {
                    file.new_display_name = Some(name);
                    file.new_name_status = Some("PENDING_REVIEW".into());
                });
            })
            .await?;
    } else {
        return Err(GraphError::missing("pin"));
    }
    Ok(Json(json!({ "success": true })))
}

/// Profile parts and their longest values, in characters.
const PROFILE: &[(&str, usize)] = &[("about", 139), ("address", 256), ("description", 512), ("email", 128)];

/// Kinds of business a profile may name.
const VERTICALS: &[&str] = &[
    "",
    "ALCOHOL",
    "APPAREL",
    "AUTO",
    "BEAUTY",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GOVT",
    "GROCERY",
    "HEALTH",
    "HOTEL",
    "MATRIMONY_SERVICE",
    "NONPROFIT",
    "NOT_A_BIZ",
    "ONLINE_GAMBLING",
    "OTC_DRUGS",
    "OTHER",
    "PHYSICAL_GAMBLING",
    "PROF_SERVICES",
    "RESTAURANT",
    "RETAIL",
    "TRAVEL",
    "UNDEFINED",
];

/// `GET /{number}/whatsapp_business_profile`. The profile has no id of its own.
async fn profile(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let shown = platform.read(|world| {
        caller.number(world, &id)?;
        caller.require("whatsapp_business_messaging")?;
        let mut node: Map<String, Value> =
            ["about", "address", "description", "email", "profile_picture_url", "websites", "vertical"]
                .into_iter()
                .map(|name| (name.to_owned(), Value::Null))
                .collect();
        if let Some(file) = world.number_files.get(&id) {
            node.extend(file.profile.clone());
        }
        node.insert("messaging_product".into(), json!("whatsapp"));
        node.insert("id".into(), Value::Null);
        let wanted = params.text("fields").map(|wanted| format!("{wanted},messaging_product"));
        fields::select(&node, "WhatsAppBusinessProfile", wanted.as_deref(), &["about", "messaging_product"])
    })?;
    Ok(Json(json!({ "data": [shown] })))
}

/// `POST /{number}/whatsapp_business_profile`.
async fn change_profile(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    platform.read(|world| {
        caller.number(world, &id)?;
        caller.require("whatsapp_business_messaging")
    })?;
    nodes::whatsapp_product(&params)?;
    let mut given = Map::new();
    for (name, longest) in PROFILE {
        let Some(text) = params.text(name) else { continue };
        if text.chars().count() > *longest {
            return Err(GraphError::parameter(format!(
                "Param {name} must be at most {longest} characters long."
            )));
        }
        given.insert((*name).to_owned(), json!(text));
    }
    if let Some(websites) = params.json("websites") {
        let short = websites.as_array().is_some_and(|list| {
            list.len() <= 2 && list.iter().all(|site| site.as_str().is_some_and(|site| site.len() <= 256))
        });
        if !short {
            return Err(GraphError::parameter("Param websites must be an array of at most 2 addresses."));
        }
        given.insert("websites".into(), websites);
    }
    if let Some(vertical) = params.text("vertical") {
        if !VERTICALS.contains(&vertical.as_str()) {
            return Err(GraphError::parameter(format!(
                "Param vertical must be one of {{{}}}.",
                VERTICALS[1..].join(", ")
            )));
        }
        given.insert("vertical".into(), json!(vertical));
    }
    let handle = params.text("profile_picture_handle");
    if let Some(handle) = &handle {
        if platform.read(|world| world.uploads.values().all(|it| it.handle.as_ref() != Some(handle))) {
            return Err(GraphError::parameter(
                "Param profile_picture_handle is not a handle of a finished upload.",
            ));
        }
        let url = format!("{}/profile-pictures/{id}", platform.public_url());
        given.insert("profile_picture_url".into(), json!(url));
    }
    let change = |file: &mut NumberFile| {
        file.profile.extend(given);
        file.picture = handle.or(file.picture.take());
    };
    platform.write(|world| world.edit_number_file(&id, change)).await?;
    Ok(Json(json!({ "success": true })))
}
