//! The emulator as a process of its own: `sapa emulator`, and the demo's child.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use emulator::{Emulator, EmulatorConfig};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::serve;

/// How the emulator runs.
#[derive(Args, Clone, Debug)]
pub struct EmulatorOptions {
    /// Where to listen; port 0 takes a free one. The controls answer this machine alone.
    #[arg(long, env = "SAPA_EMULATOR_LISTEN", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// The folder where its state is kept; without one everything is in memory.
    #[arg(long, env = "SAPA_EMULATOR_DATA")]
    pub data: Option<PathBuf>,
    /// Stop when standard input ends: with the process that started this one.
    #[arg(long, hide = true)]
    pub until_input_ends: bool,
}

/// Runs the emulator until interrupted.
pub async fn emulator(options: &EmulatorOptions) -> Result<()> {
    let config =
        EmulatorConfig { listen: options.listen, data: options.data.clone(), ..EmulatorConfig::default() };
    let running = Emulator::start(config).await?;
    println!("emulator on {}", running.url());
    let stop = CancellationToken::new();
    tokio::spawn(serve::stop_on_signal(stop.clone(), stop.clone()));
    if options.until_input_ends {
        let ended = stop.clone();
        // A thread of its own: it sits in a read until the other end goes away.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            ended.cancel();
        });
    }
    stop.cancelled().await;
    running.shutdown().await;
    Ok(())
}

/// An emulator that this process has started.
pub struct Spawned {
    /// Where it is.
    pub url: Url,
    child: Child,
}

/// How long the emulator may take to come up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the emulator and waits until it says where it is. It ends with this process, however that ends.
pub async fn spawn(listen: SocketAddr, data: &Path) -> Result<Spawned> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut child = Command::new(program)
        .args(["emulator", "--until-input-ends", "--listen", &listen.to_string(), "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start the emulator")?;
    let stdout = child.stdout.take().context("the emulator has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line =
        tokio::time::timeout(PATIENCE, lines.next_line()).await.context("the emulator does not start")??;
    let Some(address) = line.as_deref().and_then(|line| line.strip_prefix("emulator on ")) else {
        bail!(
            "the emulator did not start: is another demo running? Choose another port with --emulator-listen"
        );
    };
    Ok(Spawned { url: Url::parse(address)?, child })
}

impl Spawned {
    /// Lets it end by itself, by closing its input; then by force.
    pub async fn stop(mut self) {
        drop(self.child.stdin.take());
        if tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}
