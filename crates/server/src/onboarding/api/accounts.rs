//! Messaging accounts, numbers, templates and checklists.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::connection::Step;
use rules::id::{AccountId, NumberId, OrgId};
use rules::role::Right;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::{Account, Number, ReadinessItem, StepTrouble};
use crate::ctx::Ctx;
use crate::http::{Json, List, OperatorActor, OrgActor, Path, Problem};
use crate::onboarding::service::{account as service, disconnect, readiness, templates};

/// The organisation's messaging accounts with their numbers.
#[utoipa::path(get, operation_id = "list_accounts", path = "/api/v1/orgs/{org}/accounts", tag = "Accounts", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<Account>)))]
pub(super) async fn list(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<List<Account>>, Problem> {
    actor.require(Right::ReadConnections)?;
    let (accounts, numbers) = service::list(&ctx, actor.org).await?;
    let items = accounts.into_iter().map(|account| Account::with(&ctx, account, &numbers)).collect();
    Ok(Json(List { items, next: None }))
}

/// One messaging account.
#[utoipa::path(get, operation_id = "get_account", path = "/api/v1/orgs/{org}/accounts/{account}", tag = "Accounts",
    params(("org" = OrgId, Path), ("account" = AccountId, Path)), responses((status = OK, body = Account)))]
pub(super) async fn get(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, AccountId)>,
) -> Result<Json<Account>, Problem> {
    let (_, id) = at;
    actor.require(Right::ReadConnections)?;
    let (account, numbers) = service::get(&ctx, actor.org, id).await?;
    Ok(Json(Account::with(&ctx, account, &numbers)))
}

/// What a look at an account found.
#[derive(Serialize, ToSchema)]
pub struct AccountCheck {
    /// The account after the look.
    account: Account,
    /// What is wrong; nothing when everything is as it should be.
    troubles: Vec<AccountTrouble>,
}

/// Something wrong with an account.
#[derive(Serialize, ToSchema)]
pub struct AccountTrouble {
    /// The step that would have to be made again.
    step: Step,
    /// What it is.
    problem: StepTrouble,
}

/// Look whether an account is really still connected: token, subscription, numbers, payment, health.
#[utoipa::path(post, operation_id = "check_account", path = "/api/v1/orgs/{org}/accounts/{account}/check", tag = "Accounts",
    params(("org" = OrgId, Path), ("account" = AccountId, Path)), responses((status = OK, body = AccountCheck)))]
pub(super) async fn check(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, AccountId)>,
) -> Result<Json<AccountCheck>, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    service::get(&ctx, actor.org, id).await?;
    let findings = service::check(&ctx, actor.org, id).await?.ok_or_else(|| {
        Problem::conflict(
            "account_disconnected",
            "The account is no longer connected. Connect it again first.",
        )
    })?;
    let (account, numbers) = service::get(&ctx, actor.org, id).await?;
    let troubles = findings.troubles.into_iter();
    let troubles = troubles.map(|(step, stopped)| AccountTrouble { step, problem: stopped.into() });
    Ok(Json(AccountCheck { account: Account::with(&ctx, account, &numbers), troubles: troubles.collect() }))
}

/// How to disconnect.
#[derive(Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct DisconnectRequest {
    /// For the record.
    #[garde(inner(length(chars, max = 300)))]
    reason: Option<String>,
    /// Also take the numbers off the Cloud API, to move them elsewhere.
    release_numbers: bool,
}

/// What became of a disconnection.
#[derive(Serialize, ToSchema)]
pub struct Disconnection {
    /// Its parts, in their order.
    parts: Vec<DisconnectionPart>,
}

/// One part of a disconnection.
#[derive(Serialize, ToSchema)]
pub struct DisconnectionPart {
    /// A stable word.
    what: &'static str,
    /// Whether it was done.
    done: bool,
    /// What went wrong.
    problem: Option<StepTrouble>,
}

/// Disconnect an account. Numbers, history and templates are kept. Only the client can remove the app at Meta.
#[utoipa::path(post, operation_id = "disconnect_account", path = "/api/v1/orgs/{org}/accounts/{account}/disconnect", tag = "Accounts",
    params(("org" = OrgId, Path), ("account" = AccountId, Path)), request_body = DisconnectRequest,
    responses((status = OK, body = Disconnection)))]
