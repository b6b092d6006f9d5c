//! Ending a connection from our side, in the one order that works; a failure of one part does not hide the others.

use meta::graph::{Access, AppLogin, GraphError};
use rules::connection::{Step, Trouble};
use rules::gate::LineState;
use rules::id::{AccountId, OrgId};
use secrecy::SecretString;
use serde_json::json;
use store::accounts::{self, Account};
use store::apps::{App, SECRET, SYSTEM_TOKEN};

use super::account::set_lines;
use super::{Failed, Stopped, tell_account};
use crate::ctx::Ctx;
use crate::http::{OrgActor, audit};

/// One part of a disconnection.
#[derive(Clone, Debug)]
pub struct Part {
    /// What was done, in a stable word.
    pub what: &'static str,
    /// What went wrong with it, if anything.
    pub problem: Option<Stopped>,
}

struct Keys {
    app: App,
    login: AppLogin,
    system_token: Option<SecretString>,
    token: Option<SecretString>,
}

/// Disconnects an account. May be called again: what is done already is found done. `release` also takes the numbers off
/// the Cloud API, for an owner who moves them elsewhere.
pub async fn disconnect(
    ctx: &Ctx,
    actor: &OrgActor,
    id: AccountId,
    reason: &str,
    release: bool,
) -> Result<Vec<Part>, Failed> {
    let (name, address) = (actor.name(), actor.client.address());
    let by = By { org: actor.org, name: &name, address: &address };
    disconnect_by(ctx, by, id, reason, release).await
}

/// Disconnects every account of an organisation that is deleted. What Meta does not do stays undone there: nothing of it is
/// ours any more.
pub async fn leave_all(ctx: &Ctx, org: OrgId, by: &str) -> store::Result<()> {
    let mut tx = ctx.store.read().await?;
    let accounts = tx.org(org).await?.accounts().await?;
    drop(tx);
    for account in accounts.iter().filter(|account| account.disconnected_at.is_none()) {
        let by = By { org, name: by, address: "" };
        let parts = disconnect_by(ctx, by, account.id, "organisation deleted", false).await;
        if !parts.is_ok_and(|parts| parts.iter().all(|part| part.problem.is_none())) {
            tracing::warn!(%org, account = %account.id, "Meta was not left in every part; the organisation goes all the same");
        }
    }
    Ok(())
}

/// Who disconnects.
#[derive(Clone, Copy)]
struct By<'a> {
    org: OrgId,
    name: &'a str,
    address: &'a str,
}

async fn disconnect_by(
    ctx: &Ctx,
    by: By<'_>,
    id: AccountId,
    reason: &str,
    release: bool,
) -> Result<Vec<Part>, Failed> {
    let org = by.org;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let account = scope.account(id).await?.ok_or(Failed::Missing)?;
    if account.disconnected_at.is_some() {
        return Ok(Vec::new());
    }
    // First nothing more is sent.
    set_lines(&mut scope, id, LineState::Held, ctx.now()).await?;
    let numbers = scope.numbers(Some(id)).await?;
    let keys = keys(ctx, &mut tx, org, &account).await?;
    tx.commit().await?;

    let mut parts = Vec::new();
    if let Some(keys) = &keys {
        if account.allocation_id.is_some() {
            parts
                .push(Part { what: "revoke_credit", problem: revoke(ctx, org, keys, &account).await?.err() });
        }
        let access = keys.token.as_ref().map(|token| Access::proven(token, &keys.login.app_secret));
        let access = access.as_ref();
        if release {
            for number in numbers.iter().filter(|number| !number.on_business_app) {
                let done = match access {
                    Some(access) => ctx.graph.deregister(access, &number.phone_number_id).await,
                    None => Err(no_token()),
                };
                // Not registered any more is what was wanted.
                let done =
                    done.or_else(|error| if error.code() == Some(133_010) { Ok(()) } else { Err(error) });
                parts.push(part("deregister_number", done));
            }
        }
        let left_behind = match access {
            Some(access) => unsubscribe(ctx, access, &account.waba_id, &keys.login.app_id)
                .await
                .err()
                .map(|error| left_behind(&error)),
            None => Some(Trouble::AppNotRemoved.into()),
        };
        parts.push(Part { what: "unsubscribe_app", problem: left_behind });
        let partner = &keys.app.settings.0;
        if let (Some(system), Some(user), true) =
            (&keys.system_token, &partner.system_user_id, account.allocation_id.is_some())
        {
            let system = Access::proven(system, &keys.login.app_secret);
            parts.push(part(
                "unassign_system_user",
                ctx.graph.unassign_user(&system, &account.waba_id, user).await,
            ));
        }
    }
    // The token last: the parts before need it.
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    scope.disconnect_account(id, reason, now).await?;
    set_lines(&mut scope, id, LineState::Gone, now).await?;
    tell_account(&mut scope, id, "disconnected", now).await?;
    let details = json!({"released": release});
    audit(ctx, &mut scope, by.name, "account.disconnect", &id.to_string(), details, by.address).await?;
    tx.commit().await?;
    parts.push(Part { what: "erase_token", problem: None });
    Ok(parts)
}

