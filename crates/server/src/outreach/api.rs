//! Outreach over HTTP.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use rules::consent::{Channel, Purpose};
use rules::gate::{Decision, Reason};
use rules::id::{
    ContactId, ConversationId, MessageId, NotificationId, NumberId, OrgId, OutreachId, RecipientId,
};
use rules::message::Author;
use rules::outreach::{NOWHERE_ELSE, NextChannel, OutreachOutcome, OutreachVerdict};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::outreach::OutreachFilter;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, Row};
use crate::ctx::Ctx;
use crate::dispatch::{Question, Target};
use crate::http::{Json, List, OrgActor, PageQuery, Problem, Query, Sentence};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list_outreach))
        .routes(routes!(export_outreach))
        .routes(routes!(decide_outreach))
}

/// Something that was begun by us and not by the contact: what the gate said last, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Outreach {
    /// Its id.
    id: OutreachId,
    /// Who is written to.
    contact_id: ContactId,
    /// What to call this person.
    contact_name: String,
    /// From which number.
    number_id: NumberId,
    /// In which conversation.
    conversation_id: ConversationId,
    /// The message, unless it was refused before there was one.
    message_id: Option<MessageId>,
    /// The template's name.
    template: String,
    /// Its language.
    language: String,
    /// What it is for.
    purpose: Purpose,
    /// Who sends.
    author: Author,
    /// The notification that it is part of.
    notification_id: Option<NotificationId>,
    /// The recipient of that notification's run.
    recipient_id: Option<RecipientId>,
    /// The channels that the sender allows besides WhatsApp.
    fallback: Vec<NextChannel>,
    /// How the contact stood towards the purpose: `unknown`, `opted_in`, `opted_out`.
    #[schema(example = "opted_in")]
    standing: String,
    /// Whether the 24-hour window was open.
    window_open: bool,
    /// What the gate said last.
    verdict: OutreachVerdict,
    /// Why it waits, falls back or is refused.
    #[schema(value_type = Option<String>, example = "no_opt_in")]
    reason: Option<Reason>,
    /// The same for people.
    explanation: Option<Sentence>,
    /// What people are told where it was to go on another channel instead, and none was possible.
    elsewhere: Option<Sentence>,
    /// The channel that it is on.
    channel: Channel,
    /// What became of it.
    outcome: OutreachOutcome,
    /// The code of what went wrong.
    trouble: Option<String>,
    /// When that became known.
    outcome_at: Timestamp,
    /// When it was intended.
    at: Timestamp,
}

impl From<Row> for Outreach {
    fn from(Row { outreach: one, name }: Row) -> Self {
        let elsewhere = super::service::is_nowhere_else(&one).then(nowhere_else);
        Self {
            elsewhere,
            id: one.id,
            contact_id: one.contact_id,
            contact_name: name,
            number_id: one.number_id,
            conversation_id: one.conversation_id,
            message_id: one.message_id,
            template: one.template_name,
            language: one.template_language,
            purpose: one.purpose,
            author: one.author,
            notification_id: one.notification_id,
            recipient_id: one.recipient_id,
            fallback: one.fallback.0,
            standing: one.standing,
            window_open: one.window_open,
            verdict: one.verdict,
            reason: one.reason,
            explanation: one.reason.map(sentence),
            channel: one.channel,
            outcome: one.outcome,
            trouble: one.trouble,
            outcome_at: one.outcome_at,
            at: one.at,
        }
    }
}

fn sentence(reason: Reason) -> Sentence {
    Sentence { en: reason.english().into(), id: reason.indonesian().into() }
}

fn nowhere_else() -> Sentence {
    let (en, id) = NOWHERE_ELSE;
    Sentence { en: en.into(), id: id.into() }
}

/// Which a list holds: those that fit everything given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct OutreachQuery {
    /// What the gate said last.
    verdict: Option<OutreachVerdict>,
    /// What became of it.
    outcome: Option<OutreachOutcome>,
    /// Who is written to.
    contact_id: Option<ContactId>,
    /// From which number.
    number_id: Option<NumberId>,
    /// The template's name.
    #[garde(length(max = 512))]
    template: Option<String>,
    /// What it is for.
    purpose: Option<Purpose>,
    /// Why it waits, falls back or is refused.
    #[param(value_type = Option<String>, example = "no_opt_in")]
    reason: Option<Reason>,
    /// The channel that it is on.
    channel: Option<Channel>,
    /// The notification.
    notification_id: Option<NotificationId>,
    /// No earlier than this, in microseconds since 1970.
    from: Option<Timestamp>,
    /// Earlier than this, in microseconds since 1970.
    until: Option<Timestamp>,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

