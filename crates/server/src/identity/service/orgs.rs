//! The organisation itself: what its members see and change of it.

use std::io;

use documents::csv_lines;
use futures::stream::{self, Stream};
use rules::locale::Locale;
use rules::role::Right;
use rules::settings::{OrgSettings, Retention};
use serde_json::{Value, json};
use store::audit::{AuditEntry, AuditFilter};
use store::ingest::KeptUpdate;
use store::orgs::Org;
use store::{Cursor, Page};

use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// What is to change of an organisation.
#[derive(Debug, Default)]
pub(in crate::identity) struct Change {
    pub(in crate::identity) name: Option<String>,
    pub(in crate::identity) locale: Option<Locale>,
    pub(in crate::identity) country: Option<String>,
    pub(in crate::identity) timezone: Option<String>,
    /// Only the settings that are to change (RFC 7396).
    pub(in crate::identity) settings: Option<Value>,
}

/// The organisation.
pub(in crate::identity) async fn get(ctx: &Ctx, actor: &OrgActor) -> Result<Org, Problem> {
    let mut tx = ctx.store.read().await?;
    tx.org(actor.org).await?.org().await?.ok_or_else(Problem::not_found)
}

/// Changes the organisation.
pub(in crate::identity) async fn change(ctx: &Ctx, actor: &OrgActor, change: Change) -> Result<Org, Problem> {
    actor.require(Right::WriteSettings)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut org = scope.org_for_change().await?.ok_or_else(Problem::not_found)?;
    let before = org.clone();
    if let Some(name) = change.name {
        org.name = name.trim().to_owned();
    }
    if let Some(locale) = change.locale {
        org.locale = locale.to_string();
    }
    if let Some(country) = change.country {
        org.country = country;
    }
    if let Some(timezone) = change.timezone {
        org.timezone = timezone;
    }
    if let Some(patch) = change.settings {
        org.settings = merged(&org.settings, &patch)?.write();
    }
    scope.update_org(&org).await?;
    let changed: Vec<&str> = [
        ("name", org.name != before.name),
        ("locale", org.locale != before.locale),
        ("country", org.country != before.country),
        ("timezone", org.timezone != before.timezone),
        ("settings", org.settings != before.settings),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect();
    let mut details = json!({ "changed": changed });
    if org.settings != before.settings {
        details["settings_before"] = serde_json::from_str(&before.settings).unwrap_or_default();
        details["settings_after"] = serde_json::from_str(&org.settings).unwrap_or_default();
    }
    actor.audit(ctx, &mut scope, "organisation.update", "", details).await?;
    scope.publish("organisation.updated", &json!({}), now)?;
    tx.commit().await?;
    Ok(org)
}

/// Caps that can be kept, and words that are some.
fn check_policy(settings: &OrgSettings) -> Result<(), Problem> {
    for (name, cap) in [("marketing", settings.caps.marketing), ("utility", settings.caps.utility)] {
        if let Some(cap) = cap
            && !((1..=100).contains(&cap.most) && (1..=90).contains(&cap.days))
        {
            let range = "allows 1 to 100 messages within 1 to 90 days";
            return Err(Problem::invalid_field(format!("settings.caps.{name}"), range));
        }
    }
    let keywords = &settings.keywords;
    let lists = [
        ("stop", &keywords.stop, 50),
        ("stop_marketing", &keywords.stop_marketing, 50),
        ("start", &keywords.start, 50),
        ("switched_off", &keywords.switched_off, 100),
    ];
    for (name, list, most) in lists {
        let fits = |word: &String| !word.trim().is_empty() && word.chars().count() <= 60;
        if list.len() > most || !list.iter().all(fits) {
            let limits = format!("takes up to {most} words or phrases of 1 to 60 characters");
            return Err(Problem::invalid_field(format!("settings.keywords.{name}"), limits));
        }
    }
    let own = &keywords.confirmations;
    for (name, text) in [("stop", &own.stop), ("stop_marketing", &own.stop_marketing), ("start", &own.start)]
    {
        if text.chars().count() > 500 {
            let field = format!("settings.keywords.confirmations.{name}");
            return Err(Problem::invalid_field(field, "longer than 500 characters"));
        }
    }
    Ok(())
}

/// Settings with a merge patch applied, as long as the result is settings.
fn merged(stored: &str, patch: &Value) -> Result<OrgSettings, Problem> {
    let refuse = |message: String| Problem::invalid_field("settings", message);
    let mut value =
        serde_json::to_value(OrgSettings::read(stored)).map_err(|error| Problem::internal(&error))?;
    merge(&mut value, patch)
        .map_err(|()| refuse("an object is expected where settings stand together".to_owned()))?;
    let settings: OrgSettings =
        serde_json::from_value(value).map_err(|error| refuse(format!("these are not settings: {error}")))?;
    for (name, text) in [("ai.persona", &settings.ai.persona), ("ai.greeting", &settings.ai.greeting)] {
        if text.chars().count() > 500 {
            return Err(Problem::invalid_field(format!("settings.{name}"), "longer than 500 characters"));
        }
    }
    check_policy(&settings)?;
    if settings.ai.wait_seconds.is_some_and(|seconds| seconds > 30) {
        return Err(Problem::invalid_field("settings.ai.wait_seconds", "greater than 30"));
    }
    for (name, days) in settings.retention.days() {
        if days.is_some_and(|days| !Retention::DAYS.contains(&days)) {
            return Err(Problem::invalid_field(
                format!("settings.retention.{name}"),
                "must be 1 to 3650 days",
            ));
        }
    }
    Ok(settings)
}

/// RFC 7396: objects are merged, `null` removes (which means the default), everything else replaces; but what is an
/// object stays one, so that a list in its place cannot reset it.
fn merge(target: &mut Value, patch: &Value) -> Result<(), ()> {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    target.remove(name);
                } else {
                    merge(target.entry(name.clone()).or_insert(Value::Null), value)?;
                }
            }
            Ok(())
        }
        (Value::Object(_), _) => Err(()),
        (target, patch) => {
            *target = patch.clone();
            Ok(())
        }
    }
}

