//! Where SQLite and PostgreSQL differ, in one place.

use crate::seam::{Conn, Tx};

impl Tx {
    /// Whether this transaction runs on PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }
}

/// PostgreSQL: only rows whose transaction is older than every running one. Differs because SQLite has one writer,
/// whose commits come in the order of its sequence numbers.
macro_rules! settled {
    () => {
        "txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    };
}
