//! Going through the rows of an import: to see what would happen, or to make it happen.

use std::collections::{BTreeSet, HashSet};

use jobs::Verdict;
use rules::id::{ImportId, OrgId};
use rules::import::{ImportState, RowFault, RowVerdict};
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::imports::{Import, ImportRow, RowOutcome, WhichRows};
use store::orgs::Org;
use store::queue::{Job, NewJob, Unique};
use store::records::RecordKind;
use store::{Json, OrgScope};

use super::{QUEUE, people, records, report, service, undo};
use crate::ctx::Ctx;

/// So many rows go together: others who write wait no longer than these take.
const TOGETHER: usize = 200;
/// Rows are kept for the report so long after anything last happened to their import.
const ROWS_KEPT: std::time::Duration = span::days(14);

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    import: ImportId,
}

/// Has an import gone on with as soon as this transaction is committed.
pub(super) fn go_on_later(scope: &mut OrgScope<'_>, import: ImportId, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        serial_key: Some(import.to_string()),
        org: Some(org),
        unique: Some(Unique::KeepFirst(import.to_string())),
        ..NewJob::new(QUEUE, org, &Payload { org, import }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Runs a job of the import queue.
pub(super) async fn go_on(ctx: Ctx, job: Job) -> Verdict {
    let payload = match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => payload,
        Err(error) => return Verdict::Dead(format!("the job does not read: {error}")),
    };
    // Phone numbers that this run has met, by their hashes: whoever stands in the file twice is new once.
    let mut met = HashSet::new();
    loop {
        match page(&ctx, &payload, &mut met).await {
            Ok(true) => {}
            Ok(false) => return Verdict::Done,
            Err(error) => return Verdict::Retry(error.to_string()),
        }
    }
}

/// The next rows, in one transaction. `false`: there are none, or nobody wants them gone through any more.
async fn page(ctx: &Ctx, payload: &Payload, met: &mut HashSet<u64>) -> store::Result<bool> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    if let Some(goes_on) = undo::page(ctx, &mut scope, payload.import, TOGETHER, ctx.now()).await? {
        tx.commit().await?;
        return Ok(goes_on);
    }
    let Some(page) = Page::next(&mut scope, payload.import).await? else { return Ok(false) };
    let outcomes = match &page.kind {
        None => {
            people::outcomes(ctx, &mut scope, &page.org, &page.import, &page.rows, page.does, met, ctx.now())
                .await?
        }
        Some(kind) => records::outcomes(ctx, &mut scope, &page.org, &page.import, kind, &page.rows).await?,
    };
    if page.kind.is_none() || page.does {
        let goes_on = page.settle(&mut scope, &outcomes, ctx.now()).await?;
        tx.commit().await?;
        return Ok(goes_on);
    }
    // To look at records is to put them and to undo it.
    tx.rollback().await?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let Some(still) = Page::next(&mut scope, payload.import).await? else { return Ok(false) };
    if still.import.changed_at != page.import.changed_at || still.import.done != page.import.done {
        return Ok(true);
    }
    let outcomes = records::without_the_undone(&mut scope, outcomes).await?;
    let goes_on = still.settle(&mut scope, &outcomes, ctx.now()).await?;
    tx.commit().await?;
    Ok(goes_on)
}

/// The rows that come next, and what they are weighed with.
struct Page {
    org: Org,
    import: Import,
    /// The kind of the records that they are; `None`: they are people.
    kind: Option<RecordKind>,
    /// Whether anything is to happen.
    does: bool,
    rows: Vec<ImportRow>,
}

impl Page {
    /// `None`: nobody wants them gone through any more.
    async fn next(scope: &mut OrgScope<'_>, id: ImportId) -> store::Result<Option<Self>> {
        let (Some(org), Some(import)) = (scope.org().await?, scope.import_for_change(id).await?) else {
            return Ok(None);
        };
        let does = match import.state {
            ImportState::Checking => false,
            ImportState::Running => true,
            _ => return Ok(None),
        };
        let kind = match import.kind_id {
            Some(kind) => Some(scope.record_kind(kind).await?),
            None => None,
        };
        // The kind has been removed meanwhile.
        let Some(kind) = kind.map_or(Some(None), |kind| kind.map(Some)) else { return Ok(None) };
        let rows = scope.import_rows(id, WhichRows::All, import.done, TOGETHER).await?;
        Ok(Some(Self { org, import, kind, does, rows }))
    }

    /// Writes down what became of them, and how far the import is. `false`: these were all.
    async fn settle(
        self,
        scope: &mut OrgScope<'_>,
        outcomes: &[RowOutcome],
        now: Timestamp,
    ) -> store::Result<bool> {
        let mut import = self.import;
        if let Some(last) = self.rows.last() {
            scope.settle_import_rows(import.id, outcomes).await?;
            count(&mut import.tally, outcomes);
            import.done = last.number;
        } else {
            import.state = if self.does { ImportState::Done } else { ImportState::Checked };
        }
        import.changed_at = now;
        scope.update_import(&import).await?;
        service::announce(scope, import.id, now)?;
        Ok(!self.rows.is_empty())
    }
}

/// Adds what came of rows to how many came to what.
fn count(tally: &mut Json<Value>, outcomes: &[RowOutcome]) {
    let Value::Object(tally) = &mut tally.0 else { return };
    let mut add = |word: &str| {
        let so_far = tally.get(word).and_then(Value::as_u64).unwrap_or(0);
        tally.insert(word.to_owned(), json!(so_far + 1));
    };
    for outcome in outcomes {
        add(outcome.verdict.as_str());
        if outcome.verdict != RowVerdict::Faulty {
            report::codes(&outcome.faults)
                .filter_map(noted)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .for_each(&mut add);
        }
    }
}

/// Under which word a row is counted besides what became of it.
fn noted(code: RowFault) -> Option<&'static str> {
    match code {
        RowFault::OptOutWins | RowFault::OptOutAfter => Some("opt_out_wins"),
        RowFault::Renamed => Some("renamed"),
        RowFault::PersonTwice => Some("twice"),
        _ => None,
    }
}

/// Forgets the rows of imports that nobody will look at any more, and files that nobody went on with.
pub(crate) async fn forget_old_rows(ctx: &Ctx, now: Timestamp) -> store::Result<()> {
    loop {
        let mut tx = ctx.store.begin().await?;
        let dropped = tx.drop_import_rows_before(now - ROWS_KEPT, 10_000).await?;
        tx.commit().await?;
        if dropped == 0 {
            return Ok(());
        }
    }
}
