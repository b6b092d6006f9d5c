//! `…/records…`.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use garde::Validate;
use rules::day::Day;
use rules::id::{ContactId, OrgId, RecordId, RecordKindId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::records::{RecordFilter, WrittenRecord};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::service::{self, Outcome, Shown, Wanted};
use super::super::values;
use super::super::whom::Whom;
use crate::ctx::Ctx;
use crate::http::problem::FieldError;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};

/// So many records at once may be this large as JSON.
const BULK_BYTES: usize = 20 << 20;
/// The most records at once.
const MOST: usize = 1_000;

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    let bulk = OpenApiRouter::new().routes(routes!(put_records)).layer(DefaultBodyLimit::max(BULK_BYTES));
    OpenApiRouter::new()
        .merge(bulk)
        .routes(routes!(list_records, put_record))
        .routes(routes!(get_record, delete_record))
}

/// A business record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Record {
    /// Its id.
    id: RecordId,
    /// Its kind.
    record_kind_id: RecordKindId,
    /// The name of its kind.
    kind: String,
    /// What it is called where it comes from.
    external_id: String,
    /// Whom it is about.
    contact: Option<About>,
    /// What stands in it, by the keys of its kind's fields: text, numbers, days as `2026-12-21`, true or false. What was put
    /// under other keys stands as it was put.
    #[schema(value_type = HashMap<String, Value>, example = json!({ "title": "Izin usaha", "expires_on": "2026-12-21", "fee": 250_000 }))]
    data: Map<String, Value>,
    /// When it was made.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

/// Whom a record is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RecordAbout)]
struct About {
    /// The contact.
    id: ContactId,
    /// What to call them.
    name: String,
    /// Their phone number in international digits.
    phone: Option<String>,
}

impl From<Shown> for Record {
    fn from(shown: Shown) -> Self {
        let Shown { record, kind, contact } = shown;
        Self {
            id: record.id,
            record_kind_id: kind.id,
            kind: kind.name,
            external_id: record.external_id,
            contact: contact.map(|contact| About {
                id: contact.id,
                name: contact.display_name(),
                phone: contact.phone.map(|phone| phone.digits().to_owned()),
            }),
            data: values::together(&record.dates.0, &record.data.0),
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

/// A record as it is to stand.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewRecord {
    /// What it is called where it comes from; no two of a kind have the same.
    #[schema(min_length = 1, max_length = 200, example = "SIUP-2024-118")]
    external_id: String,
    /// Whom it is about.
    #[serde(default)]
    contact: Option<Whom>,
    /// What stands in it, by the keys of its kind's fields: text, numbers, days as `2026-12-21`, true or false. Other keys are
    /// kept as they are. At most 16 kB.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>, example = json!({ "title": "Izin usaha", "expires_on": "2026-12-21", "fee": 250_000 }))]
    data: Map<String, Value>,
}

impl From<NewRecord> for Wanted {
    fn from(record: NewRecord) -> Self {
        Self { external_id: record.external_id, contact: record.contact, data: record.data }
    }
}

/// A record of a kind, as it is to stand.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct PutRecord {
    /// The name of its kind.
    #[schema(example = "permit")]
    kind: String,
    /// What it is called where it comes from; no two of a kind have the same.
    #[schema(min_length = 1, max_length = 200, example = "SIUP-2024-118")]
    external_id: String,
    /// Whom it is about.
    #[serde(default)]
    contact: Option<Whom>,
    /// What stands in it, by the keys of its kind's fields: text, numbers, days as `2026-12-21`, true or false. Other keys are
    /// kept as they are. At most 16 kB.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>, example = json!({ "title": "Izin usaha", "expires_on": "2026-12-21", "fee": 250_000 }))]
    data: Map<String, Value>,
}

/// Records of a kind, as they are to stand.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct PutRecords {
    /// The name of their kind.
    #[schema(example = "permit")]
    kind: String,
    /// The records.
    #[garde(length(min = 1, max = MOST))]
    #[schema(min_items = 1, max_items = 1_000)]
    records: Vec<NewRecord>,
}

