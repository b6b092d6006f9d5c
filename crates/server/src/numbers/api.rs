//! A number's page over HTTP.

use std::borrow::Cow;

use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use garde::Validate;
use meta::graph::{LinkImage, MessageLink as MetaLink, ProfileChange};
use meta::limits::profile as limits;
use rules::id::{NumberChangeId, NumberId, OrgId};
use rules::number::{ChangeSource, NumberField};
use rules::role::Right;
use rules::time::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, Failed, links, name, pin, profile, username};
use crate::ctx::Ctx;
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query, form};
use crate::onboarding::NumberView as Number;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    let picture = OpenApiRouter::new()
        .routes(routes!(get_number_picture, set_number_picture))
        .layer(DefaultBodyLimit::max(profile::PICTURE_BYTES + 64 * 1024));
    OpenApiRouter::new()
        .merge(picture)
        .routes(routes!(list_number_changes))
        .routes(routes!(get_number_allowance))
        .routes(routes!(change_number_profile))
        .routes(routes!(request_number_name))
        .routes(routes!(use_number_name))
        .routes(routes!(change_number_pin))
        .routes(routes!(suggest_usernames))
        .routes(routes!(claim_username, give_up_username))
        .routes(routes!(list_message_links, create_message_link))
        .routes(routes!(change_message_link, remove_message_link))
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Missing => Problem::not_found(),
            Failed::Disconnected => Problem::conflict(
                "account_disconnected",
                "The account is no longer connected. Connect it again first.",
            ),
            Failed::Conflict(code, english, indonesian) => {
                Problem::conflict(code, english).with("detail_id", indonesian)
            }
            Failed::Invalid(field, sentence) => Problem::invalid_field(field, sentence),
            Failed::Meta(error) => Problem::by_meta(&error),
            Failed::Store(error) => error.into(),
        }
    }
}

/// A change of a number.
#[derive(Serialize, ToSchema)]
struct NumberChange {
    /// Its id.
    id: NumberChangeId,
    /// What changed.
    field: NumberField,
    /// What it was, as Meta writes it.
    old: Option<String>,
    /// What it is since.
    new: Option<String>,
    /// How it was learnt.
    source: ChangeSource,
    /// When it was learnt.
    at: Timestamp,
}

impl From<store::numbers::NumberChange> for NumberChange {
    fn from(row: store::numbers::NumberChange) -> Self {
        Self { id: row.id, field: row.field, old: row.old, new: row.new, source: row.source, at: row.at }
    }
}

/// How many people the portfolio of a number may write to first, and how many it has.
#[derive(Serialize, ToSchema)]
struct NumberAllowance {
    /// How many within 24 hours, over all numbers of the portfolio. `null`: as many as it likes, or Meta has not said.
    limit: Option<u64>,
    /// How many it has written to first within the last 24 hours, each person once. `null` where there is no limit.
    begun: Option<u64>,
    /// When there is room again, where there is none.
    frees_at: Option<Timestamp>,
}

/// Tell how much of Meta's limit for writing to people first is used.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/numbers/{number}/allowance", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), responses((status = OK, body = NumberAllowance)))]
async fn get_number_allowance(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
) -> Result<Json<NumberAllowance>, Problem> {
    actor.require(Right::ReadConnections)?;
    let used = crate::dispatch::allowance_of(&ctx, actor.org, at.1).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(match used {
        Some((limit, left)) => NumberAllowance {
            limit: Some(limit),
            begun: Some(limit.saturating_sub(left.left())),
            frees_at: left.frees_at(),
        },
        None => NumberAllowance { limit: None, begun: None, frees_at: None },
    }))
}

/// Which part of the history.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct ChangesQuery {
    /// Changes of this fact alone.
    field: Option<NumberField>,
    /// Where to go on: `next` of the page before.
    after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// What Meta and members changed about a number, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/numbers/{number}/changes", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path), ChangesQuery),
    responses((status = OK, body = List<NumberChange>)))]
async fn list_number_changes(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    Query(query): Query<ChangesQuery>,
) -> Result<Json<List<NumberChange>>, Problem> {
    actor.require(Right::ReadConnections)?;
    let part = PageQuery { after: query.after, limit: query.limit };
    Ok(Json(service::changes(&ctx, actor.org, at.1, query.field, part.cursor()?, part.limit()).await?.into()))
}

