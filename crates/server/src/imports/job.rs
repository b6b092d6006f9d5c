//! Going through the rows of an import: to see what would happen, or to make it happen.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;

use jiff::tz::TimeZone;
use jobs::Verdict;
use rules::consent::ConsentSource;
use rules::id::{ConsentEventId, ContactId, ImportId, OrgId};
use rules::import::{ImportState, RowVerdict};
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::consent::NewConsentEvent;
use store::contacts::Contact;
use store::imports::{Import, ImportRow, RowOutcome};
use store::orgs::Org;
use store::queue::{Job, NewJob, Unique};
use store::{Json, OrgScope, Tx};

use super::decide::{self, Known, Place};
use super::person::{Fault, Person, Reading, Said};
use super::plan::Plan;
use super::{QUEUE, service, undo};
use crate::ctx::Ctx;
use crate::inbox::news;
use crate::rights::Suppressor;

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
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let (Some(org), Some(mut import)) = (scope.org().await?, scope.import_for_change(payload.import).await?)
    else {
        return Ok(false);
    };
    let does = match import.state {
        ImportState::Checking => false,
        ImportState::Running => true,
        ImportState::Undoing => {
            let goes_on = undo::page(ctx, &mut scope, &mut import, TOGETHER, now).await?;
            if !goes_on {
                import.state = ImportState::Undone;
            }
            return settle(tx, payload.org, import, goes_on, now).await;
        }
        _ => return Ok(false),
    };
    let rows = scope.import_rows(import.id, None, import.done, TOGETHER).await?;
    let goes_on = if let Some(last) = rows.last() {
        let outcomes = outcomes(ctx, &mut scope, &org, &import, &rows, does, met, now).await?;
        scope.settle_import_rows(import.id, &outcomes).await?;
        count(&mut import.tally, &outcomes);
        import.done = last.number;
        true
    } else {
        import.state = if does { ImportState::Done } else { ImportState::Checked };
        false
    };
    settle(tx, payload.org, import, goes_on, now).await
}

/// Writes down how far an import is.
async fn settle(
    mut tx: Tx,
    org: OrgId,
    mut import: Import,
    goes_on: bool,
    now: Timestamp,
) -> store::Result<bool> {
    let mut scope = tx.org(org).await?;
    import.changed_at = now;
    scope.update_import(&import).await?;
    service::announce(&mut scope, import.id, now)?;
    tx.commit().await?;
    Ok(goes_on)
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
        if outcome.verdict != RowVerdict::Faulty && !outcome.faults.is_empty() {
            add("opt_out_wins");
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "what a page of rows is weighed with")]
async fn outcomes(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    org: &Org,
    import: &Import,
    rows: &[ImportRow],
    does: bool,
    met: &mut HashSet<u64>,
    now: Timestamp,
) -> store::Result<Vec<RowOutcome>> {
    let plan: Plan = import
        .plan
        .as_ref()
        .map(|plan| serde_json::from_value(plan.0.clone()))
        .transpose()?
        .unwrap_or_default();
    let timezone = TimeZone::get(&org.timezone).unwrap_or(TimeZone::UTC);
    let reading = Reading { plan: &plan, country: &org.country, timezone: &timezone, now };
    let people: Vec<_> = rows.iter().map(|row| reading.person(&row.cells.0)).collect();
    let phones: Vec<_> = people.iter().flatten().map(|person| person.phone.clone()).collect();
    let suppressor = Suppressor::of(ctx, scope).await?;
    let suppressed = suppressor.among(scope, &people.iter().flatten().map(names).collect::<Vec<_>>()).await?;
    let mut known: HashMap<String, Contact> = HashMap::new();
    for (phone, contact) in scope.contacts_by_phone(&phones).await? {
        known.insert(phone, contact);
    }
    let sha256 = hex::encode(&import.sha256);
    let mut done = Vec::with_capacity(rows.len());
    let mut here = HashSet::new();
    let mut nth = 0;
    for (row, person) in rows.iter().zip(people) {
        let person = match person {
            Ok(person) => person,
            Err(faults) => {
                done.push(outcome(row, RowVerdict::Faulty, &faults, None)?);
                continue;
            }
        };
        nth += 1;
        if suppressed[nth - 1] {
            done.push(outcome(row, RowVerdict::Suppressed, &[], None)?);
            continue;
        }
        let digits = person.phone.digits().to_owned();
        let place = Place { sha256: &sha256, row: row.number };
        let again = here.contains(&digits);
        // A row before it may have changed the very person.
        let contact = match known.get(&digits) {
            Some(contact) if does && again => scope.contact(contact.id).await?,
            contact => contact.cloned(),
        };
        let ledger = match &contact {
            Some(contact) => scope.consent_ledger(contact.id).await?,
            None => Vec::new(),
        };
        let known_one = contact.as_ref().map(|contact| Known { contact, ledger: &ledger });
        let steps = decide::Plan::of(&person, known_one.as_ref(), &place);
        let print = met.hasher().hash_one(&digits);
        let is_new = contact.is_none() && !met.contains(&print);
        let verdict = steps.verdict(is_new);
        let mut id = contact.as_ref().map(|contact| contact.id);
        if does && verdict != RowVerdict::Unchanged {
            let contact = apply(ctx, scope, import, &sha256, row.number, &person, &steps, now).await?;
            id = Some(contact.id);
            known.insert(digits.clone(), contact);
        }
        met.insert(print);
        here.insert(digits);
        done.push(outcome(row, verdict, &steps.notes, id)?);
    }
    Ok(done)
}

