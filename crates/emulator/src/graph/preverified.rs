//! Numbers a Solution Partner verifies ahead of any client (meta-onboarding 3.11).
//!
//! A verification holds 90 days and may be renewed in the last 45. Codes are requested and given back through the
//! same edges as for ordinary numbers.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::caller::Caller;
use super::error::{Answer, GraphError};
use super::gate::Version;
use super::nodes::{self, Node};
use super::paging;
use super::params::Params;
use crate::platform::Platform;
use crate::world::{Millis, Preverified, World, graph_id};

const DAY: Millis = 86_400_000;
/// How long a verification holds.
pub const VALID: Millis = 90 * DAY;
/// How long before its end it may be renewed.
pub const RENEWABLE: Millis = 45 * DAY;

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/add_phone_numbers", post(add))
        .route("/{id}/preverified_numbers", get(list))
        .route("/{id}/share_preverified_numbers", post(share).delete(unshare))
}

/// Whether the number counts as verified now.
pub fn verified(row: &Preverified, now: Millis) -> bool {
    row.verified_at.is_some_and(|at| now < at + VALID)
}

/// Whether a new code may be requested now: never verified, lapsed, or near its end.
pub fn renewable(row: &Preverified, now: Millis) -> bool {
    row.verified_at.is_none_or(|at| now >= at + VALID - RENEWABLE)
}

/// `POST /{our portfolio}/add_phone_numbers?phone_number=…`.
async fn add(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<String> {
            nodes::own_portfolio(world, &caller, &id)?;
            caller.require("business_management")?;
            let phone: String =
                params.required("phone_number")?.chars().filter(char::is_ascii_digit).collect();
            let taken = world.numbers.values().any(|number| number.phone == phone)
                || world.preverified.values().any(|row| row.phone == phone);
            if !(7..=15).contains(&phone.len()) || taken {
                return Err(GraphError::parameter(
                    "Param phone_number must be a valid phone number not in use.",
                ));
            }
            let row =
                Preverified { id: graph_id(), portfolio_id: id.clone(), phone, ..Preverified::default() };
            let new = row.id.clone();
            world.preverified.put(new.clone(), row);
            Ok(new)
        })
        .await?;
    done.map(|id| Json(json!({ "id": id })))
}

/// `GET /{our portfolio}/preverified_numbers`: own ones and those shared with us.
async fn list(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        nodes::own_portfolio(world, &caller, &id)?;
        caller.require("business_management")?;
        let wanted = params.text("code_verification_status");
        let seen =
            world.preverified.values().filter(|row| row.portfolio_id == id || row.shared_with.contains(&id));
        seen.map(|row| node(row, world.now()))
            .filter(|node| {
                wanted
                    .as_ref()
                    .is_none_or(|status| node.fields["code_verification_status"] == status.as_str())
            })
            .map(|node| node.select(params.text("fields").as_deref()))
            .collect::<Answer<Vec<Value>>>()
    })?;
    paging::page(&platform, version.0, &format!("/{id}/preverified_numbers"), &params, rows).map(Json)
}

async fn share(state: State<Platform>, path: Path<String>, caller: Caller, params: Params) -> Answer {
    change_sharing(state, path, caller, params, true).await
}

async fn unshare(state: State<Platform>, path: Path<String>, caller: Caller, params: Params) -> Answer {
    change_sharing(state, path, caller, params, false).await
}

/// `POST|DELETE /{our portfolio}/share_preverified_numbers?partner_business_id=…&preverified_id=…`.
async fn change_sharing(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
    shared: bool,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<()> {
            nodes::own_portfolio(world, &caller, &id)?;
            caller.require("business_management")?;
            let partner = params.required("partner_business_id")?;
            let number = params.required("preverified_id")?;
            let own = world.preverified.get(&number).is_some_and(|row| row.portfolio_id == id);
            let row =
                world.preverified.edit(&number).filter(|_| own).ok_or_else(|| caller.unknown(&number))?;
            if shared {
                row.shared_with.insert(partner);
            } else {
                row.shared_with.remove(&partner);
            }
            Ok(())
        })
        .await?;
    done.map(|()| Json(json!({ "success": true })))
}

/// A number verified ahead, to its partner and those it is shared with.
pub fn find(world: &World, caller: &Caller, id: &str) -> Option<Answer<Node>> {
    world.preverified.get(id).map(|row| {
        let own = &caller.token.portfolio_id;
        if row.portfolio_id == *own || row.shared_with.contains(own) {
            Ok(node(row, world.now()))
        } else {
            Err(caller.unknown(id))
        }
    })
}

fn node(row: &Preverified, now: Millis) -> Node {
    let status = match row.verified_at {
        None => "NOT_VERIFIED",
        Some(_) if verified(row, now) => "VERIFIED",
        Some(_) => "EXPIRED",
    };
    let fields = json!({
        "id": row.id, "phone_number": format!("+{}", row.phone), "code_verification_status": status,
        "code_verification_time": row.verified_at.map(|at| at / 1000),
        "verification_expiry_time": row.verified_at.map(|at| (at + VALID) / 1000),
        "owner_business": { "id": row.portfolio_id },
    });
    Node::new("WhatsAppBusinessPreVerifiedPhoneNumber", fields, &["phone_number", "code_verification_status"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verification_holds_ninety_days_and_renews_in_the_second_half() {
        let row = Preverified { verified_at: Some(0), ..Preverified::default() };
        assert!(verified(&row, 89 * DAY) && !verified(&row, 90 * DAY));
        assert!(!renewable(&row, 44 * DAY) && renewable(&row, 45 * DAY));
        assert!(renewable(&Preverified::default(), 0));
    }
}
