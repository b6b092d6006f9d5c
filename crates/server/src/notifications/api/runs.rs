//! `…/notifications/{notification}/runs` and `…/notification-runs…`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use documents::csv_lines;
use garde::Validate;
use rules::day::Day;
use rules::id::{ContactId, MessageId, NotificationId, OrgId, RecipientId, RecordId, RunId};
use rules::notification::{Cause, RunState};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::Cursor;
use store::notifications::{Outcomes, RecipientFilter};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::batch;
use super::super::definition::Only;
use super::super::service::{self, Call};
use super::notifications::{Count, counts};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query, Sentence};

/// The most who may be named in a call.
const MOST: usize = 1_000;
/// How many lines of CSV are read at once.
const LINES: usize = 500;

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list_runs, begin_run))
        .routes(routes!(get_run))
        .routes(routes!(set_run_state))
        .routes(routes!(list_recipients))
        .routes(routes!(export_recipients))
}

/// One run of a notification.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotificationRun)]
struct Run {
    /// Its id.
    id: RunId,
    /// Of which notification.
    notification_id: NotificationId,
    /// What began it.
    cause: Cause,
    /// Where it stands.
    state: RunState,
    /// When it was due.
    due_at: Timestamp,
    /// The day on which that was, where people are.
    day: Day,
    /// How many records or contacts there were to go through, at most.
    people: i64,
    /// How many people have been decided about.
    decided: i64,
    /// What was decided how often.
    counts: Vec<Count>,
    /// What became of the messages. Told of a single run only.
    outcomes: Vec<Outcome>,
    /// Who began it.
    begun_by: String,
    /// When.
    created_at: Timestamp,
    /// When it ended.
    ended_at: Option<Timestamp>,
}

/// How often something became of messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotificationOutcome)]
struct Outcome {
    /// On which channel.
    #[schema(example = "whatsapp")]
    channel: String,
    /// What.
    #[schema(example = "delivered")]
    outcome: String,
    /// How often.
    count: i64,
}

fn view(run: store::notifications::Run, outcomes: Vec<Outcomes>) -> Run {
    Run {
        id: run.id,
        notification_id: run.notification_id,
        cause: run.cause,
        state: run.state,
        due_at: run.due_at,
        day: run.day,
        people: run.people,
        decided: run.counts.0.values().sum(),
        counts: counts(run.counts.0),
        outcomes: outcomes
            .into_iter()
            .map(|one| Outcome { channel: one.channel, outcome: one.outcome, count: one.count })
            .collect(),
        begun_by: run.begun_by,
        created_at: run.created_at,
        ended_at: run.ended_at,
    }
}

impl From<store::notifications::Run> for Run {
    fn from(run: store::notifications::Run) -> Self {
        view(run, Vec::new())
    }
}

/// What whoever begins a run says. Named people are gone through instead of the whole audience.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewRun {
    /// A name of your own for this run. Sent again, even years later, it is answered with the run that there is.
    #[serde(default)]
    #[garde(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "invoice-2026-118")]
    key: Option<String>,
    /// Only these contacts.
    #[serde(default)]
    #[garde(length(max = MOST))]
    #[schema(max_items = 1_000)]
    contacts: Vec<ContactId>,
    /// Only these records.
    #[serde(default)]
    #[garde(length(max = MOST))]
    #[schema(max_items = 1_000)]
    records: Vec<RecordId>,
    /// What stands in the gaps that are given.
    #[serde(default)]
    #[garde(custom(small))]
    values: BTreeMap<String, String>,
}

fn small(values: &BTreeMap<String, String>, _: &()) -> garde::Result {
    let size: usize = values.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > 16 << 10 { Err(garde::Error::new("are larger than 16 kB")) } else { Ok(()) }
}

impl NewRun {
    fn call(self) -> Result<Call, Problem> {
        let only = match (self.contacts.is_empty(), self.records.is_empty()) {
            (true, true) => None,
            (false, true) => Some(Only::Contacts(self.contacts)),
            (true, false) => Some(Only::Records(self.records)),
            (false, false) => {
                return Err(Problem::invalid_field(
                    "records",
                    "are named beside contacts: name one or the other",
                ));
            }
        };
        Ok(Call { key: self.key, only, given: self.values })
    }
}

