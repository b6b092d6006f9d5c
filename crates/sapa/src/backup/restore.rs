//! `sapa restore`: a backup, proved and put where an installation will run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use rules::time::Clock as _;
use store::copy::{self, SqliteFile};
use store::{Store, StoreError};

use super::files::{self, copy_and_hash, flush_folder};
use super::manifest::Manifest;
use super::{DATABASE, FILES, MASTER_KEY, sqlite};
use crate::config::{Config, private_folder};
use crate::masterkey;
use crate::system::SystemClock;

/// What to restore, and how.
#[derive(Args)]
pub struct Restore {
    /// The backup.
    folder: PathBuf,
    /// Go on with what waited when the backup was made: send the messages, make the answers. Right only if nothing has
    /// run since, as when an installation moves; otherwise customers get things twice.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    config: Config,
}

/// Where everything is put until it is proved.
const RESTORING: &str = "restoring";

/// Queues whose work reaches a customer.
const REACHING: [&str; 2] = [server::dispatch::QUEUE, server::bot::QUEUE];

/// Restores a backup into a data folder that holds nothing, and into its database.
pub async fn restore(wanted: &Restore) -> Result<()> {
    let Restore { folder, resume, config } = wanted;
    let manifest = Manifest::read(folder)?;
    let data = &config.data;
    must_be_empty(config)?;
    let within = data.join(RESTORING);
    if within.exists() {
        fs::remove_dir_all(&within).with_context(|| format!("cannot clear {}", within.display()))?;
    }
    private_folder(&within).with_context(|| format!("cannot make {}", within.display()))?;

    let database = within.join(DATABASE);
    bring_database(folder, &database, &manifest).await?;
    bring_files(folder.join(FILES), within.join(FILES), &manifest).await?;
    let held = make_current(&database, *resume).await?;
    let target = config.existing_store()?;
    if target.url.starts_with("sqlite:") {
        let file = copy::file_of(&target.url);
        fs::rename(within.join(FILES), data.join(FILES))?;
        fs::rename(&database, &file)
            .with_context(|| format!("cannot put the database in its place, {}", file.display()))?;
        flush_folder(file.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    } else {
        let from = Store::existing(&sqlite(&database)).await?;
        let to = Store::open(&target).await.context("cannot open the database to restore into")?;
        copy::copy_all(&from, &to, |_| {}).await.context("cannot copy the database")?;
        to.close().await;
        from.close().await;
        fs::rename(within.join(FILES), data.join(FILES))?;
    }
    if manifest.with_master_key && !config.master_key_file().exists() {
        masterkey::copy_file(&folder.join(MASTER_KEY), &config.master_key_file(), None)?;
    }
    fs::remove_dir_all(&within)?;
    flush_folder(data)?;
    report(&manifest, config, held, *resume);
    Ok(())
}

/// A data folder may hold the master key, and what a restore left that broke off. PostgreSQL is looked at when its turn
/// comes.
fn must_be_empty(config: &Config) -> Result<()> {
    let data = &config.data;
    private_folder(data).with_context(|| format!("cannot make the folder {}", data.display()))?;
    let key = config.master_key_file();
    for entry in fs::read_dir(data).with_context(|| format!("cannot read {}", data.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        ensure!(
            path == key || [RESTORING, MASTER_KEY, "lost+found"].contains(&name),
            "{} is not empty: it holds {name}. Name an empty folder with --data; nothing is overwritten",
            data.display()
        );
    }
    if let Some(url) = config.database_url.as_deref().filter(|url| url.starts_with("sqlite:")) {
        for file in copy::files_of(&copy::file_of(url)) {
            ensure!(!file.exists(), "{} is there already; nothing is overwritten", file.display());
        }
    }
    Ok(())
}

/// Copies the database and proves that it is the one that was backed up, and sound.
async fn bring_database(folder: &Path, to: &Path, manifest: &Manifest) -> Result<()> {
    let from = folder.join(DATABASE);
    let (source, target) = (from.clone(), to.to_owned());
    let (bytes, sha256) = tokio::task::spawn_blocking(move || copy_and_hash(&source, &target))
        .await
        .context("copying the database broke off")??;
    ensure!(
        (bytes, &sha256) == (manifest.database.bytes, &manifest.database.sha256),
        "{} is not the file that was backed up: {bytes} bytes with the digest {sha256} instead of {} with {}. Take another \
         copy of the backup, or an earlier backup",
        from.display(),
        manifest.database.bytes,
        manifest.database.sha256
    );
    let mut file = SqliteFile::open(to).await?;
    let schema = file.schema().await?;
    ensure!(
        schema.is_known() && manifest.schema == schema.clone().into(),
        "the backup was made by version {} with a schema (number {}) that this version does not know. Restore it with the \
         version that made it, or a newer one",
        manifest.made_by,
        schema.version
    );
    file.check().await.with_context(|| format!("{} is not sound", from.display()))?;
    let counts = file.counts().await?;
    let told: Vec<(String, i64)> =
        manifest.tables.iter().map(|table| (table.name.clone(), table.rows)).collect();
    ensure!(counts == told, "the tables of {} are not those of the manifest", from.display());
    Ok(file.close().await?)
}

/// Copies the files and proves that all are there.
async fn bring_files(from: PathBuf, to: PathBuf, manifest: &Manifest) -> Result<()> {
    let shown = from.display().to_string();
    let found = tokio::task::spawn_blocking(move || files::copy(&from, &to))
        .await
        .context("copying files broke off")??
        .summary();
    ensure!(
        found == manifest.files,
        "{shown} is not whole: it holds {} files ({} bytes) instead of {} ({} bytes), or others. Take another copy of the \
         backup, or an earlier backup",
        found.count,
        found.bytes,
        manifest.files.count,
        manifest.files.bytes
    );
    Ok(())
}

/// Brings the schema up to date and, unless told otherwise, holds back what would reach customers. Says how many messages.
async fn make_current(database: &Path, resume: bool) -> Result<u64> {
    let store = match Store::open(&sqlite(database)).await {
        Err(StoreError::Migration(error)) => {
            bail!("the backup cannot be brought to this version's schema: {error}")
        }
        opened => opened?,
    };
    let mut held = 0;
    if !resume {
        let mut tx = store.begin().await?;
        held = tx.hold_back(&REACHING, SystemClock.now()).await?;
        tx.commit().await?;
    }
    store.close().await;
    Ok(held)
}

fn report(manifest: &Manifest, config: &Config, held: u64, resume: bool) {
    println!("Restored {}.", manifest.summary());
    if !resume {
        println!(
            "{held} messages were waiting to be sent. Whether they were sent since is not known here: they show as unresolved \
             within ten minutes, and a person decides. Answers that were being made are not made again."
        );
    }
    if !manifest.missing_files.is_empty() {
        println!("{} files that the database names were not in the backup.", manifest.missing_files.len());
    }
    if !manifest.master_keys.is_empty() && config.master_key.is_none() && !config.master_key_file().exists() {
        println!(
            "Before the first start put the master key ({}) at {}, or set SAPA_MASTER_KEY.",
            manifest.master_keys.join(", "),
            config.master_key_file().display()
        );
    }
    println!("Then start `sapa serve`, and look with `sapa doctor`.");
}
