//! What a backup says of itself: what it was made from and how to tell that it is whole.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::files::Summary;

/// The shape of the backups that this build makes and reads.
pub const FORMAT: u32 = 1;
const NAME: &str = "manifest.json";

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The shape of the backup.
    pub format: u32,
    /// The version of Sapa that made it.
    pub made_by: String,
    /// When it was begun (RFC 3339). Everything acknowledged before is in it.
    pub made_at: String,
    /// The database of the installation: SQLite or PostgreSQL.
    pub store: String,
    /// The schema of the database within.
    pub schema: Schema,
    /// The database within.
    pub database: Database,
    /// Its tables.
    pub tables: Vec<Table>,
    /// The files within.
    pub files: Summary,
    /// Files that rows name and that were not there.
    pub missing_files: Vec<String>,
    /// The master keys without which what is sealed does not open.
    pub master_keys: Vec<String>,
    /// Whether they are within.
    pub with_master_key: bool,
}

/// Which schema a database has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The number of its newest migration.
    pub version: i64,
    /// The digest of its migrations.
    pub fingerprint: String,
}

impl From<store::copy::Schema> for Schema {
    fn from(schema: store::copy::Schema) -> Self {
        Self { version: schema.version, fingerprint: schema.fingerprint }
    }
}

/// The database file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// Its size.
    pub bytes: u64,
    /// Its digest.
    pub sha256: String,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: i64,
}

impl Manifest {
    /// Writes it into a backup, which is whole from then on.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let mut file = File::create(folder.join(NAME)).context("cannot write the manifest")?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.write_all(b"\n")?;
        Ok(file.sync_all()?)
    }

    /// Reads that of a backup.
    pub fn read(folder: &Path) -> Result<Self> {
        let file = folder.join(NAME);
        let bytes = fs::read(&file)
            .with_context(|| format!("{} is no backup: {NAME} cannot be read", folder.display()))?;
        let fields: serde_json::Value =
            serde_json::from_slice(&bytes).with_context(|| format!("{} does not read", file.display()))?;
        let format = fields["format"].as_u64();
        ensure!(
            format == Some(u64::from(FORMAT)),
            "this backup has a shape that this version does not know ({}). Restore it with the version that made it ({})",
            fields["format"],
            fields["made_by"]
        );
        serde_json::from_value(fields).with_context(|| format!("{} does not read", file.display()))
    }

    /// What there is, for people.
    pub fn summary(&self) -> String {
        let rows: i64 = self.tables.iter().map(|table| table.rows).sum();
        format!(
            "{rows} rows in {} tables and {} files ({} MB), as of {}",
            self.tables.len(),
            self.files.count,
            (self.database.bytes + self.files.bytes).div_ceil(1_000_000),
            self.made_at
        )
    }
}

/// A moment as people and programs read it.
pub fn written(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| format!("{at:?}"), |at| at.to_string())
}
