//! A PostgreSQL primary and the replica that its commits wait for; the one dies, the other takes its place.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use tokio::process::{Child, Command};

use crate::http::until;
use crate::kill::house::free;

/// Two addresses, of which one has the primary and the other its replica.
pub struct Servers {
    tools: PathBuf,
    folder: PathBuf,
    /// PostgreSQL refuses to run as root.
    user: Option<(u32, u32)>,
    addresses: [SocketAddr; 2],
    running: [Option<Child>; 2],
    primary: usize,
    /// How many data folders have been made.
    made: usize,
}

/// How a primary goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// All its processes are killed.
    Killed,
    /// Nothing is heard of it any more, as of a machine without power.
    Silent,
}

/// Sends a signal to a server and to all its processes at once.
const ALL: &str = "kill \"$0\" \"$1\" $(ps -o pid= --ppid \"$1\")";

impl Servers {
    /// Makes a primary with an empty database, and its replica.
    pub async fn start(tools: &Path, folder: &Path) -> Result<Self> {
        let folder = folder.join("postgres");
        std::fs::create_dir_all(&folder)?;
        let root = said(Command::new("id").arg("-u")).await? == "0";
        let id = async |which| anyhow::Ok(said(Command::new("id").args([which, "postgres"])).await?.parse()?);
        let user = if root { Some((id("-u").await?, id("-g").await?)) } else { None };
        if root {
            said(Command::new("chown").arg("postgres").arg(&folder)).await?;
            // The folders above are the story's own; the server only passes through them.
            said(
                Command::new("chmod").args(["a+x".as_ref(), folder.parent().unwrap_or(&folder).as_os_str()]),
            )
            .await?;
        }
        let addresses = [free()?, free()?];
        let mut servers = Self {
            tools: tools.to_owned(),
            folder,
            user,
            addresses,
            running: [None, None],
            primary: 0,
            made: 0,
        };
        let data = servers.fresh_data();
        let mut initdb = servers.tool("initdb");
        initdb.arg("-D").arg(&data).args([
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--no-instructions",
        ]);
        said(&mut initdb).await?;
        servers.run(0, &data).await?;
        servers.sql("postgres", "CREATE DATABASE sapa_nodes").await?;
        servers.add_replica().await?;
        Ok(servers)
    }

    /// The database's address, with both servers in it.
    pub fn url(&self) -> String {
        let [first, second] = self.addresses;
        format!("postgres://postgres@{first},{second}/sapa_nodes")
    }

    /// Runs a statement on the primary.
    pub async fn sql(&self, database: &str, statement: &str) -> Result<String> {
        let at = self.addresses[self.primary];
        let mut psql = self.tool("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]);
        psql.args([
            "-h",
            &at.ip().to_string(),
            "-p",
            &at.port().to_string(),
            "-d",
            database,
            "-c",
            statement,
        ]);
        said(&mut psql).await
    }

    /// Ends the primary, and lets the replica take its place.
    pub async fn fail_over(&mut self, fate: Fate) -> Result<()> {
        let lost = self.running[self.primary].as_mut().context("there is no primary")?;
        let id = lost.id().context("the primary has ended")?.to_string();
        let signal = if fate == Fate::Killed { "-KILL" } else { "-STOP" };
        said(Command::new("sh").args(["-c", ALL, signal, &id])).await?;
        if fate == Fate::Killed {
            lost.wait().await?;
            self.running[self.primary] = None;
        }
        self.primary = 1 - self.primary;
        let mut promote = self.tool("pg_ctl");
        promote.arg("-D").arg(self.data_at(self.primary)).args(["-w", "promote"]);
        said(&mut promote).await.map(|_| ())
    }

    /// Gives the primary a replica again, which its commits wait for. Whatever the address still had is ended.
    pub async fn add_replica(&mut self) -> Result<()> {
        let place = 1 - self.primary;
        if let Some(silent) = &mut self.running[place] {
            let id = silent.id().context("the old primary has ended")?.to_string();
            said(Command::new("sh").args(["-c", ALL, "-KILL", &id])).await?;
            silent.wait().await?;
        }
        let (data, at) = (self.fresh_data(), self.addresses[self.primary]);
        let mut copy = self.tool("pg_basebackup");
        copy.args(["-U", "postgres", "-h", &at.ip().to_string(), "-p", &at.port().to_string()]);
        copy.arg("-D").arg(&data).args(["-R", "-X", "stream", "-c", "fast"]);
        said(&mut copy).await?;
        // Only then, or the copy would have it too, and wait for a replica of its own once it is promoted.
        self.run(place, &data).await?;
        self.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'").await?;
        self.sql("postgres", "SELECT pg_reload_conf()").await?;
        until(30, async || {
            let state = self
                .sql("postgres", "SELECT coalesce(max(sync_state), 'none') FROM pg_stat_replication")
                .await?;
            ensure!(state == "sync", "the replica is {state}");
            Ok(())
        })
        .await
    }

    fn fresh_data(&mut self) -> PathBuf {
        self.made += 1;
        self.folder.join(format!("data-{}", self.made))
    }

    fn data_at(&self, place: usize) -> PathBuf {
        self.folder.join(format!("at-{place}"))
    }

    /// Starts a server on these data, and waits until it answers.
    async fn run(&mut self, place: usize, data: &Path) -> Result<()> {
        let link = self.data_at(place);
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(data, &link)?;
        let at = self.addresses[place];
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.join("log"))?;
        let mut server = self.tool("postgres");
        server.arg("-D").arg(&link).args(["-p", &at.port().to_string()]);
        let sockets = format!("unix_socket_directories={}", self.folder.display());
        for setting in
            ["listen_addresses=127.0.0.1", &sockets, "max_connections=300", "synchronous_commit=on"]
        {
            server.args(["-c", setting]);
        }
        server.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        self.running[place] = Some(server.spawn().context("cannot start PostgreSQL")?);
        let ready = async || {
            let mut ready = self.tool("pg_isready");
            ready.args(["-q", "-h", &at.ip().to_string(), "-p", &at.port().to_string()]);
            said(&mut ready).await
        };
        until(30, ready).await.map(|_| ())
    }

    fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(self.tools.join(name));
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command.current_dir(&self.folder);
        command
    }
}

/// Runs a program to its end, and gives what it printed.
async fn said(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().await.with_context(|| format!("cannot run {command:?}"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?} failed: {}", command.as_std().get_program(), error.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
