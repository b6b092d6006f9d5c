//! A member's browsers: tell of them, keep one, forget one, try one.

use rules::id::{OrgId, PushSubscriptionId};
use rules::role::Right;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use store::Tx;
use store::push::{NewPushSubscription, PushSubscription, SUBSCRIPTION};

use super::deliver::{Delivered, deliver};
use super::push::{Browser, WrongKeys};
use crate::ctx::{Ctx, is_local};
use crate::http::{OrgActor, Problem};
use crate::identity::hash;
use crate::outbound::Redirects;

/// More browsers than anybody has.
const MOST: usize = 20;
const LONGEST_ENDPOINT: usize = 2000;

/// One's own browsers, the oldest first. A key has none.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<PushSubscription>, Problem> {
    actor.require(Right::ReadInbox)?;
    let Some(member) = actor.member() else { return Ok(Vec::new()) };
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.push_subscriptions(Some(member)).await?)
}

/// Keeps a browser as one's own, also one that is kept already.
pub(super) async fn keep(ctx: &Ctx, actor: &OrgActor, browser: Browser) -> Result<PushSubscription, Problem> {
    actor.require(Right::WriteInbox)?;
    let Some(member) = actor.member() else {
        return Err(Problem::forbidden("member_only", "A key has no browser. Sign in instead."));
    };
    check(ctx, &browser)?;
    let now = ctx.now();
    let endpoint_hash = hash(browser.endpoint.as_str());
    let secret =
        SecretString::from(serde_json::to_string(&browser).map_err(|error| Problem::internal(&error))?);
    let mut tx = ctx.store.begin().await?;
    let sealed = ctx.vault.seal(&mut tx, actor.org, SUBSCRIPTION, &secret, now).await?;
    let mut scope = tx.org(actor.org).await?;
    let mut others = scope.push_subscriptions(Some(member)).await?;
    others.retain(|other| other.endpoint_hash != endpoint_hash);
    if others.len() >= MOST {
        return Err(Problem::unprocessable(
            "too_many_push_subscriptions",
            format!("You get alerts in {MOST} browsers already. Turn them off in one that you do not use."),
        ));
    }
    let new = NewPushSubscription {
        id: PushSubscriptionId::fresh(now, ctx.chance()),
        member,
        endpoint_hash: &endpoint_hash,
        sealed: &sealed,
        user_agent: &actor.client.user_agent,
    };
    let id = scope.put_push_subscription(&new, now).await?;
    actor.audit(ctx, &mut scope, "push_subscription.keep", id, json!({})).await?;
    let kept = scope.push_subscription(id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    Ok(kept)
}

/// An address that we would reach, and keys that are keys. This machine itself counts only where the operator lists it.
fn check(ctx: &Ctx, browser: &Browser) -> Result<(), Problem> {
    let endpoint = &browser.endpoint;
    if endpoint.as_str().len() > LONGEST_ENDPOINT {
        return Err(Problem::invalid_field("endpoint", "is longer than any push service's"));
    }
    if endpoint.scheme() != "https" && !endpoint.host_str().is_some_and(is_local) {
        return Err(Problem::invalid_field("endpoint", "must begin with https://"));
    }
    if let Err(refused) = ctx.outbound.client_for(endpoint, Redirects::Stay) {
        return Err(Problem::invalid_field("endpoint", refused.to_string()));
    }
    browser.check().map_err(|wrong| match wrong {
        WrongKeys::P256dh => Problem::invalid_field(
            "p256dh",
            "is no public key: send the browser's `p256dh`, an uncompressed point of P-256 in base64url",
        ),
        WrongKeys::Auth => {
            Problem::invalid_field("auth", "is no secret: send the browser's `auth`, 16 bytes in base64url")
        }
    })
}

/// Forgets one's own browser.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: PushSubscriptionId) -> Result<(), Problem> {
    actor.require(Right::WriteInbox)?;
    let mut tx = ctx.store.begin().await?;
    own(&mut tx, actor, id).await?;
    let mut scope = tx.org(actor.org).await?;
    scope.remove_push_subscription(id).await?;
    actor.audit(ctx, &mut scope, "push_subscription.remove", id, json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends a test alert to one's own browser, and tells what became of it.
pub(super) async fn attempt(ctx: &Ctx, actor: &OrgActor, id: PushSubscriptionId) -> Result<(), Problem> {
    actor.require(Right::WriteInbox)?;
    let mut tx = ctx.store.read().await?;
    let stored = own(&mut tx, actor, id).await?;
    let organisation = tx.org(actor.org).await?.org().await?.ok_or_else(Problem::not_found)?;
    let browser = open(ctx, &mut tx, actor.org, &stored).await?;
    drop(tx);
    let text = json!({ "kind": "try", "organisation": organisation.slug, "locale": stored.locale });
    match deliver(ctx, &browser, text.to_string().as_bytes(), None).await {
        Delivered::Yes => Ok(()),
        Delivered::Gone => {
            forget(ctx, actor.org, id).await?;
            Err(Problem::unprocessable(
                "push_subscription_gone",
                "The browser has given up its subscription. Turn alerts on again in that browser.",
            ))
        }
        Delivered::Later(why, _) => Err(Problem::unprocessable(
            "push_failed",
            format!("No alert was sent: {why}. Try again in a few minutes."),
        )),
        Delivered::Refused(why) => Err(Problem::unprocessable(
            "push_failed",
            format!("No alert was sent: {why}. Turn alerts off and on again in that browser."),
        )),
    }
}

/// A browser that is the actor's own; to whom it is not, it does not exist.
async fn own(tx: &mut Tx, actor: &OrgActor, id: PushSubscriptionId) -> Result<PushSubscription, Problem> {
    let stored = tx.org(actor.org).await?.push_subscription(id).await?;
    stored.filter(|stored| Some(stored.member_id) == actor.member()).ok_or_else(Problem::not_found)
}

/// Opens what is sealed of a browser.
pub(super) async fn open(
    ctx: &Ctx,
    tx: &mut Tx,
    org: OrgId,
    stored: &PushSubscription,
) -> store::Result<Browser> {
    let opened = ctx.vault.open(tx, org, SUBSCRIPTION, &stored.sealed).await?;
    Ok(serde_json::from_str(opened.expose_secret())?)
}

/// Forgets a browser that does not want any more.
pub(super) async fn forget(ctx: &Ctx, org: OrgId, id: PushSubscriptionId) -> store::Result<()> {
    let mut tx = ctx.store.begin().await?;
    tx.org(org).await?.remove_push_subscription(id).await?;
    tx.commit().await
}
