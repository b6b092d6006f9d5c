//! Programs that run beside a chore: started, waited for, stopped when the chore is done with them.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// A running program. Asked to stop, and ended if it does not, when dropped.
pub struct Running {
    child: Child,
    name: String,
}

impl Running {
    /// Starts a program.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// Waits until something is the case; fails if the program ends or takes longer.
    pub fn until(&mut self, longest: Duration, ready: impl Fn() -> bool) -> Result<()> {
        let started = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} before it was ready", self.name);
            }
            if started.elapsed() > longest {
                bail!("{} was not ready within {} s", self.name, longest.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Asks the program to stop and says how it ended.
    pub fn stop(&mut self) -> Result<std::process::ExitStatus> {
        const LONGEST: Duration = Duration::from_secs(20);
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()]).status()?;
        let asked = Instant::now();
        while asked.elapsed() < LONGEST {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill()?;
        self.child.wait()?;
        bail!("{} did not stop within {} s and was killed", self.name, LONGEST.as_secs())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{error:#}");
        }
    }
}

/// An address of this machine that nobody listens on.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Whether somebody listens there.
pub fn listens(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
}

/// A folder of its own for a run; deleted when dropped.
pub struct Scratch(std::path::PathBuf);

impl Scratch {
    /// Makes it.
    pub fn new(name: &str) -> Result<Self> {
        let port = free_address()?.port();
        let path = std::env::temp_dir().join(format!("sapa-{name}-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
