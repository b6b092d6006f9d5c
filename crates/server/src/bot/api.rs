//! `…/ai/…`: the test console.

use axum::extract::State;
use garde::Validate;
use rules::id::{AnswerId, MessageId, OrgId};
use rules::knowledge::Verdict;
use rules::role::Right;
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::knowledge::Answer;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::compose::{Considered, Question, compose};
use crate::ctx::Ctx;
use crate::http::{Json, OrgActor, Path, Problem};

/// The routes of this room.
pub fn routes() -> OpenApiRouter<Ctx> {
    OpenApiRouter::new().routes(routes!(try_question)).routes(routes!(answer_of_message))
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
#[utoipa::path(post, path = "/api/v1/orgs/{org}/ai/try", tag = "ai", params(("org" = OrgId, Path)),
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
#[utoipa::path(get, path = "/api/v1/orgs/{org}/messages/{message}/answer", tag = "ai",
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
