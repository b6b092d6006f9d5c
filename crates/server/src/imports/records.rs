//! Rows as business records: put as the API puts them, each known by what it is called elsewhere.
//!
//! What has no column in the file stays as it is in records that are there; an empty cell empties its field.

use std::collections::{HashMap, HashSet};

use rules::day::Day;
use rules::id::{ContactId, RecordId};
use rules::import::{RowFault, RowVerdict};
use rules::record::{Field, FieldKind};
use rules::record_file::RecordColumn;
use serde_json::{Map, Value};
use store::OrgScope;
use store::imports::{Import, ImportRow, RowOutcome};
use store::orgs::Org;
use store::records::{Record, RecordKind, WrittenRecord};

use super::cells;
use super::person::Fault;
use super::plan::RecordPlan;
use crate::contacts::{is_email, is_language_tag};
use crate::ctx::Ctx;
use crate::http::problem::FieldError;
use crate::records::{Outcome, Wanted, Whom, of_text, put_all, together};
use crate::rights::Suppressor;

/// What becomes of rows.
pub(super) async fn outcomes(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    org: &Org,
    import: &Import,
    kind: &RecordKind,
    rows: &[ImportRow],
) -> store::Result<Vec<RowOutcome>> {
    let plan: RecordPlan = match &import.plan {
        Some(plan) => serde_json::from_value(plan.0.clone())?,
        None => RecordPlan::default(),
    };
    let reading = Reading { plan: &plan, fields: &kind.fields.0, country: &org.country };
    let mut read: Vec<Read> = rows.iter().map(|row| reading.record(&row.cells.0)).collect();
    reading.refuse_twice(scope, import, rows, &mut read).await?;
    suppress(ctx, scope, &mut read).await?;
    let wanted: Vec<Wanted> = read.iter().filter_map(Read::wanted).cloned().collect();
    let wanted = reading.beside_what_stands(scope, kind, wanted).await?;
    let mut put = put_all(ctx, scope, kind, wanted).await?.into_iter();
    let whom = about(scope, put.as_slice()).await?;
    rows.iter()
        .zip(read)
        .map(|(row, read)| match read {
            Read::Faulty(faults) => outcome(row, RowVerdict::Faulty, &faults, None, None),
            Read::Suppressed => outcome(row, RowVerdict::Suppressed, &[], None, None),
            Read::Wanted(wanted) => match put.next() {
                Some(Outcome::Written(written)) => {
                    let contact = whom.get(&written.id()).copied();
                    outcome(row, verdict(written), &[], contact, Some(wanted.external_id))
                }
                Some(Outcome::Refused(errors)) => {
                    outcome(row, RowVerdict::Faulty, &reading.faults(&errors), None, None)
                }
                None => outcome(row, RowVerdict::Unchanged, &[], None, None),
            },
        })
        .collect()
}

/// What became of rows once what was done to see it is undone: a contact that was made for it is none.
pub(super) async fn without_the_undone(
    scope: &mut OrgScope<'_>,
    mut outcomes: Vec<RowOutcome>,
) -> store::Result<Vec<RowOutcome>> {
    let named: Vec<ContactId> = outcomes.iter().filter_map(|one| one.contact).collect();
    let there: HashSet<ContactId> =
        scope.contacts_by_id(&named).await?.into_iter().map(|contact| contact.id).collect();
    for one in &mut outcomes {
        one.contact = one.contact.filter(|contact| there.contains(contact));
    }
    Ok(outcomes)
}

/// A row, read.
enum Read {
    Wanted(Box<Wanted>),
    Faulty(Vec<Fault>),
    /// It is about somebody who was erased and asked not to be written to.
    Suppressed,
}

impl Read {
    fn wanted(&self) -> Option<&Wanted> {
        match self {
            Self::Wanted(wanted) => Some(wanted),
            Self::Faulty(_) | Self::Suppressed => None,
        }
    }
}

/// How rows are to be read.
struct Reading<'a> {
    plan: &'a RecordPlan,
    fields: &'a [Field],
    /// Where phone numbers without a country code are from.
    country: &'a str,
}

