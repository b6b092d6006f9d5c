//! A demo of its own for a run: gateway and emulator on a fresh folder, on free ports.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use tokio::process::{Child, Command};

/// How long the demo may take to be ready.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the demo tells of itself, as far as a bench needs it.
#[derive(Debug, Deserialize)]
pub struct Facts {
    /// Its organisations.
    pub orgs: Vec<Org>,
}

/// An organisation of the demo.
#[derive(Debug, Deserialize)]
pub struct Org {
    /// The word in its addresses.
    pub slug: String,
    /// Its id.
    pub org_id: String,
    /// The id of its number.
    pub number_id: String,
}

/// A running demo.
pub struct House {
    data: PathBuf,
    child: Child,
}

impl House {
    /// Starts it on this folder and waits until everything is there.
    pub async fn open(sapa: &Path, folder: &Path) -> Result<Self> {
        let log = folder.join("demo.log");
        let output = OpenOptions::new().create(true).append(true).open(&log)?;
        let data = folder.join("data");
        let mut command = Command::new(sapa);
        command.args(["demo", "--listen", "127.0.0.1:0", "--emulator-listen", "127.0.0.1:0", "--data"]);
        command.arg(&data).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child =
            command.kill_on_drop(true).spawn().with_context(|| format!("cannot start {}", sapa.display()))?;
        let mut house = Self { data, child };
        let ready = tokio::time::timeout(PATIENCE, house.ready()).await;
        ready.unwrap_or_else(|_| bail!("it was not ready within {} s", PATIENCE.as_secs())).with_context(
            || {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                format!("the demo does not start; it said:\n{said}")
            },
        )?;
        Ok(house)
    }

    async fn ready(&mut self) -> Result<()> {
        while !self.facts_file().is_file() {
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// `demo.json`.
    pub fn facts_file(&self) -> PathBuf {
        self.data.join("demo.json")
    }

    /// What it tells of itself.
    pub fn facts(&self) -> Result<Facts> {
        Ok(serde_json::from_slice(&std::fs::read(self.facts_file())?)?)
    }

    /// The address of its database.
    pub fn database(&self) -> String {
        format!("sqlite://{}", self.data.join("sapa.db").display())
    }

    /// Stops it; what it made stays. The next start tells its facts anew.
    pub async fn close(mut self) -> Result<()> {
        let id = self.child.id().context("the demo ended by itself")?;
        Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id.to_string()]).status().await?;
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        let status = ended.context("the demo did not stop within 30 s")??;
        ensure!(status.success(), "the demo ended with {status} after it was asked to stop");
        std::fs::remove_file(self.facts_file())?;
        Ok(())
    }
}
