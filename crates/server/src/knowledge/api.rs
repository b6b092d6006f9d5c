//! `…/sources…`: what the AI answers from; and correcting what it answered.

use std::io;

use axum::body::Body;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use documents::Warning;
use futures::{StreamExt as _, TryStreamExt as _};
use garde::Validate;
use rules::id::{AnswerId, OrgId, PassageId, SourceId};
use rules::knowledge::{PassageKind, SourceKind, SourceState};
use rules::role::Right;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::OrgScope;
use store::idempotency::RequestKey;
use store::knowledge::{Passage, Source};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::content::{MOST_BYTES, MOST_PAIRS, MOST_TEXT, Pair, filled, hash_of};
use super::service::{self, Material};
use super::trouble::Trouble;
use crate::ctx::Ctx;
use crate::http::idempotency::{IdempotencyKey, Once, once};
use crate::http::{Json, List, OrgActor, PageQuery, Path, Problem, Query, Sentence, form};
use crate::media::Download;
use crate::media::download::{File, Wish};

/// Text and pairs may be this large as JSON.
const JSON_BYTES: usize = 12 << 20;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    // The frame of a multipart body and its other fields take a little beside the file.
    let most = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX).saturating_add(64 << 10);
    let files = OpenApiRouter::new()
        .routes(routes!(add_file))
        .routes(routes!(replace_file))
        .layer(DefaultBodyLimit::max(most));
    let typed = OpenApiRouter::new()
        .routes(routes!(add_text))
        .routes(routes!(add_pairs))
        .routes(routes!(replace_text))
        .routes(routes!(replace_pairs))
        .layer(DefaultBodyLimit::max(JSON_BYTES));
    OpenApiRouter::new()
        .merge(files)
        .merge(typed)
        .routes(routes!(list_sources))
        .routes(routes!(get_source, rename_source, delete_source))
        .routes(routes!(read_source))
        .routes(routes!(get_content))
        .routes(routes!(download_source))
        .routes(routes!(list_passages))
        .routes(routes!(correct_answer))
        .routes(routes!(teach_answer))
}