async fn keys(ctx: &Ctx, tx: &mut store::Tx, org: OrgId, account: &Account) -> store::Result<Option<Keys>> {
    let Some(app) = tx.app(account.app_id).await? else { return Ok(None) };
    let app_secret = ctx.vault.open(tx, app.owner(), SECRET, &app.secret).await?;
    let system_token = match &app.system_token {
        Some(sealed) => Some(ctx.vault.open(tx, app.owner(), SYSTEM_TOKEN, sealed).await?),
        None => None,
    };
    let token = match &account.token {
        Some(sealed) => Some(ctx.vault.open(tx, org, accounts::TOKEN, sealed).await?),
        None => None,
    };
    let login = AppLogin { app_id: app.meta_app_id.clone(), app_secret };
    Ok(Some(Keys { app, login, system_token, token }))
}

/// Takes our share of credit back, unless another account of the same client rests on it: revoking ends it for all.
async fn revoke(ctx: &Ctx, org: OrgId, keys: &Keys, account: &Account) -> store::Result<Result<(), Stopped>> {
    let Some(allocation) = &account.allocation_id else { return Ok(Ok(())) };
    if let Some(owner) = &account.owner_business_id
        && ctx.store.read().await?.accounts_on_credit(owner).await? > 1
    {
        return Ok(Ok(()));
    }
    let Some(system) = &keys.system_token else { return Ok(Err(Trouble::CreditNotConfigured.into())) };
    let system = Access::proven(system, &keys.login.app_secret);
    let revoked = async {
        if !ctx.graph.allocation(&system, allocation).await?.is_revoked() {
            ctx.graph.revoke_credit(&system, allocation).await?;
        }
        ctx.graph.allocation(&system, allocation).await
    };
    match revoked.await {
        Ok(seen) if seen.is_revoked() => {
            let mut tx = ctx.store.begin().await?;
            tx.org(org).await?.forget_allocation(account.id).await?;
            tx.commit().await?;
            Ok(Ok(()))
        }
        Ok(_) => Ok(Err(Trouble::CreditUnproved.into())),
        Err(error) => Ok(Err(Stopped::by(Step::ShareCredit, &error))),
    }
}

/// Ends the subscription, which also drops an address of the account's own, and reads that it has ended.
async fn unsubscribe(ctx: &Ctx, access: &Access<'_>, waba: &str, app: &str) -> Result<(), GraphError> {
    let listed = |rows: &[meta::graph::SubscribedApp]| rows.iter().any(|row| row.app_id == app);
    if listed(&ctx.graph.subscribed_apps(access, waba).await?) {
        ctx.graph.unsubscribe(access, waba).await?;
        if listed(&ctx.graph.subscribed_apps(access, waba).await?) {
            return Err(GraphError::Malformed { reason: "the subscription is still listed", status: 200 });
        }
    }
    Ok(())
}

/// With a dead token only the client can take our app away; connecting again would be the opposite of what is wanted.
fn left_behind(error: &GraphError) -> Stopped {
    let stopped = Stopped::by(Step::SubscribeApp, error);
    match stopped.trouble() {
        Trouble::TokenDead | Trouble::TokenMalformed => {
            Stopped { trouble: Trouble::AppNotRemoved, ..stopped }
        }
        _ => stopped,
    }
}

fn no_token() -> GraphError {
    GraphError::Unreachable { reason: "there is no access token any more" }
}

fn part(what: &'static str, done: Result<(), GraphError>) -> Part {
    Part { what, problem: done.err().map(|error| Stopped::by(Step::SubscribeApp, &error)) }
}
