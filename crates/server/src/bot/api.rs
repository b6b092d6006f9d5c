//! `…/ai/…`: the test console, and the model that answers.

use axum::extract::State;
use axum::http::StatusCode;
use garde::Validate;
use rules::id::{AnswerId, MessageId, OrgId};
use rules::knowledge::Verdict;
use rules::role::Right;
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::knowledge::{AiEndpoint, Answer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::compose::{Considered, Question, compose};
use super::endpoint::{self, Tried, Wish};
use crate::ctx::Ctx;
use crate::http::{Json, OrgActor, Path, Problem};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .routes(routes!(try_question))
        .routes(routes!(answer_of_message))
        .routes(routes!(get_endpoint, set_endpoint, forget_endpoint))
        .routes(routes!(try_endpoint))
}

/// A question to try.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct TryQuestion {
    /// What a customer might write.
    #[garde(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub question: String,
}

/// What the AI would answer, and from what.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TriedAnswer {
    /// How it ended.
    pub verdict: Verdict,
    /// The text that a customer would get.
    pub text: String,
    /// The language of it.
    pub language: String,
    /// Who composed it: `embedded`, or the name of a model.
    pub engine: String,
    /// The passages considered, best first.
    pub passages: Vec<Considered>,
    /// The prompt, where a model was asked.
    pub prompt: Option<String>,
    /// Tokens read and written.
    pub tokens: i64,
    /// How long it took, in microseconds.
    pub micros: i64,
}

/// What the AI answered, and from what.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GivenAnswer {
    /// Its id.
    pub id: AnswerId,
    /// What was asked.
    pub question: String,
    /// How it ended.
    pub verdict: String,
    /// The text sent.
    pub text: String,
    /// The language of it.
    pub language: String,
    /// Who composed it.
    pub engine: String,
    /// The passages considered, best first, as they were then.
    #[schema(value_type = Vec<Considered>)]
    pub passages: serde_json::Value,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// When.
    pub at: Timestamp,
}

impl From<Answer> for GivenAnswer {
    fn from(answer: Answer) -> Self {
        Self {
            id: answer.id,
            question: answer.question,
            verdict: answer.verdict,
            text: answer.text,
            language: answer.language,
            engine: answer.engine,
            passages: serde_json::from_str(&answer.passages).unwrap_or_default(),
            micros: answer.micros,
            at: answer.at,
        }
    }
}

/// Try a question: what would the AI answer?
///
/// Nothing is sent and nothing is kept. Shows what was retrieved, with scores, and the prompt where a model was asked.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/ai/try", tag = "AI", params(("org" = OrgId, Path)),
    request_body = TryQuestion, responses((status = 200, body = TriedAnswer)))]
async fn try_question(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<TryQuestion>,
) -> Result<Json<TriedAnswer>, Problem> {
    actor.require(Right::ReadKnowledge)?;
    let mut tx = ctx.store.read().await?;
    let org = tx.org(actor.org).await?.org().await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let settings = OrgSettings::read(&org.settings);
    let question = Question {
        org: actor.org,
        organisation: &org.name,
        prior: answers::Language::from_code(&org.locale),
        text: &body.question,
        customer_name: None,
        history: &[],
        settings: &settings.ai,
    };
    let started = ctx.now();
    let composed = compose(&ctx, &question).await?;
    Ok(Json(TriedAnswer {
        verdict: composed.verdict,
        text: composed.text,
        language: composed.language.code().to_owned(),
        engine: composed.engine,
        passages: composed.considered,
        prompt: composed.prompt.map(|prompt| format!("{}\n\n{}", prompt.system, prompt.user)),
        tokens: composed.tokens_in + composed.tokens_out,
        micros: i64::try_from(ctx.now().since(started).as_micros()).unwrap_or(i64::MAX),
    }))
}

/// What an AI's message rests on.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/messages/{message}/answer", tag = "AI",
    params(("org" = OrgId, Path), ("message" = MessageId, Path)), responses((status = 200, body = GivenAnswer)))]
async fn answer_of_message(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Path(path): Path<(OrgId, MessageId)>,
) -> Result<Json<GivenAnswer>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let answer = tx.org(actor.org).await?.answer_of_message(path.1).await?;
    Ok(Json(answer.ok_or_else(Problem::not_found)?.into()))
}

/// The model that answers for an organisation. Its key is never shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EndpointView {
    /// Whose it is: `own`, `installation`, or `none`, where the embedded answerer serves.
    #[schema(value_type = String, example = "own")]
    pub whose: &'static str,
    /// The base address, of an endpoint of its own.
    pub url: Option<String>,
    /// Whether a key is set for it.
    pub has_key: bool,
    /// The model that answers.
    pub chat_model: Option<String>,
    /// The model that embeds.
    pub embedding_model: Option<String>,
    /// When it was last set.
    pub updated_at: Option<Timestamp>,
}

