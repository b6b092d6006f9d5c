//! Which model serves an organisation: its own endpoint, else the operator's, else none.

use std::time::Duration;

use rules::id::OrgId;
use secrecy::SecretString;
use store::knowledge::AiEndpoint;
use url::Url;

use super::model::{Endpoint, Model};
use crate::ctx::Ctx;

/// How long a call of a tenant's endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The model that serves an organisation. An endpoint of its own that may not be reached serves as none, so that the
/// operator does not pay for what the organisation meant to pay.
pub async fn model_of(ctx: &Ctx, org: OrgId) -> store::Result<Option<Model>> {
    let mut tx = ctx.store.read().await?;
    let Some(stored) = tx.org(org).await?.ai_endpoint().await? else { return Ok(ctx.model.clone()) };
    let key = match &stored.key {
        Some(sealed) => Some(ctx.vault.open(&mut tx, org, AiEndpoint::KEY, sealed).await?),
        None => None,
    };
    drop(tx);
    Ok(own(ctx, &stored, key)
        .inspect_err(|refused| tracing::warn!(org.id = %org, %refused, "the endpoint of its own is not used"))
        .ok())
}

/// A client for an organisation's own endpoint.
pub(super) fn own(
    ctx: &Ctx,
    stored: &AiEndpoint,
    key: Option<SecretString>,
) -> Result<Model, crate::outbound::Refused> {
    let endpoint = Endpoint {
        url: Url::parse(&stored.url).map_err(|_| crate::outbound::Refused::NoHost)?,
        key,
        chat_model: stored.chat_model.clone(),
        embedding_model: stored.embedding_model.clone(),
        timeout: TIMEOUT,
    };
    Model::guarded(endpoint, &ctx.outbound)
}
