//! `…/connectors…`: other systems that records are fetched from.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{ConnectorId, OrgId, RecordKindId};
use rules::time::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::connectors::{self, Desired, Round, Settings};
use super::super::odoo::{OdooApi, Trouble};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, Path, Problem, Sentence};

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list_connectors, create_connector))
        .routes(routes!(try_connector))
        .routes(routes!(get_connector, replace_connector, delete_connector))
        .routes(routes!(read_connector))
}

/// An Odoo that records are fetched from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Connector {
    /// Its id.
    id: ConnectorId,
    /// What people call it.
    title: String,
    /// What sort of system it is: `odoo`.
    system: String,
    /// What its records become.
    record_kind_id: RecordKindId,
    /// Whether it is read by itself.
    enabled: bool,
    /// Where and what is read; the key is not told.
    #[serde(flatten)]
    reads: Reads,
    /// What came of the last round.
    last_round: Option<LastRound>,
    /// When it is read next.
    next_at: Option<Timestamp>,
    /// When its settings last changed.
    updated_at: Timestamp,
}

/// Where and what is read.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, Validate)]
#[schema(as = ConnectorReads)]
struct Reads {
    /// By which of Odoo's APIs.
    #[serde(default)]
    #[garde(skip)]
    api: OdooApi,
    /// The address at which Odoo is opened.
    #[garde(length(min = 8, max = 500))]
    #[schema(example = "https://toko.odoo.com", min_length = 8, max_length = 500)]
    url: String,
    /// The name of its database.
    #[garde(length(min = 1, max = 100))]
    #[schema(example = "toko", max_length = 100)]
    database: String,
    /// The login of whoever reads. JSON-2 asks for none.
    #[serde(default)]
    #[garde(length(max = 200))]
    #[schema(example = "sapa@toko.example", max_length = 200)]
    login: String,
    /// The model that is read.
    #[garde(length(min = 1, max = 100))]
    #[schema(example = "sale.order", max_length = 100)]
    model: String,
    /// Which of its records, as Odoo's domain.
    #[serde(default)]
    #[garde(custom(a_domain))]
    #[schema(value_type = Vec<Object>, example = json!([["state", "=", "sale"]]))]
    domain: Value,
    /// Its field with the id that a record has elsewhere.
    #[serde(default = "id")]
    #[garde(length(min = 1, max = 100))]
    #[schema(example = "name", max_length = 100, default = "id")]
    external_id: String,
    /// Its field with the person whom a record is about.
    #[serde(default)]
    #[garde(length(min = 1, max = 100))]
    #[schema(example = "partner_id", max_length = 100)]
    contact: Option<String>,
    /// The field of a person with the phone number.
    #[serde(default = "phone")]
    #[garde(length(min = 1, max = 100))]
    #[schema(example = "phone", max_length = 100, default = "phone")]
    phone: String,
    /// The fields of our records, each with its field there.
    #[garde(length(max = 50))]
    #[schema(example = json!({ "expires_on": "validity_date", "fee": "amount_total" }))]
    fields: BTreeMap<String, String>,
    /// How many minutes lie between two rounds.
    #[garde(range(min = 5, max = 10_080))]
    #[schema(minimum = 5, maximum = 10_080, example = 60)]
    every_minutes: u64,
}

fn id() -> String {
    "id".to_owned()
}

fn phone() -> String {
    "phone".to_owned()
}

fn a_domain(domain: &Value, _: &()) -> garde::Result {
    let small = domain.to_string().len() <= 4_000;
    if domain.is_null() || (domain.is_array() && small) {
        return Ok(());
    }
    Err(garde::Error::new("is not a list such as [[\"state\", \"=\", \"sale\"]]"))
}

/// What came of a round.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConnectorRound)]
struct LastRound {
    /// When it began.
    began_at: Option<Timestamp>,
    /// When it ended; `null`: it is under way.
    ended_at: Option<Timestamp>,
    /// Records that are new.
    created: i64,
    /// Records that stood otherwise.
    changed: i64,
    /// Records that stood like that.
    same: i64,
    /// Records that were refused.
    refused: i64,
    /// The first that were refused, and why.
    refusals: Vec<Refusal>,
    /// Why it ended early.
    problem: Option<ConnectorProblem>,
}

/// A record that was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConnectorRefusal)]
struct Refusal {
    /// What it is called there.
    external_id: String,
    /// Why.
    why: String,
}

/// Why nothing was read.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ConnectorProblem {
    /// The code.
    #[schema(example = "wrong_login")]
    code: &'static str,
    /// What is wrong and what to do.
    detail: Sentence,
}

impl From<Trouble> for ConnectorProblem {
    fn from(trouble: Trouble) -> Self {
        Self { code: trouble.code(), detail: trouble.sentence() }
    }
}

impl From<Round> for LastRound {
    fn from(round: Round) -> Self {
        Self {
            began_at: round.began_at,
            ended_at: round.ended_at,
            created: round.created,
            changed: round.changed,
            same: round.same,
            refused: round.refused,
            refusals: round
                .refusals
                .into_iter()
                .map(|(external_id, why)| Refusal { external_id, why })
                .collect(),
            problem: round.trouble.map(Into::into),
        }
    }
}

impl From<Settings> for Reads {
    fn from(settings: Settings) -> Self {
        Self {
            api: settings.api,
            url: settings.url,
            database: settings.database,
            login: settings.login,
            model: settings.model,
            domain: settings.domain,
            external_id: settings.external_id,
            contact: settings.contact,
            phone: settings.phone,
            fields: settings.fields,
            every_minutes: settings.every_minutes,
        }
    }
}

