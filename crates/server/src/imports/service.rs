//! Imports as use cases.

use bytes::Bytes;
use documents::{Head, Limits, ParseError, Row, Upload, Wanted, open_table};
use rules::id::{ImportId, RecordKindId};
use rules::import::{ImportField, ImportOf, ImportState, guess};
use rules::locale::Locale;
use rules::record_file::{self, RecordColumn};
use rules::role::Right;
use rules::time::Timestamp;
use serde_json::json;
use store::imports::{Import, ImportRow, WhichRows};
use store::{Cursor, Json, OrgScope, Page};

use super::job::go_on_later;
use super::plan::{Plan, RecordPlan};
use super::report;
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem, Sentence};
use crate::media::BlobHash;

/// Tells whoever watches that an import came further.
pub(super) fn announce(scope: &mut OrgScope<'_>, import: ImportId, now: Timestamp) -> store::Result<()> {
    scope.publish("import.updated", &json!({ "import_id": import }), now)
}

/// A file that was just read.
pub(super) struct Brought {
    pub import: Import,
    pub head: Head,
}

/// Reads a file into rows: of contacts, or of records of a kind. Nothing else changes.
pub(super) async fn bring(
    ctx: &Ctx,
    actor: &OrgActor,
    kind: Option<RecordKindId>,
    file_name: &str,
    sheet: Option<String>,
    bytes: &Bytes,
) -> Result<Brought, Problem> {
    may_import(actor, kind)?;
    if let Some(kind) = kind {
        let mut tx = ctx.store.read().await?;
        tx.org(actor.org).await?.record_kind(kind).await?.ok_or_else(Problem::not_found)?;
    }
    let wanted = Wanted { sheet, heading_row: None };
    let upload = Upload { filename: file_name, declared: None, bytes };
    let mut table =
        open_table(&ctx.parse_document, upload, &wanted, &Limits::for_tables()).await.map_err(unreadable)?;
    let head = table.head().clone();
    let own = report::own_columns(&head.headings);
    let now = ctx.now();
    let mut import = Import {
        id: ImportId::fresh(now, ctx.chance()),
        kind_id: kind,
        file_name: file_name.chars().take(200).collect(),
        sha256: BlobHash::of(bytes).as_bytes().to_vec(),
        sheet: head.sheet.clone(),
        headings: Json(head.headings[own..].to_vec()),
        plan: None,
        // Until all of its rows are here, nobody can go on with it.
        state: ImportState::Cancelled,
        row_count: 0,
        done: 0,
        tally: Json(json!({})),
        created_by: actor.name(),
        created_at: now,
        changed_at: now,
    };
    let mut tx = ctx.store.begin().await?;
    tx.org(actor.org).await?.insert_import(&import).await?;
    tx.commit().await?;
    while let Some(rows) = table.next().await.map_err(unreadable)? {
        import.row_count += i64::try_from(rows.len()).unwrap_or(0);
        let rows: Vec<_> = rows.iter().map(|row| plain(row, own)).collect();
        let mut tx = ctx.store.begin().await?;
        tx.org(actor.org).await?.insert_import_rows(import.id, &rows).await?;
        tx.commit().await?;
    }
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    import.state = ImportState::Uploaded;
    scope.update_import(&import).await?;
    let details = json!({ "file": import.file_name, "rows": import.row_count });
    actor.audit(ctx, &mut scope, "import.upload", import.id, details).await?;
    announce(&mut scope, import.id, now)?;
    tx.commit().await?;
    Ok(Brought { import, head })
}

/// A row as its cells read, but for the first few.
fn plain(row: &Row, but: usize) -> (i64, Vec<String>) {
    // PostgreSQL stores no U+0000.
    (row.number.into(), row.cells.iter().skip(but).map(|cell| cell.text().replace('\0', "")).collect())
}

/// Why a table cannot be read, in both languages.
fn unreadable(error: ParseError) -> Problem {
    match error {
        ParseError::Refused(refused) => {
            let sentence = Sentence { en: refused.english(), id: refused.indonesian() };
            Problem::unprocessable("unreadable_table", refused.english())
                .with("reason", refused.code())
                .with("sentence", json!(sentence))
        }
        ParseError::Child(error) => Problem::internal(&error),
    }
}

/// Whether somebody may bring in a file of any sort; which it is, its form says.
pub(super) fn may_bring(actor: &OrgActor) -> Result<(), Problem> {
    actor.require(Right::WriteRecords).or_else(|_| actor.require(Right::WriteInbox))
}

pub(super) fn may_import(actor: &OrgActor, kind: Option<RecordKindId>) -> Result<(), Problem> {
    match kind {
        Some(_) => actor.require(Right::WriteRecords),
        None => {
            actor.require(Right::WriteInbox)?;
            actor.require(Right::WriteConsent)
        }
    }
}