/// What became of one of many records.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PutRecordResult)]
struct Became {
    /// Its place among those sent.
    index: usize,
    /// `created`, `changed`, `same` or `refused`.
    #[schema(example = "created")]
    result: &'static str,
    /// Its id, unless it was refused.
    id: Option<RecordId>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

fn became((index, outcome): (usize, Outcome)) -> Became {
    let (result, id, errors) = match outcome {
        Outcome::Written(WrittenRecord::Created(id)) => ("created", Some(id), Vec::new()),
        Outcome::Written(WrittenRecord::Changed(id)) => ("changed", Some(id), Vec::new()),
        Outcome::Written(WrittenRecord::Same(id)) => ("same", Some(id), Vec::new()),
        Outcome::Refused(errors) => ("refused", None, errors),
    };
    Became { index, result, id, errors }
}

/// Which records a list holds: those that fit everything given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct RecordQuery {
    /// Of the kind of this name.
    kind: Option<String>,
    /// About this contact.
    contact_id: Option<ContactId>,
    /// With this in the external id or in a value, in any case.
    #[garde(length(max = 200))]
    q: Option<String>,
    /// With a day in this field.
    date_field: Option<String>,
    /// With no earlier day in that field.
    #[param(value_type = Option<Day>)]
    from: Option<Day>,
    /// With no later day in that field.
    #[param(value_type = Option<Day>)]
    until: Option<Day>,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// List records, the newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/records", tag = "Records", params(("org" = OrgId, Path), RecordQuery),
    responses((status = OK, body = List<Record>)))]
async fn list_records(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<RecordQuery>,
) -> Result<Json<List<Record>>, Problem> {
    if query.date_field.is_none() && (query.from.is_some() || query.until.is_some()) {
        return Err(Problem::invalid_field("date_field", "says which day `from` and `until` are about"));
    }
    let page = PageQuery { after: query.after, limit: query.limit };
    let filter = RecordFilter {
        kind: None,
        contact: query.contact_id,
        date: query.date_field.map(|field| (field, query.from, query.until)),
        text: query.q,
    };
    let kind = query.kind.as_deref();
    Ok(Json(service::list(&ctx, &actor, kind, filter, page.cursor()?, page.limit()).await?.into()))
}

/// Have a record stand like this, whether or not it is there. To send it again changes nothing.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/records", tag = "Records", params(("org" = OrgId, Path)),
    request_body = PutRecord,
    responses((status = OK, description = "It was there", body = Record), (status = CREATED, body = Record)))]
async fn put_record(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<PutRecord>,
) -> Result<(StatusCode, Json<Record>), Problem> {
    let PutRecord { kind, external_id, contact, data } = body;
    let (shown, new) = service::put(&ctx, &actor, &kind, Wanted { external_id, contact, data }).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(shown.into())))
}

/// Have up to 1,000 records of a kind stand like this. Each is judged by itself; to send them again changes nothing.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/records/bulk", tag = "Records", params(("org" = OrgId, Path)),
    request_body = PutRecords, responses((status = OK, body = List<Became>)))]
async fn put_records(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<PutRecords>,
) -> Result<Json<List<Became>>, Problem> {
    let wanted = body.records.into_iter().map(Wanted::from).collect();
    let outcomes = service::put_many(&ctx, &actor, &body.kind, wanted).await?;
    Ok(Json(List::whole(outcomes.into_iter().enumerate().map(became))))
}

/// Read a record.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/records/{record}", tag = "Records",
    params(("org" = OrgId, Path), ("record" = RecordId, Path)), responses((status = OK, body = Record)))]
async fn get_record(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RecordId)>,
) -> Result<Json<Record>, Problem> {
    Ok(Json(service::get(&ctx, &actor, path.1).await?.into()))
}

/// Remove a record. What was sent because of it stays.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/records/{record}", tag = "Records",
    params(("org" = OrgId, Path), ("record" = RecordId, Path)), responses((status = NO_CONTENT)))]
async fn delete_record(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RecordId)>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}
