//! A Solution Partner's credit line: shared with a client, attached to its messaging accounts, revoked
//! (meta-onboarding 3.10).
//!
//! Invariant: a messaging account shows as `primary_funding_id` the credential of the allocation that pays for it;
//! revoking an allocation ends it on every messaging account of that client.

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
use crate::world::{Allocation, CreditLine, TokenKind, World, graph_id};

pub(super) fn router() -> Router<Platform> {
    Router::new()
        .route("/{id}/extendedcredits", get(lines))
        .route("/{id}/whatsapp_credit_sharing_and_attach", post(share_and_attach))
        .route("/{id}/whatsapp_credit_sharing", post(share))
        .route("/{id}/whatsapp_credit_attach", post(attach))
        .route("/{id}/owning_credit_allocation_configs", get(allocations))
}

/// `GET /{our portfolio}/extendedcredits`.
async fn lines(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        nodes::own_portfolio(world, &caller, &id)?;
        by_system_user(&caller)?;
        let own = world.credit_lines.values().filter(|line| line.portfolio_id == id);
        own.map(|line| line_node(line).select(params.text("fields").as_deref()))
            .collect::<Answer<Vec<Value>>>()
    })?;
    paging::page(&platform, version.0, &format!("/{id}/extendedcredits"), &params, rows).map(Json)
}

fn line_node(line: &CreditLine) -> Node {
    let fields = json!({ "id": line.id, "legal_entity_name": line.legal_entity_name });
    Node::new("ExtendedCredit", fields, &["legal_entity_name"])
}

/// The credit calls are for the partner's own system user.
fn by_system_user(caller: &Caller) -> Answer<()> {
    if caller.token.kind == TokenKind::Business {
        return Err(GraphError::permission());
    }
    caller.require("business_management")
}

fn own_line<'w>(world: &'w World, caller: &Caller, id: &str) -> Answer<&'w CreditLine> {
    let line = world.credit_lines.get(id).filter(|line| line.portfolio_id == caller.token.portfolio_id);
    line.ok_or_else(|| caller.unknown(id))
}

/// `POST /{credit line}/whatsapp_credit_sharing_and_attach`, by our system user, which must be assigned to the
/// messaging account.
async fn share_and_attach(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<Value> {
            own_line(world, &caller, &id)?;
            by_system_user(&caller)?;
            let account_id = params.required("waba_id")?;
            let account = nodes::readable_account(world, &caller, &account_id)?;
            if !account.assigned_users.contains_key(&caller.token.user_id) {
                return Err(GraphError::permission());
            }
            let owner = account.owner_id.clone();
            let currency = currency(world, &params)?;
            let allocation = allocated(world, &id, &owner);
            pay(world, &allocation, &account_id, &currency)?;
            Ok(json!({ "allocation_config_id": allocation, "waba_id": account_id }))
        })
        .await?;
    done.map(Json)
}

/// `POST /{credit line}/whatsapp_credit_sharing`: the first half, by our system user.
async fn share(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<Value> {
            own_line(world, &caller, &id)?;
            by_system_user(&caller)?;
            let business = params.required("receiving_business_id")?;
            if !nodes::sees_portfolio(world, &caller, &business) {
                return Err(caller.unknown(&business));
            }
            Ok(json!({ "success": true, "allocation_config_id": allocated(world, &id, &business) }))
        })
        .await?;
    done.map(Json)
}

/// `POST /{credit line}/whatsapp_credit_attach`: the second half, by the client's business token.
async fn attach(
    State(platform): State<Platform>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let done = platform
        .write(|world| -> Answer<Value> {
            let account_id = params.required("waba_id")?;
            let owner = nodes::readable_account(world, &caller, &account_id)?.owner_id.clone();
            let shared = world.allocations.values().find(|allocation| {
                allocation.credit_line_id == id
                    && allocation.receiving_business_id == owner
                    && !allocation.deleted
            });
            let allocation = shared.ok_or_else(|| caller.unknown(&id))?.id.clone();
            let currency = currency(world, &params)?;
            pay(world, &allocation, &account_id, &currency)?;
            Ok(json!({ "success": true, "waba_id": account_id, "allocation_config_id": allocation }))
        })
        .await?;
    done.map(Json)
}

fn currency(world: &World, params: &Params) -> Answer<String> {
    let currency = params.required("waba_currency")?;
    let allowed = &world.rules().onboarding.credit_currencies;
    if allowed.contains(&currency) {
        return Ok(currency);
    }
    let list = allowed.iter().cloned().collect::<Vec<_>>().join(", ");
    Err(GraphError::parameter(format!("Param waba_currency must be one of {{{list}}}.")))
}