pub(super) async fn disconnect(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, AccountId)>,
    Json(body): Json<DisconnectRequest>,
) -> Result<Json<Disconnection>, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    let reason = body.reason.unwrap_or_else(|| "disconnected by a member".to_owned());
    // Goes on to its end when the browser goes away: half a disconnection would be the worst.
    let whole =
        tokio::spawn(
            async move { disconnect::disconnect(&ctx, &actor, id, &reason, body.release_numbers).await },
        );
    let parts = whole.await.map_err(|error| Problem::internal(&error))??;
    let parts = parts.into_iter().map(|part| DisconnectionPart {
        what: part.what,
        done: part.problem.is_none(),
        problem: part.problem.map(StepTrouble::from),
    });
    Ok(Json(Disconnection { parts: parts.collect() }))
}

/// What reading the templates came to.
#[derive(Serialize, ToSchema)]
pub struct TemplateSync {
    /// How many the account has.
    templates: Option<usize>,
    /// What stopped it.
    problem: Option<StepTrouble>,
}

/// Read an account's templates from Meta now.
#[utoipa::path(post, operation_id = "sync_templates", path = "/api/v1/orgs/{org}/accounts/{account}/templates/sync", tag = "Accounts",
    params(("org" = OrgId, Path), ("account" = AccountId, Path)), responses((status = OK, body = TemplateSync)))]
pub(super) async fn sync_templates(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, AccountId)>,
) -> Result<Json<TemplateSync>, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    Ok(Json(match templates::sync(&ctx, actor.org, id).await? {
        Ok(count) => TemplateSync { templates: Some(count), problem: None },
        Err(stopped) => TemplateSync { templates: None, problem: Some(stopped.into()) },
    }))
}

/// The organisation's numbers.
#[utoipa::path(get, operation_id = "list_numbers", path = "/api/v1/orgs/{org}/numbers", tag = "Accounts", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<Number>)))]
pub(super) async fn numbers(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<List<Number>>, Problem> {
    actor.require(Right::ReadConnections)?;
    let (_, numbers) = service::list(&ctx, actor.org).await?;
    let items = numbers.into_iter().map(|number| Number::new(&ctx, number)).collect();
    Ok(Json(List { items, next: None }))
}

/// One number.
#[utoipa::path(get, operation_id = "get_number", path = "/api/v1/orgs/{org}/numbers/{number}", tag = "Accounts",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), responses((status = OK, body = Number)))]
pub(super) async fn number(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
) -> Result<Json<Number>, Problem> {
    let (_, id) = at;
    actor.require(Right::ReadConnections)?;
    Ok(Json(Number::new(&ctx, service::number(&ctx, actor.org, id).await?)))
}

/// A two-step PIN that the client knows.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct PinRequest {
    /// Six digits.
    #[garde(length(min = 6, max = 6), ascii)]
    pin: String,
}

/// Give the number's two-step PIN, for the next time it is registered.
#[utoipa::path(put, operation_id = "give_pin", path = "/api/v1/orgs/{org}/numbers/{number}/pin", tag = "Accounts",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), request_body = PinRequest,
    responses((status = NO_CONTENT)))]
pub(super) async fn give_pin(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    Json(body): Json<PinRequest>,
) -> Result<StatusCode, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    service::give_pin(&ctx, &actor, id, &SecretString::from(body.pin)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The organisation's checklist, each item looked at where that can be.
#[utoipa::path(get, operation_id = "client_readiness", path = "/api/v1/orgs/{org}/readiness", tag = "Connections", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<ReadinessItem>)))]
pub(super) async fn readiness(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<ReadinessItem>>, Problem> {
    actor.require(Right::ReadConnections)?;
    Ok(Json(List::whole(readiness::client(&ctx, actor.org).await?)))
}

/// The operator's checklist, each item looked at where that can be.
#[utoipa::path(get, operation_id = "operator_readiness", path = "/api/v1/operator/readiness", tag = "Operator",
    responses((status = OK, body = List<ReadinessItem>)))]
pub(super) async fn operator_readiness(
    State(ctx): State<Ctx>,
    _: OperatorActor,
) -> Result<Json<List<ReadinessItem>>, Problem> {
    Ok(Json(List::whole(readiness::operator(&ctx).await?)))
}
