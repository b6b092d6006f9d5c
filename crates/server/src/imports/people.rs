//! Rows as people: contacts are made or learn something, and what they agreed to is written down.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;

use jiff::tz::TimeZone;
use rules::consent::ConsentSource;
use rules::id::{ConsentEventId, ContactId};
use rules::import::{ImportField, RowFault, RowVerdict};
use rules::time::Timestamp;
use serde_json::{Map, Value, json};
use store::OrgScope;
use store::consent::NewConsentEvent;
use store::contacts::Contact;
use store::imports::{Import, ImportRow, RowOutcome};
use store::orgs::Org;

use super::decide::{self, Known, Place};
use super::person::{Fault, Person, Reading, Said};
use super::plan::Plan;
use crate::ctx::Ctx;
use crate::inbox::news;
use crate::rights::Suppressor;

/// What becomes, or would become, of rows.
#[allow(clippy::too_many_arguments, reason = "what a page of rows is weighed with")]
pub(super) async fn outcomes(
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
        let is_twice = met.contains(&print);
        let verdict = steps.verdict(contact.is_none() && !is_twice);
        let notes = notes(&plan, &steps, contact.as_ref(), is_twice);
        let mut id = contact.as_ref().map(|contact| contact.id);
        if does && verdict != RowVerdict::Unchanged {
            let contact = apply(ctx, scope, import, &sha256, row.number, &person, &steps, now).await?;
            id = Some(contact.id);
            known.insert(digits.clone(), contact);
        }
        met.insert(print);
        here.insert(digits);
        done.push(outcome(row, verdict, &notes, id)?);
    }
    Ok(done)
}

/// What is worth knowing about a row that is taken.
fn notes(plan: &Plan, steps: &decide::Plan, contact: Option<&Contact>, is_twice: bool) -> Vec<Fault> {
    let is_renamed = steps.change.name.is_some() && contact.is_some_and(|contact| !contact.name.is_empty());
    let renamed = Fault { column: plan.column(ImportField::Name), code: RowFault::Renamed };
    let twice = Fault { column: None, code: RowFault::PersonTwice };
    steps
        .notes
        .iter()
        .copied()
        .chain(is_renamed.then_some(renamed))
        .chain(is_twice.then_some(twice))
        .collect()
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
    Ok(RowOutcome { number: row.number, verdict, faults, contact, name: None })
}
