//! `sapa serve`: open what is needed, in order, and run until told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use documents::ChildCommand;
use rules::time::{Clock, Timestamp, span};
use secrecy::SecretString;
use server::alerts::InstallationKey;
use server::bot::Model;
use server::dispatch::{Callbacks, Limits};
use server::fallback::Links;
use server::ingest::{IntakeWriter, Keyring, intake};
use server::media::BlobStore;
use server::outbound::{Outbound, SystemNames};
use server::{Ctx, Parts, Settings};
use store::sealed::Vault;
use store::{Schema, Store, StoreError};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::masterkey;
use crate::system::{Behind, SystemChance, SystemClock};

/// Runs the gateway until it is interrupted.
pub async fn serve(config: &Config) -> Result<()> {
    let (ctx, writer) = open(config, Arc::new(SystemClock)).await?;
    if !config.trust_clock {
        clock_is_plausible(ctx.now(), ctx.store.read().await?.latest_moment().await?)?;
    }
    let _alone = ctx.store.serve_alone(ctx.now()).await?;
    let listener = listen(config.listen, "--listen").await?;
    tracing::info!(address = %listener.local_addr()?, database = ctx.store.kind(), "serving");
    if !ctx.store.read().await?.has_operator().await? {
        tracing::warn!("nobody runs this installation yet: `sapa operator you@example.com` lets you sign in");
    }
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(ctx.closing.clone(), stop.clone()));
    if let Some(address) = config.metrics_listen {
        let listener = listen(address, "--metrics-listen").await?;
        tokio::spawn(server::health::api::serve_metrics(ctx.clone(), listener, ctx.closing.clone()));
    }
    let behind = Behind::start().context("cannot start")?;
    server::serve(ctx, writer, listener, behind.handle(), stop).await.context("the server failed")
}

/// Refuses a clock that is clearly behind: windows, consent and retries would all be judged by it.
fn clock_is_plausible(now: Timestamp, latest: Option<Timestamp>) -> Result<()> {
    let behind = latest.map(|latest| latest.since(now)).unwrap_or_default();
    ensure!(
        behind < CLOCK_BEHIND,
        "this machine's clock is {} minutes behind what the database has seen. Set it (is time synchronisation running?) and \
         start again. If it is right now and was wrong before, start once with --trust-clock",
        behind.as_secs() / 60
    );
    Ok(())
}

/// Nodes may differ by less.
const CLOCK_BEHIND: Duration = span::minutes(10);

/// Brings the schema up to date.
pub async fn migrate(config: &Config) -> Result<()> {
    let store = Store::open(&config.store()?).await.context("cannot open the database")?;
    println!("The {} database has the current schema.", store.kind());
    store.close().await;
    Ok(())
}

/// The database that is there with the schema of this build. Nothing about it is changed.
pub async fn existing(config: &Config) -> Result<Store> {
    let store = match Store::existing(&config.existing_store()?).await {
        Err(error @ StoreError::Missing(_)) => {
            return Err(error)
                .context("nothing is set up here yet: `sapa serve` or `sapa migrate` makes the database");
        }
        opened => opened.context("cannot open the database")?,
    };
    match store.schema().await? {
        Schema::Current | Schema::Newer => Ok(store),
        Schema::TooNew { version, name } => Err(StoreError::TooNew { version, name }.into()),
        Schema::Older(_) => bail!("the database has the schema of an older version. Run `sapa migrate`"),
    }
}

/// Opens database, vault and clients; what is missing is made.
pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<(Ctx, IntakeWriter)> {
    let store = Store::open(&config.store()?).await.context("cannot open the database")?;
    let (file, inline) = (config.master_key_file(), config.master_key.as_deref());
    let vault = masterkey::vault(&store, &file, inline, Arc::new(SystemChance), clock.now()).await?;
    let blobs = config.files.open(&config.data).await?;
    assemble(config, clock, store, vault, blobs, true).await
}

