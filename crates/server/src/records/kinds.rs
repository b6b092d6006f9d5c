//! Kinds of records: what an organisation calls them and which fields they have.

use std::collections::BTreeMap;

use rules::id::RecordKindId;
use rules::record::{Field, FieldKind};
use rules::role::Right;
use serde_json::json;
use store::records::RecordKind;
use store::{OrgScope, StoreError};

use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// More kinds would not be found again by anyone.
const MOST: usize = 100;

/// A kind that an organisation may begin with.
pub fn starter(now: rules::time::Timestamp, chance: &dyn rules::time::Randomness) -> RecordKind {
    let field = |key: &str, label: &str, kind, currency: Option<&str>| Field {
        key: key.into(),
        label: label.into(),
        kind,
        currency: currency.map(Into::into),
    };
    RecordKind {
        id: RecordKindId::fresh(now, chance),
        name: "permit".into(),
        title: "Izin usaha".into(),
        fields: store::Json(vec![
            field("title", "Nama izin", FieldKind::Text, None),
            field("expires_on", "Berlaku sampai", FieldKind::Date, None),
            field("fee", "Biaya perpanjangan", FieldKind::Money, Some("IDR")),
        ]),
        created_at: now,
        updated_at: now,
    }
}

/// All kinds, and how many records each has.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<(RecordKind, i64)>, Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let counts: BTreeMap<_, _> = scope.count_records().await?;
    let kinds = scope.record_kinds().await?;
    Ok(kinds
        .into_iter()
        .map(|kind| (counts.get(&kind.id).copied().unwrap_or(0), kind))
        .map(|(n, kind)| (kind, n))
        .collect())
}

/// One kind, and how many records it has.
pub(super) async fn get(ctx: &Ctx, actor: &OrgActor, id: RecordKindId) -> Result<(RecordKind, i64), Problem> {
    list(ctx, actor).await?.into_iter().find(|(kind, _)| kind.id == id).ok_or_else(Problem::not_found)
}

/// What a kind is to be.
pub(super) struct Wanted {
    pub name: String,
    pub title: String,
    pub fields: Vec<Field>,
}

/// Keeps a kind: a new one, or another in place of the one of this id. Records stand as they were put; a field that is new
/// is read from them as they are put again.
pub(super) async fn keep(
    ctx: &Ctx,
    actor: &OrgActor,
    id: Option<RecordKindId>,
    wanted: Wanted,
) -> Result<(RecordKind, i64), Problem> {
    actor.require(Right::WriteRecords)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let kinds = scope.record_kinds().await?;
    let before = match id {
        Some(id) => Some(kinds.iter().find(|kind| kind.id == id).ok_or_else(Problem::not_found)?),
        None if kinds.len() >= MOST => {
            return Err(Problem::conflict(
                "too_many_record_kinds",
                format!("There are {MOST} kinds of records already. Remove some that nobody uses."),
            ));
        }
        None => None,
    };
    let kind = RecordKind {
        id: before.map_or_else(|| RecordKindId::fresh(now, ctx.chance()), |kind| kind.id),
        name: wanted.name,
        title: wanted.title.trim().to_owned(),
        fields: store::Json(wanted.fields),
        created_at: before.map_or(now, |kind| kind.created_at),
        updated_at: now,
    };
    scope.put_record_kind(&kind).await.map_err(|error| match error {
        StoreError::Taken(_) => Problem::invalid_field("name", "is another kind's already"),
        other => other.into(),
    })?;
    let count = scope.count_records().await?.get(&kind.id).copied().unwrap_or(0);
    tell(ctx, actor, &mut scope, "record_kind.keep", &kind).await?;
    tx.commit().await?;
    Ok((kind, count))
}

/// Removes a kind that has no records.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: RecordKindId) -> Result<(), Problem> {
    actor.require(Right::WriteRecords)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let kind = scope.record_kind(id).await?.ok_or_else(Problem::not_found)?;
    if !scope.remove_record_kind(id).await? {
        return Err(Problem::conflict(
            "record_kind_in_use",
            "There are records of this kind. Remove them first.",
        ));
    }
    tell(ctx, actor, &mut scope, "record_kind.remove", &kind).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    what: &str,
    kind: &RecordKind,
) -> Result<(), Problem> {
    actor.audit(ctx, scope, what, kind.id, json!({ "name": kind.name })).await?;
    Ok(super::service::announce(scope, kind.id, ctx.now())?)
}
