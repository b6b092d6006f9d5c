//! `…/notifications…`.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{ContactId, NotificationId, OrgId, RecordId};
use rules::notification::NotificationState;
use rules::prices::{CURRENCY, SINCE};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::super::batch::{self, Decided};
use super::super::definition::Definition;
use super::super::filled::Rendered;
use super::super::price::{Price, Sum};
use super::super::service;
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, Path, Problem, Sentence};

pub(super) fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list_notifications, create_notification))
        .routes(routes!(preview_notification))
        .routes(routes!(get_notification, replace_notification, delete_notification))
        .routes(routes!(set_notification_state))
}

/// A notification that an organisation has defined.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Notification {
    /// Its id.
    id: NotificationId,
    /// What people call it.
    name: String,
    /// Whether it goes out by itself.
    state: NotificationState,
    /// What it is.
    definition: Definition,
    /// When it is due next; `null`: it waits for a call, is paused or is over.
    next_at: Option<Timestamp>,
    /// Who made it: `member:…` or `key:…`.
    created_by: String,
    /// When.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

fn view(one: store::notifications::Notification) -> Result<Notification, Problem> {
    Ok(Notification {
        definition: service::read(&one)?,
        next_at: service::next_at(&one),
        id: one.id,
        name: one.name,
        state: one.state,
        created_by: one.created_by,
        created_at: one.created_at,
        updated_at: one.updated_at,
    })
}

/// What a notification is to be.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct NewNotification {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "Izin hampir habis")]
    name: String,
    /// Whether it goes out by itself.
    #[garde(skip)]
    state: NotificationState,
    /// What it is.
    #[garde(custom(small))]
    definition: Definition,
}

fn small(definition: &Definition, _: &()) -> garde::Result {
    let bytes = serde_json::to_vec(definition).map_or(usize::MAX, |json| json.len());
    if bytes > 32 << 10 {
        return Err(garde::Error::new("is larger than 32 kB"));
    }
    Ok(())
}

/// Whether a notification goes out by itself.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct OtherNotificationState {
    /// Whether it does.
    state: NotificationState,
}

/// What is to be previewed.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct PreviewWanted {
    /// The notification, where it is kept already: whoever had it is left out.
    #[serde(default)]
    #[garde(skip)]
    notification_id: Option<NotificationId>,
    /// What it is.
    #[garde(custom(small))]
    definition: Definition,
    /// Where to go on: `next` of the page before.
    #[serde(default)]
    #[garde(skip)]
    after: Option<Uuid>,
    /// How many people at most; 20 unless told.
    #[serde(default)]
    #[garde(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100, default = 20)]
    limit: Option<usize>,
}

/// What a run would come to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotificationPreview)]
struct Preview {
    /// How many records or contacts would be gone through at most.
    people: i64,
    /// How many people were counted; of a large audience the first 2,000. Not counted again on further pages.
    counted: usize,
    /// What would be decided how often.
    counts: Vec<Count>,
    /// What those who were counted would cost.
    price: PriceSum,
    /// How many of those who were counted would get it on WhatsApp without having written within 24 hours.
    begins: usize,
    /// To how many such people Meta lets the number's portfolio still write within 24 hours, as of now; whoever comes after them
    /// waits for room. `null`: no limit is known.
    room: Option<u64>,
    /// Who would get what, and why.
    items: Vec<Previewed>,
    /// Send it as `after` for the next page; `null` on the last one.
    next: Option<Uuid>,
}

/// What messages would cost: for each the list price of its template's category in the market of its number, and nothing for
/// utility while the window is open. Without taxes and tiers, and without what e-mail and SMS cost; Meta's bill decides.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotificationPrice)]
struct PriceSum {
    /// The currency of the card.
    #[schema(example = "USD")]
    currency: &'static str,
    /// The day from which the card is in force.
    since: &'static str,
    /// The sum in millionths of the currency.
    millionths: i64,
    /// How many messages are in that.
    priced: i64,
    /// How many cost nothing.
    free: i64,
    /// How many are on no card.
    unknown: i64,
}

impl From<Sum> for PriceSum {
    fn from(sum: Sum) -> Self {
        let Sum { millionths, priced, free, unknown } = sum;
        Self { currency: CURRENCY, since: SINCE, millionths, priced, free, unknown }
    }
}

/// How often something was or would be decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotificationCount)]
pub(super) struct Count {
    /// `send`, `wait`, `fall_back` or `refuse`.
    #[schema(example = "refuse")]
    verdict: String,
    /// Why.
    #[schema(example = "no_opt_in")]
    reason: Option<String>,
    /// The gap of the template that is empty, where it is for that.
    #[schema(example = "body.until")]
    gap: Option<String>,
    /// The same in words.
    detail: Option<Sentence>,
    /// How often.
    count: i64,
}

/// Counts, the most frequent first.
pub(super) fn counts(counts: impl IntoIterator<Item = (String, i64)>) -> Vec<Count> {
    let mut counts: Vec<Count> = counts
        .into_iter()
        .map(|(word, count)| {
            let (verdict, kept) = match word.split_once(':') {
                Some((verdict, reason)) => (verdict.to_owned(), Some(reason.to_owned())),
                None => (word, None),
            };
            let (reason, gap) = kept.as_deref().map(batch::told_apart).unzip();
            Count { detail: kept.as_deref().map(batch::sentence), verdict, reason, gap: gap.flatten(), count }
        })
        .collect();
    counts.sort_by_key(|one| std::cmp::Reverse(one.count));
    counts
}

