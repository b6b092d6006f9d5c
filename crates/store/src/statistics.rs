//! What PostgreSQL knows of how much its tables hold, by which it plans.
//!
//! It looks at its tables once a minute. One that was empty then may hold thousands of rows a moment later, and a plan that
//! was made for none finds each of them by whatever index comes first. So a table that has outgrown what is known of it is
//! looked at when it has, and all connections plan anew what they ask of it.

use sqlx::{AssertSqlSafe, PgConnection};

/// The tables that hold more than twice as many rows as is known, and more than a few, by what was counted since.
const GROWN: &str = "SELECT quote_ident(c.relname) FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid \
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE') \
    AND s.n_live_tup > 500 + 2 * greatest(c.reltuples, 0) ORDER BY s.n_live_tup - c.reltuples DESC";

/// Looks at the tables that have grown, all of them: a statement is no better than what is known of the last of its
/// tables. Another node may be at one: then that is left alone.
pub(crate) async fn learn(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let grown: Vec<String> = sqlx::query_scalar(GROWN).fetch_all(&mut *connection).await?;
    for table in grown {
        tracing::debug!(table, "the table has grown; PostgreSQL looks at it");
        let look = sqlx::query(AssertSqlSafe(format!("ANALYZE (SKIP_LOCKED) {table}")));
        // One that takes too long keeps no other from being looked at.
        if let Err(error) = look.execute(&mut *connection).await {
            tracing::debug!(%error, table, "the table was not looked at");
        }
    }
    Ok(())
}
