//! Runs: people gone through in batches, each of which is one transaction.

use std::collections::BTreeMap;

use jobs::Verdict;
use rules::day::Day;
use rules::id::{OrgId, RunId};
use rules::notification::{CAUGHT_UP, Cause, RunState};
use rules::time::{Timestamp, span};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::notifications::{NewRecipient, Notification, Run};
use store::queue::{Job, NewJob};
use store::{Json, OrgScope};

use super::RUN;
use super::audience::{BATCH, Clock, Way};
use super::batch::{Common, Decided};
use super::definition::Plan;
use crate::ctx::Ctx;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    run: RunId,
}

/// What begins a run.
pub(super) struct Beginning<'a> {
    pub notification: &'a Notification,
    pub plan: Plan,
    pub key: String,
    pub cause: Cause,
    pub due_at: Timestamp,
    pub day: Day,
    pub by: String,
}

/// Begins a run, in the caller's transaction. The second value says whether it is new: a notification has one run of each
/// key.
pub(super) async fn begin(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    beginning: Beginning<'_>,
) -> store::Result<(Run, bool)> {
    let now = ctx.now();
    let Beginning { notification, plan, key, cause, due_at, day, by } = beginning;
    let people = Way { plan: &plan, day, run_key: &key, clock: None }.count(scope).await?;
    let run = Run {
        id: RunId::fresh(now, ctx.chance()),
        notification_id: notification.id,
        run_key: key,
        cause,
        state: RunState::Running,
        due_at,
        day,
        definition: Json(serde_json::to_value(&plan)?),
        place: None,
        people,
        counts: Json(BTreeMap::new()),
        begun_by: by,
        created_at: now,
        ended_at: None,
    };
    if !scope.begin_run(&run).await? {
        let there = scope.run_of_key(notification.id, &run.run_key).await?;
        return Ok((there.unwrap_or(run), false));
    }
    go_on(scope, &run, now)?;
    announce(scope, &run, now)?;
    Ok((run, true))
}

/// Has a run's next batch done.
pub(super) fn go_on(scope: &mut OrgScope<'_>, run: &Run, now: Timestamp) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        serial_key: Some(run.notification_id.to_string()),
        org: Some(org),
        ..NewJob::new(RUN, org, &Payload { org, run: run.id }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Tells whoever watches that a run has come further.
pub(super) fn announce(scope: &mut OrgScope<'_>, run: &Run, now: Timestamp) -> store::Result<()> {
    let ids = json!({ "notification_id": run.notification_id, "run_id": run.id, "state": run.state });
    scope.publish("notification.run", &ids, now)
}

/// Runs a job of the queue: one batch, and the next after it.
pub(super) async fn step(ctx: Ctx, job: Job) -> Verdict {
    match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => {
            run(&ctx, &job, &payload).await.unwrap_or_else(|error| Verdict::Retry(error.to_string()))
        }
        Err(error) => Verdict::Dead(format!("the job does not read: {error}")),
    }
}

async fn run(ctx: &Ctx, job: &Job, payload: &Payload) -> store::Result<Verdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let Some(mut run) = scope.run_for_change(payload.run).await? else { return Ok(Verdict::Done) };
    if run.state != RunState::Running {
        return Ok(Verdict::Done);
    }
    if scope.org().await?.is_some_and(|org| org.may_work()) {
        batch(ctx, &mut scope, &mut run).await?;
    } else if run.cause == Cause::Due && now.since(run.due_at) > CAUGHT_UP {
        stop(&mut scope, &mut run, now).await?;
    } else {
        return Ok(Verdict::Later(now + span::hours(1), "the organisation may not work".to_owned()));
    }
    if run.state == RunState::Running {
        go_on(&mut scope, &run, now)?;
    }
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(Verdict::Settled)
}

/// Ends a run of which what is left would come too late.
async fn stop(scope: &mut OrgScope<'_>, run: &mut Run, now: Timestamp) -> store::Result<()> {
    run.state = RunState::Stopped;
    run.ended_at = Some(now);
    scope.note_run(run).await?;
    announce(scope, run, now)
}

/// Goes through the next of a run's people.
async fn batch(ctx: &Ctx, scope: &mut OrgScope<'_>, run: &mut Run) -> store::Result<()> {
    let now = ctx.now();
    let plan: Plan = serde_json::from_value(run.definition.0.clone())?;
    let clock = clock(scope, run, &plan).await?;
    let way = Way { plan: &plan, day: run.day, run_key: &run.run_key, clock: clock.as_ref() };
    let stretch = way.stretch(scope, run.place, BATCH).await?;
    let common = Common::load(scope, run.notification_id, plan.clone()).await?;
    let decided = common.decide(ctx, scope, stretch.candidates).await?;
    write_down(scope, run, &decided, now).await?;
    run.place = stretch.next.or(run.place);
    if stretch.next.is_none() {
        run.state = RunState::Done;
        run.ended_at = Some(now);
    }
    scope.note_run(run).await?;
    announce(scope, run, now)
}

/// By which clocks people are gone through; `None`: whoever began the run by hand means everybody.
async fn clock(scope: &mut OrgScope<'_>, run: &Run, plan: &Plan) -> store::Result<Option<Clock>> {
    if run.cause != Cause::Due || !plan.definition.goes_by_each_clock() {
        return Ok(None);
    }
    let organisations = scope.org().await?.map(|org| org.timezone).unwrap_or_default();
    Ok(Some(Clock { now: run.due_at, zone: plan.definition.zone(&organisations) }))
}

async fn write_down(
    scope: &mut OrgScope<'_>,
    run: &mut Run,
    decided: &[Decided],
    now: Timestamp,
) -> store::Result<()> {
    let recipients: Vec<NewRecipient<'_>> = decided
        .iter()
        .map(|one| NewRecipient {
            id: one.recipient,
            contact: one.candidate.contact.as_ref().map(|contact| contact.id),
            record: one.candidate.record.as_ref().map(|record| record.id),
            once_key: match one.message {
                Some(_) => &one.candidate.once_key,
                None => &one.candidate.refused_key,
            },
            verdict: one.verdict,
            reason: one.reason.as_deref(),
            message: one.message,
        })
        .collect();
    scope.insert_recipients(run.notification_id, run.id, &recipients, now).await?;
    for one in decided {
        *run.counts.0.entry(counted_as(one)).or_default() += 1;
    }
    Ok(())
}

/// Under which word somebody is counted: `send`, `refuse:no_opt_in`.
pub(super) fn counted_as(decided: &Decided) -> String {
    match &decided.reason {
        Some(reason) => format!("{}:{reason}", decided.verdict),
        None => decided.verdict.to_owned(),
    }
}
