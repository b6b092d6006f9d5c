//! The running whole: every loop, started together and stopped in order.

use std::time::Duration;

use jobs::Runner;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;
use crate::ingest::{self, IntakeWriter};
use crate::{http, inbox, knowledge, maintenance, onboarding, queues};

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// The runner of every queue.
pub fn runner(ctx: &Ctx) -> Runner {
    let signals = ctx.clone();
    Runner::new(ctx.store.clone(), ctx.clock.clone(), ctx.chance.clone(), queues::queues(ctx), move |name| {
        signals.signal(name)
    })
}

/// Serves until told to stop: no new requests first, then no new work, then the last commits.
pub async fn serve(
    ctx: Ctx,
    writer: IntakeWriter,
    listener: TcpListener,
    stop: CancellationToken,
) -> std::io::Result<()> {
    if let Err(error) = onboarding::jobs::start(&ctx).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "connections are not looked after until the next start"
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
    loops.spawn(ingest::run(ctx.clone(), background.clone()));
    loops.spawn(maintenance::run(ctx.clone(), background.clone()));
    loops.spawn(inbox::run_index(ctx.clone(), background.clone()));
    let runner = runner(&ctx);
    let told = background.clone();
    loops.spawn(async move { runner.run(told).await });
    let (store, signals, told) = (ctx.store.clone(), ctx.clone(), commits.clone());
    let writing = tokio::spawn(writer.run(store, told, move || signals.ring(ingest::SIGNAL)));

    let served = http::serve(&ctx, listener, &stop, GRACE).await;
    commits.cancel();
    let _ = writing.await;
    background.cancel();
    while loops.join_next().await.is_some() {}
    ctx.store.close().await;
    served
}
