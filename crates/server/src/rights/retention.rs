//! What organisations keep no longer than they say, and the sweep that forgets the rest once a day.

use jobs::Verdict;
use rules::erasure::Kept;
use rules::id::OrgId;
use rules::role::Right;
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::queue::{Job, NewJob, Unique};

use super::{RETENTION, conversation};
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// The longest that one may say; longer is for ever.
pub(super) const MOST_DAYS: i64 = 36_500;
/// So many conversations are gone through before it is looked again.
const TOGETHER: i64 = 100;
/// So many rows go in one transaction.
const MANY: i64 = 1_000;

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
            (Kept::Outreach, Some(days)) => scope.count_outreach_before(before(now, days)).await?,
            (Kept::Notifications, Some(days)) => scope.count_recipients_before(before(now, days)).await?,
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

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
}

/// Has what nobody keeps any more forgotten, organisation by organisation.
pub(super) async fn sweep_later(ctx: &Ctx, now: Timestamp) -> store::Result<()> {
    let mut tx = ctx.store.begin().await?;
    for org in tx.orgs_with_retention().await? {
        let job = NewJob {
            org: Some(org),
            serial_key: Some(org.to_string()),
            unique: Some(Unique::KeepFirst(org.to_string())),
            ..NewJob::new(RETENTION, org, &Payload { org }, now)?
        };
        tx.enqueue(&job, now);
    }
    tx.commit().await
}

/// Runs a job of the queue of what is kept no longer. What is gone is not found again by whoever has to begin anew.
pub(super) async fn go_on(ctx: Ctx, job: Job) -> Verdict {
    let payload = match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => payload,
        Err(error) => return Verdict::Dead(format!("the job does not read: {error}")),
    };
    loop {
        match sweep_some(&ctx, payload.org, ctx.now()).await {
            Ok(true) => {}
            Ok(false) => return Verdict::Done,
            Err(error) => return Verdict::Retry(error.to_string()),
        }
    }
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
    drop(tx);
    let mut forgotten = false;
    for (what, days) in kept {
        forgotten |= forget_some_of(ctx, org, what, before(now, days)).await?;
    }
    Ok(forgotten)
}

/// Forgets some of what is older. `false`: there was nothing.
async fn forget_some_of(
    ctx: &Ctx,
    org: OrgId,
    what: Kept,
    before: Timestamp,
) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    if what == Kept::Conversations {
        let mut tx = ctx.store.read().await?;
        let silent = tx.org(org).await?.silent_conversations(before, TOGETHER).await?;
        drop(tx);
        for one in &silent {
            while conversation::forget_some(ctx, org, *one, None).await?.is_some() {}
        }
        return Ok(!silent.is_empty());
    }
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let gone = match what {
        Kept::Audit => scope.forget_audit_before(before, MANY).await?,
        Kept::Outreach => scope.forget_outreach_before(before, MANY).await?,
        Kept::Notifications => match scope.forget_recipients_before(before, MANY).await? {
            0 => scope.forget_runs_before(before, MANY).await?,
            people => people,
        },
        Kept::Conversations => 0,
    };
    tx.commit().await?;
    Ok(gone > 0)
}
