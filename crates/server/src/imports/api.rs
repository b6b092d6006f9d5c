//! Imports over HTTP.

use axum::body::Body;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use garde::Validate;
use rules::id::{ContactId, ImportId, OrgId, RecordKindId};
use rules::import::{ImportField, ImportOf, ImportState, RowVerdict};
use rules::locale::Locale;
use rules::record_file::RecordColumn;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::imports::WhichRows;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::plan::{Plan, RecordPlan};
use super::report;
use super::service::{self, Columns};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query, Sentence, form};

/// The largest file.
const MOST_BYTES: usize = 20 << 20;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list_imports))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(upload_import))
                .layer(DefaultBodyLimit::max(MOST_BYTES + (1 << 20))),
        )
        .routes(routes!(get_import))
        .routes(routes!(check_import))
        .routes(routes!(check_record_import))
        .routes(routes!(run_import))
        .routes(routes!(cancel_import))
        .routes(routes!(undo_import))
        .routes(routes!(list_import_rows))
        .routes(routes!(report_import))
}

/// A file of contacts or of records that somebody brought in.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Import {
    /// Its id.
    id: ImportId,
    /// What its rows are.
    of: ImportOf,
    /// The kind of the records in it; `null`: contacts are in it.
    record_kind_id: Option<RecordKindId>,
    /// The name of the file.
    file_name: String,
    /// SHA-256 of the file, in hexadecimal; entries of the ledger name it.
    sha256: String,
    /// The sheet that was read.
    sheet: Option<String>,
    /// How far it is.
    state: ImportState,
    /// How many rows it has.
    rows: i64,
    /// How many rows came to what, as far as they were gone through.
    tally: Tally,
    /// A name for each column.
    headings: Vec<String>,
    /// What was said of its columns and of all who stand in it. Of a file of records its columns say it all.
    #[schema(value_type = Option<Plan>)]
    plan: Option<serde_json::Value>,
    /// Who brought it in.
    created_by: String,
    /// When.
    created_at: Timestamp,
    /// When it last came further.
    changed_at: Timestamp,
}

/// How many rows came, or would come, to what.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
struct Tally {
    /// New contacts or records.
    new: u64,
    /// Contacts that learnt something, or records that changed.
    updated: u64,
    /// Contacts or records of which all was known.
    unchanged: u64,
    /// Rows that cannot be taken as they are.
    faulty: u64,
    /// People who were erased and asked not to be written to.
    suppressed: u64,
    /// Among the others, people who have opted out and stay so whatever the file says.
    opt_out_wins: u64,
    /// Among the others, people whom the file calls something else than the organisation does. The file counts.
    renamed: u64,
    /// Among the others, rows about a person whom a row before them is about.
    twice: u64,
    /// Once it was taken back: contacts that came with it alone, and went again.
    removed: u64,
    /// Once it was taken back: contacts that stay, of whom what it said is withdrawn.
    kept: u64,
}

impl From<store::imports::Import> for Import {
    fn from(import: store::imports::Import) -> Self {
        Self {
            id: import.id,
            of: if import.kind_id.is_some() { ImportOf::Records } else { ImportOf::Contacts },
            record_kind_id: import.kind_id,
            file_name: import.file_name,
            sha256: hex::encode(&import.sha256),
            sheet: import.sheet,
            state: import.state,
            rows: import.row_count,
            tally: serde_json::from_value(import.tally.0).unwrap_or_default(),
            headings: import.headings.0,
            plan: import.plan.filter(|_| import.kind_id.is_none()).map(|plan| plan.0),
            created_by: import.created_by,
            created_at: import.created_at,
            changed_at: import.changed_at,
        }
    }
}

/// A file that was just read.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct UploadedImport {
    /// The import.
    #[serde(flatten)]
    import: Import,
    /// All sheets of the file; upload it again with another one's name to read that.
    sheets: Vec<String>,
    /// What the uploader should know.
    warnings: Vec<Sentence>,
}

/// An import with what its columns probably are.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ImportDetail {
    /// The import.
    #[serde(flatten)]
    import: Import,
    /// For each column what it holds, as was said of it, of a file with the same headings, or as the headings tell. Of a
    /// file of records: empty.
    columns: Vec<Option<ImportField>>,
    /// The same of a file of records, in the words of `check-records`. Of a file of contacts: empty.
    #[schema(value_type = Vec<Option<String>>)]
    record_columns: Vec<Option<RecordColumn>>,
    /// Its first rows.
    sample: Vec<ImportRow>,
}

/// A row of a file.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ImportRow {
    /// Its number, as a spreadsheet shows it.
    number: i64,
    /// What its cells hold.
    cells: Vec<String>,
    /// What becomes, or would become, of it.
    verdict: Option<RowVerdict>,
    /// What is wrong with it, or worth knowing.
    faults: Vec<RowFault>,
    /// The contact that it is, or that its record is about.
    contact_id: Option<ContactId>,
}

