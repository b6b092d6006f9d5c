//! The nodes: processes of the gateway that start, stop, pause and die one by one.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::process::{Child, Command};

use crate::kill::house::{House, answers, end, free, until_ready};

/// A node.
pub struct Node {
    /// What it is called.
    pub name: String,
    /// Where it listens.
    pub at: SocketAddr,
    child: Option<Child>,
}

impl Node {
    /// Starts a new one; it may take a while to be ready.
    pub fn start(house: &House, name: &str) -> Result<Self> {
        let at = free()?;
        Ok(Self { name: name.to_owned(), at, child: Some(house.start_node(name, at)?) })
    }

    /// Starts it again at its address.
    pub fn start_again(&mut self, house: &House) -> Result<()> {
        self.child = Some(house.start_node(&self.name, self.at)?);
        Ok(())
    }

    /// Waits until it is ready.
    pub async fn ready(&mut self) -> Result<()> {
        let (name, at) = (&self.name, self.at);
        let child = self.child.as_mut().context("the node does not run")?;
        until_ready(child, async || answers(at, "readyz").await)
            .await
            .with_context(|| format!("{name} is not ready"))
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(&mut self) -> Result<()> {
        match self.child.take() {
            Some(mut child) => {
                end(&mut child).await.with_context(|| format!("{} does not stop well", self.name))
            }
            None => Ok(()),
        }
    }

    /// Waits until it has ended by itself, with a failure.
    pub async fn ends_by_itself(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the node does not run")?;
        let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await;
        let status = ended.with_context(|| format!("{} goes on", self.name))??;
        ensure!(!status.success(), "{} ended as if it had been told to", self.name);
        Ok(())
    }

    /// `kill -9`.
    pub async fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the node does not run")?;
        if let Some(status) = child.try_wait()? {
            bail!("{} ended by itself with {status}", self.name);
        }
        child.start_kill()?;
        child.wait().await?;
        Ok(())
    }

    /// Lets it stand still, or go on.
    pub async fn stand_still(&self, still: bool) -> Result<()> {
        let id = self.child.as_ref().and_then(Child::id).context("the node does not run")?.to_string();
        let signal = if still { "-STOP" } else { "-CONT" };
        Command::new("kill").args([signal, &id]).status().await?;
        Ok(())
    }
}
