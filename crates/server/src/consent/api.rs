//! Consent over HTTP.

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::id::{ConsentEventId, ContactId, OrgId};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, Statement};
use crate::contacts::api::ConsentState;
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(get_consent, record_consent))
        .routes(routes!(list_consent))
        .routes(routes!(export_consent))
}

/// An entry of the ledger.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ConsentEvent {
    /// Its id.
    id: ConsentEventId,
    /// Whose.
    contact_id: ContactId,
    /// On which channel.
    channel: Channel,
    /// What it speaks of; `null` speaks of everything (STOP and START).
    purpose: Option<Purpose>,
    /// Yes or no.
    action: ConsentAction,
    /// Where it comes from.
    source: ConsentSource,
    /// What proves it.
    #[schema(value_type = Object)]
    evidence: Value,
    /// When it took effect.
    at: Timestamp,
}

impl From<store::consent::ConsentEvent> for ConsentEvent {
    fn from(event: store::consent::ConsentEvent) -> Self {
        Self {
            id: event.id,
            contact_id: event.contact_id,
            channel: event.channel,
            purpose: event.purpose,
            action: event.action,
            source: event.source,
            evidence: event.evidence.0,
            at: event.at,
        }
    }
}

impl From<store::consent::ConsentRecord> for ConsentEvent {
    fn from(record: store::consent::ConsentRecord) -> Self {
        record.event.into()
    }
}

/// How a contact stands on a channel.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = ConsentOnChannel)]
struct OnChannel {
    /// Which.
    channel: Channel,
    /// What the contact allows there. STOP on WhatsApp holds on every channel.
    state: ConsentState,
}

/// How a contact stands, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Ledger {
    /// What it allows on WhatsApp.
    state: ConsentState,
    /// What it allows on each channel.
    channels: Vec<OnChannel>,
    /// Every entry, the newest first.
    events: Vec<ConsentEvent>,
}

/// What a contact allows, and the whole ledger that says so.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/contacts/{contact}/consent", tag = "Consent",
    params(("org" = OrgId, Path), ("contact" = ContactId, Path)), responses((status = OK, body = Ledger)))]
async fn get_consent(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactId)>,
) -> Result<Json<Ledger>, Problem> {
    let (on, events) = service::ledger(&ctx, &actor, path.1).await?;
    let channels =
        Channel::ALL.iter().map(|channel| OnChannel { channel: *channel, state: on(*channel).into() });
    Ok(Json(Ledger {
        state: on(Channel::Whatsapp).into(),
        channels: channels.collect(),
        events: events.into_iter().map(ConsentEvent::from).collect(),
    }))
}

/// A yes or no that a contact has given outside WhatsApp, with what proves it.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NewConsentEvent {
    /// On which channel; left out, on WhatsApp.
    channel: Option<Channel>,
    /// What it speaks of; left out, everything: as an opt-out it ends all that is business-initiated, as an opt-in it
    /// allows what serves the contact and never marketing.
    purpose: Option<Purpose>,
    /// Yes or no.
    action: ConsentAction,
    /// When it was given, if not now.
    at: Option<Timestamp>,
    /// The words that the contact agreed to or wrote. An opt-in needs them, or a note.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    wording: Option<String>,
    /// The form, page or conversation in which it was given.
    #[garde(length(chars, max = 500))]
    #[schema(max_length = 500)]
    place: Option<String>,
    /// What else a person should know about it.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// The address that the contact gave it from.
    #[garde(length(max = 100))]
    #[schema(max_length = 100)]
    ip: Option<String>,
}

/// Record a contact's opt-in or opt-out. Entries are never changed or removed; a new one overrules.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/contacts/{contact}/consent", tag = "Consent",
    params(("org" = OrgId, Path), ("contact" = ContactId, Path)), request_body = NewConsentEvent,
    responses((status = CREATED, body = ConsentEvent)))]
async fn record_consent(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactId)>,
    Json(body): Json<NewConsentEvent>,
) -> Result<(StatusCode, Json<ConsentEvent>), Problem> {
    let mut evidence = Map::new();
    for (name, said) in
        [("wording", &body.wording), ("place", &body.place), ("note", &body.note), ("ip", &body.ip)]
    {
        if let Some(said) = said.as_deref().map(str::trim).filter(|said| !said.is_empty()) {
            evidence.insert(name.into(), said.into());
        }
    }
    let proven = evidence.contains_key("wording") || evidence.contains_key("note");
    if body.action == ConsentAction::OptIn && !proven {
        return Err(Problem::invalid_field(
            "wording",
            "an opt-in needs evidence: the words that the contact agreed to, or a note of how it was given",
        ));
    }
    let statement = Statement {
        channel: body.channel.unwrap_or(Channel::Whatsapp),
        purpose: body.purpose,
        action: body.action,
        at: body.at,
        evidence,
    };
    let event = service::record(&ctx, &actor, path.1, statement).await?;
    Ok((StatusCode::CREATED, Json(event.into())))
}

/// The whole organisation's ledger, the newest entry first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/consent", tag = "Consent",
    params(("org" = OrgId, Path), PageQuery), responses((status = OK, body = List<ConsentEvent>)))]
async fn list_consent(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<ConsentEvent>>, Problem> {
    Ok(Json(service::records(&ctx, &actor, page.cursor()?, page.limit()).await?.into()))
}

/// The whole organisation's ledger as CSV, for proof and for moving out.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/consent/export", tag = "Consent", params(("org" = OrgId, Path)),
    responses((status = OK, description = "One line for each entry, the newest first", content_type = "text/csv", body = String)))]
async fn export_consent(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Response, Problem> {
    let rows = service::export(&ctx, &actor).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"consent.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(rows)).into_response())
}
