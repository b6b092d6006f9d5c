//! Gateway and emulator as processes: built by the demo, then run one by one, so that one can be killed alone.

use std::fs::{File, OpenOptions};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::process::{Child, Command};

use crate::http::Caller;

/// How long a program may take to be ready.
const PATIENCE: u64 = 60;

/// The two processes and where everything is.
pub struct House {
    sapa: PathBuf,
    folder: PathBuf,
    data: PathBuf,
    emulator_data: PathBuf,
    database: Option<String>,
    gateway_at: SocketAddr,
    emulator_at: SocketAddr,
    gateway: Child,
    emulator: Option<Child>,
}

impl House {
    /// Lets the demo make everything, stops it, and starts gateway and emulator on their own on the same data.
    pub async fn build(sapa: &Path, folder: &Path, database: Option<&str>) -> Result<Self> {
        let (gateway_at, emulator_at) = (free()?, free()?);
        let data = folder.join("data");
        let plan = Plan {
            sapa,
            folder,
            data: &data,
            emulator: &data.join("emulator"),
            database,
            gateway_at,
            emulator_at,
        };
        let mut demo = plan.demo()?;
        until_ready(&mut demo, async || plan.facts().is_file()).await?;
        end(&mut demo).await?;
        let mut emulator = plan.emulator()?;
        until_ready(&mut emulator, async || answers(emulator_at, "_emulator/clock").await).await?;
        let mut gateway = plan.gateway()?;
        until_ready(&mut gateway, async || answers(gateway_at, "readyz").await).await?;
        Ok(Self {
            sapa: sapa.to_owned(),
            folder: folder.to_owned(),
            emulator_data: data.join("emulator"),
            data,
            database: database.map(str::to_owned),
            gateway_at,
            emulator_at,
            gateway,
            emulator: Some(emulator),
        })
    }

    /// `demo.json`.
    pub fn facts(&self) -> PathBuf {
        self.plan().facts()
    }

    /// `kill -9`, then a new start. Gives how long the gateway was away.
    pub async fn kill_gateway(&mut self) -> Result<Duration> {
        if let Some(status) = self.gateway.try_wait()? {
            bail!(
                "the gateway ended by itself with {status}; see {}",
                self.folder.join("gateway.log").display()
            );
        }
        self.gateway.start_kill()?;
        let killed = Instant::now();
        self.gateway.wait().await?;
        self.gateway = self.plan().gateway()?;
        let at = self.gateway_at;
        until_ready(&mut self.gateway, async || answers(at, "readyz").await).await?;
        Ok(killed.elapsed())
    }

    /// The folder with everything, logs included.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder with the gateway's data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The gateway's process.
    pub fn gateway_id(&self) -> Result<u32> {
        self.gateway.id().context("the gateway does not run")
    }

    /// Stops the gateway, well or by `kill -9`.
    pub async fn stop_gateway(&mut self, well: bool) -> Result<()> {
        if well {
            return end(&mut self.gateway).await;
        }
        self.gateway.start_kill()?;
        self.gateway.wait().await?;
        Ok(())
    }

    /// Starts the gateway on other data.
    pub async fn start_gateway_on(&mut self, data: &Path, database: Option<&str>) -> Result<()> {
        self.data = data.to_owned();
        self.database = database.map(str::to_owned);
        self.start_gateway().await
    }

    /// Starts the gateway again.
    pub async fn start_gateway(&mut self) -> Result<()> {
        self.gateway = self.plan().gateway()?;
        let at = self.gateway_at;
        until_ready(&mut self.gateway, async || answers(at, "readyz").await).await
    }

    /// Starts one more gateway, on the same data, under a name of its own.
    pub fn start_node(&self, name: &str, at: SocketAddr) -> Result<Child> {
        let public = format!("http://{}", self.gateway_at);
        let mut command = Plan { gateway_at: at, ..self.plan() }.serving();
        command.args(["--node-name", name, "--public-url", &public]).env("SAPA_DRAIN_SECONDS", "1");
        self.plan().start(command.arg("--data").arg(&self.data), &format!("{name}.log"), true)
    }

