//! Files under the hash of what they are (`ab/cd/abcd…`), copied and proved.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::digest::{Context, SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::config::private_folder;

/// Files that were copied, by the hash of their content, with their sizes.
#[derive(Debug, Default)]
pub struct Files(BTreeMap<String, u64>);

/// What files there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many.
    pub count: u64,
    /// Their sizes together.
    pub bytes: u64,
    /// The SHA-256 of their names, sorted, a line each. A name is the SHA-256 of the content.
    pub sha256: String,
}

impl Files {
    /// Whether a file is among them.
    pub fn holds(&self, hash: &str) -> bool {
        self.0.contains_key(hash)
    }

    /// What there are.
    pub fn summary(&self) -> Summary {
        let names: String = self.0.keys().map(|name| format!("{name}\n")).collect();
        Summary {
            count: self.0.len() as u64,
            bytes: self.0.values().sum(),
            sha256: hex::encode(digest(&SHA256, names.as_bytes())),
        }
    }
}

/// Copies every whole file of a folder into another, which is made. Each is read and must be what its name says; one that
/// goes away meanwhile is left out. What is still arriving (`tmp`) belongs to nobody yet.
pub fn copy(from: &Path, to: &Path) -> Result<Files> {
    let mut files = Files::default();
    private_folder(to)?;
    for outer in names(from)?.iter().filter(|name| name.len() == 2) {
        for inner in names(&from.join(outer))?.iter().filter(|name| name.len() == 2) {
            let (source, target) = (from.join(outer).join(inner), to.join(outer).join(inner));
            let hashes: Vec<String> = names(&source)?
                .into_iter()
                .filter(|name| name.len() == 64 && hex::decode(name).is_ok())
                .collect();
            if hashes.is_empty() {
                continue;
            }
            private_folder(&target)?;
            for name in hashes {
                if let Some(size) = copy_one(&source.join(&name), &target.join(&name), &name)? {
                    files.0.insert(name, size);
                }
            }
            flush_folder(&target)?;
        }
        if to.join(outer).is_dir() {
            flush_folder(&to.join(outer))?;
        }
    }
    flush_folder(to)?;
    Ok(files)
}

/// Copies a file and flushes it. `None`: it is not there any more.
fn copy_one(from: &Path, to: &Path, hash: &str) -> Result<Option<u64>> {
    let source = match File::open(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.with_context(|| format!("cannot read {}", from.display()))?,
    };
    let (size, found) = pour(source, to).with_context(|| format!("cannot copy {}", from.display()))?;
    ensure!(
        found == hash,
        "{} is not what it was when it was stored: the disk, or somebody, has changed it. Put the file back from an earlier \
         backup, or move it away to go on without it",
        from.display()
    );
    Ok(Some(size))
}

/// Copies a file, flushes it, and says its size and hash.
pub fn copy_and_hash(from: &Path, to: &Path) -> Result<(u64, String)> {
    let source = File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
    pour(source, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

fn pour(mut source: File, to: &Path) -> Result<(u64, String)> {
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let (size, hash) = read_through(&mut source, |piece| target.write_all(piece))?;
    target.sync_all()?;
    Ok((size, hash))
}

/// The hash of a file's content.
pub fn hash_of(file: &Path) -> Result<String> {
    let mut source = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(read_through(&mut source, |_| Ok(()))?.1)
}

/// A file's size.
pub fn length_of(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?.len())
}

fn read_through(
    source: &mut File,
    mut each: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(u64, String)> {
    let (mut hash, mut size, mut piece) = (Context::new(&SHA256), 0, vec![0; 256 << 10]);
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            return Ok((size, hex::encode(hash.finish())));
        }
        hash.update(&piece[..read]);
        each(&piece[..read])?;
        size += read as u64;
    }
}

/// The names in a folder, sorted. A folder that is not there has none.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries.with_context(|| format!("cannot read {}", folder.display()))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// Makes the names in a folder durable.
pub fn flush_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("cannot flush {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, content: &[u8]) -> String {
        let name = hex::encode(digest(&SHA256, content));
        let folder = root.join(&name[..2]).join(&name[2..4]);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(&name), content).unwrap();
        name
    }

    #[test]
    fn whole_files_are_copied_and_what_arrives_is_not() {
        let home = tempfile::tempdir().unwrap();
        let (from, to) = (home.path().join("from"), home.path().join("to"));
        let (a, b) = (put(&from, b"kopi"), put(&from, b"susu"));
        fs::create_dir_all(from.join("tmp")).unwrap();
        fs::write(from.join("tmp").join("1-1"), b"half").unwrap();
        let copied = copy(&from, &to).unwrap();
        assert!(copied.holds(&a) && copied.holds(&b) && !to.join("tmp").exists());
        assert_eq!((copied.summary().count, copied.summary().bytes), (2, 8));
        assert_eq!(copy(&to, &home.path().join("again")).unwrap().summary(), copied.summary());
        assert_eq!(copy(&home.path().join("none"), &home.path().join("empty")).unwrap().summary().count, 0);
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_told() {
        let home = tempfile::tempdir().unwrap();
        let from = home.path().join("from");
        let name = put(&from, b"kopi");
        fs::write(from.join(&name[..2]).join(&name[2..4]).join(&name), b"teh").unwrap();
        let error = copy(&from, &home.path().join("to")).unwrap_err().to_string();
        assert!(error.contains(&name) && error.contains("earlier backup"), "{error}");
    }
}
