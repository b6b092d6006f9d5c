//! `…/record-kinds…`.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{OrgId, RecordKindId};
use rules::record::{Field, FieldKind, is_key};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::kinds::{self, Wanted};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, Path, Problem};

/// The most fields that a kind names.
const MOST_FIELDS: usize = 50;

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(list_record_kinds, create_record_kind)).routes(routes!(
        get_record_kind,
        replace_record_kind,
        delete_record_kind
    ))
}

/// A kind of records.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RecordKind {
    /// Its id.
    id: RecordKindId,
    /// What programs call it.
    #[schema(example = "permit")]
    name: String,
    /// What people call it.
    title: String,
    /// The fields that its records have.
    fields: Vec<Field>,
    /// How many records there are of it.
    records: i64,
    /// When it was made.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

impl From<(store::records::RecordKind, i64)> for RecordKind {
    fn from((kind, records): (store::records::RecordKind, i64)) -> Self {
        Self {
            id: kind.id,
            name: kind.name,
            title: kind.title,
            fields: kind.fields.0,
            records,
            created_at: kind.created_at,
            updated_at: kind.updated_at,
        }
    }
}

/// What a kind is to be.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct NewRecordKind {
    /// What programs call it: small letters, digits and `_`.
    #[garde(custom(a_key))]
    #[schema(example = "permit", max_length = 40)]
    name: String,
    /// What people call it.
    #[garde(custom(filled), length(chars, max = 80))]
    #[schema(min_length = 1, max_length = 80, example = "Permits")]
    title: String,
    /// The fields that its records have, in the order in which they are shown.
    #[serde(default)]
    #[garde(length(max = MOST_FIELDS), custom(fit_fields))]
    #[schema(max_items = 50)]
    fields: Vec<Field>,
}

impl From<NewRecordKind> for Wanted {
    fn from(kind: NewRecordKind) -> Self {
        Self { name: kind.name, title: kind.title, fields: kind.fields }
    }
}

fn a_key(text: &str, _: &()) -> garde::Result {
    if is_key(text) {
        return Ok(());
    }
    Err(garde::Error::new(
        "must begin with a small letter and have small letters, digits and _ only, at most 40",
    ))
}

fn filled(text: &str, _: &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("must not be empty")) } else { Ok(()) }
}

fn fit_fields(fields: &[Field], ctx: &()) -> garde::Result {
    for (n, field) in fields.iter().enumerate() {
        let wrong = |what: &str| Err(garde::Error::new(format!("{}: {what}", field.key)));
        a_key(&field.key, ctx)?;
        if fields.iter().take(n).any(|other| other.key == field.key) {
            return wrong("stands there twice");
        }
        if field.label.trim().is_empty() || field.label.chars().count() > 80 {
            return wrong("needs a label of 1 to 80 characters");
        }
        let currency = field.currency.as_deref().unwrap_or("IDR");
        let three = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if !three || (field.currency.is_some() && field.kind != FieldKind::Money) {
            return wrong("a currency is three capital letters, and only money has one");
        }
    }
    Ok(())
}

/// List kinds of records, by title.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/record-kinds", tag = "Records", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<RecordKind>)))]
async fn list_record_kinds(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<RecordKind>>, Problem> {
    Ok(Json(List::whole(kinds::list(&ctx, &actor).await?)))
}

/// Make a kind of records.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/record-kinds", tag = "Records", params(("org" = OrgId, Path)),
    request_body = NewRecordKind, responses((status = CREATED, body = RecordKind)))]
async fn create_record_kind(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewRecordKind>,
) -> Result<(StatusCode, Json<RecordKind>), Problem> {
    Ok((StatusCode::CREATED, Json(kinds::keep(&ctx, &actor, None, body.into()).await?.into())))
}

/// Read a kind of records.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/record-kinds/{record_kind}", tag = "Records",
    params(("org" = OrgId, Path), ("record_kind" = RecordKindId, Path)), responses((status = OK, body = RecordKind)))]
async fn get_record_kind(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RecordKindId)>,
) -> Result<Json<RecordKind>, Problem> {
    Ok(Json(kinds::get(&ctx, &actor, path.1).await?.into()))
}

/// Change a kind of records. Records stay as they are; a new field is read from them as they are put again.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/record-kinds/{record_kind}", tag = "Records",
    params(("org" = OrgId, Path), ("record_kind" = RecordKindId, Path)), request_body = NewRecordKind,
    responses((status = OK, body = RecordKind)))]
async fn replace_record_kind(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RecordKindId)>,
    Json(body): Json<NewRecordKind>,
) -> Result<Json<RecordKind>, Problem> {
    Ok(Json(kinds::keep(&ctx, &actor, Some(path.1), body.into()).await?.into()))
}

/// Remove a kind that has no records.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/record-kinds/{record_kind}", tag = "Records",
    params(("org" = OrgId, Path), ("record_kind" = RecordKindId, Path)),
    responses((status = NO_CONTENT), (status = CONFLICT, description = "It has records", body = crate::http::problem::Details)))]
async fn delete_record_kind(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RecordKindId)>,
) -> Result<StatusCode, Problem> {
    kinds::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}
