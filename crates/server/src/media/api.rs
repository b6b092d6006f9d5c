//! Files over HTTP.

use std::io;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use futures::{StreamExt as _, TryStreamExt as _};
use meta::limits::MEDIA_BYTES;
use meta::webhook::MediaKind;
use rules::id::{MediaId, MessageId, OrgId};
use rules::media::FileState;
use rules::role::Right;
use rules::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::download::Wish;
use super::problem;
use super::seen::Seen;
use super::service::{self, Arriving, Picture};
use crate::ctx::Ctx;
use crate::http::{Json, OrgActor, Path, Problem, form};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    // The frame of a multipart body and its other fields take a little beside the file.
    let most = usize::try_from(MEDIA_BYTES).unwrap_or(usize::MAX).saturating_add(64 * 1024);
    let upload = OpenApiRouter::new().routes(routes!(upload_media)).layer(DefaultBodyLimit::max(most));
    OpenApiRouter::new()
        .merge(upload)
        .routes(routes!(download_media))
        .routes(routes!(download_thumbnail))
        .routes(routes!(media_kept))
        .routes(routes!(get_media))
        .routes(routes!(retry_media))
}

/// A file that came with a message, or was uploaded to go with one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MediaFile)]
pub struct File {
    /// Its id.
    pub id: MediaId,
    /// The message it came with; `null` for an upload.
    pub message_id: Option<MessageId>,
    /// Whether it is here, and may be opened.
    pub state: FileState,
    /// Its type: by its content once it is here, what the sender says before.
    #[schema(example = "image/jpeg")]
    pub mime: String,
    /// Its name, where it has one.
    pub file_name: Option<String>,
    /// Its length in bytes, once it is here.
    pub size: Option<i64>,
    /// Where to get it: a path of this server.
    pub url: Option<String>,
    /// Where to get a small picture of it, without what the camera wrote beside it; `null` for none.
    pub thumbnail_url: Option<String>,
    /// How wide it is shown, in pixels, where that is known.
    pub width: Option<u32>,
    /// How high it is shown, in pixels.
    pub height: Option<u32>,
    /// How long it lasts, in milliseconds.
    pub duration_ms: Option<u64>,
    /// How loud a voice note is along the way, each from 0 to 100.
    pub waveform: Option<Vec<u8>>,
    /// A few pixels of it as a `data:` address, to be shown blurred until the rest is there.
    pub placeholder: Option<String>,
    /// Why it could not be fetched, or is blocked: a code, a sentence in English and Indonesian, what to do.
    #[schema(value_type = Option<Object>)]
    pub problem: Option<Value>,
    /// When it became known.
    pub created_at: Timestamp,
}

impl File {
    /// A file of an organisation.
    pub fn of(org: OrgId, media: store::media::Media) -> Self {
        let state = media.standing();
        let here = state == FileState::Stored;
        let seen = if here { Seen::read(&media) } else { Seen::default() };
        let path = format!("/api/v1/orgs/{org}/media/{}", media.id);
        Self {
            problem: problem::of(&media),
            thumbnail_url: seen.thumbnail_mime.filter(|_| here).map(|_| format!("{path}/thumbnail")),
            url: here.then_some(path),
            width: seen.width,
            height: seen.height,
            duration_ms: seen.duration_ms,
            waveform: seen.waveform,
            placeholder: seen.placeholder,
            id: media.id,
            message_id: media.message_id,
            state,
            mime: media.mime,
            file_name: media.file_name,
            size: media.size,
            created_at: media.created_at,
        }
    }
}