impl Reading<'_> {
    /// What a row says, or everything that is wrong with it.
    fn record(&self, cells: &[String]) -> Read {
        let mut faults = Vec::new();
        let external_id = self.cell(cells, &RecordColumn::ExternalId).unwrap_or_default().to_owned();
        match external_id.chars().count() {
            0 => faults.push(self.fault(&RecordColumn::ExternalId, RowFault::ExternalIdMissing)),
            1..=200 => {}
            _ => faults.push(self.fault(&RecordColumn::ExternalId, RowFault::ExternalIdWrong)),
        }
        let contact = self.contact(cells, &mut faults);
        let data = self.data(cells, &mut faults);
        if faults.is_empty() {
            Read::Wanted(Box::new(Wanted { external_id, contact, data }))
        } else {
            Read::Faulty(faults)
        }
    }

    /// A cell that holds anything. Spreadsheets mark text with an apostrophe.
    fn cell<'c>(&self, cells: &'c [String], column: &RecordColumn) -> Option<&'c str> {
        let text = cells.get(self.plan.column(column)?)?.trim().trim_start_matches('\'');
        (!text.is_empty()).then_some(text)
    }

    fn fault(&self, column: &RecordColumn, code: RowFault) -> Fault {
        Fault { column: self.plan.column(column), code }
    }

    fn contact(&self, cells: &[String], faults: &mut Vec<Fault>) -> Option<Whom> {
        let mut read = |column: RecordColumn, code, fits: &dyn Fn(&str) -> Option<String>| {
            let text = self.cell(cells, &column)?;
            let read = fits(text);
            if read.is_none() {
                faults.push(self.fault(&column, code));
            }
            read
        };
        let short = |text: &str| (text.chars().count() <= 200).then(|| text.to_owned());
        let such = |text: &str, fits: fn(&str) -> bool| fits(text).then(|| text.to_owned());
        let phone = |text: &str| cells::phone(text, self.country).map(|phone| format!("+{}", phone.digits()));
        let whom = Whom {
            reference: read(RecordColumn::Reference, RowFault::ReferenceWrong, &short),
            phone: read(RecordColumn::Phone, RowFault::PhoneWrong, &phone),
            email: read(RecordColumn::Email, RowFault::EmailWrong, &|text| such(text, is_email)),
            name: read(RecordColumn::Name, RowFault::NameTooLong, &short),
            language: read(RecordColumn::Language, RowFault::LanguageWrong, &|text| {
                such(text, is_language_tag)
            }),
            ..Whom::default()
        };
        (whom != Whom::default()).then_some(whom)
    }

    fn data(&self, cells: &[String], faults: &mut Vec<Fault>) -> Map<String, Value> {
        let mut data = Map::new();
        for column in self.plan.columns.iter().flatten() {
            let RecordColumn::Field(key) = column else { continue };
            let Some(field) = self.fields.iter().find(|field| field.key == *key) else { continue };
            let Some(text) = self.cell(cells, column) else { continue };
            match value(field.kind, text) {
                Some(value) => {
                    data.insert(key.clone(), value);
                }
                None => faults.push(self.fault(column, fault_of(field.kind))),
            }
        }
        data
    }

    /// Refuses rows that are called as one before them.
    async fn refuse_twice(
        &self,
        scope: &mut OrgScope<'_>,
        import: &Import,
        rows: &[ImportRow],
        read: &mut [Read],
    ) -> store::Result<()> {
        let names: Vec<&str> =
            read.iter().filter_map(Read::wanted).map(|one| one.external_id.as_str()).collect();
        let first = rows.first().map_or(0, |row| row.number);
        let mut before = scope.import_names_before(import.id, first, &names).await?;
        for one in read {
            if let Some(name) = one.wanted().map(|wanted| wanted.external_id.clone())
                && !before.insert(name)
            {
                *one = Read::Faulty(vec![self.fault(&RecordColumn::ExternalId, RowFault::ExternalIdTwice)]);
            }
        }
        Ok(())
    }

    /// What is wanted together with what stands there already and has no column in the file.
    async fn beside_what_stands(
        &self,
        scope: &mut OrgScope<'_>,
        kind: &RecordKind,
        wanted: Vec<Wanted>,
    ) -> store::Result<Vec<Wanted>> {
        let names: Vec<&str> = wanted.iter().map(|one| one.external_id.as_str()).collect();
        let there: HashMap<String, Record> = scope.records_named(kind.id, &names).await?;
        let says_whom = self.plan.columns.iter().flatten().any(RecordColumn::is_contact);
        let beside = |mut one: Wanted| {
            if let Some(record) = there.get(&one.external_id) {
                let mut data = together(&record.dates.0, &record.data.0);
                data.retain(|key, _| self.plan.column(&RecordColumn::Field(key.clone())).is_none());
                data.append(&mut one.data);
                one.data = data;
                if !says_whom {
                    one.contact = record.contact_id.map(|id| Whom { id: Some(id), ..Whom::default() });
                }
            }
            one
        };
        Ok(wanted.into_iter().map(beside).collect())
    }

    /// What the records' own room refuses, in the words of a file.
    fn faults(&self, errors: &[FieldError]) -> Vec<Fault> {
        let fault = |error: &FieldError| {
            let column = RecordColumn::try_from(error.field.clone()).ok();
            let code = match &column {
                Some(RecordColumn::ExternalId) => RowFault::ExternalIdWrong,
                Some(RecordColumn::Phone) => RowFault::PhoneWrong,
                Some(RecordColumn::Email) => RowFault::EmailWrong,
                Some(RecordColumn::Reference) => RowFault::ReferenceWrong,
                Some(RecordColumn::Name) => RowFault::NameTooLong,
                Some(RecordColumn::Language) => RowFault::LanguageWrong,
                None if error.field.starts_with("contact") => RowFault::ContactUnknown,
                Some(RecordColumn::Field(_)) | None => RowFault::RecordTooLarge,
            };
            Fault { column: column.and_then(|column| self.plan.column(&column)), code }
        };
        errors.iter().map(fault).collect()
    }
}

