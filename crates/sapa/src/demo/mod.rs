//! `sapa demo`: gateway and emulator together on this machine, with two organisations to try things out on.
//!
//! Invariant: never beyond this machine. The demo has known sign-ins, so it listens on loopback alone.

mod collecting;
mod emulator;
mod seed;
mod web;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use carrier::Carrier;
use clap::Args;
use serde_json::Value;
use server::Ctx;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use emulator::{EmulatorOptions, emulator};

use crate::config::{Config, private_folder};
use crate::serve;
use crate::system::MovableClock;
use web::Web;

/// How the demo runs.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The folder for everything the demo keeps.
    #[arg(long, env = "SAPA_DEMO_DATA", default_value = "data/demo")]
    pub data: PathBuf,
    /// The gateway's database; a SQLite file in the folder unless told.
    #[arg(long, env = "SAPA_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Where the gateway listens: loopback only; port 0 takes a free one.
    #[arg(long, env = "SAPA_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the emulator listens: loopback only; port 0 takes a free one.
    #[arg(long, env = "SAPA_EMULATOR_LISTEN", default_value = "127.0.0.1:8090")]
    pub emulator_listen: SocketAddr,
    /// Where the page is that shows what people would get by e-mail and SMS: loopback only; port 0 takes a free one.
    #[arg(long, env = "SAPA_POST_LISTEN", default_value = "127.0.0.1:0")]
    pub post_listen: SocketAddr,
}

/// How often the gateway's clock is set to the emulator's.
const FOLLOW_EVERY: Duration = Duration::from_millis(200);

/// Runs gateway and emulator until interrupted.
pub async fn demo(options: &Options) -> Result<()> {
    for address in [options.listen, options.emulator_listen, options.post_listen] {
        ensure!(
            address.ip().is_loopback(),
            "the demo has known sign-ins and listens on this machine alone; use an address such as 127.0.0.1:8080, not {address}"
        );
    }
    private_folder(&options.data)
        .with_context(|| format!("cannot make the folder {}", options.data.display()))?;
    let facts = options.data.join("demo.json");
    let known = seed::Known::read(&options.data.join("secrets.json"))?;
    // Whoever waits for the file must not find the last run's.
    match std::fs::remove_file(&facts) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).context("cannot replace demo.json");
        }
        _ => {}
    }
    let emulator = emulator::spawn(options.emulator_listen, &options.data.join("emulator")).await?;
    let post = carrier::Options { listen: options.post_listen, reports: true };
    let post = Carrier::start(post).await.context("cannot start the mail server and SMS provider")?;
    let clock = Arc::new(MovableClock::default());
    let listener = tokio::net::TcpListener::bind(options.listen).await.with_context(|| {
        format!(
            "cannot listen on {}: is another demo running? Choose another port with --listen",
            options.listen
        )
    })?;
    let config = config(options, &emulator.url, &post, listener.local_addr()?)?;
    let web = Web::new(&config.public_url()?, &emulator.url)?;
    follow(&web, &clock).await?;
    let (ctx, writer) = serve::open(&config, clock.clone()).await?;
    let _alone = ctx.store.serve_alone(ctx.now()).await?;
    let stop = CancellationToken::new();
    tokio::spawn(serve::stop_on_signal(ctx.closing.clone(), stop.clone()));
    let serving = {
        let (ctx, stop) = (ctx.clone(), stop.clone());
        tokio::spawn(async move { server::serve(ctx, writer, listener, &Handle::current(), stop).await })
    };
    let following = tokio::spawn(keep_following(web.clone(), clock, stop.clone()));
    tokio::select! {
        ready = ready(&ctx, &web, &post, known, options, &facts) => ready?,
        () = stop.cancelled() => {}
    }
    let served = serving.await.context("the gateway panicked")?;
    following.abort();
    emulator.stop().await;
    served.context("the gateway failed")
}

/// Makes what is missing, tells where everything is.
async fn ready(
    ctx: &Ctx,
    web: &Web,
    post: &Carrier,
    mut known: seed::Known,
    options: &Options,
    facts: &std::path::Path,
) -> Result<()> {
    let seeded = seed::seed(ctx, web, post, &mut known, &options.data.join("secrets.json")).await?;
    std::fs::write(facts, serde_json::to_vec_pretty(&seeded)?)
        .with_context(|| format!("cannot write {}", facts.display()))?;
    tell(&seeded, facts);
    Ok(())
}

fn tell(facts: &Value, file: &std::path::Path) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    println!("\nSapa is running.\n");
    println!(
        "  Gateway    {}   (API: {}/api/docs)",
        text(&facts["gateway_url"]),
        text(&facts["gateway_url"])
    );
    println!(
        "  Emulator   {}   (a local Meta; its controls: /_emulator/openapi.json)",
        text(&facts["emulator_url"])
    );
    println!(
        "  Phone      {}   (you are the customer, {}, +{})",
        text(&facts["phone_url"]),
        text(&facts["customer"]["name"]),
        text(&facts["customer"]["phone"])
    );
    println!("  Post       {}   (what people would get by e-mail and SMS)", text(&facts["post_url"]));
    println!(
        "\n  Operator   {}  /  {}",
        text(&facts["operator"]["email"]),
        text(&facts["operator"]["password"])
    );
    for org in facts["orgs"].as_array().into_iter().flatten() {
        println!("\n  {}", text(&org["name"]));
        println!("    Owner    {}  /  {}", text(&org["member_email"]), text(&org["member_password"]));
        println!("    Agent    {}  /  {}", text(&org["agent_email"]), text(&org["agent_password"]));
        println!("    Number   {}", text(&org["display_number"]));
        println!("    Ask them something:\n      {}", text(&org["phone_url"]));
    }
    println!("\n  Everything for tools: {}\n  Ctrl-C stops both.\n", file.display());
}

/// The gateway's configuration, pointed at the emulator, whose pictures it shows, and at the mail server and SMS provider of
/// this machine.
fn config(options: &Options, emulator: &Url, post: &Carrier, listen: SocketAddr) -> Result<Config> {
    let host = Url::parse(&post.url)?.authority().to_owned();
    let private = format!("{host}, {}, {}, {}", emulator.authority(), post.smtp, post.smpp);
    Ok(Config {
        // Nobody balances loads before a demo.
        drain_seconds: 0,
        database_url: options.database_url.clone(),
        listen,
        public_url: Some(Url::parse(&format!("http://{listen}"))?),
        graph_url: emulator.clone(),
        media_hosts: vec![emulator.clone()],
        private_addresses: private.parse()?,
        smtp_url: Some(format!("smtp://demo:{}@{}", carrier::SECRET, post.smtp)),
        mail_from: Some("Sapa <sapa@demo.example>".to_owned()),
        mail_for_organisations: true,
        ..Config::for_data(options.data.clone())
    })
}

/// Sets the gateway's clock to the emulator's.
async fn follow(web: &Web, clock: &MovableClock) -> Result<()> {
    let told = web.control("GET", "clock", &Value::Null).await?;
    clock.set_ahead(told["offset_ms"].as_i64().unwrap_or(0).saturating_mul(1_000));
    Ok(())
}

async fn keep_following(web: Web, clock: Arc<MovableClock>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = follow(&web, &clock).await {
            tracing::debug!(%error, "the emulator does not tell its time");
        }
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
}
