//! Receiving the account's webhooks.

use meta::graph::Access;
use rules::connection::{Step, Trouble};
use secrecy::ExposeSecret as _;
use serde_json::json;
use store::apps::VERIFY_TOKEN;

use super::super::Stopped;
use super::super::advance::Proved;
use super::super::work::Work;
use super::{Made, ask, bound, callback};
use crate::ctx::Ctx;

/// Our app is among the account's subscriptions, as a read shows. An address of another system is not erased without a
/// person's word: the bare call would do that.
pub async fn subscribe(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    const STEP: Step = Step::SubscribeApp;
    let account = bound!(work);
    let app = &work.login.app_id;
    let before = ask!(STEP, ctx.graph.subscribed_apps(access, work.waba()));
    let ours = before.iter().find(|row| row.app_id == *app);
    let own = ctx.settings.public_url.as_str().trim_end_matches('/');
    let foreign = ours
        .and_then(|row| row.override_callback_uri.as_deref())
        .filter(|address| !(address.starts_with(own) && address[own.len()..].starts_with('/')));
    if let Some(address) = foreign
        && !work.confirmed(Trouble::ForeignOverride)
    {
        return Ok(Err(Stopped::from(Trouble::ForeignOverride).saying(format!("They go to {address}"))));
    }
    if ours.is_none() || foreign.is_some() {
        ask!(STEP, ctx.graph.subscribe(access, work.waba()));
    }
    let after = ask!(STEP, ctx.graph.subscribed_apps(access, work.waba()));
    let listed = after.iter().any(|row| row.app_id == *app);
    let mut tx = ctx.store.begin().await?;
    tx.org(work.org).await?.set_subscribed(account.id, listed.then(|| ctx.now())).await?;
    tx.commit().await?;
    if !listed {
        return Ok(Err(Trouble::NotSubscribed.into()));
    }
    let others: Vec<_> = after.iter().filter(|row| row.app_id != *app).map(|row| &row.name).collect();
    Ok(Ok(Proved {
        result: json!({"app_id": app, "other_apps": others}),
        proof: json!({"read": "subscribed_apps", "listed": true}),
        note: None,
    }))
}

/// The account's messages come to an address of their own.
pub async fn override_address(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    const STEP: Step = Step::OverrideWebhook;
    let ours = callback(ctx, &work.app.slug);
    let set = |rows: &[meta::graph::SubscribedApp]| {
        rows.iter().any(|row| {
            row.app_id == work.login.app_id && row.override_callback_uri.as_deref() == Some(ours.as_str())
        })
    };
    if !set(&ask!(STEP, ctx.graph.subscribed_apps(access, work.waba()))) {
        let mut tx = ctx.store.read().await?;
        let verify_token =
            ctx.vault.open(&mut tx, work.app.owner(), VERIFY_TOKEN, &work.app.verify_token).await?;
        drop(tx);
        let token = verify_token.expose_secret();
        ask!(STEP, ctx.graph.override_callback(access, work.waba(), &ours, token));
        if !set(&ask!(STEP, ctx.graph.subscribed_apps(access, work.waba()))) {
            return Ok(Err(Trouble::NotSubscribed.into()));
        }
    }
    Ok(Ok(Proved {
        result: json!({"address": ours}),
        proof: json!({"read": "subscribed_apps", "override": true}),
        note: None,
    }))
}
