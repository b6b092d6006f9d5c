//! Notifications as use cases: define, preview, run, pause, look at what came of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use rules::day::Day;
use rules::id::{NotificationId, RunId};
use rules::notification::{Cause, Due, NotificationState, RunState, Trigger};
use rules::outreach::is_order;
use rules::record::FieldKind;
use rules::role::Right;
use rules::time::Timestamp;
use serde_json::json;
use store::notifications::{Notification, Outcomes, Recipient, RecipientFilter, Run};
use store::templates::Template;
use store::{Cursor, Json, OrgScope, Page};
use uuid::Uuid;

use super::audience::{BATCH, Way};
use super::batch::{self, Common, Decided};
use super::definition::{Audience, Definition, Only, Plan, Source, Variable};
use super::price::Sum;
use super::runs::{self, Beginning, counted_as};
use super::{due, filled};
use crate::ctx::Ctx;
use crate::dispatch;
use crate::fallback;
use crate::http::problem::FieldError;
use crate::http::{OrgActor, Problem};
use crate::media;

/// The most notifications of an organisation.
const MOST: usize = 200;
/// How many people a preview counts at most.
pub(super) const COUNTED: usize = 2_000;

/// All notifications, by name.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<Notification>, Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.notifications().await?)
}

/// One notification.
pub(super) async fn get(ctx: &Ctx, actor: &OrgActor, id: NotificationId) -> Result<Notification, Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    tx.org(actor.org).await?.notification(id).await?.ok_or_else(Problem::not_found)
}

/// Keeps a notification: a new one, or another in place of the one of this id. Runs that are under way go on as they began.
pub(super) async fn keep(
    ctx: &Ctx,
    actor: &OrgActor,
    id: Option<NotificationId>,
    name: &str,
    state: NotificationState,
    definition: Definition,
) -> Result<Notification, Problem> {
    actor.require(Right::WriteNotifications)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = match id {
        Some(id) => Some(scope.notification_for_change(id).await?.ok_or_else(Problem::not_found)?),
        None if scope.notifications().await?.len() >= MOST => {
            return Err(Problem::conflict(
                "too_many_notifications",
                format!("There are {MOST} notifications already. Remove one that is no longer needed."),
            ));
        }
        None => None,
    };
    let zones = check(ctx, &mut scope, &definition).await?;
    let one = Notification {
        id: before.as_ref().map_or_else(|| NotificationId::fresh(now, ctx.chance()), |before| before.id),
        name: name.trim().to_owned(),
        state,
        next_at: due::next(&definition, now, &zones),
        definition: Json(serde_json::to_value(&definition).map_err(|error| Problem::internal(&error))?),
        seen_until: now,
        created_by: before.as_ref().map_or_else(|| actor.name(), |before| before.created_by.clone()),
        created_at: before.as_ref().map_or(now, |before| before.created_at),
        updated_at: now,
    };
    scope.put_notification(&one).await?;
    due::wait(&mut scope, &one, now)?;
    tell(ctx, actor, &mut scope, "notification.keep", &one).await?;
    tx.commit().await?;
    Ok(one)
}

/// Enables or pauses a notification. What fell due while it was paused is past.
pub(super) async fn set_state(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NotificationId,
    state: NotificationState,
) -> Result<Notification, Problem> {
    actor.require(Right::WriteNotifications)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut one = scope.notification_for_change(id).await?.ok_or_else(Problem::not_found)?;
    if one.state != state {
        let definition = read(&one)?;
        let zones = zones(&mut scope, &definition).await?;
        one.state = state;
        one.seen_until = now;
        one.next_at = due::next(&definition, now, &zones);
        one.updated_at = now;
        scope.put_notification(&one).await?;
        due::wait(&mut scope, &one, now)?;
        tell(ctx, actor, &mut scope, "notification.keep", &one).await?;
    }
    tx.commit().await?;
    Ok(one)
}

/// Removes a notification with its runs. Messages that were sent stay, and so does the record of what became of them.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: NotificationId) -> Result<(), Problem> {
    actor.require(Right::WriteNotifications)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let one = scope.notification(id).await?.ok_or_else(Problem::not_found)?;
    if !scope.remove_notification(id).await? {
        return Err(Problem::conflict(
            "notification_running",
            "A run of this notification is under way or paused. Stop it first.",
        ));
    }
    tell(ctx, actor, &mut scope, "notification.remove", &one).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    what: &str,
    one: &Notification,
) -> Result<(), Problem> {
    actor.audit(ctx, scope, what, one.id, json!({ "name": one.name, "state": one.state })).await?;
    let ids = json!({ "notification_id": one.id });
    Ok(scope.publish("notification.updated", &ids, ctx.now())?)
}

