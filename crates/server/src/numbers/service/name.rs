//! The display name: asking for another one, and putting it to use once Meta has approved it.

use rules::connection::{REGISTER_OWN_LIMIT, REGISTER_PERIOD};
use rules::id::{NumberId, OrgId};
use rules::number::ChangeSource;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use store::numbers::{Number, NumberNews, PIN};

use super::{Failed, Reached, changed, reach};
use crate::ctx::Ctx;
use crate::http::OrgActor;
use crate::numbers::history;

/// Asks Meta for another name. Its review takes minutes to days; the old one shows meanwhile.
pub async fn request(ctx: &Ctx, actor: &OrgActor, id: NumberId, name: &str) -> Result<Number, Failed> {
    let reached = reach(ctx, actor.org, id).await?;
    if reached.number.verified_name.as_deref() == Some(name) {
        return Err(Failed::Invalid("name", "is the name that people see already"));
    }
    ctx.graph.request_name(&reached.access(), reached.id(), name).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = scope.number(id).await?.ok_or(Failed::Missing)?;
    scope.forget_wanted_name(id).await?;
    let asked = NumberNews {
        wanted_name: Some(name),
        wanted_name_status: Some("PENDING_REVIEW"),
        ..NumberNews::default()
    };
    scope.record_number_news(id, asked).await?;
    let deed = ("number.name_requested", json!({"name": name}));
    let number = changed(ctx, actor, &mut scope, &before, deed, now).await?;
    tx.commit().await?;
    Ok(number)
}

/// A member has the approved name put to use.
pub async fn put_to_use_by(ctx: &Ctx, actor: &OrgActor, id: NumberId) -> Result<Number, Failed> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.number(id).await?.ok_or(Failed::Missing)?;
    actor.audit(ctx, &mut scope, "number.name_used", id, json!({})).await?;
    tx.commit().await?;
    put_to_use(ctx, actor.org, id).await?;
    ctx.store.read().await?.org(actor.org).await?.number(id).await?.ok_or(Failed::Missing)
}

/// Registers a number again so that its approved name shows. Harmless where it was done before.
pub async fn put_to_use(ctx: &Ctx, org: OrgId, id: NumberId) -> Result<(), Failed> {
    let reached = reach(ctx, org, id).await?;
    let number = &reached.number;
    if number.wanted_name_status.as_deref() != Some("APPROVED") {
        return Err(Failed::Conflict(
            "no_approved_name",
            "Meta has approved no new name for this number. Ask for one first, or wait for the review.",
            "Meta belum menyetujui nama baru untuk nomor ini. Ajukan nama dulu, atau tunggu tinjauannya.",
        ));
    }
    if !number.on_business_app {
        register(ctx, org, &reached).await?;
    }
    let seen = ctx.graph.phone_number(&reached.access(), reached.id()).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let before = scope.number(id).await?.ok_or(Failed::Missing)?;
    scope.forget_wanted_name(id).await?;
    let shown = NumberNews {
        verified_name: seen.verified_name.as_deref(),
        name_status: seen.name_status.as_deref(),
        ..NumberNews::default()
    };
    scope.record_number_news(id, shown).await?;
    let account = before.account_id;
    history::since(ctx, &mut scope, account, &[before], ChangeSource::Check, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn register(ctx: &Ctx, org: OrgId, reached: &Reached) -> Result<(), Failed> {
    let pin = pin(ctx, org, &reached.number).await?;
    count(ctx, org, reached.number.id).await?;
    Ok(ctx.graph.register(&reached.access(), reached.id(), pin.expose_secret(), None).await?)
}

async fn pin(ctx: &Ctx, org: OrgId, number: &Number) -> Result<SecretString, Failed> {
    let sealed = number.pin.as_ref().ok_or(Failed::Conflict(
        "pin_unknown",
        "The number's PIN is not known here. Set a new one first.",
        "PIN nomor ini tidak diketahui di sini. Buat PIN baru dulu.",
    ))?;
    let mut tx = ctx.store.read().await?;
    Ok(ctx.vault.open(&mut tx, org, PIN, sealed).await?)
}

/// Counts an attempt before it is made, and stops well before Meta locks the number for three days.
async fn count(ctx: &Ctx, org: OrgId, id: NumberId) -> Result<(), Failed> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let mut attempts = scope.number(id).await?.ok_or(Failed::Missing)?.register_attempts.0;
    attempts.retain(|at| now.since(*at) < REGISTER_PERIOD);
    if attempts.len() >= REGISTER_OWN_LIMIT {
        return Err(Failed::Conflict(
            "register_held",
            "The number was registered so often in the last three days that Meta would soon lock it. Try again in three days.",
            "Nomor ini sudah terlalu sering didaftarkan dalam tiga hari terakhir; sebentar lagi Meta menguncinya. Coba lagi \
             tiga hari lagi.",
        ));
    }
    attempts.push(now);
    scope.set_register_attempts(id, &attempts).await?;
    tx.commit().await?;
    Ok(())
}