/// What is wrong with a row, or worth knowing about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RowFault {
    /// The column, counted from 0; `null`: the row as a whole.
    column: Option<usize>,
    /// A stable word for it.
    #[schema(example = "phone_wrong")]
    code: &'static str,
    /// What it means and what to do.
    sentence: Sentence,
}

impl From<store::imports::ImportRow> for ImportRow {
    fn from(row: store::imports::ImportRow) -> Self {
        let faults = report::faults(&row).into_iter();
        let faults = faults.map(|fault| RowFault {
            column: fault.column,
            code: fault.code.as_str(),
            sentence: report::sentence(fault.code),
        });
        Self {
            faults: faults.collect(),
            number: row.number,
            cells: row.cells.0,
            verdict: row.verdict,
            contact_id: row.contact_id,
        }
    }
}

/// The form of an upload.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the document reads it, the program reads the parts one by one")]
struct ImportForm {
    /// The kind of the records in the file; without it there are contacts in it. Put it before the file.
    record_kind_id: Option<RecordKindId>,
    /// The sheet to read; without it the first. Put it before the file.
    sheet: Option<String>,
    /// The file: CSV, XLSX, XLS or ODS, of at most 20 MB and 200,000 rows.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Which imports.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct ImportQuery {
    /// Files of these; `contacts` unless told.
    of: Option<ImportOf>,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// List imports, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/imports", tag = "Contacts", params(("org" = OrgId, Path), ImportQuery),
    responses((status = OK, body = List<Import>)))]
async fn list_imports(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<ImportQuery>,
) -> Result<Json<List<Import>>, Problem> {
    let page = PageQuery { after: query.after, limit: query.limit };
    let of = query.of.unwrap_or(ImportOf::Contacts);
    Ok(Json(service::list(&ctx, &actor, of, page.cursor()?, page.limit()).await?.into()))
}

/// Upload a file of contacts, or of records of a kind. Its rows are read and nothing else: say next which column is what
/// (`check`, or `check-records`).
#[utoipa::path(post, path = "/api/v1/orgs/{org}/imports", tag = "Contacts", params(("org" = OrgId, Path)),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = CREATED, body = UploadedImport)))]
async fn upload_import(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<UploadedImport>), Problem> {
    service::may_bring(&actor)?;
    let mut parts = form.map_err(|_| form::no_file())?;
    let (mut kind, mut sheet) = (None, None);
    while let Some(field) = parts.next_field().await.map_err(|_| form::broken())? {
        match field.name() {
            Some("sheet") => {
                let name = form::short(field, 400).await.map_err(|_| form::broken())?;
                sheet = name.filter(|name| !name.is_empty());
            }
            Some("record_kind_id") => {
                let id = form::short(field, 100).await.map_err(|_| form::broken())?.unwrap_or_default();
                kind = Some(id.parse::<RecordKindId>().map_err(|_| Problem::not_found())?);
            }
            Some("file") => {
                service::may_import(&actor, kind)?;
                let name = field.file_name().unwrap_or("contacts").to_owned();
                let bytes = whole(field).await?;
                let brought = service::bring(&ctx, &actor, kind, &name, sheet, &bytes).await?;
                let warnings = brought.head.warnings.iter();
                let warnings =
                    warnings.map(|one| Sentence { en: one.english(), id: one.indonesian() }).collect();
                let answer =
                    UploadedImport { import: brought.import.into(), sheets: brought.head.sheets, warnings };
                return Ok((StatusCode::CREATED, Json(answer)));
            }
            _ => {}
        }
    }
    Err(form::no_file())
}

/// A file, of no more than may be.
async fn whole(mut field: axum::extract::multipart::Field<'_>) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = field.chunk().await.map_err(|_| form::broken())? {
        if bytes.len() + piece.len() > MOST_BYTES {
            return Err(Problem::unprocessable(
                "file_too_large",
                "The file is larger than 20 MB. Split it into smaller files.",
            ));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

/// One import, with what its columns probably are and its first rows.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/imports/{import}", tag = "Contacts",
    params(("org" = OrgId, Path), ("import" = ImportId, Path)), responses((status = OK, body = ImportDetail)))]
async fn get_import(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ImportId)>,
) -> Result<Json<ImportDetail>, Problem> {
    let look = service::look(&ctx, &actor, path.1).await?;
    let (columns, record_columns) = match look.columns {
        Columns::OfContacts(columns) => (columns, Vec::new()),
        Columns::OfRecords(columns) => (Vec::new(), columns),
    };
    Ok(Json(ImportDetail {
        import: look.import.into(),
        columns,
        record_columns,
        sample: look.sample.into_iter().map(ImportRow::from).collect(),
    }))
}

