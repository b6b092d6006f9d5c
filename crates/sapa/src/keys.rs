//! `sapa keys`: the master key.

use std::sync::Arc;

use anyhow::{Result, ensure};
use clap::Subcommand;
use rules::time::Clock as _;
use store::sealed::Vault;

use crate::config::Config;
use crate::masterkey;
use crate::serve;
use crate::system::{SystemChance, SystemClock};

/// What to do with the master key.
#[derive(Subcommand)]
pub enum Chore {
    /// Make a new master key and wrap every data key with it. What is sealed stays as it is, so this is quick.
    Rotate(Config),
    /// Say which master keys the database needs.
    Show(Config),
}

/// Looks after the master key.
pub async fn keys(chore: &Chore) -> Result<()> {
    match chore {
        Chore::Rotate(config) => {
            ensure!(
                config.master_key.is_none(),
                "the master key comes from SAPA_MASTER_KEY: put a new key in front of the old one there, then run \
                 `sapa keys rotate` with the key in a file instead, or restart to use both"
            );
            let store = serve::existing(config).await?;
            let changed = masterkey::rotate(
                &store,
                &config.master_key_file(),
                Arc::new(SystemChance),
                SystemClock.now(),
            )
            .await?;
            println!(
                "{changed} data keys are wrapped with the new master key. Restart every node, then keep a copy of {} apart from backups.",
                config.master_key_file().display()
            );
            store.close().await;
        }
        Chore::Show(config) => {
            let store = serve::existing(config).await?;
            let needed = Vault::masters_in_use(&mut store.read().await?).await?;
            if needed.is_empty() {
                println!("Nothing is sealed yet.");
            }
            for name in needed {
                println!("{name}");
            }
            store.close().await;
        }
    }
    Ok(())
}
