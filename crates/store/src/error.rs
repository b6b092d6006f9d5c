//! What can go wrong in a database, as far as anyone above can act on it.

/// The result of every call to the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A failed call. "Not found" is no failure: it is `Option::None`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with the same key is there already; the name is the constraint's or index's.
    #[error("already there ({0})")]
    Taken(String),
    /// The database is busy or gone for the moment; the same call may work later.
    #[error("the database is busy")]
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
    /// A migration failed.
    #[error("migration failed: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Anything else the driver reports.
    #[error("database error: {0}")]
    Driver(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether a row with the same key was there already.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken(_))
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
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => Self::Busy(error),
            _ => Self::Driver(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt { table: "json", reason: error.to_string() }
    }
}
