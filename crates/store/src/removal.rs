//! Removing an organisation with everything that is its own. Which tables hold anything of organisations the schema itself
//! tells (`org_id`), so that no new one is forgotten.

use rules::id::OrgId;

use crate::error::Result;
use crate::sealed::OPERATOR;
use crate::seam::{Conn, Tx};

/// A table that holds rows of organisations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTable {
    name: String,
    /// What names one of its rows.
    key: String,
}

impl OwnTable {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What goes first: from then on nobody acts for the organisation, and nothing that comes in is its own.
const FIRST: [&str; 6] = ["api_keys", "members", "accounts", "numbers", "meta_apps", "jobs"];

/// Removing is the operator's, in no organisation's name.
impl Tx {
    /// The tables that hold rows of organisations, in the order in which they are emptied.
    pub async fn tables_of_orgs(&mut self) -> Result<Vec<OwnTable>> {
        // Differs because each database tells of its schema in its own way, and names rows in its own way.
        let rows: Vec<(String, String)> = match &mut self.conn {
            Conn::Sqlite(tx) => {
                sqlx::query_as(
                    "SELECT t.name, CASE WHEN t.wr THEN (SELECT group_concat(k.name, ', ') FROM pragma_table_info(t.name) k \
                     WHERE k.pk > 0) ELSE 'rowid' END FROM pragma_table_list t, pragma_table_xinfo(t.name) c \
                     WHERE t.schema = 'main' AND t.type = 'table' AND c.name = 'org_id' ORDER BY t.name",
                )
                .fetch_all(&mut **tx)
                .await?
            }
            Conn::Postgres(tx) => {
                sqlx::query_as(
                    "SELECT t.relname::text, 'ctid' FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid \
                     WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') \
                     AND NOT t.relispartition AND c.attname = 'org_id' AND NOT c.attisdropped ORDER BY t.relname COLLATE \"C\"",
                )
                .fetch_all(&mut **tx)
                .await?
            }
        };
        let mut tables: Vec<_> = rows.into_iter().map(|(name, key)| OwnTable { name, key }).collect();
        let rank =
            |table: &OwnTable| FIRST.iter().position(|first| *first == table.name).unwrap_or(FIRST.len());
        tables.sort_by_key(rank);
        Ok(tables)
    }

    /// Deletes rows of an organisation from a table, some at a time. Returns how many.
    pub async fn empty_of_org(&mut self, table: &OwnTable, org: OrgId, limit: i64) -> Result<u64> {
        if org == OPERATOR {
            return Ok(0);
        }
        self.others_need_not_wait();
        let OwnTable { name, key } = table;
        let key_of_many = if key.contains(',') { format!("({key})") } else { key.clone() };
        // The organisation twice: in parts of a divided table rows may have the same name.
        let sql = format!(
            "DELETE FROM {name} WHERE org_id = $1 AND {key_of_many} IN (SELECT {key} FROM {name} WHERE org_id = $1 LIMIT $2)"
        );
        Ok(on!(self, c => sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(org)
            .bind(limit)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }

    /// Removes the organisation itself, of which nothing is left, and whatever sends newcomers to it. `false`: there is none.
    pub async fn remove_org(&mut self, org: OrgId) -> Result<bool> {
        on!(self, c => sqlx::query(
            "UPDATE openid_providers SET newcomers_org = NULL, newcomers_role = NULL WHERE newcomers_org = $1",
        )
        .bind(org)
        .execute(c)
        .await
        .map(|_| ()))?;
        let gone = on!(self, c => sqlx::query("DELETE FROM orgs WHERE id = $1")
            .bind(org)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(gone == 1)
    }
}
