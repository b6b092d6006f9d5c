//! Contacts over HTTP.

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use garde::Validate;
use rules::consent::{Channel, Consent, Purpose, Standing, StandingWord};
use rules::id::{ConsentEventId, ContactId, OrgId};
use rules::identity::{Bsuid, IdentityKind, Phone};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::contacts::{ContactFilter, ContactIdentity};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::labels::{self, LabelChange};
use super::service::{self, Said};
use super::{export, said};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(list_contacts, create_contact))
        .routes(routes!(list_labels))
        .routes(routes!(export_contacts))
        .routes(routes!(get_contact, update_contact))
        .routes(routes!(merge_contact))
}

/// A person who writes to the organisation, or whom it writes to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// What to call this person: the organisation's name for them, else their own, else what WhatsApp shows.
    pub display_name: String,
    /// The name that the organisation gave it; empty when it gave none.
    pub name: String,
    /// The name that the person chose on WhatsApp.
    pub profile_name: Option<String>,
    /// The username on WhatsApp, without `@`.
    pub username: Option<String>,
    /// The phone number in international digits, where the person shares it.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Phone>,
    /// The business-scoped user id.
    #[schema(value_type = Option<String>)]
    pub bsuid: Option<Bsuid>,
    /// The email address, where the organisation knows it.
    pub email: Option<String>,
    /// The language to write in, where it is known (BCP 47).
    pub language: Option<String>,
    /// The time zone that the person lives in (IANA).
    #[schema(example = "Asia/Jakarta")]
    pub timezone: Option<String>,
    /// The organisation's labels.
    pub labels: Vec<String>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When anything here last changed.
    pub updated_at: Timestamp,
}

impl From<store::contacts::Contact> for Contact {
    fn from(contact: store::contacts::Contact) -> Self {
        Self {
            display_name: contact.display_name(),
            id: contact.id,
            name: contact.name,
            profile_name: contact.profile_name,
            username: contact.username,
            phone: contact.phone,
            bsuid: contact.bsuid,
            email: contact.email,
            language: contact.language,
            timezone: contact.timezone,
            labels: contact.labels.0,
            created_at: contact.created_at,
            updated_at: contact.updated_at,
        }
    }
}

/// A contact, every name by which WhatsApp knows or knew it, and what it allows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContactDetail {
    /// The contact.
    #[serde(flatten)]
    pub contact: Contact,
    /// The names by which WhatsApp knows or knew it, the current ones first.
    pub identities: Vec<Identity>,
    /// What it allows.
    pub consent: ConsentState,
}

/// A name by which WhatsApp knows or knew a contact.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Identity {
    /// What sort of name.
    pub kind: IdentityKind,
    /// The name itself.
    pub value: String,
    /// Since when it is this contact's.
    pub since: Timestamp,
    /// Until when it was; `null`: it still is.
    pub until: Option<Timestamp>,
}

impl From<ContactIdentity> for Identity {
    fn from(identity: ContactIdentity) -> Self {
        Self { kind: identity.kind, value: identity.value, since: identity.since, until: identity.until }
    }
}

/// What a contact allows, from its whole ledger.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ConsentState {
    /// The STOP that ended everything business-initiated, unless a START came after it.
    pub stopped_by: Option<ConsentEventId>,
    /// Messages that serve something the contact asked for.
    pub utility: PurposeState,
    /// Offers and news.
    pub marketing: PurposeState,
    /// One-time codes.
    pub authentication: PurposeState,
}

/// How a contact stands towards one purpose.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PurposeState {
    /// How, in a word.
    pub standing: StandingWord,
    /// The entry of the ledger that says so.
    pub event_id: Option<ConsentEventId>,
}

impl From<Consent> for ConsentState {
    fn from(consent: Consent) -> Self {
        let state = |purpose| match consent.standing(purpose) {
            Standing::Unknown => PurposeState { standing: StandingWord::Unknown, event_id: None },
            Standing::OptedIn(id) => PurposeState { standing: StandingWord::OptedIn, event_id: Some(id) },
            Standing::OptedOut(id) => PurposeState { standing: StandingWord::OptedOut, event_id: Some(id) },
        };
        Self {
            stopped_by: consent.stopped,
            utility: state(Purpose::Utility),
            marketing: state(Purpose::Marketing),
            authentication: state(Purpose::Authentication),
        }
    }
}

/// Which contacts a list holds: those that fit everything given.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct ContactQuery {
    /// Part of a name, username or phone number.
    #[garde(length(max = 200))]
    q: Option<String>,
    /// With this label.
    label: Option<String>,
    /// How they stand towards `purpose`.
    standing: Option<StandingWord>,
    /// The purpose that `standing` is about; marketing unless told.
    purpose: Option<Purpose>,
    /// The channel that `standing` is about; WhatsApp unless told.
    channel: Option<Channel>,
    /// Those who said STOP to everything.
    #[serde(default)]
    stopped: bool,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// List contacts, the newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/contacts", tag = "Contacts",
    params(("org" = OrgId, Path), ContactQuery), responses((status = OK, body = List<Contact>)))]
async fn list_contacts(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(query): Query<ContactQuery>,
) -> Result<Json<List<Contact>>, Problem> {
    let page = PageQuery { after: query.after, limit: query.limit };
    let purpose = query.purpose.unwrap_or(Purpose::Marketing);
    let standing = query.standing.map(|word| (purpose, word));
    let filter = ContactFilter {
        text: query.q,
        label: query.label,
        standing,
        channel: query.channel,
        stopped: query.stopped,
    };
    Ok(Json(service::list(&ctx, &actor, &filter, page.cursor()?, page.limit()).await?.into()))
}

