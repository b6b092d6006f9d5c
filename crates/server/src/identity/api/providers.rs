//! OpenID Connect providers, as the operator configures them.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{OrgId, ProviderId};
use rules::role::Role;
use rules::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::plain_name;
use crate::ctx::Ctx;
use crate::http::{Json, List, OperatorActor, Path, Problem};
use crate::identity::service::openid::CALLBACK;
use crate::identity::service::providers as service;

/// An OpenID Connect provider that people sign in through.
#[derive(Serialize, ToSchema)]
pub struct OpenidProvider {
    /// Its id.
    id: ProviderId,
    /// What people call it.
    name: String,
    /// Its name for itself.
    issuer: String,
    /// This installation's name there.
    client_id: String,
    /// The domains of e-mail addresses that it may vouch for.
    domains: Vec<String>,
    /// Whether signing in there is worth both factors. If not, people with a second factor are asked for it.
    is_second_factor: bool,
    /// What becomes of people who have neither account nor invitation; absent: they do not come in.
    newcomers: Option<Newcomers>,
    /// To be configured at the provider as the only place where browsers are sent back to.
    redirect_uri: String,
    /// When it was configured.
    created_at: Timestamp,
}

/// What becomes of people who have neither account nor invitation.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Newcomers {
    /// The organisation that they become members of.
    org_id: OrgId,
    /// What they become there; not owner.
    role: Role,
}

impl OpenidProvider {
    fn new(ctx: &Ctx, provider: store::openid::Provider) -> Self {
        let newcomers = provider.newcomers_org.zip(provider.newcomers_role);
        Self {
            id: provider.id,
            name: provider.name,
            issuer: provider.issuer,
            client_id: provider.client_id,
            domains: provider.domains.split_whitespace().map(str::to_owned).collect(),
            is_second_factor: provider.is_second_factor,
            newcomers: newcomers.map(|(org_id, role)| Newcomers { org_id, role }),
            redirect_uri: format!("{}{CALLBACK}", ctx.settings.public_url.as_str().trim_end_matches('/')),
            created_at: provider.created_at,
        }
    }
}

/// OpenID Connect providers with their settings, by name.
#[utoipa::path(get, path = "/api/v1/operator/openid-providers", tag = "Operator",
    responses((status = OK, body = List<OpenidProvider>)))]
pub(super) async fn list_operator_openid_providers(
    State(ctx): State<Ctx>,
    _: OperatorActor,
) -> Result<Json<List<OpenidProvider>>, Problem> {
    let providers = service::list(&ctx).await?;
    let items = providers.into_iter().map(|provider| OpenidProvider::new(&ctx, provider)).collect();
    Ok(Json(List { items, next: None }))
}

/// A provider to configure.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OpenidProviderRequest {
    /// Its name for itself, exactly: the address under which `/.well-known/openid-configuration` is found.
    #[garde(length(min = 1, max = 500), custom(plain_address))]
    #[schema(example = "https://accounts.google.com")]
    issuer: String,
    /// What people call it.
    #[garde(length(chars, max = 100), custom(plain_name))]
    name: String,
    /// This installation's name there.
    #[garde(length(max = 500), custom(plain_name))]
    client_id: String,
    /// What this installation proves itself with there. It is sealed and never told again.
    #[garde(custom(some_secret))]
    #[schema(value_type = String, format = Password)]
    client_secret: SecretString,
    /// The domains of e-mail addresses that it may vouch for.
    #[garde(length(min = 1, max = 100), custom(plain_domains))]
    #[schema(example = json!(["example.com"]))]
    domains: Vec<String>,
    /// Whether signing in there is worth both factors; not unless told.
    #[serde(default)]
    is_second_factor: bool,
    /// What becomes of people who have neither account nor invitation; they do not come in unless told.
    newcomers: Option<Newcomers>,
}