/// What the AI answers from.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Source)]
pub struct SourceView {
    /// Its id.
    pub id: SourceId,
    /// What it is made of.
    pub kind: SourceKind,
    /// Its title, which answers cite. A file without a given title has its file's name until it is read.
    pub title: String,
    /// The name of the file it came in.
    pub file_name: Option<String>,
    /// Its type.
    #[schema(example = "application/pdf")]
    pub mime: String,
    /// Its length in bytes.
    pub size: i64,
    /// The language it is mostly in, once it is read.
    pub language: Option<String>,
    /// Where it stands.
    pub state: SourceState,
    /// Why it could not be read.
    pub problem: Option<Note>,
    /// What was left out or looked odd.
    pub warnings: Vec<Note>,
    /// How many passages it has.
    pub passages: i64,
    /// How many words they have.
    pub words: i64,
    /// Who added it: `member:…` or `key:…`.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Something to know about a source, with a stable code.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SourceNote)]
pub struct Note {
    /// The code.
    #[schema(example = "scanned_pdf")]
    pub code: String,
    /// What is wrong and what to do.
    pub detail: Sentence,
}

impl From<Source> for SourceView {
    fn from(source: Source) -> Self {
        let problem =
            source.problem.as_deref().and_then(|stored| serde_json::from_str::<Trouble>(stored).ok());
        let warnings: Vec<Warning> = serde_json::from_str(&source.warnings).unwrap_or_default();
        let title = if source.title.is_empty() { source.file_name.clone() } else { Some(source.title) };
        Self {
            id: source.id,
            kind: source.kind,
            title: title.unwrap_or_default(),
            file_name: source.file_name,
            mime: source.mime,
            size: source.size,
            language: source.language,
            state: source.state,
            problem: problem.map(|trouble| Note {
                code: trouble.code().to_owned(),
                detail: Sentence { en: trouble.english(), id: trouble.indonesian() },
            }),
            warnings: warnings.iter().map(told).collect(),
            passages: source.passages,
            words: source.words,
            created_by: source.created_by,
            created_at: source.created_at,
            updated_at: source.updated_at,
        }
    }
}

fn told(warning: &Warning) -> Note {
    let code =
        serde_json::to_value(warning).ok().and_then(|json| Some(json.get("code")?.as_str()?.to_owned()));
    Note {
        code: code.unwrap_or_default(),
        detail: Sentence { en: warning.english(), id: warning.indonesian() },
    }
}

/// A passage: the unit that is found, answered from and cited.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Passage)]
pub struct PassageView {
    /// Its id; stays the same while its text does.
    pub id: PassageId,
    /// Its place in the source.
    pub ordinal: i64,
    /// Part of a document, or a pair.
    pub kind: PassageKind,
    /// The titles above it, outermost first; for a pair, the question.
    pub titles: Vec<String>,
    /// The text; for a pair, the answer.
    pub text: String,
    /// The language it is read in.
    pub language: String,
}

impl From<Passage> for PassageView {
    fn from(passage: Passage) -> Self {
        Self {
            id: passage.id,
            ordinal: passage.ordinal,
            kind: passage.kind,
            titles: serde_json::from_str(&passage.titles).unwrap_or_default(),
            text: passage.body,
            language: passage.language,
        }
    }
}

/// Text to answer from.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewText {
    /// The title, which answers cite.
    #[garde(custom(filled), length(chars, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// The text. Lines that begin with `#` are headings, blank lines part paragraphs.
    #[garde(custom(filled), length(chars, max = MOST_TEXT))]
    #[schema(min_length = 1, max_length = 400_000)]
    pub text: String,
}

/// Questions with their answers.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewPairs {
    /// The title, which answers cite.
    #[garde(custom(filled), length(chars, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// The pairs.
    #[garde(length(min = 1, max = MOST_PAIRS), dive)]
    #[schema(min_items = 1, max_items = 2_000)]
    pub pairs: Vec<Pair>,
}

/// Other text in the place of the present one.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OtherText {
    /// The text.
    #[garde(custom(filled), length(chars, max = MOST_TEXT))]
    #[schema(min_length = 1, max_length = 400_000)]
    pub text: String,
}

/// Other pairs in the place of the present ones.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OtherPairs {
    /// The pairs.
    #[garde(length(min = 1, max = MOST_PAIRS), dive)]
    #[schema(min_items = 1, max_items = 2_000)]
    pub pairs: Vec<Pair>,
}

/// Another title.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct OtherTitle {
    /// The title.
    #[garde(custom(filled), length(chars, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
}

/// What the AI should have answered.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The question, put as customers would. Absent: as this customer put it.
    #[garde(inner(custom(filled), length(chars, max = 500)))]
    #[schema(max_length = 500)]
    pub question: Option<String>,
    /// The right answer, word for word.
    #[garde(custom(filled), length(chars, max = 3500))]
    #[schema(min_length = 1, max_length = 3500)]
    pub answer: String,
}

/// What the AI should answer from now on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// The question, put as customers would.
    #[garde(custom(filled), length(chars, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub question: String,
    /// The right answer, word for word.
    #[garde(custom(filled), length(chars, max = 3500))]
    #[schema(min_length = 1, max_length = 3500)]
    pub answer: String,
}

/// What was typed into a source.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceContent {
    /// The text, where it is text.
    pub text: Option<String>,
    /// The pairs, where it is pairs.
    pub pairs: Option<Vec<Pair>>,
}

