//! Connecting by hand.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use meta::graph::AppLogin;
use rules::connection::Mode;
use rules::id::{ConnectionId, OrgId};
use rules::role::Right;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;

use super::views::{NewMetaApp, StepTrouble};
use crate::ctx::Ctx;
use crate::http::idempotency::{IdempotencyKey, Once, once_sealed, replay_sealed};
use crate::http::{Json, OrgActor, Problem};
use crate::onboarding::service::manual::{self as service, Checked, Pasted, Report};

/// What was pasted.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ManualRequest {
    /// Meta's id of the messaging account.
    #[garde(length(max = 40))]
    waba_id: String,
    /// Meta's id of the number.
    #[garde(length(max = 40))]
    phone_number_id: String,
    /// A permanent token of a system user.
    #[garde(length(max = 4_000))]
    token: String,
    /// The id of the client's own app, where the token is that app's.
    #[garde(inner(length(max = 40)))]
    app_id: Option<String>,
    /// That app's secret.
    #[garde(inner(length(max = 200)))]
    app_secret: Option<String>,
    /// `tech_provider` unless told; `direct` for one business with its own app.
    mode: Option<Mode>,
    /// Whether the account's messages come to an address of their own.
    #[serde(default)]
    override_webhook: bool,
}

impl ManualRequest {
    /// Spaces and line ends that came along with a paste are taken off.
    fn pasted(&self) -> Pasted {
        let own_app = match (&self.app_id, &self.app_secret) {
            (None, None) => None,
            (id, secret) => Some(AppLogin {
                app_id: id.as_deref().unwrap_or("").trim().to_owned(),
                app_secret: SecretString::from(secret.as_deref().unwrap_or("").trim()),
            }),
        };
        Pasted {
            waba_id: self.waba_id.trim().to_owned(),
            phone_number_id: self.phone_number_id.trim().to_owned(),
            token: SecretString::from(self.token.trim()),
            own_app,
        }
    }
}

/// What was found of the pasted values.
#[derive(Serialize, ToSchema)]
pub struct ManualReport {
    /// Whether everything can be used.
    good: bool,
    /// Value by value, as far as the checks came.
    fields: Vec<ManualField>,
}

/// What was found of one value.
#[derive(Serialize, ToSchema)]
pub struct ManualField {
    /// `token`, `app`, `waba_id`, `phone_number_id` or `webhook`.
    field: &'static str,
    /// Whether it can be used.
    good: bool,
    /// Why not.
    problem: Option<StepTrouble>,
    /// What is odd about it, in stable words.
    warnings: Vec<&'static str>,
    /// What it turned out to be.
    found: Option<String>,
}

impl From<Report> for ManualReport {
    fn from(report: Report) -> Self {
        Self { good: report.is_good(), fields: report.fields.into_iter().map(ManualField::from).collect() }
    }
}

impl From<Checked> for ManualField {
    fn from(checked: Checked) -> Self {
        Self {
            field: checked.field,
            good: checked.stopped.is_none(),
            problem: checked.stopped.map(|stopped| StepTrouble::from(stopped).for_a_form()),
            warnings: checked.warnings,
            found: checked.found,
        }
    }
}

/// Try pasted values on Meta. Nothing is stored.
#[utoipa::path(post, operation_id = "check_manual", path = "/api/v1/orgs/{org}/connections/manual/check", tag = "Connections",
    params(("org" = OrgId, Path)), request_body = ManualRequest, responses((status = OK, body = ManualReport)))]
pub(super) async fn check(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<ManualRequest>,
) -> Result<Json<ManualReport>, Problem> {
    actor.require(Right::WriteConnections)?;
    Ok(Json(service::check(&ctx, actor.org, &body.pasted()).await?.into()))
}

/// A connection begun by hand.
#[derive(Serialize, ToSchema)]
pub struct ManualBegun {
    /// The connection.
    connection_id: ConnectionId,
    /// The client's own app, newly registered, with what to enter at Meta.
    own_app: Option<NewMetaApp>,
}

/// Connect with pasted values. They are tried again first; if one fails nothing is stored and the answer says which.
#[utoipa::path(post, operation_id = "connect_manually", path = "/api/v1/orgs/{org}/connections/manual", tag = "Connections",
    params(("org" = OrgId, Path), IdempotencyKey), request_body = ManualRequest,
    responses((status = CREATED, body = ManualBegun), (status = UNPROCESSABLE_ENTITY, body = ManualReport)))]
pub(super) async fn connect(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Once { body, key }: Once<ManualRequest>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteConnections)?;
    if let Some(replay) = replay_sealed(&ctx, &actor, key.as_ref()).await? {
        return Ok(replay);
    }
    let mode = body.mode.unwrap_or(Mode::TechProvider);
    let pasted = body.pasted();
    let report = service::check(&ctx, actor.org, &pasted).await?;
    if !report.is_good() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(ManualReport::from(report))).into_response());
    }
    let how = (mode, body.override_webhook);
    let begin = async |tx: &mut Tx| {
        let begun = service::begin(&ctx, tx, &actor, how, pasted, &report).await?;
        let own_app = begun.own_app.map(|made| NewMetaApp::told(&ctx, made));
        Ok(ManualBegun { connection_id: begun.connection, own_app })
    };
    let response = once_sealed(&ctx, &actor, key, StatusCode::CREATED, begin).await?;
    ctx.keyring.forget();
    Ok(response)
}
