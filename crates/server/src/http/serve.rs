//! Answering requests until told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::router;
use crate::ctx::Ctx;

/// Answers requests. Told to stop, it takes no new ones and lets those under way end, but no longer than `grace`: live
/// connections never end by themselves.
pub async fn serve(
    ctx: &Ctx,
    listener: TcpListener,
    stop: &CancellationToken,
    grace: Duration,
) -> std::io::Result<()> {
    let app = router(ctx.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let told = stop.clone();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move { told.cancelled().await });
    let out_of_patience = async {
        stop.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = serving.into_future() => served,
        () = out_of_patience => Ok(()),
    }
}