/// Somebody, and what they would get.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NotificationPreviewed)]
struct Previewed {
    /// Who.
    contact_id: Option<ContactId>,
    /// What to call them.
    name: String,
    /// Because of which record.
    record_id: Option<RecordId>,
    /// What that record is called where it comes from.
    external_id: Option<String>,
    /// `send`, `wait`, `fall_back` or `refuse`.
    #[schema(example = "send")]
    verdict: String,
    /// Why not, or why later.
    reason: Option<String>,
    /// The gap of the template that is empty, where it is for that.
    #[schema(example = "body.until")]
    gap: Option<String>,
    /// The same in words.
    detail: Option<Sentence>,
    /// What people are told where it was to go on another channel instead, and none is possible.
    elsewhere: Option<Sentence>,
    /// The language of the template.
    language: Option<String>,
    /// What they would read.
    text: Option<Rendered>,
    /// What it would cost in millionths of the currency; `null`: nothing goes on WhatsApp, or the price is not known.
    price: Option<i64>,
}

impl From<Decided> for Previewed {
    fn from(one: Decided) -> Self {
        let (language, text) = one.text.unzip();
        let contact = one.candidate.contact;
        let (reason, gap) = one.reason.as_deref().map(batch::told_apart).unzip();
        Self {
            contact_id: contact.as_ref().map(|contact| contact.id),
            name: contact.map(|contact| contact.display_name()).unwrap_or_default(),
            record_id: one.candidate.record.as_ref().map(|record| record.id),
            external_id: one.candidate.record.map(|record| record.external_id),
            verdict: one.verdict.to_owned(),
            detail: one.reason.as_deref().map(batch::sentence),
            reason,
            gap: gap.flatten(),
            elsewhere: one.nowhere_else.then(batch::nowhere_else),
            language,
            text,
            price: one.price.and_then(Price::millionths),
        }
    }
}

/// List notifications, by name.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/notifications", tag = "Notifications", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<Notification>)))]
async fn list_notifications(
    State(ctx): State<Ctx>,
    actor: OrgActor,
) -> Result<Json<List<Notification>>, Problem> {
    let all = service::list(&ctx, &actor).await?;
    Ok(Json(List { items: all.into_iter().map(view).collect::<Result<_, _>>()?, next: None }))
}

/// Define a notification.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/notifications", tag = "Notifications", params(("org" = OrgId, Path)),
    request_body = NewNotification, responses((status = CREATED, body = Notification)))]
async fn create_notification(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewNotification>,
) -> Result<(StatusCode, Json<Notification>), Problem> {
    let one = service::keep(&ctx, &actor, None, &body.name, body.state, body.definition).await?;
    Ok((StatusCode::CREATED, Json(view(one)?)))
}

/// Look at what a run would come to: who would get what, and why. Nothing is changed and nothing sent.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/notifications/preview", tag = "Notifications",
    params(("org" = OrgId, Path)), request_body = PreviewWanted, responses((status = OK, body = Preview)))]
async fn preview_notification(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<PreviewWanted>,
) -> Result<Json<Preview>, Problem> {
    let limit = body.limit.unwrap_or(20);
    let preview =
        service::preview(&ctx, &actor, body.notification_id, body.definition, body.after, limit).await?;
    Ok(Json(Preview {
        people: preview.people,
        counted: preview.counted,
        counts: counts(preview.counts),
        price: preview.price.into(),
        begins: preview.begins,
        room: preview.room,
        items: preview.items.into_iter().map(Into::into).collect(),
        next: preview.next,
    }))
}

/// Read a notification.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/notifications/{notification}", tag = "Notifications",
    params(("org" = OrgId, Path), ("notification" = NotificationId, Path)), responses((status = OK, body = Notification)))]
async fn get_notification(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, NotificationId)>,
) -> Result<Json<Notification>, Problem> {
    Ok(Json(view(service::get(&ctx, &actor, path.1).await?)?))
}

/// Change a notification. Runs that are under way go on as they began.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/notifications/{notification}", tag = "Notifications",
    params(("org" = OrgId, Path), ("notification" = NotificationId, Path)), request_body = NewNotification,
    responses((status = OK, body = Notification)))]
async fn replace_notification(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, NotificationId)>,
    Json(body): Json<NewNotification>,
) -> Result<Json<Notification>, Problem> {
    let one = service::keep(&ctx, &actor, Some(path.1), &body.name, body.state, body.definition).await?;
    Ok(Json(view(one)?))
}

/// Remove a notification with its runs. Messages that were sent stay.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/notifications/{notification}", tag = "Notifications",
    params(("org" = OrgId, Path), ("notification" = NotificationId, Path)),
    responses((status = NO_CONTENT), (status = CONFLICT, description = "A run is under way", body = crate::http::problem::Details)))]
async fn delete_notification(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, NotificationId)>,
) -> Result<StatusCode, Problem> {
    service::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enable or pause a notification. What fell due while it was paused is past.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/notifications/{notification}/state", tag = "Notifications",
    params(("org" = OrgId, Path), ("notification" = NotificationId, Path)), request_body = OtherNotificationState,
    responses((status = OK, body = Notification)))]
async fn set_notification_state(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, NotificationId)>,
    Json(body): Json<OtherNotificationState>,
) -> Result<Json<Notification>, Problem> {
    Ok(Json(view(service::set_state(&ctx, &actor, path.1, body.state).await?)?))
}
