//! Messaging accounts from the outside: who lists them, who is assigned to them (meta-onboarding 3.4, 3.10).

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::caller::Caller;
use super::error::{Answer, GraphError};
use super::gate::Version;
use super::params::Params;
use super::{nodes, paging, refusals};
use crate::platform::Platform;
use crate::world::{Account, TokenKind, World};

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/client_whatsapp_business_accounts", get(shared_with_us))
        .route("/{id}/owned_whatsapp_business_accounts", get(owned))
        .route("/{id}/assigned_whatsapp_business_accounts", get(assigned))
        .route("/{id}/system_users", get(system_users))
        .route("/{id}/assigned_users", get(users).post(assign).delete(unassign))
}

/// `GET /{our portfolio}/client_whatsapp_business_accounts`.
async fn shared_with_us(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        nodes::own_portfolio(world, &caller, &id)?;
        by_system_token(world, &caller)?;
        listed(world, &caller, &params, |account| account.partners.contains(&id))
    })?;
    let path = format!("/{id}/client_whatsapp_business_accounts");
    paging::page(&platform, version.0, &path, &params, rows).map(Json)
}

/// `GET /{portfolio}/owned_whatsapp_business_accounts`.
async fn owned(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        nodes::own_portfolio(world, &caller, &id)?;
        by_system_token(world, &caller)?;
        listed(world, &caller, &params, |account| account.owner_id == id && caller.token.reaches(account))
    })?;
    let path = format!("/{id}/owned_whatsapp_business_accounts");
    paging::page(&platform, version.0, &path, &params, rows).map(Json)
}

/// `GET /{token's user}/assigned_whatsapp_business_accounts`.
async fn assigned(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        if caller.token.user_id != id {
            return Err(caller.unknown(&id));
        }
        by_system_token(world, &caller)?;
        listed(world, &caller, &params, |account| caller.token.reaches(account))
    })?;
    let path = format!("/{id}/assigned_whatsapp_business_accounts");
    paging::page(&platform, version.0, &path, &params, rows).map(Json)
}

/// Whether a business token may list accounts is uncertain, hence a switch.
fn by_system_token(world: &World, caller: &Caller) -> Answer<()> {
    caller.require("whatsapp_business_management")?;
    if caller.token.kind == TokenKind::Business && !world.rules().onboarding.business_token_lists_accounts {
        return Err(refusals::not_for_this_app());
    }
    Ok(())
}

fn listed(
    world: &World,
    caller: &Caller,
    params: &Params,
    of: impl Fn(&Account) -> bool,
) -> Answer<Vec<Value>> {
    let after = created_after(params);
    let mut accounts: Vec<&Account> =
        world.accounts.values().filter(|account| of(account) && account.created_at / 1000 > after).collect();
    accounts.sort_by_key(|account| account.created_at);
    if params.text("sort").as_deref() != Some("creation_time_ascending") {
        accounts.reverse();
    }
    let numeric = world.rules().onboarding.numeric_account_ids;
    accounts
        .into_iter()
        .map(|account| {
            let mut row =
                nodes::account_node(world, caller, account).select(params.text("fields").as_deref())?;
            if let Ok(number) = account.id.parse::<u64>()
                && numeric
            {
                row["id"] = json!(number);
            }
            Ok(row)
        })
        .collect()
}

/// `filtering=[{"field":"creation_time","operator":"GREATER_THAN","value":"1794536000"}]`, in seconds.
fn created_after(params: &Params) -> i64 {
    let Some(Value::Array(filters)) = params.json("filtering") else { return i64::MIN };
    let mut bounds = filters
        .iter()
        .filter(|filter| filter["field"] == "creation_time" && filter["operator"] == "GREATER_THAN");
    let value = bounds.next().map(|filter| filter["value"].clone());
    value.and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok())).unwrap_or(i64::MIN)
}

/// `GET /{our portfolio}/system_users`.
async fn system_users(State(platform): State<Platform>, Path(id): Path<String>, caller: Caller) -> Answer {
    let rows: Vec<Value> = platform.read(|world| {
        nodes::own_portfolio(world, &caller, &id)?;
        caller.require("business_management")?;
        let users = world.system_users.values().filter(|user| user.portfolio_id == id);
        Ok::<_, GraphError>(
            users.map(|user| json!({ "id": user.id, "name": user.name, "role": user.role })).collect(),
        )
    })?;
    Ok(Json(json!({ "data": rows })))
}

/// `GET /{messaging account}/assigned_users?business=…`.
async fn users(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows: Vec<Value> = platform.read(|world| {
        let account = nodes::account_with_edge(world, &caller, &id, "assigned_users")?;
        let business = params.required("business")?;
        let users = account.assigned_users.iter().filter_map(|(user, tasks)| {
            let user = world.system_users.get(user).filter(|user| user.portfolio_id == business)?;
            Some(json!({ "id": user.id, "name": user.name, "tasks": tasks }))
        });
        Ok::<_, GraphError>(users.collect())
    })?;
    paging::page(&platform, version.0, &format!("/{id}/assigned_users"), &params, rows).map(Json)
}

/// Tasks a system user may get on a messaging account.
const TASKS: &[&str] = &[
    "MANAGE",
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

/// `POST /{messaging account}/assigned_users?user=…&tasks=['MANAGE']`. Only an admin system user may.
async fn assign(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            admin_on(world, &caller, &id)?;
            let user = params.required("user")?;
            let tasks = tasks(&params.required("tasks")?)?;
            let own = world
                .system_users
                .get(&user)
                .is_some_and(|row| row.portfolio_id == caller.token.portfolio_id);
            if !own {
                return Err(GraphError::parameter("Invalid user: it is not a system user of your business."));
            }
            if let Some(account) = world.accounts.edit(&id) {
                account.assigned_users.insert(user, tasks);
            }
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

/// `DELETE /{messaging account}/assigned_users?user=…`.
async fn unassign(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            admin_on(world, &caller, &id)?;
            let user = params.required("user")?;
            if let Some(account) = world.accounts.edit(&id) {
                account.assigned_users.remove(&user);
            }
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

fn admin_on(world: &World, caller: &Caller, account_id: &str) -> Answer<()> {
    nodes::readable_account(world, caller, account_id)?;
    let user = world.system_users.get(&caller.token.user_id);
    if user.is_some_and(|user| user.role == "ADMIN") { Ok(()) } else { Err(GraphError::permission()) }
}

/// Meta's samples write the list with single quotes.
fn tasks(text: &str) -> Answer<Vec<String>> {
    let names = text.trim_matches(|c| matches!(c, '[' | ']' | ' ')).split(',');
    let tasks: Vec<String> =
        names.map(|name| name.trim_matches(|c| matches!(c, '\'' | '"' | ' ')).to_owned()).collect();
    match tasks.iter().find(|task| !TASKS.contains(&task.as_str())) {
        None => Ok(tasks),
        Some(odd) => Err(GraphError::parameter(format!(
            "Param tasks[0] must be one of {{{}}}; got {odd:?}",
            TASKS.join(", ")
        ))),
    }
}