/// Opens what is there, for a look; nothing is made.
pub async fn look(config: &Config, clock: Arc<dyn Clock>) -> Result<Ctx> {
    let store = existing(config).await?;
    let (file, inline) = (config.master_key_file(), config.master_key.as_deref());
    let vault = masterkey::existing(&store, &file, inline, Arc::new(SystemChance)).await?;
    let blobs = config.files.look(&config.data)?;
    Ok(assemble(config, clock, store, vault, blobs, false).await?.0)
}

/// Puts everything together. Secrets of the installation that the database does not have yet are kept only if it is said.
async fn assemble(
    config: &Config,
    clock: Arc<dyn Clock>,
    store: Store,
    vault: Vault,
    blobs: Arc<dyn BlobStore>,
    keep: bool,
) -> Result<(Ctx, IntakeWriter)> {
    let now = clock.now();
    let mut tx = store.begin().await?;
    let echo = vault.operator_secret(&mut tx, "callback", now).await?;
    let push = vault.operator_secret(&mut tx, "push", now).await?;
    let links = vault.operator_secret(&mut tx, "links", now).await?;
    if keep {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    let graph = meta::graph::Graph::new(config.graph()).context("cannot make a client for the Graph API")?;
    let model =
        config.model()?.map(Model::new).transpose().context("cannot make a client for the language model")?;
    let (intake, writer) = intake(config.ingest_queue);
    let settings = Settings {
        node: config.node_name(),
        public_url: config.public_url()?,
        trusted_proxies: config.trusted_proxies.clone(),
        ingest_queue: config.ingest_queue,
        bounds: config.bounds.bounds(),
        drain: Duration::from_secs(config.drain_seconds),
        stop_within: Duration::from_secs(config.stop_seconds),
        organisations_mail: config.mail_for_organisations,
        data: Some(config.data.clone()),
        metrics_token: config.metrics_token.as_deref().map(SecretString::from),
    };
    let ctx = Ctx::new(Parts {
        store,
        vault,
        clock,
        chance: Arc::new(SystemChance),
        settings,
        intake,
        keyring: Keyring::default(),
        graph,
        callbacks: Callbacks::new(&echo),
        links: Links::new(&links),
        installation_key: InstallationKey::new(&push)
            .context("cannot make the key that alerts are signed with")?,
        limits: Limits::default(),
        model,
        blobs,
        examiner: config.files.examiner()?,
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

/// Listens where the configuration says, which an option can change.
async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: is something else running there? Choose another with {option}")
    })
}

/// Tells the process to stop on SIGTERM, or on Ctrl-C, which closes its doors (`closing`) without waiting for others
/// to look elsewhere first. A second one ends it at once.
pub async fn stop_on_signal(closing: CancellationToken, stop: CancellationToken) {
    let kind = signalled().await;
    tracing::info!("stopping; a second signal stops at once");
    if kind == SignalKind::interrupt() {
        closing.cancel();
    }
    stop.cancel();
    signalled().await;
    tracing::warn!(
        "stopped at once: what was under way is taken up again at the next start, or when its lease has run out"
    );
    std::process::exit(1);
}

/// Waits for SIGTERM or Ctrl-C.
async fn signalled() -> SignalKind {
    let wait = async |kind| match signal(kind) {
        Ok(mut signal) => signal.recv().await.map(|()| kind),
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        _ = wait(SignalKind::terminate()) => SignalKind::terminate(),
        _ = wait(SignalKind::interrupt()) => SignalKind::interrupt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_far_behind_is_refused() {
        let now = Timestamp::from_seconds(1_795_165_200);
        for latest in [None, Some(now - span::hours(24)), Some(now), Some(now + span::minutes(9))] {
            clock_is_plausible(now, latest).unwrap();
        }
        let refused = clock_is_plausible(now, Some(now + span::minutes(61))).unwrap_err().to_string();
        assert!(refused.contains("61 minutes") && refused.contains("--trust-clock"), "{refused}");
    }
}
