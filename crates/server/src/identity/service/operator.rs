//! What whoever runs the installation does: organisations, operator keys, what was kept or given up.

use std::collections::HashMap;

use rules::id::{KeyId, OrgId};
use rules::locale::Locale;
use rules::role::{OrgStatus, Role};
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde_json::json;
use store::audit::{AuditEntry, AuditFilter};
use store::ingest::KeptUpdate;
use store::keys::ApiKey;
use store::orgs::{NewOrg, Org};
use store::queue::DeadJob;
use store::sealed::OPERATOR;
use store::{Cursor, Page, Tx};
use uuid::Uuid;

use super::account::reset_link;
use super::keys::{OPERATOR_KEY_PREFIX, fresh};
use super::members::{Invited, store_invite};
use super::plain_email;
use crate::ctx::Ctx;
use crate::dispatch;
use crate::http::{OperatorActor, Problem};
use crate::identity::secret::Token;

/// An organisation to be made.
pub(in crate::identity) struct Wanted {
    pub(in crate::identity) name: String,
    pub(in crate::identity) slug: String,
    pub(in crate::identity) locale: Locale,
    pub(in crate::identity) country: String,
    pub(in crate::identity) timezone: String,
}

/// Every organisation.
pub(in crate::identity) async fn orgs(ctx: &Ctx, before: Cursor, limit: usize) -> Result<Page<Org>, Problem> {
    Ok(ctx.store.read().await?.orgs(before, limit).await?)
}

/// Makes an organisation and invites its first owner.
pub(in crate::identity) async fn create_org(
    ctx: &Ctx,
    actor: &OperatorActor,
    wanted: Wanted,
    owner_email: &str,
) -> Result<(Org, Invited), Problem> {
    let mut tx = ctx.store.begin().await?;
    let org = insert_org(ctx, &mut tx, wanted).await?;
    let by = actor.person.map_or(Uuid::nil(), |person| person.0);
    let invited = store_invite(ctx, &mut tx, org.id, &plain_email(owner_email), Role::Owner, by).await?;
    let details = json!({ "name": org.name, "slug": org.slug });
    actor.audit(ctx, &mut tx, Some(org.id), "organisation.create", org.id, details).await?;
    tx.commit().await?;
    Ok((org, invited))
}

/// Stores a new organisation.
pub(in crate::identity) async fn insert_org(ctx: &Ctx, tx: &mut Tx, wanted: Wanted) -> Result<Org, Problem> {
    let now = ctx.now();
    let new = NewOrg {
        id: OrgId::fresh(now, ctx.chance()),
        name: wanted.name.trim().to_owned(),
        slug: wanted.slug,
        locale: wanted.locale.to_string(),
        country: wanted.country,
        timezone: wanted.timezone,
        settings: OrgSettings::default().write(),
    };
    tx.insert_org(&new, now).await.map_err(|error| {
        if error.is_taken() {
            Problem::conflict(
                "slug_taken",
                "Another organisation has this short name already. Choose another one.",
            )
        } else {
            error.into()
        }
    })?;
    Ok(Org {
        id: new.id,
        name: new.name,
        slug: new.slug,
        locale: new.locale,
        country: new.country,
        timezone: new.timezone,
        status: OrgStatus::Active,
        operator_pays: false,
        settings: new.settings,
        created_at: now,
    })
}

/// Suspends an organisation or lets it work again, and says whether the operator pays Meta for its accounts.
pub(in crate::identity) async fn decide(
    ctx: &Ctx,
    actor: &OperatorActor,
    id: OrgId,
    status: Option<OrgStatus>,
    operator_pays: Option<bool>,
) -> Result<Org, Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(id).await?;
    let mut org = scope.org_for_change().await?.ok_or_else(Problem::not_found)?;
    let mut decisions = Vec::new();
    if org.status == OrgStatus::Deleting || status == Some(OrgStatus::Deleting) {
        return Err(Problem::conflict(
            "organisation_deleting",
            "An organisation is deleted by its own call, and one that is being deleted cannot be brought back.",
        ));
    }
    if let Some(after) = status {
        decisions.push(("organisation.status", json!({ "before": org.status, "after": after })));
        org.status = after;
    }
    if let Some(after) = operator_pays {
        decisions
            .push(("organisation.operator_pays", json!({ "before": org.operator_pays, "after": after })));
        org.operator_pays = after;
    }
    scope.update_org(&org).await?;
    scope.publish("organisation.updated", &json!({}), ctx.now())?;
    if status == Some(OrgStatus::Active) {
        dispatch::resume(&mut scope, None, ctx.now()).await?;
    }
    for (action, details) in decisions {
        actor.audit(ctx, &mut tx, Some(id), action, id, details).await?;
    }
    tx.commit().await?;
    Ok(org)
}

