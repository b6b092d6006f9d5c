//! Where SQLite and PostgreSQL differ, in one place.

use crate::seam::{Conn, Tx};

impl Tx {
    /// Whether this transaction runs on PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }
}
