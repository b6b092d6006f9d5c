//! Choices of conversations under a name: one's own, and everybody's.

use rules::id::InboxViewId;
use rules::role::Right;
use serde_json::{Value, json};
use store::views::InboxView;
use store::{Json, OrgScope};

use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// More would not fit beside the inbox.
const MOST: usize = 100;
const CHANGED: &str = "views.updated";

/// One's own views and everybody's.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<InboxView>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.inbox_views(actor.member()).await?)
}

/// Keeps a view, for oneself or for all; a key's is for all.
pub(super) async fn keep(
    ctx: &Ctx,
    actor: &OrgActor,
    name: String,
    filter: Value,
    shared: bool,
) -> Result<InboxView, Problem> {
    actor.require(Right::WriteInbox)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let member_id = actor.member().filter(|_| !shared);
    let views = scope.inbox_views(actor.member()).await?;
    if views.iter().filter(|view| view.member_id == member_id).count() >= MOST {
        let whose = if member_id.is_some() { "You have" } else { "Everybody has" };
        return Err(Problem::unprocessable(
            "too_many_views",
            format!("{whose} {MOST} views already. Remove some that are not used."),
        ));
    }
    let view = InboxView {
        id: InboxViewId::fresh(now, ctx.chance()),
        member_id,
        name,
        filter: Json(filter),
        created_at: now,
    };
    scope.add_inbox_view(&view).await?;
    tell(ctx, actor, &mut scope, "view.keep", &view).await?;
    tx.commit().await?;
    Ok(view)
}

/// Changes one's own view, or everybody's.
pub(super) async fn change(
    ctx: &Ctx,
    actor: &OrgActor,
    id: InboxViewId,
    name: String,
    filter: Value,
) -> Result<InboxView, Problem> {
    actor.require(Right::WriteInbox)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let view = InboxView { name, filter: Json(filter), ..find(actor, &mut scope, id).await? };
    if !scope.change_inbox_view(id, &view.name, &view.filter).await? {
        return Err(Problem::not_found());
    }
    tell(ctx, actor, &mut scope, "view.change", &view).await?;
    tx.commit().await?;
    Ok(view)
}

/// Removes one's own view, or everybody's.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: InboxViewId) -> Result<(), Problem> {
    actor.require(Right::WriteInbox)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let view = find(actor, &mut scope, id).await?;
    if !scope.remove_inbox_view(id).await? {
        return Err(Problem::not_found());
    }
    tell(ctx, actor, &mut scope, "view.remove", &view).await?;
    tx.commit().await?;
    Ok(())
}

/// A view that the actor sees.
async fn find(actor: &OrgActor, scope: &mut OrgScope<'_>, id: InboxViewId) -> Result<InboxView, Problem> {
    let views = scope.inbox_views(actor.member()).await?;
    views.into_iter().find(|view| view.id == id).ok_or_else(Problem::not_found)
}

/// What is everybody's is told to everybody and written down.
async fn tell(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    what: &str,
    view: &InboxView,
) -> Result<(), Problem> {
    if view.member_id.is_none() {
        actor.audit(ctx, scope, what, view.id, json!({ "name": view.name })).await?;
        scope.publish(CHANGED, &json!({}), ctx.now())?;
    }
    Ok(())
}