/// The form of an upload.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the document reads it, the program reads the parts one by one")]
struct SourceForm {
    /// The title, which answers cite. Absent: the document's own. Put it before the file.
    title: Option<String>,
    /// The file: PDF, DOCX, HTML, CSV, Markdown or text. A table with the columns question and answer becomes pairs.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Which part of a source.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct PassagesQuery {
    /// Where to go on: `next` of the page before.
    #[garde(skip)]
    pub after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(inner(range(min = 1, max = 200)))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
}

/// List sources, newest first.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/sources", tag = "Knowledge", params(("org" = OrgId, Path), PageQuery),
    responses((status = OK, body = List<SourceView>)))]
async fn list_sources(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<SourceView>>, Problem> {
    actor.require(Right::ReadKnowledge)?;
    let mut tx = ctx.store.read().await?;
    Ok(Json(tx.org(actor.org).await?.sources(page.cursor()?, page.limit()).await?.into()))
}

/// Add text.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/sources/text", tag = "Knowledge",
    params(("org" = OrgId, Path), IdempotencyKey), request_body = NewText,
    responses((status = CREATED, body = SourceView)))]
async fn add_text(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Once { body, key }: Once<NewText>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteKnowledge)?;
    let material = service::text(&ctx, body.text).await?;
    add_once(&ctx, &actor, key.as_ref(), &body.title, &material).await
}

/// Add question–answer pairs. Each is answered word for word.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/sources/pairs", tag = "Knowledge",
    params(("org" = OrgId, Path), IdempotencyKey), request_body = NewPairs,
    responses((status = CREATED, body = SourceView)))]
async fn add_pairs(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Once { body, key }: Once<NewPairs>,
) -> Result<Response, Problem> {
    actor.require(Right::WriteKnowledge)?;
    let material = service::pairs(&ctx, &body.pairs).await?;
    add_once(&ctx, &actor, key.as_ref(), &body.title, &material).await
}

async fn add_once(
    ctx: &Ctx,
    actor: &OrgActor,
    key: Option<&RequestKey>,
    title: &str,
    material: &Material,
) -> Result<Response, Problem> {
    let add = async |scope: &mut OrgScope<'_>| {
        service::add(ctx, actor, scope, title, material).await.map(SourceView::from)
    };
    once(ctx, actor.org, key, StatusCode::CREATED, add).await
}

/// Add a file: PDF, DOCX, HTML, CSV, Markdown or text.
///
/// It is read afterwards; `state` and the live event `source.updated` tell when it is ready, `problem` why it is not.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/sources/file", tag = "Knowledge", params(("org" = OrgId, Path)),
    request_body(content = SourceForm, content_type = "multipart/form-data"),
    responses((status = CREATED, body = SourceView), (status = CONFLICT, description = "This very file is a source already", body = crate::http::problem::Details)))]
async fn add_file(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<SourceView>), Problem> {
    actor.require(Right::WriteKnowledge)?;
    let (title, material) = receive(&ctx, form).await?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let source = service::add(&ctx, &actor, &mut scope, &title, &material).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(source.into())))
}

/// Takes the parts of a form as they arrive; the file goes straight to where files lie.
async fn receive(
    ctx: &Ctx,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(String, Material), Problem> {
    let mut parts = form.map_err(|_| form::no_file())?;
    let mut title = String::new();
    while let Some(field) = parts.next_field().await.map_err(|_| form::broken())? {
        match field.name() {
            Some("title") => {
                let given = form::short(field, 800).await.map_err(|_| form::broken())?;
                title = given
                    .filter(|title| title.chars().count() <= 200)
                    .ok_or_else(|| Problem::invalid_field("title", "must have at most 200 characters"))?;
            }
            Some("file") => {
                let declared = field.content_type().map(str::to_owned);
                let name = field.file_name().map(str::to_owned);
                let bytes = field.map_err(|error| io::Error::other(error.to_string())).boxed();
                let material = service::file(ctx, bytes, declared.as_deref(), name.as_deref()).await?;
                return Ok((title, material));
            }
            _ => {}
        }
    }
    Err(form::no_file())
}

/// Get a source.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/sources/{source}", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)), responses((status = OK, body = SourceView)))]
async fn get_source(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
) -> Result<Json<SourceView>, Problem> {
    Ok(Json(find(&ctx, &actor, path.1).await?.into()))
}

async fn find(ctx: &Ctx, actor: &OrgActor, id: SourceId) -> Result<Source, Problem> {
    actor.require(Right::ReadKnowledge)?;
    let mut tx = ctx.store.read().await?;
    service::get(&mut tx.org(actor.org).await?, id).await
}

/// Rename a source. Answers cite the new title from now on.
#[utoipa::path(patch, path = "/api/v1/orgs/{org}/sources/{source}", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)), request_body = OtherTitle,
    responses((status = OK, body = SourceView)))]
