//! `sapa backup` and `sapa restore`: everything that an installation holds, as a folder, and back.
//!
//! A backup is a folder with `manifest.json`, `sapa.db` (a SQLite database, whichever the installation uses) and `files`
//! (each under the hash of its content). It is made beside a running server.
//!
//! Invariants:
//! - A backup is whole or is not there: it is made under another name, flushed to the disk, and renamed last.
//! - Its database stands at one moment, no earlier than the command's start. Every file that a row of it names is in it:
//!   a file is on the disk before the row that names it is committed, and files are copied after the database. Only a file
//!   let go by everybody in between can be missing, which is told.
//! - The master key is in it only on demand.
//! - A restored installation sends by itself nothing that may have been sent since.

mod files;
mod manifest;
mod restore;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use rules::time::Clock as _;
use store::copy::{self, Schema, SqliteFile};
use store::sealed::Vault;
use store::{Store, StoreOptions};

use crate::config::{Config, private_folder};
use crate::system::SystemClock;
use crate::{masterkey, serve};
use files::{flush_folder, hash_of, length_of};
use manifest::{Database, Manifest, Table};

pub use restore::{Restore, restore};

/// The database within a backup and within a data folder.
const DATABASE: &str = "sapa.db";
/// The files within a backup and within a data folder.
const FILES: &str = "files";
/// The master key within a backup that has it, and within a data folder.
const MASTER_KEY: &str = "master.key";

/// What to back up, and where.
#[derive(Args)]
pub struct Backup {
    /// The folder to make; it must not be there yet.
    folder: PathBuf,
    /// Put the master key in too. Whoever has such a backup has every secret: keep it as you would keep the key.
    #[arg(long)]
    with_master_key: bool,
    #[command(flatten)]
    config: Config,
}

/// Makes a backup of an installation, running or not.
pub async fn backup(wanted: &Backup) -> Result<()> {
    let Backup { folder, with_master_key, config } = wanted;
    ensure!(!folder.exists(), "{} is there already; name a folder that is not", folder.display());
    let store = serve::existing(config).await?;
    let making = Making::begin(folder)?;
    let manifest = fill(&making.folder, config, &store, *with_master_key).await?;
    store.close().await;
    making.finish(folder)?;
    println!("{} holds {}.", folder.display(), manifest.summary());
    for hash in &manifest.missing_files {
        eprintln!(
            "warning: file {hash} is named in the database and is not in {}. If the next backup says so too, it is lost.",
            config.data.join(FILES).display()
        );
    }
    if config.files.is_bucket() {
        println!(
            "Files lie {} and are not in it: let the object store keep earlier versions, or copy the bucket besides.",
            config.files.place(&config.data)
        );
    }
    if !manifest.master_keys.is_empty() && !manifest.with_master_key {
        println!(
            "The master key is not in it, and without it what is sealed does not open: keep a copy of the key ({}) in another place.",
            manifest.master_keys.join(", ")
        );
    }
    Ok(())
}

/// Puts everything into a folder, the manifest last.
async fn fill(folder: &Path, config: &Config, store: &Store, with_master_key: bool) -> Result<Manifest> {
    let made_at = SystemClock.now();
    let file = folder.join(DATABASE);
    if store.kind() == "SQLite" {
        copy::snapshot(&config.existing_store()?.url, &file).await.context("cannot copy the database")?;
    } else {
        let target = Store::open(&sqlite(&file)).await.context("cannot make the copy of the database")?;
        copy::copy_all(store, &target, |_| {}).await.context("cannot copy the database")?;
        target.close().await;
    }
    let mut copied = SqliteFile::open(&file).await?;
    copied.check().await.context("the copy of the database is not sound")?;
    let schema = copied.schema().await?;
    ensure!(schema == Schema::of_this_build(), "the copy has another schema than this build makes");
    let counts = copied.counts().await?;
    let named = copied.files().await?;
    copied.close().await?;
    std::fs::File::open(&file)?.sync_all()?;
    let master_keys = Vault::masters_in_use(&mut store.read().await?).await?;

    let (from, to) = (config.data.join(FILES), folder.join(FILES));
    let files = tokio::task::spawn_blocking(move || files::copy(&from, &to))
        .await
        .context("copying files broke off")??;
    // What lies in a bucket is not copied, and so not missed.
    let is_here = !config.files.is_bucket();
    let missing_files = named.iter().map(hex::encode).filter(|hash| is_here && !files.holds(hash)).collect();
    if with_master_key {
        masterkey::copy_file(
            &config.master_key_file(),
            &folder.join(MASTER_KEY),
            config.master_key.as_deref(),
        )?;
    }
    let manifest = Manifest {
        format: manifest::FORMAT,
        made_by: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: manifest::written(made_at),
        store: store.kind().to_owned(),
        schema: schema.into(),
        database: Database { bytes: length_of(&file)?, sha256: hash_of(&file)? },
        tables: counts.into_iter().map(|(name, rows)| Table { name, rows }).collect(),
        files: files.summary(),
        missing_files,
        master_keys,
        with_master_key,
    };
    manifest.write(folder)?;
    Ok(manifest)
}

/// How a SQLite file is opened by itself.
fn sqlite(file: &Path) -> StoreOptions {
    StoreOptions { url: format!("sqlite://{}", file.display()), connections: 1 }
}

/// A folder under another name until it is whole. What is given up half-way is removed.
struct Making {
    folder: PathBuf,
    whole: bool,
}

impl Making {
    fn begin(target: &Path) -> Result<Self> {
        let mut name = target.file_name().context("the folder to make needs a name")?.to_owned();
        name.push(".partial");
        let folder = target.with_file_name(name);
        if let Some(above) = target.parent().filter(|above| !above.as_os_str().is_empty()) {
            ensure!(above.is_dir(), "there is no folder {}; make it first", above.display());
        }
        if folder.exists() {
            bail!(
                "{} is there: another backup is being made, or one broke off. Delete it if none runs",
                folder.display()
            );
        }
        private_folder(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder, whole: false })
    }

    fn finish(mut self, target: &Path) -> Result<()> {
        flush_folder(&self.folder)?;
        std::fs::rename(&self.folder, target)
            .with_context(|| format!("cannot name the backup {}", target.display()))?;
        self.whole = true;
        flush_folder(target.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if !self.whole {
            // What cannot be removed is told of by the next backup.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}
