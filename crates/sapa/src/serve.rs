//! `sapa serve`: open what is needed, in order, and run until told to stop.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use documents::ChildCommand;
use rules::time::{Clock, Randomness};
use server::alerts::InstallationKey;
use server::bot::Model;
use server::dispatch::{Callbacks, Limits};
use server::ingest::{IntakeWriter, Keyring, intake};
use server::media::DiskBlobs;
use server::outbound::{Outbound, SystemNames};
use server::{Ctx, Parts, Settings};
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::masterkey;
use crate::system::{SystemChance, SystemClock};

/// Runs the gateway until it is interrupted.
pub async fn serve(config: &Config) -> Result<()> {
    let (ctx, writer) = open(config, Arc::new(SystemClock)).await?;
    let listener = listen(config).await?;
    tracing::info!(address = %listener.local_addr()?, database = ctx.store.kind(), "serving");
    if !ctx.store.read().await?.has_operator().await? {
        tracing::warn!("nobody runs this installation yet: `sapa operator you@example.com` lets you sign in");
    }
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    server::serve(ctx, writer, listener, stop).await.context("the server failed")
}

/// Brings the schema up to date.
pub async fn migrate(config: &Config) -> Result<()> {
    let store = Store::open(&config.store()?).await.context("cannot open the database")?;
    println!("The {} database has the current schema.", store.kind());
    store.close().await;
    Ok(())
}

/// Opens database, vault and clients.
pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<(Ctx, IntakeWriter)> {
    let chance: Arc<dyn Randomness> = Arc::new(SystemChance);
    let store = Store::open(&config.store()?).await.context("cannot open the database")?;
    let now = clock.now();
    let vault = masterkey::vault(
        &store,
        &config.master_key_file(),
        config.master_key.as_deref(),
        chance.clone(),
        now,
    )
    .await?;
    let mut tx = store.begin().await?;
    let echo = vault.operator_secret(&mut tx, "callback", now).await?;
    let push = vault.operator_secret(&mut tx, "push", now).await?;
    tx.commit().await?;
    let graph = meta::graph::Graph::new(config.graph()).context("cannot make a client for the Graph API")?;
    let model =
        config.model()?.map(Model::new).transpose().context("cannot make a client for the language model")?;
    let (intake, writer) = intake(config.ingest_queue);
    let settings = Settings {
        public_url: config.public_url()?,
        trusted_proxies: config.trusted_proxies.clone(),
        ingest_queue: config.ingest_queue,
    };
    let ctx = Ctx::new(Parts {
        store,
        vault,
        clock,
        chance,
        settings,
        intake,
        keyring: Keyring::default(),
        graph,
        callbacks: Callbacks::new(&echo),
        installation_key: InstallationKey::new(&push)
            .context("cannot make the key that alerts are signed with")?,
        limits: Limits::default(),
        model,
        blobs: Arc::new(
            DiskBlobs::open(config.data.join("files")).await.context("cannot open the folder for files")?,
        ),
        discovered: Default::default(),
        outbound: Outbound::new(config.private_addresses.clone(), SystemNames)
            .context("cannot make a client for other addresses")?,
        parse_document: ChildCommand {
            program: std::env::current_exe().context("cannot find this program")?,
            arguments: vec!["parse-document".to_owned()],
        },
        mailer: config.mailer()?,
    });
    Ok((ctx, writer))
}

/// Listens where the configuration says.
pub async fn listen(config: &Config) -> Result<TcpListener> {
    TcpListener::bind(config.listen).await.with_context(|| {
        format!(
            "cannot listen on {}: is something else running there? Choose another with --listen",
            config.listen
        )
    })
}

/// Ctrl-C or SIGTERM.
pub async fn stop_on_signal(stop: CancellationToken) {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    tracing::info!("stopping");
    stop.cancel();
}
