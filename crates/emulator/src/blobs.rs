//! The bytes of media, stored once by their SHA-256.
//!
//! Invariant: [`Blobs::put`] returns only when the bytes would survive a crash.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

use aws_lc_rs::digest;
use bytes::Bytes;

/// Where the bytes are.
#[derive(Debug)]
pub enum Blobs {
    /// In a folder, one file each.
    Disk(PathBuf),
    /// In memory, for an emulator without a data folder.
    Memory(Mutex<HashMap<String, Bytes>>),
}

/// The SHA-256 of bytes, hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

impl Blobs {
    /// Stores bytes; the answer is their SHA-256, hexadecimal, which is also their name.
    pub async fn put(&self, bytes: Bytes) -> std::io::Result<String> {
        let name = sha256_hex(&bytes);
        match self {
            Self::Memory(map) => {
                map.lock().unwrap_or_else(|broken| broken.into_inner()).insert(name.clone(), bytes);
            }
            Self::Disk(folder) => {
                let path = folder.join(&name);
                let unfinished = folder.join(format!("{name}.{}", crate::world::graph_id()));
                tokio::task::spawn_blocking(move || {
                    if path.exists() {
                        return Ok(());
                    }
                    let mut file = std::fs::File::create(&unfinished)?;
                    file.write_all(&bytes)?;
                    file.sync_all()?;
                    std::fs::rename(&unfinished, &path)
                })
                .await
                .map_err(std::io::Error::other)??;
            }
        }
        Ok(name)
    }

    /// Deletes everything but the blobs named. Only for the start, when nothing is being stored.
    pub fn keep_only(&self, names: &HashSet<String>) -> std::io::Result<()> {
        let Self::Disk(folder) = self else { return Ok(()) };
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if !entry.file_name().to_str().is_some_and(|name| names.contains(name)) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The bytes with this SHA-256, if they are here.
    pub async fn get(&self, name: &str) -> Option<Bytes> {
        match self {
            Self::Memory(map) => map.lock().unwrap_or_else(|broken| broken.into_inner()).get(name).cloned(),
            Self::Disk(folder) => tokio::fs::read(folder.join(name)).await.ok().map(Bytes::from),
        }
    }
}
