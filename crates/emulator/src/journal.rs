//! The journal: every change of the world, on disk before the answer is given.
//!
//! One file of lines, each a checksum and a JSON list of changes that belong together. The writer thread
//! commits whatever waits with one fsync (group commit). A line torn by a crash is cut off at the next start;
//! damage in the middle is an error. The file is rewritten as one image of the world at every start and
//! whenever it has grown well past the last image.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use anyhow::{Context as _, bail};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::blobs::sha256_hex;
use crate::world::World;

/// Bytes the file may grow beyond twice the last image before it is rewritten.
const SLACK: u64 = 64 << 20;

/// The journal could not be written; nothing that waits for it may be answered.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the emulator's journal could not be written; look at the disk and start the emulator again")]
pub struct JournalError;

/// A promise that a change is on disk.
#[derive(Debug)]
pub struct Ticket(Option<oneshot::Receiver<()>>);

impl Ticket {
    /// A ticket for a change that needs no disk.
    pub fn free() -> Self {
        Self(None)
    }

    /// Waits until the change is on disk.
    pub async fn settled(self) -> Result<(), JournalError> {
        match self.0 {
            None => Ok(()),
            Some(done) => done.await.map_err(|_| JournalError),
        }
    }
}

enum Entry {
    /// A line to append.
    Changes { line: Vec<u8>, done: oneshot::Sender<()> },
    /// The image that replaces the file.
    Image(Vec<u8>),
}

/// The open journal.
#[derive(Debug)]
pub struct Journal {
    writer: Mutex<Hand>,
    overgrown: Arc<AtomicBool>,
}

/// Who writes.
#[derive(Debug)]
enum Hand {
    /// Nobody: everything is kept in memory.
    None,
    /// A thread.
    Thread { entries: mpsc::Sender<Entry>, handle: std::thread::JoinHandle<()> },
    /// Nobody any more.
    Closed,
}

impl Journal {
    /// A journal that keeps nothing, for an emulator without a data folder.
    pub fn none() -> Self {
        Self { writer: Mutex::new(Hand::None), overgrown: Arc::default() }
    }

