//! The running whole: every loop, started together and stopped in order.

use jobs::Runner;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;
use crate::ingest::{self, IntakeWriter};
use crate::{health, http, inbox, knowledge, maintenance, onboarding, queues, rates};

/// The runner of every queue.
pub fn runner(ctx: &Ctx) -> Runner {
    Runner::new(ctx.store.clone(), ctx.clock.clone(), ctx.chance.clone(), queues::queues(ctx))
}

/// Serves until told to stop. Then, in order: not ready, so that whoever sends requests here looks elsewhere; no new
/// requests, and those under way end; the last commits; no new work, and what runs ends. Whatever takes too long is left:
/// when its lease has run out, or on SQLite at the next start, it is done again.
///
/// What is done about what came in runs on threads of its own, `behind` those that answer requests.
///
/// Stops by itself, and fails, when a newer version has taken from the database what this one needs: whoever keeps it
/// running starts it again, once the newer version is there.
pub async fn serve(
    ctx: Ctx,
    writer: IntakeWriter,
    listener: TcpListener,
    behind: &Handle,
    stop: CancellationToken,
) -> std::io::Result<()> {
    if let Err(error) = onboarding::jobs::start(&ctx).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "connections are not looked after until the next start"
        );
    }
    if let Err(error) = rates::start(&ctx).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "rates are not counted until the next start"
        );
    }
    if let Err(error) = knowledge::embed_everything(&ctx).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "passages are not looked over for embedding"
        );
    }
    let background = CancellationToken::new();
    let commits = CancellationToken::new();
    let mut loops = JoinSet::new();
    loops.spawn_on(ingest::run(ctx.clone(), background.clone()), behind);
    loops.spawn_on(maintenance::run(ctx.clone(), background.clone()), behind);
    loops.spawn_on(inbox::run_index(ctx.clone(), background.clone()), behind);
    let (node, told, halt) = (ctx.clone(), background.clone(), stop.clone());
    let node = tokio::spawn(async move {
        let ended = health::run_node(node.clone(), told.clone()).await;
        if let Err(error) = &ended {
            tracing::error!(error = error as &dyn std::error::Error, "this node ends");
            // At once: it can do nothing right any more.
            told.cancel();
            node.closing.cancel();
            halt.cancel();
        }
        ended
    });
    let runner = runner(&ctx);
    let told = background.clone();
    loops.spawn_on(async move { runner.run(told).await }, behind);
    let (store, signals, told) = (ctx.store.clone(), ctx.clone(), commits.clone());
    let writing = tokio::spawn(writer.run(store, told, move |taken| {
        signals.meters.batch("acknowledge", taken);
        signals.ingest.notify_one();
    }));

    let patience = ctx.settings.stop_within;
    let serving = http::serve(&ctx, listener, &ctx.closing, patience);
    let (served, ()) = tokio::join!(serving, leave(&ctx, &stop));
    commits.cancel();
    let _ = writing.await;
    background.cancel();
    let ended = async {
        while loops.join_next().await.is_some() {}
        ctx.store.close().await;
    };
    let ended = tokio::time::timeout(patience, ended);
    let (node, ended) = tokio::join!(tokio::time::timeout(patience, node), ended);
    if ended.is_err() {
        tracing::warn!(
            "left work that took too long to end; it is taken up again at the next start, or when its lease has run out"
        );
    }
    match node {
        Ok(Ok(Err(error))) => Err(std::io::Error::other(error)),
        Ok(Err(panicked)) => Err(std::io::Error::other(panicked)),
        _ => served,
    }
}

/// Waits to be told to stop, says that this process is not ready for a while, and closes the doors.
async fn leave(ctx: &Ctx, stop: &CancellationToken) {
    stop.cancelled().await;
    ctx.leaving.cancel();
    tokio::select! {
        () = tokio::time::sleep(ctx.settings.drain) => {}
        () = ctx.closing.cancelled() => {}
    }
    ctx.closing.cancel();
}