async fn rename_source(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
    Json(body): Json<OtherTitle>,
) -> Result<Json<SourceView>, Problem> {
    actor.require(Right::WriteKnowledge)?;
    Ok(Json(service::rename(&ctx, &actor, path.1, &body.title).await?.into()))
}

/// Remove a source. Nothing is answered from it any more; answers given keep what they rested on.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/sources/{source}", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)), responses((status = NO_CONTENT)))]
async fn delete_source(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
) -> Result<StatusCode, Problem> {
    actor.require(Right::WriteKnowledge)?;
    service::remove(&ctx, &actor, path.1).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replace the text of a source. Passages that stay the same keep their ids.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/sources/{source}/text", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)), request_body = OtherText,
    responses((status = OK, body = SourceView)))]
async fn replace_text(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
    Json(body): Json<OtherText>,
) -> Result<Json<SourceView>, Problem> {
    actor.require(Right::WriteKnowledge)?;
    find(&ctx, &actor, path.1).await?;
    let material = service::text(&ctx, body.text).await?;
    Ok(Json(service::replace(&ctx, &actor, path.1, &material).await?.into()))
}

/// Replace the pairs of a source.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/sources/{source}/pairs", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)), request_body = OtherPairs,
    responses((status = OK, body = SourceView)))]
async fn replace_pairs(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
    Json(body): Json<OtherPairs>,
) -> Result<Json<SourceView>, Problem> {
    actor.require(Right::WriteKnowledge)?;
    find(&ctx, &actor, path.1).await?;
    let material = service::pairs(&ctx, &body.pairs).await?;
    Ok(Json(service::replace(&ctx, &actor, path.1, &material).await?.into()))
}

/// Replace the file of a source; its title stays. Passages that stay the same keep their ids.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/sources/{source}/file", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)),
    request_body(content = SourceForm, content_type = "multipart/form-data"),
    responses((status = OK, body = SourceView)))]
async fn replace_file(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<SourceView>, Problem> {
    actor.require(Right::WriteKnowledge)?;
    find(&ctx, &actor, path.1).await?;
    let (_, material) = receive(&ctx, form).await?;
    Ok(Json(service::replace(&ctx, &actor, path.1, &material).await?.into()))
}

/// Read a source again, for example after it failed.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/sources/{source}/read", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)), responses((status = ACCEPTED, body = SourceView)))]
async fn read_source(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
) -> Result<(StatusCode, Json<SourceView>), Problem> {
    actor.require(Right::WriteKnowledge)?;
    Ok((StatusCode::ACCEPTED, Json(service::read_again(&ctx, &actor, path.1).await?.into())))
}

/// Get what was typed into a source, to edit it.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/sources/{source}/content", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)),
    responses((status = OK, body = SourceContent), (status = CONFLICT, description = "It is a file", body = crate::http::problem::Details)))]
