//! Texts that an organisation keeps for answering with.

use rules::id::CannedReplyId;
use rules::role::Right;
use serde_json::json;
use store::canned::CannedReply;
use store::{OrgScope, StoreError};

use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// More would not be found again by anyone.
const MOST: usize = 500;
const CHANGED: &str = "canned_replies.updated";

/// All texts, by shortcut.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<CannedReply>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.canned_replies().await?)
}

/// Keeps a text: a new one, or another in place of the one of this id.
pub(super) async fn keep(
    ctx: &Ctx,
    actor: &OrgActor,
    id: Option<CannedReplyId>,
    shortcut: String,
    body: String,
) -> Result<CannedReply, Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let id = match id {
        Some(id) => scope.canned_reply(id).await?.ok_or_else(Problem::not_found)?.id,
        None if scope.canned_replies().await?.len() >= MOST => {
            return Err(Problem::unprocessable(
                "too_many_canned_replies",
                format!("There are {MOST} canned replies already. Remove some that nobody uses."),
            ));
        }
        None => CannedReplyId::fresh(now, ctx.chance()),
    };
    let reply = CannedReply { id, shortcut: shortcut.to_lowercase(), body, updated_at: now };
    scope.put_canned_reply(&reply).await.map_err(|error| match error {
        StoreError::Taken(_) => Problem::invalid_field("shortcut", "is another canned reply's already"),
        other => other.into(),
    })?;
    tell(ctx, actor, &mut scope, "canned_reply.keep", &reply).await?;
    tx.commit().await?;
    Ok(reply)
}

/// Removes a text.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: CannedReplyId) -> Result<(), Problem> {
    actor.require(Right::WriteInbox)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let reply = scope.canned_reply(id).await?.ok_or_else(Problem::not_found)?;
    if !scope.remove_canned_reply(id).await? {
        return Err(Problem::not_found());
    }
    tell(ctx, actor, &mut scope, "canned_reply.remove", &reply).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    what: &str,
    reply: &CannedReply,
) -> Result<(), Problem> {
    actor.audit(ctx, scope, what, reply.id, json!({ "name": reply.shortcut })).await?;
    Ok(scope.publish(CHANGED, &json!({}), ctx.now())?)
}
