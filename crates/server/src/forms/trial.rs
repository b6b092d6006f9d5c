//! Experiments with what forms say: planned, left alone, read once.

use rules::experiment::{self, Arm, Comparison, Interval, MOST_ARMS, Plan};
use rules::form::{ExperimentState, FormStatus};
use rules::id::{ExperimentId, FormId, FormVersionId};
use rules::role::Right;
use rules::time::Timestamp;
use serde_json::json;
use store::forms::{ArmCount, Experiment, ExperimentPlan};
use store::{Json, OrgScope};

use super::collect::CONFIRM_WITHIN;
use super::service::form_of;
use super::visit::Visit;
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};

/// Nobody has the patience for more.
const MOST_PEOPLE: u64 = 1_000_000;
/// So many times at most, about, is it counted while people see a version.
const MOST_LOOKS: u64 = 1_000;
/// So many end in one transaction.
const SWEPT: i64 = 50;

/// An experiment to begin.
pub(super) struct NewExperiment {
    pub name: String,
    pub arms: Vec<FormVersionId>,
    pub base: f64,
    pub effect: f64,
}

/// How far an experiment is. What it says of single versions is here once it has ended, and not before.
pub(super) struct Progress {
    pub experiment: Experiment,
    /// How many people have taken part.
    pub seen: u64,
    /// How many of them have agreed.
    pub agreed: u64,
    pub results: Option<Vec<ArmResult>>,
}

/// What came of one version.
pub(super) struct ArmResult {
    pub version: FormVersionId,
    pub arm: Arm,
    pub interval: Interval,
    /// Beside the first; the first has none.
    pub comparison: Option<Comparison>,
}

/// How many people have to see each of so many versions.
pub(super) fn plan(arms: usize, base: f64, effect: f64) -> Result<u64, Problem> {
    if !(2..=MOST_ARMS).contains(&arms) {
        return Err(Problem::invalid_field("arms", format!("compare two to {MOST_ARMS} versions")));
    }
    match (Plan { arms, base, effect }).per_arm() {
        Some(people) if people <= MOST_PEOPLE => Ok(people),
        Some(_) => Err(Problem::invalid_field(
            "effect",
            "is so small that more than a million people would have to see each version",
        )),
        None => Err(Problem::invalid_field(
            "effect",
            "must be above 0 and leave a share between 0 and 1 on one side of `base`",
        )),
    }
}

/// Begins an experiment. From now on people see its versions by chance.
pub(super) async fn begin(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    new: NewExperiment,
) -> Result<Progress, Problem> {
    actor.require(Right::WriteSettings)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let form = form_of(&mut scope, form).await?;
    if form.status != FormStatus::Active {
        return Err(Problem::conflict(
            "form_archived",
            "The form is archived. Take it into use again first.",
        ));
    }
    let per_arm = plan(new.arms.len(), new.base, new.effect)?;
    for (at, arm) in new.arms.iter().enumerate() {
        let version = scope.form_version(*arm).await?.filter(|version| version.form_id == form.id);
        version.ok_or_else(Problem::not_found)?;
        if new.arms[..at].contains(arm) {
            return Err(Problem::invalid_field("arms", "must be different versions"));
        }
    }
    let mut salt = vec![0; 32];
    ctx.chance().fill(&mut salt);
    let experiment = Experiment {
        id: ExperimentId::fresh(now, ctx.chance()),
        form_id: form.id,
        name: new.name,
        arms: Json(new.arms),
        plan: Json(ExperimentPlan { base: new.base, effect: new.effect, per_arm }),
        salt: Some(salt),
        state: ExperimentState::Running,
        started_by: actor.name(),
        started_at: now,
        full_at: None,
        ended_at: None,
        adopted_id: None,
    };
    scope
        .insert_experiment(&experiment)
        .await
        .map_err(|error| if error.is_taken() { running() } else { error.into() })?;
    let details = json!({ "name": experiment.name, "form": form.name, "per_arm": per_arm });
    actor.audit(ctx, &mut scope, "experiment.start", experiment.id, details).await?;
    tell(&mut scope, form.id, experiment.id, now)?;
    tx.commit().await?;
    Ok(Progress { experiment, seen: 0, agreed: 0, results: None })
}

