//! Records as use cases: put one, put many, find, remove.

use std::collections::HashSet;

use garde::Validate as _;
use rules::id::{RecordId, RecordKindId};
use rules::role::Right;
use rules::time::Timestamp;
use serde_json::{Map, Value, json};
use store::contacts::Contact;
use store::records::{Put, Record, RecordFilter, RecordKind, WrittenRecord};
use store::{Cursor, OrgScope, Page};

use super::values;
use super::whom::{self, Nobody, Whom};
use crate::ctx::Ctx;
use crate::http::problem::FieldError;
use crate::http::{OrgActor, Problem};

/// A record as somebody wants it to stand.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub external_id: String,
    pub contact: Option<Whom>,
    pub data: Map<String, Value>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    Written(WrittenRecord),
    Refused(Vec<FieldError>),
}

/// A record, its kind, and whom it is about.
pub(super) struct Shown {
    pub record: Record,
    pub kind: RecordKind,
    pub contact: Option<Contact>,
}

/// Tells whoever watches that records of a kind have changed, or the kind itself.
pub(super) fn announce(scope: &mut OrgScope<'_>, kind: RecordKindId, now: Timestamp) -> store::Result<()> {
    scope.publish("record.updated", &json!({ "record_kind_id": kind }), now)
}

/// The kind of this name.
pub(super) async fn kind_named(scope: &mut OrgScope<'_>, name: &str) -> Result<RecordKind, Problem> {
    scope
        .record_kinds()
        .await?
        .into_iter()
        .find(|kind| kind.name == name)
        .ok_or_else(|| Problem::invalid_field("kind", "is the name of no kind of records here"))
}

/// Has one record stand like this.
pub(super) async fn put(
    ctx: &Ctx,
    actor: &OrgActor,
    kind: &str,
    wanted: Wanted,
) -> Result<(Shown, bool), Problem> {
    actor.require(Right::WriteRecords)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let kind = kind_named(&mut scope, kind).await?;
    let mut outcomes = put_all(ctx, &mut scope, &kind, vec![wanted]).await?;
    let written = match outcomes.pop() {
        Some(Outcome::Written(written)) => written,
        Some(Outcome::Refused(errors)) => return Err(Problem::invalid(errors)),
        None => return Err(Problem::not_found()),
    };
    if !matches!(written, WrittenRecord::Same(_)) {
        actor.audit(ctx, &mut scope, "record.put", written.id(), json!({ "kind": kind.name })).await?;
    }
    let shown = shown(&mut scope, written.id()).await?;
    tx.commit().await?;
    Ok((shown, matches!(written, WrittenRecord::Created(_))))
}

/// Has many records stand like this, and says of each what became of it.
pub(super) async fn put_many(
    ctx: &Ctx,
    actor: &OrgActor,
    kind: &str,
    wanted: Vec<Wanted>,
) -> Result<Vec<Outcome>, Problem> {
    actor.require(Right::WriteRecords)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let kind = kind_named(&mut scope, kind).await?;
    let outcomes = put_all(ctx, &mut scope, &kind, wanted).await?;
    let changed = outcomes.iter().filter(|outcome| outcome.changed()).count();
    if changed > 0 {
        let details = json!({ "kind": kind.name, "records": changed });
        actor.audit(ctx, &mut scope, "record.put_many", kind.id, details).await?;
    }
    tx.commit().await?;
    Ok(outcomes)
}

impl Outcome {
    fn changed(&self) -> bool {
        matches!(self, Self::Written(WrittenRecord::Created(_) | WrittenRecord::Changed(_)))
    }
}

