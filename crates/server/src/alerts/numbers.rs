//! Alerts about numbers: they go to whoever may act on them.

use ::jobs::Verdict;
use rules::id::{NumberId, OrgId, PushSubscriptionId};
use rules::number::Concern;
use rules::role::{OrgStatus, Right};
use serde_json::json;
use store::queue::Job;

use super::jobs::{Task, enqueue, send};
use super::push::Browser;
use super::service;
use crate::ctx::Ctx;

/// Enqueues a job for every browser of whoever may change connections, and ends this one in the same transaction.
pub(super) async fn call(
    ctx: &Ctx,
    job: &Job,
    org: OrgId,
    number: NumberId,
    concern: Concern,
) -> store::Result<Verdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    for browser in scope.push_subscriptions(None).await? {
        if browser.role.may(Right::WriteConnections) {
            let task = Task::TellOfNumber { org, number, concern, browser: browser.id, since: now };
            enqueue(&mut scope, &task, now).await?;
        }
    }
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(Verdict::Settled)
}

/// Tells one browser.
pub(super) async fn tell(
    ctx: &Ctx,
    org: OrgId,
    number: NumberId,
    concern: Concern,
    id: PushSubscriptionId,
) -> store::Result<Verdict> {
    match compose(ctx, org, number, concern, id).await? {
        Some((browser, text)) => send(ctx, org, id, &browser, &text, None).await,
        None => Ok(Verdict::Done),
    }
}

/// Where an alert goes and what it says. `None`: nobody is to be told any more.
async fn compose(
    ctx: &Ctx,
    org: OrgId,
    number: NumberId,
    concern: Concern,
    id: PushSubscriptionId,
) -> store::Result<Option<(Browser, String)>> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let Some(organisation) = scope.org().await?.filter(|org| org.status == OrgStatus::Active) else {
        return Ok(None);
    };
    let stored = scope.push_subscription(id).await?.filter(|stored| stored.role.may(Right::WriteConnections));
    let number = scope.number(number).await?.filter(|number| number.removed_at.is_none());
    let (Some(stored), Some(number)) = (stored, number) else { return Ok(None) };
    let text = json!({
        "kind": concern, "organisation": organisation.slug, "number_id": number.id, "number": number.display,
        "locale": stored.locale,
    });
    Ok(Some((service::open(ctx, &mut tx, org, &stored).await?, text.to_string())))
}
