//! What Meta says of accounts, numbers and templates by webhook.

use meta::webhook::{Event, Update};
use rules::id::AppId;
use rules::time::Timestamp;
use store::routing::Route;
use store::{OrgScope, Tx};

use crate::ctx::Ctx;

/// What became of an update about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is part of what we know now.
    Applied,
    /// A person has to look at it, or it waits for the account to be connected.
    Kept(String),
}

/// Applies an update about an account that an organisation has connected.
pub async fn apply_account_event(
    _ctx: &Ctx,
    _scope: &mut OrgScope<'_>,
    _route: &Route,
    update: &Update<'_>,
    _event: &Event,
    _now: Timestamp,
) -> store::Result<Heard> {
    Ok(Heard::Kept(format!("updates of the kind \"{}\" are not handled", update.kind)))
}

/// Takes an update of an account that nobody has connected through the app that signed it.
pub async fn apply_unrouted(
    _ctx: &Ctx,
    _tx: &mut Tx,
    _app: AppId,
    _update: &Update<'_>,
    _event: &Event,
    _now: Timestamp,
) -> store::Result<Heard> {
    Ok(Heard::Kept(
        "no organisation has connected this messaging account through the app that signed this".to_owned(),
    ))
}