fn may_look(actor: &OrgActor, kind: Option<RecordKindId>) -> Result<(), Problem> {
    actor.require(if kind.is_some() { Right::ReadRecords } else { Right::ReadInbox })
}

/// Imports of one sort, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    of: ImportOf,
    after: Cursor,
    limit: usize,
) -> Result<Page<Import>, Problem> {
    actor.require(if of == ImportOf::Records { Right::ReadRecords } else { Right::ReadInbox })?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.imports(of, after, limit).await?)
}

/// One import, with what its columns probably are and its first rows.
pub(super) struct Look {
    pub import: Import,
    pub columns: Columns,
    pub sample: Vec<ImportRow>,
}

/// What columns hold.
pub(super) enum Columns {
    OfContacts(Vec<Option<ImportField>>),
    OfRecords(Vec<Option<RecordColumn>>),
}

/// One import, to be looked at.
pub(super) async fn look(ctx: &Ctx, actor: &OrgActor, id: ImportId) -> Result<Look, Problem> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let import = import_to_see(actor, &mut scope, id).await?;
    let headings = &import.headings.0;
    let planned = match &import.plan {
        Some(plan) => Some(plan.0.clone()),
        // What somebody said of the same columns before is better than any guess.
        None => scope.plan_for_headings(import.kind_id, headings).await?,
    };
    let columns = match import.kind_id {
        None => {
            let planned = planned.and_then(|plan| serde_json::from_value::<Plan>(plan).ok());
            Columns::OfContacts(planned.map_or_else(|| guess(headings), |plan| plan.columns))
        }
        Some(kind) => {
            let fields = scope.record_kind(kind).await?.map(|kind| kind.fields.0).unwrap_or_default();
            let planned = planned.and_then(|plan| serde_json::from_value::<RecordPlan>(plan).ok());
            // A field may have been removed since.
            let planned = planned.filter(|plan| record_file::check(&plan.columns, &fields).is_ok());
            let columns = planned.map_or_else(|| record_file::guess(headings, &fields), |plan| plan.columns);
            Columns::OfRecords(columns)
        }
    };
    let sample = scope.import_rows(id, WhichRows::All, 0, 5).await?;
    Ok(Look { import, columns, sample })
}

/// An import that this actor may see.
async fn import_to_see(actor: &OrgActor, scope: &mut OrgScope<'_>, id: ImportId) -> Result<Import, Problem> {
    let import = scope.import(id).await?.ok_or_else(Problem::not_found)?;
    may_look(actor, import.kind_id)?;
    Ok(import)
}

/// An import that this actor may change, held until the transaction ends.
async fn import_to_change(
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    id: ImportId,
) -> Result<Import, Problem> {
    let import = scope.import_for_change(id).await?.ok_or_else(Problem::not_found)?;
    may_import(actor, import.kind_id)?;
    Ok(import)
}

/// An import whose columns may be told still, of so many.
async fn import_to_plan(
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    id: ImportId,
    columns: usize,
) -> Result<Import, Problem> {
    let import = import_to_change(actor, scope, id).await?;
    if !matches!(import.state, ImportState::Uploaded | ImportState::Checking | ImportState::Checked) {
        return Err(past_that(&import));
    }
    if columns != import.headings.0.len() {
        return Err(Problem::invalid_field("columns", "must say of every column what it holds, or null"));
    }
    Ok(import)
}

/// Has every row looked at as `plan` says. Nothing is changed by it.
pub(super) async fn check(ctx: &Ctx, actor: &OrgActor, id: ImportId, plan: Plan) -> Result<Import, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut import = import_to_plan(actor, &mut scope, id, plan.columns.len()).await?;
    if import.kind_id.is_some() {
        return Err(Problem::invalid_field("columns", "are those of contacts, and the file is of records"));
    }
    if plan.declared.as_ref().and_then(|declared| declared.at).is_some_and(|at| at > now) {
        return Err(Problem::invalid_field(
            "declared.at",
            "lies in the future; consent counts from when it was given",
        ));
    }
    import.plan = Some(Json(serde_json::to_value(&plan).map_err(store::StoreError::from)?));
    go_through(&mut scope, &mut import, ImportState::Checking, now).await?;
    tx.commit().await?;
    Ok(import)
}

/// The same for a file of records.
pub(super) async fn check_records(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ImportId,
    plan: RecordPlan,
) -> Result<Import, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut import = import_to_plan(actor, &mut scope, id, plan.columns.len()).await?;
    let Some(kind) = import.kind_id else {
        return Err(Problem::invalid_field("columns", "are those of records, and the file is of contacts"));
    };
    let kind = scope.record_kind(kind).await?.ok_or_else(Problem::not_found)?;
    record_file::check(&plan.columns, &kind.fields.0)
        .map_err(|wrong| Problem::invalid_field("columns", wrong))?;
    import.plan = Some(Json(serde_json::to_value(&plan).map_err(store::StoreError::from)?));
    go_through(&mut scope, &mut import, ImportState::Checking, now).await?;
    tx.commit().await?;
    Ok(import)
}

