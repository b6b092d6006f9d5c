//! The use cases of a number's page. Each owns its transactions and holds none while Meta is asked.

pub mod links;
pub mod name;
pub mod pin;
pub mod profile;
pub mod username;

use std::sync::Arc;

use meta::graph::{Access, GraphError};
use rules::id::{NumberId, OrgId};
use rules::number::{ChangeSource, NumberField};
use rules::time::Timestamp;
use serde_json::Value;
use store::numbers::{Number, NumberChange};
use store::{Cursor, OrgScope, Page, StoreError};

use super::history;
use crate::ctx::Ctx;
use crate::http::OrgActor;
use crate::onboarding::{self, Line};

/// What ends a use case early.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// There is no such number here.
    #[error("not found")]
    Missing,
    /// Its account is no longer connected.
    #[error("the account is not connected")]
    Disconnected,
    /// It does not fit with how things stand; a code, and a sentence for people in both languages.
    #[error("{1}")]
    Conflict(&'static str, &'static str, &'static str),
    /// A value cannot be used; the field and a sentence for people.
    #[error("{1}")]
    Invalid(&'static str, &'static str),
    /// Meta refused, or was not reached.
    #[error(transparent)]
    Meta(#[from] GraphError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failed {
    /// The database's part in it, which passes.
    pub fn of_the_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// A number, and what asking Meta about it takes.
pub struct Reached {
    /// The number as it stands.
    pub number: Number,
    /// Meta's id of the app through which it is connected.
    pub meta_app_id: String,
    line: Arc<Line>,
}

impl Reached {
    /// The right to call.
    pub fn access(&self) -> Access<'_> {
        self.line.access()
    }

    /// Meta's id of the number.
    pub fn id(&self) -> &str {
        &self.number.phone_number_id
    }
}

impl std::fmt::Debug for Reached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reached").field("number", &self.number.id).finish_non_exhaustive()
    }
}

/// Finds a number and opens what asking Meta about it takes.
pub async fn reach(ctx: &Ctx, org: OrgId, id: NumberId) -> Result<Reached, Failed> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let number = scope.number(id).await?.ok_or(Failed::Missing)?;
    let account = scope.account(number.account_id).await?.ok_or(Failed::Missing)?;
    let line = onboarding::line(ctx, &mut scope, account.id).await?.ok_or(Failed::Disconnected)?;
    let app = tx.app(account.app_id).await?.ok_or(Failed::Disconnected)?;
    Ok(Reached { number, meta_app_id: app.meta_app_id, line })
}

/// Whether there is such a number here.
pub async fn exists(ctx: &Ctx, org: OrgId, id: NumberId) -> Result<(), Failed> {
    let mut tx = ctx.store.read().await?;
    tx.org(org).await?.number(id).await?.map(|_| ()).ok_or(Failed::Missing)
}

/// What changed about a number, newest first.
pub async fn changes(
    ctx: &Ctx,
    org: OrgId,
    id: NumberId,
    field: Option<NumberField>,
    before: Cursor,
    limit: usize,
) -> Result<Page<NumberChange>, Failed> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    scope.number(id).await?.ok_or(Failed::Missing)?;
    Ok(scope.number_changes(id, field, before, limit).await?)
}

/// Writes down what a member has changed: what is different since `before`, and who did it. The number as it is now.
async fn changed(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    before: &Number,
    (action, details): (&str, Value),
    now: Timestamp,
) -> Result<Number, Failed> {
    let account = before.account_id;
    history::since(ctx, scope, account, std::slice::from_ref(before), ChangeSource::Member, now).await?;
    actor.audit(ctx, scope, action, before.id, details).await?;
    scope.number(before.id).await?.ok_or(Failed::Missing)
}