/// What to change of the profile. What is left out stays; an empty text takes a part away.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct NumberProfileRequest {
    /// The line below the name.
    #[garde(length(chars, max = limits::ABOUT))]
    #[schema(max_length = 139)]
    about: Option<String>,
    /// Postal address.
    #[garde(length(chars, max = limits::ADDRESS))]
    #[schema(max_length = 256)]
    address: Option<String>,
    /// What the business does.
    #[garde(length(chars, max = limits::DESCRIPTION))]
    #[schema(max_length = 512)]
    description: Option<String>,
    /// An address for e-mail.
    #[garde(length(chars, max = limits::EMAIL), custom(address_of_mail))]
    #[schema(max_length = 128)]
    email: Option<String>,
    /// Web sites, at most two; all of them.
    #[garde(length(max = limits::WEBSITES), inner(inner(length(chars, max = limits::WEBSITE), custom(address_of_site))))]
    websites: Option<Vec<String>>,
    /// The trade.
    #[garde(custom(trade))]
    #[schema(value_type = Option<NumberVertical>)]
    vertical: Option<String>,
}

/// Meta's words for trades, as the API document lists them.
struct NumberVertical;

impl PartialSchema for NumberVertical {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(limits::VERTICALS.iter().copied()))
            .description(Some("The trade, as Meta calls it; the empty word takes it away."))
            .into()
    }
}

impl ToSchema for NumberVertical {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("NumberVertical")
    }
}

fn address_of_mail(text: &Option<String>, _: &()) -> garde::Result {
    match text.as_deref() {
        None | Some("") => Ok(()),
        Some(text)
            if text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) =>
        {
            Ok(())
        }
        Some(_) => Err(garde::Error::new("must be an e-mail address")),
    }
}

fn address_of_site(text: &str, _: &()) -> garde::Result {
    let web =
        url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if web { Ok(()) } else { Err(garde::Error::new("must begin with http:// or https://")) }
}

fn trade(text: &Option<String>, _: &()) -> garde::Result {
    match text {
        Some(text) if !limits::VERTICALS.contains(&text.as_str()) => {
            Err(garde::Error::new("must be one of Meta's words, such as RETAIL or RESTAURANT"))
        }
        _ => Ok(()),
    }
}

/// Change what people see about the business. It is read back from Meta afterwards.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}/numbers/{number}/profile", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), request_body = NumberProfileRequest,
    responses((status = OK, body = Number)))]
async fn change_number_profile(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    Json(body): Json<NumberProfileRequest>,
) -> Result<Json<Number>, Problem> {
    actor.require(Right::WriteConnections)?;
    let change = ProfileChange {
        about: body.about,
        address: body.address,
        description: body.description,
        email: body.email,
        websites: body.websites,
        vertical: body.vertical,
        picture_handle: None,
    };
    Ok(Json(Number::new(&ctx, profile::change(&ctx, &actor, at.1, &change).await?)))
}

/// Which picture.
#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
#[allow(dead_code, reason = "browsers tell answers apart by it, the program does not read it")]
struct PictureQuery {
    /// Any word of your own. A browser keeps the answer for a day; another word asks anew.
    of: Option<String>,
}

/// Get the picture of the profile. Meta's own address of it, `picture_url`, is none that a page of ours may show.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/numbers/{number}/picture", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path), PictureQuery),
    responses((status = OK, description = "A JPEG or PNG", content_type = "image/*", body = Vec<u8>),
        (status = NOT_FOUND, description = "There is none, or Meta does not hand it out", body = crate::http::problem::Details)))]
async fn get_number_picture(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    _query: Query<PictureQuery>,
) -> Result<impl IntoResponse, Problem> {
    actor.require(Right::ReadConnections)?;
    let shown = profile::picture(&ctx, actor.org, at.1).await?;
    let headers = [
        (header::CONTENT_TYPE, shown.mime),
        (header::CACHE_CONTROL, "private, max-age=86400"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, shown.bytes))
}

/// The form of a picture.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the document reads it, the program reads the parts one by one")]
struct PictureForm {
    /// A JPEG or PNG of at most 5 MB; a square of 640 points looks best.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Put another picture into the profile.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/numbers/{number}/picture", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)),
    request_body(content = PictureForm, content_type = "multipart/form-data"),
    responses((status = OK, body = Number)))]