/// Makes contacts or records of the rows, as they were looked at.
pub(super) async fn run(ctx: &Ctx, actor: &OrgActor, id: ImportId) -> Result<Import, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut import = import_to_change(actor, &mut scope, id).await?;
    if import.state != ImportState::Checked {
        return Err(past_that(&import));
    }
    go_through(&mut scope, &mut import, ImportState::Running, now).await?;
    let details = json!({ "file": import.file_name, "sha256": hex::encode(&import.sha256), "plan": import.plan.as_ref().map(|plan| &plan.0) });
    actor.audit(ctx, &mut scope, "import.run", id, details).await?;
    tx.commit().await?;
    Ok(import)
}

/// Begins at the first row.
async fn go_through(
    scope: &mut OrgScope<'_>,
    import: &mut Import,
    state: ImportState,
    now: Timestamp,
) -> Result<(), Problem> {
    (import.state, import.done, import.tally, import.changed_at) = (state, 0, Json(json!({})), now);
    scope.update_import(import).await?;
    go_on_later(scope, import.id, now)?;
    Ok(announce(scope, import.id, now)?)
}

/// Stops an import; what was done stays.
pub(super) async fn cancel(ctx: &Ctx, actor: &OrgActor, id: ImportId) -> Result<Import, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut import = import_to_change(actor, &mut scope, id).await?;
    if matches!(
        import.state,
        ImportState::Done | ImportState::Cancelled | ImportState::Undoing | ImportState::Undone
    ) {
        return Err(past_that(&import));
    }
    (import.state, import.changed_at) = (ImportState::Cancelled, now);
    scope.update_import(&import).await?;
    actor.audit(ctx, &mut scope, "import.cancel", id, json!({ "file": import.file_name })).await?;
    announce(&mut scope, id, now)?;
    tx.commit().await?;
    Ok(import)
}

/// Takes an import of people back, as long as its rows are kept: those who came with it alone go, and what it said of the others
/// is withdrawn.
pub(super) async fn undo(ctx: &Ctx, actor: &OrgActor, id: ImportId) -> Result<Import, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut import = import_to_change(actor, &mut scope, id).await?;
    let has_rows = !scope.import_rows(id, WhichRows::All, 0, 1).await?.is_empty();
    let is_over = matches!(import.state, ImportState::Done | ImportState::Cancelled);
    if !is_over || !has_rows || import.kind_id.is_some() {
        return Err(past_that(&import));
    }
    (import.state, import.done, import.changed_at) = (ImportState::Undoing, 0, now);
    scope.update_import(&import).await?;
    go_on_later(&mut scope, id, now)?;
    actor.audit(ctx, &mut scope, "import.undo", id, json!({ "file": import.file_name })).await?;
    announce(&mut scope, id, now)?;
    tx.commit().await?;
    Ok(import)
}

fn past_that(import: &Import) -> Problem {
    Problem::conflict(
        "import_state",
        format!(
            "This import is `{}`, where this cannot be done. Look at it again, or upload the file anew.",
            import.state
        ),
    )
    .with("state", import.state.as_str())
}

/// Rows of an import in their order.
pub(super) async fn rows(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ImportId,
    which: WhichRows,
    after: i64,
    limit: usize,
) -> Result<Vec<ImportRow>, Problem> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    import_to_see(actor, &mut scope, id).await?;
    Ok(scope.import_rows(id, which, after, limit).await?)
}

/// Rows with what is wrong with them, or worth knowing, as CSV, piece by piece.
pub(super) async fn faults(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ImportId,
    which: WhichRows,
    language: Locale,
) -> Result<impl futures::Stream<Item = std::io::Result<Vec<u8>>> + Send + use<>, Problem> {
    const PAGE: usize = 1_000;
    let mut tx = ctx.store.read().await?;
    let import = import_to_see(actor, &mut tx.org(actor.org).await?, id).await?;
    drop(tx);
    let first = report::headings(&import.headings.0, language).map_err(|error| Problem::internal(&error))?;
    let (ctx, org, width) = (ctx.clone(), actor.org, import.headings.0.len());
    let pages = futures::stream::try_unfold(0, move |after| {
        let ctx = ctx.clone();
        async move {
            let read = async {
                let mut tx = ctx.store.read().await?;
                tx.org(org).await?.import_rows(id, which, after, PAGE).await
            };
            let rows = read.await.map_err(std::io::Error::other)?;
            let Some(last) = rows.last().map(|row| row.number) else { return Ok(None) };
            let lines = report::rows(&rows, width, language).map_err(std::io::Error::other)?;
            Ok(Some((lines, last)))
        }
    });
    Ok(futures::StreamExt::chain(futures::stream::iter([Ok(first)]), pages))
}