async fn get_content(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
) -> Result<Json<SourceContent>, Problem> {
    let source = find(&ctx, &actor, path.1).await?;
    if source.kind == SourceKind::File {
        return Err(Problem::conflict(
            "source_is_a_file",
            "This source is a file: get it from …/file, and replace it with PUT …/file.",
        ));
    }
    let bytes = service::bytes(&ctx, &source).await?;
    Ok(Json(match source.kind {
        SourceKind::Text => {
            SourceContent { text: Some(String::from_utf8_lossy(&bytes).into_owned()), pairs: None }
        }
        _ => SourceContent {
            text: None,
            pairs: Some(serde_json::from_slice(&bytes).map_err(|error| Problem::internal(&error))?),
        },
    }))
}

/// Get the file of a source. It leaves as an attachment that no browser runs; `Range` gives part of it.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/sources/{source}/file", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path)),
    responses(
        (status = OK, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = PARTIAL_CONTENT, description = "The part asked for", content_type = "application/octet-stream", body = Vec<u8>)
    ))]
async fn download_source(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let source = find(&ctx, &actor, path.1).await?;
    let hash = hash_of(&source).ok_or_else(Problem::not_found)?;
    let (name, mime) = service::leaves_as(&source);
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let wish = Wish {
        range: text(header::RANGE),
        if_range: text(header::IF_RANGE),
        if_none_match: text(header::IF_NONE_MATCH),
    };
    let size = u64::try_from(source.size).unwrap_or(0);
    let answer = Download::answer(File { mime, name: &name, hash, size }, wish);
    let body = match answer.span {
        Some(span) => {
            let bytes = ctx.blobs.open(hash, Some(span)).await.map_err(|error| Problem::internal(&error))?;
            Body::from_stream(bytes.ok_or_else(Problem::not_found)?)
        }
        None => Body::empty(),
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(body).map_err(|error| Problem::internal(&error))
}

/// Look at the passages of a source, in order.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/sources/{source}/passages", tag = "Knowledge",
    params(("org" = OrgId, Path), ("source" = SourceId, Path), PassagesQuery),
    responses((status = OK, body = List<PassageView>)))]
async fn list_passages(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, SourceId)>,
    Query(query): Query<PassagesQuery>,
) -> Result<Json<List<PassageView>>, Problem> {
    let source = find(&ctx, &actor, path.1).await?;
    let from = match query.after.as_deref().map(str::parse::<i64>) {
        None => 0,
        Some(Ok(after)) => after.saturating_add(1),
        Some(Err(_)) => {
            return Err(Problem::bad_request(
                "bad_cursor",
                "`after` does not read: use `next` of a page of the same list, unchanged.",
            ));
        }
    };
    let limit = query.limit.unwrap_or(50);
    let mut tx = ctx.store.read().await?;
    let mut passages = tx.org(actor.org).await?.passages_of(source.id, from, limit + 1).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = passages.len() > most;
    passages.truncate(most);
    let next = passages.last().filter(|_| more).map(|last| last.ordinal.to_string());
    Ok(Json(List { items: passages.into_iter().map(Into::into).collect(), next }))
}

/// Correct what the AI answered: it becomes a question–answer pair, and the same question is answered like this.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/answers/{answer}/correct", tag = "AI",
    params(("org" = OrgId, Path), ("answer" = AnswerId, Path)), request_body = Correction,
    responses((status = OK, body = SourceView)))]
async fn correct_answer(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, AnswerId)>,
    Json(body): Json<Correction>,
) -> Result<Json<SourceView>, Problem> {
    Ok(Json(service::correct(&ctx, &actor, path.1, body.question, body.answer).await?.into()))
}

/// Teach the AI the answer to a question, as in the test console: it becomes a question–answer pair among the corrections.
///
/// An earlier correction of the same question is replaced.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/ai/corrections", tag = "AI", params(("org" = OrgId, Path)),
    request_body = Lesson, responses((status = OK, body = SourceView)))]
async fn teach_answer(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<Lesson>,
) -> Result<Json<SourceView>, Problem> {
    Ok(Json(service::teach(&ctx, &actor, &body.question, &body.answer).await?.into()))
}