/// What a run is to do.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct OtherRunState {
    /// `running`, `paused` or `stopped`.
    state: RunState,
}

/// Somebody whom a run has gone through.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotificationRecipient)]
struct Recipient {
    /// Its id.
    id: RecipientId,
    /// Who.
    contact_id: Option<ContactId>,
    /// What to call them.
    name: Option<String>,
    /// Their phone number in international digits.
    phone: Option<String>,
    /// Because of which record.
    record_id: Option<RecordId>,
    /// What that record is called where it comes from.
    external_id: Option<String>,
    /// How they stood towards what the template is for: `unknown`, `opted_in` or `opted_out`.
    standing: Option<String>,
    /// Whether the 24-hour window was open.
    window_open: Option<bool>,
    /// What was decided: `send`, `wait`, `fall_back` or `refuse`.
    verdict: String,
    /// Why not, or why later.
    reason: Option<String>,
    /// The gap of the template that is empty, where it is for that.
    #[schema(example = "body.until")]
    gap: Option<String>,
    /// The same in words.
    detail: Option<Sentence>,
    /// What people are told where it was to go on another channel instead, and none was possible.
    elsewhere: Option<Sentence>,
    /// The message.
    message_id: Option<MessageId>,
    /// The channel on which it is.
    channel: Option<String>,
    /// What became of it.
    outcome: Option<String>,
    /// The code of what went wrong.
    trouble: Option<String>,
    /// When it was decided.
    at: Timestamp,
}

impl From<store::notifications::Recipient> for Recipient {
    fn from(one: store::notifications::Recipient) -> Self {
        let (reason, gap) = one.reason.as_deref().map(batch::told_apart).unzip();
        let allowed = one.fallback.map(|allowed| allowed.0).unwrap_or_default();
        let elsewhere = batch::is_nowhere_else(&one.verdict, reason.as_deref(), &allowed);
        Self {
            elsewhere: elsewhere.then(batch::nowhere_else),
            id: one.id,
            contact_id: one.contact_id,
            name: one.name,
            phone: one.phone,
            record_id: one.record_id,
            external_id: one.external_id,
            standing: one.standing,
            window_open: one.window_open,
            detail: one.reason.as_deref().map(batch::sentence),
            verdict: one.verdict,
            reason,
            gap: gap.flatten(),
            message_id: one.message_id,
            channel: one.channel,
            outcome: one.outcome,
            trouble: one.trouble,
            at: one.at,
        }
    }
}

/// Which recipients a list holds: those that fit everything given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct RecipientQuery {
    /// With this verdict.
    verdict: Option<String>,
    /// For this reason.
    reason: Option<String>,
    /// With this outcome.
    outcome: Option<String>,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// List a notification's runs, the newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/notifications/{notification}/runs", tag = "Notifications",
    params(("org" = OrgId, Path), ("notification" = NotificationId, Path), PageQuery),
    responses((status = OK, body = List<Run>)))]
async fn list_runs(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, NotificationId)>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Run>>, Problem> {
    Ok(Json(service::list_runs(&ctx, &actor, path.1, page.cursor()?, page.limit()).await?.into()))
}

/// Begin a run: the call of a program, or of a member.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/notifications/{notification}/runs", tag = "Notifications",
    params(("org" = OrgId, Path), ("notification" = NotificationId, Path)), request_body = NewRun,
    responses((status = OK, description = "There is one of this key", body = Run), (status = CREATED, body = Run)))]
async fn begin_run(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, NotificationId)>,
    Json(body): Json<NewRun>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let (run, new) = service::call(&ctx, &actor, path.1, body.call()?).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(run.into())))
}

/// Read a run, and what became of its messages.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/notification-runs/{run}", tag = "Notifications",
    params(("org" = OrgId, Path), ("run" = RunId, Path)), responses((status = OK, body = Run)))]
async fn get_run(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RunId)>,
) -> Result<Json<Run>, Problem> {
    let (run, outcomes) = service::get_run(&ctx, &actor, path.1).await?;
    Ok(Json(view(run, outcomes)))
}

