//! `/{phone_number_id}/block_users` (meta-messaging 5.4).

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::error::{Answer, GraphError};
use super::gate::Version;
use super::{Caller, Params, paging};
use crate::messaging::identity;
use crate::platform::Platform;
use crate::world::{Account, Number, World, thread_key};

pub(super) fn router() -> Router<Platform> {
    Router::new().route("/{id}/block_users", get(list).post(block).delete(unblock))
}

/// The users of one request at most.
const MOST: usize = 1_000;

async fn list(
    State(platform): State<Platform>,
    Extension(Version(version)): Extension<Version>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    let rows = platform.read(|world| -> Answer<Vec<Value>> {
        let number = caller.number(world, &id)?;
        let owner = &caller.account(world, &number.account_id)?.owner_id;
        let blocked = world.threads.values().filter(|thread| thread.number_id == id && thread.blocked);
        Ok(blocked
            .filter_map(|thread| world.people.get(&thread.person_id))
            .map(|person| {
                let bsuid = person.bsuids.get(owner);
                let phone = person.phone_visible().then_some(&person.phone);
                // Meta's schema has no `input` here; pywa demands it, and an extra key harms nobody.
                let mut row =
                    json!({"messaging_product": "whatsapp", "input": phone.or(bsuid), "user_id": bsuid});
                if let Some(phone) = phone {
                    row["wa_id"] = phone.clone().into();
                }
                row
            })
            .collect())
    })?;
    paging::page(&platform, version, &format!("/{id}/block_users"), &params, rows).map(Json)
}

async fn block(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    platform.write(|world| set_blocked(world, &caller, &id, &params, true)).await?.map(Json)
}

async fn unblock(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer<Json<Value>> {
    platform.write(|world| set_blocked(world, &caller, &id, &params, false)).await?.map(Json)
}

fn set_blocked(
    world: &mut World,
    caller: &Caller,
    id: &str,
    params: &Params,
    blocked: bool,
) -> Answer<Value> {
    let number = caller.number(world, id)?.clone();
    let account = caller.account(world, &number.account_id)?.clone();
    caller.require("whatsapp_business_messaging")?;
    if params.text("messaging_product").as_deref() != Some("whatsapp") {
        return Err(GraphError::missing("messaging_product"));
    }
    let users = params.json("block_users").and_then(|users| users.as_array().cloned());
    let users = users.filter(|users| !users.is_empty()).ok_or_else(|| GraphError::missing("block_users"))?;
    if users.len() > MOST {
        return Err(GraphError::parameter(format!("Param block_users takes at most {MOST} users.")));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for user in &users {
        let (mut entry, person_id) = find(world, &number, &account, user)?;
        match person_id.ok_or(131026).and_then(|person| mark(world, &number, &person, blocked)) {
            Ok(()) => done.push(Value::Object(entry)),
            Err(code) => {
                let details = match code {
                    131047 => "Users can be blocked only within 24 hours of their last message.",
                    131021 => "A number cannot block itself.",
                    _ => "The user is not known.",
                };
                let message = "Block user operation failed";
                entry.insert(
                    "errors".into(),
                    json!([{"message": message, "code": code, "error_data": {"details": details}}]),
                );
                failed.push(Value::Object(entry));
            }
        }
    }
    let key = if blocked { "added_users" } else { "removed_users" };
    let mut lists = json!({key: done});
    if failed.is_empty() {
        return Ok(json!({"messaging_product": "whatsapp", "block_users": lists}));
    }
    lists["failed_users"] = failed.into();
    let details = "Failed to block/unblock some users. Check the response for failed users.";
    let mut error = GraphError::cloud(139100, "Failed to block/unblock some users", details);
    error.beside = json!({"messaging_product": "whatsapp", "block_users": lists})
        .as_object()
        .cloned()
        .unwrap_or_default();
    Err(error)
}

/// The answer's entry for a user, and the person; `user` wins over `user_id`.
fn find(
    world: &World,
    number: &Number,
    account: &Account,
    user: &Value,
) -> Answer<(Map<String, Value>, Option<String>)> {
    let given = |key: &str| user.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut entry = Map::new();
    let person = if let Some(phone) = given("user") {
        let digits = identity::digits_of(&phone, &number.country_dial_code);
        entry.insert("input".into(), phone.into());
        if let Some(digits) = &digits {
            entry.insert("wa_id".into(), digits.clone().into());
        }
        digits.and_then(|digits| world.person_by_phone(&digits))
    } else {
        let bsuid = given("user_id").ok_or_else(|| GraphError::missing("block_users['user']"))?;
        entry.insert("input".into(), bsuid.clone().into());
        entry.insert("user_id".into(), bsuid.clone().into());
        world.person_by_bsuid(&account.owner_id, &bsuid)
    };
    Ok((entry, person.map(|person| person.id.clone())))
}

/// Blocks or unblocks; the error is Meta's code.
fn mark(world: &mut World, number: &Number, person_id: &str, blocked: bool) -> Result<(), i64> {
    let now = world.now();
    if world.people.get(person_id).is_some_and(|person| person.phone == number.phone) {
        return Err(131021);
    }
    let thread = world.threads.edit(&thread_key(&number.id, person_id)).ok_or(131047)?;
    if blocked && !thread.window_open(now) {
        return Err(131047);
    }
    thread.blocked = blocked;
    Ok(())
}