/// Has records of a kind stand like this, in the caller's transaction. Each is judged by itself.
pub(crate) async fn put_all(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    kind: &RecordKind,
    wanted: Vec<Wanted>,
) -> store::Result<Vec<Outcome>> {
    let now = ctx.now();
    let country = scope.org().await?.map(|org| org.country);
    let mut named = HashSet::new();
    let mut puts = Vec::with_capacity(wanted.len());
    let mut judged = Vec::with_capacity(wanted.len());
    for one in wanted {
        let put = if named.insert(one.external_id.clone()) {
            read(ctx, scope, kind, one, country.as_deref()).await?
        } else {
            Err(vec![wrong("external_id", "stands before this among the same records")])
        };
        judged.push(put.map(|put| {
            puts.push(put);
            puts.len() - 1
        }));
    }
    let written = scope.put_records(kind.id, &puts, now, ctx.chance()).await?;
    let outcomes: Vec<Outcome> = judged
        .into_iter()
        .map(|place| match place {
            Ok(place) => Outcome::Written(written[place]),
            Err(errors) => Outcome::Refused(errors),
        })
        .collect();
    if outcomes.iter().any(Outcome::changed) {
        announce(scope, kind.id, now)?;
    }
    Ok(outcomes)
}

async fn read(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    kind: &RecordKind,
    wanted: Wanted,
    country: Option<&str>,
) -> store::Result<Result<Put, Vec<FieldError>>> {
    let mut errors = Vec::new();
    let external_id = wanted.external_id.trim().to_owned();
    if external_id.is_empty() || external_id.chars().count() > 200 {
        errors.push(wrong("external_id", "must have 1 to 200 characters"));
    }
    let values = values::read(&kind.fields.0, wanted.data).map_err(|wrong| errors.extend(wrong));
    if let Some(Err(report)) = wanted.contact.as_ref().map(Whom::validate) {
        errors
            .extend(report.iter().map(|(path, error)| wrong(&format!("contact.{path}"), &error.to_string())));
    }
    let (Ok((dates, data)), true) = (values, errors.is_empty()) else { return Ok(Err(errors)) };
    let contact = match &wanted.contact {
        None => None,
        Some(whom) => match whom::find(ctx, scope, whom, country).await {
            Ok(contact) => Some(contact),
            Err(Nobody::Wrong(error)) => return Ok(Err(vec![error])),
            Err(Nobody::NoContact) => return Ok(Err(vec![wrong("contact.id", "is no contact here")])),
            Err(Nobody::Store(error)) => return Err(error),
        },
    };
    Ok(Ok(Put { external_id, contact, dates, data }))
}

fn wrong(field: &str, message: &str) -> FieldError {
    FieldError::new(field, message)
}

/// A page of records with whom they are about.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    kind: Option<&str>,
    mut filter: RecordFilter,
    after: Cursor,
    limit: usize,
) -> Result<Page<Shown>, Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    if let Some(kind) = kind {
        filter.kind = Some(kind_named(&mut scope, kind).await?.id);
    }
    let kinds = scope.record_kinds().await?;
    let page = scope.records(&filter, after, limit).await?;
    let whom: Vec<_> = page.items.iter().filter_map(|record| record.contact_id).collect();
    let contacts = scope.contacts_by_id(&whom).await?;
    let show = |record: Record| {
        let kind = kinds.iter().find(|kind| kind.id == record.kind_id)?.clone();
        let contact = contacts.iter().find(|contact| Some(contact.id) == record.contact_id).cloned();
        Some(Shown { record, kind, contact })
    };
    Ok(Page { items: page.items.into_iter().filter_map(show).collect(), next: page.next })
}

/// One record.
pub(super) async fn get(ctx: &Ctx, actor: &OrgActor, id: RecordId) -> Result<Shown, Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    shown(&mut tx.org(actor.org).await?, id).await
}

async fn shown(scope: &mut OrgScope<'_>, id: RecordId) -> Result<Shown, Problem> {
    let record = scope.record(id).await?.ok_or_else(Problem::not_found)?;
    let kind = scope.record_kind(record.kind_id).await?.ok_or_else(Problem::not_found)?;
    let contact = match record.contact_id {
        Some(contact) => scope.contact(contact).await?,
        None => None,
    };
    Ok(Shown { record, kind, contact })
}

/// Removes a record. What was sent because of it stays.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: RecordId) -> Result<(), Problem> {
    actor.require(Right::WriteRecords)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let record = scope.record(id).await?.ok_or_else(Problem::not_found)?;
    scope.remove_record(id).await?;
    actor.audit(ctx, &mut scope, "record.remove", id, json!({ "external_id": record.external_id })).await?;
    announce(&mut scope, record.kind_id, ctx.now())?;
    tx.commit().await?;
    Ok(())
}
