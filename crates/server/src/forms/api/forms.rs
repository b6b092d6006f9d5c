//! Forms, their versions, and what people send with them, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use garde::Validate;
use rules::consent::Purpose;
use rules::form::{DoubleOptIn, FormSettings, FormStatus, FormWording, SubmissionState, SubmissionWay};
use rules::id::{ContactId, ExperimentId, FormId, FormVersionId, MessageId, NumberId, OrgId, SubmissionId};
use rules::locale::Locale;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{QrQuery, address, drawn};
use crate::ctx::Ctx;
use crate::forms::collect::{Outcome, Sent};
use crate::forms::service::{self, FormText, Whole};
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query};

/// A form in which people agree to be written to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Form {
    /// Its id.
    id: FormId,
    /// What members call it.
    name: String,
    /// The number that it is for.
    number_id: Option<NumberId>,
    /// Whether people can use it.
    status: FormStatus,
    /// How an agreement is confirmed.
    double_opt_in: DoubleOptIn,
    /// How it looks and behaves.
    settings: FormSettings,
    /// Whether it has a picture.
    has_logo: bool,
    /// What it says now. `null`: nothing yet, and nobody can use it.
    version: Option<FormVersion>,
    /// Its page, for everybody.
    url: String,
    /// The script that puts it into a page of your own.
    widget_url: String,
    /// How often its page was shown.
    views: i64,
    /// How often it was sent.
    submitted: i64,
    /// How often what was sent counts: confirmed where that is asked for.
    confirmed: i64,
    /// When it was made.
    created_at: Timestamp,
    /// When it was changed last.
    updated_at: Timestamp,
}

impl Form {
    fn of(ctx: &Ctx, whole: Whole) -> Self {
        let Whole { form, version, counts, has_logo } = whole;
        let url = address(ctx, "f", &form.token);
        Self {
            id: form.id,
            name: form.name,
            number_id: form.number_id,
            status: form.status,
            double_opt_in: form.double_opt_in,
            settings: form.settings.0,
            has_logo,
            version: version.map(FormVersion::from),
            widget_url: format!("{url}/widget.js"),
            url,
            views: counts.views,
            submitted: counts.submitted,
            confirmed: counts.confirmed,
            created_at: form.created_at,
            updated_at: form.updated_at,
        }
    }
}

/// The hash of the exact words that are shown in a language.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ShownHash {
    /// The language.
    locale: Locale,
    /// SHA-256, in hexadecimal.
    sha256: String,
}

/// What a form says, as it was published once. Never changed afterwards.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct FormVersion {
    /// Its id.
    id: FormVersionId,
    /// Counts the form's versions, from 1.
    ordinal: i64,
    /// What it says.
    wording: FormWording,
    /// The hash of what is shown, by language.
    hashes: Vec<ShownHash>,
    /// Who published it, as in the audit log.
    published_by: String,
    /// When.
    published_at: Timestamp,
}

impl From<store::forms::FormVersion> for FormVersion {
    fn from(version: store::forms::FormVersion) -> Self {
        let hash = |hash: store::forms::ShownHash| ShownHash { locale: hash.locale, sha256: hash.sha256 };
        Self {
            id: version.id,
            ordinal: version.ordinal,
            wording: version.wording.0,
            hashes: version.hashes.0.into_iter().map(hash).collect(),
            published_by: version.published_by,
            published_at: version.published_at,
        }
    }
}

/// What is to be said of a form, apart from its words.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct FormRequest {
    /// What members call it.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// The number that it is for. Confirming on WhatsApp needs one.
    number_id: Option<NumberId>,
    /// How an agreement is confirmed.
    double_opt_in: DoubleOptIn,
    /// How it looks and behaves.
    #[serde(default)]
    settings: FormSettings,
    /// `active` unless told.
    status: Option<FormStatus>,
}

impl From<FormRequest> for FormText {
    fn from(body: FormRequest) -> Self {
        Self {
            name: body.name,
            number: body.number_id,
            double_opt_in: body.double_opt_in,
            settings: body.settings,
            status: body.status.unwrap_or(FormStatus::Active),
        }
    }
}

/// List all forms, the newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/forms", tag = "Collecting consent", params(("org" = OrgId, Path)),
    responses((status = OK, body = List<Form>)))]
pub(super) async fn list_forms(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<List<Form>>, Problem> {
    let items = service::list(&ctx, &actor).await?.into_iter().map(|whole| Form::of(&ctx, whole)).collect();
    Ok(Json(List { items, next: None }))
}

/// Make a form. People can use it once it says something.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/forms", tag = "Collecting consent", params(("org" = OrgId, Path)),
    request_body = FormRequest, responses((status = CREATED, body = Form)))]
