//! The programs that are measured, as processes of their own: started, watched, killed.

use std::fs::OpenOptions;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::tenants::MASTER_KEY;
use super::webhook::ADDRESS;

/// How long a program may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);
/// The kernel's unit of processor time.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running program. Killed when dropped.
pub struct Host {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether it leads a group of processes.
    has_group: bool,
}

impl Host {
    /// The gateway on this database, sending to this Graph API.
    pub fn gateway(sapa: &Path, data: &Path, database: &str, graph: SocketAddr) -> Result<Self> {
        let address = free()?;
        let mut command = Command::new(sapa);
        command.arg("serve").arg("--data").arg(data).arg("--listen").arg(address.to_string());
        command.env("SAPA_DATABASE_URL", database).env("SAPA_MASTER_KEY", MASTER_KEY);
        command.env("SAPA_GRAPH_URL", format!("http://{graph}")).env("SAPA_PUBLIC_URL", ADDRESS);
        command.env("SAPA_LOG", "warn");
        Self::start(command, address, &data.join("gateway.log"))
    }

    /// The emulator, in memory alone.
    pub fn emulator(sapa: &Path, folder: &Path) -> Result<Self> {
        let address = free()?;
        let mut command = Command::new(sapa);
        command.args(["emulator", "--listen", &address.to_string()]).env("SAPA_LOG", "warn");
        Self::start(command, address, &folder.join("emulator.log"))
    }

    /// This program again, as the server that only verifies and parses.
    pub fn ceiling(folder: &Path) -> Result<Self> {
        let address = free()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["ceiling", "--listen", &address.to_string()]);
        Self::start(command, address, &folder.join("ceiling.log"))
    }

    /// A program of somebody else's that listens where it was told to.
    pub fn peer(mut command: Command, address: SocketAddr, log: &Path) -> Result<Self> {
        // It may have processes of its own, which end with it.
        command.process_group(0);
        let mut host = Self::start(command, address, log)?;
        host.has_group = true;
        Ok(host)
    }

    fn start(mut command: Command, address: SocketAddr, log: &Path) -> Result<Self> {
        let output = OpenOptions::new().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut host = Self { child, address, has_group: false };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if let Some(status) = host.child.try_wait()? {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                bail!("it ended with {status}; it said:\n{said}");
            }
            if Instant::now() > until {
                bail!("it does not listen within {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(host)
    }

    /// The processor time that it has used so far.
    pub fn processor(&self) -> Result<Duration> {
        Ok(ticks(&format!("/proc/{}/stat", self.child.id()))?.own)
    }

    /// The memory that is its own, in megabytes.
    pub fn memory(&self) -> Result<f64> {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes / 1_024.0)
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if self.has_group {
            let group = format!("-{}", self.child.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The processor time of a PostgreSQL server so far, all of its processes together; its first leads to them.
pub fn processor_of_postgres(server: i32) -> Result<Duration> {
    let whole = ticks(&format!("/proc/{server}/stat"))?;
    let mut used = whole.own + whole.ended_children;
    for process in std::fs::read_dir("/proc")? {
        let stat = process?.path().join("stat");
        // Not every entry is a process, and one may end meanwhile.
        if let Ok(times) = ticks(&stat.display().to_string())
            && times.parent == server
        {
            used += times.own;
        }
    }
    Ok(used)
}

/// What the kernel says of a process or thread.
struct Times {
    parent: i32,
    own: Duration,
    ended_children: Duration,
}

fn ticks(stat: &str) -> Result<Times> {
    let stat = std::fs::read_to_string(stat)?;
    // The name, in brackets, may hold anything; what follows it counts from the third field.
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    let sum = |of: [usize; 2]| {
        let (user, system) =
            field(of[0]).zip(field(of[1])).context("the kernel does not tell processor times")?;
        anyhow::Ok(Duration::from_secs_f64((user + system) / TICKS_PER_SECOND))
    };
    let parent = fields.get(1).and_then(|field| field.parse().ok()).context("a process without a parent")?;
    Ok(Times { parent, own: sum([11, 12])?, ended_children: sum([13, 14])? })
}

/// An address where nobody listens.
pub fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
