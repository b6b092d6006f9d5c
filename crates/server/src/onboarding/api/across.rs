//! Connections of all organisations, and the operator's own links, for whoever runs the installation.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::connection::{Entry, Mode, Standing, Step, Turn};
use rules::id::{ConnectInviteId, ConnectionId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::connections::{ConnectionAcross, OpenInvite};
use utoipa::{IntoParams, ToSchema};

use super::views::{StepTrouble, Words};
use crate::ctx::Ctx;
use crate::http::{Json, List, OperatorActor, PageQuery, Path, Problem, Query};
use crate::onboarding::service::across as service;
use crate::onboarding::service::by::By;
use crate::onboarding::service::invites;

/// Which connections.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub(super) struct AcrossQuery {
    /// Only those that stand so.
    state: Option<Standing>,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// An organisation, as far as a list names it.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganisationNamed)]
pub struct Named {
    /// Its id.
    id: OrgId,
    /// Its name.
    name: String,
    /// Its name in addresses.
    slug: String,
}

/// A connection among those of all organisations.
#[derive(Serialize, ToSchema)]
pub struct OperatorConnection {
    /// Its id.
    id: ConnectionId,
    /// Whose.
    organisation: Named,
    /// The messaging account's name, once connected.
    account_name: Option<String>,
    /// Meta's id of the messaging account, once known.
    waba_id: Option<String>,
    /// The account's numbers as people write them.
    numbers: Vec<String>,
    /// Who pays, whose app.
    mode: Mode,
    /// How the client came in.
    entry: Entry,
    /// How it stands.
    state: Standing,
    /// The same in a sentence.
    sentence: Words,
    /// The step at which it is; `null` before the first.
    step: Option<Step>,
    /// Whose turn it is; `null` where it goes on by itself or is over.
    turn: Option<Turn>,
    /// What stops it.
    problem: Option<StepTrouble>,
    /// When it began.
    created_at: Timestamp,
    /// When it changed last.
    updated_at: Timestamp,
}

impl From<ConnectionAcross> for OperatorConnection {
    fn from(row: ConnectionAcross) -> Self {
        Self {
            step: service::current_step(&row.steps).map(|step| step.step),
            turn: service::turn(row.state, &row.steps),
            problem: service::trouble(&row.steps).cloned().map(StepTrouble::from),
            id: row.id,
            organisation: Named { id: row.org_id, name: row.org_name, slug: row.org_slug },
            account_name: row.account_name,
            waba_id: row.waba_id,
            numbers: row.numbers,
            mode: row.mode,
            entry: row.entry,
            state: row.state,
            sentence: Words { en: row.state.english(), id: row.state.indonesian() },
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The connections of all organisations, newest first.
#[utoipa::path(get, operation_id = "list_all_connections", path = "/api/v1/operator/connections", tag = "Operator",
    params(AcrossQuery), responses((status = OK, body = List<OperatorConnection>)))]
pub(super) async fn list(
    State(ctx): State<Ctx>,
    _: OperatorActor,
    Query(query): Query<AcrossQuery>,
) -> Result<Json<List<OperatorConnection>>, Problem> {
    let page = PageQuery { after: query.after, limit: query.limit };
    Ok(Json(service::connections(&ctx, query.state, page.cursor()?, page.limit()).await?.into()))
}

/// A link of the operator's that can still be used.
#[derive(Serialize, ToSchema)]
pub struct OperatorInvite {
    /// Its id.
    id: ConnectInviteId,
    /// For which organisation.
    org_id: OrgId,
    /// The organisation's name.
    organisation: String,
    /// Who pays, whose app.
    mode: Mode,
    /// What its maker wrote on it.
    note: String,
    /// Who made it, as in the audit log.
    created_by: String,
    /// When.
    created_at: Timestamp,
    /// When it ends.
    expires_at: Timestamp,
    /// When it was opened first.
    opened_at: Option<Timestamp>,
    /// When a connection was begun with it.
    used_at: Option<Timestamp>,
}

impl From<OpenInvite> for OperatorInvite {
    fn from(row: OpenInvite) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            organisation: row.org_name,
            mode: row.mode,
            note: row.note,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            opened_at: row.opened_at,
            used_at: row.used_at,
        }
    }
}

/// The links that operators made and that can still be used, newest first.
#[utoipa::path(get, operation_id = "list_open_connect_invites", path = "/api/v1/operator/connect-invites", tag = "Operator",
    params(PageQuery), responses((status = OK, body = List<OperatorInvite>)))]
pub(super) async fn list_invites(
    State(ctx): State<Ctx>,
    _: OperatorActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<OperatorInvite>>, Problem> {
    Ok(Json(service::open_invites(&ctx, page.cursor()?, page.limit()).await?.into()))
}

/// Take a link back as operator.
#[utoipa::path(delete, operation_id = "revoke_connect_invite_as_operator",
    path = "/api/v1/operator/orgs/{org}/connect-invites/{invite}", tag = "Operator",
    params(("org" = OrgId, Path), ("invite" = ConnectInviteId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn revoke_invite(
    State(ctx): State<Ctx>,
    actor: OperatorActor,
    Path((org, id)): Path<(OrgId, ConnectInviteId)>,
) -> Result<StatusCode, Problem> {
    invites::revoke(&ctx, org, By::Operator(&actor), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
