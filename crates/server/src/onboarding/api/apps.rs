//! Meta apps.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use garde::Validate;
use rules::id::{AppId, OrgId};
use rules::role::Right;
use secrecy::SecretString;
use serde::Deserialize;
use store::Tx;
use store::apps::AppSettings;
use store::sealed::OPERATOR;
use utoipa::ToSchema;

use super::views::{MetaApp, NewMetaApp};
use crate::ctx::Ctx;
use crate::http::idempotency::{Asker, IdempotencyKey, Once, once_sealed};
use crate::http::{Json, List, OperatorActor, OrgActor, Path, Problem};
use crate::onboarding::service::apps as service;
use crate::onboarding::service::by::By;

/// A Meta app to register.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct AppRequest {
    /// Meta's id of the app.
    #[garde(length(max = 40))]
    meta_app_id: String,
    /// Its name, for people.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// The app secret.
    #[garde(length(min = 8, max = 200))]
    secret: String,
    /// The Facebook Login for Business configuration of its signup.
    #[garde(inner(length(max = 40)))]
    config_id: Option<String>,
    /// What a partner needs besides.
    #[serde(flatten)]
    #[garde(dive)]
    partner: Partner,
}

/// What a partner's app needs besides its secret.
#[derive(Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct Partner {
    /// The portfolio that owns the app.
    #[garde(inner(length(max = 40)))]
    business_id: Option<String>,
    /// The system user that is put on clients' accounts.
    #[garde(inner(length(max = 40)))]
    system_user_id: Option<String>,
    /// Its token: recovers clients' tokens and shares credit.
    #[garde(inner(length(min = 8, max = 4_000)))]
    system_token: Option<String>,
    /// The credit line that pays.
    #[garde(inner(length(max = 40)))]
    credit_line_id: Option<String>,
    /// The multi-partner solution.
    #[garde(inner(length(max = 40)))]
    solution_id: Option<String>,
}

impl Partner {
    fn split(self) -> (AppSettings, Option<SecretString>) {
        let settings = AppSettings {
            business_id: self.business_id,
            system_user_id: self.system_user_id,
            credit_line_id: self.credit_line_id,
            solution_id: self.solution_id,
        };
        (settings, self.system_token.map(SecretString::from))
    }
}

impl From<AppRequest> for service::NewMetaApp {
    fn from(body: AppRequest) -> Self {
        let (settings, system_token) = body.partner.split();
        Self {
            meta_app_id: body.meta_app_id.trim().to_owned(),
            name: body.name,
            config_id: body.config_id,
            secret: SecretString::from(body.secret.trim()),
            system_token,
            settings,
        }
    }
}

/// A new secret.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct SecretRequest {
    /// The app secret as Meta shows it now.
    #[garde(length(min = 8, max = 200))]
    secret: String,
}

/// The Meta apps that the organisation may connect through: the operator's and its own.
#[utoipa::path(get, operation_id = "list_usable_meta_apps", path = "/api/v1/orgs/{org}/meta-apps", tag = "Connections", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<MetaApp>)))]
pub(super) async fn usable(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<List<MetaApp>>, Problem> {
    actor.require(Right::ReadConnections)?;
    let apps = service::usable(&ctx, actor.org).await?;
    Ok(Json(List { items: apps.into_iter().map(|app| MetaApp::new(&ctx, app)).collect(), next: None }))
}

/// Register the organisation's own Meta app.
#[utoipa::path(post, operation_id = "create_own_meta_app", path = "/api/v1/orgs/{org}/meta-apps", tag = "Connections",
    params(("org" = OrgId, Path), IdempotencyKey),
    request_body = AppRequest, responses((status = CREATED, body = NewMetaApp)))]
pub(super) async fn create_own(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Once { body, key }: Once<AppRequest>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteConnections)?;
    let by = By::Organisation(&actor);
    let make =
        async |tx: &mut Tx| Ok(NewMetaApp::told(&ctx, service::create(&ctx, tx, by, body.into()).await?));
    let response = once_sealed(&ctx, &actor, key, StatusCode::CREATED, make).await?;
    ctx.keyring.forget();
    Ok(response)
}

/// Replace the secret of the organisation's own app; webhooks signed with the former one are accepted for two days.
#[utoipa::path(post, operation_id = "rotate_own_meta_app_secret", path = "/api/v1/orgs/{org}/meta-apps/{app}/secret", tag = "Connections",
    params(("org" = OrgId, Path), ("app" = AppId, Path)), request_body = SecretRequest,
    responses((status = OK, body = MetaApp)))]
