//! The emulator alone, for its own tests and for those who want nothing else.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use emulator::{Emulator, EmulatorConfig};

/// `emulator [LISTEN [DATA]]`, e.g. `emulator 127.0.0.1:8800 /tmp/meta`.
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:8800".into());
    let listen: SocketAddr =
        listen.parse().with_context(|| format!("{listen:?} is not an address such as 127.0.0.1:8800"))?;
    let data = arguments.next().map(PathBuf::from);
    let mut running = Emulator::start(EmulatorConfig { listen, data, ..EmulatorConfig::default() }).await?;
    println!("emulator on {}", running.url());
    running.wait().await;
    Ok(())
}