/// Makes or changes a contact, and writes down what it agreed to.
#[allow(clippy::too_many_arguments, reason = "one row with all that its evidence names")]
async fn apply(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    import: &Import,
    sha256: &str,
    row: i64,
    person: &Person,
    steps: &decide::Plan,
    now: Timestamp,
) -> store::Result<Contact> {
    let found = scope.contact_by_phone(&person.phone, now, ctx.chance()).await?;
    let contact = scope.change_contact(found.contact, &steps.change, now).await?;
    let contact = contact.ok_or_else(|| store::StoreError::Taken("contacts".into()))?;
    for said in &steps.consents {
        let evidence = evidence(import, sha256, row, said);
        scope
            .append_consent(&NewConsentEvent {
                id: ConsentEventId::fresh(now, ctx.chance()),
                contact: contact.id,
                channel: said.channel,
                purpose: Some(said.purpose),
                action: said.action,
                source: ConsentSource::Import,
                evidence,
                at: decide::effect(said, now),
            })
            .await?;
    }
    news::contact_updated(scope, contact.id, None, now).await?;
    Ok(contact)
}

/// What proves an entry: the file, the row, and who stands for it.
fn evidence(import: &Import, sha256: &str, row: i64, said: &Said) -> Value {
    let mut evidence = Map::new();
    evidence.insert("import_id".into(), json!(import.id));
    evidence.insert("file".into(), json!(import.file_name));
    evidence.insert("sha256".into(), json!(sha256));
    evidence.insert("row".into(), json!(row));
    evidence.insert("imported_by".into(), json!(import.created_by));
    if let Some(how) = &said.how {
        evidence.insert("place".into(), json!(how));
    }
    if let Some(wording) = &said.wording {
        evidence.insert("wording".into(), json!(wording));
    }
    if said.declared {
        evidence.insert("declared".into(), json!(true));
    }
    Value::Object(evidence)
}

/// The names by which somebody may be suppressed.
fn names(person: &Person) -> Vec<(&'static str, String)> {
    let phone = ("phone", person.phone.digits().to_owned());
    std::iter::once(phone).chain(person.email.clone().map(|email| ("email", email))).collect()
}

fn outcome(
    row: &ImportRow,
    verdict: RowVerdict,
    faults: &[Fault],
    contact: Option<ContactId>,
) -> store::Result<RowOutcome> {
    let faults = faults.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    Ok(RowOutcome { number: row.number, verdict, faults, contact })
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