async fn set_number_picture(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    parts: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Json<Number>, Problem> {
    // Before anything is read of it.
    actor.require(Right::WriteConnections)?;
    service::exists(&ctx, actor.org, at.1).await?;
    let mut parts = parts.map_err(|_| form::no_file())?;
    while let Some(field) = parts.next_field().await.map_err(|_| form::broken())? {
        if field.name() != Some("file") {
            continue;
        }
        let bytes = field.bytes().await.map_err(|_| form::broken())?;
        if bytes.len() > profile::PICTURE_BYTES {
            return Err(Problem::unprocessable("file_too_large", "The picture is larger than 5 MB."));
        }
        let picture = profile::Picture { bytes: bytes.into() };
        return Ok(Json(Number::new(&ctx, profile::set_picture(&ctx, &actor, at.1, picture).await?)));
    }
    Err(form::no_file())
}

/// A name to ask for.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct NameRequest {
    /// The name that people shall see.
    #[garde(length(chars, min = 3, max = 100), custom(not_blank))]
    #[schema(min_length = 3, max_length = 100, example = "Kopi Senja Depok")]
    name: String,
}

fn not_blank(text: &str, _: &()) -> garde::Result {
    if text.trim() == text { Ok(()) } else { Err(garde::Error::new("may not begin or end with a blank")) }
}

/// Ask Meta for another display name. Meta reviews it; the old one shows meanwhile.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/numbers/{number}/name", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), request_body = NameRequest,
    responses((status = OK, body = Number)))]
async fn request_number_name(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    Json(body): Json<NameRequest>,
) -> Result<Json<Number>, Problem> {
    actor.require(Right::WriteConnections)?;
    Ok(Json(Number::new(&ctx, name::request(&ctx, &actor, at.1, &body.name).await?)))
}

/// Put an approved name to use: the number is registered again, as Meta wants it. It is done once by itself, too.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/numbers/{number}/name/use", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), responses((status = OK, body = Number)))]
async fn use_number_name(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
) -> Result<Json<Number>, Problem> {
    actor.require(Right::WriteConnections)?;
    Ok(Json(Number::new(&ctx, name::put_to_use_by(&ctx, &actor, at.1).await?)))
}

/// A new two-step PIN.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
struct NewPinRequest {
    /// Six digits.
    #[garde(length(min = 6, max = 6), ascii)]
    #[schema(example = "581063")]
    pin: String,
}

/// Set a new two-step PIN at Meta. The old one is not needed; the new one is kept sealed.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/numbers/{number}/pin", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), request_body = NewPinRequest,
    responses((status = OK, body = Number)))]
async fn change_number_pin(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    Json(body): Json<NewPinRequest>,
) -> Result<Json<Number>, Problem> {
    actor.require(Right::WriteConnections)?;
    let pin = SecretString::from(body.pin);
    Ok(Json(Number::new(&ctx, pin::change(&ctx, &actor, at.1, &pin).await?)))
}

/// Usernames that are free and resemble the business's name.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/numbers/{number}/username-suggestions", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), responses((status = OK, body = List<String>)))]
async fn suggest_usernames(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
) -> Result<Json<List<String>>, Problem> {
    actor.require(Right::WriteConnections)?;
    Ok(Json(List::whole(username::suggestions(&ctx, &actor, at.1).await?)))
}

/// A username to claim.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct UsernameRequest {
    /// Without the `@`: 3 to 35 of a to z, digits, points and underscores.
    #[garde(length(chars, min = 3, max = 35))]
    #[schema(min_length = 3, max_length = 35, example = "kopi.senja")]
    username: String,
    /// Take it from another number of the same business.
    #[serde(default)]
    transfer: bool,
}

/// Claim a business username. It is approved, or reserved until usernames are there in the business's country.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/numbers/{number}/username", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), request_body = UsernameRequest,
    responses((status = OK, body = Number)))]
async fn claim_username(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    Json(body): Json<UsernameRequest>,
) -> Result<Json<Number>, Problem> {
    actor.require(Right::WriteConnections)?;
    let claimed = username::claim(&ctx, &actor, at.1, &body.username, body.transfer).await?;
    Ok(Json(Number::new(&ctx, claimed)))
}