/// An organisation's own endpoint: anything that speaks OpenAI's language.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// The base address.
    #[garde(length(min = 1, max = 500))]
    #[schema(max_length = 500, example = "https://api.openai.com/v1")]
    pub url: String,
    /// The key. Absent: the one that is set, as long as the address stays on the same host; empty: none.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = Password, max_length = 500)]
    pub key: Option<SecretString>,
    /// The model that answers. Absent: the embedded answerer does.
    #[garde(inner(length(min = 1, max = 200)))]
    #[schema(min_length = 1, max_length = 200, example = "gpt-4.1-mini")]
    pub chat_model: Option<String>,
    /// The model that embeds. Absent: passages are found by words alone.
    #[garde(inner(length(min = 1, max = 200)))]
    #[schema(min_length = 1, max_length = 200, example = "text-embedding-3-small")]
    pub embedding_model: Option<String>,
}

/// How a trial of the endpoint ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EndpointTrial {
    /// The model that answers, where one is set.
    pub chat: Option<Trial>,
    /// The model that embeds, where one is set.
    pub embedding: Option<Trial>,
}

/// How one model did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trial {
    /// Whether it answered.
    pub works: bool,
    /// What is wrong and how to mend it, where it did not.
    pub problem: Option<String>,
    /// How long it took, in milliseconds.
    pub millis: i64,
}

impl From<Tried> for Trial {
    fn from(tried: Tried) -> Self {
        Self {
            works: tried.outcome.is_ok(),
            problem: tried.outcome.err().map(|error| error.to_string()),
            millis: tried.millis,
        }
    }
}

/// See which model answers.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/ai/endpoint", tag = "AI", params(("org" = OrgId, Path)),
    responses((status = 200, body = EndpointView)))]
async fn get_endpoint(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<EndpointView>, Problem> {
    actor.require(Right::ReadKnowledge)?;
    let mut tx = ctx.store.read().await?;
    let own = tx.org(actor.org).await?.ai_endpoint().await?;
    Ok(Json(view(&ctx, own)))
}

fn view(ctx: &Ctx, own: Option<AiEndpoint>) -> EndpointView {
    match (own, &ctx.model) {
        (Some(own), _) => EndpointView {
            whose: "own",
            url: Some(own.url),
            has_key: own.key.is_some(),
            chat_model: own.chat_model,
            embedding_model: own.embedding_model,
            updated_at: Some(own.updated_at),
        },
        (None, model) => EndpointView {
            whose: if model.is_some() { "installation" } else { "none" },
            url: None,
            has_key: false,
            chat_model: model.as_ref().and_then(|model| model.chat_model().map(str::to_owned)),
            embedding_model: model.as_ref().and_then(|model| model.embedding_model().map(str::to_owned)),
            updated_at: None,
        },
    }
}

/// Set an endpoint of one's own. Passages are embedded anew when the model that embeds is another.
#[utoipa::path(put, path = "/api/v1/orgs/{org}/ai/endpoint", tag = "AI", params(("org" = OrgId, Path)),
    request_body = NewEndpoint, responses((status = 200, body = EndpointView)))]
async fn set_endpoint(
    State(ctx): State<Ctx>,
    actor: OrgActor,
    Json(body): Json<NewEndpoint>,
) -> Result<Json<EndpointView>, Problem> {
    actor.require(Right::WriteKnowledge)?;
    if body.chat_model.is_none() && body.embedding_model.is_none() {
        return Err(Problem::invalid_field(
            "chat_model",
            "name the model that answers, the one that embeds, or both",
        ));
    }
    let wish = Wish {
        url: &body.url,
        key: body.key,
        chat_model: body.chat_model,
        embedding_model: body.embedding_model,
    };
    let stored = endpoint::set(&ctx, &actor, wish).await?;
    Ok(Json(view(&ctx, Some(stored))))
}

/// Forget the endpoint of one's own, and its key.
#[utoipa::path(delete, path = "/api/v1/orgs/{org}/ai/endpoint", tag = "AI", params(("org" = OrgId, Path)),
    responses((status = 204)))]
async fn forget_endpoint(State(ctx): State<Ctx>, actor: OrgActor) -> Result<StatusCode, Problem> {
    actor.require(Right::WriteKnowledge)?;
    endpoint::forget(&ctx, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try the endpoint that serves: one short question, one short embedding.
#[utoipa::path(post, path = "/api/v1/orgs/{org}/ai/endpoint/try", tag = "AI", params(("org" = OrgId, Path)),
    responses((status = 200, body = EndpointTrial)))]
async fn try_endpoint(State(ctx): State<Ctx>, actor: OrgActor) -> Result<Json<EndpointTrial>, Problem> {
    actor.require(Right::WriteKnowledge)?;
    let (chat, embedding) = endpoint::try_out(&ctx, &actor).await?;
    Ok(Json(EndpointTrial { chat: chat.map(Into::into), embedding: embedding.map(Into::into) }))
}
