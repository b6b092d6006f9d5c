//! Deleting an organisation: everything that is its own, a little at a time, until its name stands in the installation's
//! audit log alone.

use jobs::Verdict;
use rules::id::OrgId;
use rules::role::OrgStatus;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::forget::Naming;
use store::orgs::Org;
use store::queue::{Job, NewJob, Unique};
use store::sealed::OPERATOR;

use super::DELETE;
use super::conversation::{forget_some, tidy_words};
use crate::ctx::Ctx;
use crate::http::{OperatorActor, Problem, audit};
use crate::{media, onboarding};

/// So many rows go in one transaction.
const TOGETHER: i64 = 1_000;

type Trouble = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    /// Who asked for it, for the log.
    by: String,
}

/// Begins to delete an organisation, whose short name whoever asks has to type. From here on nobody gets in, nothing is sent and
/// nothing is answered. Asked again, it goes on.
pub(crate) async fn begin(ctx: &Ctx, actor: &OperatorActor, id: OrgId, typed: &str) -> Result<Org, Problem> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(id).await?;
    let mut org = scope.org_for_change().await?.ok_or_else(Problem::not_found)?;
    if typed != org.slug {
        return Err(Problem::invalid_field(
            "slug",
            "must be the organisation's short name, as it stands in addresses",
        ));
    }
    let is_new = org.status != OrgStatus::Deleting;
    org.status = OrgStatus::Deleting;
    scope.update_org(&org).await?;
    let job = NewJob {
        serial_key: Some(id.to_string()),
        unique: Some(Unique::KeepFirst(id.to_string())),
        // Not the organisation's own: it is to outlive its jobs.
        org: None,
        ..NewJob::new(DELETE, id, &Payload { org: id, by: actor.name.clone() }, now)?
    };
    tx.enqueue(&job, now);
    if is_new {
        let details = json!({ "name": org.name, "slug": org.slug });
        actor.audit(ctx, &mut tx, None, "organisation.delete", id, details).await?;
    }
    tx.commit().await?;
    Ok(org)
}

/// Runs a job of the queue of organisations that are to go.
pub(super) async fn go_on(ctx: Ctx, job: Job) -> Verdict {
    let payload = match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => payload,
        Err(error) => return Verdict::Dead(format!("the job does not read: {error}")),
    };
    match delete(&ctx, &payload).await {
        Ok(()) => Verdict::Done,
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

/// Begins anew after a crash: what is gone is not found again.
async fn delete(ctx: &Ctx, payload: &Payload) -> Result<(), Trouble> {
    let id = payload.org;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(id).await?;
    let Some(org) = scope.org().await?.filter(|org| org.status == OrgStatus::Deleting) else { return Ok(()) };
    let accounts = scope.waba_ids().await?;
    drop(tx);
    onboarding::leave_all(ctx, id, &payload.by).await?;
    let naming = Naming { names: &accounts, accounts: &accounts };
    let mut tx = ctx.store.begin().await?;
    tx.forget_updates(naming).await?;
    tx.commit().await?;
    ctx.store.forget_bodies(naming).await?;
    forget_conversations(ctx, id).await?;
    // Twice: whoever was in the middle of something may have left a trace behind the first time.
    while empty_tables(ctx, id).await? > 0 {
        forget_conversations(ctx, id).await?;
    }
    tidy_words(ctx).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    if tx.remove_org(id).await? {
        let details = json!({ "name": org.name, "slug": org.slug });
        let mut operator = tx.org(OPERATOR).await?;
        audit(ctx, &mut operator, &payload.by, "organisation.deleted", &id.to_string(), details, "").await?;
        // Bytes that nobody else has.
        media::sweep_later(&mut tx, now)?;
    }
    Ok(tx.commit().await?)
}

async fn forget_conversations(ctx: &Ctx, org: OrgId) -> Result<(), Trouble> {
    loop {
        let mut tx = ctx.store.read().await?;
        let some = tx.org(org).await?.silent_conversations(Timestamp(i64::MAX), 100).await?;
        drop(tx);
        if some.is_empty() {
            return Ok(());
        }
        for one in some {
            while forget_some(ctx, org, one, None).await?.is_some() {}
        }
    }
}

/// Empties every table of what is the organisation's. Returns how many rows that were.
async fn empty_tables(ctx: &Ctx, org: OrgId) -> Result<u64, Trouble> {
    let mut tx = ctx.store.read().await?;
    let tables = tx.tables_of_orgs().await?;
    drop(tx);
    let mut all = 0;
    for table in tables {
        loop {
            let mut tx = ctx.store.begin().await?;
            let gone = tx.empty_of_org(&table, org, TOGETHER).await?;
            tx.commit().await?;
            all += gone;
            if gone == 0 {
                break;
            }
        }
    }
    Ok(all)
}
