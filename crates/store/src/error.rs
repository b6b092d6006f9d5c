//! What can go wrong in a database, as far as anyone above can act on it.

use sqlx::migrate::MigrateError;

/// The result of every call to the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A failed call. "Not found" is no failure: it is `Option::None`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same key is there already; the name is the constraint's or index's.
    #[error("already there ({0})")]
    Taken(String),
    /// The database is busy or gone, or its disk is full or fails; nothing was done, and the same call may work later.
    #[error("{}", why_busy(.0))]
    Busy(#[source] sqlx::Error),
    /// The file of a SQLite database is not there.
    #[error("there is no database at {0}")]
    Missing(String),
    /// The PostgreSQL server does not answer.
    #[error(
        "the PostgreSQL server at {server} cannot be reached: {cause}. Start it, or correct the address in SAPA_DATABASE_URL"
    )]
    Away {
        /// Host and port.
        server: String,
        /// What came of asking.
        cause: String,
    },
    /// Somebody else has the database open: a running server, above all.
    #[error("another program has the database open: stop every `sapa serve` that runs on it, then try again")]
    InUse,
    /// Nothing was copied, and why.
    #[error("{0}")]
    NotCopied(String),
    /// The database's own structure is broken.
    #[error(
        "the database file is damaged ({0}). Stop the server, keep a copy of the whole data folder, and restore the newest \
         backup (`sapa restore`)"
    )]
    Damaged(String),
    /// The file in which webhooks come in is broken (SQLite).
    #[error(
        "the file of webhooks {file} is damaged ({found}). Stop the server, move it and its -wal and -shm aside and start again: \
         what was taken and not looked at yet is lost, the database is sound"
    )]
    SpoolDamaged {
        /// Which.
        file: String,
        /// What was found.
        found: String,
    },
    /// A stored value does not read back: a defect or a damaged file.
    #[error("corrupt {table}: {reason}")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A sealed value does not open with the keys at hand.
    #[error("a sealed value does not open: {0}")]
    Sealed(&'static str),
    /// A newer version of the program has changed the schema beyond what this one works with.
    #[error(
        "a newer version has changed the database so that this one ({}) cannot work with it any more (migration {version}, \
         \"{name}\"). Start the newer version here too; to go back, restore the backup made before the upgrade",
        env!("CARGO_PKG_VERSION")
    )]
    TooNew {
        /// The number of the migration in the way.
        version: i64,
        /// Its name.
        name: String,
    },
    /// A migration takes from nodes that still run what they need.
    #[error(
        "this version removes from the database what older nodes need that still run: {nodes} (migrations: {migrations}). Stop \
         them, or wait a minute after they have ended, then start again"
    )]
    StillNeeded {
        /// The migrations that do.
        migrations: String,
        /// The nodes, with their versions.
        nodes: String,
    },
    /// A migration failed.
    #[error("migration failed: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Anything else the driver reports.
    #[error("database error: {0}")]
    Driver(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether a row with the same key was there already.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken(_))
    }

    /// What SQLite says of a file whose structure is broken.
    pub(crate) fn damage(&self) -> Option<String> {
        match self {
            Self::Busy(sqlx::Error::Database(db)) if is_damage(&db.code()?) => Some(db.message().to_owned()),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => {
                // SQLite names the columns, PostgreSQL the constraint.
                Self::Taken(db.constraint().map_or_else(|| db.message().to_owned(), str::to_owned))
            }
            // SQLITE_BUSY, SQLITE_LOCKED; serialization failure, deadlock, lock not available, statement or transaction
            // too slow, too many connections, shutting down.
            sqlx::Error::Database(db)
                if matches!(
                    db.code().as_deref(),
                    Some(
                        "5" | "6"
                            | "261"
                            | "517"
                            | "40001"
                            | "40P01"
                            | "55P03"
                            | "57014"
                            | "25P03"
                            | "53300"
                            | "57P01"
                            | "57P02"
                            | "57P03"
                    )
                ) =>
            {
                Self::Busy(error)
            }
            sqlx::Error::Database(db) if fault(db.code().as_deref()).is_some() => Self::Busy(error),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => Self::Busy(error),
            _ => Self::Driver(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) if is_fault(&cause) => {
                cause.into()
            }
            other => Self::Migration(other),
        }
    }
}

/// What a disk does to a database, as a sentence that says how to mend it. By SQLite's code, of which the low byte is the
/// kind, or PostgreSQL's. None of it is the doing of what was written, so whatever could not be written is kept for later.
fn fault(code: Option<&str>) -> Option<&'static str> {
    const FULL: &str = "the database's disk is full. What was taken is safe and nothing new is taken; make room, and work \
        goes on by itself";
    const READ_ONLY: &str = "the database cannot be written to: its disk, its folder or one of its files is read-only. Make \
        it writable; if work does not go on by itself, start again";
    const FAILS: &str = "the database's disk does not read or write, or may not be used. Look at the rights of the folder and \
        at the system's log; on a broken disk, restore the newest backup on a sound one (`sapa restore`)";
    const DAMAGED: &str = "the database file is damaged. Stop the server, keep a copy of the whole data folder, and restore \
        the newest backup (`sapa restore`)";
    let code = code?;
    Some(match (code, code.parse().ok().filter(|_| code.len() < 5).map(|number: u32| number & 0xff)) {
        ("53100", _) | (_, Some(13)) => FULL,
        ("25006", _) | (_, Some(8)) => READ_ONLY,
        ("58030", _) | (_, Some(10 | 14)) => FAILS,
        ("XX001" | "XX002", _) | (_, Some(11 | 26)) => DAMAGED,
        _ => return None,
    })
}

/// Whether a code of SQLite's says that a file is damaged, or none of its own.
fn is_damage(code: &str) -> bool {
    code.parse().is_ok_and(|number: u32| matches!(number & 0xff, 11 | 26))
}

fn is_fault(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|db| fault(db.code().as_deref()).is_some())
}

fn why_busy(error: &sqlx::Error) -> &'static str {
    error.as_database_error().and_then(|db| fault(db.code().as_deref())).unwrap_or("the database is busy")
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt { table: "json", reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_disk_does_is_told_apart_on_both_databases() {
        // Plain and extended codes: no space, read-only folder, failed flush, not allowed, torn page, no database.
        for (code, word) in [
            ("13", "full"),
            ("53100", "full"),
            ("8", "read-only"),
            ("1544", "read-only"),
            ("25006", "read-only"),
            ("1034", "does not read or write"),
            ("14", "rights"),
            ("11", "damaged"),
            ("26", "damaged"),
            ("XX001", "damaged"),
        ] {
            assert!(fault(Some(code)).is_some_and(|told| told.contains(word)), "{code}");
        }
        for other in [None, Some("1"), Some("19"), Some("2067"), Some("23505"), Some("42601"), Some("40001")]
        {
            assert_eq!(fault(other), None, "{other:?}");
        }
    }
}