/// What a cell says in a field of this kind.
fn value(kind: FieldKind, text: &str) -> Option<Value> {
    match kind {
        FieldKind::Date => cells::day(text).map(|day| Day::from(day).to_string().into()),
        FieldKind::Flag => cells::yes_or_no(text).map(Value::from),
        FieldKind::Text | FieldKind::Number | FieldKind::Money => of_text(kind, text),
    }
}

fn fault_of(kind: FieldKind) -> RowFault {
    match kind {
        FieldKind::Date => RowFault::DateWrong,
        FieldKind::Flag => RowFault::FlagWrong,
        FieldKind::Text | FieldKind::Number | FieldKind::Money => RowFault::NumberWrong,
    }
}

/// Takes out those who were erased and asked not to be written to.
async fn suppress(ctx: &Ctx, scope: &mut OrgScope<'_>, read: &mut [Read]) -> store::Result<()> {
    let names = |whom: &Whom| {
        let phone = whom.phone.as_ref().map(|phone| ("phone", phone.trim_start_matches('+').to_owned()));
        phone.into_iter().chain(whom.email.clone().map(|email| ("email", email))).collect::<Vec<_>>()
    };
    let people: Vec<_> = read
        .iter()
        .map(|one| one.wanted().and_then(|wanted| wanted.contact.as_ref()).map(names).unwrap_or_default())
        .collect();
    let suppressed = Suppressor::of(ctx, scope).await?.among(scope, &people).await?;
    for (one, suppressed) in read.iter_mut().zip(suppressed) {
        if suppressed {
            *one = Read::Suppressed;
        }
    }
    Ok(())
}

/// Whom the records that were put are about.
async fn about(scope: &mut OrgScope<'_>, put: &[Outcome]) -> store::Result<HashMap<RecordId, ContactId>> {
    let ids: Vec<_> = put
        .iter()
        .filter_map(|one| match one {
            Outcome::Written(written) => Some(written.id()),
            Outcome::Refused(_) => None,
        })
        .collect();
    let records = scope.records_by_id(&ids).await?;
    Ok(records.into_iter().filter_map(|record| Some((record.id, record.contact_id?))).collect())
}

fn verdict(written: WrittenRecord) -> RowVerdict {
    match written {
        WrittenRecord::Created(_) => RowVerdict::New,
        WrittenRecord::Changed(_) => RowVerdict::Updated,
        WrittenRecord::Same(_) => RowVerdict::Unchanged,
    }
}

fn outcome(
    row: &ImportRow,
    verdict: RowVerdict,
    faults: &[Fault],
    contact: Option<ContactId>,
    name: Option<String>,
) -> store::Result<RowOutcome> {
    let faults = faults.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    Ok(RowOutcome { number: row.number, verdict, faults, contact, name })
}
