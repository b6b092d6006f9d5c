//! The processes that serve this installation: each tells again and again that it is there.

use std::time::Duration;

use rules::time::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::seam::Tx;

/// A node that was not seen for so long does not run any more, or is paused.
pub const GONE: Duration = Duration::from_secs(60);

/// A process that serves, or did.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Node {
    /// What people call it. A process that starts under a name takes the place of the one before it.
    pub name: String,
    /// This run of it.
    pub id: Uuid,
    /// The version of the program.
    pub version: String,
    /// The number of the newest migration that the program knows.
    pub schema: i64,
    /// When this run began.
    pub started_at: Timestamp,
    /// When it was there last, by its own clock.
    pub seen_at: Timestamp,
    /// It was told to stop, and takes no new requests.
    pub leaving: bool,
}

/// Nodes serve all organisations and belong to none.
impl Tx {
    /// Tells that a node is there. Gives the run that has its name, where it is another one that was seen later than
    /// `since`: then two processes have the same name, and nothing is told of this one.
    pub async fn see_node(&mut self, node: &Node, since: Timestamp) -> Result<Option<Uuid>> {
        let rival: Option<Uuid> = on!(self, c => sqlx::query_scalar(
            "SELECT id FROM nodes WHERE name = $1 AND id <> $2 AND seen_at > $3",
        )
        .bind(&node.name)
        .bind(node.id)
        .bind(since)
        .fetch_optional(c)
        .await)?;
        if rival.is_some() {
            return Ok(rival);
        }
        on!(self, c => sqlx::query(
            "INSERT INTO nodes (name, id, version, schema, started_at, seen_at, leaving) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (name) DO UPDATE SET id = excluded.id, version = excluded.version, schema = excluded.schema, \
             started_at = excluded.started_at, seen_at = excluded.seen_at, leaving = excluded.leaving",
        )
        .bind(&node.name)
        .bind(node.id)
        .bind(&node.version)
        .bind(node.schema)
        .bind(node.started_at)
        .bind(node.seen_at)
        .bind(node.leaving)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(None)
    }

    /// Every node that is known, by name.
    pub async fn nodes(&mut self) -> Result<Vec<Node>> {
        Ok(on!(self, c => sqlx::query_as(
            "SELECT name, id, version, schema, started_at, seen_at, leaving FROM nodes ORDER BY name",
        )
        .fetch_all(c)
        .await)?)
    }

    /// A run has ended well, and is not missed.
    pub async fn drop_node(&mut self, id: Uuid) -> Result<()> {
        on!(self, c => sqlx::query("DELETE FROM nodes WHERE id = $1").bind(id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Forgets nodes that were last seen before `before`. Returns how many.
    pub async fn drop_nodes_before(&mut self, before: Timestamp) -> Result<u64> {
        Ok(on!(self, c => sqlx::query("DELETE FROM nodes WHERE seen_at < $1")
            .bind(before)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?)
    }
}
