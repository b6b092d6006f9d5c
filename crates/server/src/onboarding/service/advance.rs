//! One step of a connection at a time, each recorded before the next is asked for.

use rules::connection::{Next, Standing, Step, StepStatus, next_step, standing};
use rules::id::{ConnectionId, OrgId};
use serde_json::Value;
use store::connections::StepEnd;

use super::work::{Work, facts, records};
use super::{Stopped, enqueue_advance, steps, tell_connection};
use crate::ctx::Ctx;

/// What a step that got done brought, and what proved it.
#[derive(Debug, Default)]
pub struct Proved {
    /// Ids and facts, never secrets.
    pub result: Value,
    /// The read or effect.
    pub proof: Value,
    /// What is odd about it although it is done.
    pub note: Option<Stopped>,
}

/// What ends a step.
#[derive(Debug)]
pub enum Ended {
    /// Done and proved.
    Done(Proved),
    /// Stopped.
    Stopped(Stopped),
}

impl From<Stopped> for Ended {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

/// Makes the step that is due, records it, and asks for the next. Whatever happens between the call and the record,
/// running this again finishes the step exactly once: each step reads first what an earlier call brought about.
pub async fn advance(ctx: &Ctx, org: OrgId, id: ConnectionId) -> store::Result<()> {
    let Some(work) = Work::load(ctx, org, id).await? else { return Ok(()) };
    // The sweeper comes back to it.
    if !ctx.store.read().await?.org(org).await?.org().await?.is_some_and(|org| org.may_work()) {
        return Ok(());
    }
    let records = work.records();
    match next_step(&work.facts(&records, ctx.now())) {
        Next::Do(step) => {
            let attempts = begin(ctx, &work, step).await?;
            let ended = steps::make(ctx, &work, step).await?;
            record(ctx, org, id, step, attempts, ended).await
        }
        Next::Wait { until, .. } => {
            let now = ctx.now();
            let mut tx = ctx.store.begin().await?;
            enqueue_advance(&mut tx, org, id, until, now).await?;
            settle(ctx, &mut tx, org, id).await?;
            tx.commit().await
        }
        Next::NeedsPerson { .. } | Next::Done => {
            let mut tx = ctx.store.begin().await?;
            settle(ctx, &mut tx, org, id).await?;
            tx.commit().await
        }
    }
}

/// Notes that a step is begun, before its call.
async fn begin(ctx: &Ctx, work: &Work, step: Step) -> store::Result<i64> {
    let mut tx = ctx.store.begin().await?;
    let attempts = tx.org(work.org).await?.begin_step(work.connection.id, step, ctx.now()).await?;
    tx.commit().await?;
    Ok(attempts)
}

/// Records how a step ended, and asks for the next one.
pub async fn record(
    ctx: &Ctx,
    org: OrgId,
    id: ConnectionId,
    step: Step,
    attempts: i64,
    ended: Ended,
) -> store::Result<()> {
    let now = ctx.now();
    let end = match ended {
        Ended::Done(Proved { result, proof, note }) => StepEnd {
            status: StepStatus::Done,
            result: Some(result),
            proof: Some(proof),
            problem: note.map(|note| note.problem()),
            retry_at: None,
        },
        Ended::Stopped(stopped) => {
            let retry_at = stopped.trouble().wait(attempts).map(|wait| now + wait);
            tracing::info!(
                org.id = %org, connection.id = %id, %step, trouble = %stopped.trouble(),
                meta.code = stopped.problem().code, "a step of a connection stopped"
            );
            StepEnd {
                status: if retry_at.is_some() { StepStatus::Waiting } else { StepStatus::NeedsPerson },
                result: None,
                proof: None,
                problem: Some(stopped.problem()),
                retry_at,
            }
        }
    };
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    scope.connection_for_change(id).await?;
    if end.status == StepStatus::Done && !step.confirmable().is_empty() {
        // What a person has said was said for this time.
        scope.change_settings(id, now, |settings| settings.forget_confirmed(step)).await?;
    }
    scope.end_step(id, step, &end, now).await?;
    // What is watched holds nothing up: the other watch may be due now.
    let next_at = end.retry_at.filter(|_| !step.is_watched()).unwrap_or(now);
    if end.status != StepStatus::NeedsPerson {
        enqueue_advance(&mut tx, org, id, next_at, now).await?;
    }
    settle(ctx, &mut tx, org, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Brings the connection's standing in line with its steps, and tells whoever watches.
pub async fn settle(
    ctx: &Ctx,
    tx: &mut store::Tx,
    org: OrgId,
    id: ConnectionId,
) -> store::Result<Option<Standing>> {
    let now = ctx.now();
    let mut scope = tx.org(org).await?;
    let Some(connection) = scope.connection_for_change(id).await? else { return Ok(None) };
    let records = records(&scope.steps(id).await?);
    let state = standing(&facts(&connection, &records, now));
    scope.set_standing(id, state, state.is_connected() || state == Standing::Abandoned, now).await?;
    tell_connection(&mut scope, id, state, now).await?;
    Ok(Some(state))
}
