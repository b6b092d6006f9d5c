//! Keys of an organisation.

use rules::id::KeyId;
use rules::role::Right;
use rules::time::Timestamp;
use serde_json::json;
use store::keys::{ApiKey, NewKey};

use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};
use crate::identity::secret::Token;

/// What every key of an organisation begins with, so that people and secret scanners know one when they see it.
pub(in crate::identity) const KEY_PREFIX: &str = "sapa_live_";
/// What every operator key begins with.
pub(in crate::identity) const OPERATOR_KEY_PREFIX: &str = "sapa_operator_";

/// A fresh key as it is stored, and the key itself, told once.
pub(in crate::identity) fn fresh(
    ctx: &Ctx,
    prefix: &str,
    name: &str,
    scopes: String,
    created_by: Option<uuid::Uuid>,
    expires_at: Option<Timestamp>,
) -> (NewKey, Token) {
    let token = Token::fresh(prefix, ctx.chance());
    let key = NewKey {
        id: KeyId::fresh(ctx.now(), ctx.chance()),
        name: name.trim().to_owned(),
        prefix: token.reveal().chars().take(prefix.len() + 4).collect(),
        secret_hash: token.hash(),
        scopes,
        created_by,
        expires_at,
    };
    (key, token)
}

/// Keys.
pub(in crate::identity) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<ApiKey>, Problem> {
    actor.require(Right::ReadMembers)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.keys().await?)
}

/// Makes a key. It carries no right that its maker lacks.
pub(in crate::identity) async fn create(
    ctx: &Ctx,
    actor: &OrgActor,
    name: &str,
    mut rights: Vec<Right>,
    expires_at: Option<Timestamp>,
) -> Result<(ApiKey, Token), Problem> {
    actor.require(Right::WriteMembers)?;
    if let Some(right) = rights.iter().find(|right| !actor.may(**right)) {
        return Err(Problem::lacks(*right));
    }
    let now = ctx.now();
    if expires_at.is_some_and(|at| at <= now) {
        return Err(Problem::invalid_field("expires_at", "lies in the past"));
    }
    rights.sort_unstable();
    rights.dedup();
    let scopes = rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(" ");
    let by = actor.member().map(|member| member.0);
    let (new, token) = fresh(ctx, KEY_PREFIX, name, scopes, by, expires_at);
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.insert_key(&new, now).await?;
    actor.audit(ctx, &mut scope, "key.create", new.id, json!({ "name": new.name, "rights": rights })).await?;
    tx.commit().await?;
    let key = ApiKey {
        id: new.id,
        org_id: Some(actor.org),
        name: new.name,
        prefix: new.prefix,
        scopes: new.scopes,
        created_at: now,
        last_used_at: None,
        expires_at,
    };
    Ok((key, token))
}

/// Revokes a key.
pub(in crate::identity) async fn revoke(ctx: &Ctx, actor: &OrgActor, id: KeyId) -> Result<(), Problem> {
    actor.require(Right::WriteMembers)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let keys = scope.keys().await?;
    if !scope.revoke_key(id, ctx.now()).await? {
        return Err(Problem::not_found());
    }
    scope.revoke_invites_by(id.0, ctx.now()).await?;
    let name = keys.iter().find(|key| key.id == id).map(|key| &key.name);
    actor.audit(ctx, &mut scope, "key.revoke", id, json!({ "name": name })).await?;
    tx.commit().await?;
    Ok(())
}
