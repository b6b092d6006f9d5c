//! Other people's servers at the same work as (a): verify a webhook, take its message, send a fixed reply.
//!
//! They do less: no tenants, no contacts, no consent, no second look before they send, one number. They are run as in
//! production: as many processes as the machine has cores where that is faster, which it is not for Node that commits to
//! SQLite, whose one writer its processes would wait for.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Kind;
use super::figures::{Figure, NODE, NODE_DURABLE, PYWA, PYWA_DURABLE};
use super::host::{Host, free};
use super::sheet::Sheet;
use super::stage::{HALLO, Stage, Town, requests};
use super::tenants::{self, Size};
use super::traffic::{self, Until};

/// How many connections ask a peer at once: it answers before it has done the work, so that more would only wait in it.
const CONNECTIONS: usize = 16;
/// So many messages go before.
const WARM: u64 = 100;
/// One number.
const SIZE: Size = Size { orgs: 1, numbers: 1, ai: true };

/// A server of somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    Pywa,
    Node,
}

/// One round.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let (Some(python), Some(folder)) = (&stage.options.python, &stage.options.peers) else {
        anyhow::bail!(
            "the peers are not set up: `cargo xtask bench engine` does it, or leave out `--part peers`"
        )
    };
    let town = Town::settle(kind, stage.size()).await?;
    let host = stage.gateway(&town)?;
    stage.warm(&host, &town, 0).await?;
    let ours = stage.answered(&host, &town, 1_000_000, stage.options.messages, HALLO).await?;
    host.kill()?;
    let peers: [(&'static Figure, Peer, bool); 4] = [
        (&PYWA, Peer::Pywa, false),
        (&PYWA_DURABLE, Peer::Pywa, true),
        (&NODE, Peer::Node, false),
        (&NODE_DURABLE, Peer::Node, true),
    ];
    for (figure, peer, durable) in peers {
        let theirs = run(stage, peer, durable, python, folder).await?;
        sheet.note(figure, kind, theirs, ours);
    }
    Ok(())
}

/// Messages per second that a peer takes and answers.
async fn run(stage: &Stage, peer: Peer, durable: bool, python: &Path, folder: &Path) -> Result<f64> {
    let address = free()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = match peer {
        Peer::Pywa => {
            let mut command = Command::new(python);
            command.args(["-m", "uvicorn", "pywa_server:app", "--host", "127.0.0.1", "--port"]);
            command.arg(address.port().to_string()).args(["--workers", &cores.to_string()]);
            command.args(["--no-access-log", "--log-level", "warning"]);
            command
        }
        Peer::Node => {
            let mut command = Command::new("node");
            let processes = if durable { 1 } else { cores };
            command.args(["server.mjs", &address.port().to_string(), &processes.to_string()]);
            command
        }
    };
    command.current_dir(folder).env("NODE_ENV", "production");
    command.env("GRAPH_URL", format!("http://{}", stage.graph)).env("APP_SECRET", tenants::APP_SECRET);
    command.env("PHONE_NUMBER_ID", tenants::line(SIZE, 0).phone_number_id);
    let data = tempfile::tempdir_in(stage.folder())?;
    if durable {
        command.env("DATABASE", data.path().join("peer.db"));
    }
    let host = Host::peer(command, address, &stage.folder().join(format!("{peer:?}.log")))?;
    // Every process of it has to be there.
    tokio::time::sleep(Duration::from_secs(2)).await;
    answered(stage, &host, 0, WARM).await?;
    // As many as it answers in some seconds.
    let count = stage.options.messages / if peer == Peer::Pywa { 10 } else { 2 };
    let began = Instant::now();
    answered(stage, &host, 1_000_000, count)
        .await
        .with_context(|| format!("{peer:?}, durable: {durable}"))?;
    Ok(count as f64 / began.elapsed().as_secs_f64())
}

async fn answered(stage: &Stage, host: &Host, from: u64, count: u64) -> Result<()> {
    stage.arrivals.take();
    let (address, requests) = (host.address, requests(SIZE, HALLO));
    let load = move || traffic::closed(address, CONNECTIONS, from, Until::Sent(count), &requests);
    tokio::task::spawn_blocking(load).await.context("the load panicked")??;
    stage.wait_for(count).await
}