pub(super) fn running() -> Problem {
    Problem::conflict(
        "experiment_running",
        "An experiment with this form is under way, and this would spoil it. Wait until it has ended, or stop it.",
    )
}

/// A form's experiments, the newest first.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor, form: FormId) -> Result<Vec<Progress>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let form = form_of(&mut scope, form).await?;
    let mut progress = Vec::new();
    for experiment in scope.experiments(form.id).await? {
        progress.push(progress_of(&mut scope, experiment).await?);
    }
    Ok(progress)
}

/// One experiment.
pub(super) async fn get(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    id: ExperimentId,
) -> Result<Progress, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let experiment = find(&mut scope, form, id).await?;
    Ok(progress_of(&mut scope, experiment).await?)
}

async fn find(scope: &mut OrgScope<'_>, form: FormId, id: ExperimentId) -> Result<Experiment, Problem> {
    let found = scope.experiment(id).await?.filter(|experiment| experiment.form_id == form);
    found.ok_or_else(Problem::not_found)
}

/// Stops an experiment before it has a result. It never has one then.
pub(super) async fn stop(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    id: ExperimentId,
) -> Result<Progress, Problem> {
    actor.require(Right::WriteSettings)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let experiment = find(&mut scope, form, id).await?;
    if !scope.end_experiment(id, ExperimentState::Stopped, now).await? {
        return Err(Problem::conflict("experiment_over", "The experiment has ended already."));
    }
    actor.audit(ctx, &mut scope, "experiment.stop", id, json!({ "name": experiment.name })).await?;
    tell(&mut scope, form, id, now)?;
    let experiment = find(&mut scope, form, id).await?;
    let progress = progress_of(&mut scope, experiment).await?;
    tx.commit().await?;
    Ok(progress)
}

/// Has the form say what a person chose after reading the result.
pub(super) async fn adopt(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    id: ExperimentId,
    version: FormVersionId,
) -> Result<Progress, Problem> {
    actor.require(Right::WriteSettings)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let experiment = find(&mut scope, form, id).await?;
    let known = scope.form_version(version).await?.filter(|version| version.form_id == form);
    known.ok_or_else(Problem::not_found)?;
    if experiment.state != ExperimentState::Ended {
        return Err(Problem::conflict("experiment_running", "The experiment has no result to choose by."));
    }
    if !experiment.arms.0.contains(&version) {
        return Err(Problem::invalid_field("version_id", "must be one of the experiment's versions"));
    }
    scope.adopt_arm(id, version).await?;
    scope.publish_form_version(form, version, now).await?;
    let details = json!({ "name": experiment.name, "version": version });
    actor.audit(ctx, &mut scope, "experiment.adopt", id, details).await?;
    tell(&mut scope, form, id, now)?;
    scope.publish("form.updated", &json!({ "form_id": form }), now)?;
    let experiment = find(&mut scope, form, id).await?;
    let progress = progress_of(&mut scope, experiment).await?;
    tx.commit().await?;
    Ok(progress)
}

async fn progress_of(scope: &mut OrgScope<'_>, experiment: Experiment) -> store::Result<Progress> {
    let until = experiment.full_at.map_or(Timestamp(i64::MAX), |full| full + CONFIRM_WITHIN);
    let counts = scope.arm_counts(experiment.id, until).await?;
    let arms: Vec<Arm> = experiment.arms.0.iter().map(|version| arm_of(&counts, *version)).collect();
    Ok(Progress {
        seen: arms.iter().map(|arm| arm.seen).sum(),
        agreed: arms.iter().map(|arm| arm.agreed).sum(),
        results: (experiment.state == ExperimentState::Ended).then(|| results(&experiment, &arms)),
        experiment,
    })
}

