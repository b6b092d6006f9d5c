//! Experiments with what forms say, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::form::ExperimentState;
use rules::id::{ExperimentId, FormId, FormVersionId, OrgId};
use rules::role::Right;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ctx::Ctx;
use crate::forms::trial::{self, ArmResult, NewExperiment, Progress};
use crate::http::{Json, List, OrgActor, Path, Problem, Query};

/// A comparison of versions of a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Experiment {
    /// Its id.
    id: ExperimentId,
    /// What members call it.
    name: String,
    /// The versions that are compared, the others with the first.
    arms: Vec<FormVersionId>,
    /// The share that agreed before, as planned with.
    base: f64,
    /// The smallest difference of shares that it was planned to find.
    effect: f64,
    /// How many people have to see each version.
    per_arm: u64,
    /// Where it stands.
    state: ExperimentState,
    /// How many people have taken part, whatever they saw.
    seen: u64,
    /// How many of them have agreed and confirmed, whatever they saw.
    agreed: u64,
    /// What it says of each version. `null` until it has ended: whoever looks earlier finds differences that are not
    /// there.
    results: Option<Vec<ArmOutcome>>,
    /// Who began it, as in the audit log.
    started_by: String,
    /// When.
    started_at: Timestamp,
    /// When enough people had seen each version. Two days later it ends.
    full_at: Option<Timestamp>,
    /// When it ended or was stopped.
    ended_at: Option<Timestamp>,
    /// The version that a person chose afterwards.
    adopted_id: Option<FormVersionId>,
}

/// What came of one version.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ArmOutcome {
    /// Which.
    version_id: FormVersionId,
    /// How many people saw it.
    seen: u64,
    /// How many of them agreed and confirmed it.
    agreed: u64,
    /// The share that agreed.
    share: f64,
    /// Where the true share lies with 95 % confidence (Wilson).
    interval: Range,
    /// Beside the first version. `null` for the first itself.
    beside_first: Option<Beside>,
}

/// From where to where.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ShareInterval)]
struct Range {
    /// From here.
    low: f64,
    /// To here.
    high: f64,
}

impl From<rules::experiment::Interval> for Range {
    fn from(interval: rules::experiment::Interval) -> Self {
        Self { low: interval.low, high: interval.high }
    }
}

/// A version beside the first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ExperimentComparison)]
struct Beside {
    /// How much larger its share is.
    difference: f64,
    /// Where the true difference lies (Newcombe); all intervals of the experiment hold together with 95 % confidence.
    interval: Range,
    /// How probable a difference like this is where there is none, corrected for the number of comparisons (Holm).
    p: f64,
    /// Whether the experiment shows a difference.
    differs: bool,
}

impl From<ArmResult> for ArmOutcome {
    fn from(result: ArmResult) -> Self {
        Self {
            version_id: result.version,
            seen: result.arm.seen,
            agreed: result.arm.agreed,
            share: result.arm.share(),
            interval: result.interval.into(),
            beside_first: result.comparison.map(|comparison| Beside {
                difference: comparison.difference,
                interval: comparison.interval.into(),
                p: comparison.p,
                differs: comparison.differs,
            }),
        }
    }
}

impl From<Progress> for Experiment {
    fn from(progress: Progress) -> Self {
        let Progress { experiment, seen, agreed, results } = progress;
        Self {
            id: experiment.id,
            name: experiment.name,
            arms: experiment.arms.0,
            base: experiment.plan.0.base,
            effect: experiment.plan.0.effect,
            per_arm: experiment.plan.0.per_arm,
            state: experiment.state,
            seen,
            agreed,
            results: results.map(|results| results.into_iter().map(ArmOutcome::from).collect()),
            started_by: experiment.started_by,
            started_at: experiment.started_at,
            full_at: experiment.full_at,
            ended_at: experiment.ended_at,
            adopted_id: experiment.adopted_id,
        }
    }
}