/// Look at every row as the plan says, and change nothing: `tally` tells what would happen.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/imports/{import}/check", tag = "Contacts",
    params(("org" = OrgId, Path), ("import" = ImportId, Path)), request_body = Plan,
    responses((status = OK, body = Import)))]
async fn check_import(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ImportId)>,
    Json(plan): Json<Plan>,
) -> Result<Json<Import>, Problem> {
    Ok(Json(service::check(&ctx, &actor, path.1, plan).await?.into()))
}

/// Look at every row of a file of records as the plan says, and change nothing: `tally` tells what would happen.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/imports/{import}/check-records", tag = "Records",
    params(("org" = OrgId, Path), ("import" = ImportId, Path)), request_body = RecordPlan,
    responses((status = OK, body = Import)))]
async fn check_record_import(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ImportId)>,
    Json(plan): Json<RecordPlan>,
) -> Result<Json<Import>, Problem> {
    Ok(Json(service::check_records(&ctx, &actor, path.1, plan).await?.into()))
}

/// Make contacts or records of the rows, as they were looked at. Rows with faults are left out.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/imports/{import}/run", tag = "Contacts",
    params(("org" = OrgId, Path), ("import" = ImportId, Path)), responses((status = OK, body = Import)))]
async fn run_import(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ImportId)>,
) -> Result<Json<Import>, Problem> {
    Ok(Json(service::run(&ctx, &actor, path.1).await?.into()))
}

/// Stop an import. What was done stays.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/imports/{import}/cancel", tag = "Contacts",
    params(("org" = OrgId, Path), ("import" = ImportId, Path)), responses((status = OK, body = Import)))]
async fn cancel_import(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ImportId)>,
) -> Result<Json<Import>, Problem> {
    Ok(Json(service::cancel(&ctx, &actor, path.1).await?.into()))
}

/// Take an import back, for as long as its rows are kept (14 days). Contacts that came with it and that nobody has touched since
/// go; of the others what it said is withdrawn by an entry in the ledger, and everything else stays.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/imports/{import}/undo", tag = "Contacts",
    params(("org" = OrgId, Path), ("import" = ImportId, Path)), responses((status = OK, body = Import)))]
async fn undo_import(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ImportId)>,
) -> Result<Json<Import>, Problem> {
    Ok(Json(service::undo(&ctx, &actor, path.1).await?.into()))
}

/// Which rows.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct RowQuery {
    /// Those that come to this.
    verdict: Option<RowVerdict>,
    /// Those that are taken, with something worth knowing about them: `faults` says what. It goes before `verdict`.
    noted: Option<bool>,
    /// Those after this number.
    #[garde(range(min = 0))]
    #[param(minimum = 0)]
    after: Option<i64>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

/// Rows of a file, in their order. They are kept for 14 days.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/imports/{import}/rows", tag = "Contacts",
    params(("org" = OrgId, Path), ("import" = ImportId, Path), RowQuery), responses((status = OK, body = List<ImportRow>)))]
async fn list_import_rows(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ImportId)>,
    Query(query): Query<RowQuery>,
) -> Result<Json<List<ImportRow>>, Problem> {
    let limit = query.limit.unwrap_or(50);
    let which = match query.verdict {
        _ if query.noted == Some(true) => WhichRows::Noted,
        Some(verdict) => WhichRows::Of(verdict),
        None => WhichRows::All,
    };
    let rows = service::rows(&ctx, &actor, path.1, which, query.after.unwrap_or(0), limit).await?;
    let next = rows.last().filter(|_| rows.len() == limit).map(|row| row.number.to_string());
    Ok(Json(List { items: rows.into_iter().map(ImportRow::from).collect(), next }))
}

/// Of which rows, and in which language.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct ReportQuery {
    /// `en` unless told.
    language: Option<Locale>,
    /// The rows that are taken, with what is worth knowing about them, instead of those with faults.
    noted: Option<bool>,
}

/// The rows with faults as CSV, each with what is wrong: mend them there, and upload that file. The two columns before those of
/// the file are left out again by themselves.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/imports/{import}/report", tag = "Contacts",
    params(("org" = OrgId, Path), ("import" = ImportId, Path), ReportQuery),
    responses((status = OK, content_type = "text/csv", body = String)))]
async fn report_import(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ImportId)>,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Problem> {
    let which = if query.noted == Some(true) { WhichRows::Noted } else { WhichRows::Of(RowVerdict::Faulty) };
    let language = query.language.unwrap_or(Locale::En);
    let lines = service::faults(&ctx, &actor, path.1, which, language).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"report.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}
