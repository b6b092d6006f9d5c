//! Invite links: made by members and operators, used by people without an account.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use rules::connection::{Mode, Variant};
use rules::id::{AppId, ConnectInviteId, OrgId};
use rules::role::Right;
use rules::time::span;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;

use super::callback::tie;
use super::connections::{CodeRequest, EventRequest};
use super::views::{ConnectInvite, Connection, Dialog};
use crate::ctx::Ctx;
use crate::http::idempotency::{Asker, IdempotencyKey, Once, once_sealed};
use crate::http::{Json, List, OperatorActor, OrgActor, Path, Problem};
use crate::onboarding::service::by::By;
use crate::onboarding::service::connect::{Returned, take_code, take_event};
use crate::onboarding::service::invites::{self as service, NewInvite};

/// A link to make.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(as = ConnectInviteRequest)]
pub struct InviteRequest {
    /// Through which Meta app; may be left out where there is only one.
    app_id: Option<AppId>,
    /// Who pays, whose app.
    mode: Mode,
    /// `standard` unless told.
    variant: Option<Variant>,
    /// What the client reads on it.
    #[serde(default)]
    #[garde(length(chars, max = 300))]
    note: String,
    /// How many days it lasts: 7 unless told, at most 30.
    #[garde(range(min = 1, max = 30))]
    days: Option<u64>,
}

impl From<InviteRequest> for NewInvite {
    fn from(body: InviteRequest) -> Self {
        let lasts: Duration = span::days(body.days.unwrap_or(7));
        Self {
            app: body.app_id,
            mode: body.mode,
            variant: body.variant.unwrap_or(Variant::Standard),
            note: body.note,
            lasts,
        }
    }
}

/// A link that was just made.
#[derive(Serialize, ToSchema)]
pub struct NewConnectInvite {
    /// The link's facts.
    invite: ConnectInvite,
    /// The token; told this once. Whoever holds it may connect one account to the organisation, and nothing else.
    token: String,
    /// The address to send.
    link: String,
}

fn told(ctx: &Ctx, made: (store::signup::ConnectInvite, crate::identity::Token)) -> NewConnectInvite {
    let (invite, token) = made;
    let base = ctx.settings.public_url.as_str().trim_end_matches('/');
    // After `#`, so that it is in no log and no `Referer`.
    let link = format!("{base}/connect#{}", token.reveal());
    NewConnectInvite { invite: invite.into(), token: token.reveal().to_owned(), link }
}

/// Make a link with which somebody without an account connects a messaging account.
#[utoipa::path(post, operation_id = "create_connect_invite", path = "/api/v1/orgs/{org}/connect-invites", tag = "Connections",
    params(("org" = OrgId, Path), IdempotencyKey), request_body = InviteRequest,
    responses((status = CREATED, body = NewConnectInvite)))]
pub(super) async fn create(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Once { body, key }: Once<InviteRequest>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteConnections)?;
    let by = By::Organisation(&actor);
    let make =
        async |tx: &mut Tx| Ok(told(&ctx, service::create(&ctx, tx, actor.org, by, body.into()).await?));
    once_sealed(&ctx, &actor, key, StatusCode::CREATED, make).await
}

/// Make such a link as operator. It may be for every mode, whether or not the organisation may choose it itself.
#[utoipa::path(post, operation_id = "create_connect_invite_as_operator", path = "/api/v1/operator/orgs/{org}/connect-invites", tag = "Operator",
    params(("org" = OrgId, Path), IdempotencyKey), request_body = InviteRequest,
    responses((status = CREATED, body = NewConnectInvite)))]
pub(super) async fn create_as_operator(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path(org): Path<OrgId>,
    Once { body, key }: Once<InviteRequest>,
) -> Result<Response, Problem> {
    let by = By::Operator(&actor);
    let make = async |tx: &mut Tx| Ok(told(&ctx, service::create(&ctx, tx, org, by, body.into()).await?));
    once_sealed(&ctx, Asker::operator(&actor, org), key, StatusCode::CREATED, make).await
}

/// The organisation's links.
#[utoipa::path(get, operation_id = "list_connect_invites", path = "/api/v1/orgs/{org}/connect-invites", tag = "Connections",
    params(("org" = OrgId, Path)), responses((status = OK, body = List<ConnectInvite>)))]