/// A stored definition.
pub(super) fn read(one: &Notification) -> Result<Definition, Problem> {
    serde_json::from_value(one.definition.0.clone()).map_err(|error| Problem::internal(&error))
}

async fn zone(scope: &mut OrgScope<'_>, definition: &Definition) -> Result<TimeZone, Problem> {
    let org = scope.org().await?.ok_or_else(Problem::not_found)?;
    Ok(definition.zone(&org.timezone))
}

/// The zones by whose clocks it is due.
async fn zones(scope: &mut OrgScope<'_>, definition: &Definition) -> Result<Vec<TimeZone>, Problem> {
    let org = scope.org().await?.ok_or_else(Problem::not_found)?;
    Ok(due::zones(scope, definition, &org.timezone).await?)
}

/// Whether a definition can be kept: everything that it names is there, and every gap is filled. Says by whose clocks it is due.
async fn check(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    definition: &Definition,
) -> Result<Vec<TimeZone>, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| {
        errors.push(FieldError::new(format!("definition.{field}"), message));
    };
    if !scope.connected_numbers().await?.contains(&definition.number_id) {
        return Err(Problem::not_found());
    }
    let kind = match &definition.audience {
        Audience::Records { record_kind_id, .. } => {
            Some(scope.record_kind(*record_kind_id).await?.ok_or_else(Problem::not_found)?)
        }
        Audience::Contacts { .. } => None,
    };
    if let Some(named) = definition.time_zone.as_deref()
        && TimeZone::get(named).is_err()
    {
        wrong("time_zone", "is no IANA time zone such as Asia/Jakarta".to_owned());
    }
    let zone = zone(scope, definition).await?;
    if let Err(error) = definition.trigger.check(&zone, ctx.now()) {
        wrong("trigger", error.to_string());
    }
    if let Trigger::Date { field, .. } = &definition.trigger {
        let is_day = |kind: &store::records::RecordKind| {
            kind.fields.0.iter().any(|one| one.key == *field && one.kind == FieldKind::Date)
        };
        if !kind.as_ref().is_some_and(is_day) {
            wrong("trigger.field", "is no day that the records of the audience have".to_owned());
        }
    }
    let templates = batch::templates(scope, definition.number_id, &definition.template).await?;
    if templates.is_empty() {
        wrong("template", "is no template of this number".to_owned());
    } else if filled::in_language(&templates, None, &definition.language).is_none() {
        wrong("language", "is none that the template is in".to_owned());
    }
    let gaps: BTreeSet<String> = templates.iter().flat_map(filled::gaps).collect();
    for gap in gaps.iter().filter(|gap| !definition.variables.contains_key(*gap)) {
        wrong(&format!("variables.{gap}"), "is to be filled".to_owned());
    }
    for (gap, variable) in &definition.variables {
        let field = format!("variables.{gap}");
        if !templates.is_empty() && !gaps.contains(gap) {
            wrong(&field, "is no gap of this template".to_owned());
        }
        let says_nothing = variable.default.as_deref().is_none_or(|text| text.trim().is_empty());
        if says_nothing && matches!(&variable.from, Source::Text { text } if text.trim().is_empty()) {
            wrong(&field, "is empty: write what stands there, or choose where it comes from".to_owned());
        }
        if kind.is_none() && matches!(variable.from, Source::Field { .. } | Source::ExternalId {}) {
            wrong(&field, "comes from a record, and the audience are contacts".to_owned());
        }
    }
    if definition.ends_at.is_some_and(|end| definition.starts_at.is_some_and(|start| end < start)) {
        wrong("ends_at", "lies before the beginning".to_owned());
    }
    if !is_order(&definition.fallback) {
        wrong("fallback", fallback::NO_ORDER.to_owned());
    }
    if let Some(why) = header_misfit(scope, definition, &templates).await? {
        wrong("variables.header", why);
    }
    if errors.is_empty() { zones(scope, definition).await } else { Err(Problem::invalid(errors)) }
}

