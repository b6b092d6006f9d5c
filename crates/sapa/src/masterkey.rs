//! The master key: from the environment, or from a file that only its owner may read.
//!
//! The file holds one key a line, `name:64 hexadecimal digits`, the current one first. It stays out of backups of the
//! database: whoever has both has every secret.

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use rules::time::{Randomness, Timestamp};
use secrecy::SecretBox;
use store::Store;
use store::sealed::{MasterKey, Vault};

use crate::config::private_folder;

/// Opens the vault of a database. A new master key is made only where nothing is sealed yet.
pub async fn vault(
    store: &Store,
    file: &Path,
    inline: Option<&str>,
    chance: Arc<dyn Randomness>,
    now: Timestamp,
) -> Result<Vault> {
    let keys = match at_hand(file, inline)? {
        Some(keys) => keys,
        None => {
            let needed = Vault::masters_in_use(&mut store.read().await?).await?;
            ensure!(
                needed.is_empty(),
                "the database holds secrets sealed with master key {}, but {} does not exist.\n\
                 Put the key file back (or set SAPA_MASTER_KEY). Without it the secrets cannot be opened; no new key is made.",
                needed.join(", "),
                file.display()
            );
            vec![create(file, &*chance, now)?]
        }
    };
    over(store, file, keys, chance).await
}

/// Opens the vault with the keys that are there; none is made.
pub async fn existing(
    store: &Store,
    file: &Path,
    inline: Option<&str>,
    chance: Arc<dyn Randomness>,
) -> Result<Vault> {
    let keys = at_hand(file, inline)?.with_context(|| {
        format!(
            "there is no master key at {}. The first `sapa serve` makes one; if this installation has run before, put \
             the key file back or set SAPA_MASTER_KEY",
            file.display()
        )
    })?;
    over(store, file, keys, chance).await
}

/// The keys that are there.
fn at_hand(file: &Path, inline: Option<&str>) -> Result<Option<Vec<MasterKey>>> {
    Ok(match inline {
        Some(text) => Some(parse(text).context("SAPA_MASTER_KEY is not usable")?),
        None if file.exists() => Some(read(file)?),
        None => None,
    })
}

/// A vault over these keys, which must be all that the database needs.
async fn over(
    store: &Store,
    file: &Path,
    keys: Vec<MasterKey>,
    chance: Arc<dyn Randomness>,
) -> Result<Vault> {
    let known: Vec<String> = keys.iter().map(|key| key.id.clone()).collect();
    for needed in Vault::masters_in_use(&mut store.read().await?).await? {
        if !known.contains(&needed) {
            bail!(
                "the database holds secrets sealed with master key {needed}, which is not configured. Add it to {}.",
                file.display()
            );
        }
    }
    Vault::new(keys, chance).context("no master key is configured")
}

/// Makes a new current key, wraps every data key with it, and drops the old keys from the file.
pub async fn rotate(store: &Store, file: &Path, chance: Arc<dyn Randomness>, now: Timestamp) -> Result<u64> {
    let old = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let fresh = line(&*chance, now);
    // Both keys stand in the file until the new one is in use: a crash in between loses nothing.
    replace(file, &format!("{fresh}\n{old}"))?;
    let vault = Vault::new(read(file)?, chance).context("no master key is configured")?;
    let mut tx = store.begin().await?;
    let changed = vault.rewrap_all(&mut tx).await?;
    tx.commit().await?;
    replace(file, &format!("{fresh}\n"))?;
    Ok(changed)
}

/// Copies the file of keys, or writes the keys that the environment brings, where only the owner may read them.
pub fn copy_file(from: &Path, to: &Path, inline: Option<&str>) -> Result<()> {
    let text = match inline {
        Some(text) => text.to_owned(),
        None => std::fs::read_to_string(from)
            .with_context(|| format!("cannot read the master key {}", from.display()))?,
    };
    parse(&text).with_context(|| format!("{} is not usable", from.display()))?;
    replace(to, &text)
}

fn create(file: &Path, chance: &dyn Randomness, now: Timestamp) -> Result<MasterKey> {
    replace(file, &format!("{}\n", line(chance, now)))?;
    tracing::info!(file = %file.display(), "made a master key; keep a copy of it apart from the database's backups");
    read(file)?.pop().context("the key just written does not read back")
}

fn line(chance: &dyn Randomness, now: Timestamp) -> String {
    let mut bytes = [0; 32];
    chance.fill(&mut bytes);
    let mut name = [0; 4];
    chance.fill(&mut name);
    format!("k{}-{}:{}", now.seconds(), hex::encode(name), hex::encode(bytes))
}

fn replace(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        private_folder(folder)?;
    }
    let partial = file.with_extension("partial");
    let mut out =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    std::fs::rename(&partial, file)?;
    Ok(())
}

fn read(file: &Path) -> Result<Vec<MasterKey>> {
    let mode = std::fs::metadata(file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .permissions()
        .mode();
    ensure!(mode & 0o077 == 0, "{0} can be read by others. Run: chmod 600 {0}", file.display());
    parse(&std::fs::read_to_string(file)?).with_context(|| format!("{} is not usable", file.display()))
}

fn parse(text: &str) -> Result<Vec<MasterKey>> {
    let mut keys = Vec::new();
    for (number, line) in text.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        let (id, digits) = line
            .trim()
            .split_once(':')
            .with_context(|| format!("key {}: write it as name:64 hexadecimal digits", number + 1))?;
        let mut key = [0; 32];
        hex::decode_to_slice(digits, &mut key)
            .with_context(|| format!("key {}: 64 hexadecimal digits must follow the name", number + 1))?;
        keys.push(MasterKey { id: id.to_owned(), key: SecretBox::new(Box::new(key)) });
    }
    ensure!(!keys.is_empty(), "it holds no key; write one as name:64 hexadecimal digits");
    Ok(keys)
}
