//! The business username: what a number may be called instead of its digits.

use rules::id::NumberId;
use serde_json::json;
use store::numbers::Number;

use super::{Failed, changed, reach};
use crate::ctx::Ctx;
use crate::http::OrgActor;

/// How few and how many characters it has.
pub const LENGTH: std::ops::RangeInclusive<usize> = 3..=35;

/// What is wrong with a name, before Meta is asked (meta-messaging 2.6).
pub fn flaw(name: &str) -> Option<&'static str> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
    if !LENGTH.contains(&name.chars().count()) {
        Some("must have 3 to 35 characters")
    } else if !name.chars().all(fits) {
        Some("may hold only the letters a to z, digits, points and underscores")
    } else if !name.chars().any(|c| c.is_ascii_lowercase()) {
        Some("must hold at least one letter")
    } else if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        Some("may not begin or end with a point, or have two in a row")
    } else if name.starts_with("www") {
        Some("may not begin with www")
    } else {
        None
    }
}

/// Names that are free and resemble the business's.
pub async fn suggestions(ctx: &Ctx, actor: &OrgActor, id: NumberId) -> Result<Vec<String>, Failed> {
    let reached = reach(ctx, actor.org, id).await?;
    Ok(ctx.graph.username_suggestions(&reached.access(), reached.id()).await?)
}

/// Claims a username. `transfer` takes it from another number of the same business.
pub async fn claim(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NumberId,
    name: &str,
    transfer: bool,
) -> Result<Number, Failed> {
    if let Some(flaw) = flaw(name) {
        return Err(Failed::Invalid("username", flaw));
    }
    let reached = reach(ctx, actor.org, id).await?;
    let status = ctx.graph.claim_username(&reached.access(), reached.id(), name, transfer).await?;
    let deed = ("number.username_claimed", json!({"username": name, "transfer": transfer}));
    store(ctx, actor, id, Some((name, status.as_str())), deed).await
}

/// Gives the username up.
pub async fn give_up(ctx: &Ctx, actor: &OrgActor, id: NumberId) -> Result<Number, Failed> {
    let reached = reach(ctx, actor.org, id).await?;
    ctx.graph.delete_username(&reached.access(), reached.id()).await?;
    store(ctx, actor, id, None, ("number.username_given_up", json!({}))).await
}

async fn store(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NumberId,
    username: Option<(&str, &str)>,
    deed: (&str, serde_json::Value),
) -> Result<Number, Failed> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = scope.number(id).await?.ok_or(Failed::Missing)?;
    scope.set_number_username(id, username.map(|(name, _)| name), username.map(|(_, status)| status)).await?;
    let number = changed(ctx, actor, &mut scope, &before, deed, now).await?;
    tx.commit().await?;
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::flaw;

    #[test]
    fn what_meta_would_refuse_is_refused_before() {
        for good in ["kopi.senja", "kopi_senja", "a12", &"a".repeat(35)] {
            assert_eq!(flaw(good), None, "{good}");
        }
        for bad in [
            "ko",
            &"a".repeat(36),
            "Kopi",
            "kopi senja",
            "123",
            ".kopi",
            "kopi.",
            "k..pi",
            "www.kopi",
            "kopí",
        ] {
            assert!(flaw(bad).is_some(), "{bad}");
        }
    }
}