/// Why the file of a header cannot be it.
async fn header_misfit(
    scope: &mut OrgScope<'_>,
    definition: &Definition,
    templates: &[Template],
) -> Result<Option<String>, Problem> {
    let elsewhere = |(gap, variable): (&String, &Variable)| {
        gap != "header" && matches!(variable.from, Source::File { .. })
    };
    if definition.variables.iter().any(elsewhere) {
        return Ok(Some("alone may be a file".to_owned()));
    }
    let Some(id) = definition.header_file() else { return Ok(None) };
    let Some(file) = scope.media(id).await? else { return Err(Problem::not_found()) };
    let format = templates.iter().find_map(filled::header_format);
    Ok(format.and_then(|format| media::fit(&file, &mut filled::file_alone(&format, id)).err()))
}

/// What a run would come to.
pub(super) struct Preview {
    /// How many there are to go through at most.
    pub people: i64,
    /// How many were counted.
    pub counted: usize,
    /// What would be decided how often.
    pub counts: BTreeMap<String, i64>,
    /// What they would cost.
    pub price: Sum,
    /// How many of them would be written to first.
    pub begins: usize,
    /// How many the number's portfolio may still write to first; `None`: as many as it likes.
    pub room: Option<u64>,
    /// The first of those asked for.
    pub items: Vec<Decided>,
    pub next: Option<Uuid>,
}

/// What a run at this moment would come to: who would get what, and why. Each batch is done and undone.
pub(super) async fn preview(
    ctx: &Ctx,
    actor: &OrgActor,
    id: Option<NotificationId>,
    definition: Definition,
    after: Option<Uuid>,
    limit: usize,
) -> Result<Preview, Problem> {
    actor.require(Right::WriteNotifications)?;
    let now = ctx.now();
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let notification = match id {
        Some(id) => scope.notification(id).await?.ok_or_else(Problem::not_found)?.id,
        None => NotificationId(Uuid::nil()),
    };
    let zones = check(ctx, &mut scope, &definition).await?;
    let zone = zone(&mut scope, &definition).await?;
    // Of a day in records the next run is meant, whichever day that is.
    let due = definition.trigger.next_in(now, &zones).unwrap_or(Due { at: now, day: Day::of(now, &zone) });
    let plan = Plan { definition, only: None, given: BTreeMap::new() };
    let key = due::key(&plan.definition, &due);
    let way = Way { plan: &plan, day: due.day, run_key: &key, clock: None };
    let people = way.count(&mut scope).await?;
    let common = Common::load(&mut scope, notification, plan.clone()).await?;
    drop(tx);

    let shown = undone(ctx, actor, &way, &common, after, limit).await?;
    let (mut counts, mut price) = (BTreeMap::new(), Sum::default());
    let (mut counted, mut begins, mut place) = (0, 0, None);
    // Whoever turns a page has the counts already.
    while after.is_none() && counted < COUNTED {
        let (decided, next) = undone(ctx, actor, &way, &common, place, BATCH).await?;
        counted += decided.len();
        for one in &decided {
            *counts.entry(counted_as(one)).or_default() += 1;
            price.add(one.price);
            begins += usize::from(one.begins);
        }
        place = next;
        if place.is_none() {
            break;
        }
    }
    let (items, next) = shown;
    let allowance = dispatch::allowance_of(ctx, actor.org, plan.definition.number_id).await?.flatten();
    let room = allowance.map(|(_, allowance)| allowance.left());
    Ok(Preview { people, counted, counts, price, begins, room, items, next })
}

/// Does a batch, and undoes it.
async fn undone(
    ctx: &Ctx,
    actor: &OrgActor,
    way: &Way<'_>,
    common: &Common,
    after: Option<Uuid>,
    most: usize,
) -> Result<(Vec<Decided>, Option<Uuid>), Problem> {
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let stretch = way.stretch(&mut scope, after, most).await?;
    let decided = common.decide(ctx, &mut scope, stretch.candidates).await?;
    tx.rollback().await?;
    Ok((decided, stretch.next))
}

/// What whoever begins a run says.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub key: Option<String>,
    pub only: Option<Only>,
    pub given: BTreeMap<String, String>,
}

