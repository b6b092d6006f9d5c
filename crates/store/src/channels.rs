//! Who carries what an organisation sends on other channels than WhatsApp, and what it decides about them. Secrets are sealed
//! before they come here.

use rules::consent::Channel;
use rules::fallback::{FallbackSettings, Provider};
use rules::time::Timestamp;
use serde_json::Value;

use crate::error::Result;
use crate::json::Json;
use crate::sealed::Place;
use crate::seam::OrgScope;

/// Where a channel's password or token is sealed.
pub const SECRET: Place = Place("channels.sealed");

/// A channel that an organisation has set up.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct ChannelSetup {
    /// Which.
    pub channel: Channel,
    /// Who carries it.
    pub provider: Provider,
    /// How the provider is reached.
    pub settings: Json<Value>,
    /// Password or token, sealed for [`SECRET`].
    pub sealed: Option<Vec<u8>>,
    /// What the provider said when it last refused everything.
    pub problem: Option<String>,
    /// When it was last set.
    pub updated_at: Timestamp,
}

impl OrgScope<'_> {
    /// The channels that are set up.
    pub async fn channels(&mut self) -> Result<Vec<ChannelSetup>> {
        let org = self.org;
        Ok(on!(self.tx, c => sqlx::query_as(
            "SELECT channel, provider, settings, sealed, problem, updated_at FROM channels WHERE org_id = $1 \
             ORDER BY channel",
        )
        .bind(org)
        .fetch_all(c)
        .await)?)
    }

    /// Sets a channel up, in place of what carried it.
    pub async fn set_channel(&mut self, setup: &ChannelSetup) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO channels (org_id, channel, provider, settings, sealed, problem, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org_id, channel) DO UPDATE SET \
             provider = excluded.provider, settings = excluded.settings, sealed = excluded.sealed, \
             problem = excluded.problem, updated_at = excluded.updated_at",
        )
        .bind(org)
        .bind(setup.channel)
        .bind(setup.provider)
        .bind(&setup.settings)
        .bind(&setup.sealed)
        .bind(&setup.problem)
        .bind(setup.updated_at)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }

    /// Notes what a channel's provider said; `None`: it works.
    pub async fn note_channel_problem(&mut self, channel: Channel, problem: Option<&str>) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query("UPDATE channels SET problem = $3 WHERE org_id = $1 AND channel = $2")
            .bind(org)
            .bind(channel)
            .bind(problem)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Forgets a channel. `false`: it was not set up.
    pub async fn remove_channel(&mut self, channel: Channel) -> Result<bool> {
        let org = self.org;
        let removed = on!(self.tx, c => sqlx::query("DELETE FROM channels WHERE org_id = $1 AND channel = $2")
            .bind(org)
            .bind(channel)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(removed == 1)
    }

    /// What the organisation decides about other channels.
    pub async fn fallback_settings(&mut self) -> Result<FallbackSettings> {
        let org = self.org;
        let stored: Option<String> = on!(self.tx, c => sqlx::query_scalar(
            "SELECT settings FROM fallback_settings WHERE org_id = $1",
        )
        .bind(org)
        .fetch_optional(c)
        .await)?;
        Ok(stored.and_then(|stored| serde_json::from_str(&stored).ok()).unwrap_or_default())
    }

    /// Decides it.
    pub async fn set_fallback_settings(&mut self, settings: &FallbackSettings, now: Timestamp) -> Result<()> {
        let org = self.org;
        on!(self.tx, c => sqlx::query(
            "INSERT INTO fallback_settings (org_id, settings, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (org_id) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at",
        )
        .bind(org)
        .bind(Json(settings))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
