//! Falling due: at the times of a cron pattern, or of a day in records, runs begin by themselves.
//!
//! A job waits for the next moment of each notification that is enabled. When it comes, everything that fell due since the
//! last time has its run, each under a key of its own, and the job waits for the moment after. What fell due while nobody
//! was there to see it is caught up as [`rules::notification`] says.

use jiff::tz::TimeZone;
use jobs::Verdict;
use rules::id::{NotificationId, OrgId};
use rules::notification::{Cause, Due, NotificationState, Trigger};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use store::notifications::Notification;
use store::queue::{Job, NewJob, Unique};

use super::DUE;
use super::definition::{Definition, Plan};
use super::runs::{self, Beginning};
use crate::ctx::Ctx;

/// The most runs that one look begins; the next look is at once.
const MOST: usize = 20;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    notification: NotificationId,
}

/// Has it looked again when the notification is due next.
pub(super) fn wait(scope: &mut OrgScope<'_>, one: &Notification, now: Timestamp) -> store::Result<()> {
    let (NotificationState::Enabled, Some(next)) = (one.state, one.next_at) else { return Ok(()) };
    let org = scope.id();
    let job = NewJob {
        org: Some(org),
        run_at: next,
        unique: Some(Unique::Reschedule(one.id.to_string())),
        ..NewJob::new(DUE, org, &Payload { org, notification: one.id }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// The zones by whose clocks a notification is due.
pub(super) async fn zones(
    scope: &mut OrgScope<'_>,
    definition: &Definition,
    organisations: &str,
) -> store::Result<Vec<TimeZone>> {
    let mut zones = vec![definition.zone(organisations)];
    if definition.goes_by_each_clock() {
        let theirs = scope.contact_zones().await?;
        zones.extend(theirs.iter().filter_map(|zone| TimeZone::get(zone).ok()));
    }
    Ok(zones)
}

/// When a notification is due next, within the time for which it lasts.
pub(super) fn next(definition: &Definition, after: Timestamp, zones: &[TimeZone]) -> Option<Timestamp> {
    let after = definition.starts_at.map_or(after, |start| after.max(Timestamp(start.0 - 1)));
    let next = definition.trigger.next_in(after, zones)?.at;
    definition.lasts(next).then_some(next)
}

/// What tells the run of a moment from the notification's others. Of a day in records there is one run each day, whoever
/// begins it, and one for each clock where everybody's own counts.
pub(super) fn key(definition: &Definition, due: &Due) -> String {
    match definition.trigger {
        Trigger::Date { .. } if definition.goes_by_each_clock() => {
            format!("{} at {}", due.day, due.at.seconds())
        }
        Trigger::Date { .. } => due.day.to_string(),
        Trigger::Cron { .. } | Trigger::Call {} => format!("at {}", due.at.seconds()),
    }
}

/// Runs a job of the queue.
pub(super) async fn fall_due(ctx: Ctx, job: Job) -> Verdict {
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
    let (Some(mut one), Some(org)) =
        (scope.notification_for_change(payload.notification).await?, scope.org().await?)
    else {
        return Ok(Verdict::Done);
    };
    if one.state != NotificationState::Enabled {
        return Ok(Verdict::Done);
    }
    let definition: Definition = serde_json::from_value(one.definition.0.clone())?;
    let zones = zones(&mut scope, &definition, &org.timezone).await?;
    let missed = definition.trigger.missed_in(one.seen_until, now, &zones, MOST);
    one.seen_until = match missed.last() {
        Some(last) if missed.len() == MOST => last.at,
        _ => now.max(one.seen_until),
    };
    // What falls due while the organisation may not work is past: it would all go out at once, days late.
    let missed = if org.may_work() { missed } else { Vec::new() };
    for due in missed.iter().filter(|due| definition.lasts(due.at)) {
        let beginning = Beginning {
            notification: &one,
            plan: Plan { definition: definition.clone(), only: None, given: Default::default() },
            key: key(&definition, due),
            cause: Cause::Due,
            due_at: due.at,
            day: due.day,
            by: "system".to_owned(),
        };
        runs::begin(ctx, &mut scope, beginning).await?;
    }
    one.next_at = next(&definition, one.seen_until, &zones);
    scope.put_notification(&one).await?;
    wait(&mut scope, &one, now)?;
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(Verdict::Settled)
}
