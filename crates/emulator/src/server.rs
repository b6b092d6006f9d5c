//! The HTTP server: listening, starting and stopping.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::blobs::Blobs;
use crate::journal::Journal;
use crate::line::{CuttableListener, Line};
use crate::platform::Platform;
use crate::world::{World, seed};
use crate::{EmulatorConfig, control, graph, pages, signup, webhooks};

/// A running emulator. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    platform: Platform,
    stop: CancellationToken,
    server: JoinHandle<()>,
    courier: JoinHandle<()>,
}

impl Running {
    /// The address to use as base URL, e.g. `http://127.0.0.1:8800`.
    pub fn url(&self) -> &str {
        self.platform.public_url()
    }

    /// The platform itself, for a process that also runs something else.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Stops taking calls, gives those under way two seconds, and closes the journal.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        // Who waits for a message may wait long; nothing is lost by cutting it short.
        if tokio::time::timeout(Duration::from_secs(2), &mut self.server).await.is_err() {
            self.server.abort();
        }
        let _ = (&mut self.courier).await;
        self.platform.close();
    }

    /// Waits until the server ends, which it does only after [`Running::shutdown`] or a failure.
    pub async fn wait(&mut self) {
        let _ = (&mut self.server).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) async fn start(config: EmulatorConfig) -> anyhow::Result<Running> {
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("the emulator cannot listen on {}", config.listen))?;
    let addr = listener.local_addr()?;
    let public_url =
        config.public_url.map_or_else(|| format!("http://{addr}"), |url| url.trim_end_matches('/').into());
    let (journal, mut world, blobs) = match &config.data {
        None => (Journal::none(), World::default(), Blobs::Memory(Default::default())),
        Some(folder) => {
            let (journal, world) = Journal::open(folder)?;
            let media = folder.join("media");
            std::fs::create_dir_all(&media)?;
            (journal, world, Blobs::Disk(media))
        }
    };
    blobs.keep_only(&world.sweep_media()).context("the media folder cannot be swept")?;
    if world.apps.is_empty() {
        seed::plant(&mut world, &config.app);
    } else {
        seed::redirect(&mut world, &config.app);
    }
    let stop = CancellationToken::new();
    let platform = Platform::new(world, journal, blobs, public_url, config.app, stop.clone())?;
    // Puts the seed on disk.
    platform.write(|_| ()).await?;

    let courier = tokio::spawn(webhooks::courier::run(platform.clone(), stop.clone()));
    let app = router(platform.clone()).into_make_service_with_connect_info::<Line>();
    let stopped = stop.clone().cancelled_owned();
    let server = tokio::spawn(async move {
        let served = axum::serve(CuttableListener(listener), app).with_graceful_shutdown(stopped).await;
        if let Err(error) = served {
            tracing::error!(%error, "the emulator's server ended");
        }
    });
    Ok(Running { addr, platform, stop, server, courier })
}

/// Everything the emulator serves.
fn router(platform: Platform) -> Router {
    graph::router(&platform)
        .merge(graph::media::downloads())
        .merge(pages::router())
        .merge(signup::router())
        .nest("/_emulator", control::router())
        .layer(axum::middleware::from_fn_with_state(platform.clone(), control::calls::record))
        .with_state(platform)
}
