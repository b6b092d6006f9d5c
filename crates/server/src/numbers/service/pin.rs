//! A new two-step PIN at Meta, which asks for no old one.

use meta::graph::GraphError;
use rules::id::NumberId;
use rules::number::{ChangeSource, NumberField};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use store::numbers::{Number, PIN};

use super::{Failed, reach};
use crate::ctx::Ctx;
use crate::http::OrgActor;
use crate::numbers::history::{self, Changed};

/// Sets a new PIN at Meta and keeps it, sealed.
pub async fn change(ctx: &Ctx, actor: &OrgActor, id: NumberId, pin: &SecretString) -> Result<Number, Failed> {
    let digits = pin.expose_secret();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failed::Invalid("pin", "must be exactly six digits"));
    }
    let reached = reach(ctx, actor.org, id).await?;
    let answer = ctx.graph.set_pin(&reached.access(), reached.id(), digits).await;
    // Whether it took effect is not known: neither the old nor the new one may be believed.
    let lost = matches!(answer, Err(GraphError::Unknown { .. }));
    if !lost {
        answer.clone()?;
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let sealed = ctx.vault.seal(&mut tx, actor.org, PIN, pin, now).await?;
    let mut scope = tx.org(actor.org).await?;
    scope.set_pin(id, (!lost).then_some(sealed.as_slice())).await?;
    let changed = Changed { number: id, field: NumberField::Pin, old: None, new: Some("here".to_owned()) };
    history::note(ctx, &mut scope, &[changed], ChangeSource::Member, now).await?;
    actor.audit(ctx, &mut scope, "number.pin_changed", id, json!({"confirmed": !lost})).await?;
    let number = scope.number(id).await?.ok_or(Failed::Missing)?;
    tx.commit().await?;
    answer?;
    Ok(number)
}
