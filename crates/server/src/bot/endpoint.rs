//! Which model serves an organisation: its own endpoint, else the operator's, else none.

use std::time::Duration;

use answers::prompt::Prompt;
use rules::id::OrgId;
use rules::settings::OrgSettings;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use store::StoreError;
use store::knowledge::AiEndpoint;
use url::Url;

use super::compose::Limits;
use super::model::{Endpoint, Model, ModelError};
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};
use crate::knowledge;
use crate::outbound::{self, Redirects};

/// How long a call of a tenant's endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The model that serves an organisation. An endpoint of its own that may not be reached serves as none, so that the
/// operator does not pay for what the organisation meant to pay.
pub async fn model_of(ctx: &Ctx, org: OrgId) -> store::Result<Option<Model>> {
    let mut tx = ctx.store.read().await?;
    let Some(stored) = tx.org(org).await?.ai_endpoint().await? else { return Ok(ctx.model.clone()) };
    let key = match &stored.key {
        Some(sealed) => match ctx.vault.open(&mut tx, org, AiEndpoint::KEY, sealed).await {
            // Customers are answered all the same; the log says what the operator has to mend.
            Err(StoreError::Sealed(why)) => {
                tracing::error!(org.id = %org, why, "the key of the endpoint of its own does not open");
                return Ok(None);
            }
            opened => Some(opened?),
        },
        None => None,
    };
    drop(tx);
    Ok(own(ctx, &stored, key)
        .inspect_err(|refused| tracing::warn!(org.id = %org, %refused, "the endpoint of its own is not used"))
        .ok())
}

/// A client for an organisation's own endpoint.
fn own(ctx: &Ctx, stored: &AiEndpoint, key: Option<SecretString>) -> Result<Model, outbound::Refused> {
    let endpoint = Endpoint {
        url: Url::parse(&stored.url).map_err(|_| outbound::Refused::NoHost)?,
        key,
        chat_model: stored.chat_model.clone(),
        embedding_model: stored.embedding_model.clone(),
        timeout: TIMEOUT,
        // Who pays sets the limit.
        most_tokens: None,
    };
    Model::guarded(endpoint, &ctx.outbound)
}

/// An endpoint of one's own, as wished for.
pub(super) struct Wish<'a> {
    pub url: &'a str,
    pub key: Option<SecretString>,
    pub chat_model: Option<String>,
    pub embedding_model: Option<String>,
}

/// Sets an organisation's own endpoint.
pub(super) async fn set(ctx: &Ctx, actor: &OrgActor, wish: Wish<'_>) -> Result<AiEndpoint, Problem> {
    let url = Url::parse(wish.url.trim())
        .map_err(|_| Problem::invalid_field("url", "must be an address such as https://api.openai.com/v1"))?;
    ctx.outbound
        .client_for(&url, Redirects::Stay)
        .map_err(|refused| Problem::invalid_field("url", refused.to_string()))?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let before = tx.org(actor.org).await?.ai_endpoint().await?;
    let key = match wish.key {
        Some(key) if key.expose_secret().trim().is_empty() => None,
        Some(key) if key.expose_secret().len() > 500 => {
            return Err(Problem::invalid_field("key", "must have at most 500 characters"));
        }
        Some(key) => Some(ctx.vault.seal(&mut tx, actor.org, AiEndpoint::KEY, &key, now).await?),
        None => kept_key(before.as_ref(), &url)?,
    };
    let endpoint = AiEndpoint {
        url: url.to_string(),
        key,
        chat_model: wish.chat_model,
        embedding_model: wish.embedding_model,
        updated_at: now,
    };
    let mut scope = tx.org(actor.org).await?;
    scope.set_ai_endpoint(&endpoint).await?;
    knowledge::embed_later(&mut scope, now).await?;
    let details = json!({ "host": url.host_str() });
    actor.audit(ctx, &mut scope, "ai.endpoint_set", actor.org, details).await?;
    tx.commit().await?;
    Ok(endpoint)
}

/// The key that is set already. It goes nowhere else than where its owner sent it.
fn kept_key(before: Option<&AiEndpoint>, url: &Url) -> Result<Option<Vec<u8>>, Problem> {
    let Some(before) = before.filter(|before| before.key.is_some()) else { return Ok(None) };
    if Url::parse(&before.url).is_ok_and(|old| old.origin() == url.origin()) {
        Ok(before.key.clone())
    } else {
        Err(Problem::invalid_field(
            "key",
            "the address names another host, so send the key again, or an empty one for none",
        ))
    }
}

/// Forgets an organisation's own endpoint.
pub(super) async fn forget(ctx: &Ctx, actor: &OrgActor) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    if scope.delete_ai_endpoint().await? {
        knowledge::embed_later(&mut scope, ctx.now()).await?;
        actor.audit(ctx, &mut scope, "ai.endpoint_forgotten", actor.org, json!({})).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// How a trial of one model ended.
pub(super) struct Tried {
    pub outcome: Result<(), ModelError>,
    pub millis: i64,
}

/// Tries the models that serve: the one that answers, and the one that embeds.
pub(super) async fn try_out(ctx: &Ctx, actor: &OrgActor) -> Result<(Option<Tried>, Option<Tried>), Problem> {
    let Some(model) = model_of(ctx, actor.org).await? else {
        return Err(Problem::conflict(
            "no_endpoint",
            "No model serves this organisation, or its address may not be reached. Set an endpoint first.",
        ));
    };
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let org = scope.org().await?.ok_or_else(Problem::not_found)?;
    let limits = Limits::of(&OrgSettings::read(&org.settings).ai, &model);
    if !scope.reserve_ai(ctx.now(), 100, limits.answers, limits.tokens).await? {
        return Err(Problem::conflict(
            "budget_spent",
            "Today's budget for models is spent. Raise it in the settings, or wait until tomorrow.",
        ));
    }
    tx.commit().await?;
    let prompt = Prompt { system: "Answer with one word.".to_owned(), user: "Say hello.".to_owned() };
    let chat = match model.chat_model() {
        Some(_) => Some(timed(ctx, async { model.chat(&prompt).await.map(drop) }).await),
        None => None,
    };
    let embedding = match model.embedding_model() {
        Some(_) => Some(timed(ctx, async { model.embed(&["hello".to_owned()]).await.map(drop) }).await),
        None => None,
    };
    Ok((chat, embedding))
}

async fn timed(ctx: &Ctx, call: impl Future<Output = Result<(), ModelError>>) -> Tried {
    let started = ctx.now();
    let outcome = call.await;
    Tried { outcome, millis: i64::try_from(ctx.now().since(started).as_millis()).unwrap_or(i64::MAX) }
}