impl OutreachQuery {
    fn page(&self) -> PageQuery {
        PageQuery { after: self.after.clone(), limit: self.limit }
    }

    fn filter(self) -> OutreachFilter {
        OutreachFilter {
            verdict: self.verdict,
            outcome: self.outcome,
            contact: self.contact_id,
            number: self.number_id,
            template: self.template,
            purpose: self.purpose,
            reason: self.reason,
            channel: self.channel,
            notification: self.notification_id,
            from: self.from,
            until: self.until,
        }
    }
}

/// What was begun by us, the newest first: sent, waiting, diverted and refused alike, each with the reason.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/outreach", tag = "Outreach",
    params(("org" = OrgId, Path), OutreachQuery), responses((status = OK, body = List<Outreach>)))]
async fn list_outreach(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<OutreachQuery>,
) -> Result<Json<List<Outreach>>, Problem> {
    let page = query.page();
    Ok(Json(service::list(&ctx, &actor, &query.filter(), page.cursor()?, page.limit()).await?.into()))
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/outreach/export", tag = "Outreach", params(("org" = OrgId, Path), OutreachQuery),
    responses((status = OK, description = "One line for each, the newest first", content_type = "text/csv", body = String)))]
async fn export_outreach(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<OutreachQuery>,
) -> Result<Response, Problem> {
    let rows = service::export(&ctx, &actor, query.filter()).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"outreach.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(rows)).into_response())
}

/// What to ask the gate about.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct OutreachQuestion {
    /// To whom.
    contact_id: ContactId,
    /// From which number; may be left out where there is only one.
    number_id: Option<NumberId>,
    /// The template's name.
    #[garde(length(min = 1, max = 512))]
    template: String,
    /// Its language.
    #[garde(length(min = 1, max = 20))]
    #[schema(example = "id")]
    language: String,
    /// The channels that would be allowed besides WhatsApp, in order.
    #[serde(default)]
    #[garde(length(max = 3), custom(crate::fallback::in_order))]
    fallback: Vec<NextChannel>,
}

/// What the gate says now. It is asked again when a message is sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OutreachAnswer {
    /// What it says.
    verdict: OutreachVerdict,
    /// Why not at once, where it is so.
    #[schema(value_type = Option<String>, example = "no_opt_in")]
    reason: Option<Reason>,
    /// The same for people.
    explanation: Option<Sentence>,
    /// Until when it would wait.
    until: Option<Timestamp>,
    /// The channel that it would take.
    channel: Channel,
    /// What the template is for.
    purpose: Purpose,
    /// How the contact stands towards that: `unknown`, `opted_in`, `opted_out`.
    standing: &'static str,
    /// Whether the 24-hour window is open.
    window_open: bool,
}

/// Ask the gate what it would say of a template to a contact now. Nothing is sent or written down.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/outreach/decide", tag = "Outreach", params(("org" = OrgId, Path)),
    request_body = OutreachQuestion, responses((status = OK, body = OutreachAnswer)))]
async fn decide_outreach(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<OutreachQuestion>,
) -> Result<Json<OutreachAnswer>, Problem> {
    let question = Question {
        target: Target::Contact(body.contact_id),
        number: body.number_id,
        author: if actor.member().is_some() { Author::Member } else { Author::Api },
        template: (&body.template, &body.language),
        fallback: &body.fallback,
    };
    let answered = service::decide(&ctx, &actor, question).await?;
    let (reason, until) = match answered.decision {
        Decision::Send { .. } => (None, None),
        Decision::Wait { until, reason } => (Some(reason), Some(until)),
        Decision::FallBack { reason, .. } | Decision::Refuse { reason } => (Some(reason), None),
    };
    Ok(Json(OutreachAnswer {
        verdict: answered.verdict,
        reason,
        explanation: reason.map(sentence),
        until,
        channel: answered.channel,
        purpose: answered.purpose,
        standing: answered.standing,
        window_open: answered.window_open,
    }))
}
