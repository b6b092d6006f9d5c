//! Other systems that business records are fetched from. What proves us there is sealed before it comes here.

use rules::id::{ConnectorId, RecordKindId};
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::sealed::Place;
use crate::seam::OrgScope;

/// Another system, and how far it has been read.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Connector {
    /// Its id.
    pub id: ConnectorId,
    /// What its records become.
    pub kind_id: RecordKindId,
    /// What sort of system: `odoo`.
    pub system: String,
    /// What people call it.
    pub title: String,
    /// Where and what to read there.
    pub settings: Json<Value>,
    /// The password or key, sealed for [`SECRET`](Self::SECRET).
    pub secret: Vec<u8>,
    /// Whether it is read by itself.
    pub enabled: bool,
    /// How far it has been read.
    pub place: Option<Json<Value>>,
    /// What came of the last round.
    pub last_run: Option<Json<Value>>,
    /// When it is read next.
    pub next_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

impl Connector {
    /// Where its password or key is sealed for.
    pub const SECRET: Place = Place("connectors.secret");
}

impl OrgScope<'_> {
    /// Keeps a connector, in place of what stood under its id.
    pub async fn put_connector(&mut self, connector: &Connector) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO connectors (org_id, id, kind_id, system, title, settings, secret, enabled, place, last_run, next_at, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (org_id, id) DO UPDATE SET kind_id = excluded.kind_id, title = excluded.title, \
             settings = excluded.settings, secret = excluded.secret, enabled = excluded.enabled, place = excluded.place, \
             next_at = excluded.next_at, updated_at = excluded.updated_at",
        )
        .bind(org)
        .bind(connector.id)
        .bind(connector.kind_id)
        .bind(&connector.system)
        .bind(&connector.title)
        .bind(&connector.settings)
        .bind(&connector.secret)
        .bind(connector.enabled)
        .bind(&connector.place)
        .bind(&connector.last_run)
        .bind(connector.next_at)
        .bind(connector.created_at)
        .bind(connector.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// A connector.
    pub async fn connector(&mut self, id: ConnectorId) -> Result<Option<Connector>> {
        Ok(self.connectors().await?.into_iter().find(|connector| connector.id == id))
    }

    /// All connectors, by title.
    pub async fn connectors(&mut self) -> Result<Vec<Connector>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT id, kind_id, system, title, settings, secret, enabled, place, last_run, next_at, created_at, updated_at \
             FROM connectors WHERE org_id = $1 ORDER BY title, id",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// Writes down how far a connector has been read, unless its settings have changed since they were read.
    pub async fn note_connector_place(
        &mut self,
        connector: &Connector,
        place: &Value,
        last_run: &Value,
        next_at: Timestamp,
    ) -> Result<bool> {
        let org = self.org;
        let noted = on!(self.tx, c => sqlx::query(
            "UPDATE connectors SET place = $4, last_run = $5, next_at = $6 \
             WHERE org_id = $1 AND id = $2 AND updated_at = $3",
        )
        .bind(org)
        .bind(connector.id)
        .bind(connector.updated_at)
        .bind(Json(place))
        .bind(Json(last_run))
        .bind(next_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
        Ok(noted == 1)
    }

    /// Removes a connector; the records that came from it stay. `false`: there is none.
    pub async fn remove_connector(&mut self, id: ConnectorId) -> Result<bool> {
        let org = self.org;
        let removed = on!(self.tx, c => sqlx::query("DELETE FROM connectors WHERE org_id = $1 AND id = $2")
            .bind(org)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(removed == 1)
    }
}