pub(super) async fn list(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<ConnectInvite>>, Problem> {
    actor.require(Right::ReadConnections)?;
    Ok(Json(List::whole(service::list(&ctx, actor.org).await?)))
}

/// Take a link back.
#[utoipa::path(delete, operation_id = "revoke_connect_invite", path = "/api/v1/orgs/{org}/connect-invites/{invite}", tag = "Connections",
    params(("org" = OrgId, Path), ("invite" = ConnectInviteId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn revoke(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, ConnectInviteId)>,
) -> Result<StatusCode, Problem> {
    let (org, id) = at;
    actor.require(Right::WriteConnections)?;
    service::revoke(&ctx, org, By::Organisation(&actor), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the holder of a link sees.
#[derive(Serialize, ToSchema)]
pub struct OpenInvite {
    /// What its maker wrote on it.
    note: String,
    /// The organisation that is connected to.
    organisation: String,
    /// Its language.
    locale: String,
    /// Who pays, whose app.
    mode: Mode,
    /// The link's connection, once begun.
    connection: Option<Connection>,
    /// The numbers that it has connected, as people write them.
    numbers: Vec<String>,
}

/// Open a link. No account is needed; the token is the only proof.
#[utoipa::path(get, operation_id = "open_connect_invite", path = "/api/v1/invites/{token}", tag = "Invite links", security(()),
    params(("token" = String, Path)), responses((status = OK, body = OpenInvite)))]
pub(super) async fn open(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
) -> Result<Json<OpenInvite>, Problem> {
    let invite = service::find(&ctx, &token).await?;
    let begun = service::open(&ctx, &invite).await?;
    let connection = match begun {
        Some(_) => Some(Connection::whole(service::connection(&ctx, &invite).await?)),
        None => None,
    };
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(invite.org_id).await?;
    let org = scope.org().await?.ok_or_else(Problem::not_found)?;
    let numbers = match connection.as_ref().and_then(Connection::account) {
        Some(account) => scope.numbers(Some(account)).await?,
        None => Vec::new(),
    };
    Ok(Json(OpenInvite {
        note: invite.note,
        organisation: org.name,
        locale: org.locale.to_string(),
        mode: invite.mode,
        connection,
        numbers: numbers.into_iter().map(|number| number.display).collect(),
    }))
}

/// Go to the dialog with a link.
#[utoipa::path(post, operation_id = "open_dialog_by_invite", path = "/api/v1/invites/{token}/dialog", tag = "Invite links", security(()),
    params(("token" = String, Path)), responses((status = OK, body = Dialog)))]
pub(super) async fn dialog(State(ctx): State<Ctx>, Path(token): Path<String>) -> Result<Response, Problem> {
    let invite = service::find(&ctx, &token).await?;
    let dialog = service::start(&ctx, &invite).await?;
    let state = dialog.state.clone();
    let mut response = Json(Dialog::from(dialog)).into_response();
    tie(&ctx, &mut response, &state);
    Ok(response)
}

/// Hand in the code of the dialog with a link.
#[utoipa::path(post, operation_id = "post_code_by_invite", path = "/api/v1/invites/{token}/code", tag = "Invite links", security(()),
    params(("token" = String, Path)), request_body = CodeRequest,
    responses((status = ACCEPTED, body = Connection)))]
pub(super) async fn post_code(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    Json(body): Json<CodeRequest>,
) -> Result<(StatusCode, Json<Connection>), Problem> {
    let invite = service::find(&ctx, &token).await?;
    let (connection, _) = service::connection(&ctx, &invite).await?;
    let code = SecretString::from(body.code);
    let name = service::actor(&invite);
    take_code(&ctx, Some(&name), Some(connection.id), &body.state, code, Returned::BySdk).await?;
    let found = service::connection(&ctx, &invite).await?;
    Ok((StatusCode::ACCEPTED, Json(Connection::whole(found))))
}

/// Hand in an event of the dialog with a link.
#[utoipa::path(post, operation_id = "post_event_by_invite", path = "/api/v1/invites/{token}/event", tag = "Invite links", security(()),
    params(("token" = String, Path)), request_body = EventRequest, responses((status = NO_CONTENT)))]
pub(super) async fn post_event(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    Json(body): Json<EventRequest>,
) -> Result<StatusCode, Problem> {
    let invite = service::find(&ctx, &token).await?;
    let (connection, _) = service::connection(&ctx, &invite).await?;
    take_event(&ctx, &service::actor(&invite), connection.id, &body.state, &body.event).await?;
    Ok(StatusCode::NO_CONTENT)
}
