//! Published WhatsApp clients drive the emulator: what works with them works with Meta's real customers' code.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::children::{Running, Scratch, free_address, listens};
use crate::shell::{binary, build, root, run};
use crate::tools;

const FOLDER: &str = "e2e/clients";

/// Builds the emulator and lets the clients drive it.
pub fn clients() -> Result<()> {
    build(&["--package", "sapa"])?;
    drive()
}

/// Starts an emulator and lets each client send, receive, upload and download everything it can.
pub fn drive() -> Result<()> {
    let python = tools::python("clients", "e2e/clients/requirements.txt")?;
    tools::npm(FOLDER)?;
    let scratch = Scratch::new("clients")?;
    let address = free_address()?;
    let mut emulator = Running::start(
        "the emulator",
        Command::new(binary("sapa"))
            .args(["emulator", "--listen", &address.to_string(), "--data"])
            .arg(scratch.path()),
    )?;
    emulator.until(Duration::from_secs(30), || listens(address))?;
    let url = format!("http://{address}");
    let folder = root().join(FOLDER);
    run(Command::new(python).arg("pywa_client.py").arg(&url).current_dir(&folder))?;
    run(Command::new("node").arg("kapso.mjs").arg(&url).current_dir(&folder))
}