fn arm_of(counts: &[ArmCount], version: FormVersionId) -> Arm {
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let found = counts.iter().find(|count| count.version_id == version);
    found.map_or_else(Arm::default, |count| Arm { seen: number(count.seen), agreed: number(count.agreed) })
}

fn results(experiment: &Experiment, arms: &[Arm]) -> Vec<ArmResult> {
    let Some((first, others)) = arms.split_first() else { return Vec::new() };
    let comparisons = std::iter::once(None).chain(experiment::compare(*first, others).into_iter().map(Some));
    let alone = experiment::ALPHA;
    let each = experiment.arms.0.iter().zip(arms).zip(comparisons);
    each.map(|((version, arm), comparison)| ArmResult {
        version: *version,
        arm: *arm,
        interval: arm.interval(alone),
        comparison,
    })
    .collect()
}

/// Somebody sees a version: they take part from the first time on, as long as people are still wanted. When each version has
/// been seen by enough, nobody else takes part.
pub(super) async fn take_part(
    scope: &mut OrgScope<'_>,
    form: FormId,
    signed: &str,
    now: Timestamp,
) -> store::Result<()> {
    let Some((visit, experiment)) = genuine(scope, form, signed).await? else { return Ok(()) };
    if experiment.state == ExperimentState::Running
        && scope.insert_visit(&visit.row(), now).await?
        && is_counted(&visit, experiment.plan.0.per_arm)
    {
        let counts = scope.arm_counts(experiment.id, now).await?;
        let enough = |version: &FormVersionId| arm_of(&counts, *version).seen >= experiment.plan.0.per_arm;
        if experiment.arms.0.iter().all(enough) && scope.fill_experiment(experiment.id, now).await? {
            tell(scope, form, experiment.id, now)?;
        }
    }
    Ok(())
}

/// Somebody sends what they saw. Whoever was not counted as having seen it does not take part by that: of those who send it
/// everybody agrees. `None`: they take no part.
pub(super) async fn taken_part(
    scope: &mut OrgScope<'_>,
    form: FormId,
    signed: &str,
) -> store::Result<Option<Visit>> {
    let Some((visit, _)) = genuine(scope, form, signed).await? else { return Ok(None) };
    Ok(scope.has_visit(&visit.row()).await?.then_some(visit))
}

/// What somebody shows, if it is part of an experiment with this form.
async fn genuine(
    scope: &mut OrgScope<'_>,
    form: FormId,
    signed: &str,
) -> store::Result<Option<(Visit, Experiment)>> {
    let Some((visit, signature)) = Visit::named(signed) else { return Ok(None) };
    let found = scope.experiment(visit.experiment).await?.filter(|experiment| experiment.form_id == form);
    let is_genuine = |experiment: &Experiment| {
        experiment.salt.as_deref().is_some_and(|salt| visit.is_genuine(&signature, salt))
    };
    Ok(found.filter(is_genuine).map(|experiment| (visit, experiment)))
}

/// Whether it is looked with this visitor if enough have come: with each of a few, and with some of many, of whom a few more
/// than enough do no harm.
fn is_counted(visit: &Visit, per_arm: u64) -> bool {
    let [.., high, low] = visit.visitor;
    u64::from(u16::from_be_bytes([high, low])) % (per_arm / MOST_LOOKS).max(1) == 0
}

/// Ends experiments whose last people have had their time to confirm.
pub(super) async fn end_settled(ctx: &Ctx) -> store::Result<usize> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let settled = tx.experiments_settled(now - CONFIRM_WITHIN, SWEPT).await?;
    for (org, form, experiment) in &settled {
        let mut scope = tx.org(*org).await?;
        if scope.end_experiment(*experiment, ExperimentState::Ended, now).await? {
            tell(&mut scope, *form, *experiment, now)?;
        }
    }
    tx.commit().await?;
    Ok(settled.len())
}

fn tell(
    scope: &mut OrgScope<'_>,
    form: FormId,
    experiment: ExperimentId,
    now: Timestamp,
) -> store::Result<()> {
    scope.publish("experiment.updated", &json!({ "experiment_id": experiment, "form_id": form }), now)
}
