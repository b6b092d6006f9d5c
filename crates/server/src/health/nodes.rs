//! This process among those that serve the installation: it tells again and again that it is there.

use std::time::Duration;

use rules::time::{Timestamp, span};
use store::nodes::{GONE, Node};
use store::{Migrations, Result, Schema, StoreError};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::ctx::Ctx;

/// How often a node tells that it is there.
const EVERY: Duration = Duration::from_secs(5);
/// A node that ended without a word is remembered for so long.
const KEPT: Duration = span::days(1);

/// What can be said of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Serving,
    /// It was told to stop.
    Leaving,
    /// It was not seen for long: it ended without a word, or is paused.
    Gone,
}

/// How a node stands at a moment.
pub(super) fn presence(node: &Node, now: Timestamp) -> Presence {
    if now.since(node.seen_at) >= GONE {
        Presence::Gone
    } else if node.leaving {
        Presence::Leaving
    } else {
        Presence::Serving
    }
}

/// Tells that this process is there until told to stop, and then that it has ended. It may go on no longer, and this ends
/// with an error, when a newer version has taken from the database what this one needs.
pub async fn run(ctx: Ctx, stop: CancellationToken) -> Result<()> {
    let id = rules::id::fresh(ctx.now(), ctx.chance());
    let ended = loop {
        let leaving = ctx.leaving.is_cancelled();
        if let Err(error) = tell(&ctx, id, leaving).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot tell that this node is there");
        }
        // Afterwards: whoever takes something from the database has seen this node before, or it sees what was taken.
        if let Ok(Schema::TooNew { version, name }) = ctx.store.schema().await {
            break Err(StoreError::TooNew { version, name });
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = ctx.leaving.cancelled(), if !leaving => {}
            () = stop.cancelled() => break Ok(()),
        }
    };
    if let Err(error) = end(&ctx, id).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "cannot tell that this node has ended");
    }
    ended
}

async fn tell(ctx: &Ctx, id: Uuid, leaving: bool) -> Result<()> {
    let now = ctx.now();
    let mut node = Node {
        name: name(ctx).to_owned(),
        id,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: Migrations::ours().newest(),
        started_at: ctx.watch.started_at,
        seen_at: now,
        leaving,
    };
    // One that ended without a word a moment ago is told apart from one that goes on by the second time.
    let since = ctx.watch.started_at + EVERY;
    let mut tx = ctx.store.begin().await?;
    if tx.see_node(&node, since).await?.is_some() {
        tracing::warn!(
            node = node.name,
            "another node has the same name: give each its own with SAPA_NODE_NAME"
        );
        let run = id.simple().to_string();
        node.name = ctx.watch.call(format!("{} ({})", node.name, &run[run.len() - 6..])).to_owned();
        tx.see_node(&node, since).await?;
    }
    tx.drop_nodes_before(now - KEPT).await?;
    tx.commit().await
}

/// What this process is shown as: its own name, or one beside it where another process has the same.
pub(super) fn name(ctx: &Ctx) -> &str {
    ctx.watch.called().unwrap_or(&ctx.settings.node)
}

async fn end(ctx: &Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.store.begin().await?;
    tx.drop_node(id).await?;
    tx.commit().await
}