/// What is decided about a provider. Its issuer stays: another one is another provider.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OpenidProviderChange {
    /// What people call it.
    #[garde(length(chars, max = 100), custom(plain_name))]
    name: String,
    /// This installation's name there.
    #[garde(length(max = 500), custom(plain_name))]
    client_id: String,
    /// What this installation proves itself with there; it stays if absent.
    #[garde(inner(custom(some_secret)))]
    #[schema(value_type = Option<String>, format = Password)]
    client_secret: Option<SecretString>,
    /// The domains of e-mail addresses that it may vouch for.
    #[garde(length(min = 1, max = 100), custom(plain_domains))]
    #[schema(example = json!(["example.com"]))]
    domains: Vec<String>,
    /// Whether signing in there is worth both factors.
    is_second_factor: bool,
    /// What becomes of people who have neither account nor invitation; they do not come in if absent.
    newcomers: Option<Newcomers>,
}

/// An address without anything behind its path.
fn plain_address(value: &str, _: &()) -> garde::Result {
    let url = value.parse::<url::Url>().ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    match url {
        Some(url) if url.query().is_none() && url.fragment().is_none() => Ok(()),
        _ => Err(garde::Error::new("is no address such as https://accounts.example.com")),
    }
}

/// A secret that is one.
fn some_secret(value: &SecretString, _: &()) -> garde::Result {
    match value.expose_secret().len() {
        0 => Err(garde::Error::new("is empty")),
        1..=1_000 => Ok(()),
        _ => Err(garde::Error::new("is longer than 1000 characters")),
    }
}

/// Domains as they stand in addresses that are compared.
fn plain_domains(value: &[String], _: &()) -> garde::Result {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let label = |label: &str| !label.is_empty() && label.bytes().all(plain);
    let odd = |domain: &&String| domain.len() > 253 || !domain.contains('.') || !domain.split('.').all(label);
    match value.iter().find(odd) {
        None => Ok(()),
        Some(odd) => Err(garde::Error::new(format!(
            "holds `{odd}`, which is no domain in lower case such as example.com"
        ))),
    }
}

/// Configure a provider. It is asked at once whether it is one.
#[utoipa::path(post, path = "/api/v1/operator/openid-providers", tag = "Operator",
    request_body = OpenidProviderRequest, responses((status = CREATED, body = OpenidProvider)))]
pub(super) async fn create_openid_provider(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Json(body): Json<OpenidProviderRequest>,
) -> Result<(StatusCode, Json<OpenidProvider>), Problem> {
    let wanted = service::Wanted {
        name: body.name,
        client_id: body.client_id,
        client_secret: Some(body.client_secret),
        domains: body.domains,
        is_second_factor: body.is_second_factor,
        newcomers: body.newcomers.map(|newcomers| (newcomers.org_id, newcomers.role)),
    };
    let provider = service::create(&ctx, &actor, body.issuer, wanted).await?;
    Ok((StatusCode::CREATED, Json(OpenidProvider::new(&ctx, provider))))
}

/// Change a provider.
#[utoipa::path(put, path = "/api/v1/operator/openid-providers/{provider}", tag = "Operator",
    params(("provider" = ProviderId, Path)),
    request_body = OpenidProviderChange, responses((status = OK, body = OpenidProvider)))]
pub(super) async fn change_openid_provider(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(provider): Path<ProviderId>,
    Json(body): Json<OpenidProviderChange>,
) -> Result<Json<OpenidProvider>, Problem> {
    let wanted = service::Wanted {
        name: body.name,
        client_id: body.client_id,
        client_secret: body.client_secret,
        domains: body.domains,
        is_second_factor: body.is_second_factor,
        newcomers: body.newcomers.map(|newcomers| (newcomers.org_id, newcomers.role)),
    };
    let provider = service::change(&ctx, &actor, provider, wanted).await?;
    Ok(Json(OpenidProvider::new(&ctx, provider)))
}

/// Remove a provider. Nobody signs in through it any more; whoever is signed in stays.
#[utoipa::path(delete, path = "/api/v1/operator/openid-providers/{provider}", tag = "Operator",
    params(("provider" = ProviderId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn remove_openid_provider(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(provider): Path<ProviderId>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, provider).await?;
    Ok(StatusCode::NO_CONTENT)
}