/// Give the business username up. Anybody may claim it then.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/numbers/{number}/username", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), responses((status = OK, body = Number)))]
async fn give_up_username(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
) -> Result<Json<Number>, Problem> {
    actor.require(Right::WriteConnections)?;
    Ok(Json(Number::new(&ctx, username::give_up(&ctx, &actor, at.1).await?)))
}

/// A link of Meta's with its QR code: it opens a chat with a text filled in.
#[derive(Serialize, ToSchema)]
struct MessageLink {
    /// The last part of its address.
    code: String,
    /// What stands in the chat before the person writes.
    text: String,
    /// Its address; the QR code holds the same.
    #[schema(example = "https://wa.me/message/4O4YGZEG3RIVE1")]
    url: String,
    /// Meta's picture of the QR code, for a while; only where a form was asked for.
    image_url: Option<String>,
}

impl From<MetaLink> for MessageLink {
    fn from(link: MetaLink) -> Self {
        Self { code: link.code, text: link.text, url: link.url, image_url: link.image_url }
    }
}

/// The form of Meta's picture.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[schema(as = LinkImageForm)]
#[serde(rename_all = "snake_case")]
enum ImageForm {
    /// Lines, for print.
    #[default]
    Svg,
    /// Dots.
    Png,
}

impl From<ImageForm> for LinkImage {
    fn from(form: ImageForm) -> Self {
        match form {
            ImageForm::Svg => Self::Svg,
            ImageForm::Png => Self::Png,
        }
    }
}

#[derive(Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
struct LinksQuery {
    /// The form of the pictures; `svg` unless told.
    image: Option<ImageForm>,
}

/// Meta's message links of a number, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/numbers/{number}/links", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path), LinksQuery),
    responses((status = OK, body = List<MessageLink>)))]
async fn list_message_links(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    Query(query): Query<LinksQuery>,
) -> Result<Json<List<MessageLink>>, Problem> {
    actor.require(Right::ReadConnections)?;
    let links = links::list(&ctx, &actor, at.1, query.image.unwrap_or_default().into()).await?;
    Ok(Json(List::whole(links)))
}

/// The text of a link.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct LinkRequest {
    /// What stands in the chat before the person writes.
    #[garde(length(chars, min = 1, max = 140))]
    #[schema(min_length = 1, max_length = 140, example = "Halo, saya mau pesan.")]
    text: String,
    /// The form of Meta's picture; `svg` unless told.
    #[serde(default)]
    image: ImageForm,
}

/// Make a message link with its QR code. A number has at most 2,000.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/numbers/{number}/links", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path)), request_body = LinkRequest,
    responses((status = CREATED, body = MessageLink)))]
async fn create_message_link(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId)>,
    Json(body): Json<LinkRequest>,
) -> Result<(StatusCode, Json<MessageLink>), Problem> {
    actor.require(Right::WriteConnections)?;
    let link = links::create(&ctx, &actor, at.1, &body.text, body.image.into()).await?;
    Ok((StatusCode::CREATED, Json(link.into())))
}

/// Change the text of a link. Its address and QR code stay, also where they are printed.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/numbers/{number}/links/{code}", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path), ("code" = String, Path)), request_body = LinkRequest,
    responses((status = OK, body = MessageLink)))]
async fn change_message_link(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId, String)>,
    Json(body): Json<LinkRequest>,
) -> Result<Json<MessageLink>, Problem> {
    actor.require(Right::WriteConnections)?;
    Ok(Json(links::change(&ctx, &actor, at.1, &at.2, &body.text).await?.into()))
}

/// Remove a link. What is printed leads nowhere from then on.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/numbers/{number}/links/{code}", tag = "Numbers",
    params(("org" = OrgId, Path), ("number" = NumberId, Path), ("code" = String, Path)),
    responses((status = NO_CONTENT)))]
async fn remove_message_link(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(at): Path<(OrgId, NumberId, String)>,
) -> Result<StatusCode, Problem> {
    actor.require(Right::WriteConnections)?;
    links::remove(&ctx, &actor, at.1, &at.2).await?;
    Ok(StatusCode::NO_CONTENT)
}
