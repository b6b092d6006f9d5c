//! What changed about numbers: found by comparing them before and after, kept, told.

use std::collections::BTreeMap;

use rules::id::{AccountId, NumberChangeId, NumberId};
use rules::number::{ChangeSource, Concern, MessagingLimit, NumberField, concern};
use rules::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use store::OrgScope;
use store::numbers::{NewNumberChange, Number};

use crate::alerts;
use crate::ctx::Ctx;

/// One fact that is another now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Whose.
    pub number: NumberId,
    /// Which.
    pub field: NumberField,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
}

/// Keeps and tells what is different about an account's numbers since they were read. A number that was not there has no
/// history yet.
pub async fn since(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: AccountId,
    before: &[Number],
    source: ChangeSource,
    now: Timestamp,
) -> store::Result<()> {
    let after = scope.numbers(Some(account)).await?;
    let known = after.iter().filter_map(|after| {
        let before = before.iter().find(|before| before.id == after.id)?;
        Some(differences(before, after))
    });
    let changed: Vec<Changed> = known.flatten().collect();
    note(ctx, scope, &changed, source, now).await
}

/// Keeps changes and tells whom they concern.
pub async fn note(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    changed: &[Changed],
    source: ChangeSource,
    now: Timestamp,
) -> store::Result<()> {
    #[derive(Serialize)]
    struct Told<'a> {
        number_id: NumberId,
        fields: &'a [NumberField],
        source: ChangeSource,
    }
    let kept: Vec<NewNumberChange> = changed
        .iter()
        .map(|one| NewNumberChange {
            id: NumberChangeId::fresh(now, ctx.chance()),
            number_id: one.number,
            field: one.field,
            old: one.old.clone(),
            new: one.new.clone(),
            source,
        })
        .collect();
    scope.add_number_changes(&kept, now).await?;
    let mut fields: BTreeMap<NumberId, Vec<NumberField>> = BTreeMap::new();
    for one in changed {
        fields.entry(one.number).or_default().push(one.field);
    }
    for (number_id, fields) in &fields {
        scope.publish("number.changed", &Told { number_id: *number_id, fields, source }, now)?;
    }
    for (number, concern) in concerns(changed) {
        alerts::number_concerns(scope, number, concern, now).await?;
    }
    Ok(())
}

/// Whom to tell of what. A limit and a restriction are those of the whole account: one of its numbers speaks for all.
fn concerns(changed: &[Changed]) -> Vec<(NumberId, Concern)> {
    let mut told: Vec<(NumberId, Concern)> = Vec::new();
    for one in changed {
        let Some(concern) = concern(one.field, one.old.as_deref(), one.new.as_deref()) else { continue };
        let shared = matches!(one.field, NumberField::MessagingLimit | NumberField::Restrictions);
        let known =
            |(number, known): &(NumberId, Concern)| *known == concern && (shared || *number == one.number);
        if !told.iter().any(known) {
            told.push((one.number, concern));
        }
    }
    told
}

fn differences(before: &Number, after: &Number) -> Vec<Changed> {
    let pairs = facts(before).into_iter().zip(facts(after));
    let different = pairs.filter(|((_, old), (_, new))| old != new);
    let mut changed: Vec<Changed> =
        different.map(|((field, old), (_, new))| Changed { number: after.id, field, old, new }).collect();
    let (old, new) = profiles(before, after);
    if old != new {
        let written = |one: Map<String, Value>| (!one.is_empty()).then(|| Value::Object(one).to_string());
        let field = NumberField::Profile;
        changed.push(Changed { number: after.id, field, old: written(old), new: written(new) });
    }
    changed
}

/// The facts that are compared, each as Meta writes it.
fn facts(number: &Number) -> [(NumberField, Option<String>); 14] {
    use NumberField as F;
    let health = number.health.as_ref().and_then(|health| health.0["can_send"].as_str().map(str::to_owned));
    [
        (F::VerifiedName, number.verified_name.clone()),
        (F::NameStatus, number.name_status.clone()),
        (F::WantedName, number.wanted_name.clone()),
        (F::WantedNameStatus, number.wanted_name_status.clone()),
        (F::Quality, number.quality.clone()),
        (F::MessagingLimit, number.messaging_limit.as_deref().map(MessagingLimit::canonical)),
        (F::Throughput, number.throughput.clone()),
        (F::Status, number.status.clone()),
        (F::PlatformType, number.platform_type.clone()),
        (F::CodeVerification, number.code_verification.clone()),
        (F::Official, Some(number.official.to_string())),
        (F::Username, number.username.clone()),
        (F::UsernameStatus, number.username_status.clone()),
        (F::Health, health),
    ]
}

/// What differs between two profiles. The address of a picture is another at every reading: that there is one counts.
fn profiles(before: &Number, after: &Number) -> (Map<String, Value>, Map<String, Value>) {
    let members = |number: &Number| {
        let mut members = number.profile.0.as_object().cloned().unwrap_or_default();
        let pictured = members.remove("picture_url").is_some_and(|url| url.is_string());
        if pictured {
            members.insert("picture".into(), true.into());
        }
        members
    };
    let (mut old, mut new) = (members(before), members(after));
    // Never read so far is no change.
    if before.profile.0.is_null() {
        return (Map::new(), Map::new());
    }
    let same: Vec<String> = old
        .iter()
        .filter(|(name, value)| new.get(*name) == Some(*value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        old.remove(&name);
        new.remove(&name);
    }
    (old, new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn changed(number: u128, field: NumberField, old: &str, new: &str) -> Changed {
        let number = NumberId(Uuid::from_u128(number));
        Changed { number, field, old: Some(old.to_owned()), new: Some(new.to_owned()) }
    }

    #[test]
    fn what_all_numbers_share_is_told_once() {
        let told = concerns(&[
            changed(1, NumberField::MessagingLimit, "TIER_2K", "TIER_250"),
            changed(2, NumberField::MessagingLimit, "TIER_2K", "TIER_250"),
            changed(1, NumberField::Quality, "GREEN", "RED"),
            changed(2, NumberField::Quality, "GREEN", "RED"),
            changed(2, NumberField::Throughput, "STANDARD", "HIGH"),
        ]);
        let (one, two) = (NumberId(Uuid::from_u128(1)), NumberId(Uuid::from_u128(2)));
        assert_eq!(
            told,
            [(one, Concern::LimitLowered), (one, Concern::QualityFell), (two, Concern::QualityFell)]
        );
    }
}