/// Makes a reset link for a person, to be handed over personally where no mail server is configured.
pub(in crate::identity) async fn password_reset(
    ctx: &Ctx,
    actor: &OperatorActor,
    email: &str,
) -> Result<String, Problem> {
    let mut tx = ctx.store.begin().await?;
    let person = tx.person_by_email(&plain_email(email)).await?.ok_or_else(Problem::not_found)?;
    let link = reset_link(ctx, &mut tx, person.id).await?;
    actor.audit(ctx, &mut tx, None, "password.reset_link", person.id, json!({ "name": person.name })).await?;
    tx.commit().await?;
    Ok(link)
}

/// Operator keys.
pub(in crate::identity) async fn keys(ctx: &Ctx) -> Result<Vec<ApiKey>, Problem> {
    Ok(ctx.store.read().await?.operator_keys().await?)
}

/// Makes an operator key.
pub(in crate::identity) async fn create_key(
    ctx: &Ctx,
    actor: &OperatorActor,
    name: &str,
    expires_at: Option<Timestamp>,
) -> Result<(ApiKey, Token), Problem> {
    let now = ctx.now();
    if expires_at.is_some_and(|at| at <= now) {
        return Err(Problem::invalid_field("expires_at", "lies in the past"));
    }
    let by = actor.person.map(|person| person.0);
    let (new, token) = fresh(ctx, OPERATOR_KEY_PREFIX, name, "*".to_owned(), by, expires_at);
    let mut tx = ctx.store.begin().await?;
    tx.insert_operator_key(&new, now).await?;
    actor.audit(ctx, &mut tx, None, "operator_key.create", new.id, json!({ "name": new.name })).await?;
    tx.commit().await?;
    let key = ApiKey {
        id: new.id,
        org_id: None,
        name: new.name,
        prefix: new.prefix,
        scopes: new.scopes,
        created_at: now,
        last_used_at: None,
        expires_at,
    };
    Ok((key, token))
}

/// Revokes an operator key.
pub(in crate::identity) async fn revoke_key(
    ctx: &Ctx,
    actor: &OperatorActor,
    id: KeyId,
) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    let keys = tx.operator_keys().await?;
    if !tx.revoke_operator_key(id, ctx.now()).await? {
        return Err(Problem::not_found());
    }
    let name = keys.iter().find(|key| key.id == id).map(|key| &key.name);
    actor.audit(ctx, &mut tx, None, "operator_key.revoke", id, json!({ "name": name })).await?;
    tx.commit().await?;
    Ok(())
}

/// Webhook updates kept aside, of every organisation and of none.
pub(in crate::identity) async fn kept_updates(
    ctx: &Ctx,
    before: i64,
    limit: usize,
) -> Result<Vec<KeptUpdate>, Problem> {
    Ok(ctx.store.read().await?.kept_updates(None, before, limit as i64 + 1).await?)
}

/// Has a kept update applied again.
pub(in crate::identity) async fn retry_update(
    ctx: &Ctx,
    actor: &OperatorActor,
    seq: i64,
) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    if !tx.retry_update(None, seq, ctx.now()).await? {
        return Err(Problem::not_found());
    }
    actor.audit(ctx, &mut tx, None, "kept_update.retry", seq, json!({})).await?;
    tx.commit().await?;
    ctx.ingest.notify_one();
    Ok(())
}

/// Jobs that were given up.
pub(in crate::identity) async fn dead_jobs(ctx: &Ctx, limit: usize) -> Result<Vec<DeadJob>, Problem> {
    Ok(ctx.store.read().await?.dead_jobs(limit as i64).await?)
}

/// Gives a job that was given up another life.
pub(in crate::identity) async fn retry_job(ctx: &Ctx, actor: &OperatorActor, id: i64) -> Result<(), Problem> {
    let mut tx = ctx.store.begin().await?;
    if !tx.revive(id, ctx.now()).await? {
        return Err(Problem::not_found());
    }
    actor.audit(ctx, &mut tx, None, "job.retry", id, json!({})).await?;
    tx.commit().await?;
    Ok(())
}

/// The installation's own audit log, and the names of the people in it, by how the log names them.
pub(in crate::identity) async fn audit_log(
    ctx: &Ctx,
    before: Cursor,
    limit: usize,
) -> Result<(Page<AuditEntry>, HashMap<String, String>), Problem> {
    let mut tx = ctx.store.read().await?;
    let page = tx.org(OPERATOR).await?.audit_entries(&AuditFilter::default(), before, limit).await?;
    drop(tx);
    let mut tx = ctx.store.read().await?;
    let mut names = HashMap::new();
    for entry in &page.items {
        let id = entry.actor.strip_prefix("person:").or_else(|| entry.actor.strip_prefix("operator:"));
        let Some(id) = id.and_then(|id| id.parse().ok()) else { continue };
        if !names.contains_key(&entry.actor)
            && let Some(person) = tx.person(id).await?
        {
            names.insert(entry.actor.clone(), person.name);
        }
    }
    Ok((page, names))
}
