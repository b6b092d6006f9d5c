//! Business usernames (meta-messaging 2.6): claiming, reading, suggesting, giving up.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::error::{Answer, GraphError};
use super::{Caller, Params, refusals};
use crate::platform::Platform;
use crate::webhooks;
use crate::world::World;

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/username", get(read).post(claim).delete(give_up))
        .route("/{id}/username_suggestions", get(suggest))
}

/// How few and how many characters a username has.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=35;

/// Ends that make a username look like an address.
const DOMAINS: &[&str] = &[".com", ".net", ".org", ".id", ".io", ".co", ".app", ".shop", ".store"];

/// `GET /{number}/username`. Without a username, nothing but the id's absence says so.
async fn read(State(platform): State<Platform>, caller: Caller, Path(id): Path<String>) -> Answer {
    platform.read(|world| {
        registered(world, &caller, &id)?;
        let file = world.number_files.get(&id);
        let mut answer = json!({});
        if let Some((name, status)) =
            file.and_then(|file| file.username.as_ref().zip(file.username_status.as_ref()))
        {
            answer = json!({ "username": name, "status": status });
        }
        Ok(Json(answer))
    })
}

/// `GET /{number}/username_suggestions`: names like the display name that nobody has.
async fn suggest(State(platform): State<Platform>, caller: Caller, Path(id): Path<String>) -> Answer {
    platform.read(|world| {
        let number = registered(world, &caller, &id)?;
        let plain: String =
            number.to_lowercase().chars().filter(char::is_ascii_alphanumeric).take(28).collect();
        let dotted: String = number
            .to_lowercase()
            .split_whitespace()
            .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(".");
        let candidates = [plain.clone(), dotted, format!("{plain}.official"), format!("{plain}_wa")];
        let free: Vec<String> = candidates
            .into_iter()
            .filter(|name| flaw(name).is_none() && holder(world, name).is_none())
            .take(3)
            .collect();
        Ok(Json(json!({ "data": [{ "username_suggestions": free }] })))
    })
}

/// `POST /{number}/username`.
async fn claim(
    State(platform): State<Platform>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    platform.write(|world| claimed(world, &caller, &id, &params)).await?.map(Json)
}

fn claimed(world: &mut World, caller: &Caller, id: &str, params: &Params) -> Answer<Value> {
    registered(world, caller, id)?;
    let name = params.required("username")?;
    let transfer = params.text("transfer_action").unwrap_or_else(|| "none".into());
    if !["none", "force_transfer"].contains(&transfer.as_str()) {
        return Err(GraphError::parameter("Param transfer_action must be one of {none, force_transfer}."));
    }
    if let Some(flaw) = flaw(&name) {
        return Err(GraphError::parameter(flaw));
    }
    if let Some(other) = holder(world, &name).filter(|other| other != id) {
        if owner(world, &other) != owner(world, id) {
            return Err(GraphError::cloud(147001, "Username unavailable", "This username is not available."));
        }
        if transfer == "none" {
            return Err(GraphError::cloud(
                147005,
                "Username transfer required",
                "Another number of this business has this username.",
            ));
        }
        settle(world, &other, None, "deleted");
    }
    // INFERRED: an unverified business keeps a name until it is verified.
    let verified = owner(world, id).and_then(|owner| world.portfolios.get(&owner));
    let status = match verified {
        Some(portfolio) if portfolio.verification_status == "verified" => "approved",
        _ => "reserved",
    };
    settle(world, id, Some(&name), status);
    Ok(json!({ "status": status }))
}

/// `DELETE /{number}/username`.
async fn give_up(State(platform): State<Platform>, caller: Caller, Path(id): Path<String>) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            registered(world, &caller, &id)?;
            settle(world, &id, None, "deleted");
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

/// Writes down what became of a username and tells the apps. A deleted one is named to nobody.
pub fn settle(world: &mut World, id: &str, name: Option<&str>, status: &str) {
    world.edit_number_file(id, |file| {
        file.username = name.map(str::to_owned);
        file.username_status = name.map(|_| status.to_owned());
    });
    let Some(number) = world.numbers.get(id).cloned() else { return };
    let mut value = json!({ "display_phone_number": number.phone, "status": status });
    if let Some(name) = name {
        value["username"] = name.into();
    }
    webhooks::publish(world, &number.account_id, None, "business_username_updates", &value);
}

/// The display name of a number that the caller may give a username.
fn registered(world: &World, caller: &Caller, id: &str) -> Answer<String> {
    let number = caller.number(world, id)?;
    caller.require("whatsapp_business_management")?;
    if number.registered() { Ok(number.verified_name.clone()) } else { Err(refusals::not_registered()) }
}

/// The number that has a username.
fn holder(world: &World, name: &str) -> Option<String> {
    let held = |file: &crate::world::NumberFile| file.username.as_deref() == Some(name);
    world.number_files.iter().find(|(_, file)| held(file)).map(|(id, _)| id.clone())
}

fn owner(world: &World, number: &str) -> Option<String> {
    let number = world.numbers.get(number)?;
    Some(world.accounts.get(&number.account_id)?.owner_id.clone())
}

/// What is wrong with a name: 3 to 35 of `a-z 0-9 . _`, a letter among them, no dot at an end or beside another, nothing
/// like an address.
fn flaw(name: &str) -> Option<&'static str> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
    if !LENGTH.contains(&name.len()) {
        Some("Param username must be 3 to 35 characters long.")
    } else if !name.chars().all(fits) || !name.chars().any(|c| c.is_ascii_lowercase()) {
        Some("Param username must consist of a-z, 0-9, period and underscore, with at least one letter.")
    } else if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        Some("Param username must not begin or end with a period, or have two in a row.")
    } else if name.starts_with("www") || DOMAINS.iter().any(|domain| name.ends_with(domain)) {
        Some("Param username must not start with www or end with a domain.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::flaw;

    #[test]
    fn a_username_looks_like_neither_a_number_nor_an_address() {
        for good in ["kopi.senja", "kopisenja", "a_1", "k0p1"] {
            assert_eq!(flaw(good), None, "{good}");
        }
        let long = "a".repeat(36);
        for bad in
            ["ab", &long, "Kopi", "12345", ".kopi", "kopi.", "ko..pi", "wwwkopi", "kopi.com", "kopi senja"]
        {
            assert!(flaw(bad).is_some(), "{bad}");
        }
    }
}
