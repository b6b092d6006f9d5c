//! Meta's message links: kept at Meta, read there whenever they are shown.

use meta::graph::{LinkImage, MessageLink};
use rules::id::NumberId;
use serde_json::json;

use super::{Failed, reach};
use crate::ctx::Ctx;
use crate::http::OrgActor;

/// A number's links, newest first.
pub async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NumberId,
    image: LinkImage,
) -> Result<Vec<MessageLink>, Failed> {
    let reached = reach(ctx, actor.org, id).await?;
    Ok(ctx.graph.message_links(&reached.access(), reached.id(), image).await?)
}

/// Makes a link.
pub async fn create(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NumberId,
    text: &str,
    image: LinkImage,
) -> Result<MessageLink, Failed> {
    let reached = reach(ctx, actor.org, id).await?;
    let link = ctx.graph.create_message_link(&reached.access(), reached.id(), text, image).await?;
    trace(ctx, actor, id, "number.link_created", &link.code).await?;
    Ok(link)
}

/// Changes the text of a link.
pub async fn change(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NumberId,
    code: &str,
    text: &str,
) -> Result<MessageLink, Failed> {
    let reached = reach(ctx, actor.org, id).await?;
    let link = ctx.graph.change_message_link(&reached.access(), reached.id(), code, text).await;
    let link = link.map_err(no_such_link)?;
    trace(ctx, actor, id, "number.link_changed", code).await?;
    Ok(link)
}

/// Removes a link.
pub async fn remove(ctx: &Ctx, actor: &OrgActor, id: NumberId, code: &str) -> Result<(), Failed> {
    let reached = reach(ctx, actor.org, id).await?;
    let removed = ctx.graph.delete_message_link(&reached.access(), reached.id(), code).await;
    removed.map_err(no_such_link)?;
    trace(ctx, actor, id, "number.link_removed", code).await
}

/// 100/33: there is none of this code, or it is another number's.
fn no_such_link(error: meta::graph::GraphError) -> Failed {
    match (error.code(), error.subcode()) {
        (Some(33), _) | (Some(100), Some(33)) => Failed::Missing,
        _ => error.into(),
    }
}

async fn trace(ctx: &Ctx, actor: &OrgActor, id: NumberId, action: &str, code: &str) -> Result<(), Failed> {
    #[derive(serde::Serialize)]
    struct Changed {
        number_id: NumberId,
    }
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    actor.audit(ctx, &mut scope, action, id, json!({"code": code})).await?;
    scope.publish("number.links_changed", &Changed { number_id: id }, ctx.now())?;
    tx.commit().await?;
    Ok(())
}
