//! Where SQLite and PostgreSQL differ, in one place.

use crate::error::Result;
use crate::seam::{Conn, Tx};

impl Tx {
    /// Whether this transaction runs on PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }

    /// What follows may take long, and others of this thread go on elsewhere. Differs because PostgreSQL is waited for
    /// without a thread.
    pub(crate) fn others_need_not_wait(&mut self) {
        if let Conn::Sqlite(tx) = &mut self.conn {
            tx.take_time(true);
        }
    }

    /// A condition on webhook bodies: that one holds the bytes of `$n` somewhere. Differs because each database has a word of
    /// its own for it.
    pub(crate) fn holds(&self) -> &'static str {
        if self.is_postgres() { "position($n::bytea IN body) > 0" } else { "instr(body, $n) > 0" }
    }

    /// Joins to each row of what stands before it the rows of a table for which a condition holds, under an alias. Differs
    /// because PostgreSQL, told to look each of them up, does so whatever it believes of the table: where it takes one for
    /// empty that holds thousands by now, it would compare each row with all of them.
    pub(crate) fn join(&self, table: &str, alias: &str, condition: &str) -> String {
        if self.is_postgres() {
            format!(
                " CROSS JOIN LATERAL (SELECT {alias}.* FROM {table} {alias} WHERE {condition} OFFSET 0) {alias}"
            )
        } else {
            format!(" JOIN {table} {alias} ON {condition}")
        }
    }

    /// What stands before and behind a question for the values that a column has in the rows meant. Differs for the same
    /// reason.
    pub(crate) fn among(&self) -> (&'static str, &'static str) {
        if self.is_postgres() { ("= ANY (ARRAY(", "))") } else { ("IN (", ")") }
    }

    /// Narrows a change to the rows of a table whose `column` is one of those in `w`. Differs for the same reason.
    pub(crate) fn named(&self, column: &str) -> String {
        let (among, those) = self.among();
        format!("{column} {among}SELECT {column} FROM w{those}")
    }

    /// Narrows a change to the rows of a table that `w` names by two columns, the first of which tells them nearly apart.
    /// Differs for the same reason.
    pub(crate) fn named_by(&self, first: &str, second: &str) -> String {
        let named = format!("({first}, {second}) IN (SELECT {first}, {second} FROM w)");
        if self.is_postgres() {
            // "Is true" keeps it from being made a join.
            format!("{} AND ({named}) IS TRUE", self.named(first))
        } else {
            named
        }
    }

    /// Has a change that takes values from `w` look at no other rows than those whose `column` is named there. Differs for the
    /// same reason.
    pub(crate) fn only_those(&self, table: &str, column: &str) -> String {
        if self.is_postgres() { format!(" AND {table}.{}", self.named(column)) } else { String::new() }
    }

    /// Joins to each row of what stands before it the first few rows of a table, under an alias. `condition` and `order`
    /// speak of them as `x`. Differs because SQLite has no `LATERAL`, and PostgreSQL no number of the row.
    pub(crate) fn join_first(
        &self,
        table: &str,
        alias: &str,
        condition: &str,
        order: &str,
        most: i64,
    ) -> String {
        let rest = format!("FROM {table} x WHERE {condition} ORDER BY {order} LIMIT {most}");
        if self.is_postgres() {
            format!(" CROSS JOIN LATERAL (SELECT x.* {rest}) {alias}")
        } else {
            format!(" JOIN {table} {alias} ON {alias}.rowid IN (SELECT x.rowid {rest})")
        }
    }

    /// Has what follows in this transaction planned for its values: for what is found best in one way where it is common and
    /// in another where it is rare. Differs because SQLite has one way, and PostgreSQL is told to have one ([`crate::servers`]).
    pub(crate) async fn plan_for_values(&mut self) -> Result<()> {
        const BY_VALUES: &str = "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), \
            set_config('enable_bitmapscan', 'on', true)";
        if self.is_postgres() {
            on!(self, c => sqlx::query(BY_VALUES).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// The end of a statement that holds the rows of an alias until the transaction ends. Differs because SQLite has one
    /// writer, whom nobody disturbs.
    pub(crate) fn hold(&self, alias: &str) -> String {
        if self.is_postgres() { format!(" FOR UPDATE OF {alias}") } else { String::new() }
    }
}

/// PostgreSQL: only rows whose transaction is older than every running one. Differs because SQLite has one writer,
/// whose commits come in the order of its sequence numbers.
macro_rules! settled {
    () => {
        "txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    };
}

/// The id of the row that a row, under an alias, became part of; its own where it is there by itself. Not `COALESCE`: that
/// may tell what it is given, for all PostgreSQL knows, so nothing is looked up by it before row security has had its say.
macro_rules! merged_id {
    ($alias:literal) => {
        concat!(
            "CASE WHEN ",
            $alias,
            ".merged_into IS NULL THEN ",
            $alias,
            ".id ELSE ",
            $alias,
            ".merged_into END"
        )
    };
}