/// Begins a run. The second value says whether it is new: a repetition with the same key is answered with the first one.
pub(super) async fn call(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NotificationId,
    call: Call,
) -> Result<(Run, bool), Problem> {
    actor.require(Right::WriteNotifications)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let one = scope.notification_for_change(id).await?.ok_or_else(Problem::not_found)?;
    let definition = read(&one)?;
    check(ctx, &mut scope, &definition).await?;
    all_there(&mut scope, call.only.as_ref()).await?;
    let zone = zone(&mut scope, &definition).await?;
    let due = Due { at: now, day: Day::of(now, &zone) };
    let key = match (&call.key, &definition.trigger) {
        (Some(key), _) => format!("call {key}"),
        (None, Trigger::Date { .. }) if call.only.is_none() => due.day.to_string(),
        (None, _) => format!("run {}", Uuid::from_u128(u128::from_be_bytes(fresh(ctx)))),
    };
    let beginning = Beginning {
        notification: &one,
        plan: Plan { definition, only: call.only, given: call.given },
        key,
        cause: if actor.member().is_some() { Cause::Member } else { Cause::Call },
        due_at: now,
        day: due.day,
        by: actor.name(),
    };
    let (run, new) = runs::begin(ctx, &mut scope, beginning).await?;
    if new {
        actor.audit(ctx, &mut scope, "notification.run", run.id, json!({ "name": one.name })).await?;
    }
    tx.commit().await?;
    Ok((run, new))
}

fn fresh(ctx: &Ctx) -> [u8; 16] {
    let mut bytes = [0; 16];
    ctx.chance().fill(&mut bytes);
    bytes
}

/// Whether everybody who was named is there.
async fn all_there(scope: &mut OrgScope<'_>, only: Option<&Only>) -> Result<(), Problem> {
    let (found, named) = match only {
        None => return Ok(()),
        Some(Only::Contacts(ids)) => {
            (scope.contacts_by_id(ids).await?.len(), ids.iter().collect::<BTreeSet<_>>().len())
        }
        Some(Only::Records(ids)) => {
            (scope.records_by_id(ids).await?.len(), ids.iter().collect::<BTreeSet<_>>().len())
        }
    };
    if found == named { Ok(()) } else { Err(Problem::not_found()) }
}

/// A page of a notification's runs, the newest first.
pub(super) async fn list_runs(
    ctx: &Ctx,
    actor: &OrgActor,
    id: NotificationId,
    after: Cursor,
    limit: usize,
) -> Result<Page<Run>, Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.notification(id).await?.ok_or_else(Problem::not_found)?;
    Ok(scope.runs(id, after, limit).await?)
}

/// A run, and what became of its messages.
pub(super) async fn get_run(ctx: &Ctx, actor: &OrgActor, id: RunId) -> Result<(Run, Vec<Outcomes>), Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let run = scope.run(id).await?.ok_or_else(Problem::not_found)?;
    let outcomes = scope.outcomes(id).await?;
    Ok((run, outcomes))
}

/// Has a run wait, go on or end. Messages that were accepted are on their way already.
pub(super) async fn set_run_state(
    ctx: &Ctx,
    actor: &OrgActor,
    id: RunId,
    state: RunState,
) -> Result<(Run, Vec<Outcomes>), Problem> {
    actor.require(Right::WriteNotifications)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut run = scope.run_for_change(id).await?.ok_or_else(Problem::not_found)?;
    if matches!(run.state, RunState::Done | RunState::Stopped) {
        return Err(Problem::conflict("run_over", "This run has ended. Begin another one."));
    }
    if state == RunState::Done {
        return Err(Problem::invalid_field(
            "state",
            "is what a run comes to by itself; say `stopped` to end it",
        ));
    }
    if run.state != state {
        run.state = state;
        run.ended_at = (state == RunState::Stopped).then_some(now);
        scope.note_run(&run).await?;
        if state == RunState::Running {
            runs::go_on(&mut scope, &run, now)?;
        }
        runs::announce(&mut scope, &run, now)?;
        actor.audit(ctx, &mut scope, "notification.run_state", id, json!({ "state": state })).await?;
    }
    let outcomes = scope.outcomes(id).await?;
    tx.commit().await?;
    Ok((run, outcomes))
}

/// A page of whom a run has gone through, the last first.
pub(super) async fn recipients(
    ctx: &Ctx,
    actor: &OrgActor,
    run: RunId,
    filter: &RecipientFilter,
    after: Cursor,
    limit: usize,
) -> Result<Page<Recipient>, Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    scope.run(run).await?.ok_or_else(Problem::not_found)?;
    Ok(scope.recipients(run, filter, after, limit).await?)
}

/// When something is next due, for lists: nothing is, while it is paused.
pub(super) fn next_at(one: &Notification) -> Option<Timestamp> {
    one.next_at.filter(|_| one.state == NotificationState::Enabled)
}
