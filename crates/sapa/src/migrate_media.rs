//! `sapa migrate-media`: every file from one place into another, compared with its name on the way.
//!
//! Invariant: the source is only read. What is in the other place already is not copied again, so that a move that broke off,
//! or one beside a running server, is simply begun again.

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use futures::StreamExt as _;
use server::media::{BlobStore, Stored};

use crate::config::Config;

/// Where to.
#[derive(Args)]
pub struct MigrateMedia {
    /// Where to copy files: `s3://bucket`, `s3://bucket/prefix`, or `folder` for the one in the data folder.
    #[arg(long, value_name = "PLACE")]
    to: String,
    #[command(flatten)]
    config: Config,
}

/// Copies everything that is missing there.
pub async fn migrate_media(wanted: &MigrateMedia) -> Result<()> {
    let MigrateMedia { to, config } = wanted;
    let target = config.files.in_place(to);
    let (here, there) = (config.files.place(&config.data), target.place(&config.data));
    ensure!(here != there, "--to names the place that is in use already");
    let (from, into) = (config.files.look(&config.data)?, target.open(&config.data).await?);
    println!("From {here} to {there}:");
    let moved = copy_all(&*from, &*into).await?;
    println!(
        "{} files ({} bytes) were copied, each compared with its name; {} were there already.\n\
         Stop the server, run this once more for what came in meanwhile, set SAPA_MEDIA_STORE and start it again. Nothing was \
         deleted in the old place.",
        moved.copied, moved.bytes, moved.kept
    );
    Ok(())
}

/// What came of a move.
#[derive(Debug, Default, PartialEq, Eq)]
struct Moved {
    copied: u64,
    bytes: u64,
    kept: u64,
}

async fn copy_all(from: &dyn BlobStore, into: &dyn BlobStore) -> Result<Moved> {
    let mut moved = Moved::default();
    let mut found = from.list();
    while let Some(one) = found.next().await {
        let one = one.context("cannot list the files")?;
        if into.size(one.hash).await? == Some(one.size) {
            moved.kept += 1;
        } else if copy(from, into, one).await? {
            moved.copied += 1;
            moved.bytes += one.size;
        }
    }
    Ok(moved)
}

/// Copies a file. `false`: it has gone meanwhile.
async fn copy(from: &dyn BlobStore, into: &dyn BlobStore, one: Stored) -> Result<bool> {
    let Some(bytes) = from.open(one.hash, None).await? else { return Ok(false) };
    let stored = into.put(bytes, one.size).await.with_context(|| format!("cannot copy {}", one.hash))?;
    ensure!(
        stored == one,
        "{} is not what it was when it was stored: put it back from a backup, or move it away to go on without it",
        one.hash
    );
    Ok(true)
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use server::media::DiskBlobs;

    use super::*;

    #[tokio::test]
    async fn what_is_missing_is_copied_and_a_second_time_nothing() {
        let home = tempfile::tempdir().unwrap();
        let from = DiskBlobs::open(home.path().join("from")).await.unwrap();
        let into = DiskBlobs::open(home.path().join("into")).await.unwrap();
        let mut names = Vec::new();
        for text in ["kopi", "susu", "teh"] {
            names.push(from.put(stream::iter([Ok(text.into())]).boxed(), 10).await.unwrap().hash.to_string());
        }
        into.put(stream::iter([Ok("teh".into())]).boxed(), 10).await.unwrap();
        assert_eq!(copy_all(&from, &into).await.unwrap(), Moved { copied: 2, bytes: 8, kept: 1 });
        assert_eq!(copy_all(&from, &into).await.unwrap(), Moved { copied: 0, bytes: 0, kept: 3 });
        // A file that the disk has changed is told, and not taken for what it was.
        let third = DiskBlobs::open(home.path().join("third")).await.unwrap();
        let name = &names[0];
        std::fs::write(home.path().join("from").join(&name[..2]).join(&name[2..4]).join(name), "kope")
            .unwrap();
        let error = copy_all(&from, &third).await.unwrap_err().to_string();
        assert!(error.contains(name.as_str()), "{error}");
    }
}