/// Have a run wait, go on or end. Messages that were accepted are on their way already.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/notification-runs/{run}/state", tag = "Notifications",
    params(("org" = OrgId, Path), ("run" = RunId, Path)), request_body = OtherRunState,
    responses((status = OK, body = Run), (status = CONFLICT, description = "It has ended", body = crate::http::problem::Details)))]
async fn set_run_state(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RunId)>,
    Json(body): Json<OtherRunState>,
) -> Result<Json<Run>, Problem> {
    let (run, outcomes) = service::set_run_state(&ctx, &actor, path.1, body.state).await?;
    Ok(Json(view(run, outcomes)))
}

/// List whom a run has gone through, the last first: what was decided about each, and what became of it.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/notification-runs/{run}/recipients", tag = "Notifications",
    params(("org" = OrgId, Path), ("run" = RunId, Path), RecipientQuery), responses((status = OK, body = List<Recipient>)))]
async fn list_recipients(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RunId)>,
    Query(query): Query<RecipientQuery>,
) -> Result<Json<List<Recipient>>, Problem> {
    let page = PageQuery { after: query.after, limit: query.limit };
    let filter = RecipientFilter { verdict: query.verdict, reason: query.reason, outcome: query.outcome };
    let (after, limit) = (page.cursor()?, page.limit());
    Ok(Json(service::recipients(&ctx, &actor, path.1, &filter, after, limit).await?.into()))
}

const HEADINGS: [&str; 15] = [
    "contact_id",
    "name",
    "phone",
    "record_id",
    "external_id",
    "standing",
    "window_open",
    "verdict",
    "reason",
    "gap",
    "message_id",
    "channel",
    "outcome",
    "trouble",
    "at",
];

/// Whom a run has gone through, as CSV.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/notification-runs/{run}/export", tag = "Notifications",
    params(("org" = OrgId, Path), ("run" = RunId, Path)),
    responses((status = OK, description = "One line for each, the last first", content_type = "text/csv", body = String)))]
async fn export_recipients(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, RunId)>,
) -> Result<Response, Problem> {
    let filter = RecipientFilter::default();
    let first = service::recipients(&ctx, &actor, path.1, &filter, Cursor::NEWEST, LINES).await?;
    let headings = csv_lines([HEADINGS]).map_err(|error| Problem::internal(&error))?;
    // A page is read when whoever asked has taken the one before.
    let pages = futures::stream::try_unfold(Some(first), move |page| {
        let (ctx, actor) = (ctx.clone(), actor.clone());
        async move {
            let Some(page) = page else { return Ok(None) };
            let lines = csv_lines(page.items.iter().map(line)).map_err(std::io::Error::other)?;
            let next = match page.next {
                None => None,
                Some(after) => {
                    let filter = RecipientFilter::default();
                    let next = service::recipients(&ctx, &actor, path.1, &filter, after, LINES).await;
                    Some(next.map_err(|problem| std::io::Error::other(problem.details().detail.clone()))?)
                }
            };
            Ok::<_, std::io::Error>(Some((lines, next)))
        }
    });
    let whole = futures::StreamExt::chain(futures::stream::iter([Ok(headings)]), pages);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"notification.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(whole)).into_response())
}

fn line(one: &store::notifications::Recipient) -> [Cow<'_, str>; 15] {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default().into();
    let text = |text: &Option<String>| text.clone().unwrap_or_default().into();
    let (reason, gap) = one.reason.as_deref().map(batch::told_apart).unzip();
    let at = jiff::Timestamp::from_microsecond(one.at.0).map(|at| at.to_string()).unwrap_or_default();
    [
        id(one.contact_id.map(|id| id.0)),
        text(&one.name),
        text(&one.phone),
        id(one.record_id.map(|id| id.0)),
        text(&one.external_id),
        text(&one.standing),
        one.window_open.map(|open| open.to_string()).unwrap_or_default().into(),
        one.verdict.as_str().into(),
        text(&reason),
        text(&gap.flatten()),
        id(one.message_id.map(|id| id.0)),
        text(&one.channel),
        text(&one.outcome),
        text(&one.trouble),
        at.into(),
    ]
}
