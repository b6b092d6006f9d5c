//! Rates over HTTP.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use rules::id::{NotificationId, NumberId, OrgId};
use rules::rates::{RatesBy, Tally};
use rules::role::Right;
use serde::{Deserialize, Serialize};
use store::rates::RatesFilter;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, Key};
use super::{csv, days};
use crate::ctx::Ctx;
use crate::http::{Json, OrgActor, Problem, Query};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(get_rates)).routes(routes!(export_rates))
}

/// Which rates.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct RatesQuery {
    /// What is told apart; days unless told.
    by: Option<RatesBy>,
    /// The first day, `2026-11-01`, in the organisation's time zone; thirty days before the last unless told.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// The last day; today unless told. A period has at most 400 days.
    #[param(example = "2026-11-30")]
    until: Option<String>,
    /// Only for this number.
    number: Option<NumberId>,
    /// Only with this template.
    #[garde(length(chars, max = 512))]
    template: Option<String>,
    /// Only as part of this notification.
    notification: Option<NotificationId>,
}

/// So many, and the four rates of them. Without anything to divide by a rate is `null`.
#[derive(Serialize, ToSchema)]
struct RateFigures {
    /// Business-initiated messages that were intended: templates sent by anybody, and each recipient of a notification.
    intended: i64,
    /// Of those: the contact had opted in to their purpose.
    opted_in: i64,
    /// Of those: refused on every channel.
    refused: i64,
    /// Of those: on another channel than WhatsApp, or waiting for an opt-in that was asked for there.
    fallen_back: i64,
    /// Of those: given to Meta, and on WhatsApp still.
    handed: i64,
    /// Of those given to Meta: while the window was open.
    in_window: i64,
    /// Of those given to Meta: they reached the device, or were read.
    delivered: i64,
    /// Of those: read.
    read: i64,
    /// Of those given to Meta: failed.
    failed: i64,
    /// `opted_in / intended`.
    opt_in_rate: Option<f64>,
    /// `in_window / handed`.
    window_use: Option<f64>,
    /// `fallen_back / (intended - refused)`.
    fallback_rate: Option<f64>,
    /// `delivered / handed`.
    delivery_rate: Option<f64>,
}

impl From<Tally> for RateFigures {
    fn from(tally: Tally) -> Self {
        Self {
            intended: tally.intended,
            opted_in: tally.opted_in,
            refused: tally.refused,
            fallen_back: tally.fallen_back,
            handed: tally.handed,
            in_window: tally.in_window,
            delivered: tally.delivered,
            read: tally.read,
            failed: tally.failed,
            opt_in_rate: tally.opt_in_rate(),
            window_use: tally.window_rate(),
            fallback_rate: tally.fallback_rate(),
            delivery_rate: tally.delivery_rate(),
        }
    }
}

/// The figures of one day, number, template or notification.
#[derive(Serialize, ToSchema)]
struct RateRow {
    /// A date, an id, or the name of a template; `null` for templates that are part of no notification.
    key: Option<String>,
    /// Its figures.
    figures: RateFigures,
}

/// Rates of a period.
#[derive(Serialize, ToSchema)]
struct Rates {
    /// What is told apart.
    by: RatesBy,
    /// The first day.
    #[schema(example = "2026-11-01")]
    from: String,
    /// The last day.
    #[schema(example = "2026-11-30")]
    until: String,
    /// The time zone of the days.
    timezone: String,
    /// Apart, in order.
    rows: Vec<RateRow>,
    /// Together.
    total: RateFigures,
    /// Opt-ins recorded in the period, on whatever channel and from wherever.
    opt_ins: i64,
    /// Opt-outs recorded in the period.
    opt_outs: i64,
}

/// How many business-initiated messages had consent, used an open window, took another channel, arrived.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/rates", tag = "Rates", params(("org" = OrgId, Path), RatesQuery),
    responses((status = OK, body = Rates)))]
async fn get_rates(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<RatesQuery>,
) -> Result<Json<Rates>, Problem> {
    let by = query.by.unwrap_or(RatesBy::Day);
    let rates = read(&ctx, &actor, &query).await?;
    Ok(Json(Rates {
        by,
        from: days::date(rates.period.0).to_string(),
        until: days::date(rates.period.1).to_string(),
        timezone: rates.timezone,
        rows: rates
            .rows
            .into_iter()
            .map(|(key, tally)| RateRow { key: name(&key), figures: tally.into() })
            .collect(),
        total: rates.total.into(),
        opt_ins: rates.consents.0,
        opt_outs: rates.consents.1,
    }))
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/rates.csv", tag = "Rates", params(("org" = OrgId, Path), RatesQuery),
    responses((status = OK, description = "The table", content_type = "text/csv", body = String)))]
async fn export_rates(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<RatesQuery>,
) -> Result<Response, Problem> {
    let rates = read(&ctx, &actor, &query).await?;
    let named: Vec<(String, Tally)> =
        rates.rows.iter().map(|(key, tally)| (name(key).unwrap_or_default(), *tally)).collect();
    let rows = named.iter().map(|(key, tally)| (key.as_str(), tally));
    let table = csv::table(rows, &rates.total).map_err(|error| Problem::internal(&error))?;
    let file = format!("attachment; filename=\"rates-{}.csv\"", days::date(rates.period.1));
    Ok((
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, file)],
        table,
    )
        .into_response())
}

async fn read(ctx: &Ctx, actor: &OrgActor, query: &RatesQuery) -> Result<service::Rates, Problem> {
    actor.require(Right::ReadInbox)?;
    let period = (day("from", query.from.as_deref())?, day("until", query.until.as_deref())?);
    if let (Some(from), Some(until)) = period
        && (from > until || until - from >= service::LONGEST)
    {
        return Err(Problem::invalid_field("from", "must be at most 400 days before the last day"));
    }
    let filter = RatesFilter {
        number: query.number,
        template: query.template.clone(),
        notification: query.notification,
    };
    Ok(service::read(ctx, actor.org, query.by.unwrap_or(RatesBy::Day), &filter, period).await?)
}

fn day(field: &'static str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let date: jiff::civil::Date =
        text.parse().map_err(|_| Problem::invalid_field(field, "must be a date such as 2026-11-30"))?;
    if !(2000..2200).contains(&date.year()) {
        return Err(Problem::invalid_field(field, "must be a day of this century"));
    }
    Ok(Some(days::number(date)))
}

fn name(key: &Key) -> Option<String> {
    match key {
        Key::Day(day) => Some(days::date(*day).to_string()),
        Key::Number(id) => Some(id.to_string()),
        Key::Template(name) => Some(name.clone()),
        Key::Notification(id) => id.map(|id| id.to_string()),
    }
}
