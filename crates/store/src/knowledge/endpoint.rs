//! An organisation's own endpoint of a language model. The key is sealed before it comes here.

use std::collections::HashSet;

use rules::id::OrgId;
use rules::time::Timestamp;

use crate::batch::Batch;
use crate::error::Result;
use crate::rows::Rows;
use crate::sealed::Place;
use crate::seam::OrgScope;

/// An organisation's own endpoint.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AiEndpoint {
    /// The base address.
    pub url: String,
    /// The key, sealed for [`KEY`](Self::KEY).
    pub key: Option<Vec<u8>>,
    /// The model that answers.
    pub chat_model: Option<String>,
    /// The model that embeds.
    pub embedding_model: Option<String>,
    /// When it was last set.
    pub updated_at: Timestamp,
}

impl AiEndpoint {
    /// Where its key is sealed for.
    pub const KEY: Place = Place("ai_endpoints.key");
}

impl Batch<'_> {
    /// Those of these organisations that have an endpoint of their own.
    pub async fn with_ai_endpoint(&mut self, orgs: &[OrgId]) -> Result<HashSet<OrgId>> {
        let mut found = HashSet::new();
        for chunk in self.tx.sets(orgs) {
            let orgs = Rows::of(chunk).column("org_id", |org| *org);
            let with: Vec<OrgId> = on!(self.tx, c => {
                let mut query = orgs.with();
                query.push("SELECT e.org_id FROM w JOIN ai_endpoints e ON e.org_id = w.org_id");
                query.build_query_scalar().fetch_all(c).await
            })?;
            found.extend(with);
        }
        Ok(found)
    }
}

impl OrgScope<'_> {
    /// The organisation's own endpoint, if it has one.
    pub async fn ai_endpoint(&mut self) -> Result<Option<AiEndpoint>> {
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT url, key, chat_model, embedding_model, updated_at FROM ai_endpoints WHERE org_id = $1",
        )
        .bind(self.org).fetch_optional(c).await)?)
    }

    /// Sets the organisation's own endpoint.
    pub async fn set_ai_endpoint(&mut self, endpoint: &AiEndpoint) -> Result<()> {
        on!(self.tx, c => sqlx::query(
            "INSERT INTO ai_endpoints (org_id, url, key, chat_model, embedding_model, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (org_id) DO UPDATE SET url = excluded.url, \
             key = excluded.key, chat_model = excluded.chat_model, embedding_model = excluded.embedding_model, \
             updated_at = excluded.updated_at",
        )
        .bind(self.org).bind(&endpoint.url).bind(&endpoint.key).bind(&endpoint.chat_model)
        .bind(&endpoint.embedding_model).bind(endpoint.updated_at).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Forgets the organisation's own endpoint. `false`: there was none.
    pub async fn delete_ai_endpoint(&mut self) -> Result<bool> {
        let touched = on!(self.tx, c => sqlx::query("DELETE FROM ai_endpoints WHERE org_id = $1")
            .bind(self.org).execute(c).await.map(|done| done.rows_affected()))?;
        Ok(touched == 1)
    }
}