    /// Opens the journal in `folder`: reads the world from it and rewrites it as one image.
    pub fn open(folder: &Path) -> anyhow::Result<(Self, World)> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
        let guard = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        if guard.try_lock().is_err() {
            bail!(
                "another emulator uses the data folder {}; stop it or choose another folder",
                folder.display()
            );
        }
        let path = folder.join("journal");
        let mut world = World::default();
        if path.exists() {
            read(&path, &mut world)?;
        }
        world.restore();
        let (file, size) = rewrite(folder, world.image())?;
        let overgrown = Arc::new(AtomicBool::new(false));
        let (entries, waiting) = mpsc::channel();
        let writer = Writer {
            folder: folder.to_owned(),
            file,
            size,
            image_size: size,
            overgrown: overgrown.clone(),
            _guard: guard,
        };
        let handle =
            std::thread::Builder::new().name("journal".into()).spawn(move || writer.run(&waiting))?;
        Ok((Self { writer: Mutex::new(Hand::Thread { entries, handle }), overgrown }, world))
    }

    /// Hands over the changes that `world` made. Called with the world locked, so that the order of the file
    /// is the order of the changes.
    pub fn record(&self, world: &mut World) -> Ticket {
        let changes = world.drain();
        if changes.is_empty() {
            return Ticket::free();
        }
        let (done, wait) = oneshot::channel();
        let hand = self.writer.lock().unwrap_or_else(|broken| broken.into_inner());
        let entries = match &*hand {
            Hand::None => return Ticket::free(),
            Hand::Closed => return Ticket(Some(wait)),
            Hand::Thread { entries, .. } => entries,
        };
        // A failed hand-over drops `done`, which the ticket reports.
        let _ = entries.send(Entry::Changes { line: line(&changes), done });
        if self.overgrown.swap(false, Ordering::Relaxed) {
            let _ = entries.send(Entry::Image(world.image()));
        }
        Ticket(Some(wait))
    }

    /// Writes what waits and lets the folder go. Whatever changes from now on is never settled.
    pub fn close(&self) {
        let mut hand = self.writer.lock().unwrap_or_else(|broken| broken.into_inner());
        if matches!(*hand, Hand::None) {
            return;
        }
        if let Hand::Thread { entries, handle } = std::mem::replace(&mut *hand, Hand::Closed) {
            drop(entries);
            let _ = handle.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

/// A line of the file: checksum, blank, JSON list, newline.
fn line(changes: &[u8]) -> Vec<u8> {
    let mut json = Vec::with_capacity(changes.len() + 2);
    json.push(b'[');
    json.extend_from_slice(changes);
    json.push(b']');
    let mut line = sha256_hex(&json).into_bytes();
    line.truncate(16);
    line.push(b' ');
    line.append(&mut json);
    line.push(b'\n');
    line
}

/// The JSON of a line, if the line is whole.
fn checked(line: &[u8]) -> Option<&str> {
    let (sum, json) = line.split_at_checked(17)?;
    let whole = sum[16] == b' ' && sha256_hex(json).as_bytes()[..16] == sum[..16];
    whole.then(|| std::str::from_utf8(json).ok()).flatten()
}

/// Reads the file into the world, leaving out a torn end.
fn read(path: &Path, world: &mut World) -> anyhow::Result<()> {
    let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut torn = None;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        let Some(json) = checked(line) else {
            torn.get_or_insert(number + 1);
            continue;
        };
        if let Some(at) = torn {
            bail!(
                "{} is damaged at line {at}; put back a copy, or delete the folder to start afresh",
                path.display()
            );
        }
        let changes: Vec<(String, String, Option<&RawValue>)> = serde_json::from_str(json)
            .with_context(|| format!("line {} of {} is not understood", number + 1, path.display()))?;
        for (table, id, row) in changes {
            world.load(&table, id, row.filter(|row| row.get() != "null")).with_context(|| {
                format!(
                    "line {} of {} was written by another version; delete the folder to start afresh",
                    number + 1,
                    path.display()
                )
            })?;
        }
    }
    if torn.is_some() {
        tracing::warn!(
            "the journal's last record was torn by a crash and is left out; it was never answered"
        );
    }
    Ok(())
}

/// Replaces the file by one line with the whole world.
fn rewrite(folder: &Path, image: Vec<u8>) -> anyhow::Result<(File, u64)> {
    let (path, fresh) = (folder.join("journal"), folder.join("journal.new"));
    let mut file = File::create(&fresh).with_context(|| format!("{} cannot be written", fresh.display()))?;
    let line = line(&image);
    file.write_all(&line)?;
    file.sync_all()?;
    std::fs::rename(&fresh, &path)?;
    File::open(folder)?.sync_all()?;
    Ok((file, line.len() as u64))
}

struct Writer {
    folder: PathBuf,
    file: File,
    size: u64,
    image_size: u64,
    overgrown: Arc<AtomicBool>,
    _guard: File,
}

impl Writer {
    /// Commits what waits, until the channel closes or the disk fails.
    fn run(mut self, waiting: &mpsc::Receiver<Entry>) {
        while let Ok(first) = waiting.recv() {
            if let Err(error) = self.commit(std::iter::once(first).chain(waiting.try_iter())) {
                tracing::error!(%error, "the journal cannot be written");
                return;
            }
        }
    }

    fn commit(&mut self, entries: impl Iterator<Item = Entry>) -> anyhow::Result<()> {
        let (mut batch, mut waiters) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Entry::Changes { line, done } => {
                    batch.extend_from_slice(&line);
                    waiters.push(done);
                }
                // The image already holds everything handed over before it.
                Entry::Image(image) => {
                    batch.clear();
                    (self.file, self.size) = rewrite(&self.folder, image)?;
                    self.image_size = self.size;
                }
            }
        }
        if !batch.is_empty() {
            self.file.write_all(&batch)?;
            self.file.sync_data()?;
            self.size += batch.len() as u64;
        }
        for done in waiters {
            let _ = done.send(());
        }
        if self.size > 2 * self.image_size + SLACK {
            self.overgrown.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