/// Every contact as CSV, with how each stands.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/contacts/export", tag = "Contacts", params(("org" = OrgId, Path)),
    responses((status = OK, description = "One line for each contact, the newest first", content_type = "text/csv", body = String)))]
async fn export_contacts(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Response, Problem> {
    let rows = export::contacts(&ctx, &actor).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"contacts.csv\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(rows)).into_response())
}

/// List the labels in use, in alphabetical order.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/contacts/labels", tag = "Contacts",
    params(("org" = OrgId, Path)), responses((status = OK, body = List<String>)))]
async fn list_labels(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<List<String>>, Problem> {
    Ok(Json(List { items: service::labels(&ctx, &actor).await?, next: None }))
}

/// A contact to make.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct NewContact {
    /// A phone number. Without a country code it is read as one of the organisation's country.
    #[garde(length(min = 1, max = 40))]
    #[schema(example = "+62 812 3456 7890")]
    phone: String,
    /// The organisation's name for it.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The email address.
    #[garde(custom(is_email_address))]
    #[schema(max_length = 254)]
    email: Option<String>,
    /// The language to write in (BCP 47).
    #[garde(custom(is_language))]
    language: Option<String>,
    /// The time zone that the person lives in (IANA).
    #[garde(custom(is_known_timezone))]
    timezone: Option<String>,
    /// Labels to give it, beside those that it may have.
    #[serde(default)]
    #[garde(custom(labels::are_labels))]
    labels: Vec<String>,
}

/// Make a contact, or find the one that has this phone number. Consent is recorded apart from it.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/contacts", tag = "Contacts", params(("org" = OrgId, Path)),
    request_body = NewContact,
    responses((status = OK, description = "It was there", body = Contact), (status = CREATED, body = Contact)))]
async fn create_contact(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewContact>,
) -> Result<(StatusCode, Json<Contact>), Problem> {
    let labels = LabelChange::giving(body.labels);
    let said =
        Said { name: body.name, language: body.language, email: body.email, timezone: body.timezone, labels };
    let (contact, new) = service::create(&ctx, &actor, &body.phone, said).await?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(contact.into())))
}

/// One contact, its names, and what it allows. The id of a merged contact leads to the one it became part of.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/contacts/{contact}", tag = "Contacts",
    params(("org" = OrgId, Path), ("contact" = ContactId, Path)), responses((status = OK, body = ContactDetail)))]
async fn get_contact(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactId)>,
) -> Result<Json<ContactDetail>, Problem> {
    let detail = service::detail(&ctx, &actor, path.1).await?;
    Ok(Json(ContactDetail {
        contact: detail.contact.into(),
        identities: detail.identities.into_iter().map(Identity::from).collect(),
        consent: detail.consent.into(),
    }))
}

/// What to change of a contact; what is left out stays as it is.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct ContactPatch {
    /// The organisation's name for it; empty takes it away.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The email address; empty takes it away.
    #[garde(custom(is_email_address))]
    #[schema(max_length = 254)]
    email: Option<String>,
    /// The language to write in (BCP 47); empty takes it away.
    #[garde(custom(is_language))]
    language: Option<String>,
    /// The time zone that the person lives in (IANA); empty takes it away.
    #[garde(custom(is_known_timezone))]
    timezone: Option<String>,
    /// Its labels.
    #[serde(default)]
    #[garde(dive)]
    labels: LabelChange,
}

/// Change what the organisation says about a contact.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}/contacts/{contact}", tag = "Contacts",
    params(("org" = OrgId, Path), ("contact" = ContactId, Path)), request_body = ContactPatch,
    responses((status = OK, body = Contact)))]
async fn update_contact(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactId)>,
    Json(body): Json<ContactPatch>,
) -> Result<Json<Contact>, Problem> {
    let said = Said {
        name: body.name,
        language: body.language,
        email: body.email,
        timezone: body.timezone,
        labels: body.labels,
    };
    Ok(Json(service::update(&ctx, &actor, path.1, said).await?.into()))
}

/// The other of two contacts that are one person.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct Merge {
    /// The contact that becomes part of the one in the path.
    contact_id: ContactId,
}

/// Make one contact of two. Messages, names and consent all stay; a refusal of either stays a refusal. It cannot be
/// undone.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/contacts/{contact}/merge", tag = "Contacts",
    params(("org" = OrgId, Path), ("contact" = ContactId, Path)), request_body = Merge,
    responses((status = OK, body = Contact)))]
async fn merge_contact(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, ContactId)>,
    Json(body): Json<Merge>,
) -> Result<Json<Contact>, Problem> {
    Ok(Json(service::merge(&ctx, &actor, path.1, body.contact_id).await?.into()))
}

#[allow(clippy::ref_option, reason = "the signature that garde calls")]
fn is_language(language: &Option<String>, _: &()) -> garde::Result {
    fits(language.as_deref(), said::is_language_tag, "is no language tag, such as id or en-GB")
}

#[allow(clippy::ref_option, reason = "the signature that garde calls")]
fn is_email_address(email: &Option<String>, _: &()) -> garde::Result {
    fits(email.as_deref(), said::is_email, "is no email address, such as sari@example.com")
}

#[allow(clippy::ref_option, reason = "the signature that garde calls")]
fn is_known_timezone(timezone: &Option<String>, _: &()) -> garde::Result {
    fits(timezone.as_deref(), said::is_timezone, "is no time zone, such as Asia/Jakarta")
}

/// Whether what is said fits; empty takes away what was said before.
fn fits(said: Option<&str>, fits: fn(&str) -> bool, else_it: &str) -> garde::Result {
    match said.filter(|said| !said.is_empty()) {
        Some(said) if !fits(said) => Err(garde::Error::new(else_it)),
        _ => Ok(()),
    }
}