pub(super) async fn create_form(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<FormRequest>,
) -> Result<(StatusCode, Json<Form>), Problem> {
    let made = service::create(&ctx, &actor, body.into()).await?;
    Ok((StatusCode::CREATED, Json(Form::of(&ctx, made))))
}

/// Get a form.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/forms/{form}", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), responses((status = OK, body = Form)))]
pub(super) async fn get_form(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
) -> Result<Json<Form>, Problem> {
    Ok(Json(Form::of(&ctx, service::get(&ctx, &actor, at.1).await?)))
}

/// Change a form, apart from its words. An archived one is kept for its evidence, and nobody can use it.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/forms/{form}", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), request_body = FormRequest,
    responses((status = OK, body = Form)))]
pub(super) async fn update_form(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
    Json(body): Json<FormRequest>,
) -> Result<Json<Form>, Problem> {
    Ok(Json(Form::of(&ctx, service::update(&ctx, &actor, at.1, body.into()).await?)))
}

/// List what a form has ever said, the newest version first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/forms/{form}/versions", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), responses((status = OK, body = List<FormVersion>)))]
pub(super) async fn list_form_versions(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
) -> Result<Json<List<FormVersion>>, Problem> {
    Ok(Json(List::whole(service::versions(&ctx, &actor, at.1).await?)))
}

/// What a form is to say.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct NewFormVersion {
    /// The words.
    wording: FormWording,
    /// Whether people see it from now on. Left out, they do; `false` keeps it for an experiment.
    in_use: Option<bool>,
}

/// Add a version of what a form says. No version is ever changed.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/forms/{form}/versions", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), request_body = NewFormVersion,
    responses((status = CREATED, body = FormVersion)))]
pub(super) async fn add_form_version(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
    Json(body): Json<NewFormVersion>,
) -> Result<(StatusCode, Json<FormVersion>), Problem> {
    let in_use = body.in_use.unwrap_or(true);
    let version = service::add_version(&ctx, &actor, at.1, body.wording, in_use).await?;
    Ok((StatusCode::CREATED, Json(version.into())))
}

/// Have a form say what one of its versions does.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/forms/{form}/versions/{version}/use", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path), ("version" = FormVersionId, Path)),
    responses((status = OK, body = Form)))]
pub(super) async fn use_form_version(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId, FormVersionId)>,
) -> Result<Json<Form>, Problem> {
    Ok(Json(Form::of(&ctx, service::use_version(&ctx, &actor, at.1, at.2).await?)))
}

/// A picture for a form.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct NewFormLogo {
    /// A PNG, JPEG or WebP picture of at most 200 kB, in base64.
    image: String,
}

/// Put a picture on a form.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/forms/{form}/logo", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), request_body = NewFormLogo,
    responses((status = NO_CONTENT)))]
pub(super) async fn put_form_logo(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
    Json(body): Json<NewFormLogo>,
) -> Result<StatusCode, Problem> {
    service::set_logo(&ctx, &actor, at.1, Some(&body.image)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the picture off a form.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/forms/{form}/logo", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), responses((status = NO_CONTENT)))]
pub(super) async fn remove_form_logo(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
) -> Result<StatusCode, Problem> {
    service::set_logo(&ctx, &actor, at.1, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Get a QR code that leads to a form's page.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/forms/{form}/qr", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path), QrQuery),
    responses((status = OK, description = "The picture", content_type = "image/svg+xml", body = Vec<u8>)))]
pub(super) async fn get_form_qr(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
    Query(query): Query<QrQuery>,
) -> Result<Response, Problem> {
    let whole = service::get(&ctx, &actor, at.1).await?;
    drawn(&address(&ctx, "f", &whole.form.token), query.format, "form")
}

/// What somebody sent with a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Submission {
    /// Its id.
    id: SubmissionId,
    /// What the form said to them.
    version_id: FormVersionId,
    /// Within which experiment.
    experiment_id: Option<ExperimentId>,
    /// By which way it came.
    way: SubmissionWay,
    /// In which language they read it.
    locale: Locale,
    /// What they ticked.
    purposes: Vec<Purpose>,
    /// What they are called; may be empty.
    name: String,
    /// Their phone number, as digits.
    phone: Option<String>,
    /// Their e-mail address.
    email: Option<String>,
    /// The address that it came from.
    ip: String,
    /// The page that it stood on.
    page: String,
    /// Where it stands.
    state: SubmissionState,
    /// Whose consent it became.
    contact_id: Option<ContactId>,
    /// The message that confirmed it.
    message_id: Option<MessageId>,
    /// How it is confirmed.
    double_opt_in: DoubleOptIn,
    /// Until when it may be confirmed.
    expires_at: Option<Timestamp>,
    /// When the person was sent a link to confirm at, by e-mail or SMS.
    asked_at: Option<Timestamp>,
    /// Why that link could not be sent, in the provider's words.
    problem: Option<String>,
    /// When it was confirmed.
    confirmed_at: Option<Timestamp>,
    /// When it was sent.
    created_at: Timestamp,
}

impl From<store::forms::Submission> for Submission {
    fn from(row: store::forms::Submission) -> Self {
        Self {
            id: row.id,
            version_id: row.version_id,
            experiment_id: row.experiment_id,
            way: row.way,
            locale: row.locale,
            purposes: row.purposes.0,
            name: row.name,
            phone: row.phone,
            email: row.email,
            ip: row.ip,
            page: row.page,
            state: row.state,
            contact_id: row.contact_id,
            message_id: row.message_id,
            double_opt_in: row.double_opt_in,
            expires_at: row.expires_at,
            asked_at: row.asked_at,
            problem: row.problem,
            confirmed_at: row.confirmed_at,
            created_at: row.created_at,
        }
    }
}

/// Which submissions are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub(super) struct SubmissionQuery {
    /// In this state only.
    state: Option<SubmissionState>,
    /// Where to go on: `next` of the page before. Without it, the newest.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// List what people sent with a form, the newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/forms/{form}/submissions", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path), SubmissionQuery),
    responses((status = OK, body = List<Submission>)))]
