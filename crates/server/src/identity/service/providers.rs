//! OpenID Connect providers, as the operator configures them.

use rules::id::{OrgId, ProviderId};
use rules::role::Role;
use secrecy::SecretString;
use serde_json::json;
use store::Tx;
use store::openid::Provider;
use store::sealed::{OPERATOR, Place};

use crate::ctx::Ctx;
use crate::http::{OperatorActor, Problem};
use crate::identity::discovery::Guarded;

/// Where what we prove ourselves with at a provider is sealed.
pub(super) const CLIENT_SECRET: Place = Place("openid_providers.client_secret");

/// What the operator decides about a provider.
pub(in crate::identity) struct Wanted {
    pub(in crate::identity) name: String,
    pub(in crate::identity) client_id: String,
    /// `None`: it stays.
    pub(in crate::identity) client_secret: Option<SecretString>,
    pub(in crate::identity) domains: Vec<String>,
    pub(in crate::identity) is_second_factor: bool,
    pub(in crate::identity) newcomers: Option<(OrgId, Role)>,
}

/// Providers, by name.
pub(in crate::identity) async fn list(ctx: &Ctx) -> Result<Vec<Provider>, Problem> {
    Ok(ctx.store.read().await?.openid_providers().await?)
}

/// Configures a provider, once it has been asked whether it is one.
pub(in crate::identity) async fn create(
    ctx: &Ctx,
    actor: &OperatorActor,
    issuer: String,
    wanted: Wanted,
) -> Result<Provider, Problem> {
    let found = oidc::Provider::discover(&issuer, &Guarded(&ctx.outbound)).await.map_err(|failed| {
        Problem::unprocessable(
            "discovery_failed",
            format!(
                "Nothing that can be signed in through was found at {issuer}: {failed}. Check the issuer's address; it \
                 must be exactly what the provider calls itself."
            ),
        )
    })?;
    let mut tx = ctx.store.begin().await?;
    let mut provider = Provider {
        id: ProviderId::fresh(ctx.now(), ctx.chance()),
        name: String::new(),
        issuer,
        client_id: String::new(),
        client_secret: Vec::new(),
        domains: String::new(),
        is_second_factor: false,
        newcomers_org: None,
        newcomers_role: None,
        created_at: ctx.now(),
    };
    apply(ctx, &mut tx, &mut provider, wanted).await?;
    tx.insert_openid_provider(&provider).await?;
    trace(ctx, &mut tx, actor, "openid_provider.create", &provider).await?;
    tx.commit().await?;
    ctx.discovered.keep(&provider.issuer, found).await;
    Ok(provider)
}

/// Changes a provider. Its issuer stays: another one is another provider.
pub(in crate::identity) async fn change(
    ctx: &Ctx,
    actor: &OperatorActor,
    id: ProviderId,
    wanted: Wanted,
) -> Result<Provider, Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut provider = tx.openid_provider(id).await?.ok_or_else(Problem::not_found)?;
    apply(ctx, &mut tx, &mut provider, wanted).await?;
    tx.update_openid_provider(&provider).await?;
    trace(ctx, &mut tx, actor, "openid_provider.update", &provider).await?;
    tx.commit().await?;
    Ok(provider)
}

/// Removes a provider: nobody signs in through it any more. Whoever is signed in stays.
pub(in crate::identity) async fn remove(
    ctx: &Ctx,
    actor: &OperatorActor,
    id: ProviderId,
) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    let provider = tx.openid_provider(id).await?.ok_or_else(Problem::not_found)?;
    tx.remove_openid_provider(id).await?;
    trace(ctx, &mut tx, actor, "openid_provider.remove", &provider).await?;
    tx.commit().await?;
    Ok(())
}

async fn apply(ctx: &Ctx, tx: &mut Tx, provider: &mut Provider, wanted: Wanted) -> Result<(), Problem> {
    if let Some(secret) = wanted.client_secret {
        provider.client_secret = ctx.vault.seal(tx, OPERATOR, CLIENT_SECRET, &secret, ctx.now()).await?;
    }
    if let Some((org, role)) = wanted.newcomers {
        if role == Role::Owner {
            return Err(Problem::invalid_field(
                "newcomers.role",
                "cannot be owner: an owner is made by an owner, not by having an address",
            ));
        }
        if tx.org(org).await?.org().await?.is_none() {
            return Err(Problem::invalid_field("newcomers.org_id", "names no organisation"));
        }
    }
    provider.name = wanted.name.trim().to_owned();
    provider.client_id = wanted.client_id;
    provider.domains = wanted.domains.join(" ");
    provider.is_second_factor = wanted.is_second_factor;
    (provider.newcomers_org, provider.newcomers_role) = wanted.newcomers.unzip();
    Ok(())
}

async fn trace(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: &OperatorActor,
    action: &str,
    provider: &Provider,
) -> store::Result<()> {
    let details = json!({
        "name": provider.name, "issuer": provider.issuer, "domains": provider.domains,
        "is_second_factor": provider.is_second_factor,
        "newcomers_org": provider.newcomers_org, "newcomers_role": provider.newcomers_role,
    });
    actor.audit(ctx, tx, None, action, provider.id, details).await
}