    /// Runs one command of the program on the gateway's data, whole output included.
    pub async fn command(&self, arguments: &[&str], data: &Path, database: Option<&str>) -> Result<Told> {
        let mut command = Command::new(&self.sapa);
        command.args(arguments).arg("--data").arg(data).env_remove("SAPA_DATABASE_URL");
        if let Some(url) = database {
            command.args(["--database-url", url]);
        }
        let output = command.stdin(Stdio::null()).output().await?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Told { well: output.status.success(), text: text(&output.stdout) + &text(&output.stderr) })
    }

    /// Puts the demo in the place of the two: its clock can be moved.
    pub async fn move_into_demo(&mut self) -> Result<()> {
        end(&mut self.gateway).await?;
        if let Some(mut emulator) = self.emulator.take() {
            end(&mut emulator).await?;
        }
        let plan = self.plan();
        let facts = plan.facts();
        std::fs::remove_file(&facts)?;
        let mut demo = plan.demo()?;
        until_ready(&mut demo, async || facts.is_file()).await?;
        self.gateway = demo;
        Ok(())
    }

    /// Stops what runs.
    pub async fn close(mut self) -> Result<()> {
        end(&mut self.gateway).await
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            sapa: &self.sapa,
            folder: &self.folder,
            data: &self.data,
            emulator: &self.emulator_data,
            database: self.database.as_deref(),
            gateway_at: self.gateway_at,
            emulator_at: self.emulator_at,
        }
    }
}

/// What a command said.
#[derive(Debug)]
pub struct Told {
    /// Whether it succeeded.
    pub well: bool,
    /// Everything that it printed.
    pub text: String,
}

/// How each process is started.
struct Plan<'a> {
    sapa: &'a Path,
    folder: &'a Path,
    data: &'a Path,
    emulator: &'a Path,
    database: Option<&'a str>,
    gateway_at: SocketAddr,
    emulator_at: SocketAddr,
}

impl Plan<'_> {
    fn facts(&self) -> PathBuf {
        self.data.join("demo.json")
    }

    fn demo(&self) -> Result<Child> {
        let mut command = self.command("demo");
        command.args([
            "--listen",
            &self.gateway_at.to_string(),
            "--emulator-listen",
            &self.emulator_at.to_string(),
        ]);
        self.start(command.arg("--data").arg(self.data), "demo.log", true)
    }

    fn emulator(&self) -> Result<Child> {
        let mut command = self.command("emulator");
        command.args(["--listen", &self.emulator_at.to_string()]).arg("--data").arg(self.emulator);
        self.start(&mut command, "emulator.log", false)
    }

    fn gateway(&self) -> Result<Child> {
        self.start(self.serving().arg("--data").arg(self.data), "gateway.log", true)
    }

    fn serving(&self) -> Command {
        let emulator = format!("http://{}", self.emulator_at);
        // A file that may not grow is then an error of the call that writes, and not the end of the process.
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(self.sapa);
        command.args([
            "serve",
            "--listen",
            &self.gateway_at.to_string(),
            "--graph-url",
            &emulator,
            "--media-hosts",
            &emulator,
        ]);
        command.env("SAPA_DRAIN_SECONDS", "0");
        command
    }

    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(self.sapa);
        command.arg(what).env("SAPA_DRAIN_SECONDS", "0");
        command
    }

    fn start(&self, command: &mut Command, log: &str, database: bool) -> Result<Child> {
        if let (Some(url), true) = (self.database, database) {
            command.args(["--database-url", url]);
        }
        let log: File = OpenOptions::new().create(true).append(true).open(self.folder.join(log))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        command.spawn().with_context(|| format!("cannot start {}", self.sapa.display()))
    }
}

/// Waits until a program is ready; fails if it ends or takes too long.
pub async fn until_ready(child: &mut Child, mut ready: impl AsyncFnMut() -> bool) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(PATIENCE);
    while !ready().await {
        if let Some(status) = child.try_wait()? {
            bail!("a program ended with {status} before it was ready");
        }
        ensure!(Instant::now() < end, "a program was not ready within {PATIENCE} s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Whether an address answers well.
pub async fn answers(at: SocketAddr, path: &str) -> bool {
    let Ok(caller) = Caller::new(format!("http://{at}")) else { return false };
    caller.get(path).await.is_ok_and(|answer| answer.status == 200)
}

/// Asks a process to end and waits for it.
pub async fn end(child: &mut Child) -> Result<()> {
    let Some(id) = child.id() else { return Ok(()) };
    Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id.to_string()]).status().await?;
    let status = tokio::time::timeout(Duration::from_secs(30), child.wait()).await;
    let status = status.context("a program did not stop within 30 s")??;
    ensure!(status.success(), "a program ended with {status} after it was asked to stop");
    Ok(())
}

/// An address that nobody listens on.
pub fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
