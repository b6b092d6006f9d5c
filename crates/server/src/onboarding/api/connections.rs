//! Connections.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use garde::Validate;
use rules::connection::{Entry, Mode, Step, Variant};
use rules::id::{AccountId, AppId, ConnectionId, OrgId};
use rules::role::Right;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use store::Tx;
use utoipa::ToSchema;

use super::views::{Connection, Dialog};
use crate::ctx::Ctx;
use crate::http::idempotency::{IdempotencyKey, Once, once_sealed};
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};
use crate::onboarding::service::connect::{self as service, Begin, Returned};

/// How to connect.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct StartRequest {
    /// Through which Meta app; may be left out where there is only one.
    app_id: Option<AppId>,
    /// Who pays, whose app.
    mode: Mode,
    /// `popup` or `redirect`; `popup` unless told.
    entry: Option<Entry>,
    /// `standard` unless told.
    variant: Option<Variant>,
    /// ISO 4217, where the operator pays. Cannot be changed later.
    #[garde(inner(length(min = 3, max = 3), ascii))]
    #[schema(example = "IDR")]
    currency: Option<String>,
    /// Whether the account's messages come to an address of their own.
    #[serde(default)]
    override_webhook: bool,
    /// The account that is connected again.
    reconnects: Option<AccountId>,
}

/// Begin to connect a messaging account.
///
/// Repeated under the same `Idempotency-Key` it begins nothing more and gives the first answer, whose state has not become
/// younger; open the dialog again where it has ended.
#[utoipa::path(post, operation_id = "start_connection", path = "/api/v1/orgs/{org}/connections", tag = "Connections",
    params(("org" = OrgId, Path), IdempotencyKey),
    request_body = StartRequest, responses((status = CREATED, body = Dialog)))]
pub(super) async fn start(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Once { body, key }: Once<StartRequest>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteConnections)?;
    let entry = body.entry.unwrap_or(Entry::Popup);
    if !matches!(entry, Entry::Popup | Entry::Redirect) {
        return Err(Problem::invalid_field(
            "entry",
            "Use `popup` or `redirect`; the other ways have routes of their own.",
        ));
    }
    let begin = Begin {
        app: body.app_id,
        mode: body.mode,
        entry,
        variant: body.variant.unwrap_or(Variant::Standard),
        currency: body.currency,
        override_webhook: body.override_webhook,
        reconnects: body.reconnects,
        invite: None,
    };
    let start = async |tx: &mut Tx| Ok(Dialog::from(service::start(&ctx, tx, &actor, begin).await?));
    once_sealed(&ctx, &actor, key, StatusCode::CREATED, start).await
}

/// Connections, newest first.
#[utoipa::path(get, operation_id = "list_connections", path = "/api/v1/orgs/{org}/connections", tag = "Connections",
    params(("org" = OrgId, Path), PageQuery), responses((status = OK, body = List<Connection>)))]
pub(super) async fn list(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Connection>>, Problem> {
    actor.require(Right::ReadConnections)?;
    Ok(Json(service::list(&ctx, actor.org, page.cursor()?, page.limit()).await?.into()))
}

/// One connection with its steps.
#[utoipa::path(get, operation_id = "get_connection", path = "/api/v1/orgs/{org}/connections/{connection}", tag = "Connections",
    params(("org" = OrgId, Path), ("connection" = ConnectionId, Path)),
    responses((status = OK, body = Connection)))]
pub(super) async fn get(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ConnectionId)>,
) -> Result<Json<Connection>, Problem> {
    let (_, id) = at;
    actor.require(Right::ReadConnections)?;
    Ok(Json(Connection::whole(service::get(&ctx, actor.org, id).await?)))
}

/// Open the dialog again for a connection that waits for it.
#[utoipa::path(post, operation_id = "reopen_dialog", path = "/api/v1/orgs/{org}/connections/{connection}/dialog", tag = "Connections",
    params(("org" = OrgId, Path), ("connection" = ConnectionId, Path)),
    responses((status = OK, body = Dialog)))]
pub(super) async fn reopen(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ConnectionId)>,
) -> Result<Json<Dialog>, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    let mut tx = ctx.store.begin().await?;
    let dialog = service::reopen(&ctx, &mut tx, actor.org, &actor.name(), id).await?;
    tx.commit().await?;
    Ok(Json(dialog.into()))
}