pub(super) async fn list_submissions(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
    Query(query): Query<SubmissionQuery>,
) -> Result<Json<List<Submission>>, Problem> {
    let page = PageQuery { after: query.after, limit: query.limit };
    let found = service::submissions(&ctx, &actor, at.1, query.state, page.cursor()?, page.limit()).await?;
    Ok(Json(found.into()))
}

/// What somebody sent with a form of your own making.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub(super) struct NewSubmission {
    /// Their phone number, as they typed it.
    #[garde(length(chars, min = 1, max = 40))]
    #[schema(example = "0812 3456 7890", max_length = 40)]
    phone: String,
    /// What they ticked. Ticks belong to the person: send what they did, not what you hope.
    purposes: Vec<Purpose>,
    /// Their name.
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    name: String,
    /// Their e-mail address.
    #[serde(default)]
    #[garde(length(chars, max = 254))]
    #[schema(max_length = 254)]
    email: String,
    /// In which language they read your form; English unless told.
    locale: Option<Locale>,
    /// The version whose words you have shown; what the form says now, unless told.
    version_id: Option<FormVersionId>,
    /// The page that it stood on.
    #[serde(default)]
    #[garde(length(chars, max = 500))]
    #[schema(max_length = 500)]
    page: String,
    /// The address that they sent it from.
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    ip: String,
    /// What their browser calls itself.
    #[serde(default)]
    #[garde(length(chars, max = 300))]
    #[schema(max_length = 300)]
    user_agent: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Recorded {
    /// Its id.
    id: SubmissionId,
    /// `confirmed`: it counts. `pending`: the person has to confirm it.
    state: SubmissionState,
    /// How they do that. By `email` or `sms` they are sent a link: tell them to look for it.
    double_opt_in: DoubleOptIn,
    /// Where they do that on WhatsApp: show it as a button, or as a QR code on a large screen.
    confirm_url: Option<String>,
    /// Until when.
    expires_at: Option<Timestamp>,
}

impl From<Outcome> for Recorded {
    fn from(outcome: Outcome) -> Self {
        Self {
            id: outcome.id,
            state: outcome.state,
            double_opt_in: outcome.double_opt_in,
            confirm_url: outcome.link,
            expires_at: outcome.expires_at,
        }
    }
}

/// Record what somebody sent with a form of your own making.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/forms/{form}/submissions", tag = "Collecting consent",
    params(("org" = OrgId, Path), ("form" = FormId, Path)), request_body = NewSubmission,
    responses((status = CREATED, body = Recorded)))]
pub(super) async fn record_submission(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, FormId)>,
    Json(body): Json<NewSubmission>,
) -> Result<(StatusCode, Json<Recorded>), Problem> {
    let sent = Sent {
        version: body.version_id,
        visit: None,
        locale: body.locale.unwrap_or(Locale::En),
        purposes: body.purposes,
        name: body.name,
        phone: body.phone,
        email: body.email,
        ip: body.ip,
        user_agent: body.user_agent,
        page: body.page,
        way: SubmissionWay::Api,
    };
    let outcome = service::record(&ctx, &actor, at.1, sent).await?;
    Ok((StatusCode::CREATED, Json(outcome.into())))
}