impl From<Reads> for Settings {
    fn from(reads: Reads) -> Self {
        Self {
            api: reads.api,
            url: reads.url.trim().to_owned(),
            database: reads.database,
            login: reads.login,
            model: reads.model,
            domain: if reads.domain.is_null() { Value::Array(Vec::new()) } else { reads.domain },
            external_id: reads.external_id,
            contact: reads.contact,
            phone: reads.phone,
            fields: reads.fields,
            every_minutes: reads.every_minutes,
        }
    }
}

fn view(connector: store::connectors::Connector) -> Result<Connector, Problem> {
    let settings: Settings =
        serde_json::from_value(connector.settings.0).map_err(|error| Problem::internal(&error))?;
    let round = connector.last_run.and_then(|round| serde_json::from_value::<Round>(round.0).ok());
    Ok(Connector {
        id: connector.id,
        title: connector.title,
        system: connector.system,
        record_kind_id: connector.kind_id,
        enabled: connector.enabled,
        reads: settings.into(),
        last_round: round.map(Into::into),
        next_at: connector.enabled.then_some(connector.next_at),
        updated_at: connector.updated_at,
    })
}

/// What a connector is to be.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
struct NewConnector {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 80))]
    #[schema(min_length = 1, max_length = 80, example = "Odoo")]
    title: String,
    /// What its records become.
    #[garde(skip)]
    record_kind_id: RecordKindId,
    /// The API key, or password, of the login. Absent: the one that was given before.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, max_length = 500)]
    key: Option<SecretString>,
    /// Whether it is read by itself.
    #[serde(default = "yes")]
    #[garde(skip)]
    #[schema(default = true)]
    enabled: bool,
    /// Where and what to read.
    #[serde(flatten)]
    #[garde(dive)]
    reads: Reads,
}

fn yes() -> bool {
    true
}

impl From<NewConnector> for Desired {
    fn from(new: NewConnector) -> Self {
        Self {
            title: new.title,
            kind: new.record_kind_id,
            settings: new.reads.into(),
            key: new.key,
            enabled: new.enabled,
        }
    }
}

/// A connector to try.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
struct TryConnector {
    /// The connector whose key is used where none is given.
    #[serde(default)]
    #[garde(skip)]
    connector_id: Option<ConnectorId>,
    /// The connector.
    #[serde(flatten)]
    #[garde(dive)]
    connector: NewConnector,
}

/// What came of trying.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Tried {
    /// Why nothing can be read; `null`: it works.
    problem: Option<ConnectorProblem>,
    /// The first records as they would be read.
    #[schema(value_type = Vec<Object>)]
    records: Vec<Map<String, Value>>,
}

/// List connectors, by title.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/connectors", tag = "Records", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<Connector>)))]
async fn list_connectors(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<List<Connector>>, Problem> {
    let all = connectors::list(&ctx, &actor).await?;
    Ok(Json(List { items: all.into_iter().map(view).collect::<Result<_, _>>()?, next: None }))
}

/// Fetch records from an Odoo. It is read at once, and again and again.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/connectors", tag = "Records", params(("org" = OrgId, Path)),
    request_body = NewConnector, responses((status = CREATED, body = Connector)))]
async fn create_connector(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewConnector>,
) -> Result<(StatusCode, Json<Connector>), Problem> {
    let connector = connectors::keep(&ctx, &actor, None, body.into()).await?;
    Ok((StatusCode::CREATED, Json(view(connector)?)))
}

/// Try a connector: sign in, and read the first records. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/connectors/try", tag = "Records", params(("org" = OrgId, Path)),
    request_body = TryConnector, responses((status = OK, body = Tried)))]
async fn try_connector(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<TryConnector>,
) -> Result<Json<Tried>, Problem> {
    let desired = body.connector.into();
    Ok(Json(match connectors::try_out(&ctx, &actor, body.connector_id, &desired).await? {
        Ok(records) => Tried { problem: None, records },
        Err(trouble) => Tried { problem: Some(trouble.into()), records: Vec::new() },
    }))
}

/// Read a connector and what came of its last round.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/connectors/{connector}", tag = "Records",
    params(("org" = OrgId, Path), ("connector" = ConnectorId, Path)), responses((status = OK, body = Connector)))]
async fn get_connector(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConnectorId)>,
) -> Result<Json<Connector>, Problem> {
    Ok(Json(view(connectors::get(&ctx, &actor, path.1).await?)?))
}

/// Change a connector.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/connectors/{connector}", tag = "Records",
    params(("org" = OrgId, Path), ("connector" = ConnectorId, Path)), request_body = NewConnector,
    responses((status = OK, body = Connector)))]
async fn replace_connector(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConnectorId)>,
    Json(body): Json<NewConnector>,
) -> Result<Json<Connector>, Problem> {
    Ok(Json(view(connectors::keep(&ctx, &actor, Some(path.1), body.into()).await?)?))
}

/// Remove a connector. The records that came from it stay.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/connectors/{connector}", tag = "Records",
    params(("org" = OrgId, Path), ("connector" = ConnectorId, Path)), responses((status = NO_CONTENT)))]
async fn delete_connector(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConnectorId)>,
) -> Result<StatusCode, Problem> {
    connectors::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read from a connector at once.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/connectors/{connector}/read", tag = "Records",
    params(("org" = OrgId, Path), ("connector" = ConnectorId, Path)), responses((status = ACCEPTED, body = Connector)))]
async fn read_connector(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ConnectorId)>,
) -> Result<(StatusCode, Json<Connector>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(view(connectors::read_now(&ctx, &actor, path.1).await?)?)))
}
