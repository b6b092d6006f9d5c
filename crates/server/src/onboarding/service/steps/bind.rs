//! Making the messaging account the organisation's.

use meta::graph::Access;
use rules::connection::{Standing, Step, TokenState, Trouble, account_line};
use rules::id::AccountId;
use serde_json::json;
use store::accounts::{self, BindAccount};

use super::super::advance::Proved;
use super::super::work::Work;
use super::super::{Stopped, tell_account};
use super::sync::{account_facts, number_readings};
use super::{Made, ask};
use crate::ctx::Ctx;
use crate::dispatch;

const STEP: Step = Step::BindAccount;

/// Binds the account with what Meta says of it and its numbers, and moves the token to it. What Meta told by webhook
/// before is applied now.
pub async fn bind(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    let waba = ask!(STEP, ctx.graph.waba(access, work.waba()));
    let refused = match (waba.status.as_deref(), waba.review.as_deref()) {
        (Some("DISABLED" | "RESTRICTED"), _) => Some(Trouble::AccountBlocked),
        (_, Some("REJECTED")) => Some(Trouble::AccountRejected),
        (Some("PENDING"), _) | (_, Some("PENDING")) => Some(Trouble::AccountPending),
        _ => None,
    };
    if let Some(trouble) = refused {
        let words = format!("status {:?}, review {:?}", waba.status, waba.review);
        return Ok(Err(Stopped::from(trouble).saying(words)));
    }
    let numbers = ask!(STEP, ctx.graph.phone_numbers(access, work.waba()));
    if numbers.is_empty() {
        return Ok(Err(Trouble::NoNumber.into()));
    }
    if let Some(chosen) = &work.connection.settings.0.chosen_phone_number_id
        && !numbers.iter().any(|number| number.id == *chosen)
    {
        return Ok(Err(Trouble::NumberNotInAccount.into()));
    }
    let Some(token) = &work.token else { return Ok(Err(Trouble::TokenDead.into())) };

    let now = ctx.now();
    let proved = work.rows.iter().find(|row| row.step == Step::ProveAccess);
    let client_business_id = proved
        .and_then(|row| row.result.as_ref())
        .and_then(|result| result.0["client_business_id"].as_str().map(str::to_owned));
    let mut facts = account_facts(&waba, None);
    if client_business_id.is_some() && client_business_id != waba.owner_business_id {
        // Once said of this business it stays said; binding the same account again asks nothing.
        let known = work.account.as_ref().map(|account| &account.facts.0.client_business_id);
        if known != Some(&client_business_id) && !work.confirmed(Trouble::SharedAccount) {
            let owner = waba.owner_business_name.as_deref().unwrap_or("an owner that Meta does not name");
            return Ok(Err(Stopped::from(Trouble::SharedAccount).saying(format!("It belongs to {owner}"))));
        }
        facts.warnings.push("shared_from_another_portfolio".to_owned());
    }
    facts.client_business_id = client_business_id;
    let line = account_line(false, TokenState::Valid, waba.status.as_deref(), waba.review.as_deref(), false);
    let readings = number_readings(ctx, &numbers, line);

    let mut tx = ctx.store.begin().await?;
    if tx.orgs_of_waba(work.waba()).await?.iter().any(|org| *org != work.org) {
        return Ok(Err(Trouble::BoundElsewhere.into()));
    }
    let sealed = ctx.vault.seal(&mut tx, work.org, accounts::TOKEN, token, now).await?;
    tx.retry_updates_of(work.app.id, work.waba(), now).await?;
    let mut scope = tx.org(work.org).await?;
    let held = scope.connection_for_change(work.connection.id).await?;
    if held.is_none_or(|connection| connection.state == Standing::Abandoned) {
        return Ok(Err(Trouble::NoCodeYet.into()));
    }
    let was = scope.account_of_waba(work.waba()).await?;
    let bind = BindAccount {
        id: AccountId::fresh(now, ctx.chance()),
        app: work.app.id,
        waba_id: work.waba(),
        mode: work.connection.mode,
        name: waba.name.as_deref().unwrap_or(work.waba()),
        currency: waba.currency.as_deref(),
        status: waba.status.as_deref(),
        review_status: waba.review.as_deref(),
        owner_business_id: waba.owner_business_id.as_deref(),
        owner_business_name: waba.owner_business_name.as_deref(),
        funding_id: waba.funding_id.as_deref(),
        token: sealed,
        token_expires_at: work.connection.token_expires_at,
        line,
        facts: &facts,
    };
    let account = match scope.bind_account(&bind, now).await {
        Ok(account) => account,
        // Another organisation was quicker, at this very moment.
        Err(error) if error.is_taken() => return Ok(Err(Trouble::BoundElsewhere.into())),
        Err(error) => return Err(error),
    };
    scope.record_numbers(account, &readings, now).await?;
    scope.remove_unseen_numbers(account, now, now).await?;
    scope.set_connection_account(work.connection.id, work.waba(), Some(account), now).await?;
    scope.set_connection_token(work.connection.id, None, work.connection.token_expires_at, now).await?;
    tell_account(&mut scope, account, "connected", now).await?;
    dispatch::resume(&mut scope, Some(account), now).await?;
    tx.commit().await?;
    ctx.ingest.notify_one();
    // Connecting what is connected renews it and doubles nothing, which is said. Making the step again is no such thing.
    let renewed = work.account.is_none() && was.is_some_and(|account| account.disconnected_at.is_none());
    Ok(Ok(Proved {
        result: json!({"account_id": account, "waba_id": work.waba(), "numbers": numbers.len(), "renewed": renewed}),
        proof: json!({"status": waba.status, "review": waba.review}),
        note: None,
    }))
}