/// The code that the dialog gave.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// The state of this attempt.
    #[garde(length(min = 1, max = 200))]
    pub(super) state: String,
    /// `authResponse.code`. It lives 30 seconds: send it at once, without waiting for the event.
    #[garde(length(min = 4, max = 4_000))]
    pub(super) code: String,
}

/// Hand in the code of the dialog. It is exchanged at once and the steps begin.
#[utoipa::path(post, operation_id = "post_code", path = "/api/v1/orgs/{org}/connections/{connection}/code", tag = "Connections",
    params(("org" = OrgId, Path), ("connection" = ConnectionId, Path)),
    request_body = CodeRequest, responses((status = ACCEPTED, body = Connection)))]
pub(super) async fn post_code(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ConnectionId)>,
    Json(body): Json<CodeRequest>,
) -> Result<(StatusCode, Json<Connection>), Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    service::get(&ctx, actor.org, id).await?;
    let code = SecretString::from(body.code);
    let name = actor.name();
    service::take_code(&ctx, Some(&name), Some(id), &body.state, code, Returned::BySdk).await?;
    let found = service::get(&ctx, actor.org, id).await?;
    Ok((StatusCode::ACCEPTED, Json(Connection::whole(found))))
}

/// What the dialog's window posted.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct EventRequest {
    /// The state of this attempt.
    #[garde(length(min = 1, max = 200))]
    pub(super) state: String,
    /// `event.data` as it came, text or object. A hint: nothing in it is trusted.
    pub(super) event: Value,
}

/// Hand in an event of the dialog; any number of them, before or after the code.
#[utoipa::path(post, operation_id = "post_event", path = "/api/v1/orgs/{org}/connections/{connection}/event", tag = "Connections",
    params(("org" = OrgId, Path), ("connection" = ConnectionId, Path)),
    request_body = EventRequest, responses((status = NO_CONTENT)))]
pub(super) async fn post_event(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ConnectionId)>,
    Json(body): Json<EventRequest>,
) -> Result<StatusCode, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    service::get(&ctx, actor.org, id).await?;
    service::take_event(&ctx, &actor.name(), id, &body.state, &body.event).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a step again.
#[utoipa::path(post, operation_id = "retry_step", path = "/api/v1/orgs/{org}/connections/{connection}/steps/{step}/retry", tag = "Connections",
    params(("org" = OrgId, Path), ("connection" = ConnectionId, Path), ("step" = Step, Path)),
    responses((status = ACCEPTED, body = Connection)))]
pub(super) async fn retry(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ConnectionId, Step)>,
) -> Result<(StatusCode, Json<Connection>), Problem> {
    let (_, id, step) = at;
    actor.require(Right::WriteConnections)?;
    service::retry(&ctx, &actor, id, step).await?;
    Ok((StatusCode::ACCEPTED, Json(Connection::whole(service::get(&ctx, actor.org, id).await?))))
}

/// What was chosen.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ChoiceRequest {
    /// Meta's id of the messaging account.
    waba_id: Option<String>,
    /// Meta's id of the number; all of the account's without.
    phone_number_id: Option<String>,
    /// ISO 4217, where the operator pays.
    #[garde(inner(length(min = 3, max = 3), ascii))]
    currency: Option<String>,
}

/// Choose among several accounts or numbers, or name the currency.
#[utoipa::path(post, operation_id = "choose_account", path = "/api/v1/orgs/{org}/connections/{connection}/choice", tag = "Connections",
    params(("org" = OrgId, Path), ("connection" = ConnectionId, Path)),
    request_body = ChoiceRequest, responses((status = ACCEPTED, body = Connection)))]
pub(super) async fn choose(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ConnectionId)>,
    Json(body): Json<ChoiceRequest>,
) -> Result<(StatusCode, Json<Connection>), Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    service::choose(&ctx, actor.org, id, body.waba_id, body.phone_number_id, body.currency).await?;
    Ok((StatusCode::ACCEPTED, Json(Connection::whole(service::get(&ctx, actor.org, id).await?))))
}

/// Give a connection up that has not connected its account.
#[utoipa::path(delete, operation_id = "abandon_connection", path = "/api/v1/orgs/{org}/connections/{connection}", tag = "Connections",
    params(("org" = OrgId, Path), ("connection" = ConnectionId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn abandon(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ConnectionId)>,
) -> Result<StatusCode, Problem> {
    let (_, id) = at;
    actor.require(Right::WriteConnections)?;
    service::abandon(&ctx, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