/// The audit log.
pub(in crate::identity) async fn audit_log(
    ctx: &Ctx,
    actor: &OrgActor,
    filter: &AuditFilter,
    before: Cursor,
    limit: usize,
) -> Result<Page<AuditEntry>, Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.audit_entries(filter, before, limit).await?)
}

/// The audit log as CSV, piece by piece. That it was taken along is an entry of it.
pub(in crate::identity) async fn audit_csv(
    ctx: &Ctx,
    actor: &OrgActor,
    filter: AuditFilter,
) -> Result<impl Stream<Item = io::Result<Vec<u8>>> + Send + use<>, Problem> {
    const TOGETHER: usize = 1_000;
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    actor.audit(ctx, &mut scope, "audit.export", "", json!({})).await?;
    tx.commit().await?;
    let headings = csv_lines([["at", "actor", "action", "target", "details", "address"]]);
    let headings = headings.map_err(|error| Problem::internal(&error))?;
    let (ctx, org) = (ctx.clone(), actor.org);
    let pages = stream::try_unfold(Some(Cursor::NEWEST), move |after| {
        let (ctx, filter) = (ctx.clone(), filter.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let read = async {
                let mut tx = ctx.store.read().await?;
                tx.org(org).await?.audit_entries(&filter, after, TOGETHER).await
            };
            let page = read.await.map_err(io::Error::other)?;
            let rows = page.items.iter().map(|entry| {
                let at = jiff::Timestamp::from_microsecond(entry.at.0)
                    .map(|at| at.to_string())
                    .unwrap_or_default();
                let AuditEntry { actor, action, target, details, address, .. } = entry;
                [at.as_str(), actor, action, target, details, address].map(str::to_owned)
            });
            Ok(Some((csv_lines(rows).map_err(io::Error::other)?, page.next)))
        }
    });
    Ok(futures::StreamExt::chain(stream::iter([Ok(headings)]), pages))
}

/// Webhook updates that were kept aside.
pub(in crate::identity) async fn kept_updates(
    ctx: &Ctx,
    actor: &OrgActor,
    before: i64,
    limit: usize,
) -> Result<Vec<KeptUpdate>, Problem> {
    actor.require(Right::ReadAudit)?;
    Ok(ctx.store.read().await?.kept_updates(Some(actor.org), before, limit as i64 + 1).await?)
}

/// Has a kept update applied again.
pub(in crate::identity) async fn retry_update(ctx: &Ctx, actor: &OrgActor, seq: i64) -> Result<(), Problem> {
    actor.require(Right::WriteSettings)?;
    let mut tx = ctx.store.begin().await?;
    if !tx.retry_update(Some(actor.org), seq, ctx.now()).await? {
        return Err(Problem::not_found());
    }
    let mut scope = tx.org(actor.org).await?;
    actor.audit(ctx, &mut scope, "kept_update.retry", seq, json!({})).await?;
    tx.commit().await?;
    ctx.ingest.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let stored =
            merged("{}", &json!({ "ai": { "persona": "friendly", "cite": false } })).unwrap().write();
        let settings =
            merged(&stored, &json!({ "ai": { "cite": null }, "policy": "strict_opt_in" })).unwrap();
        assert_eq!(settings.ai.persona, "friendly");
        assert!(settings.ai.cite);
        assert_eq!(settings.policy, rules::gate::Policy::StrictOptIn);
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        for patch in [
            json!({ "polcy": "x" }),
            json!({ "ai": 7 }),
            json!([]),
            json!({ "ai": [] }),
            json!({ "ai": { "wait_seconds": 31 } }),
        ] {
            let problem = merged("{}", &patch).unwrap_err();
            assert_eq!(problem.details().code, "invalid", "{patch}");
        }
    }
}
