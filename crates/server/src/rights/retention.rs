//! What organisations keep no longer than they say, and the sweep that forgets the rest once a day.

use rules::erasure::Kept;
use rules::id::OrgId;
use rules::role::Right;
use rules::time::{Timestamp, span};
use serde_json::json;

use super::conversation;
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// The longest that one may say; longer is for ever.
pub(super) const MOST_DAYS: i64 = 36_500;
/// So many go before the next organisation has its turn.
const TOGETHER: i64 = 100;

/// How long something is kept, and what would go now.
pub(super) struct Rule {
    pub what: Kept,
    /// `None`: for as long as the organisation is there.
    pub days: Option<i64>,
    /// How many are older.
    pub due: i64,
}

/// How long the organisation keeps what. With `instead`, what would go if it said that.
pub(super) async fn rules(
    ctx: &Ctx,
    actor: &OrgActor,
    instead: &[(Kept, Option<i64>)],
) -> Result<Vec<Rule>, Problem> {
    actor.require(Right::ReadAudit)?;
    let now = ctx.now();
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let said = scope.retention().await?;
    let mut rules = Vec::new();
    for what in Kept::ALL {
        let own = said.iter().find(|(kept, _)| kept == what).map(|(_, days)| *days);
        let days = instead.iter().find(|(kept, _)| kept == what).map_or(own, |(_, days)| *days);
        let due = match (what, days) {
            (_, None) => 0,
            (Kept::Conversations, Some(days)) => scope.count_silent_conversations(before(now, days)).await?,
            (Kept::Audit, Some(days)) => scope.count_audit_before(before(now, days)).await?,
        };
        rules.push(Rule { what: *what, days, due });
    }
    Ok(rules)
}

/// Says how long to keep what.
pub(super) async fn keep(ctx: &Ctx, actor: &OrgActor, wishes: &[(Kept, Option<i64>)]) -> Result<(), Problem> {
    actor.require(Right::WriteSettings)?;
    for (what, days) in wishes {
        if days.is_some_and(|days| days < what.fewest_days() || days > MOST_DAYS) {
            return Err(Problem::invalid_field(
                what.as_str(),
                format!("must be between {} and {MOST_DAYS} days", what.fewest_days()),
            ));
        }
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    for (what, days) in wishes {
        scope.keep(*what, *days).await?;
    }
    let details: serde_json::Map<_, _> =
        wishes.iter().map(|(what, days)| (what.as_str().to_owned(), json!(days))).collect();
    actor.audit(ctx, &mut scope, "retention.update", "", details.into()).await?;
    scope.publish("organisation.updated", &json!({}), now)?;
    Ok(tx.commit().await?)
}

fn before(now: Timestamp, days: i64) -> Timestamp {
    now - span::days(u64::try_from(days).unwrap_or(0))
}

/// Forgets what nobody keeps any more, organisation by organisation and a little at a time.
pub(super) async fn sweep(ctx: &Ctx, now: Timestamp) -> store::Result<()> {
    let mut tx = ctx.store.read().await?;
    let mut waiting = tx.orgs_with_retention().await?;
    drop(tx);
    while !waiting.is_empty() {
        let mut left = Vec::new();
        for org in waiting {
            match sweep_some(ctx, org, now).await {
                Ok(true) => left.push(org),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%org, %error, "what is past its time stays for now; it is tried again tomorrow");
                }
            }
        }
        waiting = left;
    }
    Ok(())
}

/// Forgets some of one organisation's. `false`: nothing is left to forget.
async fn sweep_some(
    ctx: &Ctx,
    org: OrgId,
    now: Timestamp,
) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let kept = scope.retention().await?;
    let days_of = |what| kept.iter().find(|(kept, _)| *kept == what).map(|(_, days)| before(now, *days));
    let (conversations, audit) = (days_of(Kept::Conversations), days_of(Kept::Audit));
    let silent = match conversations {
        Some(before) => scope.silent_conversations(before, TOGETHER).await?,
        None => Vec::new(),
    };
    drop(tx);
    for one in &silent {
        while conversation::forget_some(ctx, org, *one, None).await?.is_some() {}
    }
    let mut dropped = 0;
    if let Some(before) = audit {
        let mut tx = ctx.store.begin().await?;
        dropped = tx.org(org).await?.forget_audit_before(before, 1_000).await?;
        tx.commit().await?;
    }
    Ok(!silent.is_empty() || dropped > 0)
}