/// The client's live allocation of the line, made if there is none.
fn allocated(world: &mut World, line: &str, business: &str) -> String {
    let live = world.allocations.values().find(|allocation| {
        allocation.credit_line_id == line
            && allocation.receiving_business_id == business
            && !allocation.deleted
    });
    if let Some(allocation) = live {
        return allocation.id.clone();
    }
    let allocation = Allocation {
        id: graph_id(),
        credit_line_id: line.to_owned(),
        receiving_business_id: business.to_owned(),
        credential_id: graph_id(),
        ..Allocation::default()
    };
    let id = allocation.id.clone();
    world.allocations.put(id.clone(), allocation);
    id
}

/// Attaches an allocation. A line once attached cannot be swapped for another, and it freezes the currency.
fn pay(world: &mut World, allocation_id: &str, account_id: &str, currency: &str) -> Answer<()> {
    let credential = world.allocations.get(allocation_id).map(|allocation| allocation.credential_id.clone());
    let other = world.allocations.values().any(|allocation| {
        allocation.id != allocation_id && !allocation.deleted && allocation.account_ids.contains(account_id)
    });
    let frozen = world.allocations.values().any(|allocation| {
        allocation.account_ids.contains(account_id)
            && world.accounts.get(account_id).is_some_and(|account| account.currency != currency)
    });
    if other {
        return Err(GraphError::parameter(
            "The WhatsApp Business Account already has a credit line attached.",
        ));
    }
    if frozen {
        return Err(GraphError::parameter(
            "The currency of a WhatsApp Business Account with a credit line is fixed.",
        ));
    }
    if let Some(allocation) = world.allocations.edit(allocation_id) {
        allocation.account_ids.insert(account_id.to_owned());
    }
    if let Some(account) = world.accounts.edit(account_id) {
        account.funding_id = credential;
        account.currency = currency.to_owned();
    }
    Ok(())
}

/// `GET /{credit line}/owning_credit_allocation_configs?receiving_business_id=…`.
async fn allocations(
    State(platform): State<Platform>,
    Extension(version): Extension<Version>,
    Path(id): Path<String>,
    caller: Caller,
    params: Params,
) -> Answer {
    let rows = platform.read(|world| {
        own_line(world, &caller, &id)?;
        by_system_user(&caller)?;
        let wanted = params.text("receiving_business_id");
        let of_line = world.allocations.values().filter(|it| it.credit_line_id == id && !it.deleted);
        of_line
            .filter(|it| wanted.as_ref().is_none_or(|business| *business == it.receiving_business_id))
            .map(|it| allocation_node(world, it).select(params.text("fields").as_deref()))
            .collect::<Answer<Vec<Value>>>()
    })?;
    let path = format!("/{id}/owning_credit_allocation_configs");
    paging::page(&platform, version.0, &path, &params, rows).map(Json)
}

/// A credit line or an allocation of the caller's own, if the id is one.
pub fn find(world: &World, caller: &Caller, id: &str) -> Option<Answer<Node>> {
    if world.credit_lines.contains(id) {
        return Some(own_line(world, caller, id).map(line_node));
    }
    world.allocations.get(id).map(|allocation| {
        own_line(world, caller, &allocation.credit_line_id).map_err(|_| caller.unknown(id))?;
        by_system_user(caller)?;
        Ok(allocation_node(world, allocation))
    })
}

fn allocation_node(world: &World, allocation: &Allocation) -> Node {
    let fields = json!({
        "id": allocation.id,
        "receiving_business": nodes::business_info(world, &allocation.receiving_business_id),
        "receiving_credential": { "id": allocation.credential_id },
        "owning_credit": { "id": allocation.credit_line_id },
        "request_status": if allocation.deleted { "DELETED" } else { "ACTIVE" },
    });
    Node::new("ExtendedCreditAllocationConfig", fields, &["receiving_business"])
}

/// `DELETE /{allocation}`: every messaging account it paid for is unfunded. `None` leaves the id to others.
pub fn revoke(world: &mut World, caller: &Caller, id: &str) -> Option<Answer<()>> {
    let allocation = world.allocations.get(id)?.clone();
    if let Err(error) =
        own_line(world, caller, &allocation.credit_line_id).map(|_| ()).and_then(|()| by_system_user(caller))
    {
        return Some(Err(error));
    }
    for account_id in &allocation.account_ids {
        let paid = world.accounts.get(account_id).and_then(|account| account.funding_id.as_ref());
        if paid == Some(&allocation.credential_id)
            && let Some(account) = world.accounts.edit(account_id)
        {
            account.funding_id = None;
        }
    }
    if let Some(row) = world.allocations.edit(id) {
        row.deleted = true;
    }
    Some(Ok(()))
}
