//! `sapa migrate-store`: everything from one database into another, compared before it counts.
//!
//! Invariant: the source is only read, and nobody writes to it meanwhile. The target holds everything or nothing, so that
//! a move that broke off is simply begun again.

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use store::copy::copy_all;
use store::{Schema, Store, StoreError, StoreOptions};

use crate::config::{Config, checked_url, private_folder};

/// Where to.
#[derive(Args)]
pub struct MigrateStore {
    /// The database to copy into: `postgres://…` or `sqlite://…`, empty or not there yet.
    #[arg(long, value_name = "URL")]
    to: String,
    #[command(flatten)]
    config: Config,
}

/// Copies everything.
pub async fn migrate_store(wanted: &MigrateStore) -> Result<()> {
    let MigrateStore { to, config } = wanted;
    let source = config.existing_store()?;
    let target = StoreOptions { url: checked_url(to, "--to")?, connections: 2 };
    ensure!(source.url != target.url, "--to names the database that is in use already");
    let from = match Store::alone(&source).await {
        Err(StoreError::InUse) => return Err(StoreError::InUse.into()),
        opened => opened.context("cannot open the database to copy from")?,
    };
    ensure!(
        from.schema().await? == Schema::Current,
        "the database to copy from has another schema than this build expects. Run `sapa migrate`"
    );
    if target.url.starts_with("sqlite:")
        && let Some(folder) = store::copy::file_of(&target.url).parent()
    {
        private_folder(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let into = Store::open(&target).await.context("cannot open the database to copy into")?;
    println!("From {} to {}:", from.kind(), into.kind());
    let copied = copy_all(&from, &into, |table| {
        println!("{:>12}  {}", table.rows, table.table);
        if table.mended > 0 {
            println!(
                "{:>12}  texts there held a NUL, which PostgreSQL cannot; U+FFFD stands in its place",
                table.mended
            );
        }
    })
    .await?;
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    println!(
        "{rows} rows in {} tables were copied and read back: numbers and digests agree on both sides.\n\
         Set SAPA_DATABASE_URL to the new database and start `sapa serve`. Files and the master key stay where they are. \
         The old database was not changed; do not start a server on it again.",
        copied.len()
    );
    into.close().await;
    from.close().await;
    Ok(())
}