pub(super) async fn rotate_own(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, AppId)>,
    Json(body): Json<SecretRequest>,
) -> Result<Json<MetaApp>, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    let secret = SecretString::from(body.secret.trim());
    let app = service::rotate(&ctx, By::Organisation(&actor), id, &secret).await?;
    Ok(Json(MetaApp::new(&ctx, app)))
}

/// Take the organisation's own app out of use.
#[utoipa::path(delete, operation_id = "retire_own_meta_app", path = "/api/v1/orgs/{org}/meta-apps/{app}", tag = "Connections",
    params(("org" = OrgId, Path), ("app" = AppId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn retire_own(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, AppId)>,
) -> Result<StatusCode, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    service::retire(&ctx, By::Organisation(&actor), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The operator's Meta apps.
#[utoipa::path(get, operation_id = "list_meta_apps", path = "/api/v1/operator/meta-apps", tag = "Operator",
    responses((status = OK, body = List<MetaApp>)))]
pub(super) async fn list(State(ctx): State<Ctx>, _: OperatorActor) -> Result<Json<List<MetaApp>>, Problem> {
    let apps = service::list(&ctx, None).await?;
    Ok(Json(List { items: apps.into_iter().map(|app| MetaApp::new(&ctx, app)).collect(), next: None }))
}

/// Register a Meta app that every organisation may connect through.
#[utoipa::path(post, operation_id = "create_meta_app", path = "/api/v1/operator/meta-apps", tag = "Operator", params(IdempotencyKey),
    request_body = AppRequest, responses((status = CREATED, body = NewMetaApp)))]
pub(super) async fn create(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Once { body, key }: Once<AppRequest>,
) -> Result<Response, Problem> {
    let by = By::Operator(&actor);
    let make =
        async |tx: &mut Tx| Ok(NewMetaApp::told(&ctx, service::create(&ctx, tx, by, body.into()).await?));
    let asker = Asker::operator(&actor, OPERATOR);
    let response = once_sealed(&ctx, asker, key, StatusCode::CREATED, make).await?;
    ctx.keyring.forget();
    Ok(response)
}

/// What is to change about an app.
#[derive(Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct AppChange {
    /// Its name, for people.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// The configuration of its signup.
    #[garde(inner(length(max = 40)))]
    config_id: Option<String>,
    /// What a partner needs besides; a system token left out stays as it is.
    #[serde(flatten)]
    #[garde(dive)]
    partner: Partner,
}

/// Change an app of the operator; its secret is changed by itself.
#[utoipa::path(put, operation_id = "update_meta_app", path = "/api/v1/operator/meta-apps/{app}", tag = "Operator", params(("app" = AppId, Path)),
    request_body = AppChange, responses((status = OK, body = MetaApp)))]
pub(super) async fn update(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(id): Path<AppId>,
    Json(body): Json<AppChange>,
) -> Result<Json<MetaApp>, Problem> {
    let (settings, system_token) = body.partner.split();
    let change = service::Change { name: body.name, config_id: body.config_id, settings, system_token };
    let app = service::update(&ctx, By::Operator(&actor), id, &change).await?;
    Ok(Json(MetaApp::new(&ctx, app)))
}

/// Replace an app's secret; webhooks signed with the former one are accepted for two days.
#[utoipa::path(post, operation_id = "rotate_meta_app_secret", path = "/api/v1/operator/meta-apps/{app}/secret", tag = "Operator",
    params(("app" = AppId, Path)), request_body = SecretRequest, responses((status = OK, body = MetaApp)))]
pub(super) async fn rotate(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(id): Path<AppId>,
    Json(body): Json<SecretRequest>,
) -> Result<Json<MetaApp>, Problem> {
    let secret = SecretString::from(body.secret.trim());
    let app = service::rotate(&ctx, By::Operator(&actor), id, &secret).await?;
    Ok(Json(MetaApp::new(&ctx, app)))
}

/// Take an app out of use.
#[utoipa::path(delete, operation_id = "retire_meta_app", path = "/api/v1/operator/meta-apps/{app}", tag = "Operator", params(("app" = AppId, Path)),
    responses((status = NO_CONTENT)))]
pub(super) async fn retire(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(id): Path<AppId>,
) -> Result<StatusCode, Problem> {
    service::retire(&ctx, By::Operator(&actor), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
