//! A PostgreSQL server of our own, for as long as a chore runs.
//!
//! Invariant: it stops and its data are deleted however the chore ends, `kill -9` included. A guard does it: a shell
//! that waits for the end of a pipe whose other end only we hold.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::children::free_address;
use crate::shell::{capture, is_root, run};
use crate::tools;

/// A running server. Stops, and is deleted, when dropped.
pub struct Postgres {
    folder: PathBuf,
    port: u16,
    guard: Option<Child>,
}

/// Stops a server and deletes its folder when standard input ends. Signals from the keyboard are not for it.
const GUARD: &str = r#"trap '' INT TERM HUP; cat >/dev/null; "$@" >/dev/null 2>&1; cd /; rm -rf "$0""#;

/// Runs a server until the chore is interrupted, and says how tests find it.
pub fn serve() -> Result<()> {
    let server = Postgres::start(false)?;
    println!("export SAPA_TEST_DATABASE_URL={}", server.url());
    eprintln!("A PostgreSQL server runs there for single tests. Ctrl-C stops it.");
    loop {
        std::thread::park();
    }
}

impl Postgres {
    /// Starts an empty server on a free port. Tests give up durability for speed; kill tests must not.
    pub fn start(durable: bool) -> Result<Self> {
        tools::debian(&["postgresql"], || program("initdb").is_some())?;
        let port = free_address()?.port();
        let folder = std::env::temp_dir().join(format!("sapa-postgres-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        if is_root() {
            // PostgreSQL refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let mut server = Self { folder, port, guard: None };
        let data = server.folder.join("data");
        run(server
            .tool("initdb")?
            .arg("-D")
            .arg(&data)
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8"])
            .stdout(Stdio::null()))?;
        server.guard = Some(server.guarded()?);
        let fsync = if durable { "on" } else { "off" };
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=400 -c fsync={fsync} -c full_page_writes={fsync}",
            server.folder.display()
        );
        run(server
            .tool("pg_ctl")?
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(server.folder.join("log"))
            .args(["-w", "-o", &options, "start"])
            .stdout(Stdio::null()))?;
        Ok(server)
    }

    /// The address of its administrative database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Makes an empty database and returns its address.
    pub fn database(&self, name: &str) -> Result<String> {
        run(self.tool("createdb")?.args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
            "-U",
            "postgres",
            name,
        ]))?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    fn guarded(&self) -> Result<Child> {
        let stop = self.tool("pg_ctl")?;
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD]).arg(&self.folder).arg(stop.get_program()).args(stop.get_args());
        guard.arg("-D").arg(self.folder.join("data")).args(["-m", "immediate", "stop"]);
        guard.current_dir(&self.folder).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        guard.spawn().context("cannot start the shell that stops PostgreSQL")
    }

    fn tool(&self, name: &str) -> Result<Command> {
        let path = program(name).with_context(|| format!("{name} is not installed"))?;
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.folder);
        Ok(command)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder with the server's programs, which are installed if they are not.
pub fn programs() -> Result<PathBuf> {
    tools::debian(&["postgresql"], || program("initdb").is_some())?;
    let initdb = program("initdb").context("initdb is not installed")?;
    Ok(initdb.parent().map(Path::to_owned).unwrap_or_default())
}

/// A server program of the newest version installed.
fn program(name: &str) -> Option<PathBuf> {
    if let Ok(folder) = capture(
        Command::new("sh").args(["-c", "ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1"]),
    ) && !folder.is_empty()
    {
        let path = PathBuf::from(folder).join(name);
        if path.is_file() {
            return Some(path);
        }
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}