/// List a form's experiments, the newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/forms/{form}/experiments", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), responses((status = OK, body = List<Experiment>)))]
pub(super) async fn list_experiments(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
) -> Result<Json<List<Experiment>>, Problem> {
    Ok(Json(List::whole(trial::list(&ctx, &actor, at.1).await?)))
}

/// An experiment to begin.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(as = NewExperiment)]
pub(super) struct ExperimentRequest {
    /// What members call it.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// Two to four versions of the form; the others are compared with the first.
    arms: Vec<FormVersionId>,
    /// The share that agrees today, such as 0.3.
    #[schema(example = 0.3)]
    base: f64,
    /// The smallest difference of shares worth finding, such as 0.1.
    #[schema(example = 0.1)]
    effect: f64,
}

/// Begin an experiment: people see its versions by chance, each of them always the same.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/forms/{form}/experiments", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), request_body = ExperimentRequest,
    responses((status = CREATED, body = Experiment)))]
pub(super) async fn begin_experiment(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
    Json(body): Json<ExperimentRequest>,
) -> Result<(StatusCode, Json<Experiment>), Problem> {
    let new = NewExperiment { name: body.name, arms: body.arms, base: body.base, effect: body.effect };
    Ok((StatusCode::CREATED, Json(trial::begin(&ctx, &actor, at.1, new).await?.into())))
}

/// What an experiment would be planned for.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub(super) struct PlanQuery {
    /// How many versions it compares.
    #[param(minimum = 2, maximum = 4, example = 2)]
    arms: usize,
    /// The share that agrees today.
    #[param(example = 0.3)]
    base: f64,
    /// The smallest difference of shares worth finding.
    #[param(example = 0.1)]
    effect: f64,
}

/// How many people an experiment takes.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct ExperimentSize {
    /// How many people have to see each version.
    per_arm: u64,
}

/// Ask how many people an experiment would take: with 80 % power, at a level of 5 %.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/experiment-plan", tag = "Collecting consent",
    params(("org" = OrgId, Path), PlanQuery), responses((status = OK, body = ExperimentSize)))]
pub(super) async fn plan_experiment(
    actor: OrgActor,
    Query(query): Query<PlanQuery>,
) -> Result<Json<ExperimentSize>, Problem> {
    actor.require(Right::ReadInbox)?;
    Ok(Json(ExperimentSize { per_arm: trial::plan(query.arms, query.base, query.effect)? }))
}

/// Get an experiment.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/forms/{form}/experiments/{experiment}", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path), ("experiment" = ExperimentId, Path)),
    responses((status = OK, body = Experiment)))]
pub(super) async fn get_experiment(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId, ExperimentId)>,
) -> Result<Json<Experiment>, Problem> {
    Ok(Json(trial::get(&ctx, &actor, at.1, at.2).await?.into()))
}

/// Stop an experiment before it has ended. It has no result then, and never will.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/forms/{form}/experiments/{experiment}/stop", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path), ("experiment" = ExperimentId, Path)),
    responses((status = OK, body = Experiment)))]
pub(super) async fn stop_experiment(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId, ExperimentId)>,
) -> Result<Json<Experiment>, Problem> {
    Ok(Json(trial::stop(&ctx, &actor, at.1, at.2).await?.into()))
}

/// The version that was chosen.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct Adoption {
    /// One of the experiment's.
    version_id: FormVersionId,
}

/// Choose a version after an experiment has ended: the form says that from now on.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/forms/{form}/experiments/{experiment}/adopt", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path), ("experiment" = ExperimentId, Path)),
    request_body = Adoption, responses((status = OK, body = Experiment)))]
pub(super) async fn adopt_form_version(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId, ExperimentId)>,
    Json(body): Json<Adoption>,
) -> Result<Json<Experiment>, Problem> {
    Ok(Json(trial::adopt(&ctx, &actor, at.1, at.2, body.version_id).await?.into()))
}