/// The form of an upload.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the document reads it, the program reads the parts one by one")]
struct UploadForm {
    /// What it is to be sent as, so that what WhatsApp would refuse is refused at once: `image`, `video`, `audio`,
    /// `document` or `sticker`. Put it before the file.
    kind: Option<String>,
    /// The file, with its name and type.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Upload a file to send it. Its content must be what it says it is.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/media", tag = "Media", params(("org" = OrgId, Path)),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = CREATED, body = File)))]
async fn upload_media(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<(StatusCode, Json<File>), Problem> {
    // Before anything is read of it.
    actor.require(Right::WriteInbox)?;
    let mut parts = form.map_err(|_| form::no_file())?;
    let mut kind = None;
    while let Some(field) = parts.next_field().await.map_err(|_| form::broken())? {
        match field.name() {
            Some("kind") => {
                let word = form::short(field, 20).await.map_err(|_| form::broken())?;
                kind = Some(read_kind(&word.unwrap_or_default())?);
            }
            Some("file") => {
                let declared = field.content_type().map(str::to_owned);
                let name = field.file_name().map(str::to_owned);
                let bytes = field.map_err(|error| io::Error::other(error.to_string())).boxed();
                let media = service::upload(&ctx, &actor, Arriving { bytes, declared, name, kind }).await?;
                return Ok((StatusCode::CREATED, Json(File::of(actor.org, media))));
            }
            _ => {}
        }
    }
    Err(form::no_file())
}

fn read_kind(word: &str) -> Result<MediaKind, Problem> {
    let known = MediaKind::ALL.into_iter().find(|kind| kind.name() == word.trim());
    known.ok_or_else(|| Problem::invalid_field("kind", "must be image, video, audio, document or sticker"))
}

/// Get a file. It leaves as an attachment that no browser runs; `Range` gives part of it.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/media/{media}", tag = "Media",
    params(("org" = OrgId, Path), ("media" = MediaId, Path)),
    responses(
        (status = OK, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = PARTIAL_CONTENT, description = "The part asked for", content_type = "application/octet-stream", body = Vec<u8>)
    ))]
async fn download_media(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, MediaId)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    hand_out(&ctx, &actor, path.1, Picture::Whole, wish(&headers)).await
}

/// Get a small picture of a picture or sticker: what was seen, made anew, without what the camera wrote beside it.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/media/{media}/thumbnail", tag = "Media",
    params(("org" = OrgId, Path), ("media" = MediaId, Path)),
    responses((status = OK, description = "The picture", content_type = "application/octet-stream", body = Vec<u8>)))]
async fn download_thumbnail(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, MediaId)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    hand_out(&ctx, &actor, path.1, Picture::Small, wish(&headers)).await
}

fn wish(headers: &HeaderMap) -> Wish<'_> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    Wish {
        range: text(header::RANGE),
        if_range: text(header::IF_RANGE),
        if_none_match: text(header::IF_NONE_MATCH),
    }
}

async fn hand_out(
    ctx: &Ctx,
    actor: &OrgActor,
    id: MediaId,
    picture: Picture,
    wish: Wish<'_>,
) -> Result<Response, Problem> {
    let outgoing = service::download(ctx, actor, id, picture, wish).await?;
    let mut response = Response::builder().status(outgoing.answer.status);
    for (name, value) in outgoing.answer.headers {
        response = response.header(name, value);
    }
    let body = outgoing.bytes.map_or_else(Body::empty, Body::from_stream);
    response.body(body).map_err(|error| Problem::internal(&error))
}

/// What an organisation's files come to.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct MediaKept {
    /// How many are kept.
    files: i64,
    /// Their bytes together.
    bytes: i64,
    /// Whether a virus scanner looks through them.
    scanned: bool,
}

/// How many files the organisation has, and what they come to.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/media/kept", tag = "Media", params(("org" = OrgId, Path)),
    responses((status = OK, body = MediaKept)))]
async fn media_kept(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<MediaKept>, Problem> {
    let kept = service::kept(&ctx, &actor).await?;
    Ok(Json(MediaKept { files: kept.files, bytes: kept.bytes, scanned: kept.scans }))
}

/// What is known of a file.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/media/{media}/info", tag = "Media",
    params(("org" = OrgId, Path), ("media" = MediaId, Path)), responses((status = OK, body = File)))]
async fn get_media(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, MediaId)>,
) -> Result<Json<File>, Problem> {
    Ok(Json(File::of(actor.org, service::info(&ctx, &actor, path.1).await?)))
}

/// Try again to fetch a file that could not be fetched.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/media/{media}/retry", tag = "Media",
    params(("org" = OrgId, Path), ("media" = MediaId, Path)), responses((status = ACCEPTED, body = File)))]
async fn retry_media(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, MediaId)>,
) -> Result<(StatusCode, Json<File>), Problem> {
    let media = service::retry(&ctx, &actor, path.1).await?;
    Ok((StatusCode::ACCEPTED, Json(File::of(actor.org, media))))
}
